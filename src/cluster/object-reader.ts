/** What live cluster and archive have in common: raw objects by resource; both decode through `decode/`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ClusterIdentity } from '../ports/cluster-source.ts';
import type { Resource } from './resources.ts';

/** An API object as JSON, with its `kind` and `apiVersion`, not yet checked. */
export type RawObject = Readonly<Record<string, unknown>>;

export interface Listing {
  readonly items: readonly RawObject[];
  /** What is known to be missing from `items`: a bound ended the list, or an archive may hold only some namespaces. */
  readonly missing?: NotRead;
}

export interface ListScope {
  /** All namespaces when absent. */
  readonly namespace?: string;
  /** Stop after about so many objects. */
  readonly limit?: number;
}

export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

/** Refusals and absences are `Read` failures; an API server that cannot be reached throws DiagnoseError API_UNREACHABLE. */
export interface ObjectReader {
  identify(): ClusterIdentity;
  get(resource: Resource, at: ObjectName, signal: AbortSignal): Promise<Read<RawObject>>;
  list(resource: Resource, scope: ListScope, signal: AbortSignal): Promise<Read<Listing>>;
  /** Parts of the source that cannot be read at all, e.g. files that are not YAML. */
  problems(): readonly NotRead[];
}
