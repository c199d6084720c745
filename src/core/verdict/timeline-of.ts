/** The timeline of one endpoint of a case: asked by `second-hop.ts`, the findings and the story, so that all tell the same. */
import { plain } from '../drift/plain.ts';
import type { Timeline } from '../model/timeline.ts';
import { works } from '../path/phase.ts';
import { buildTimeline } from '../timeline/build.ts';
import type { Committed } from '../timeline/known.ts';
import { type Case, type EndpointCase, notRead } from './case.ts';
import { isAbout } from './log-failures.ts';

export function timelineOf(seen: Case, endpoint: EndpointCase): Timeline | undefined {
  return buildTimeline({
    asOf: seen.asOf,
    host: endpoint.host,
    pod: seen.pod,
    state: seen.state,
    logs: seen.logs,
    isAbout: (failure) => isAbout(failure, endpoint),
    history: seen.history ?? notRead('earlier revisions', 'not_asked', 'they were not read for this answer'),
    commits: commitsOf(seen),
    // Beside a probe its own packets are dropped, whose times are by the node's clock and tell nothing of the time before.
    drops: [...(seen.probe.ok ? [] : endpoint.drops), ...(endpoint.pastDrops ?? [])],
    worksNow: works(endpoint),
  });
}

/** A file that was moved holds everything "since" then. */
const CHANGED = {
  added: 'in this file since commit',
  changed: 'changed by commit',
  removed: 'removed by commit',
} as const;

/** When something is committed is whenever the author's clock said so, and it is live only after the next sync: told, not judged. */
function commitsOf({ drift }: Case): readonly Committed[] {
  if (!drift.ok) return [];
  const told = drift.value.policies.flatMap(({ history }) => {
    if (history === undefined) return [];
    const { file, fileChanged, entries } = history;
    const where = `${plain(file)} in Git`;
    return [
      ...(fileChanged === undefined
        ? []
        : [{ at: fileChanged.time, what: `file changed by commit ${fileChanged.id.slice(0, 12)}`, where }]),
      ...entries.map(({ name, change, commit }) => ({
        at: commit.time,
        what: `${plain(name)} ${CHANGED[change]} ${commit.id.slice(0, 12)}`,
        where,
      })),
    ];
  });
  // The commit that changed the host's own rule changed the file as well, which says less.
  return [...new Map(told.map((one) => [`${one.at} ${one.where}`, one])).values()];
}
