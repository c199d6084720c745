/**
 * Whether the sync windows of an AppProject keep an Application from being synced automatically at a moment; asked by `cluster/read-sync.ts`.
 * After SyncWindows.Matches, active, inactiveAllows and CanSync of argo-cd pkg/apis/application/v1alpha1/types.go.
 */
import type { ArgoApplication } from '../model/sync.ts';
import { parseSchedule, type Schedule } from './cron.ts';
import { goSeconds } from './go-duration.ts';

export interface SyncWindow {
  readonly kind: string;
  readonly schedule: string;
  readonly duration: string;
  readonly timeZone?: string;
  /** All of the lists that are given must match, instead of any. */
  readonly all: boolean;
  readonly applications: readonly string[];
  readonly namespaces: readonly string[];
  readonly clusters: readonly string[];
}

export interface AppProject {
  readonly namespace: string;
  readonly name: string;
  readonly windows: readonly SyncWindow[];
}

export interface WindowTarget {
  readonly name: string;
  readonly destination: { readonly server?: string; readonly name?: string; readonly namespace?: string };
}

/** Undefined where a window that may apply cannot be read. */
export function windowNow(project: AppProject, target: WindowTarget, now: Date): ArgoApplication['syncWindow'] {
  const matches = project.windows.map((window) => ({ window, applies: applies(window, target) }));
  if (matches.some(({ applies }) => applies === undefined)) return undefined;
  const windows = matches.filter(({ applies }) => applies).map(({ window }) => window);
  const states = windows.map((window) => ({ window, active: isActive(window, now) }));
  if (states.some(({ active }) => active === undefined)) return undefined;
  const of = (kind: string, active: boolean) => states.find((one) => one.window.kind === kind && one.active === active);
  const deny = of('deny', true);
  if (deny !== undefined) return { denies: true, because: `${inWords(deny.window)} is active` };
  const allow = of('allow', true);
  if (allow !== undefined) return { denies: false, because: `${inWords(allow.window)} is active` };
  const closed = of('allow', false);
  if (closed !== undefined)
    return { denies: true, because: `${inWords(closed.window)} is not active, and no other allows it` };
  return { denies: false, because: 'no window applies to it now' };
}

function inWords({ kind, schedule, duration, timeZone }: SyncWindow): string {
  return `the ${kind} window "${schedule}" for ${duration}${timeZone === undefined ? '' : ` (${timeZone})`}`;
}

/** Undefined where a glob uses more than `*` and `?`, or the zone is of the kind that this evaluator does not have. */
function applies(window: SyncWindow, { name, destination }: WindowTarget): boolean | undefined {
  const parts = [
    { patterns: window.applications, values: [name] },
    { patterns: window.clusters, values: [destination.name, destination.server].filter((one) => one !== undefined) },
    { patterns: window.namespaces, values: [destination.namespace ?? ''] },
  ].filter(({ patterns }) => patterns.length > 0);
  const results = parts.map(({ patterns, values }) => anyMatch(patterns, values));
  if (results.includes(undefined)) return undefined;
  if (results.length === 0) return false;
  return window.all ? results.every(Boolean) : results.some(Boolean);
}

function anyMatch(patterns: readonly string[], values: readonly string[]): boolean | undefined {
  if (patterns.some((pattern) => /[[\]{}\\!]/.test(pattern))) return undefined;
  return patterns.some((pattern) => values.some((value) => globOf(pattern).test(value)));
}

/** Without separators: `*` crosses slashes. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^$()|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

const MINUTE = 60_000;
const LONGEST = 366 * 24 * 3600;

/** Whether the schedule has fired within the duration before now; the offset of the zone is the one that holds now. */
function isActive(window: SyncWindow, now: Date): boolean | undefined {
  const schedule = parseSchedule(window.schedule);
  const seconds = goSeconds(window.duration);
  const offset = offsetOf(window.timeZone, now);
  if (schedule === undefined || seconds === undefined || offset === undefined || seconds > LONGEST) return undefined;
  return firedWithin(schedule, now.getTime() + offset, seconds * 1000);
}

/** schedule.Next(now - duration) is before now: both ends are left out. */
function firedWithin(schedule: Schedule, now: number, duration: number): boolean {
  let minute = Math.ceil(now / MINUTE) * MINUTE - MINUTE;
  for (; minute > now - duration; minute -= MINUTE) if (schedule(new Date(minute))) return true;
  return false;
}

/** Milliseconds east of UTC; an unknown zone counts as UTC (scheduleOffsetByTimeZone). */
function offsetOf(zone: string | undefined, now: Date): number {
  if (zone === undefined || zone === 'UTC') return 0;
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(now);
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes = '0'] = /GMT([+-])(\d{1,2})(?::(\d{2}))?/.exec(text) ?? [];
    if (sign === undefined) return 0;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
  } catch {
    return 0;
  }
}
