/** The `GitopsSource` port over isomorphic-git: opens the repository, reads its policies, compares or patches. Constructed in compose.ts. */
import { driftsOf } from '../core/drift/report.ts';
import type { Read } from '../core/model/cluster-state.ts';
import type { DriftReport } from '../core/model/drift.ts';
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { CommitRelation, PolicyHistory } from '../core/model/git-history.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { GitopsSource, PolicyPatch, RepositoryRef } from '../ports/gitops-source.ts';
import type { GitDocument } from './documents.ts';
import type { Skipped } from './files.ts';
import { toNotRead } from './git-problem.ts';
import type { HistoryQuestion } from './history/policy-history.ts';
import { questionFor, withHistory } from './history/with-history.ts';
import { displayOf, folderOf, isLocal } from './location.ts';
import type { ObjectReader } from './objects/object.ts';
import { provedFiles } from './patch-proof.ts';
import {
  createRepositoryReader,
  type RepositoryContent,
  type RepositoryReader,
  type RepositoryReaderOptions,
} from './repository-reader.ts';

const MAX_SKIPPED = 100;

/** Only reads. Every failure to read is a `Read` failure with its next step; nothing is thrown for a bad repository. */
export function createGitopsSource(options: RepositoryReaderOptions = {}): GitopsSource {
  const reader = createRepositoryReader(options);
  return {
    compare: (repo, live, namespace, signal) => attempt(repo, () => compare(reader, { repo, live, namespace }, signal)),
    patch: (changes, live, repo, signal) =>
      attempt(repo, async (): Promise<PolicyPatch> => {
        const git = repo && { ...(await reader.read(repo, false, signal)), display: displayOf(repo.repository) };
        const { patch } = await provedFiles({ changes, live, git, built: git?.built, applied: git?.applied ?? [] });
        return repo === undefined || git === undefined
          ? patch
          : withSource(reader, { repo, git, patch, changes }, signal);
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
  const content = await reader.read(repo, true, signal);
  const { snapshot, applied: documents, skipped, limits } = content;
  const drifts = driftsOf(live, documents, { namespace, unread: skipped.length });
  const asked = repo.history;
  const policies =
    asked === undefined
      ? drifts
      : await withHistory(drifts, content, { host: asked.host, folder: folderOf(repo) }, (questions) =>
          askHistory(reader, { repo, commit: snapshot.commit, questions }, signal),
        );
  const relations = await relationsOf(reader, { repo, commit: snapshot.commit }, signal);
  return {
    repository: displayOf(repo.repository),
    ref: snapshot.ref,
    commit: snapshot.commit,
    policies,
    skipped: capped([...skipped, ...homeless(documents, live)]),
    ...(relations && { relations }),
    ...(content.rendered && { rendered: true }),
    ...(repo.rendering && { asApplied: true }),
    ...(limits.length > 0 && { limits }),
  };
}

interface Opened {
  readonly repo: RepositoryRef;
  readonly commit: string;
}

/** History that cannot be read takes nothing from the comparison: its answers say why. */
async function askHistory(
  reader: RepositoryReader,
  { repo, commit, questions }: Opened & { readonly questions: readonly HistoryQuestion[] },
  signal: AbortSignal,
): Promise<readonly (PolicyHistory | undefined)[]> {
  try {
    const { policyHistories } = await import('./history/policy-history.ts');
    const work = (objects: ObjectReader, until: AbortSignal) => policyHistories(objects, commit, questions, until);
    return await reader.reopen(repo, commit, work, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { reason } = toNotRead(error, displayOf(repo.repository));
    return questions.map((question) => ({
      file: 'file' in question ? question.file : question.folder,
      entries: [],
      notFurther: { because: reason },
    }));
  }
}

/** Undefined for remotes: what they have is what a controller fetches, and their history is not here. */
async function relationsOf(
  reader: RepositoryReader,
  { repo, commit }: Opened,
  signal: AbortSignal,
): Promise<DriftReport['relations']> {
  const others = (repo.history?.revisions ?? []).filter((revision) => revision !== commit);
  if (others.length === 0 || !isLocal(repo)) return undefined;
  const { createCommits } = await import('./history/commits.ts');
  const { relationOf } = await import('./history/relation.ts');
  const work = async (objects: ObjectReader, until: AbortSignal): Promise<Record<string, CommitRelation>> => {
    const commits = createCommits(objects, until);
    const found: Record<string, CommitRelation> = {};
    for (const other of new Set(others)) found[other] = await relationOf(commits, commit, other);
    return found;
  };
  // A history that is damaged or takes too long settles nothing.
  return reader.reopen(repo, commit, work, signal).catch(() => undefined);
}

interface Patched {
  readonly repo: RepositoryRef;
  readonly git: RepositoryContent;
  readonly patch: PolicyPatch;
  readonly changes: readonly PolicyChange[];
}

/** What the diff is against, and which commit last changed what it changes. */
async function withSource(
  reader: RepositoryReader,
  { repo, git, patch, changes }: Patched,
  signal: AbortSignal,
): Promise<PolicyPatch> {
  const limits = git.limits.length > 0 ? { limits: git.limits } : {};
  if (!patch.inGit) return { ...patch, ...limits };
  const { commit, ref } = git.snapshot;
  const relations = await relationsOf(reader, { repo, commit }, signal);
  const against = { repository: displayOf(repo.repository), ref, commit, ...(relations && { relations }) };
  const ofPatch = git.documents.find(
    ({ file, kind, name }) =>
      file.path === patch.file && changes.some(({ policy }) => policy.kind === kind && policy.name === name),
  );
  if (repo.history === undefined || ofPatch === undefined) return { ...patch, against, ...limits };
  const questions = [questionFor(ofPatch, repo.history.host)];
  const [history] = await askHistory(reader, { repo, commit, questions }, signal);
  return { ...patch, against, ...limits, ...(history && { history }) };
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
