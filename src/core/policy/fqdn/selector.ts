/** Name selectors as their engine compares them (Cilium: policy-semantics §1); used by the evaluation and by the `matchFqdn` tool. */
import type { Dialect } from '../../model/dialect.ts';
import type { FqdnSelector } from '../../model/policy.ts';
import { normaliseName } from '../../net/dns-name.ts';
import { minorOf, minorOrAssumed } from '../engine/settings.ts';
import { explainPattern, patternMatcher, patternProblem } from './dialects.ts';
import type { NameMatcher } from './matchers.ts';
import { CILIUM_CHARACTERS, ciliumSelectsNothing } from './validity.ts';

export interface FqdnMatch {
  readonly matches: boolean;
  readonly name: string;
  readonly selector: string;
  /** One clause, label by label. */
  readonly explanation: string;
}

/** `toFQDNs` (what an answer is learned for) and `rules.dns` (what may be asked) differ for the match-all pattern only. */
type FqdnUse = 'toFQDNs' | 'dns';

/** Compares one name with one selector; `version` is Cilium's (`1.19.5`; 1.19 is assumed when absent), for selectors in its dialect. */
export function matchFqdn(name: string, selector: FqdnSelector, version: string | undefined): FqdnMatch {
  const minor = minorOrAssumed(version);
  const asked = normaliseName(name);
  const text = selectorText(selector);
  const problem = selectorProblem(selector, minor) ?? selectsNothing(selector, minor);
  if (problem) return { matches: false, name: asked, selector: text, explanation: problem };
  const matches = fqdnMatcher(selector, minor, 'toFQDNs')(asked);
  const why = explainPattern(asked, written(selector), dialectOf(selector), { minor });
  return { matches, name: asked, selector: text, explanation: why + assumption(selector, version) };
}

const STAR_IN_NAME = 'the API refuses it: a name takes no "*"';

/** The field of the API that holds names and patterns alike; Cilium and GKE have one for each. */
const FIELDS: Readonly<Partial<Record<Dialect, string>>> = {
  kcnp: 'domainNames',
  ovn: 'dnsName',
  antrea: 'fqdn',
  calico: 'domains',
  istio: 'hosts',
  gateway: 'hostnames',
};

/** `matchName "a.example"` or `matchPattern "*.example"`; in other dialects with their field: `domainNames "*.example"`. */
export function selectorText(selector: FqdnSelector): string {
  const dialect = dialectOf(selector);
  if (dialect === 'gke') return `${selector.matchName ? 'name' : 'pattern'} "${written(selector)}"`;
  const field = FIELDS[dialect];
  if (field !== undefined) return `${field} "${written(selector)}"`;
  if (selector.matchName) return `matchName "${selector.matchName}"`;
  return `matchPattern "${selector.matchPattern ?? ''}"`;
}

/** A predicate over names (any case, final dot or not). */
export function fqdnMatcher(selector: FqdnSelector, minor: number, use: FqdnUse): NameMatcher {
  if (selectorProblem(selector, minor)) return () => false;
  if (use === 'toFQDNs' && selectsNothing(selector, minor)) return () => false;
  const pattern = written(selector);
  // The proxy lets every question pass then, odd characters too (cilium pkg/fqdn/dnsproxy/proxy.go).
  if (use === 'dns' && dialectOf(selector) === 'cilium' && isMatchAll(pattern, minor)) return () => true;
  return patternMatcher(pattern, dialectOf(selector), { minor });
}

/** True for the patterns that stand for every name in the given version. */
function isMatchAll(pattern: string, minor: number): boolean {
  return (minor >= 19 ? /^\*+\.?$/ : /^\*$/).test(pattern);
}

/** Why the API or the agent refuses the selector, and with it the policy; undefined when it is sound. */
export function selectorProblem(selector: FqdnSelector, minor: number): string | undefined {
  const { matchName, matchPattern } = selector;
  if (matchName && matchPattern) return 'the selector has both matchName and matchPattern, which Cilium refuses';
  if (!matchName && !matchPattern) return 'the selector has neither matchName nor matchPattern';
  if (matchName?.includes('*')) return dialectOf(selector) === 'cilium' ? CILIUM_CHARACTERS : STAR_IN_NAME;
  return patternProblem(written(selector), dialectOf(selector), { minor });
}

function selectsNothing(selector: FqdnSelector, minor: number): string | undefined {
  return dialectOf(selector) === 'cilium' ? ciliumSelectsNothing(written(selector), minor) : undefined;
}

/** Absent is Cilium's. */
export function dialectOf({ dialect }: FqdnSelector): Dialect {
  return dialect ?? 'cilium';
}

function written({ matchName, matchPattern }: FqdnSelector): string {
  return matchName || (matchPattern ?? '');
}

function assumption(selector: FqdnSelector, version: string | undefined): string {
  const known = minorOf(version) !== undefined || dialectOf(selector) !== 'cilium';
  if (known || !/\*\*|^\*\.$/.test(selector.matchPattern ?? '')) return '';
  return ` (Cilium version not known: the grammar of 1.${minorOrAssumed(version)} assumed)`;
}
