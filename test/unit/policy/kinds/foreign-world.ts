/** Test support for kinds of other engines: YAML through the real decoders into the small cluster, and one question asked of it. */
import { load } from 'js-yaml';
import { antreaGroupSchema, antreaPolicySchema, antreaTierSchema } from '../../../../src/cluster/decode/antrea.ts';
import { egressFirewallSchema, egressNetworkPolicySchema } from '../../../../src/cluster/decode/egress-firewall.ts';
import { fqdnNetworkPolicySchema } from '../../../../src/cluster/decode/gke.ts';
import type { ClusterState, CniName } from '../../../../src/core/model/cluster-state.ts';
import type { Evaluation } from '../../../../src/core/model/evaluation.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import type { Pod } from '../../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { P, world } from '../world.ts';

type Make = (name: string, spec: string, more?: object) => Policy;

const raw = (name: string, spec: string, more: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: load(spec),
  ...more,
});

export const annp: Make = (name, spec) => antreaPolicySchema('NetworkPolicy.crd.antrea.io').parse(raw(name, spec));
export const acnp: Make = (name, spec) =>
  antreaPolicySchema('ClusterNetworkPolicy.crd.antrea.io').parse(raw(name, spec, { metadata: { name } }));
export const fqdnPolicy: Make = (name, spec) => fqdnNetworkPolicySchema.parse(raw(name, spec));
export const firewall = (spec: string, more: object = {}) => egressFirewallSchema.parse(raw('default', spec, more));
export const sdnPolicy: Make = (name, spec, more) => egressNetworkPolicySchema.parse(raw(name, spec, more));
export const group = (name: string, spec: string) => antreaGroupSchema.parse(raw(name, spec));
export const clusterGroup = (name: string, spec: string) =>
  antreaGroupSchema.parse(raw(name, spec, { metadata: { name } }));
export const tier = (name: string, priority: number) =>
  antreaTierSchema.parse({ metadata: { name }, spec: { priority } });

export function on(cni: CniName, policies: readonly Policy[], more: Partial<ClusterState> = {}): ClusterState {
  return world(policies, { engine: { cni, seenBy: 'test', config: {} }, ...more });
}

/** `api.vendor.example:443`, `10.2.3.9:80/UDP`, `api.vendor.example=203.0.113.7:443`. */
export function ask(state: ClusterState, to: string, pod: Pod = P): Evaluation {
  const match = /^(?:([a-z][^=:]*)=?)?([\d.]*):(\d+)(?:\/(\w+))?$/.exec(to);
  const [, host, address, port, protocol = 'TCP'] = match ?? [];
  return evaluateEgress(state, pod, {
    ...(host !== undefined && { host }),
    cnames: [],
    addresses: address ? [address] : [],
    port: Number(port),
    protocol: protocol as 'TCP',
  });
}

/** `denied explicit_deny spec.egress[0]`: what the connection's verdict is, why, and by which rules. */
export function verdict({ connect }: Evaluation): string {
  const paths = connect.decidedBy.map(({ policy, path }) => `${policy.name} ${path}`);
  return [connect.decision, connect.reason, ...paths].join(' | ');
}
