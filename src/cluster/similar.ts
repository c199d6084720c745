/** Up to three names close to one that was not found, for "did you mean"; used by `find-pod.ts`. */
import { editDistance } from '../core/text/edit-distance.ts';

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
