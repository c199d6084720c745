/** Builders for tests of the administrators' kinds: YAML as people write it, through the real decoders, into the small cluster of `world.ts`. */
import { load } from 'js-yaml';
import {
  adminNetworkPolicySchema,
  baselineAdminNetworkPolicySchema,
  clusterNetworkPolicySchema,
} from '../../../../src/cluster/decode/admin.ts';
import type { ClusterState, EngineFacts } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { Evaluation } from '../../../../src/core/model/evaluation.ts';
import type { ClusterNetworkPolicy } from '../../../../src/core/model/policies/admin.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import type { Pod } from '../../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { DNS, meta, OTHER, P, PEER, pod, withPort, world } from '../world.ts';

interface Head {
  readonly priority?: number;
  readonly subject?: string;
  readonly generation?: number;
}

const ALL = '{namespaces: {}}';

function specOf(head: Head, egress: string): object {
  return { subject: load(head.subject ?? ALL), egress: load(egress) };
}

export function anp(name: string, egress: string, head: Head = {}): Policy {
  const spec = { priority: head.priority ?? 10, ...specOf(head, egress) };
  return adminNetworkPolicySchema.parse({ metadata: { name }, spec });
}

export function banp(egress: string, head: Head = {}): Policy {
  return baselineAdminNetworkPolicySchema.parse({ metadata: { name: 'default' }, spec: specOf(head, egress) });
}

export function kcnp(name: string, egress: string, head: Head & { tier?: string; group?: string } = {}): Policy {
  const kind = `ClusterNetworkPolicy.${head.group ?? 'policy.networking.k8s.io'}` as ClusterNetworkPolicy['kind'];
  const spec = { tier: head.tier ?? 'Admin', priority: head.priority ?? 10, ...specOf(head, egress) };
  return clusterNetworkPolicySchema(kind).parse({ metadata: { name, generation: head.generation }, spec });
}

export const WEB = withPort(pod('web', 'other', '10.2.3.4', { labels: { app: 'web' } }), 'https', 443);
const namedDns = {
  ...DNS,
  containers: DNS.containers.map((one) => ({
    ...one,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' as const },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' as const },
    ],
  })),
};

const nodes = [
  { meta: meta('n1'), addresses: ['10.1.1.9'] },
  { meta: meta('n2', undefined, { zone: 'a' }), addresses: ['10.1.1.1'] },
];

/** On OVN-Kubernetes, which takes what the API says; `status` is what it writes into the objects it enforces. */
export const OVN: EngineFacts = { cni: 'ovn-kubernetes', seenBy: 'test' };

export function on(engine: EngineFacts, policies: readonly Policy[], more: Partial<ClusterState> = {}): ClusterState {
  const taken = policies.map((one) => (engine === OVN && 'conditions' in one ? { ...one, conditions: READY } : one));
  return world(taken, { engine, pods: [P, PEER, OTHER, WEB, namedDns], nodes, ...more });
}

const READY = [{ type: 'Ready-In-Zone-n1', status: 'True', reason: 'SetupSucceeded' }];

export const cilium = (minor: number, config: Record<string, string> = {}): EngineFacts => ({
  cni: 'cilium',
  version: `1.${minor}.2`,
  config: { 'enable-k8s-cluster-network-policy': 'true', ...config },
  seenBy: 'test',
});

/** `203.0.113.10:443`, `10.2.3.4:80/UDP`, `a.vendor.example@203.0.113.10:443`. */
export function to(text: string): Destination {
  const [, host, address = '', port, protocol = 'TCP'] = /^(?:(.+)@)?([^:]*):(\d+)(?:\/(\w+))?$/.exec(text) ?? [];
  return {
    ...(host !== undefined && { host }),
    cnames: [],
    addresses: address === '' ? [] : [address],
    port: Number(port),
    protocol: protocol as Destination['protocol'],
  };
}

export function ask(state: ClusterState, destination: string, from: Pod = P): Evaluation {
  return evaluateEgress(state, from, to(destination));
}

/** `denied default_deny`, `allowed allowed_by_rule spec.egress[0].to[0]`. */
export function answer(state: ClusterState, destination: string, from: Pod = P): string {
  const { connect } = ask(state, destination, from);
  return [connect.decision, connect.reason, ...connect.decidedBy.map(({ path }) => path)].join(' ');
}
