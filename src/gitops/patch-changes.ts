/** Changes of one or several policies as one diff, each against its Git file, or the live object where no file holds it; from `patch-proof.ts`. */
import type { Edit } from '../core/drift/apply-change.ts';
import type { Json, JsonRecord } from '../core/drift/json.ts';
import { toManifest } from '../core/drift/manifest.ts';
import { normalise } from '../core/drift/normalise.ts';
import { matchOf } from '../core/drift/report.ts';
import { unifiedDiff } from '../core/drift/unified-diff.ts';
import type { PolicyChange } from '../core/model/evaluation.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { PolicyPatch } from '../ports/gitops-source.ts';
import type { GitDocument } from './documents.ts';
import { GitProblem } from './git-problem.ts';
import { patchFile } from './patch-file.ts';
import { patchLive } from './patch-live.ts';
import { newFile, type Repository } from './patch-new.ts';

export interface PatchInput {
  readonly changes: readonly PolicyChange[];
  readonly live: readonly PatchablePolicy[];
  /** Undefined when no repository was named. */
  readonly git: (Repository & { readonly display: string }) | undefined;
}

/** A file of the repository before and after; `before` is absent for one that is new. */
export interface EditedFile {
  readonly path: string;
  readonly before?: string;
  readonly after: string;
}

export interface Group {
  readonly ref: ObjectRef;
  readonly live: PatchablePolicy | undefined;
  readonly edits: Edit[];
}

/** Files being edited: two policies may share one. */
type Texts = Map<string, { readonly before?: string; text: string }>;

/** With the files as they would be written. @throws GitProblem when one of the changes cannot be rendered: a part of a fix would be none. */
export function editFiles(input: PatchInput): { readonly patch: PolicyPatch; readonly files: readonly EditedFile[] } {
  const texts: Texts = new Map();
  const notes = new Set<string>();
  const lives: PolicyPatch[] = [];
  for (const group of groupsOf(input)) {
    const found = input.git && inRepository(texts, input.git, group);
    for (const note of found ?? []) notes.add(note);
    if (found === undefined) lives.push(patchLive(group.ref, group.live, group.edits));
  }
  if (lives.length > 0 && input.git !== undefined) notes.add(notHeld(input.git.display, lives));
  const files = [...texts].map(([path, { before, text }]) => ({
    path,
    ...(before === undefined ? {} : { before }),
    after: text,
  }));
  return { patch: assemble(files, lives, [...notes]), files };
}

/** What to know about the edit; undefined where the repository has no place for it. */
function inRepository(texts: Texts, git: Repository, group: Group): readonly string[] | undefined {
  if (group.edits[0]?.path.length === 0) return addFile(texts, git, group);
  const match = findDocument(git.documents, group);
  return match === undefined ? undefined : patchDocument(texts, match, group);
}

function addFile(texts: Texts, git: Repository, { ref, edits }: Group): readonly string[] | undefined {
  const made = newFile(git, ref, edits);
  if (made === undefined) return undefined;
  texts.set(made.path, { text: made.text });
  if (made.listing !== undefined)
    texts.set(made.listing.path, { before: made.listing.before, text: made.listing.text });
  return [made.note];
}

export function groupsOf({ changes, live }: PatchInput): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { policy: ref, op, path, value } of changes) {
    const key = JSON.stringify([ref.kind, ref.namespace, ref.name]);
    const group = groups.get(key) ?? { ref, live: live.find((policy) => isNamed(policy, ref)), edits: [] };
    group.edits.push({ op, path, ...(value === undefined ? {} : { value: value as Json }) });
    groups.set(key, group);
  }
  if (groups.size === 0) throw new GitProblem('invalid', 'no change was given', 'Give at least one change.');
  return [...groups.values()];
}

function isNamed({ kind, meta }: PatchablePolicy, ref: ObjectRef): boolean {
  return kind === ref.kind && meta.name === ref.name && meta.namespace === ref.namespace;
}

interface Match {
  readonly policy: GitDocument;
  readonly notes: readonly string[];
}

function findDocument(documents: readonly GitDocument[], { live, ref }: Group): Match | undefined {
  if (live !== undefined) return matchOf(live, documents);
  const found = documents.filter(
    (entry) => entry.kind === ref.kind && entry.name === ref.name && entry.namespace === ref.namespace,
  );
  return found.length === 1 && found[0] !== undefined ? { policy: found[0], notes: [] } : undefined;
}

function patchDocument(texts: Texts, { policy: document, notes }: Match, { live, edits }: Group): readonly string[] {
  const { path } = document.file;
  const file = texts.get(path) ?? { before: document.text, text: document.text };
  const mine = live === undefined ? document.normal : normalOf(live);
  const { text, moved } = patchFile({ ...document, text: file.text }, mine, edits);
  texts.set(path, { ...file, text });
  const reordered = `Live and Git order their rules differently: the rule was found in ${path} by its content.`;
  return moved ? [...notes, reordered] : notes;
}

export function normalOf(live: PatchablePolicy): JsonRecord {
  const result = normalise(live.kind, toManifest(live).manifest);
  return result.ok ? result.normal : {};
}

function notHeld(display: string, lives: readonly PolicyPatch[]): string {
  const files = lives.map(({ file }) => file).join(', ');
  return `No file that could be read in ${display} holds the policy or others of its namespace, so ${files} is against the live object.`;
}

function assemble(edited: readonly EditedFile[], lives: readonly PolicyPatch[], notes: readonly string[]): PolicyPatch {
  const files = edited.map((file) => ({ path: file.path, diff: unifiedDiff(file) }));
  return {
    diff: [...files, ...lives].map(({ diff }) => diff).join(''),
    file: [...files.map(({ path }) => path), ...lives.map(({ file }) => file)].join(', '),
    inGit: lives.length === 0,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  };
}
