/** What the present revision of the pod's workload changed, and when it was rolled out; second part of `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { Revision, WorkloadHistory } from '../model/history.ts';
import { isTime, timeOf } from './failures.ts';
import { imageChange } from './words.ts';

export interface Rollout {
  readonly object: Revision['object'];
  /** Absent where an old revision was used again: its object is older than the rollout. */
  readonly at?: string;
  /** When the revision before was made, at the latest when it was rolled out. */
  readonly before?: string;
  /** In words, most telling first; empty where nothing that is compared differs from the revision before. */
  readonly changes: readonly string[];
  /** Nothing is kept of an earlier one. */
  readonly isFirst: boolean;
}

export function rolloutOf({ revisions }: WorkloadHistory): Rollout | undefined {
  const current = revisions.find((one) => one.current);
  // Without numbers nothing tells which one came before.
  if (current === undefined || (current.revision === 0 && revisions.length > 1)) return undefined;
  const earlier = revisions.filter(({ revision }) => revision < current.revision);
  const before = earlier.toSorted((a, b) => b.revision - a.revision)[0];
  return {
    object: current.object,
    ...(isTime(current.created) && !isReused(current, earlier) && { at: current.created }),
    ...(isTime(before?.created) && { before: before.created }),
    changes: before === undefined ? [] : changesBetween(before, current),
    isFirst: before === undefined,
  };
}

/** A rollback gives the old ReplicaSet or ControllerRevision the newest number, and leaves its creation as it was (kubernetes pkg/controller). */
function isReused(current: Revision, earlier: readonly Revision[]): boolean {
  return earlier.some(({ created }) => isTime(created) && timeOf(created) > timeOf(current.created));
}

const MOST_NAMES = 4;

function changesBetween(earlier: Revision, current: Revision): string[] {
  const [before, after] = [earlier.containers, current.containers];
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
  const settings = namesChanged('of the pod', earlier.settings ?? {}, current.settings ?? {});
  const env = pairs.flatMap(([now, was]) =>
    was === undefined ? [] : namesChanged(`environment of ${plain(now.name)}`, was.env, now.env),
  );
  return [...images, ...added, ...removed, ...settings, ...env];
}

type Values = Readonly<Record<string, string>>;

/** Names only: values may be secrets. */
function namesChanged(what: string, was: Values, now: Values): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])]
    .filter((key) => was[key] !== now[key])
    .map((key) => `${was[key] === undefined ? '+' : now[key] === undefined ? '-' : ''}${nameText(key)}`);
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return [`${what}: ${names.slice(0, MOST_NAMES).join(', ')}${more}`];
}

/** `label KEY` and `nodeSelector KEY` are two words. */
function nameText(key: string): string {
  const [first = '', ...rest] = key.split(' ');
  return rest.length === 1 && (first === 'label' || first === 'nodeSelector')
    ? `${first} ${plain(rest[0])}`
    : plain(key);
}
