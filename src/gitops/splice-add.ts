/** Adds a list item or a mapping key to a YAML text, in the style that its neighbours have; used by `splice.ts`. */
import type { Json } from '../core/drift/json.ts';
import { columnOf } from './house-style.ts';
import { renderBlock, renderFlow } from './render-value.ts';
import { type Editing, lineEnd, lineStart, replaceRange, startsLine } from './splice-text.ts';
import { type MapNode, type SeqNode, skipBlank, type YamlNode } from './yaml-tree.ts';

export interface Value {
  readonly value: Json;
  /** The mapping key it stands under, for its quotes. */
  readonly key: string;
}

export function appendItem(editing: Editing, list: SeqNode, added: Value): string {
  return list.flow ? appendFlowItem(editing, list, added) : appendBlockItem(editing, list, added);
}

function appendBlockItem(editing: Editing, list: SeqNode, { value, key }: Value): string {
  const { text, style, eol } = editing;
  const last = list.items.at(-1);
  if (last === undefined) return text;
  const dash = columnOf(text, last.start);
  const isInline =
    !last.value.kind.startsWith('s') || lineStart(text, last.value.start) === lineStart(text, last.start);
  const gap = isInline ? Math.max(2, contentStart(text, last.start) - last.start) : 2;
  const lines = isFlow(last.value) ? [renderFlow(value, key, style)] : renderBlock(value, key, style);
  const [head, ...rest] = lines;
  const item = [
    `${' '.repeat(dash)}-${' '.repeat(gap - 1)}${head}`,
    ...rest.map((line) => ' '.repeat(dash + gap) + line),
  ];
  const at = lineEnd(text, last.value.end);
  return replaceRange(text, at, at, eol + item.join(eol));
}

/** The column of what follows the dash on its line; two past it where nothing does. */
function contentStart(text: string, dash: number): number {
  const gap = /^-( +)(?=[^\s#])/.exec(text.slice(dash, lineEnd(text, dash)))?.[1];
  return dash + 1 + (gap?.length ?? 1);
}

function isFlow(node: YamlNode): boolean {
  return (node.kind === 'map' || node.kind === 'seq') && node.flow;
}

function appendFlowItem(editing: Editing, list: SeqNode, { value, key }: Value): string {
  const rendered = renderFlow(value, key, editing.style);
  const last = list.items.at(-1);
  if (last === undefined) return replaceRange(editing.text, list.start, list.end, `[${rendered}]`);
  return appendInFlow(editing, { start: last.start, end: last.value.end }, rendered);
}

/** After the last member: on its own line when that is how the member stands, and with the comma that the list's end needs. */
function appendInFlow(editing: Editing, last: { start: number; end: number }, rendered: string): string {
  const { text, eol } = editing;
  const own = startsLine(text, last.start);
  const separator = own ? eol + text.slice(lineStart(text, last.start), last.start) : ' ';
  const comma = skipBlank(text, last.end, '');
  const trailing = text[comma] === ',';
  const at = trailing ? comma + 1 : last.end;
  return replaceRange(text, at, at, `${trailing ? '' : ','}${separator}${rendered}${trailing && own ? ',' : ''}`);
}

export function appendKey(editing: Editing, map: MapNode, key: string, value: Json): string {
  const { text, style, eol } = editing;
  const last = map.entries.at(-1);
  if (map.flow) {
    const entry = flowEntry(editing, key, value);
    const inside = style.padded ? ` ${entry} ` : entry;
    if (last === undefined) return replaceRange(text, map.start, map.end, `{${inside}}`);
    return appendInFlow(editing, { start: last.key.start, end: last.value.end }, entry);
  }
  const [first] = map.entries;
  const column = columnOf(text, first?.key.start ?? map.start);
  const lines = renderBlock({ [key]: value }, key, style).map((line) => ' '.repeat(column) + line);
  const at = lineEnd(text, last?.value.end ?? map.end);
  return replaceRange(text, at, at, eol + lines.join(eol));
}

function flowEntry(editing: Editing, key: string, value: Json): string {
  return renderFlow({ [key]: value }, key, editing.style).replace(/^\{\s*|\s*\}$/g, '');
}
