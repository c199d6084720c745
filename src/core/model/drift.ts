/** Live policies compared with Git: what differs, in terms of rules. Produced by `gitops`, judged by `core/verdict`. */
import type { NotRead } from './cluster-state.ts';
import type { CommitRelation, PolicyHistory } from './git-history.ts';
import type { ObjectRef } from './object-meta.ts';
import type { SyncForecast } from './sync.ts';

export type DriftKind = 'same' | 'differs' | 'only_live' | 'only_git';

export interface FieldDifference {
  /** e.g. `spec.egress[1].toFQDNs`. */
  readonly path: string;
  readonly live?: unknown;
  readonly git?: unknown;
}

/** What of the Git document decides how it is applied, and the part of it that no difference shows. */
export interface GitSide {
  /** Its labels and annotations that Flux or Argo CD act on. */
  readonly controls: Readonly<Record<string, string>>;
  /** It holds `${…}`, which Flux replaces where postBuild is set. */
  readonly substitutes: boolean;
  /** Paths of differences where it writes nothing: applying it may leave what is there. */
  readonly unwritten: readonly string[];
  /** The part that decides egress, in normal form; only where no live object is there to compare with. */
  readonly egress?: unknown;
}

export interface PolicyDrift {
  readonly policy: ObjectRef;
  readonly kind: DriftKind;
  /** File in the repository, with the document's index in it. */
  readonly file?: { readonly path: string; readonly document: number };
  readonly differences: readonly FieldDifference[];
  readonly git?: GitSide;
  /** Who wrote the live object last, where managedFields say so. */
  readonly lastWriter?: { readonly manager: string; readonly time?: string };
  /** All who wrote it, latest first; writers of status alone are left out. */
  readonly writers?: readonly { readonly manager: string; readonly time?: string }[];
  /** Limits of the match with its Git document, in words. */
  readonly notes?: readonly string[];
  /** Which commits last changed it in Git, where that was asked. */
  readonly history?: PolicyHistory;
  /** What the next sync does to it, as far as it is known; says `not checked` in words where it is not. */
  readonly consequence: string;
  /** The same for programs, where the cluster's GitOps controllers were read. */
  readonly forecast?: SyncForecast;
}

/** The commit that a diff is against. */
export interface GitPlace {
  /** As in `DriftReport`. */
  readonly repository: string;
  readonly ref: string;
  readonly commit: string;
  readonly relations?: DriftReport['relations'];
}

export interface DriftReport {
  /** URL or path with credentials removed. */
  readonly repository: string;
  readonly ref: string;
  readonly commit: string;
  readonly policies: readonly PolicyDrift[];
  /** Files that could not be read as policies (broken YAML, templates), each with its reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** What revisions of controllers are to the commit, by their ids; only of clones, where the history is at hand. */
  readonly relations?: Readonly<Record<string, CommitRelation>>;
  /** The folder was built as its controller builds it, and not read as it is written. */
  readonly rendered?: true;
  /** It was read in the way of the one controller that applies exactly this folder: what that adds and replaces is in it. */
  readonly asApplied?: true;
  /** What was not made sure of while the repository was read. */
  readonly limits?: readonly NotRead[];
}
