/** A second hop in five lines: what was called first, what it led to, what is allowed and what blocks, since when, the smallest fix. For `diagnose/diagnose-egress.ts`. */
import { endpointName } from '../causes/cause-rule.ts';
import { plain } from '../drift/plain.ts';
import { knownHost } from '../hops/known-host.ts';
import type { Fix } from '../model/diagnosis.ts';
import { logsNameProxy } from '../path/logged-proxy.ts';
import { works } from '../path/phase.ts';
import { proxyOf } from '../path/proxy-env.ts';
import { policyName, refText } from '../policy/explain/sentences.ts';
import type { Case, EndpointCase } from './case.ts';
import { type FirstHop, firstHopOf, openText, typicallyText } from './first-hop.ts';
import { hopOf } from './hops.ts';
import { type Judgement, policyWouldHelp } from './judge.ts';
import { isAbout } from './log-failures.ts';
import { namedByOthers } from './named-by-others.ts';
import { presignedUrlOf } from './second-hop.ts';
import { timelineOf } from './timeline-of.ts';

export function storyOf(seen: Case, judgement: Judgement, fix: Fix | undefined): readonly string[] | undefined {
  const { verdict, cause, endpoint } = judgement;
  // Whether anything blocks it is open where the verdict is.
  if (cause?.class !== 'SECOND_HOP_HOST' || verdict !== 'blocked') return undefined;
  const first = firstHopOf(seen, endpoint);
  return [
    `Called first: ${calledFirst(seen, endpoint, first)}.`,
    `Led to: ${ledTo(seen, endpoint)}.`,
    `Blocked: ${blocked(endpoint)}`,
    `When: ${since(seen, endpoint)}`,
    `Smallest fix: ${smallestFix(seen, judgement, fix)}`,
  ];
}

function calledFirst(seen: Case, endpoint: EndpointCase, first: FirstHop | undefined): string {
  if (first?.basis === 'redirect') return `${endpointName(first)}, whose answer led on; it ${openText(seen, first)}`;
  if (first !== undefined) {
    const typically = first.typically === undefined ? '' : `, which typically hands out ${first.typically}`;
    return `not on record; the container's log names ${endpointName(first)} before it${typically}; that ${openText(seen, first)}`;
  }
  const working = seen.endpoints.find((other) => other !== endpoint && works(other));
  const known = typicallyText(endpoint.host);
  return [
    'not on record',
    ...(known === undefined ? [] : [known]),
    ...(working === undefined ? [] : [`${endpointName(working)} works from the same pod${allowedBy(working)}`]),
  ].join('; ');
}

function allowedBy({ evaluation }: EndpointCase): string {
  const [rule] = evaluation.connect.decidedBy;
  return evaluation.decision !== 'allowed' || rule === undefined ? '' : `, allowed by ${refText(rule)}`;
}

function ledTo(seen: Case, endpoint: EndpointCase): string {
  const what = knownHost(endpoint.host)?.what;
  const thing = `${endpointName(endpoint)}${what === undefined ? '' : `, ${what}`}`;
  const from = endpoint.redirectedFrom;
  if (from !== undefined)
    return `a redirect (${from.status})${from.presigned ? ' to a presigned URL' : ''} on ${thing}`;
  const url = presignedUrlOf(seen, endpoint);
  const client = clientOf(seen, endpoint);
  if (url !== undefined) return `a presigned URL (${url.presigned}) on ${thing}${client}`;
  return `${thing}${client}: the logs show that the application fails on it, not how it came there`;
}

/** e.g. `, called by boto3 1.40.2`. */
function clientOf({ logs }: Case, endpoint: EndpointCase): string {
  const failures = logs.ok ? logs.value.failures.filter((failure) => isAbout(failure, endpoint)) : [];
  const known = failures.find(({ libraryVersion }) => libraryVersion !== undefined) ?? failures[0];
  if (known?.library === undefined) return '';
  return `, called by ${known.library}${known.libraryVersion === undefined ? '' : ` ${plain(known.libraryVersion)}`}`;
}

/** What the rules make of it, and the rule that was meant; where they let it through, what was seen instead. */
function blocked(endpoint: EndpointCase): string {
  const { steps } = hopOf(endpoint);
  const failed = steps.filter(({ outcome }) => outcome === 'failed');
  const telling = failed.find(({ layer }) => layer === 'policy') ?? failed[0];
  const miss = telling?.layer === 'policy' ? endpoint.evaluation.nearMisses[0] : undefined;
  const meant =
    miss === undefined
      ? ''
      : ` ${miss.statement.replace(/\.$/, '')} (${policyName(miss.rule.policy)} ${miss.rule.path}).`;
  return `${endpointName(endpoint)}. ${telling?.detail ?? 'By what is not known.'}${meant}`;
}

function since(seen: Case, endpoint: EndpointCase): string {
  return timelineOf(seen, endpoint)?.lines.slice(0, 2).join(' ') ?? 'no time of a failure is on record.';
}

function smallestFix(seen: Case, judgement: Judgement, fix: Fix | undefined): string {
  const { endpoint } = judgement;
  if (fix === undefined) return noFix(seen, judgement);
  const origin = namedByOthers(endpoint);
  return [fix.summary, ...instead(endpoint.host), ...(origin === undefined ? [] : [`${origin}.`])].join(' ');
}

/** Why there is none: not wanted, or not found. */
function noFix(seen: Case, judgement: Judgement): string {
  const { endpoint } = judgement;
  if (!policyWouldHelp(judgement)) return 'none of a policy: by what was seen, no policy is what stops it.';
  if (proxyOf(seen, endpoint) !== undefined) return 'none of a policy: the environment names a proxy as the way out.';
  if (logsNameProxy(seen, endpoint)) return 'none of a policy: the logs name a proxy as the way out.';
  return ['no change of a policy was found that would do.', ...instead(endpoint.host)].join(' ');
}

function instead(host: string): readonly string[] {
  const known = knownHost(host);
  return known?.wider === undefined ? [] : [`Not "${known.wider}", which lets in ${known.letsIn}.`];
}
