/** Finds the lines that belong together with a telling one: the trace it stands in, also where other lines came between; used by `page-walk.ts`. */
import { endOf, type LineIndex } from './line-index.ts';
import { type Shape, shapeOf } from './shape.ts';

export interface Region {
  readonly first: number;
  readonly last: number;
  /** The page ends before the region does. */
  readonly open: boolean;
}

const MAX_BACK = 150;
const MAX_AHEAD = 200;
const MAX_BYTES = 64 * 1024;
/** What is left of the page before may be less (`page-walk.ts`). */
const MAX_BYTES_BACK = 16 * 1024;
/** Lines of other threads that may stand between two lines of one trace. */
const FOREIGN = 3;
const BEGINNING = 96;

export interface Page {
  readonly bytes: Buffer;
  readonly index: LineIndex;
}

/** `floor`: the first line that no earlier region took. */
export function regionAround(page: Page, hit: number, floor: number): Region {
  return { first: backFrom(page, hit, floor), ...aheadFrom(page, hit) };
}

function backFrom(page: Page, hit: number, floor: number): number {
  const lowest = Math.max(floor, hit - MAX_BACK);
  let at = hit;
  for (;;) {
    const inside = shapeAt(page, at) !== 'free';
    const above = nearestAbove(page, at, lowest);
    const near = above !== undefined && (inside || above === at - 1);
    const { starts } = page.index;
    if (near && (starts[hit] as number) - (starts[above] as number) < MAX_BYTES_BACK) at = above;
    else return inside ? Math.max(lowest, at - 1) : at;
  }
}

/** The next line up that is part of a trace; up to `FOREIGN` others may stand between. */
function nearestAbove(page: Page, at: number, lowest: number): number | undefined {
  for (let line = at - 1; line >= Math.max(lowest, at - 1 - FOREIGN); line--) {
    if (shapeAt(page, line) !== 'free') return line;
  }
  return undefined;
}

function aheadFrom(page: Page, hit: number): { last: number; open: boolean } {
  const { index } = page;
  const begin = index.starts[hit] as number;
  let last = hit;
  for (let line = hit + 1; line < index.count; line++) {
    if (line - hit > MAX_AHEAD || (index.starts[line] as number) - begin > MAX_BYTES) return { last, open: false };
    // What stands right below an indented line may close it: Python's exception, a brace.
    const closes = line - 1 === last && isIndented(page, last);
    if (closes || shapeAt(page, line) !== 'free') last = line;
    else if (line - last > FOREIGN) return { last, open: false };
  }
  return { last, open: true };
}

function isIndented({ bytes, index }: Page, line: number): boolean {
  const first = bytes[index.bodies[line] as number];
  return first === 32 || first === 9;
}

function shapeAt(page: Page, line: number): Shape {
  const { bytes, index } = page;
  const body = index.bodies[line] as number;
  const shape = shapeOf(bytes.toString('latin1', body, Math.min(body + BEGINNING, endOf(bytes, index, line))));
  return shape === 'free' && line > 0 && isPartial(page, line - 1) ? 'on' : shape;
}

/** `stdout P `: a container runtime's mark of a line that the next one goes on with (CRI log format), where a file was read as it is. */
function isPartial({ bytes, index }: Page, line: number): boolean {
  const body = index.bodies[line] as number;
  return (
    bytes[body] === 115 && bytes[body + 7] === 80 && /^std(?:out|err) P /.test(bytes.toString('latin1', body, body + 9))
  );
}
