/** Counts the same failure once, with its first and last time; filled by `page-walk.ts` event by event. */
import type { LogFailure } from '../core/model/logs.ts';
import { redact } from '../core/text/redact.ts';
import { type Classified, classify } from './classify.ts';
import type { LogEvent } from './event.ts';
import { excerptOf } from './excerpt.ts';
import { framesOf } from './frames.ts';
import type { LogOrigin } from './read-log.ts';
import { createRoom } from './room.ts';
import { bannersIn, versionOf } from './versions.ts';

/** Hosts are text of others: a log that makes up a new one each line must not fill the memory. */
const MAX_KINDS = 500;

export interface FailureFold {
  /** An event as it was read: only what is shown of it is made harmless, once a kind of failure. */
  add(event: LogEvent): void;
  /** A line in which a library says its version outside of a failure. */
  banner(line: string): void;
  /** There were more kinds than are kept: some were given up for newer ones. */
  full(): boolean;
  failures(): readonly LogFailure[];
}

/** What an event says as it was read → what it says without secrets, or nothing. */
interface Kind {
  readonly key?: string;
  failure?: LogFailure;
}

export function createFailureFold(origin: LogOrigin): FailureFold {
  const kinds = createRoom<Kind>(MAX_KINDS);
  const banners = new Map<string, string>();
  const begin = (event: LogEvent): Kind => {
    const lines = harmless(event);
    const seen = classify(lines.join('\n'));
    return seen ? { key: keyOf(seen), failure: firstOf(origin, seen, lines) } : {};
  };
  const add = (event: LogEvent): void => {
    const seen = classify(event.lines.join('\n'));
    if (!seen) return;
    const raw = keyOf(seen);
    const known = kinds.get(raw);
    if (known) kinds.touch(raw);
    const kind = known ?? begin(event);
    if (!known) kinds.add(raw, kind);
    if (kind.failure) kind.failure = again(kind.failure, event.when);
  };
  return {
    add,
    banner: (line) => {
      for (const [library, version] of bannersIn(line)) banners.set(library, version);
    },
    full: () => kinds.givenUp() > 0,
    failures: () => together(kinds.values()).map((failure) => withBanner(failure, banners)),
  };
}

/** What differs only in a secret is one. */
function together(kinds: readonly Kind[]): readonly LogFailure[] {
  const byKey = new Map<string, LogFailure>();
  for (const { key, failure } of kinds) {
    if (key === undefined || !failure) continue;
    const known = byKey.get(key);
    byKey.set(key, known ? sum(known, failure) : failure);
  }
  return [...byKey.values()];
}

function sum(one: LogFailure, other: LogFailure): LogFailure {
  const times = [one.firstSeen, one.lastSeen, other.firstSeen, other.lastSeen]
    .filter((when) => when !== undefined)
    .sort();
  const [firstSeen] = times;
  const lastSeen = times.at(-1);
  const count = one.count + other.count;
  return { ...one, count, ...(firstSeen !== undefined && { firstSeen }), ...(lastSeen !== undefined && { lastSeen }) };
}

function keyOf({ class: kind, host, address, port, possible, library }: Classified): string {
  return [kind, host ?? address, port, possible?.host ?? possible?.address, possible?.port, library].join('|');
}

/** Together with the line above, where a secret may begin that was wrapped; the steps keep the number of lines. */
function harmless({ lines, above }: LogEvent): readonly string[] {
  return redact([above ?? '', ...lines].join('\n'))
    .split('\n')
    .slice(1);
}

function firstOf(origin: LogOrigin, { at, ...what }: Classified, lines: readonly string[]): LogFailure {
  const frames = framesOf(lines);
  const libraryVersion = versionOf(what.library, lines.join('\n'));
  return {
    ...what,
    ...(libraryVersion !== undefined && { libraryVersion }),
    ...(frames.length > 0 && { frames }),
    ...origin,
    count: 0,
    excerpt: excerptOf(lines, at),
  };
}

function again(failure: LogFailure, when: string | undefined): LogFailure {
  const count = failure.count + 1;
  return when === undefined
    ? { ...failure, count }
    : { ...failure, count, firstSeen: failure.firstSeen ?? when, lastSeen: when };
}

function withBanner(failure: LogFailure, banners: ReadonlyMap<string, string>): LogFailure {
  if (failure.libraryVersion !== undefined || failure.library === undefined) return failure;
  const libraryVersion = banners.get(failure.library);
  return libraryVersion === undefined ? failure : { ...failure, libraryVersion };
}
