/** What is asked of Hubble Relay, as the JSON of `GetFlowsRequest`; used by `relay-source.ts`. */
import type { FlowRequest } from '../../core/model/flow.ts';
import { eventLimit } from '../flow-reader.ts';
import { podArgument, VERDICT_NAMES } from '../hubble-command.ts';
import type { RawObject } from '../raw-flow.ts';

const RECENT_SECONDS = 3;
/** Hubble counts from the window's beginning; where drops are so many, one pushes the other out of the buffer. */
const RECENT_EVENTS = 200;
/** What happened between the caller's wish and the relay's ear. */
const FOLLOWED_SECONDS = 1;

/** `now`: by the cluster's clock. `newest`: the last events whenever they were, in place of those of the window. */
export function windowRequest(request: FlowRequest, now: number, newest = false): RawObject {
  const { sinceSeconds, untilSeconds } = request;
  return {
    number: String(eventLimit(request)),
    whitelist: filtersOf(request),
    ...(newest ? {} : { since: ago(now, sinceSeconds) }),
    ...(newest || untilSeconds === undefined ? {} : { until: ago(now, untilSeconds) }),
  };
}

/**
 * A relay holds answers back to sort them, until its buffer is full or nothing has come for a second. The buffer holds `number`
 * answers for each node (relay/observer/server.go, GetFlows), so one is asked for; while following it bounds nothing else.
 */
export function followRequest(request: FlowRequest, now: number): RawObject {
  const filters = filtersOf({ ...request, verdicts: ['dropped'] });
  return { number: '1', follow: true, since: ago(now, FOLLOWED_SECONDS), whitelist: filters };
}

/**
 * What the `followRequest` of `started` may be holding back, for the buffer is emptied at the end of a list. Longer than it holds
 * anything back, and never what it would not tell: an earlier drop may be of a policy that has been corrected since.
 */
export function recentRequest(request: FlowRequest, started: number, now: number): RawObject {
  const filters = filtersOf({ ...request, verdicts: ['dropped'] });
  const followed = ago(started, FOLLOWED_SECONDS);
  const recent = ago(now, RECENT_SECONDS);
  return { number: String(RECENT_EVENTS), since: recent > followed ? recent : followed, whitelist: filters };
}

/** The oldest event that Hubble on this node still has. */
export function bufferRequest(node: string): RawObject {
  return { number: '1', first: true, whitelist: [{ node_name: [node, `*/${node}`] }] };
}

/** As `hubble observe --pod` asks: what the pod sent, or what was sent to it. */
function filtersOf({ pod, verdicts }: Pick<FlowRequest, 'pod' | 'verdicts'>): readonly RawObject[] {
  const name = podArgument(pod);
  const wanted = verdicts.flatMap((verdict) => VERDICT_NAMES[verdict]);
  const verdict = wanted.length === 0 ? {} : { verdict: wanted };
  return [
    { source_pod: [name], ...verdict },
    { destination_pod: [name], ...verdict },
  ];
}

function ago(now: number, seconds: number): string {
  return new Date(now - seconds * 1000).toISOString();
}
