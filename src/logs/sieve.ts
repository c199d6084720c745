/** Tells which of many expressions may match a text by one look at it, for the words that each of them needs; used by `classify.ts`. */
import { createAutomaton, wordsIn } from './automaton.ts';
import { literalsOf } from './literal.ts';

/** Indexes of those that may match, in order. */
export function createSieve(expressions: readonly RegExp[]): (text: string) => readonly number[] {
  const byWord = new Map<string, number[]>();
  const always: number[] = [];
  expressions.forEach(({ source }, index) => {
    const literals = literalsOf(source);
    if (!literals) always.push(index);
    for (const literal of literals ?? []) byWord.set(literal, [...(byWord.get(literal) ?? []), index]);
  });
  const automaton = createAutomaton([...byWord.keys()].map((text) => ({ text, kind: 1 })));
  const indexes = [...byWord.values()];
  return (text) => {
    const found = new Set(always);
    for (const word of wordsIn(automaton, text)) for (const index of indexes[word] ?? []) found.add(index);
    return [...found].sort((a, b) => a - b);
  };
}
