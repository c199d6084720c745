/** Builders for tests of Calico's kinds: YAML as people write it, through the real decoders, into the small cluster of `world.ts`. */
import { load } from 'js-yaml';
import {
  calicoPolicySchema,
  hostEndpointSchema,
  setSchema,
  tierSchema,
} from '../../../../src/cluster/decode/calico.ts';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import type { CalicoFacts, CalicoPolicy } from '../../../../src/core/model/policies/calico.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { meta, OTHER, P, PEER, pod, withPort, world } from '../world.ts';

/** A policy in namespace default, from its spec. */
export function calico(name: string, spec: string, more: { namespace?: string; crd?: boolean } = {}): CalicoPolicy {
  const metadata = { name, namespace: more.namespace ?? 'default' };
  const group = more.crd ? 'crd.projectcalico.org' : 'projectcalico.org';
  return calicoPolicySchema('NetworkPolicy.projectcalico.org', group).parse({ metadata, spec: load(spec) });
}

export function globalCalico(name: string, spec: string): CalicoPolicy {
  const schema = calicoPolicySchema('GlobalNetworkPolicy.projectcalico.org', 'projectcalico.org');
  return schema.parse({ metadata: { name }, spec: load(spec) });
}

export function tier(name: string, order?: number, defaultAction?: string) {
  return tierSchema.parse({ metadata: { name }, spec: { order, defaultAction } });
}

export function set(name: string, labels: Record<string, string>, nets: readonly string[], namespace?: string) {
  const kind = namespace === undefined ? 'GlobalNetworkSet' : 'NetworkSet';
  return setSchema(kind).parse({ metadata: { name, labels, namespace }, spec: { nets } });
}

export function hostEndpoint(name: string, labels: Record<string, string>, expectedIPs: readonly string[]) {
  return hostEndpointSchema.parse({ metadata: { name, labels }, spec: { expectedIPs } });
}

export const FRONT = pod('front', 'default', '10.0.0.7', { labels: { app: 'front', tier: 'web' } });
export const BACK = withPort(pod('back', 'other', '10.2.3.7', { serviceAccount: 'backend' }), 'http', 8080);

/** On Calico, with what its policies refer to. */
export function onCalico(
  policies: readonly Policy[],
  facts: Partial<CalicoFacts> = {},
  more: Partial<ClusterState> = {},
) {
  const namespaces = [
    { meta: meta('default', undefined, { stage: 'dev' }) },
    { meta: meta('other', undefined, { team: 'x' }) },
    { meta: meta('kube-system') },
  ];
  return world(policies, {
    engine: { cni: 'calico', version: '3.31.2', edition: 'open-source', seenBy: 'test' },
    calico: { tiers: [], sets: [], serviceAccounts: [], ...facts },
    namespaces,
    pods: [P, PEER, OTHER, FRONT, BACK],
    ...more,
  });
}
