/** One commit of one repository, ready to be read; made by whoever opens a repository, read by `files.ts`. */
import { editDistance } from '../core/text/edit-distance.ts';
import type { ObjectReader } from './objects/object.ts';

export interface Snapshot {
  readonly objects: ObjectReader;
  readonly commit: string;
  /** The root tree of the commit. */
  readonly tree: string;
  /** The branch, tag or commit that was read, as people call it. */
  readonly ref: string;
}

/** Names close to the one that was not found, nearest first, for the next step of an error. */
export function similarNames(wanted: string, names: readonly string[]): readonly string[] {
  const scored = [...new Set(names)].map((name) => ({
    name,
    score: distance(wanted.toLowerCase(), name.toLowerCase()),
  }));
  return scored
    .sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
    .slice(0, 5)
    .map((entry) => entry.name);
}

/** Containment is as near as it gets. */
function distance(a: string, b: string): number {
  return a.includes(b) || b.includes(a) ? 0.5 : editDistance(a, b);
}
