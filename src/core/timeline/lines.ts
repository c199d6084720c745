/** The timeline in at most five lines: the sequence, what follows from it, what it cannot show; for `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Changed, Timeline } from '../model/timeline.ts';
import { timeOf } from './failures.ts';
import type { Known } from './known.ts';
import type { PolicyWrite } from './rules.ts';
import { clock, span } from './words.ts';

export function linesOf(known: Known, changed: Changed, why: string | undefined): Timeline['lines'] {
  const sequence = [failurePart(known), rolloutPart(known), rulesPart(known)].join('; ');
  return [
    `${sequence.charAt(0).toUpperCase()}${sequence.slice(1)}.`,
    conclusion(known, changed, why),
    `What this cannot show: ${bounds(known).join('; ')}.`,
  ];
}

export function failurePart({ seen, asOf }: Pick<Known, 'seen' | 'asOf'>): string {
  const first = clock(seen.first, asOf);
  if (seen.from === 'flow')
    return `no failure in the logs tells a time, first drop on record ${first} (earlier ones may have left the engine's buffer)`;
  if (seen.clearFrom === undefined) return `failing since ${first} or earlier: the log that was read begins with it`;
  const before = span(timeOf(seen.first) - timeOf(seen.clearFrom));
  return `first failure on record ${first} (the log that was read begins ${before} before it)`;
}

export function rolloutPart({
  rollout,
  rolloutNotRead,
  asOf,
}: Pick<Known, 'rollout' | 'rolloutNotRead' | 'asOf'>): string {
  if (rollout === undefined)
    return `rollouts not known: ${rolloutNotRead?.reason ?? 'the revision of the pod is not on record'}`;
  if (rollout.isFirst) return 'no earlier revision of the workload is kept';
  const when =
    rollout.at === undefined
      ? 'by going back to an earlier revision, when is not on record'
      : `at ${clock(rollout.at, asOf)}`;
  if (rollout.changes.length === 0)
    return `the last rollout (${when}) changed neither images nor environment nor what policies select by`;
  return `${rollout.changes.slice(0, 3).join(', ')} ${when}`;
}

function rulesPart({ rules, seen, asOf }: Known): string {
  if (rules.unread !== undefined)
    return `when policies were last written is not fully known: ${rules.unread.what} could not be read (${rules.unread.reason})`;
  if (rules.selecting === 0) return 'no policy selects the pod';
  const [undated] = rules.undated;
  if (undated !== undefined) return `when ${refText(undated)} was last written is not on record`;
  const latest = rules.writes.find(({ selects }) => selects);
  if (latest === undefined) return 'no write of a policy that selects the pod is on record';
  const since = timeOf(seen.first) - timeOf(latest.at);
  if (since < 0) return `${writeText(latest, asOf)}, after it`;
  return `policies that select the pod unchanged for ${span(since)} before it (last: ${writeText(latest, asOf)})`;
}

function conclusion({ seen, rules, rollout, asOf }: Known, changed: Changed, why: string | undefined): string {
  const before = rules.writes.find(({ at }) => timeOf(at) <= timeOf(seen.first));
  if (changed === 'application') {
    const age =
      before === undefined
        ? ''
        : `; the youngest policy was ${span(timeOf(rollout?.at) - timeOf(before.at))} old by then`;
    return `So likely that rollout changed it, not a policy${age}${workedBefore(seen, rollout)}.`;
  }
  if (changed === 'policy') {
    const rule = rules.writes.find(({ at, selects }) => selects && timeOf(at) <= timeOf(seen.first));
    // A write of labels alone has a time, too.
    const what = rule?.created ? '' : ' (what that write changed is not on record)';
    return `So likely a rule changed: ${rule === undefined ? '' : writeText(rule, asOf)}${what}, and the log shows no failure on this host before that.`;
  }
  if (changed === 'neither')
    return "Neither images nor the policies that are there now changed within that log: look outside, at the host's names, addresses and servers, for a policy that was deleted, or at what ConfigMaps and Secrets held.";
  return `What changed is not decided: ${why ?? 'nothing on record lies close before it'}.`;
}

/** A new revision has new pods: their logs show nothing of how the one before fared. */
function workedBefore({ clearFrom }: Known['seen'], rollout: Known['rollout']): string {
  const shown = clearFrom !== undefined && timeOf(clearFrom) < timeOf(rollout?.at);
  return shown ? '' : '; that it worked before that rollout is not on record';
}

function bounds({ seen, rules }: Known): string[] {
  return [
    ...(seen.from === 'log' ? ['failures in lines that were rotated away or written by pods that are gone'] : []),
    ...(rules.selecting > 0
      ? ['earlier writes of a policy, of which the cluster keeps one time a writer, and deleted policies']
      : ['deleted policies']),
    'what ConfigMaps and Secrets held',
  ];
}

function writeText({ policy, at, created, by }: PolicyWrite, asOf: string): string {
  const who = by === undefined || created ? '' : ` by ${plain(by)}`;
  return `${refText(policy)} ${created ? 'created' : 'written'} ${clock(at, asOf)}${who}`;
}

export function refText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
