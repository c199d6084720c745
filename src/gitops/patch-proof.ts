/** A patch whose files are built before they are applied: built again with it, to see that the change arrives and nothing else; from `gitops-source.ts` and `patch-writer.ts`. */
import { applyEdit, type Edit } from '../core/drift/apply-change.ts';
import { type Json, type JsonRecord, setText } from '../core/drift/json.ts';
import { locate } from '../core/drift/locate.ts';
import { normalise } from '../core/drift/normalise.ts';
import type { PolicyPatch } from '../ports/gitops-source.ts';
import type { GitDocument } from './documents.ts';
import { GitProblem } from './git-problem.ts';
import { type EditedFile, editFiles, type Group, groupsOf, normalOf, type PatchInput } from './patch-changes.ts';
import { NotRendered } from './render/not-rendered.ts';

/** A kustomization that was built, and can be once more from other texts of its files. */
export interface Built {
  /** From the repository's root. */
  readonly folder: string;
  readonly sources: ReadonlyMap<string, Buffer>;
  readonly rebuild: (files: ReadonlyMap<string, Buffer>) => Promise<readonly GitDocument[]>;
}

export interface ProofInput extends PatchInput {
  /** Undefined where files are applied as they are written, or it is not known how. */
  readonly built: Built | undefined;
  /** What the build made. */
  readonly applied: readonly GitDocument[];
}

/** @throws GitProblem when a change cannot be rendered, or is lost in the build */
export async function provedFiles(
  input: ProofInput,
): Promise<{ readonly patch: PolicyPatch; readonly files: readonly EditedFile[] }> {
  const edited = editFiles(input);
  const { built } = input;
  const own = edited.files.filter(({ path }) => built?.sources.has(path) === true);
  if (built === undefined || own.length === 0) return edited;
  const texts = edited.files.map(({ path, after }): [string, Buffer] => [path, Buffer.from(after)]);
  const after = await rebuilt(built, new Map([...built.sources, ...texts]));
  refuseOtherOutcome(input, after, own);
  const shared = own.filter(({ path }) => built.folder !== '' && !path.startsWith(`${built.folder}/`));
  return { ...edited, patch: withNote(edited.patch, built.folder, shared) };
}

async function rebuilt({ rebuild }: Built, texts: ReadonlyMap<string, Buffer>): Promise<readonly GitDocument[]> {
  try {
    return await rebuild(texts);
  } catch (error) {
    if (!(error instanceof NotRendered)) throw error;
    const reason = `the edit could not be built: ${error.message}`;
    throw new GitProblem('invalid', reason, 'Edit the files by hand; the change itself is in the proposal.');
  }
}

function refuseOtherOutcome(input: ProofInput, after: readonly GitDocument[], own: readonly EditedFile[]): void {
  const { applied } = input;
  const groups = groupsOf(input);
  const isMeant = (one: GitDocument): boolean => groups.some(({ ref }) => isNamed(one, ref));
  const arrives = groups.every((group) => arrivesIn(group, applied, after));
  const untouched = applied.every((one) => isMeant(one) || same(one, counterpart(one, after)));
  if (arrives && untouched) return;
  const files = own.map(({ path }) => path).join(', ');
  throw new GitProblem(
    'invalid',
    `no patch of ${files}: the kustomization that builds on it changes that part, and what it makes of the edit is not the change`,
    'Edit the overlay by hand; the change itself is in the proposal.',
  );
}

/** What the build makes now is what it made before, with the edits. */
function arrivesIn(
  { ref, live, edits }: Group,
  applied: readonly GitDocument[],
  after: readonly GitDocument[],
): boolean {
  const now = after.find((one) => isNamed(one, ref));
  if (edits[0]?.path.length === 0) return now !== undefined;
  const before = applied.find((one) => isNamed(one, ref));
  if (now === undefined || before === undefined) return false;
  const wanted = editedLike(before, live === undefined ? before.normal : normalOf(live), edits);
  const normal = wanted && normalise(before.kind, wanted);
  return normal !== undefined && normal.ok && setText(normal.normal) === setText(now.normal);
}

/** The edits belong to the live object; the same places are found in what was built. */
function editedLike({ kind, manifest }: GitDocument, live: JsonRecord, edits: readonly Edit[]): JsonRecord | undefined {
  let [theirs, mine]: [Json, Json] = [manifest, live];
  for (const edit of edits) {
    const normal = normalise(kind, theirs as JsonRecord);
    // No list of a policy has an order, so an insertion in the middle is an append.
    const path: Edit['path'] =
      edit.op === 'add' && typeof edit.path.at(-1) === 'number' ? [...edit.path.slice(0, -1), '-'] : edit.path;
    const found = normal.ok ? locate(mine as JsonRecord, normal.normal, path) : undefined;
    const next: Json | undefined = found?.ok === true ? applyEdit(theirs, { ...edit, path: found.path }) : undefined;
    if (next === undefined) return undefined;
    theirs = next;
    mine = applyEdit(mine, edit) ?? mine;
  }
  return theirs as JsonRecord;
}

function isNamed({ kind, name, namespace }: GitDocument, ref: Group['ref']): boolean {
  return kind === ref.kind && name === ref.name && (namespace ?? ref.namespace) === ref.namespace;
}

function counterpart(one: GitDocument, documents: readonly GitDocument[]): GitDocument | undefined {
  return documents.find(
    (other) => other.kind === one.kind && other.name === one.name && other.namespace === one.namespace,
  );
}

function same(one: GitDocument, other: GitDocument | undefined): boolean {
  return other !== undefined && setText(one.normal) === setText(other.normal);
}

function withNote(patch: PolicyPatch, folder: string, shared: readonly EditedFile[]): PolicyPatch {
  if (shared.length === 0) return patch;
  const files = shared.map(({ path }) => path).join(', ');
  const note = `${files} is outside of ${folder}: whatever else builds on it gets the change as well.`;
  return { ...patch, note: patch.note === undefined ? note : `${patch.note} ${note}` };
}
