/** The words in which ownership is asked and answered; shared by `owner.ts`, its parts and the forecasts. */
import type { DriftKind, FieldDifference, GitSide } from '../model/drift.ts';
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import type { SyncController, SyncState } from '../model/sync.ts';
import type { Compared } from './same-source.ts';

export type Owner =
  | { readonly state: 'owned'; readonly by: SyncController; readonly because: string }
  /** No controller that was read has it. */
  | { readonly state: 'none'; readonly because: string }
  | { readonly state: 'unknown'; readonly because: string };

/** A policy, whether it is live or only in Git. */
export interface Owned {
  readonly policy: ObjectRef;
  /** API group of its kind. */
  readonly group: string;
  readonly live?: ObjectMeta;
}

export interface SyncQuestion extends Owned {
  readonly kind: DriftKind;
  readonly differences: readonly FieldDifference[];
  readonly git?: GitSide;
  /** File of the Git document. */
  readonly file?: string;
  readonly compared: Compared;
}

/** Says nothing either way. */
export const NO_MARK: Owner = { state: 'none', because: '' };

/** Ids as cli-utils writes them (pkg/object/objmetadata.go): `NAMESPACE_NAME_GROUP_KIND`. */
export function inventoryId({ policy, group }: Owned): string {
  return `${policy.namespace ?? ''}_${policy.name}_${group}_${policy.kind}`;
}

/** Kinds that were not read, by what they are called in `cluster/resources.ts`. */
export function isUnread({ notRead }: SyncState, label: string): boolean {
  return notRead.some(({ what }) => what.includes(label));
}
