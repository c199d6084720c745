/** Which change lies shortly before the first failure, if the state tells it; asked by `build.ts`. */
import type { Changed } from '../model/timeline.ts';
import { timeOf } from './failures.ts';
import type { Known } from './known.ts';
import { refText } from './words.ts';

/** What comes within this before a failure is taken to belong to it; an application may call a host once an hour. */
const SOON = 60 * 60_000;
/** Between a rollout and a policy's write before it lie days, or the revision before may have failed under the new rules, unseen. */
const LONG_BEFORE = 24 * 60 * 60_000;
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
  const hidden = hiding(known, first);
  if (hidden !== undefined) return open(hidden);
  const writes = writesBefore(known, first);
  const rolled = rollout?.at === undefined || rollout.changes.length === 0 ? Number.NaN : timeOf(rollout.at);
  if (rolled <= first && first - rolled <= SOON) {
    if (isDroppedBefore(known, rolled)) return open('the engine dropped packets to it before the rollout');
    // The revision before ran under rules that are older than it, or for a while; others may be what broke it as well.
    const before = timeOf(rollout?.before);
    const close = writes.find(({ at, within }) => at > rolled - within && !(at <= before));
    return close ? open(`a rollout and ${close.what} lie close together before it`) : { changed: 'application' };
  }
  const ruled = writes.find(({ at, selects }) => selects && first - at <= SOON);
  if (ruled === undefined) return unchanged(known, first, writes);
  const other = writes.find(({ at, isPolicy }) => !isPolicy && first - at <= SOON);
  return other
    ? open(`a write of a policy and ${other.what} lie close together before it`)
    : afterRule(known, ruled.at);
}

interface Earlier {
  readonly at: number;
  readonly selects: boolean;
  readonly isPolicy: boolean;
  /** In words. */
  readonly what: string;
  /** How long before a rollout it still counts. */
  readonly within: number;
}

/** Policies first, each group latest first. */
function writesBefore({ rules }: Known, first: number): readonly Earlier[] {
  const policies = rules.writes.map(({ at, selects }) => ({
    at: timeOf(at),
    selects,
    isPolicy: true,
    what: 'a write of a policy',
    within: LONG_BEFORE,
  }));
  const beside = rules.beside.writes.map(({ at, object, created, isEngine }) => ({
    at: timeOf(at),
    selects: false,
    isPolicy: false,
    what: `${isEngine && created ? 'the start of' : 'a write of'} ${refText(object)}`,
    // Nodes and agents come and go without changing anything; rules are written to change something.
    within: isEngine ? SOON : LONG_BEFORE,
  }));
  return [...policies, ...beside].filter(({ at }) => at <= first);
}

/** Why the order of things is not known at all. */
function hiding({ rules }: Known, first: number): string | undefined {
  if (rules.unread.length > 0) return 'not everything that may decide could be read';
  if (rules.undated.length > 0) return 'not every policy tells when it was last written';
  const [undated] = rules.beside.undated;
  if (undated !== undefined) return `when ${refText(undated)} was last written is not on record`;
  // Each has one time: a write after the failure hides one before it.
  if (rules.writes.some(({ at, created }) => !created && timeOf(at) > first))
    return 'a policy was written after it, which hides when it was before';
  const later = rules.beside.writes.find(
    ({ at, created, isEngine }) => !created && isEngine !== true && timeOf(at) > first,
  );
  return later && `${refText(later.object)} was written after it, which hides when it was before`;
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
