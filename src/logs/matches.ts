/** Keeps the newest lines that the caller's own pattern finds; filled by `page-walk.ts`, made harmless only where they are shown. */
import { clean } from '../core/text/clean.ts';
import { redact } from '../core/text/redact.ts';
import { stripInvisible } from '../core/text/sanitise.ts';
import type { LogLine } from './event.ts';
import type { Pattern } from './safe-pattern/compile.ts';

const MAX_MATCHES = 200;
const MAX_MATCH_CHARS = 500;
/** Some are lost again: what matched as it was read need not match once secrets are out. */
const MAX_CANDIDATES = 1000;

export interface Match {
  readonly when?: string;
  readonly line: string;
}

interface Candidate extends LogLine {
  /** The line above, where a wrapped secret may begin. */
  readonly above: string;
  /** Where in the log it stands, in bytes. */
  readonly at: number;
  /** Inside a private key. */
  secret: boolean;
}

export interface MatchRing {
  add(line: LogLine, above: () => string, at: number): void;
  /** What stands behind `at` belongs to a private key whose beginning was not read. */
  hideSince(at: number): void;
  newest(): { readonly matches: readonly Match[]; readonly more: boolean };
}

export function createMatchRing(pattern: Pattern): MatchRing {
  const ring: Candidate[] = [];
  let oldest = 0;
  let lost = false;
  return {
    add: (line, above, at) => {
      if (!pattern.test(line.text)) return;
      const candidate = { ...line, above: above(), at, secret: false };
      if (ring.length < MAX_CANDIDATES) {
        ring.push(candidate);
        return;
      }
      ring[oldest] = candidate;
      oldest = (oldest + 1) % MAX_CANDIDATES;
      lost = true;
    },
    hideSince: (at) => {
      for (const candidate of ring) if (candidate.at >= at) candidate.secret = true;
    },
    newest: () => {
      const inOrder = [...ring.slice(oldest), ...ring.slice(0, oldest)];
      const kept: Match[] = [];
      let more = lost;
      for (const candidate of inOrder.toReversed()) {
        const match = shown(candidate, pattern);
        if (match && kept.length === MAX_MATCHES) {
          more = true;
          break;
        }
        if (match) kept.push(match);
      }
      return { matches: kept.toReversed(), more };
    },
  };
}

/** Tested again without its secrets, or a caller could guess one letter by letter. */
function shown({ when, text, above, secret }: Candidate, pattern: Pattern): Match | undefined {
  const stamped = when === undefined ? {} : { when };
  if (secret) return undefined;
  const harmless =
    redact(stripInvisible(`${above}\n${text}`))
      .split('\n')
      .at(-1) ?? '';
  return pattern.test(harmless) ? { ...stamped, line: clean(harmless, MAX_MATCH_CHARS) } : undefined;
}
