/** SECOND_HOP_HOST: the failing host was handed out by another one that works. Wraps the cause that blocks it. */
import { type Assessment, endpointName } from '../causes/cause-rule.ts';
import { knownHost } from '../hops/known-host.ts';
import type { Cause } from '../model/diagnosis.ts';
import type { SeenUrl } from '../model/logs.ts';
import { works } from '../path/phase.ts';
import type { Case, EndpointCase } from './case.ts';
import { firstHopOf, openText, typicallyText } from './first-hop.ts';
import { isAbout } from './log-failures.ts';
import { timelineOf } from './timeline-of.ts';

/** The presigned URL in the pod's logs that points at this endpoint's host, if any. */
export const presignedUrlOf = (seen: Case, endpoint: EndpointCase): SeenUrl | undefined =>
  seen.logs.ok
    ? seen.logs.value.urls.find((url) => url.host === endpoint.host && url.presigned !== undefined)
    : undefined;

/**
 * Turns a blocked host's cause into a second-hop cause where the evidence says so: a presigned URL in the logs, or the
 * asked host works while a host that the logs show failing does not. Otherwise the cause is returned as it is.
 */
export function asSecondHop(seen: Case, endpoint: EndpointCase, found: Assessment): Cause {
  const plain: Cause = { class: found.class, statement: found.statement, confidence: found.confidence };
  const url = presignedUrlOf(seen, endpoint);
  if (url === undefined && endpoint.role !== 'second_hop') return plain;
  const how = howReached(seen, endpoint, url);
  const known = knownHost(endpoint.host);
  return {
    class: 'SECOND_HOP_HOST',
    underlying: found.class,
    // A failure in the logs on another host shows two failures at once, not that one led to the other.
    confidence: how.shown || found.confidence !== 'proven' ? found.confidence : 'likely',
    statement: [
      `${endpointName(endpoint)} ${how.isHop ? 'is' : 'may be'} a second hop: ${how.text}.`,
      ...(known === undefined ? [] : [`It is ${known.what}.`]),
      ...firstHopSentences(seen, endpoint),
      found.statement,
      ...sinceSentences(seen, endpoint),
    ].join(' '),
  };
}

/** `shown`: one thing led to the other, by the evidence itself. `isHop`: something was handed out on it, by whom or to whom ever. */
function howReached(
  seen: Case,
  endpoint: EndpointCase,
  url: SeenUrl | undefined,
): { readonly text: string; readonly shown: boolean; readonly isHop: boolean } {
  const { host, redirectedFrom: from } = endpoint;
  if (from !== undefined) {
    const kind = from.presigned ? 'a redirect to a presigned URL there' : 'a redirect there';
    // Without credentials, which the probe never sends, many are sent to a page for signing in.
    const to = from.presigned ? 'the request' : 'a request without credentials';
    return {
      text: `${endpointName(from)} answers ${to} with ${from.status}, ${kind}`,
      shown: from.presigned,
      isHop: true,
    };
  }
  if (url !== undefined) {
    const text = `the logs show a presigned URL (${url.presigned}) on ${host}`;
    // A text in a log is no call: it may be what somebody sent to the application.
    if (endpoint.role === 'second_hop' && !isFailing(seen, endpoint))
      return { text: `${text}, though no failure on it`, shown: false, isHop: false };
    // A URL does not tell who signed it: an SDK with the credentials does so without calling anybody.
    return { text: `${text}, from an API that the application called or from its own SDK`, shown: true, isHop: true };
  }
  const isTold = isFailing(seen, endpoint);
  return {
    text: isTold
      ? `the logs show the application failing on ${host}, not on the host that was asked about`
      : `the logs name ${host} beside a failure`,
    shown: false,
    isHop: false,
  };
}

function isFailing({ logs }: Case, endpoint: EndpointCase): boolean {
  return logs.ok && logs.value.failures.some((failure) => isAbout(failure, endpoint));
}

/** What the evidence shows of the host before; what is only known of such hosts is said as that. */
function firstHopSentences(seen: Case, endpoint: EndpointCase): readonly string[] {
  const first = firstHopOf(seen, endpoint);
  if (first !== undefined) {
    const name = endpointName(first);
    if (first.basis === 'redirect') return [`${name} ${openText(seen, first)}.`];
    const known = first.typically === undefined ? '' : `, typically for ${first.typically}`;
    return [`The same container's log names ${name} before it${known}; ${name} ${openText(seen, first)}.`];
  }
  const working = seen.endpoints.find((other) => other !== endpoint && works(other));
  const known = typicallyText(endpoint.host);
  return [
    ...(working === undefined ? [] : [`${endpointName(working)} works from the same pod.`]),
    ...(known === undefined ? [] : [`Which host handed it out is not on record; ${known}.`]),
  ];
}

/** Only where the sequence separates the application from the rules: "likely" at most. */
function sinceSentences(seen: Case, endpoint: EndpointCase): readonly string[] {
  const timeline = timelineOf(seen, endpoint);
  return timeline?.changed === 'application' || timeline?.changed === 'policy' ? timeline.lines.slice(0, 2) : [];
}
