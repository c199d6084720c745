/** matchName/matchPattern as Cilium compares them (policy-semantics §1); used by the evaluation and by the `matchFqdn` tool. */
import type { FqdnSelector } from '../model/policy.ts';
import { normaliseName } from '../net/dns-name.ts';
import { minorOf, minorOrAssumed } from './engine.ts';
import { explainMismatch } from './fqdn-explain.ts';

export interface FqdnMatch {
  readonly matches: boolean;
  readonly name: string;
  readonly selector: string;
  /** One clause, label by label where it does not match. */
  readonly explanation: string;
}

/** `toFQDNs` (what an answer is learned for) and `rules.dns` (what may be asked) differ for the match-all pattern only. */
type FqdnUse = 'toFQDNs' | 'dns';

const CHARS = '[-a-zA-Z0-9_]';
// Both the CRD and the agent cap selectors at 255 characters; from 1.19 the agent caps the form with the final dot as well.
const MAX_LENGTH = 255;

/** Compares one name with one selector by the grammar of the given Cilium version (`1.19.5`; 1.19 is assumed when absent). */
export function matchFqdn(name: string, selector: FqdnSelector, version: string | undefined): FqdnMatch {
  const minor = minorOrAssumed(version);
  const asked = normaliseName(name);
  const text = selectorText(selector);
  const problem = selectorProblem(selector, minor);
  if (problem) return { matches: false, name: asked, selector: text, explanation: problem };
  const matches = fqdnMatcher(selector, minor, 'toFQDNs')(asked);
  return { matches, name: asked, selector: text, explanation: explain(asked, selector, { matches, minor, version }) };
}

/** `matchName "a.example"` or `matchPattern "*.example"`. */
export function selectorText(selector: FqdnSelector): string {
  if (selector.matchName) return `matchName "${selector.matchName}"`;
  return `matchPattern "${selector.matchPattern ?? ''}"`;
}

/** A predicate over names (any case, final dot or not). */
export function fqdnMatcher(selector: FqdnSelector, minor: number, use: FqdnUse): (name: string) => boolean {
  if (selectorProblem(selector, minor)) return () => false;
  if (selector.matchName) {
    const wanted = canonical(selector.matchName);
    return (name) => canonical(name) === wanted;
  }
  const pattern = selector.matchPattern ?? '';
  if (isMatchAll(pattern, minor) && use === 'dns') return () => true;
  // Compiled when first asked: most selectors of a cluster never are.
  let regexp: RegExp | undefined;
  return (name) => {
    regexp ??= patternRegExp(pattern, minor);
    return regexp.test(canonical(name));
  };
}

/** True for the patterns that stand for every name in the given version. */
function isMatchAll(pattern: string, minor: number): boolean {
  return (minor >= 19 ? /^\*+\.?$/ : /^\*$/).test(pattern.trim());
}

/** True for a pattern whose leading `**.` spans labels in the given version. */
function spansLabels(pattern: string, minor: number): boolean {
  return minor >= 19 && /^\*{2,}\./.test(pattern.trim());
}

/** Why the selector selects nothing or is refused; undefined when it is sound. */
export function selectorProblem(selector: FqdnSelector, minor: number): string | undefined {
  const given = [selector.matchName, selector.matchPattern].filter((text) => text !== undefined && text !== '');
  if (given.length === 0) return 'the selector has neither matchName nor matchPattern';
  if (given.length === 2) return 'the selector has both matchName and matchPattern, which Cilium refuses';
  return textProblem(given[0] ?? '', selector.matchName ? NAME_CHARS : PATTERN_CHARS, minor);
}

const NAME_CHARS = /^[-a-zA-Z0-9_.]+$/;
const PATTERN_CHARS = /^[-a-zA-Z0-9_.*]+$/;

function textProblem(text: string, allowed: RegExp, minor: number): string | undefined {
  if (!allowed.test(text))
    return 'the selector has characters that Cilium refuses (no scheme, port, "/" or blanks; "*" only in matchPattern)';
  const length = minor >= 19 && !isMatchAll(text, minor) ? canonical(text).length : text.length;
  return length > MAX_LENGTH ? `the selector is longer than ${MAX_LENGTH} characters and selects nothing` : undefined;
}

function canonical(name: string): string {
  const text = name.trim().toLowerCase();
  return text.endsWith('.') ? text : `${text}.`;
}

function patternRegExp(pattern: string, minor: number): RegExp {
  if (isMatchAll(pattern, minor)) return new RegExp(`^(${CHARS}+[.])+$|^[.]$`);
  const stars = minor >= 19 ? /\*+/g : /\*/g;
  const text = canonical(pattern);
  const prefix = spansLabels(pattern, minor) ? `(${CHARS}+([.]${CHARS}+)*)[.]` : '';
  const rest = prefix ? text.replace(/^\*+\./, '') : text;
  return new RegExp(`^${prefix}${rest.replace(/\./g, '[.]').replace(stars, `${CHARS}*`)}$`);
}

function explain(
  name: string,
  selector: FqdnSelector,
  context: { matches: boolean; minor: number; version: string | undefined },
): string {
  const assumed = minorOf(context.version) === undefined && /\*\*|^\*\.$/.test(selector.matchPattern ?? '');
  const suffix = assumed ? ` (Cilium version not known: the grammar of 1.${context.minor} assumed)` : '';
  const text = selectorText(selector);
  const body = context.matches ? `"${name}" matches ${text}` : explainMismatch(name, selector, context.minor);
  return body + suffix;
}
