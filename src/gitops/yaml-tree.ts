/** A YAML text as a tree of nodes with their places in it, so that `splice.ts` can edit one node and leave all else untouched. */
import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
  type ScalarStyle,
} from 'js-yaml';

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly start: number;
  readonly end: number;
  readonly style: ScalarStyle;
  readonly value: string;
  /** Nothing is written: `key:` alone. `start` is where it could be. */
  readonly empty: boolean;
}
export interface AliasNode {
  readonly kind: 'alias';
  readonly start: number;
  readonly end: number;
}
export interface Item {
  /** Where the item begins: its dash in block style, else its value. */
  readonly start: number;
  readonly value: YamlNode;
}
export interface SeqNode {
  readonly kind: 'seq';
  readonly start: number;
  readonly end: number;
  readonly flow: boolean;
  readonly items: readonly Item[];
}
export interface Entry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}
export interface MapNode {
  readonly kind: 'map';
  readonly start: number;
  readonly end: number;
  readonly flow: boolean;
  readonly entries: readonly Entry[];
}
export type YamlNode = ScalarNode | AliasNode | SeqNode | MapNode;

interface Cursor {
  readonly text: string;
  readonly events: readonly Event[];
  at: number;
  /** End of the node read last. */
  position: number;
}

/** One tree a document, undefined for an empty one. `events` must come from `text`. */
export function buildTrees(text: string, events: readonly Event[]): readonly (YamlNode | undefined)[] {
  const cursor: Cursor = { text, events, at: 0, position: 0 };
  const trees: (YamlNode | undefined)[] = [];
  while (cursor.at < events.length) {
    cursor.at += 1;
    trees.push(isPop(cursor) ? undefined : readNode(cursor));
    cursor.at += 1;
  }
  return trees;
}

function isPop(cursor: Cursor): boolean {
  return cursor.events[cursor.at]?.type === EVENT_ID.POP;
}

function readNode(cursor: Cursor): YamlNode {
  const event = cursor.events[cursor.at] as Event;
  cursor.at += 1;
  const node = nodeOf(cursor, event);
  cursor.position = node.end;
  return node;
}

function nodeOf(cursor: Cursor, event: Event): YamlNode {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return scalar(cursor, event);
    case EVENT_ID.ALIAS:
      return { kind: 'alias', start: event.anchorStart - 1, end: event.anchorEnd };
    case EVENT_ID.SEQUENCE:
      return sequence(cursor, event.start, event.style === COLLECTION_STYLE.FLOW);
    case EVENT_ID.MAPPING:
      return mapping(cursor, event.start, event.style === COLLECTION_STYLE.FLOW);
    default:
      throw new Error('unexpected event');
  }
}

function scalar(cursor: Cursor, event: ScalarEvent): ScalarNode {
  const { style } = event;
  if (event.valueStart < 0) {
    const { position } = cursor;
    return { kind: 'scalar', start: position, end: position, style, value: '', empty: true };
  }
  const quote = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
  const source = cursor.text.slice(event.valueStart, event.valueEnd);
  // Block scalars are reported with the blank lines after them.
  const length = quote === 0 ? source.trimEnd().length : source.length;
  const start = event.valueStart - quote;
  const value = getScalarValue(cursor.text, event);
  return { kind: 'scalar', start, end: event.valueStart + length + quote, style, value, empty: false };
}

function sequence(cursor: Cursor, start: number, flow: boolean): SeqNode {
  const items: Item[] = [];
  cursor.position = flow ? start + 1 : start;
  while (!isPop(cursor)) {
    const from = skipBlank(cursor.text, cursor.position, flow ? ',' : '');
    cursor.position = flow ? from : from + 1;
    const value = readNode(cursor);
    items.push({ start: from, value });
  }
  cursor.at += 1;
  return { kind: 'seq', start, end: flow ? closing(cursor) : cursor.position, flow, items };
}

function mapping(cursor: Cursor, start: number, flow: boolean): MapNode {
  const entries: Entry[] = [];
  cursor.position = flow ? start + 1 : start;
  while (!isPop(cursor)) {
    const key = readNode(cursor);
    const colon = skipBlank(cursor.text, key.end, '');
    if (cursor.text[colon] === ':') cursor.position = colon + 1;
    entries.push({ key, value: readNode(cursor) });
  }
  cursor.at += 1;
  return { kind: 'map', start, end: flow ? closing(cursor) : cursor.position, flow, entries };
}

/** Past the bracket that closes the flow collection whose last member was just read. */
function closing(cursor: Cursor): number {
  return skipBlank(cursor.text, cursor.position, ',:') + 1;
}

/** The first place from `from` on that is neither white space, nor comment, nor one of `also`. */
export function skipBlank(text: string, from: number, also: string): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '#' && /\s|^$/.test(text[at - 1] ?? '')) {
      const end = text.indexOf('\n', at);
      if (end < 0) return text.length;
      at = end;
    } else if (!/\s/.test(char) && !also.includes(char)) break;
  }
  return at;
}
