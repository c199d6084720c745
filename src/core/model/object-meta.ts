/** The identity and bookkeeping every Kubernetes object carries; first thing `cluster/decode` produces, read everywhere in core. */

/** Which manager wrote an object and when (metadata.managedFields, without the field sets). */
export interface FieldManager {
  readonly manager: string;
  readonly operation: string;
  /** RFC 3339; absent where the API server did not record it. */
  readonly time?: string;
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
}

/** Names one object in words a user can paste into kubectl. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
