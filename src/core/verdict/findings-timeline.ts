/** The finding that says since when it fails and what changed about then. */
import type { Evidence, Finding } from '../model/evidence.ts';
import type { TimelineEvent } from '../model/timeline.ts';
import type { Case, EndpointCase } from './case.ts';
import { unchecked } from './findings-probe.ts';
import { timelineOf } from './timeline-of.ts';

const SOURCES: Readonly<Record<TimelineEvent['kind'], Evidence['source']>> = {
  first_failure: 'log',
  last_failure: 'log',
  log_begins: 'log',
  rollout: 'cluster',
  start: 'cluster',
  restart: 'cluster',
  policy: 'policy',
  related: 'cluster',
  engine: 'cluster',
  git: 'git',
  drop: 'flow',
};
/** What decides stands first, since a report shows few of them. */
const ORDER: readonly TimelineEvent['kind'][] = ['rollout', 'policy', 'first_failure', 'drop', 'related', 'git'];

/** Nothing is said of an endpoint of which no time of a failure is on record. */
export function timelineFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const timeline = timelineOf(seen, endpoint);
  if (timeline === undefined) return [];
  const rank = ({ kind }: TimelineEvent): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  const evidence = timeline.events
    .toSorted((a, b) => rank(a) - rank(b) || b.at.localeCompare(a.at))
    .map(({ at, kind, what, where }): Evidence => ({ source: SOURCES[kind], where, what, when: at }));
  const limits = timeline.lines
    .slice(2)
    .map((what): Evidence => ({ source: 'cluster', where: 'limits of the sequence', what, when: seen.asOf }));
  return [
    {
      id: 'timeline',
      state: 'confirmed',
      statement: timeline.lines.slice(0, 2).join(' '),
      evidence: [...evidence, ...limits],
    },
    ...rolloutGap(seen),
  ];
}

/** A pod that keeps no revisions is no gap. */
function rolloutGap({ history }: Case): readonly Finding[] {
  if (history === undefined || history.ok || history.notRead.code === 'unsupported') return [];
  return [unchecked('rollouts', 'A rollout of the workload lies shortly before the first failure.', history.notRead)];
}
