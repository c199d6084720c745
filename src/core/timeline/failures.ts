/** Since when an endpoint fails by the logs, and what the logs cannot show of the time before; first part of `build.ts`. */
import { MAX_PLACES } from '../logs/merge.ts';
import type { LogFailure, LogReport, LogWindow } from '../model/logs.ts';

export interface FailureSpan {
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Of the first. */
  readonly class: LogFailure['class'];
  /** Where the log that tells the last one ends. */
  readonly logEnds?: string;
  /** All that tell it, where it is not known which of them was first. */
  readonly container: string;
  /** Where the log of that container begins that was read, if it does before the first failure: it then shows a time without one. */
  readonly clearFrom?: string;
}

export function failureSpan(report: LogReport, isAbout: (failure: LogFailure) => boolean): FailureSpan | undefined {
  const timed = report.failures.flatMap((failure) => {
    const { firstSeen, lastSeen = firstSeen } = failure;
    return isAbout(failure) && isTime(firstSeen) ? [{ ...failure, firstSeen, lastSeen: lastSeen ?? firstSeen }] : [];
  });
  const [earliest] = timed.toSorted((a, b) => timeOf(a.firstSeen) - timeOf(b.firstSeen));
  const [latest] = timed.toSorted((a, b) => timeOf(b.lastSeen) - timeOf(a.lastSeen));
  if (earliest === undefined || latest === undefined) return undefined;
  const from = beginOf(report.windows ?? [], earliest);
  const to = endOf(report.windows ?? [], latest);
  return {
    first: earliest.firstSeen,
    last: latest.lastSeen,
    count: timed.reduce((sum, { count }) => sum + count, 0),
    class: earliest.class,
    container: [earliest.container, ...(earliest.alsoIn ?? [])].join(' or '),
    ...(to !== undefined && { logEnds: to }),
    ...(from !== undefined && timeOf(from) < timeOf(earliest.firstSeen) && { clearFrom: from }),
  };
}

const PREVIOUS = / \(previous instance\)$/;

/**
 * A failure that several places tell may have been first in any of them: all of their logs have to go back that far, so the one counts
 * that begins last.
 */
function beginOf(windows: readonly LogWindow[], { pod, container, alsoIn = [] }: LogFailure): string | undefined {
  const places = Map.groupBy(windows, (one) => placeOf(one.pod?.name, one.container));
  const told = [placeOf(pod?.name, container), ...alsoIn.map((place) => place.replace(PREVIOUS, ''))];
  // A list that is full may be cut; a place that names no pod may be in any.
  const isTold = (place: string): boolean =>
    alsoIn.length >= MAX_PLACES || told.some((one) => place === one || place.endsWith(`/${one}`));
  return [...places]
    .flatMap(([place, logs]) => (isTold(place) ? (beginOfPlace(logs) ?? []) : []))
    .toSorted((a, b) => timeOf(b) - timeOf(a))[0];
}

/** Of the log that tells the failure: another container's may go on long after this one ended. */
function endOf(windows: readonly LogWindow[], { pod, container }: LogFailure): string | undefined {
  const place = placeOf(pod?.name, container);
  return windows
    .flatMap((one) => (placeOf(one.pod?.name, one.container) === place && isTime(one.to) ? [one.to] : []))
    .toSorted((a, b) => timeOf(b) - timeOf(a))[0];
}

function placeOf(pod: string | undefined, container: string): string {
  return pod === undefined ? container : `${pod}/${container}`;
}

/** Of both instances of a container, unless something between the two was not read. */
function beginOfPlace(logs: readonly LogWindow[]): string | undefined {
  const now = logs.find(({ previous }) => !previous);
  const before = logs.find(({ previous }) => previous);
  const whole = (one: LogWindow | undefined): boolean => one?.cutBy === undefined || one.cutBy === 'since';
  const joined = whole(now) && before?.cutBy !== 'time' && before?.cutBy !== 'bytes';
  const read = joined ? [before, now] : [now ?? before];
  return read.flatMap((one) => (isTime(one?.from) ? [one.from] : [])).toSorted((a, b) => timeOf(a) - timeOf(b))[0];
}

export function timeOf(at: string | undefined): number {
  return at === undefined ? Number.NaN : Date.parse(at);
}

export function isTime(at: string | undefined): at is string {
  return !Number.isNaN(timeOf(at));
}
