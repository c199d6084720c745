/** Reads what `host NAME` prints, BIND's and toybox's; used by `tool-output.ts`. */
import type { LookupOutcome } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import type { ToolAnswer } from './nslookup-output.ts';

/** BIND: `Host x not found: 3(NXDOMAIN)`; toybox: the words of RFC 1035 §4.1.1 as its source spells them. */
const FAILURES: readonly (readonly [RegExp, LookupOutcome])[] = [
  [/\(REFUSED\)|not found: Refused/i, 'refused'],
  [/\(SERVFAIL\)|not found: Server failure/i, 'servfail'],
  [/\(NXDOMAIN\)|not found: Non-exist[ae]nt domain/i, 'nxdomain'],
  [/timed out|no servers could be reached/i, 'timeout'],
  // toybox of an answer without addresses; of silence it says no more than "not found".
  [/^host: tilt$/, 'nodata'],
  [/not found|error|can't/i, 'failed'],
];

const MOST = 16;

export function parseHost(lines: readonly string[], cutOff: boolean): ToolAnswer {
  const addresses = lines
    .flatMap((line) => / has (?:IPv6 )?address (\S+)$/.exec(line)?.[1] ?? [])
    .filter((text) => isAddress(text));
  const cnames = lines.flatMap(
    (line) => / is (?:an alias|a nickname) for ([A-Za-z0-9_.-]{1,254})$/.exec(line)?.[1]?.replace(/\.$/, '') ?? [],
  );
  const common = {
    cnames: [...new Set(cnames.map((name) => name.toLowerCase()))].slice(0, MOST),
    addresses: [...new Set(addresses)].slice(0, MOST),
  };
  if (addresses.length > 0) return { outcome: 'resolved', ...common };
  for (const [pattern, outcome] of FAILURES) {
    const error = lines.find((line) => pattern.test(line));
    if (error !== undefined) return { outcome, ...common, error };
  }
  if (cutOff) return { outcome: 'timeout', ...common };
  // BIND's says nothing of a name without addresses.
  return { outcome: lines.some((line) => line.trim() !== '') ? 'failed' : 'nodata', ...common };
}
