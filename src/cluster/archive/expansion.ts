/** Bounds what YAML aliases stand for: a few nested ones mean gigabytes once a document is walked or written; used by `parse.ts`. */

const MAX_DEPTH = 200;

/** True when `value`, written out in full, is larger than `budget` characters or nested without end. */
export function expandsBeyond(value: unknown, budget: number): boolean {
  return remaining(value, budget, 0) < 0;
}

function remaining(value: unknown, budget: number, depth: number): number {
  if (budget < 0 || depth > MAX_DEPTH) return -1;
  if (typeof value === 'string') return budget - value.length;
  if (typeof value !== 'object' || value === null) return budget - 1;
  let left = budget - 1;
  for (const [key, child] of Object.entries(value)) {
    left = remaining(child, left - key.length, depth + 1);
    if (left < 0) return left;
  }
  return left;
}
