/** Name patterns in the wildcard dialects of all engines: sound or not, matching or not, and why; for translators and `matchFqdn`. */
import type { Dialect } from '../../model/dialect.ts';
import { normaliseName } from '../../net/dns-name.ts';
import { ASSUMED_MINOR } from '../engine/settings.ts';
import { explainMatch, explainMiss } from './explain.ts';
import type { NameMatcher, Shape } from './matchers.ts';
import { matcherOf } from './matchers.ts';
import {
  antreaProblem,
  calicoProblem,
  ciliumProblem,
  gatewayProblem,
  gkeProblem,
  istioProblem,
  kcnpProblem,
  ovnProblem,
} from './validity.ts';

export type { Dialect } from '../../model/dialect.ts';

interface DialectOptions {
  /** The minor version of Cilium, whose grammar changed in 1.19; other dialects have one grammar. */
  readonly minor?: number;
}

interface Rules {
  /** What the API or the agent refuses, or accepts and can never match. */
  readonly problem: (pattern: string, minor: number) => string | undefined;
  /** Of a sound pattern, as written. */
  readonly shape: (pattern: string, minor: number) => Shape;
  /** Why a star did not take the labels that the name has; absent where a star takes any number of them. */
  readonly depth?: (minor: number) => string;
}

/** Sources of what is refused stand in `validity.ts`, sources of what is matched here. */
const RULES: Readonly<Record<Dialect, Rules>> = {
  /** cilium/cilium pkg/fqdn/matchpattern/matchpattern.go (1.18 without `**.`, 1.19 and 1.20 with it). */
  cilium: {
    problem: ciliumProblem,
    shape: ciliumShape,
    depth: (minor) =>
      minor >= 19
        ? '"*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19'
        : '"*" does not cross a dot in Cilium, and "**." spans labels only from 1.19',
  },
  /**
   * network-policy-api v0.2.0 apis/v1alpha2/clusternetworkpolicy_types.go (DomainName): one or more entire labels, as a prefix only. AWS copied
   * the type (amazon-network-policy-controller-k8s api/v1alpha1/applicationnetworkpolicy_types.go), Cilium 1.20 turns it into `**.`.
   */
  kcnp: { problem: kcnpProblem, shape: prefixShape },
  /** gke-networking-api apis/fqdnnetworkpolicy/v1alpha1/types.go: zero or more characters but the dot, anywhere; alone it is every name. */
  gke: {
    problem: gkeProblem,
    shape: (pattern) => (pattern === '*' ? { kind: 'every' } : labelsShape(pattern)),
    depth: () => '"*" does not cross a dot in GKE',
  },
  /** ovn-kubernetes go-controller/pkg/crd/egressfirewall/v1/types.go (dnsName); openshift/coredns-ocp-dnsnameresolver utils.go getWildcard. */
  ovn: { problem: ovnProblem, shape: labelsShape, depth: () => '"*" is exactly one label in an EgressFirewall' },
  /** antrea pkg/agent/controller/networkpolicy/fqdn.go: toRegex makes `.*` of each star; names are compared without the final dot. */
  antrea: { problem: antreaProblem, shape: acrossShape },
  /** docs.tigera.io network-policy/domain-based-policy: the asterisk is one or more components at its position. */
  calico: { problem: calicoProblem, shape: calicoShape },
  /** istio pkg/config/host/name.go SubsetOf: what follows the leading star is a suffix of the name, dots in front included. */
  istio: { problem: istioProblem, shape: acrossShape },
  /** Gateway API apis/v1 Hostname; linkerd2-proxy linkerd/http/route/src/match_host.rs: one or more labels before the suffix. */
  gateway: { problem: gatewayProblem, shape: prefixShape },
};

const NEVER: NameMatcher = () => false;

/** A predicate over names (any case, final dot or not); nothing matches a pattern that the API or the agent refuses. */
export function patternMatcher(pattern: string, dialect: Dialect, options: DialectOptions = {}): NameMatcher {
  if (patternProblem(pattern, dialect, options) !== undefined) return NEVER;
  return matcherOf(shapeOf(pattern, dialect, options));
}

/** Why the API or the agent refuses the pattern, or why it can match nothing; undefined when it is sound. */
export function patternProblem(pattern: string, dialect: Dialect, options: DialectOptions = {}): string | undefined {
  return RULES[dialect].problem(pattern, minorOf(options));
}

/** One sentence, label by label: why the name matches or does not. */
export function explainPattern(name: string, pattern: string, dialect: Dialect, options: DialectOptions = {}): string {
  const problem = patternProblem(pattern, dialect, options);
  if (problem !== undefined) return problem;
  const asked = normaliseName(name);
  const shape = shapeOf(pattern, dialect, options);
  if (matcherOf(shape)(name)) return explainMatch(asked, pattern, shape);
  return explainMiss(asked, shape, RULES[dialect].depth?.(minorOf(options)));
}

function minorOf({ minor }: DialectOptions): number {
  return minor ?? ASSUMED_MINOR;
}

function shapeOf(pattern: string, dialect: Dialect, options: DialectOptions): Shape {
  return RULES[dialect].shape(pattern, minorOf(options));
}

function ciliumShape(pattern: string, minor: number): Shape {
  if ((minor >= 19 ? /^\*+\.?$/ : /^\*$/).test(pattern)) return { kind: 'every' };
  const [stars = ''] = /^\*{2,}(?=\.)/.exec(pattern) ?? [];
  if (minor < 19 || stars === '') return labelsShape(pattern);
  return { kind: 'under', stars, tail: normaliseName(pattern).slice(stars.length + 1) };
}

function labelsShape(pattern: string): Shape {
  return starred('labels', pattern);
}

function acrossShape(pattern: string): Shape {
  return starred('across', pattern);
}

function starred(kind: 'labels' | 'across', pattern: string): Shape {
  return { kind: pattern.includes('*') ? kind : 'exact', text: normaliseName(pattern) };
}

function prefixShape(pattern: string): Shape {
  const text = normaliseName(pattern);
  return text.startsWith('*.') ? { kind: 'under', stars: '*', tail: text.slice(2) } : { kind: 'exact', text };
}

function calicoShape(pattern: string): Shape {
  const text = normaliseName(pattern);
  const [before = '', after] = text.split('*');
  return after === undefined ? { kind: 'exact', text } : { kind: 'between', before, after };
}
