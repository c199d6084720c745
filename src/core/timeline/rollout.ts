/** What the present revision of the pod's workload changed, and when it was rolled out; second part of `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { Revision, RevisionContainer, WorkloadHistory } from '../model/history.ts';
import { isTime, timeOf } from './failures.ts';
import { imageChange } from './words.ts';

export interface Rollout {
  readonly object: Revision['object'];
  /** Absent where an old revision was used again: its object is older than the rollout. */
  readonly at?: string;
  /** When the revision before was made, at the latest when it was rolled out. */
  readonly before?: string;
  /** In words, most telling first; empty where neither images nor environment differ from the revision before. */
  readonly changes: readonly string[];
  /** Nothing is kept of an earlier one. */
  readonly isFirst: boolean;
}

export function rolloutOf({ revisions }: WorkloadHistory): Rollout | undefined {
  const current = revisions.find((one) => one.current);
  if (current === undefined) return undefined;
  const earlier = revisions.filter(({ revision }) => revision < current.revision);
  const before = earlier.toSorted((a, b) => b.revision - a.revision)[0];
  return {
    object: current.object,
    ...(isTime(current.created) && !isReused(current, earlier) && { at: current.created }),
    ...(isTime(before?.created) && { before: before.created }),
    changes: before === undefined ? [] : changesBetween(before.containers, current.containers),
    isFirst: before === undefined,
  };
}

/** A rollback gives the old ReplicaSet or ControllerRevision the newest number, and leaves its creation as it was (kubernetes pkg/controller). */
function isReused(current: Revision, earlier: readonly Revision[]): boolean {
  return earlier.some(({ created }) => isTime(created) && timeOf(created) > timeOf(current.created));
}

const MOST_NAMES = 4;

function changesBetween(before: readonly RevisionContainer[], after: readonly RevisionContainer[]): string[] {
  const pairs = after.map((now) => [now, before.find(({ name }) => name === now.name)] as const);
  const images = pairs.flatMap(([now, was]) =>
    was === undefined || was.image === now.image
      ? []
      : [`${plain(now.name)} image ${imageChange(was.image, now.image)}`],
  );
  const added = pairs.flatMap(([now, was]) => (was === undefined ? [`container ${plain(now.name)} added`] : []));
  const removed = before
    .filter(({ name }) => !after.some((now) => now.name === name))
    .map(({ name }) => `container ${plain(name)} removed`);
  const env = pairs.flatMap(([now, was]) => (was === undefined ? [] : environmentChange(was, now)));
  return [...images, ...added, ...removed, ...env];
}

/** Names only: values may be secrets. */
function environmentChange({ env: was }: RevisionContainer, { name, env: now }: RevisionContainer): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])]
    .filter((key) => was[key] !== now[key])
    .map((key) => `${was[key] === undefined ? '+' : now[key] === undefined ? '-' : ''}${plain(key)}`);
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return [`environment of ${plain(name)}: ${shown}${more}`];
}
