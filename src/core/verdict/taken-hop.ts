/** Whether the application goes to a host that nobody asked about, by what names it; asked by `judge.ts`. */
import { isOfApplication, isOfConnection } from '../logs/failure-kinds.ts';
import type { FlowReport } from '../model/flow.ts';
import type { LogFailure } from '../model/logs.ts';
import { openAboutReport } from '../path/flow-gap.ts';
import type { Case, EndpointCase } from './case.ts';
import { isAbout } from './log-failures.ts';
import { presignedUrlOf } from './second-hop.ts';

/**
 * `taken`: an answer leads there, or the logs show the application failing on it. `named`: the logs name it without that, as an
 * application does that signs URLs for others to follow. `not_taken`: only a proxy or a shipper beside the application calls it, or the
 * engine saw nothing of what the logs say.
 */
export type Taken = 'taken' | 'named' | 'not_taken';

export function takenBy(seen: Case, endpoint: EndpointCase): Taken {
  const { redirectedFrom: from } = endpoint;
  // Where another path than the application's is sent on to, the application may never go.
  if (from !== undefined) return from.otherPath === true ? 'not_taken' : 'taken';
  const failures = seen.logs.ok ? seen.logs.value.failures : [];
  const told = failures.filter((failure) => isAbout(failure, endpoint));
  if (told.length > 0) {
    if (!told.some(isOfApplication)) return 'not_taken';
    return isContradicted(seen, endpoint, told) ? 'not_taken' : 'taken';
  }
  const url = presignedUrlOf(seen, endpoint);
  const isPossible = failures.some(({ possible }) => possible?.host === endpoint.host);
  if (url === undefined && !isPossible) return 'taken';
  // A failure that names nobody else may well be on the URL that the same container wrote.
  const nameless = failures.some(
    (failure) => failure.container === url?.container && isNameless(failure, endpoint.host),
  );
  return nameless ? 'taken' : 'named';
}

function isNameless(failure: LogFailure, host: string): boolean {
  return isOfConnection(failure) && failure.host === undefined && (failure.possible?.host ?? host) === host;
}

/** Packets that got no answer: those that a policy drops, the engine reports. A lookup fails before any of them. */
const PACKETS: ReadonlySet<LogFailure['class']> = new Set(['connect_timeout', 'unreachable']);
/** What flows are asked for begins so long before the last failure (`diagnose/steps/past-drops.ts`) that it holds one so much earlier. */
const SAME_TIME_MS = 10_000;

/** The rules drop it, the engine was asked about that very time and forgot nothing of it, and it saw no such drop: whoever wrote the line, no client did. */
function isContradicted(seen: Case, endpoint: EndpointCase, told: readonly LogFailure[]): boolean {
  const { logs, pastFlows } = seen;
  if (!logs.ok || pastFlows?.ok !== true || (endpoint.pastDrops ?? []).length > 0) return false;
  if (endpoint.evaluation.connect.decision !== 'denied' || !isWhole(seen, pastFlows.value)) return false;
  const isOfThatTime = latest(logs.value.failures) - latest(told) <= SAME_TIME_MS;
  return isOfThatTime && told.every(({ class: name }) => PACKETS.has(name));
}

/** Nothing of that time is missing in it, and no drop in it may be to the host at another address. */
function isWhole({ pod, probe }: Case, report: FlowReport): boolean {
  // By another clock, flows of another time were asked for.
  const skew = probe.ok ? Math.abs(probe.value.clockSkewSeconds ?? 0) : 0;
  if (skew * 1000 > SAME_TIME_MS / 2) return false;
  return (
    openAboutReport(report, pod) === undefined && report.flows.every(({ destination }) => destination.names.length > 0)
  );
}

function latest(failures: readonly LogFailure[]): number {
  const times = failures.map(({ lastSeen = '' }) => Date.parse(lastSeen)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? Number.NaN : Math.max(...times);
}
