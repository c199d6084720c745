/** The `GitopsSource` port over isomorphic-git: opens the repository, reads its policies, compares or patches. Constructed in compose.ts. */
import type { Edit } from '../core/drift/apply-change.ts';
import type { Json, JsonRecord } from '../core/drift/json.ts';
import { toManifest } from '../core/drift/manifest.ts';
import { normalise } from '../core/drift/normalise.ts';
import { driftsOf, matchOf } from '../core/drift/report.ts';
import { unifiedDiff } from '../core/drift/unified-diff.ts';
import type { Read } from '../core/model/cluster-state.ts';
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { Policy } from '../core/model/policy.ts';
import type { GitopsSource, PolicyPatch, RepositoryRef } from '../ports/gitops-source.ts';
import type { GitDocument } from './documents.ts';
import { type Skipped } from './files.ts';
import { GitProblem, toNotRead } from './git-problem.ts';
import { displayOf } from './location.ts';
import { patchFile } from './patch-file.ts';
import { patchLive } from './patch-live.ts';
import { createRepositoryReader, type RepositoryReader, type RepositoryReaderOptions } from './repository-reader.ts';

export type GitopsOptions = RepositoryReaderOptions;

const MAX_SKIPPED = 100;

/** Only reads. Every failure to read is a `Read` failure with its next step; nothing is thrown for a bad repository. */
export function createGitopsSource(options: GitopsOptions = {}): GitopsSource {
  const reader = createRepositoryReader(options);
  return {
    compare: (repo, live, namespace, signal) =>
      attempt(displayOf(repo.repository), async () => {
        const { snapshot, documents, skipped } = await reader.read(repo, signal);
        return {
          repository: displayOf(repo.repository),
          ref: snapshot.ref,
          commit: snapshot.commit,
          policies: driftsOf(live, documents, namespace),
          skipped: capped([...skipped, ...homeless(documents, live)]),
        };
      }),
    patch: (change, live, repo, signal) =>
      attempt(repo === undefined ? 'none' : displayOf(repo.repository), () =>
        patch(reader, { change, live, repo }, signal),
      ),
  };
}

async function attempt<T>(display: string, work: () => Promise<T>): Promise<Read<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, notRead: toNotRead(error, display) };
  }
}

/** Which namespace a document without one belongs to is the applying tool's choice, so it is nobody's drift. */
function homeless(documents: readonly GitDocument[], live: readonly Policy[]): Skipped[] {
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

interface PatchRequest {
  readonly change: PolicyChange | readonly PolicyChange[];
  readonly live: Policy | undefined;
  readonly repo: RepositoryRef | undefined;
}

async function patch(reader: RepositoryReader, request: PatchRequest, signal: AbortSignal): Promise<PolicyPatch> {
  const { live, repo } = request;
  const changes = [request.change].flat() as readonly PolicyChange[];
  const [first] = changes;
  if (first === undefined) throw new GitProblem('invalid', 'no change was given', 'Give at least one change.');
  const edits = changes.map(
    ({ op, path, value }): Edit => ({ op, path, ...(value === undefined ? {} : { value: value as Json }) }),
  );
  if (repo === undefined) return patchLive(first.policy, live, edits);
  const { documents } = await reader.read(repo, signal);
  const match = findDocument(documents, first, live);
  if (match !== undefined) return patchDocument(match.policy, live, { edits, notes: match.notes });
  const note = `${displayOf(repo.repository)} holds no file with it that could be read; the diff is against the live object.`;
  return { ...patchLive(first.policy, live, edits), note };
}

function findDocument(
  documents: readonly GitDocument[],
  change: PolicyChange,
  live: Policy | undefined,
): { policy: GitDocument; notes: readonly string[] } | undefined {
  if (live !== undefined) return matchOf(live, documents);
  const { kind, name, namespace } = change.policy;
  const found = documents.filter(
    (entry) => entry.kind === kind && entry.name === name && entry.namespace === namespace,
  );
  return found.length === 1 && found[0] !== undefined ? { policy: found[0], notes: [] } : undefined;
}

function patchDocument(
  document: GitDocument,
  live: Policy | undefined,
  { edits, notes }: { edits: readonly Edit[]; notes: readonly string[] },
): PolicyPatch {
  const { text, moved } = patchFile(document, live === undefined ? document.normal : normalOf(live), edits);
  const { path } = document.file;
  const shifted = moved
    ? ['Live and Git order their rules differently: the rule was found in the file by its content.']
    : [];
  const all = [...notes, ...shifted];
  const diff = unifiedDiff({ path, before: document.text, after: text });
  return { diff, file: path, inGit: true, ...(all.length === 0 ? {} : { note: all.join(' ') }) };
}

function normalOf(live: Policy): JsonRecord {
  const result = normalise(live.kind, toManifest(live).manifest);
  return result.ok ? result.normal : {};
}
