/** Counts the same failure once, with its first and last time; filled by `page-walk.ts` event by event. */
import type { LogFailure } from '../core/model/logs.ts';
import { redact } from '../core/text/redact.ts';
import { type Classified, classify } from './classify.ts';
import type { LogEvent } from './event.ts';
import { excerptOf } from './excerpt.ts';
import { framesOf } from './frames.ts';
import type { LogOrigin } from './read-log.ts';
import { bannersIn, versionOf } from './versions.ts';

/** Hosts are text of others: a log that makes up a new one each line must not fill the memory. */
const MAX_KINDS = 500;

export interface FailureFold {
  /** An event as it was read: only what is shown of it is made harmless, once a kind of failure. */
  add(event: LogEvent): void;
  /** A line in which a library says its version outside of a failure. */
  banner(line: string): void;
  /** There were more kinds than are kept. */
  full(): boolean;
  failures(): readonly LogFailure[];
}

export function createFailureFold(origin: LogOrigin): FailureFold {
  const known = new Map<string, LogFailure>();
  /** What an event says as it was read → what it says without secrets, or nothing. */
  const keys = new Map<string, string | undefined>();
  const banners = new Map<string, string>();
  let full = false;
  const begin = (event: LogEvent): string | undefined => {
    const lines = harmless(event);
    const seen = classify(lines.join('\n'));
    if (!seen) return undefined;
    const key = keyOf(seen);
    if (!known.has(key)) known.set(key, firstOf(origin, seen, lines));
    return key;
  };
  const add = (event: LogEvent): void => {
    const seen = classify(event.lines.join('\n'));
    if (!seen) return;
    const raw = keyOf(seen);
    if (!keys.has(raw)) {
      full ||= keys.size >= MAX_KINDS;
      if (full) return;
      keys.set(raw, begin(event));
    }
    const key = keys.get(raw);
    const before = key === undefined ? undefined : known.get(key);
    if (key !== undefined && before) known.set(key, again(before, event.when));
  };
  return {
    add,
    banner: (line) => {
      for (const [library, version] of bannersIn(line)) banners.set(library, version);
    },
    full: () => full,
    failures: () => [...known.values()].map((failure) => withBanner(failure, banners)),
  };
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
