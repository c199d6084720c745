/** Looks for many words at once in bytes, whatever their case, with one table look-up a byte (Aho and Corasick, 1975); made by `tokens.ts` and `classify.ts`. */

export interface Word {
  /** Each code unit is one byte. */
  readonly text: string;
  /** Bits that a line that holds this word gets. */
  readonly kind: number;
}

/** `next[(state << shift) | column[byte]]`; states from `telling` on are those where a word ends. The first state is 0. */
export interface Automaton {
  readonly column: Uint8Array;
  readonly shift: number;
  readonly next: Uint16Array;
  readonly telling: number;
  /** By state: the bits of the words that end there. */
  readonly kinds: Uint32Array;
  /** By state: indexes of the words that end there. */
  readonly words: readonly (readonly number[])[];
}

interface Node {
  /** By column; 0 is none, since the root is nobody's child. */
  readonly next: Int32Array;
  readonly words: Set<number>;
  fail: number;
}

export function createAutomaton(words: readonly Word[]): Automaton {
  const { column, columns } = columnsOf(words);
  const nodes = trie(words, column, columns);
  const order = linkFailures(nodes, columns);
  // States where a word ends come last, so that one comparison tells them.
  const sorted = [...order].sort((a, b) => (nodes[a]?.words.size ? 1 : 0) - (nodes[b]?.words.size ? 1 : 0));
  const place = new Int32Array(nodes.length);
  sorted.forEach((node, at) => {
    place[node] = at;
  });
  const shift = Math.ceil(Math.log2(columns));
  const next = new Uint16Array(sorted.length << shift);
  sorted.forEach((node, at) => {
    const from = (nodes[node] as Node).next;
    for (let c = 0; c < columns; c++) next[(at << shift) | c] = place[from[c] as number] as number;
  });
  const ends = sorted.map((node) => [...(nodes[node]?.words ?? [])]);
  return {
    column,
    shift,
    next,
    telling: ends.findIndex((found) => found.length > 0),
    kinds: Uint32Array.from(ends.map((found) => found.reduce((bits, at) => bits | (words[at]?.kind ?? 0), 0))),
    words: ends,
  };
}

/** Of ASCII alone: above it, a code unit is a byte of UTF-8 and has no case. */
function lowered(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Bytes that no word holds share column 0; both cases of a letter share one. */
function columnsOf(words: readonly Word[]): { column: Uint8Array; columns: number } {
  const column = new Uint8Array(256);
  let columns = 1;
  for (const { text } of words) {
    for (const char of lowered(text)) {
      const byte = char.charCodeAt(0) & 255;
      if (column[byte] !== 0) continue;
      column[byte] = columns;
      if (char >= 'a' && char <= 'z') column[byte - 32] = columns;
      columns += 1;
    }
  }
  return { column, columns };
}

function trie(words: readonly Word[], column: Uint8Array, columns: number): readonly Node[] {
  const root: Node = { next: new Int32Array(columns), words: new Set(), fail: 0 };
  const nodes = [root];
  words.forEach(({ text }, index) => {
    let node = root;
    for (const char of lowered(text)) {
      const c = column[char.charCodeAt(0) & 255] ?? 0;
      const known = node.next[c] as number;
      const child =
        known > 0 ? (nodes[known] as Node) : { next: new Int32Array(columns), words: new Set<number>(), fail: 0 };
      if (known === 0) node.next[c] = nodes.push(child) - 1;
      node = child;
    }
    node.words.add(index);
  });
  return nodes;
}

/** Breadth first: where a word breaks off, the longest end of what was read that begins another one goes on. */
function linkFailures(nodes: readonly Node[], columns: number): readonly number[] {
  const order = [0];
  for (let at = 0; at < order.length; at++) {
    const id = order[at] ?? 0;
    const node = nodes[id] as Node;
    const behind = nodes[node.fail] as Node;
    for (let c = 0; c < columns; c++) {
      const child = node.next[c] as number;
      const elsewhere = id === 0 ? 0 : (behind.next[c] as number);
      if (child === 0) {
        node.next[c] = elsewhere;
        continue;
      }
      const next = nodes[child] as Node;
      next.fail = elsewhere;
      for (const word of nodes[elsewhere]?.words ?? []) next.words.add(word);
      order.push(child);
    }
  }
  return order;
}

/** Indexes of the words that a text holds. */
export function wordsIn({ column, next, shift, telling, words }: Automaton, text: string): ReadonlySet<number> {
  const found = new Set<number>();
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    state = next[(state << shift) | (unit < 256 ? (column[unit] as number) : 0)] as number;
    if (state >= telling) for (const word of words[state] ?? []) found.add(word);
  }
  return found;
}
