/** The sentence that says what the next sync means for one policy, and what about it was not checked; used by `report.ts`. */
import type { FieldDifference, PolicyDrift } from '../model/drift.ts';
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import type { SyncForecast } from '../model/sync.ts';
import { contentText } from './content.ts';
import type { JsonRecord } from './json.ts';
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
    ...effectOf(added, 'Git lacks what the live object has at', 'removes it'),
    ...effectOf(missing, 'the live object lacks what Git has at', 'adds it'),
    ...effectOf(changed, 'Git says something else than the live object at', "sets Git's value"),
  ];
  const sentence = parts.join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}; ${tracking(meta)}`;
}

function effectOf(differences: readonly FieldDifference[], what: string, effect: string): string[] {
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

/** The sentence where a forecast was made: what differs, then what happens to it, when and why. */
export function foretold(drift: PolicyDrift, told: SyncForecast, live: JsonRecord | undefined): string {
  const sentence = `${whatDiffers(drift, live)}; ${whatHappens(told)}.`;
  return [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, ...(drift.notes ?? [])].join(' ');
}

function whatDiffers({ kind, differences }: PolicyDrift, live: JsonRecord | undefined): string {
  if (kind === 'same') return 'live and Git agree on egress';
  if (kind === 'only_live') return 'the files read from this repository do not hold it';
  if (kind === 'only_git') return 'Git holds it, and it is not among the live policies that were read';
  const shown = differences.slice(0, 3).map((one) => said(one, live));
  const more = differences.length > shown.length ? ` (and ${differences.length - shown.length} more differences)` : '';
  return `${shown.join('; ')}${more}`;
}

function said(difference: FieldDifference, whole: JsonRecord | undefined): string {
  const { live, git } = difference;
  if (git === undefined) return `Git lacks ${contentText(difference, live, whole)} that live has`;
  if (live === undefined) return `live lacks ${contentText(difference, git, whole)} that Git has`;
  const [here, there] = [contentText(difference, live, whole), contentText(difference, git, whole)];
  return here === there ? `live and Git differ at ${difference.path}` : `live has ${here} where Git has ${there}`;
}

const VERBS = {
  reverted: 'sets it back to Git',
  pruned: 'deletes it',
  created: 'creates it',
  kept: 'leaves it as it is',
} as const;

function whatHappens({ outcome, by, when, because }: SyncForecast): string {
  if (outcome === 'not_checked') return `what the next sync does to it was not checked: ${because}`;
  if (outcome === 'not_tracked') return `no GitOps controller changes it: ${because}`;
  const timed = when === undefined ? '' : outcome === 'kept' ? ` (a change: ${when})` : ` ${when}`;
  return `${by === undefined ? 'the sync' : controllerText(by)} ${VERBS[outcome]}${timed}: ${because}`;
}

const TOOLS: Readonly<Record<string, string>> = { Kustomization: 'Flux', HelmRelease: 'Flux', Application: 'Argo CD' };

/** `Flux Kustomization flux-system/policies`. */
export function controllerText({ kind, namespace, name }: ObjectRef): string {
  return `${TOOLS[kind] ?? ''} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`.trim();
}
