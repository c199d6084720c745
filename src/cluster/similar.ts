/** Up to three names close to one that was not found, for "did you mean"; used by `find-pod.ts`. */

/** Nearest first: by edits, a common beginning counting for much because generated names share it. */
export function similarNames(wanted: string, names: readonly string[]): readonly string[] {
  const scored = names.map((name) => ({ name, distance: distanceOf(wanted, name) }));
  return scored
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function distanceOf(wanted: string, name: string): number {
  if (name.startsWith(wanted) || name.includes(wanted)) return 0;
  return editDistance(wanted, name.slice(0, wanted.length + 12));
}

/** Levenshtein. Names are at most 253 characters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
