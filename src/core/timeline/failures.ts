/** Since when an endpoint fails by the logs, and what the logs cannot show of the time before; first part of `build.ts`. */
import type { LogFailure, LogReport, LogWindow } from '../model/logs.ts';

export interface FailureSpan {
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly container: string;
  /** Where the log of that container begins that was read, if it does before the first failure: it then shows a time without one. */
  readonly clearFrom?: string;
}

export function failureSpan(report: LogReport, isAbout: (failure: LogFailure) => boolean): FailureSpan | undefined {
  const timed = report.failures
    .filter((failure) => isAbout(failure) && isTime(failure.firstSeen))
    .toSorted((a, b) => timeOf(a.firstSeen) - timeOf(b.firstSeen));
  const [earliest] = timed;
  if (earliest?.firstSeen === undefined) return undefined;
  const last = timed.map((one) => one.lastSeen ?? one.firstSeen ?? '').toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  const from = beginOf(report.windows ?? [], earliest);
  return {
    first: earliest.firstSeen,
    last: last ?? earliest.firstSeen,
    count: timed.reduce((sum, { count }) => sum + count, 0),
    container: earliest.container,
    ...(from !== undefined && timeOf(from) < timeOf(earliest.firstSeen) && { clearFrom: from }),
  };
}

/** Of both instances of the container, in the same pod. */
function beginOf(windows: readonly LogWindow[], { container, pod }: LogFailure): string | undefined {
  const own = windows.filter((one) => one.container === container && (pod === undefined || one.pod?.name === pod.name));
  return own.flatMap(({ from }) => (isTime(from) ? [from] : [])).toSorted((a, b) => timeOf(a) - timeOf(b))[0];
}

export function timeOf(at: string | undefined): number {
  return at === undefined ? Number.NaN : Date.parse(at);
}

export function isTime(at: string | undefined): at is string {
  return !Number.isNaN(timeOf(at));
}
