/** The sentence that says what the next sync means for one policy, and what about it was not checked; used by `report.ts`. */
import type { FieldDifference } from '../model/drift.ts';
import type { ObjectMeta } from '../model/object-meta.ts';
import { trackingMarks } from './ownership.ts';

const NOT_COMPARED = 'Only the part of the spec that decides egress was compared.';

/** Whether some controller applies this repository is never known from the repository; only marks on the object hint at it. */
function tracking(meta: ObjectMeta): string {
  const marks = trackingMarks(meta);
  if (marks.length === 0) return 'whether a controller (Flux, Argo CD) applies this repository was not checked.';
  return `the live object is marked as tracked by ${marks.join(' and ')}; whether that applies this repository was not checked.`;
}

export function whenSame(meta: ObjectMeta): string {
  return `Live and Git agree, so syncing this file would not change the egress rules; ${tracking(meta)} ${NOT_COMPARED}`;
}

export function whenDiffers(meta: ObjectMeta, differences: readonly FieldDifference[]): string {
  const added = differences.filter((entry) => entry.live !== undefined && entry.git === undefined);
  const missing = differences.filter((entry) => entry.live === undefined && entry.git !== undefined);
  const changed = differences.filter((entry) => entry.live !== undefined && entry.git !== undefined);
  const parts = [
    ...said(added, 'Git lacks what the live object has at', 'removes it'),
    ...said(missing, 'the live object lacks what Git has at', 'adds it'),
    ...said(changed, 'Git says something else than the live object at', "sets Git's value"),
  ];
  const sentence = parts.join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}; ${tracking(meta)}`;
}

function said(differences: readonly FieldDifference[], what: string, effect: string): string[] {
  if (differences.length === 0) return [];
  const paths = differences.slice(0, 4).map((entry) => entry.path);
  const more = differences.length > paths.length ? ` and ${differences.length - paths.length} more places` : '';
  return [`${what} ${paths.join(', ')}${more}: a controller that syncs this file ${effect} at its next reconciliation`];
}

/** `unread`: how many files were passed over; one of them may hold the policy. */
export function whenOnlyLive(meta: ObjectMeta, unread: number): string {
  const marks = trackingMarks(meta);
  const passed = unread === 0 ? '' : ` (${unread} skipped entries may hold it)`;
  const base = `Not among the files read from this repository${passed}`;
  if (marks.length === 0) {
    return `${base}: a controller that prunes would remove it only if it tracks it, and it carries no tracking mark of Flux, Argo CD or Helm; not checked further.`;
  }
  return `${base}, yet the live object is marked as tracked by ${marks.join(' and ')}: it may come from another repository, path or rendered source, and pruning would apply only if its source no longer holds it; not checked.`;
}

export function whenOnlyGit(): string {
  return 'Git holds it, but it is not among the live policies that were read: a controller that syncs this file would create it; whether one does was not checked.';
}
