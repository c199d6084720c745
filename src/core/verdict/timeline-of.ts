/** The timeline of one endpoint of a case: asked by `second-hop.ts`, the findings and the story, so that all tell the same. */
import type { Timeline } from '../model/timeline.ts';
import { buildTimeline } from '../timeline/build.ts';
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
    drops: endpoint.drops.filter(({ time }) => isEarlier(seen, time)),
  });
}

/** The probe's own packets are dropped too, and say nothing of the time before. */
function isEarlier({ probe }: Case, time: string): boolean {
  return !probe.ok || Date.parse(time) < Date.parse(probe.value.startedAt);
}
