/** One edit of a YAML text that leaves every other character as it was; `patch-file.ts` proves the result by parsing it again. */
import type { Edit } from '../core/drift/apply-change.ts';
import type { Json, Path } from '../core/drift/json.ts';
import { appendItem, appendKey } from './splice-add.ts';
import { removeItem, removeKey } from './splice-remove.ts';
import { replaceValue } from './splice-replace.ts';
import type { Editing } from './splice-text.ts';
import type { Entry, MapNode, YamlNode } from './yaml-tree.ts';

/** Undefined where the text has no place for the edit (an alias on the way, a path that is not there). */
export function spliceEdit(editing: Editing, root: YamlNode, edit: Edit): string | undefined {
  const step = edit.path.at(-1);
  const parent = nodeAt(root, edit.path.slice(0, -1));
  if (step === undefined) return undefined;
  if (step === '-') return addItem(editing, root, edit);
  if (parent?.kind === 'seq' && typeof step === 'number') return editItem(editing, parent, step, edit);
  return parent?.kind === 'map' && typeof step === 'string' ? editKey(editing, parent, step, edit) : undefined;
}

function nodeAt(root: YamlNode, path: Path): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>((node, step) => {
    if (node?.kind === 'seq' && typeof step === 'number') return node.items[step]?.value;
    return node?.kind === 'map' ? entryOf(node, step)?.value : undefined;
  }, root);
}

function entryOf(map: MapNode, key: string | number): Entry | undefined {
  return map.entries.find((entry) => entry.key.kind === 'scalar' && entry.key.value === key);
}

/** Appends to the list at the path, or begins it where it is null or not written. */
function addItem(editing: Editing, root: YamlNode, edit: Edit): string | undefined {
  const path = edit.path.slice(0, -1);
  const list = nodeAt(root, path);
  const value = edit.value as Json;
  if (list?.kind === 'seq') return appendItem(editing, list, { value, key: lastKey(path) });
  const key = path.at(-1);
  const owner = nodeAt(root, path.slice(0, -1));
  const isNull = list === undefined || (list.kind === 'scalar' && /^(|~|null)$/i.test(list.value));
  if (owner?.kind !== 'map' || typeof key !== 'string' || !isNull) return undefined;
  return setKey(editing, owner, key, [value]);
}

function lastKey(path: Path): string {
  return path.findLast((step) => typeof step === 'string') ?? '';
}

function editItem(editing: Editing, list: YamlNode & { kind: 'seq' }, at: number, edit: Edit): string | undefined {
  const item = list.items[at];
  if (item === undefined) return undefined;
  if (edit.op === 'remove') return removeItem(editing, list, at);
  const place = { value: edit.value as Json, key: lastKey(edit.path) };
  return edit.op === 'replace' ? replaceValue(editing, item.value, { ...place, after: item.start + 1 }) : undefined;
}

function editKey(editing: Editing, map: MapNode, key: string, edit: Edit): string | undefined {
  if (edit.op !== 'remove') return setKey(editing, map, key, edit.value as Json);
  const at = map.entries.findIndex((entry) => entry.key.kind === 'scalar' && entry.key.value === key);
  return at < 0 ? undefined : removeKey(editing, map, at);
}

function setKey(editing: Editing, map: MapNode, key: string, value: Json): string {
  const entry = entryOf(map, key);
  if (entry === undefined) return appendKey(editing, map, key, value);
  const colon = editing.text.indexOf(':', entry.key.end);
  return replaceValue(editing, entry.value, { value, key, after: colon + 1 });
}
