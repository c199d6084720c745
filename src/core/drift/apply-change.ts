/** A policy change applied to plain JSON: what a patched file must parse to, and how `gitops/patch` proves its text edit. */
import { isList, isRecord, type Json, type JsonRecord, type Path } from './json.ts';

export interface Edit {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: Path;
  readonly value?: Json;
}

/**
 * RFC 6902's add, remove and replace, with two liberties a manifest needs: `replace` of an absent key writes it (the live
 * object shows defaults that the file leaves out), and adding to a list written as null or not at all begins the list.
 * Returns undefined where the path does not exist.
 */
export function applyEdit(target: Json, edit: Edit): Json | undefined {
  const [step, ...rest] = edit.path;
  if (step === undefined) return edit.op === 'remove' ? undefined : edit.value;
  if (rest.length > 0) return inside(target, step, { ...edit, path: rest });
  return typeof step === 'number' || step === '-' ? editList(target, step, edit) : editRecord(target, step, edit);
}

function inside(target: Json, step: string | number, edit: Edit): Json | undefined {
  const member = memberOf(target, step);
  const beginsList = edit.op === 'add' && edit.path.length === 1 && edit.path[0] === '-' && isRecord(target);
  if (member === undefined && !beginsList) return undefined;
  const changed = applyEdit(member ?? null, edit);
  if (changed === undefined) return undefined;
  return isList(target) ? target.with(step as number, changed) : { ...(target as JsonRecord), [step]: changed };
}

function memberOf(target: Json, step: string | number): Json | undefined {
  if (typeof step === 'number') return isList(target) ? target[step] : undefined;
  return isRecord(target) && Object.hasOwn(target, step) ? target[step] : undefined;
}

function editList(target: Json, step: number | '-', edit: Edit): Json | undefined {
  const items = target === null && step === '-' ? [] : target;
  if (!isList(items)) return undefined;
  const at = step === '-' ? items.length : step;
  const limit = edit.op === 'add' ? items.length : items.length - 1;
  if (at > limit || (edit.op !== 'remove' && edit.value === undefined)) return undefined;
  return items.toSpliced(at, edit.op === 'add' ? 0 : 1, ...(edit.op === 'remove' ? [] : [edit.value as Json]));
}

function editRecord(target: Json, key: string, edit: Edit): JsonRecord | undefined {
  if (!isRecord(target)) return undefined;
  if (edit.op === 'remove') {
    if (!Object.hasOwn(target, key)) return undefined;
    return Object.fromEntries(Object.entries(target).filter(([name]) => name !== key));
  }
  return edit.value === undefined ? undefined : { ...target, [key]: edit.value };
}
