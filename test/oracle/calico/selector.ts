/** Random expressions of Calico's selector grammar, with the spellings that it allows; used by `generate.ts`. */
import type { Random } from '../kinds/random.ts';

export interface Words {
  /** Values by key. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** `global()` may be used. */
  readonly global: boolean;
  /** Expressions that are true where there is no label. */
  readonly negations: boolean;
}

const LABELS = { app: ['web', 'api', 'db'], tier: ['front', 'back'], 'example.com/team': ['a', 'b'] };

export const wordsOf = {
  pods: {
    values: {
      ...LABELS,
      'projectcalico.org/namespace': ['shop', 'data', 'edge'],
      'projectcalico.org/serviceaccount': ['default', 'runner'],
    },
    global: false,
    negations: true,
  },
  namespaces: {
    values: { ...LABELS, 'projectcalico.org/name': ['shop', 'data', 'edge'] },
    global: false,
    negations: true,
  },
} as const satisfies Record<string, Words>;

export function randomSelector(random: Random, words: Words, depth = 2): string {
  const kind = depth === 0 ? 0 : random.below(10);
  const inner = () => randomSelector(random, words, depth - 1);
  if (kind < 5) return randomTerm(random, words);
  if (kind < 7) return `${grouped(inner(), random)} && ${grouped(inner(), random)}`;
  if (kind < 9) return `${inner()}${random.pick([' || ', '||'])}${inner()}`;
  return words.negations ? `!(${inner()})` : `( ${inner()} )`;
}

/** Brackets where `||` would bind otherwise than meant, and sometimes where they change nothing. */
function grouped(text: string, random: Random): string {
  return text.includes('||') || random.chance(0.2) ? `(${text})` : text;
}

function randomTerm(random: Random, words: Words): string {
  const key = random.pick(Object.keys(words.values));
  const all = words.values[key] ?? [];
  const quote = random.pick(["'", "'", '"']);
  const value = random.pick(all);
  const list = random.some(all, 1, 2).map((one) => quote + one + quote);
  const terms = [
    'all()',
    `has(${key})`,
    `${key} == ${quote}${value}${quote}`,
    `${key}==${quote}${value}${quote}`,
    `${key} in {${list.join(random.pick([',', ', ']))}}`,
    `${key} in { ${list.join(', ')} }`,
    `${key} contains ${quote}${value.slice(1, 3) || value}${quote}`,
    `${key} starts with ${quote}${value.slice(0, 2)}${quote}`,
    `${key} ends with ${quote}${value.slice(-1)}${quote}`,
    ...(words.global ? ['global()'] : []),
    ...(words.negations
      ? [`!has(${key})`, `${key} != ${quote}${value}${quote}`, `${key} not in {${list.join(', ')}}`, `! has(${key})`]
      : []),
  ];
  return random.pick(terms);
}
