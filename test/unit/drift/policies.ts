/** Small live policies for the drift tests. */
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { CiliumEgressRule, CiliumPolicy, NetworkPolicy } from '../../../src/core/model/policy.ts';

export function meta(name: string, namespace?: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: {},
    annotations: {},
    owners: [],
    managers: [],
    ...more,
  };
}

export function cnp(name: string, egress: readonly CiliumEgressRule[], more: Partial<ObjectMeta> = {}): CiliumPolicy {
  return {
    kind: 'CiliumNetworkPolicy',
    meta: meta(name, 'shop', more),
    rules: [
      {
        path: 'spec',
        rule: {
          endpointSelector: { matchLabels: { app: 'checkout' }, matchExpressions: [] },
          egress,
          hasIngress: false,
        },
      },
    ],
    conditions: [],
  };
}

export function networkPolicy(name: string, more: Partial<NetworkPolicy>): NetworkPolicy {
  return {
    kind: 'NetworkPolicy',
    meta: meta(name, 'shop'),
    podSelector: { matchLabels: {}, matchExpressions: [] },
    ...more,
  };
}

export function fqdnRule(names: readonly string[], ports: readonly string[] = ['443']): CiliumEgressRule {
  return {
    toFQDNs: names.map((matchName) => ({ matchName })),
    toPorts: [{ ports: ports.map((port) => ({ port, protocol: 'TCP' })) }],
  };
}
