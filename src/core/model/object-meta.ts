/** The identity and bookkeeping every Kubernetes object carries; first thing `cluster/decode` produces, read everywhere in core. */

/** Which manager wrote an object and when (metadata.managedFields). */
export interface FieldManager {
  readonly manager: string;
  readonly operation: string;
  /** RFC 3339; absent where the API server did not record it. */
  readonly time?: string;
  /** Paths of the spec's fields that it owns; of policies alone, absent where none was recorded. */
  readonly owns?: readonly string[];
  /** e.g. `status`: then it wrote nothing of what the object asks for. */
  readonly subresource?: string;
}

export interface ObjectMeta {
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly { readonly kind: string; readonly name: string; readonly uid?: string }[];
  readonly managers: readonly FieldManager[];
  /** Of policies alone: what a deletion waits for. */
  readonly finalizers?: readonly string[];
  /** Fields of the spec that a client-side apply wrote last; absent where nothing was applied that way. */
  readonly appliedSpec?: readonly string[];
}

/** Names one object in words a user can paste into kubectl. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
