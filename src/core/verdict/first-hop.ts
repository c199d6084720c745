/** Which host was called before the one that fails, by the evidence; where there is none, what is known of such hosts, said as that. For `second-hop.ts` and `story.ts`. */
import { type Hop, handedOutBy } from '../hops/hand-offs.ts';
import { matchHost } from '../hops/host-pattern.ts';
import type { LogFailure, LogReport, SeenUrl } from '../model/logs.ts';
import { works } from '../path/phase.ts';
import { isClusterLocal } from '../path/plan-targets.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import { refText } from '../policy/explain/sentences.ts';
import type { Case, EndpointCase } from './case.ts';

export interface FirstHop {
  readonly host: string;
  readonly port: number;
  /** `redirect`: its answer led there. `log`: the same container's log names it before, which is an order, no cause. */
  readonly basis: 'redirect' | 'log';
  /** Of `log`: when it was named, and what such a host hands out, where that is known. */
  readonly when?: string;
  readonly typically?: string;
}

export function firstHopOf(seen: Case, endpoint: EndpointCase): FirstHop | undefined {
  const from = endpoint.redirectedFrom;
  if (from !== undefined) return { host: from.host, port: from.port, basis: 'redirect' };
  return seen.logs.ok ? namedBefore(seen, seen.logs.value, endpoint) : undefined;
}

/** Among the hosts that the same container's log names before, one that is known to hand out such URLs; else the one that was asked about, or stands just before. */
function namedBefore(seen: Case, logs: LogReport, endpoint: EndpointCase): FirstHop | undefined {
  const at = firstSeenOf(logs, endpoint.host);
  if (at === undefined) return undefined;
  const [asked] = seen.endpoints;
  const earlier = logs.urls
    .filter((url) => url.host !== endpoint.host && url.container === at.container && isBefore(url, at.when))
    .toSorted((a, b) => (b.firstSeen ?? '').localeCompare(a.firstSeen ?? ''));
  const sources = handedOutBy(endpoint.host);
  for (const url of earlier) {
    const known = sources.find(({ host }) => matchHost(host, url.host) !== undefined);
    if (known !== undefined) return named(url, `${known.what} (${known.source})`);
  }
  const next = asked === endpoint ? justBefore(earlier, at.when) : earlier.find(({ host }) => host === asked.host);
  return next && named(next);
}

const JUST = 60_000;

/** Who asks about the failing host itself names no other: the one that the log names closest before, if that is close. */
function justBefore(earlier: readonly SeenUrl[], when: string): SeenUrl | undefined {
  const [closest] = earlier.filter(({ presigned, host }) => presigned === undefined && !isClusterLocal(host));
  return closest?.firstSeen !== undefined && Date.parse(when) - Date.parse(closest.firstSeen) <= JUST
    ? closest
    : undefined;
}

function named({ host, port, firstSeen }: SeenUrl, typically?: string): FirstHop {
  return {
    host,
    port,
    basis: 'log',
    ...(firstSeen !== undefined && { when: firstSeen }),
    ...(typically !== undefined && { typically }),
  };
}

/** One line that names both tells no order, and has one time. */
function isBefore({ firstSeen }: SeenUrl, when: string): boolean {
  return firstSeen !== undefined && Date.parse(firstSeen) < Date.parse(when);
}

/** Where and when the log names the host first, in a URL or in a failure. */
function firstSeenOf(
  { urls, failures }: LogReport,
  host: string,
): { readonly container: string; readonly when: string } | undefined {
  const all: readonly Pick<LogFailure | SeenUrl, 'host' | 'container' | 'firstSeen'>[] = [...urls, ...failures];
  const [first] = all
    .flatMap((one) =>
      one.host === host && one.container !== undefined && one.firstSeen !== undefined
        ? [{ container: one.container, when: one.firstSeen }]
        : [],
    )
    .toSorted((a, b) => Date.parse(a.when) - Date.parse(b.when));
  return first;
}

/** e.g. `typically "github.com", "api.github.com" hands out downloads of releases on it (docs.github.com/…)`; undefined where nothing is known. */
export function typicallyText(host: string): string | undefined {
  const known = handedOutBy(host);
  const [first] = known;
  if (first === undefined) return undefined;
  if (first.alsoOthers) return `many typically hand out such names, e.g. ${examplesText(known)}`;
  const alike = known.filter(({ what, source }) => what === first.what && source === first.source);
  return `typically ${namesOf(alike).slice(0, MOST_NAMES).join(', ')} hands out ${first.what} on it (${first.source})`;
}

const MOST_NAMES = 3;

/** Each with its own reason: none of them is meant to be the one. */
function examplesText(known: readonly Hop[]): string {
  const reasons = Map.groupBy(known, ({ what, source }) => `for ${what} (${source})`);
  const all = [...reasons].map(([reason, hops]) => `${namesOf(hops).slice(0, 1).join('')} ${reason}`);
  return all.slice(0, MOST_NAMES).join(', ');
}

function namesOf(hops: readonly Hop[]): readonly string[] {
  return [...new Set(hops.map(({ host }) => `"${host}"`))];
}

/** Whether that host is open to the pod: seen by the probe, else by the rules for its name alone. */
export function openText(seen: Case, { host, port }: Pick<FirstHop, 'host' | 'port'>): string {
  const probed = seen.endpoints.find((one) => one.host === host && one.port === port);
  if (probed !== undefined && works(probed)) return 'works from this pod';
  const evaluation =
    probed?.evaluation ??
    evaluateEgress(seen.state, seen.pod, { host, cnames: [], addresses: [], port, protocol: 'TCP' });
  const [rule] = evaluation.decidedBy;
  if (evaluation.decision === 'allowed') return `is allowed${rule === undefined ? '' : ` by ${refText(rule)}`}`;
  if (evaluation.decision === 'denied') return 'is denied by the rules as well';
  return 'is neither plainly allowed nor denied by name';
}
