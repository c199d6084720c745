/** What one container's log tells of failing connections: pure, over text that was read; `log-source.ts` calls it once a container. */
import type { LogFailure, SeenUrl } from '../core/model/logs.ts';
import { redact } from '../core/text/redact.ts';
import { stripInvisible } from '../core/text/sanitise.ts';
import { classify } from './classify.ts';
import type { LogEvent, LogLine } from './event.ts';
import { joinEvents } from './events.ts';
import { excerptOf } from './excerpt.ts';
import { splitLines } from './lines.ts';
import { findUrls } from './urls.ts';

export interface LogFindings {
  readonly lines: readonly LogLine[];
  readonly failures: readonly LogFailure[];
  readonly urls: readonly SeenUrl[];
}

/** Made harmless as a whole, since a private key or a wrapped URL spans lines; both steps keep the number of lines. */
export function cleanLines(text: string): readonly LogLine[] {
  const lines = splitLines(text);
  const bodies = redact(stripInvisible(lines.map((line) => line.text).join('\n'))).split('\n');
  return lines.map((line, index) => ({ ...line, text: bodies[index] ?? '' }));
}

/** Failures folded by class, place and library, the latest first; URLs folded by place and kind of signature. */
export function analyse(text: string, container: string): LogFindings {
  const lines = cleanLines(text);
  const failures = new Map<string, LogFailure>();
  const urls = new Map<string, SeenUrl>();
  for (const event of joinEvents(lines)) {
    const whole = event.lines.join('\n');
    addFailure(failures, event, { whole, container });
    addUrls(urls, whole);
  }
  return { lines, failures: latestFirst([...failures.values()]), urls: signedFirst([...urls.values()]) };
}

function addFailure(
  failures: Map<string, LogFailure>,
  event: LogEvent,
  text: { whole: string; container: string },
): void {
  const seen = classify(text.whole);
  if (!seen) return;
  const { at, ...what } = seen;
  const key = [what.class, what.host ?? what.address, what.port, what.library].join('|');
  const known = failures.get(key);
  failures.set(key, {
    ...(known ?? { ...what, container: text.container, excerpt: excerptOf(event.lines, at) }),
    count: (known?.count ?? 0) + 1,
    ...(event.when !== undefined && { firstSeen: known?.firstSeen ?? event.when, lastSeen: event.when }),
  });
}

const MAY_HOLD_URL = /:(?:\\?\/){2}|Connection/;

function addUrls(urls: Map<string, SeenUrl>, text: string): void {
  if (!MAY_HOLD_URL.test(text)) return;
  for (const url of findUrls(text)) {
    const key = [url.host, url.port, url.presigned].join('|');
    const known = urls.get(key);
    urls.set(key, known ? { ...known, count: known.count + 1 } : { ...url, count: 1 });
  }
}

export function latestFirst(failures: readonly LogFailure[]): readonly LogFailure[] {
  return failures.toSorted((a, b) => (b.lastSeen ?? '').localeCompare(a.lastSeen ?? '') || b.count - a.count);
}

export function signedFirst(urls: readonly SeenUrl[]): readonly SeenUrl[] {
  return urls.toSorted(
    (a, b) => Number(b.presigned !== undefined) - Number(a.presigned !== undefined) || b.count - a.count,
  );
}
