/** How a file writes YAML (indentation, quotes, brackets), so that what is added to it looks like the rest; used by `render-value.ts`. */
import { SCALAR_STYLE, type ScalarStyle } from 'js-yaml';
import type { MapNode, YamlNode } from './yaml-tree.ts';

export interface HouseStyle {
  /** Columns from a mapping to the mapping inside it. */
  readonly indent: number;
  /** Sequences start in the column of their key. */
  readonly flushSequences: boolean;
  /** Quoting of the text values of a key, where the file quotes them. */
  readonly quotes: ReadonlyMap<string, ScalarStyle>;
  readonly quote: 'single' | 'double';
  /** `{ a: b }` rather than `{a: b}`. */
  readonly padded: boolean;
  /** JSON-like flow: `{"a": "b"}`. */
  readonly quotedKeys: boolean;
}

interface Votes {
  readonly indents: number[];
  flush: number;
  padded: number;
  quotedKeys: number;
  double: number;
  readonly quotes: Map<string, ScalarStyle>;
}

export function houseStyleOf(text: string, root: YamlNode): HouseStyle {
  const votes: Votes = { indents: [], flush: 0, padded: 0, quotedKeys: 0, double: 0, quotes: new Map() };
  visit(text, root, '', votes);
  return {
    indent: commonest(votes.indents) ?? 2,
    flushSequences: votes.flush > 0,
    quotes: votes.quotes,
    quote: votes.double >= 0 ? 'double' : 'single',
    padded: votes.padded > 0,
    quotedKeys: votes.quotedKeys > 0,
  };
}

export function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

function commonest(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function visit(text: string, node: YamlNode, key: string, votes: Votes): void {
  if (node.kind === 'scalar') noteQuotes(node.style, key, votes);
  else if (node.kind === 'seq') for (const item of node.items) visit(text, item.value, key, votes);
  else if (node.kind === 'map') {
    noteFlow(text, node, votes);
    for (const entry of node.entries) {
      noteIndent(text, node, entry.value, votes);
      visit(text, entry.value, entry.key.kind === 'scalar' ? entry.key.value : '', votes);
    }
  }
}

/** The first of a key decides: it is the one nearest to what people copy from. */
function noteQuotes(style: ScalarStyle, key: string, votes: Votes): void {
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) votes.double += 1;
  else if (style === SCALAR_STYLE.SINGLE_QUOTED) votes.double -= 1;
  if (!votes.quotes.has(key)) votes.quotes.set(key, style);
}

function noteFlow(text: string, node: MapNode, votes: Votes): void {
  if (!node.flow || node.entries.length === 0) return;
  votes.padded += text[node.start + 1] === ' ' ? 1 : -1;
  const [first] = node.entries;
  votes.quotedKeys += first?.key.kind === 'scalar' && first.key.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : -1;
}

function noteIndent(text: string, parent: MapNode, value: YamlNode, votes: Votes): void {
  const [first] = parent.entries;
  if (parent.flow || first === undefined) return;
  const columns = columnOf(text, value.start) - columnOf(text, first.key.start);
  if (value.kind === 'map' && !value.flow) votes.indents.push(columns);
  if (value.kind === 'seq' && !value.flow) votes.flush += columns === 0 ? 1 : -1;
}
