/** matchName/matchPattern as Cilium compares them (policy-semantics §1); used by the evaluation and by the `matchFqdn` tool. */
import type { FqdnSelector } from '../../model/policy.ts';
import { normaliseName } from '../../net/dns-name.ts';
import { minorOf, minorOrAssumed } from '../engine.ts';
import { explainPattern, patternMatcher } from './dialects.ts';
import type { NameMatcher } from './matchers.ts';
import { CILIUM_CHARACTERS, ciliumProblem } from './validity.ts';

export interface FqdnMatch {
  readonly matches: boolean;
  readonly name: string;
  readonly selector: string;
  /** One clause, label by label. */
  readonly explanation: string;
}

/** `toFQDNs` (what an answer is learned for) and `rules.dns` (what may be asked) differ for the match-all pattern only. */
type FqdnUse = 'toFQDNs' | 'dns';

/** Compares one name with one selector by the grammar of the given Cilium version (`1.19.5`; 1.19 is assumed when absent). */
export function matchFqdn(name: string, selector: FqdnSelector, version: string | undefined): FqdnMatch {
  const minor = minorOrAssumed(version);
  const asked = normaliseName(name);
  const text = selectorText(selector);
  const problem = selectorProblem(selector, minor);
  if (problem) return { matches: false, name: asked, selector: text, explanation: problem };
  const matches = fqdnMatcher(selector, minor, 'toFQDNs')(asked);
  const why = explainPattern(asked, selector.matchName ?? selector.matchPattern ?? '', 'cilium', { minor });
  return { matches, name: asked, selector: text, explanation: why + assumption(selector, version) };
}

/** `matchName "a.example"` or `matchPattern "*.example"`. */
export function selectorText(selector: FqdnSelector): string {
  if (selector.matchName) return `matchName "${selector.matchName}"`;
  return `matchPattern "${selector.matchPattern ?? ''}"`;
}

/** A predicate over names (any case, final dot or not). */
export function fqdnMatcher(selector: FqdnSelector, minor: number, use: FqdnUse): NameMatcher {
  if (selectorProblem(selector, minor)) return () => false;
  const pattern = selector.matchName || (selector.matchPattern ?? '');
  // The proxy lets every question pass then, odd characters too (cilium pkg/fqdn/dnsproxy/proxy.go).
  if (use === 'dns' && isMatchAll(pattern, minor)) return () => true;
  return patternMatcher(pattern, 'cilium', { minor });
}

/** True for the patterns that stand for every name in the given version. */
function isMatchAll(pattern: string, minor: number): boolean {
  return (minor >= 19 ? /^\*+\.?$/ : /^\*$/).test(pattern);
}

/** Why the selector selects nothing or is refused; undefined when it is sound. */
export function selectorProblem({ matchName, matchPattern }: FqdnSelector, minor: number): string | undefined {
  if (matchName && matchPattern) return 'the selector has both matchName and matchPattern, which Cilium refuses';
  if (matchPattern) return ciliumProblem(matchPattern, minor);
  if (!matchName) return 'the selector has neither matchName nor matchPattern';
  return matchName.includes('*') ? CILIUM_CHARACTERS : ciliumProblem(matchName, minor);
}

function assumption(selector: FqdnSelector, version: string | undefined): string {
  if (minorOf(version) !== undefined || !/\*\*|^\*\.$/.test(selector.matchPattern ?? '')) return '';
  return ` (Cilium version not known: the grammar of 1.${minorOrAssumed(version)} assumed)`;
}
