/** Writes a proposed change into a local repository, for `tools/fix-command.ts` alone: no tool of a model has this port. Implemented by `gitops/`. */
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { RepositoryRef } from './gitops-source.ts';

export interface WriteRequest {
  /** What `GitopsSource.patch` was asked, so that the same files come out. */
  readonly changes: readonly PolicyChange[];
  readonly live: readonly PatchablePolicy[];
  readonly repo: RepositoryRef;
  /** The diff that was shown: nothing else is written. */
  readonly diff: string;
  /** A new branch that gets one commit; the working tree when absent. */
  readonly branch?: string;
  /** Of that commit. */
  readonly message: string;
}

export interface Written {
  /** Paths in the repository. */
  readonly files: readonly string[];
  readonly branch?: string;
  readonly commit?: string;
}

export interface PatchWriter {
  /**
   * All files or none. Never touches a remote, runs no hook.
   * @throws DiagnoseError WRITE_REFUSED (usage: what was asked; cluster: the state of the repository) or WRITE_FAILED, with nothing changed.
   */
  write(request: WriteRequest, signal: AbortSignal): Promise<Written>;
}
