/** Policies as Git has them, and edits of those files as diffs. Implemented by `gitops/`. Never writes anything. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { DriftReport, GitPlace } from '../core/model/drift.ts';
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { PolicyHistory } from '../core/model/git-history.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { FluxOverlay, HelmInputs } from '../core/model/sync.ts';

export interface RepositoryRef {
  /** http(s) or ssh URL (`user@host:path` too), or an absolute path of a local working tree or bare repository. */
  readonly repository: string;
  /** Branch, tag or commit; HEAD when absent. */
  readonly ref?: string;
  /** Only files under this folder. */
  readonly path?: string;
  /** How a controller turns the folder into objects; without it a folder with a kustomization is built, any other read as it is. */
  readonly rendering?: Rendering;
  /** Present where the history of the policies' files is wanted as well. */
  readonly history?: HistoryWanted;
}

export interface HistoryWanted {
  /** Whose rules it is about; without it, that of what differs. */
  readonly host?: string;
  /** Commits that a controller has: what they are to the one that is read, where that is a clone. */
  readonly revisions?: readonly string[];
}

export interface Rendering {
  /** Values of Flux's variables (`postBuild`), as far as they are known. */
  readonly substitute?: Readonly<Record<string, string>>;
  /** They are all that there are, so that a default stands where none is given. */
  readonly substituteAll?: true;
  /** Where they are not: what was not read, e.g. `Secret NAME (postBuild.substituteFrom), which is not read`. */
  readonly substituteUnread?: string;
  /** Of a Kustomization of Flux: the namespace of all that it applies, whatever the files say. */
  readonly targetNamespace?: string;
  /** What it adds to the folder's kustomization. */
  readonly overlay?: FluxOverlay;
  /** Argo CD's options for a folder of plain manifests. */
  readonly directory?: DirectoryOptions;
  /** The folder is a chart; rendered only where the operator allows it. */
  readonly helm?: HelmInputs;
}

/** `spec.source.directory` of an Argo CD Application. */
export interface DirectoryOptions {
  readonly recurse: boolean;
  readonly include?: string;
  readonly exclude?: string;
}

export interface PolicyPatch {
  /** Unified diff against the Git file, or against the live object's YAML when no Git file holds it. */
  readonly diff: string;
  readonly file: string;
  /** True when the diff is against a file in Git. */
  readonly inGit: boolean;
  /** What to know about the diff: why it is not against Git, or how the place in the file was found. */
  readonly note?: string;
  /** Where it was asked for, and the diff is against a file in Git that holds the policy. */
  readonly history?: PolicyHistory;
  /** Where the diff is against a file in Git. */
  readonly against?: GitPlace;
  /** What was not made sure of while the repository was read. */
  readonly limits?: readonly NotRead[];
}

export interface GitopsSource {
  /** Compares the given live policies (and what Git holds for the same namespaces) with the repository. */
  compare(
    repo: RepositoryRef,
    live: readonly PatchablePolicy[],
    namespace: string,
    signal: AbortSignal,
  ): Promise<Read<DriftReport>>;
  /**
   * Renders changes as one diff: against the repository's file where `repo` holds the policy, else against the live object.
   * They are applied in order, so that their diff applies as a whole; `live` are the objects that their paths belong to.
   */
  patch(
    changes: readonly PolicyChange[],
    live: readonly PatchablePolicy[],
    repo: RepositoryRef | undefined,
    signal: AbortSignal,
  ): Promise<Read<PolicyPatch>>;
}
