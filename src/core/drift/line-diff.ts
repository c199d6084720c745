/** The shortest edit script between two line lists (Myers, "An O(ND) Difference Algorithm", 1986) for `unified-diff.ts`. */

export interface Line {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

/** Past this many edits the middle is replaced as a whole: still a correct diff, only not the shortest. */
const MAX_EDITS = 400;

export function editScript(before: readonly string[], after: readonly string[]): readonly Line[] {
  const head = commonLength(before, after);
  const tail = commonLength(before.slice(head).toReversed(), after.slice(head).toReversed());
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  return [
    ...lines(' ', before.slice(0, head)),
    ...middle(old, fresh),
    ...lines(' ', before.slice(before.length - tail)),
  ];
}

function lines(kind: Line['kind'], texts: readonly string[]): Line[] {
  return texts.map((text) => ({ kind, text }));
}

function commonLength(left: readonly string[], right: readonly string[]): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length += 1;
  return length;
}

function middle(old: readonly string[], fresh: readonly string[]): Line[] {
  const frontiers = old.length === 0 || fresh.length === 0 ? undefined : search(old, fresh);
  if (frontiers === undefined) return [...lines('-', old), ...lines('+', fresh)];
  return backtrack(old, fresh, frontiers);
}

type Frontier = ReadonlyMap<number, number>;

/** `frontiers[d]`: the furthest x on each diagonal before the d-th edit. */
function search(old: readonly string[], fresh: readonly string[]): readonly Frontier[] | undefined {
  const frontiers: Frontier[] = [];
  let furthest: Frontier = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(old.length + fresh.length, MAX_EDITS); edits += 1) {
    frontiers.push(furthest);
    const next = new Map(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const x = slide(old, fresh, { x: startX(furthest, diagonal, edits), diagonal });
      next.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return frontiers;
    }
    furthest = next;
  }
  return undefined;
}

function goesDown(furthest: Frontier, diagonal: number, edits: number): boolean {
  const [left, right] = [furthest.get(diagonal - 1) ?? -1, furthest.get(diagonal + 1) ?? -1];
  return diagonal === -edits || (diagonal !== edits && left < right);
}

function startX(furthest: Frontier, diagonal: number, edits: number): number {
  return goesDown(furthest, diagonal, edits)
    ? (furthest.get(diagonal + 1) ?? 0)
    : (furthest.get(diagonal - 1) ?? 0) + 1;
}

function slide(old: readonly string[], fresh: readonly string[], from: { x: number; diagonal: number }): number {
  let { x } = from;
  while (x < old.length && x - from.diagonal < fresh.length && old[x] === fresh[x - from.diagonal]) x += 1;
  return x;
}

function backtrack(old: readonly string[], fresh: readonly string[], frontiers: readonly Frontier[]): Line[] {
  const out: Line[] = [];
  let [x, y] = [old.length, fresh.length];
  for (let edits = frontiers.length - 1; edits >= 0; edits -= 1) {
    const furthest = frontiers[edits] as Frontier;
    const diagonal = x - y;
    const down = goesDown(furthest, diagonal, edits);
    const start = startX(furthest, diagonal, edits);
    for (; x > Math.max(start, 0) && y > 0 && x > start; x -= 1, y -= 1)
      out.push({ kind: ' ', text: old[x - 1] as string });
    if (edits === 0) break;
    out.push(down ? { kind: '+', text: fresh[y - 1] as string } : { kind: '-', text: old[x - 1] as string });
    [x, y] = down ? [x, y - 1] : [x - 1, y];
  }
  return out.toReversed();
}
