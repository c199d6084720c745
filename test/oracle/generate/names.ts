/** Name selectors with names that nearly match them: stars in every place, odd dots, case, and lengths around the limit of 255. */
import type { Random } from './random.ts';
import { randomOf } from './random.ts';

export interface NamesQuestion {
  readonly matchName?: string;
  readonly matchPattern?: string;
  readonly names: readonly string[];
}

export const NAMES_PER_SELECTOR = 20;

const LABELS = [
  'a',
  'api',
  'API',
  'b',
  'vendor',
  'example',
  'x-1',
  '_sip',
  'www',
  'xn--mnchen-3ya',
  '0',
  'store',
  '-',
  'cluster',
  'local',
  'svc',
] as const;
// Nothing beyond ASCII: the DNS library writes other bytes of a question as `\195\164`.
const ODD_LABELS = [
  'a b',
  'a/b',
  '\\195\\164',
  'a\\.b',
  'a\\',
  'a:443',
  '[a-z]',
  '(',
  '+',
  'a\n',
  '\u0000',
  '%41',
  '*',
  '^',
  '$',
] as const;

/** Question number `index` of a seed. */
export function namesOf(seed: string, index: number): NamesQuestion {
  const random = randomOf(`${seed} names ${index}`);
  const exact = random.chance(0.25);
  // The API takes neither an empty nor a longer name; patterns go on, where the agent has a limit of its own.
  const text = (exact ? odd(random, name(random)).slice(0, 255) : pattern(random)) || '*';
  const names = Array.from({ length: NAMES_PER_SELECTOR }, () =>
    random.chance(0.75) ? near(random, text) : odd(random, name(random)),
  );
  if (random.chance(0.01)) return { matchName: 'a.example', matchPattern: '*.example', names };
  return exact ? { matchName: text, names } : { matchPattern: text, names };
}

function name(random: Random): string {
  if (random.chance(0.05)) return long(random, 'a');
  return Array.from({ length: random.int(1, 5) }, () => random.pick(LABELS)).join('.');
}

/** About 255 characters in all. */
function long(random: Random, label: string): string {
  const length = random.int(248, 258);
  const text = `${label}.`.repeat(120).slice(0, random.int(1, 30));
  return `${text}${'b'.repeat(Math.max(0, length - text.length))}`.slice(0, length);
}

function pattern(random: Random): string {
  const text = random.weighted<() => string>([
    [
      3,
      () =>
        random.pick([
          '*',
          '**',
          '***',
          '*.',
          '**.',
          '***.',
          '.',
          '..',
          '*.*',
          '**.*',
          '*.**',
          '**.**',
          '',
          ' *',
          '* ',
          '*..',
          '.*',
          '****.example',
        ]),
    ],
    [
      3,
      () =>
        `${random.pick(['*', '**', '***', '*a', 'a*', '**a', 'a**', '*.*', '**.*', '*.**', '**.**'])}.${name(random)}`,
    ],
    [2, () => `${name(random)}.${random.pick(['*', '**', '*a', 'a*'])}`],
    [6, () => starred(random, name(random))],
    [1, () => long(random, random.pick(['*', '**', 'a']))],
    [1, () => name(random)],
  ])();
  return odd(random, text);
}

/** Stars put in or over some places. */
function starred(random: Random, text: string): string {
  let result = text;
  for (let left = random.int(1, 3); left > 0; left -= 1) {
    const at = random.int(0, result.length);
    const stars = random.pick(['*', '*', '*', '**', '***']);
    result = result.slice(0, at) + stars + result.slice(at + random.pick([0, 0, 1, 2]));
  }
  return result;
}

/** A rare odd turn: case, a dot too many, a character that does not belong. */
function odd(random: Random, text: string): string {
  return random.weighted<() => string>([
    [20, () => text],
    [2, () => `${text}.`],
    [1, () => text.toUpperCase()],
    [0.5, () => `${text}..`],
    [0.5, () => `.${text}`],
    [0.5, () => ` ${text}`],
    [0.3, () => `${text} `],
    [0.5, () => insert(random, text, random.pick(ODD_LABELS))],
    [0.3, () => insert(random, text, '.')],
  ])();
}

function insert(random: Random, text: string, part: string): string {
  const at = random.int(0, text.length);
  return text.slice(0, at) + part + text.slice(at);
}

/** A name made from the pattern: each star replaced by what it may or may not stand for, then perhaps bent. */
function near(random: Random, text: string): string {
  const filled = text.trim().replaceAll(/\*+/g, () =>
    random.weighted([
      [3, ''],
      [6, random.pick(LABELS)],
      [3, `${random.pick(LABELS)}.${random.pick(LABELS)}`],
      [1, '.'],
      [0.5, random.pick(ODD_LABELS)],
    ]),
  );
  return random.weighted<() => string>([
    [10, () => filled],
    [2, () => (filled.endsWith('.') ? filled.slice(0, -1) : `${filled}.`)],
    [1, () => filled.toUpperCase()],
    [1, () => `${random.pick(LABELS)}.${filled}`],
    [1, () => filled.slice(filled.indexOf('.') + 1)],
    [1, () => filled.slice(1)],
    [1, () => insert(random, filled, random.pick(LABELS))],
    [0.5, () => odd(random, filled)],
    [0.5, () => `${filled}x`],
  ])();
}
