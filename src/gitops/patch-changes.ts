/** Changes of one or several policies as one diff, each against its Git file, or the live object where no file holds it; from `gitops-source.ts`. */
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

export interface PatchInput {
  readonly changes: readonly PolicyChange[];
  readonly live: readonly PatchablePolicy[];
  /** Undefined when no repository was named. */
  readonly git: { readonly documents: readonly GitDocument[]; readonly display: string } | undefined;
}

interface Group {
  readonly ref: ObjectRef;
  readonly live: PatchablePolicy | undefined;
  readonly edits: Edit[];
}

/** Files being edited: two policies may share one. */
type Texts = Map<string, { readonly before: string; text: string }>;

/** @throws GitProblem when one of the changes cannot be rendered: a part of a fix would be none. */
export function patchChanges(input: PatchInput): PolicyPatch {
  const texts: Texts = new Map();
  const notes = new Set<string>();
  const lives: PolicyPatch[] = [];
  for (const group of groupsOf(input)) {
    const match = input.git && findDocument(input.git.documents, group);
    if (match !== undefined) for (const note of patchDocument(texts, match, group)) notes.add(note);
    else lives.push(patchLive(group.ref, group.live, group.edits));
  }
  if (lives.length > 0 && input.git !== undefined) notes.add(notHeld(input.git.display, lives));
  return assemble(texts, lives, [...notes]);
}

function groupsOf({ changes, live }: PatchInput): readonly Group[] {
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

function normalOf(live: PatchablePolicy): JsonRecord {
  const result = normalise(live.kind, toManifest(live).manifest);
  return result.ok ? result.normal : {};
}

function notHeld(display: string, lives: readonly PolicyPatch[]): string {
  const files = lives.map(({ file }) => file).join(', ');
  return `No file that could be read in ${display} holds the policy, so ${files} is against the live object.`;
}

function assemble(texts: Texts, lives: readonly PolicyPatch[], notes: readonly string[]): PolicyPatch {
  const files = [...texts].map(([path, { before, text }]) => ({
    path,
    diff: unifiedDiff({ path, before, after: text }),
  }));
  return {
    diff: [...files, ...lives].map(({ diff }) => diff).join(''),
    file: [...files.map(({ path }) => path), ...lives.map(({ file }) => file)].join(', '),
    inGit: lives.length === 0,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  };
}
