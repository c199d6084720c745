/** The same as a list, in order of time: evidence of the finding; for `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { TimelineEvent } from '../model/timeline.ts';
import { isTime, timeOf } from './failures.ts';
import type { Known } from './known.ts';
import { refText } from './words.ts';

/** Of writes of policies, the latest: an old one explains nothing new. */
const MOST_WRITES = 4;

export function eventsOf(known: Known): readonly TimelineEvent[] {
  const commits = known.commits.map((commit) => ({ ...commit, kind: 'git' as const }));
  return [...failures(known), ...workload(known), ...writes(known), ...beside(known), ...commits].toSorted(
    (a, b) => timeOf(a.at) - timeOf(b.at),
  );
}

function failures({ seen, pod }: Known): TimelineEvent[] {
  const logs = `logs of pod ${pod.meta.namespace ?? 'default'}/${pod.meta.name}`;
  const where = seen.from === 'log' ? `${logs} container ${seen.container ?? ''}` : 'the engine';
  const last =
    seen.last === seen.first
      ? []
      : [{ at: seen.last, kind: 'last_failure' as const, what: `last of ${seen.count} failures`, where }];
  const clear =
    seen.clearFrom === undefined
      ? []
      : [{ at: seen.clearFrom, kind: 'log_begins' as const, what: 'the log that was read begins', where }];
  const first =
    seen.from === 'log'
      ? [{ at: seen.first, kind: 'first_failure' as const, what: 'first failure on record', where }]
      : [];
  const drop =
    seen.drops === undefined
      ? []
      : [
          {
            at: seen.drops.first,
            kind: 'drop' as const,
            what: `first of ${seen.drops.count} drop(s) on record`,
            where: 'the engine',
          },
        ];
  return [...clear, ...first, ...last, ...drop];
}

function workload({ pod, rollout }: Known): TimelineEvent[] {
  const where = `pod ${pod.meta.namespace ?? 'default'}/${pod.meta.name}`;
  const rolled =
    rollout?.at === undefined
      ? []
      : [
          {
            at: rollout.at,
            kind: 'rollout' as const,
            what: rollout.changes.join(', ') || (rollout.isFirst ? 'first revision that is kept' : 'a rollout'),
            where: refText(rollout.object),
          },
        ];
  const start = isTime(pod.meta.creationTimestamp)
    ? [{ at: pod.meta.creationTimestamp, kind: 'start' as const, what: 'the pod was created', where }]
    : [];
  const restarts = pod.containers.flatMap(({ name, lastEnd, restarts: count }) =>
    isTime(lastEnd?.at)
      ? [
          {
            at: lastEnd.at,
            kind: 'restart' as const,
            what: `container ${name} ended (${lastEnd.reason === undefined ? 'no reason given' : plain(lastEnd.reason)}), ${count} restart(s)`,
            where,
          },
        ]
      : [],
  );
  return [...rolled, ...start, ...restarts];
}

function writes({ rules }: Known): TimelineEvent[] {
  const told = [...rules.writes.filter(({ selects }) => selects), ...rules.writes.filter(({ selects }) => !selects)];
  return told.slice(0, MOST_WRITES).map(({ policy, at, created, by, selects }) => ({
    at,
    kind: 'policy',
    what: `${created ? 'created' : `last written${by === undefined ? '' : ` by ${plain(by)}`}`}${selects ? '' : ' (does not select the pod now)'}`,
    where: refText(policy),
  }));
}

function beside({ rules }: Known): TimelineEvent[] {
  return rules.beside.writes.slice(0, MOST_WRITES).map(({ object, at, created, by, why, isEngine }) => ({
    at,
    kind: isEngine ? ('engine' as const) : ('related' as const),
    what: `${created ? (isEngine ? 'began' : 'created') : `last written${by === undefined ? '' : ` by ${plain(by)}`}`} (${why})`,
    where: refText(object),
  }));
}
