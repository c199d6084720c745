/** Small pieces every report is made of: sections, indentation, and the cut that keeps a report inside its budget. */
import { bound, sanitise } from '../core/text/sanitise.ts';

export function indent(text: string, width: number): string {
  const pad = ' '.repeat(width);
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `${pad}${line}`))
    .join('\n');
}

/** A titled block, or nothing where there is nothing to say. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => indent(line, 2))];
}

/** As in `core/text/fence.ts`: outside a fence, too, nothing may look like the edge of one. */
const FENCE_LIKE = /<(?=\s{0,8}\/?\s{0,8}untrusted)/gi;

/** One line of our own words; names inside it may come from the cluster, so nothing in it may move the cursor or break the line. */
export function oneLine(text: string, maxChars = 600): string {
  return sanitise(text.replace(/\s*\n\s*/g, ' ').replace(FENCE_LIKE, '‹'), maxChars);
}

/** A time as people read it: Hubble and container logs tell nanoseconds. */
export function seconds(when: string): string {
  return when.replace(/\.\d+(?=Z|[+-]\d|$)/, '');
}

export function more(count: number, what: string): string[] {
  return count > 0 ? [`… ${count} more ${what}`] : [];
}

export function report(blocks: readonly string[], maxChars: number): string {
  return bound(blocks.join('\n').trim(), maxChars);
}

/** Pads the first column so that the second lines up. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`.trimEnd());
}
