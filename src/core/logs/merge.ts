/** Makes one report of several logs: the same failure of other containers and pods counts together; used by `logs/log-source.ts` and `diagnose/grep-logs.ts`. */
import type { LogFailure, LogReport, SeenUrl } from '../model/logs.ts';
import type { PodRef } from '../model/probe.ts';

export const MAX_PLACES = 10;
const MAX_MATCHES = 200;

/**
 * The latest first. What a mesh's proxy says stays apart from what the application says, and so do versions of a library: a new one may
 * fail where the old one does not.
 */
export function mergeFailures(failures: readonly LogFailure[]): readonly LogFailure[] {
  const merged = new Map<string, LogFailure>();
  for (const failure of failures) {
    const { class: kind, host, address, port, possible, library, libraryVersion, role } = failure;
    const mesh = role === 'mesh_proxy' ? failure.container : undefined;
    const perhaps = possible && `${possible.host ?? possible.address}:${possible.port}`;
    const key = [kind, host ?? address, port, perhaps, library, libraryVersion, mesh].join('|');
    const known = merged.get(key);
    merged.set(key, known ? together(known, failure) : failure);
  }
  return [...merged.values()].sort((a, b) => later(b.lastSeen, a.lastSeen) || b.count - a.count);
}

const later = (one: string | undefined, other: string | undefined): number => (one ?? '').localeCompare(other ?? '');

/** Text, frames and place are those of the latest. */
function together(one: LogFailure, other: LogFailure): LogFailure {
  const [newer, older] = later(one.lastSeen, other.lastSeen) >= 0 ? [one, other] : [other, one];
  const { previous: _previous, ...rest } = newer;
  const firstSeen = [one.firstSeen, other.firstSeen].filter((when) => when !== undefined).sort()[0];
  const places = new Set([...(newer.alsoIn ?? []), placeOf(older), ...(older.alsoIn ?? [])]);
  places.delete(placeOf(newer));
  return {
    ...rest,
    ...(one.previous && other.previous && { previous: true }),
    ...(places.size > 0 && { alsoIn: [...places].slice(0, MAX_PLACES) }),
    count: one.count + other.count,
    ...(firstSeen !== undefined && { firstSeen }),
  };
}

function placeOf({ pod, container, previous }: LogFailure): string {
  return `${pod === undefined ? '' : `${pod.name}/`}${container}${previous ? ' (previous instance)' : ''}`;
}

/** Signed ones first, then those seen most. */
export function mergeUrls(urls: readonly SeenUrl[]): readonly SeenUrl[] {
  const merged = new Map<string, SeenUrl>();
  for (const url of urls) {
    const key = [url.host, url.port, url.presigned].join('|');
    const known = merged.get(key);
    merged.set(key, known ? seenTogether(known, url) : url);
  }
  return [...merged.values()].sort(
    (a, b) => Number(b.presigned !== undefined) - Number(a.presigned !== undefined) || b.count - a.count,
  );
}

function seenTogether(one: SeenUrl, other: SeenUrl): SeenUrl {
  const otherIsFirst = other.firstSeen !== undefined && later(other.firstSeen, one.firstSeen ?? '~') < 0;
  const lastSeen = [one.lastSeen, other.lastSeen]
    .filter((when) => when !== undefined)
    .sort()
    .at(-1);
  return {
    ...(otherIsFirst ? other : one),
    count: one.count + other.count,
    ...(lastSeen !== undefined && { lastSeen }),
  };
}

/** Reports of several pods as one about the first; there is at least one. */
export function mergeReports(reports: readonly [LogReport, ...LogReport[]]): LogReport {
  const [first] = reports;
  if (reports.length === 1) return first;
  const named = reports.map((report) => withPod(report));
  const notRead = named.flatMap((report) => report.notRead ?? []);
  const urlsNotKept = named.reduce((sum, report) => sum + (report.urlsNotKept ?? 0), 0);
  const matches = named.flatMap((report) => report.matches).sort((a, b) => later(a.when, b.when));
  return {
    pod: first.pod,
    pods: named.map(({ pod }) => pod),
    containers: [...new Set(named.flatMap(({ containers }) => containers))],
    linesRead: named.reduce((sum, { linesRead }) => sum + linesRead, 0),
    truncated: named.some(({ truncated }) => truncated) || matches.length > MAX_MATCHES,
    windows: named.flatMap(({ windows }) => windows ?? []),
    failures: mergeFailures(named.flatMap(({ failures }) => failures)),
    urls: mergeUrls(named.flatMap(({ urls }) => urls)),
    matches: matches.slice(-MAX_MATCHES),
    ...(urlsNotKept > 0 && { urlsNotKept }),
    ...(notRead.length > 0 && { notRead }),
  };
}

function withPod(report: LogReport): LogReport {
  const named = <T extends { readonly pod?: PodRef }>(item: T): T => ({ ...item, pod: report.pod });
  return {
    ...report,
    failures: report.failures.map(named),
    matches: report.matches.map(named),
    windows: (report.windows ?? []).map(named),
  };
}
