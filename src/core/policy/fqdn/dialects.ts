/** Name patterns in the wildcard dialects of all engines: sound or not, matching or not, and why; for translators and `matchFqdn`. */
import type { Dialect } from '../../model/dialect.ts';
import { normaliseName } from '../../net/dns-name.ts';
import { ASSUMED_MINOR } from '../engine.ts';
import type { NameMatcher } from './matchers.ts';
import { acrossLabels, betweenEnds, everyName, exactly, underTail, withinLabels } from './matchers.ts';

export type { Dialect } from '../../model/dialect.ts';

interface DialectOptions {
  /** The minor version of Cilium, whose grammar changed in 1.19; other dialects have one grammar. */
  readonly minor?: number;
}

interface Rules {
  readonly problem: (pattern: string, minor: number) => string | undefined;
  readonly matcher: (pattern: string, minor: number) => NameMatcher;
}

const NEVER: NameMatcher = () => false;

/** A predicate over names (any case, final dot or not); nothing matches a pattern that the API or the agent refuses. */
export function patternMatcher(pattern: string, dialect: Dialect, options: DialectOptions = {}): NameMatcher {
  if (patternProblem(pattern, dialect, options) !== undefined) return NEVER;
  return RULES[dialect].matcher(normaliseName(pattern), options.minor ?? ASSUMED_MINOR);
}

/** Why the API or the agent refuses the pattern, or why it can match nothing; undefined when it is sound. */
export function patternProblem(pattern: string, dialect: Dialect, options: DialectOptions = {}): string | undefined {
  return RULES[dialect].problem(pattern, options.minor ?? ASSUMED_MINOR);
}

/** One sentence, label by label: why the name matches or does not. */
export function explainPattern(name: string, pattern: string, dialect: Dialect, options: DialectOptions = {}): string {
  const problem = patternProblem(pattern, dialect, options);
  if (problem !== undefined) return problem;
  const hit = patternMatcher(pattern, dialect, options)(name);
  return `"${normaliseName(name)}" ${hit ? 'matches' : 'does not match'} "${pattern}"`;
}

function charset(allowed: RegExp, words: string): (pattern: string) => string | undefined {
  return (pattern) => (allowed.test(pattern) ? undefined : `the pattern is refused: ${words}`);
}

const PREFIX_ONLY = /^(\*\.)?[-a-z0-9_]+(\.[-a-z0-9_]+)*\.?$/i;
const prefixOnly = charset(PREFIX_ONLY, '"*" may only be the whole first label, before a dot');

const suffix = (pattern: string): NameMatcher =>
  pattern.startsWith('*.') ? underTail(pattern.slice(2)) : exactly(pattern);

const RULES: Readonly<Record<Dialect, Rules>> = {
  cilium: {
    problem: charset(/^[-a-zA-Z0-9_.*]+$/, 'only letters, digits, "-", "_", "." and "*" are legal'),
    matcher: (pattern, minor) => {
      if (minor >= 19 ? /^\*+$/.test(pattern) : pattern === '*') return everyName();
      const spanning = minor >= 19 ? /^\*{2,}\.(.*)$/.exec(pattern)?.[1] : undefined;
      return spanning === undefined ? withinLabels(pattern) : underTail(spanning);
    },
  },
  kcnp: { problem: prefixOnly, matcher: suffix },
  gke: { problem: prefixOnly, matcher: withinLabels },
  ovn: { problem: prefixOnly, matcher: withinLabels },
  antrea: {
    problem: charset(/^[-0-9a-zA-Z.*]+$/, 'only letters, digits, "-", "." and "*" are legal'),
    matcher: acrossLabels,
  },
  calico: {
    problem: charset(/^[-a-z0-9_.]*\*?[-a-z0-9_.]*$/i, 'only one "*" is legal'),
    matcher: (pattern) => {
      const [before = '', after] = pattern.split('*');
      return after === undefined ? exactly(before) : betweenEnds(before, after);
    },
  },
  istio: { problem: charset(/^\*?[^*]*$/, '"*" may only stand first'), matcher: acrossLabels },
  gateway: { problem: prefixOnly, matcher: suffix },
};
