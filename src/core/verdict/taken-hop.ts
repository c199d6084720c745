/** Whether the application goes to a host that nobody asked about, by what names it; asked by `judge.ts`. */
import type { LogFailure } from '../model/logs.ts';
import { openAboutReport } from '../path/flow-gap.ts';
import type { Case, EndpointCase } from './case.ts';
import { isAbout, isOfApplication, isOfConnection } from './log-failures.ts';
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
  // A failure that names nobody may well be on the URL that the same container wrote.
  const nameless = failures.some((failure) => isNameless(failure) && failure.container === url?.container);
  return nameless ? 'taken' : 'named';
}

function isNameless(failure: LogFailure): boolean {
  return isOfConnection(failure) && failure.host === undefined && failure.possible === undefined;
}

/** Packets that got no answer: those that a policy drops, the engine reports. A lookup fails before any of them. */
const PACKETS: ReadonlySet<LogFailure['class']> = new Set(['connect_timeout', 'unreachable']);
/** What flows are asked for begins so long before the last failure (`diagnose/steps/past-drops.ts`) that it holds one so much earlier. */
const SAME_TIME_MS = 10_000;

/** The rules drop it, the engine was asked about that very time and forgot nothing of it, and it saw no such drop: whoever wrote the line, no client did. */
function isContradicted(seen: Case, endpoint: EndpointCase, told: readonly LogFailure[]): boolean {
  const { logs, pastFlows, pod } = seen;
  if (!logs.ok || pastFlows?.ok !== true || (endpoint.pastDrops ?? []).length > 0) return false;
  if (endpoint.evaluation.connect.decision !== 'denied' || openAboutReport(pastFlows.value, pod) !== undefined)
    return false;
  // It may have had other addresses then, for which the engine knows no name.
  if (pastFlows.value.flows.some(({ destination }) => destination.names.length === 0)) return false;
  const last = latest(told);
  return told.every(({ class: name }) => PACKETS.has(name)) && latest(logs.value.failures) - last <= SAME_TIME_MS;
}

function latest(failures: readonly LogFailure[]): number {
  const times = failures.map(({ lastSeen = '' }) => Date.parse(lastSeen)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? Number.NaN : Math.max(...times);
}
