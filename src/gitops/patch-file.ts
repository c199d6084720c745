/** Edits one policy inside its Git file and proves it: the new text parses to exactly the intended objects, or there is no patch. */
import { applyEdit, type Edit } from '../core/drift/apply-change.ts';
import { exactText, type Json, type JsonRecord, setText } from '../core/drift/json.ts';
import { locate } from '../core/drift/locate.ts';
import { normalise } from '../core/drift/normalise.ts';
import type { GitDocument } from './documents.ts';
import { GitProblem } from './git-problem.ts';
import { houseStyleOf } from './house-style.ts';
import { substitute } from './render/substitute.ts';
import { spliceEdit } from './splice.ts';
import { loadYaml } from './yaml.ts';
import { buildTrees } from './yaml-tree.ts';

export interface FilePatch {
  readonly text: string;
  /** True when a rule was found at another index in Git than in the live object. */
  readonly moved: boolean;
}

/**
 * `live` is the normal form of the live object, which the paths of `edits` belong to; the same place is found in Git by content.
 * @throws GitProblem `invalid` when live and Git differ there, or the text cannot be edited with proof.
 */
export function patchFile(document: GitDocument, live: JsonRecord, edits: readonly Edit[]): FilePatch {
  let [text, moved, mine] = [document.text, false, live as Json];
  for (const edit of edits) {
    const found = locateEdit(document, text, mine as JsonRecord, edit);
    text = applyToText(document, text, found.edit);
    moved ||= found.moved;
    mine = applyEdit(mine, edit) ?? mine;
  }
  return { text, moved };
}

function locateEdit(document: GitDocument, text: string, live: JsonRecord, edit: Edit): { edit: Edit; moved: boolean } {
  const normal = normalise(document.kind, replacedIn(document, objectIn(document, text)));
  // No list of a policy has an order, so an insertion in the middle is an append.
  const path = edit.op === 'add' && typeof edit.path.at(-1) === 'number' ? [...edit.path.slice(0, -1), '-'] : edit.path;
  const found = normal.ok ? locate(live, normal.normal, path) : { ok: false as const, reason: normal.reason };
  if (found.ok) return { edit: { ...edit, path: found.path }, moved: found.moved };
  throw refusal(document, found.reason);
}

/** Live has no variables, so that places are found by what they are replaced by. */
function replacedIn({ variables }: GitDocument, object: JsonRecord): JsonRecord {
  const replaced = variables && substitute(object, variables);
  return replaced?.ok ? replaced.manifest : object;
}

function objectIn(document: GitDocument, text: string): JsonRecord {
  const loaded = loadYaml(text);
  const root = loaded.ok ? loaded.documents[document.file.document] : undefined;
  const object = document.prefix.reduce<unknown>(
    (node, step) => (node as Record<string | number, unknown>)?.[step],
    root,
  );
  return (object ?? {}) as JsonRecord;
}

function applyToText(document: GitDocument, text: string, edit: Edit): string {
  const loaded = loadYaml(text);
  if (!loaded.ok) throw refusal(document, loaded.reason);
  const whole = { ...edit, path: [...document.prefix, ...edit.path] };
  const before = loaded.documents[document.file.document] ?? null;
  const wanted = applyEdit(before, whole);
  if (wanted === undefined) throw refusal(document, 'the file has no such place');
  refuseNoChange(document, text, edit);
  const root = buildTrees(text, loaded.events)[document.file.document];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const edited = root && spliceEdit({ text, style: houseStyleOf(text, root), eol }, root, whole);
  const intended = loaded.documents.with(document.file.document, wanted);
  if (edited !== undefined && parsesTo(edited, intended)) return edited;
  throw refusal(document, 'the way it is written (aliases, unusual layout) leaves no safe place for the edit');
}

/** Adding what Git already says means that live lags behind Git: then the fix is a sync, not an edit. */
function refuseNoChange(document: GitDocument, text: string, edit: Edit): void {
  const object = objectIn(document, text);
  const after = applyEdit(object, edit);
  const [old, fresh] = [normalise(document.kind, object), normalise(document.kind, after as JsonRecord)];
  if (!old.ok || !fresh.ok || setText(old.normal) !== setText(fresh.normal)) return;
  throw new GitProblem(
    'invalid',
    `${document.file.path} already says this: the live object differs from Git there`,
    'Sync the file to the cluster, or find out why it was not applied.',
  );
}

function parsesTo(text: string, intended: readonly Json[]): boolean {
  const loaded = loadYaml(text);
  if (!loaded.ok || loaded.documents.length !== intended.length) return false;
  return loaded.documents.every((document, at) => exactText(document) === exactText(intended[at] ?? null));
}

function refusal(document: GitDocument, reason: string): GitProblem {
  const where = `${document.file.path} (document ${document.file.document + 1})`;
  return new GitProblem(
    'invalid',
    `no patch of ${where}: ${reason}`,
    'Edit that file by hand; the change itself is in the proposal.',
  );
}
