/** Which change lies shortly before the first failure, if the state tells it; asked by `build.ts`. */
import { isOfConnection } from '../logs/failure-kinds.ts';
import type { Changed } from '../model/timeline.ts';
import { timeOf } from './failures.ts';
import type { Known } from './known.ts';
import { refText } from './words.ts';
import type { Write } from './writes.ts';

/** What comes within this before a failure is taken to belong to it; an application may call a host once an hour. */
const SOON = 60 * 60_000;
/** Between a rollout and a policy's write before it lie days, or the revision before may have failed under the new rules, unseen. */
const LONG_BEFORE = 24 * 60 * 60_000;
/** The kubelet stamps lines by its node's clock, the API server writes by its own. */
const CLOCKS = 2 * 60_000;
/** A clear log shorter than this says little: the application may not have called the host yet. */
const CLEAR = 10 * 60_000;

export interface Verdict {
  readonly changed: Changed;
  /** Of `open`: what keeps it so. */
  readonly why?: string;
}

export function changedOf(known: Known): Verdict {
  const { seen, rollout } = known;
  const first = timeOf(seen.first);
  const hidden = over(known) ?? hiding(known, first);
  if (hidden !== undefined) return open(hidden);
  const writes = writesBefore(known, first);
  const rolled = rollout?.at === undefined || rollout.changes.length === 0 ? Number.NaN : timeOf(rollout.at);
  if (rolled <= first && first - rolled <= SOON) return afterRollout(known, rolled, writes);
  const ruled = writes.find(({ at, selects }) => selects && first - at <= SOON);
  return ruled === undefined ? unchanged(known, first, writes) : afterRules(known, ruled, writes);
}

function afterRollout(known: Known, rolled: number, writes: readonly Earlier[]): Verdict {
  if (isDroppedBefore(known, rolled)) return open('the engine dropped packets to it before the rollout');
  // The revision before ran under rules that are older than it, or for a while; others may be what broke it as well.
  const before = timeOf(known.rollout?.before);
  const close = writes.find(({ at, within }) => at > rolled - within && !(at <= before));
  if (close) return open(`a rollout and ${close.what} lie close together before it`);
  return isClearAfter(known, rolled)
    ? open(`the log shows a time ${WITHOUT} after the rollout`)
    : { changed: 'application' };
}

function afterRules(known: Known, ruled: Earlier, writes: readonly Earlier[]): Verdict {
  const { seen } = known;
  const first = timeOf(seen.first);
  const other = writes.find(({ at, isPolicy }) => !isPolicy && first - at <= SOON);
  if (other !== undefined) return open(`a write of a policy and ${other.what} lie close together before it`);
  if (ruled.isOfLabels)
    return open('the last write of a policy was, as far as is on record, of its labels or annotations');
  // Rules that look into requests may give it; which answers came from those is not told.
  if (isAnswer(seen)) return open('the application was answered, and rules for connections give no answers');
  if (isClearAfter(known, ruled.at)) return open(`the log shows a time ${WITHOUT} after the last write of a policy`);
  return afterRule(known, ruled.at);
}

const WITHOUT = 'without a failure on it';

/** What changed then did not break it at once, or nothing called it: which of the two is not told. */
function isClearAfter({ seen }: Known, at: number): boolean {
  const clear = timeOf(seen.clearFrom);
  return timeOf(seen.first) - Math.max(clear, at) >= CLEAR;
}

/** It is not seen by who only connects, and given by who was reached. */
function isAnswer({ class: name }: Known['seen']): boolean {
  return name === 'http_denied' || name === 'tls_failed' || name === 'other';
}

interface Earlier {
  readonly at: number;
  readonly selects: boolean;
  readonly isPolicy: boolean;
  readonly isOfLabels?: boolean;
  /** In words. */
  readonly what: string;
  /** How long before a rollout it still counts. */
  readonly within: number;
}

/** Policies first, each group latest first. */
function writesBefore({ rules }: Known, first: number): readonly Earlier[] {
  const policies = rules.writes.map(({ at, selects, isOfLabels }) => ({
    at: timeOf(at),
    selects,
    isPolicy: true,
    isOfLabels: isOfLabels === true,
    what: 'a write of a policy',
    within: LONG_BEFORE,
  }));
  const beside = rules.beside.writes.map(({ at, object, created, isEngine }) => ({
    at: timeOf(at),
    selects: false,
    isPolicy: false,
    what: `${wordFor(created, isEngine === true)} of ${refText(object)}`,
    // Nodes and agents come and go without changing anything; rules are written to change something.
    within: isEngine ? SOON : LONG_BEFORE,
  }));
  return [...policies, ...beside].filter(({ at }) => at <= first);
}

function wordFor(created: boolean, isEngine: boolean): string {
  if (!created) return 'a write';
  return isEngine ? 'the start' : 'the creation';
}

/** Why nothing that is there now can have changed it. */
function over({ seen, worksNow, asOf }: Known): string | undefined {
  // The engine's buffer holds a few minutes: what was dropped before that is gone.
  if (seen.from === 'flow') return 'only drops tell a time, and the engine forgets earlier ones';
  if (timeOf(seen.last) - timeOf(asOf) > CLOCKS) return 'the log tells times that are yet to come: clocks differ';
  return worksNow && seen.class !== undefined && isOfConnection({ class: seen.class })
    ? 'it connects now, with all that is there now'
    : undefined;
}

/** Why the order of things is not known at all. */
function hiding({ rules }: Known, first: number): string | undefined {
  if (rules.unread.length > 0) return 'not everything that may decide could be read';
  if (rules.undated.length > 0) return 'not every policy tells when it was last written';
  const [undated] = rules.beside.undated;
  if (undated !== undefined) return `when ${refText(undated)} was last written is not on record`;
  // Each has one time: a write after the failure hides one before it.
  if (rules.writes.some((write) => hides(write, first)))
    return 'a policy was written after it, which hides when it was before';
  const later = rules.beside.writes.find((write) => write.isEngine !== true && hides(write, first));
  return later && `${refText(later.object)} was written after it, which hides when it was before`;
}

/** What was only made then hides nothing, unless its time and that of the failure are by clocks that differ. */
function hides({ at, created }: Write, first: number): boolean {
  return timeOf(at) > first && (!created || timeOf(at) - first <= CLOCKS);
}

/** Only a log that goes back to well before the write shows that there was no failure then. */
function afterRule(known: Known, written: number): Verdict {
  const { seen } = known;
  if (isDroppedBefore(known, written))
    return open('the engine dropped packets to it before the last write of a policy');
  const clear = written - timeOf(seen.clearFrom);
  if (clear >= CLEAR) return { changed: 'policy' };
  return open(
    clear > 0
      ? 'the log that was read shows too little of the time before the last write of a policy'
      : 'the log that was read does not go back to before the last write of a policy',
  );
}

function unchanged({ seen, rollout, rolloutNotRead }: Known, first: number, writes: readonly Earlier[]): Verdict {
  if (seen.clearFrom === undefined) return open('the log that was read begins with the failure');
  const clear = timeOf(seen.clearFrom);
  if (first - clear < CLEAR) return open('the log that was read shows too little of the time before');
  // The container was there before its log, so its image was; only rules can change beside a running one.
  const isRead = rollout !== undefined || rolloutNotRead?.code === 'unsupported';
  const isOlder = writes.every(({ at }) => at < clear);
  return isRead && isOlder ? { changed: 'neither' } : open('what lies before it is not close enough to tell');
}

/** A drop comes before the log's line by as long as the client waits, which alone says nothing. */
function isDroppedBefore({ seen }: Known, at: number): boolean {
  return timeOf(seen.drops?.first) < at;
}

function open(why: string): Verdict {
  return { changed: 'open', why };
}
