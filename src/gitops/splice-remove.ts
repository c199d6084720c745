/** Takes a list item or a mapping key out of a YAML text; used by `splice.ts`. Comments above it stay: they may say more than it. */
import { type Editing, removeLines, replaceRange, startsLine } from './splice-text.ts';
import type { MapNode, SeqNode } from './yaml-tree.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

export function removeItem(editing: Editing, list: SeqNode, at: number): string {
  const spans = list.items.map((item) => ({ start: item.start, end: item.value.end }));
  if (spans.length === 1) return emptied(editing, list, '[]');
  return list.flow ? removeFlow(editing.text, spans, at) : removeBlock(editing.text, spans, at);
}

export function removeKey(editing: Editing, map: MapNode, at: number): string {
  const spans = map.entries.map((entry) => ({ start: entry.key.start, end: entry.value.end }));
  if (spans.length === 1) return emptied(editing, map, '{}');
  return map.flow ? removeFlow(editing.text, spans, at) : removeBlock(editing.text, spans, at);
}

/** A list in the column of its key has to move up to the key: brackets alone on a line there would end the mapping. */
function emptied(editing: Editing, node: SeqNode | MapNode, brackets: string): string {
  const { text } = editing;
  const before = text.slice(0, node.start).trimEnd();
  const start = !node.flow && before.endsWith(':') ? before.length : node.start;
  return replaceRange(text, start, node.end, start === node.start ? brackets : ` ${brackets}`);
}

function removeFlow(text: string, spans: readonly Span[], at: number): string {
  const [span, previous, next] = [spans[at] as Span, spans[at - 1], spans[at + 1]];
  return previous === undefined
    ? replaceRange(text, span.start, next?.start ?? span.end, '')
    : replaceRange(text, previous.end, span.end, '');
}

/** The first member may share its line with a dash before it; then the next one moves up. */
function removeBlock(text: string, spans: readonly Span[], at: number): string {
  const [span, next] = [spans[at] as Span, spans[at + 1]];
  if (startsLine(text, span.start)) return removeLines(text, span.start, span.end);
  return replaceRange(text, span.start, next?.start ?? span.end, '');
}
