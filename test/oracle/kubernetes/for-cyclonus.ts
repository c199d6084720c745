/**
 * Rewrites a NetworkPolicy into ones that mean to Cyclonus what the original means to Kubernetes; used by `cyclonus.ts`. Its matcher
 * differs in three points (pkg/kube/labelselector.go, pkg/matcher/builder.go of v0.5.6):
 * - NotIn: "resources with no labels with the key" match too (kubernetes.io, concepts, Labels and Selectors); to Cyclonus they do not.
 * - matchLabels with an empty value wants the label to be there (apimachinery, labels.Requirement.Matches); to Cyclonus it may be absent.
 * - policyTypes may be left out; the API server then fills it in (k8s.io/api networking/v1, NetworkPolicySpec.policyTypes).
 */
import type { Raw } from '../kinds/world.ts';

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Expression[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: unknown;
}

interface Spec {
  readonly podSelector: Selector;
  readonly policyTypes?: readonly string[];
  readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly unknown[] }[];
}

export function forCyclonus(policy: Raw): Raw[] {
  const spec = policy['spec'] as Spec;
  const egress = spec.egress?.map((rule) => ({ ...rule, ...(rule.to && { to: rule.to.flatMap(peers) }) }));
  const policyTypes = spec.policyTypes?.length ? spec.policyTypes : ['Ingress', ...(egress?.length ? ['Egress'] : [])];
  const rest = { ...spec, policyTypes, ...(egress && { egress }) };
  return alternatives(spec.podSelector).map((podSelector) => ({ ...policy, spec: { ...rest, podSelector } }));
}

function peers(peer: Peer): Peer[] {
  if (peer.ipBlock !== undefined) return [peer];
  const pods = peer.podSelector ? alternatives(peer.podSelector) : [undefined];
  const spaces = peer.namespaceSelector ? alternatives(peer.namespaceSelector) : [undefined];
  return pods.flatMap((podSelector) =>
    spaces.map((namespaceSelector) => ({
      ...(podSelector && { podSelector }),
      ...(namespaceSelector && { namespaceSelector }),
    })),
  );
}

/** Selectors of which exactly those labels match at least one that match the original. */
function alternatives(selector: Selector): Selector[] {
  const labels = Object.entries(selector.matchLabels ?? {});
  const expressions = [
    ...(selector.matchExpressions ?? []),
    ...labels.map(([key, value]): Expression => ({ key, operator: 'In', values: [value] })),
  ];
  let all: Expression[][] = [[]];
  for (const one of expressions) {
    const ways = one.operator === 'NotIn' ? [one, { key: one.key, operator: 'DoesNotExist' }] : [one];
    all = all.flatMap((before) => ways.map((way) => [...before, way]));
  }
  return all.map((matchExpressions) => ({ matchExpressions }));
}
