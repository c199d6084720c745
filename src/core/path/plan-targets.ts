/** Which endpoints one diagnosis looks at: the asked one, second hops that the logs name, and one for comparison. Never a scan. */
import { isOfConnection } from '../logs/failure-kinds.ts';
import { formOf } from '../logs/form.ts';
import type { LogFailure, LogReport, SeenUrl } from '../model/logs.ts';
import type { RedirectTarget, TargetReport } from '../model/probe.ts';
import { isAddress, isHostName, isOwnAddress } from '../net/host.ts';
import { isMetadataAddress, isMetadataName } from '../net/metadata.ts';
import type { EndpointRole, Redirection } from '../verdict/case.ts';
import { chooseHops, type HopCandidate } from './choose-hops.ts';

export interface PlannedTarget {
  readonly role: EndpointRole;
  readonly host: string;
  readonly port: number;
  readonly because: string;
  readonly redirectedFrom?: Redirection;
}

/** Hosts in logs are untrusted text: at most this many are ever probed, and only as endpoints of this same pod. */
const MOST_SECOND_HOPS = 2;

type Candidate = PlannedTarget & HopCandidate;

export function planTargets(
  asked: { readonly host: string; readonly port: number },
  logs: LogReport | undefined,
  comparisons: readonly { readonly host: string; readonly port: number; readonly because: string }[],
): readonly PlannedTarget[] {
  const first: PlannedTarget = { role: 'asked', ...asked, because: 'asked about' };
  const hops = logs === undefined ? [] : secondHops(asked.host, logs);
  const taken = new Set([asked.host, ...hops.map((hop) => hop.host)]);
  const comparison = comparisons.find(({ host }) => !taken.has(host) && isProbeable(host));
  return [first, ...hops, ...(comparison === undefined ? [] : [{ role: 'comparison' as const, ...comparison }])];
}

/**
 * Where the asked endpoint's answer points, if that is another one than those planned: judged and connected to as the pod's next
 * hop, never with the request itself. The location is untrusted text, so it passes the same gate as a host that a person names.
 * `otherPath`: see `Redirection`.
 */
export function redirectTarget(
  report: TargetReport | undefined,
  planned: readonly PlannedTarget[],
  otherPath = false,
): PlannedTarget | undefined {
  const http = report?.http;
  if (report === undefined || http?.redirect === undefined || http.status === undefined) return undefined;
  const { host, port, pathClass } = http.redirect;
  if (planned.some((target) => target.host === host && target.port === port)) return undefined;
  if (!isNextHop(http.redirect, report)) return undefined;
  const presigned = pathClass === 'presigned';
  return {
    role: 'second_hop',
    host,
    port,
    because: `${report.host} answers a request with ${http.status} and a redirect there${presigned ? ' (a presigned URL)' : ''}`,
    redirectedFrom: {
      host: report.host,
      port: report.port,
      status: http.status,
      presigned,
      ...(otherPath ? { otherPath } : {}),
    },
  };
}

/** A server that answers chooses where it points: a name at a port of the web, so that nobody scans a network through the pod. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8443]);

const isNextHop = ({ host, port }: RedirectTarget, from: { readonly host: string; readonly port: number }): boolean =>
  isHostName(host) &&
  isProbeable(host) &&
  (WEB_PORTS.has(port) || port === from.port) &&
  // Nobody outside is to choose which Services of the cluster are looked at, or opened.
  (!isClusterLocal(host) || isClusterLocal(from.host));

/** The probe refuses all others, and with them the whole run. */
const isProbeable = (host: string): boolean =>
  !isMetadataName(host) && !isMetadataAddress(host) && !isOwnAddress(host) && (isAddress(host) || isHostName(host));

function secondHops(asked: string, logs: LogReport): readonly PlannedTarget[] {
  const candidates = [
    ...logs.failures.flatMap((failure) => ofFailure(failure)),
    ...logs.urls.flatMap((url) => ofUrl(url, logs)),
  ];
  const byHost = new Map<string, Candidate>();
  for (const candidate of candidates) {
    // Anybody whose words an application logs can write an address there: only names are followed, as with redirects.
    if (isClusterLocal(candidate.host) || isReserved(candidate.host)) continue;
    if (candidate.host === asked || !isHostName(candidate.host) || !isProbeable(candidate.host)) continue;
    const known = byHost.get(candidate.host);
    if (known === undefined || candidate.weight > known.weight) byHost.set(candidate.host, candidate);
  }
  return chooseHops(asked, [...byHost.values()], MOST_SECOND_HOPS).map(
    ({ weight: _weight, count: _count, form: _form, ...target }) => target,
  );
}

export const isClusterLocal = (host: string): boolean =>
  !host.includes('.') || /\.(svc|cluster\.local|internal|localhost)$/.test(host);

/** Names of documents and tests, which nobody serves anything at that an application needs (RFC 2606, RFC 6761); `.example` costs a lookup. */
const isReserved = (host: string): boolean =>
  /(?:^|\.)example\.(?:com|net|org)$/.test(host) || /\.(?:invalid|test)$/.test(host);

const said = (text: string, count: number): Pick<HopCandidate, 'form' | 'count'> => ({ form: formOf(text), count });

/** A client that could not connect is worth probing; one that got an answer (HTTP 403, read time-out) is not about egress. */
function ofFailure(failure: LogFailure): readonly Candidate[] {
  const { host, port } = failure.host === undefined ? (failure.possible ?? {}) : failure;
  if (host === undefined || !isOfConnection(failure)) return [];
  const isTold = failure.host !== undefined;
  const what = failure.class.replace('_', ' ');
  const because = `the pod's logs ${isTold ? `show ${what} on it` : `name it beside ${what}`}`;
  return [
    {
      role: 'second_hop',
      host,
      port: port ?? 443,
      because,
      weight: isTold ? 3 : 1,
      ...said(failure.excerpt, failure.count),
    },
  ];
}

const ofUrl = (url: SeenUrl, logs: LogReport): readonly Candidate[] =>
  url.presigned === undefined || !WEB_PORTS.has(url.port)
    ? []
    : [
        {
          role: 'second_hop',
          host: url.host,
          port: url.port,
          because: `the pod's logs show a presigned URL (${url.presigned}) on it`,
          weight: logs.failures.some((failure) => failure.host === url.host) ? 4 : 2,
          ...said(`URL ${url.presigned}`, url.count),
        },
      ];
