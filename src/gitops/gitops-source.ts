/** The `GitopsSource` port over isomorphic-git: opens the repository, reads its policies, compares or patches. Constructed in compose.ts. */
import { driftsOf } from '../core/drift/report.ts';
import type { Read } from '../core/model/cluster-state.ts';
import type { DriftReport } from '../core/model/drift.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { GitopsSource, PolicyPatch, RepositoryRef } from '../ports/gitops-source.ts';
import type { GitDocument } from './documents.ts';
import type { Skipped } from './files.ts';
import { toNotRead } from './git-problem.ts';
import { displayOf } from './location.ts';
import { type PatchInput, patchChanges } from './patch-changes.ts';
import { createRepositoryReader, type RepositoryReader, type RepositoryReaderOptions } from './repository-reader.ts';

const MAX_SKIPPED = 100;

/** Only reads. Every failure to read is a `Read` failure with its next step; nothing is thrown for a bad repository. */
export function createGitopsSource(options: RepositoryReaderOptions = {}): GitopsSource {
  const reader = createRepositoryReader(options);
  return {
    compare: (repo, live, namespace, signal) => attempt(repo, () => compare(reader, { repo, live, namespace }, signal)),
    patch: (changes, live, repo, signal) =>
      attempt(repo, async (): Promise<PolicyPatch> => {
        const git = repo && { ...(await reader.read(repo, signal)), display: displayOf(repo.repository) };
        return patchChanges({ changes, live, git } satisfies PatchInput);
      }),
  };
}

async function attempt<T>(repo: RepositoryRef | undefined, work: () => Promise<T>): Promise<Read<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const notRead = toNotRead(error, repo === undefined ? '' : displayOf(repo.repository));
    return { ok: false, notRead: repo === undefined ? { ...notRead, what: 'patch of the live policy' } : notRead };
  }
}

interface CompareRequest {
  readonly repo: RepositoryRef;
  readonly live: readonly PatchablePolicy[];
  readonly namespace: string;
}

async function compare(reader: RepositoryReader, request: CompareRequest, signal: AbortSignal): Promise<DriftReport> {
  const { repo, live, namespace } = request;
  const { snapshot, applied: documents, skipped } = await reader.read(repo, signal);
  return {
    repository: displayOf(repo.repository),
    ref: snapshot.ref,
    commit: snapshot.commit,
    policies: driftsOf(live, documents, { namespace, unread: skipped.length }),
    skipped: capped([...skipped, ...homeless(documents, live)]),
  };
}

/** Which namespace a document without one belongs to is the applying tool's choice, so it is nobody's drift. */
function homeless(documents: readonly GitDocument[], live: readonly PatchablePolicy[]): Skipped[] {
  return documents
    .filter((document) => document.namespace === undefined && document.kind !== 'CiliumClusterwideNetworkPolicy')
    .filter((document) => !live.some((policy) => policy.kind === document.kind && policy.meta.name === document.name))
    .map(({ file, kind, name }) => ({
      path: file.path,
      reason: `document ${file.document + 1}, ${kind} ${name}: names no namespace and no live policy has its name`,
    }));
}

function capped(skipped: readonly Skipped[]): readonly Skipped[] {
  if (skipped.length <= MAX_SKIPPED) return skipped;
  return [...skipped.slice(0, MAX_SKIPPED), { path: '…', reason: `${skipped.length - MAX_SKIPPED} more` }];
}
