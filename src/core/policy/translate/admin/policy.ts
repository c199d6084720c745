/**
 * AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy (AWS's too) into the internal rules, with what each engine makes
 * of them where it leaves the API's text (network-policy-api v0.2.0 apis); called by `registry.ts`.
 */
import type { ClusterState, CniName } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type { AdminEgressPeer, AdminEgressRule, AdminPolicy } from '../../../model/policies/admin.ts';
import { inAutoMode } from '../../engine/enforcement-aws.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { LayerKey } from '../../rules/layers.ts';
import { ADMIN, BASELINE, BASELINE_POSITION, NORMAL_POSITION } from '../../rules/layers.ts';
import { lazySection } from '../../rules/lazy.ts';
import type { Peer, PolicyRule, TranslatedPolicy } from '../../rules/rule.ts';
import { NO_L7, unknownPeer } from '../../rules/rule.ts';
import { indexOf } from '../../state/state-index.ts';
import { nameFilter } from '../name-peer.ts';
import { domainSelector, peersOf, podsOf, readingOf } from './peers.ts';
import { hasNamedPort, portSetOf } from './ports.ts';

export function translateAdmin(policy: AdminPolicy, state: ClusterState): TranslatedPolicy {
  const { settings } = indexOf(state);
  const ref = { kind: policy.kind, name: policy.meta.name };
  const invalidReason = problemOf(policy, settings);
  const subject = podsOf(policy.subject);
  const head = { path: 'spec', subject, isolates: false };
  return {
    policy,
    ref,
    layer: layerOf(policy, settings.engine),
    order: priorityOf(policy),
    valid: invalidReason === undefined,
    ...(invalidReason !== undefined && { invalidReason, ...staleness(policy, settings) }),
    sections: [
      lazySection(head, () => policy.egress.flatMap((rule, index) => rulesOf(rule, { policy, ref, state, index }))),
    ],
  };
}

function priorityOf(policy: AdminPolicy): number {
  return policy.kind === 'BaselineAdminNetworkPolicy' ? 0 : policy.priority;
}

function isBaseline(policy: AdminPolicy): boolean {
  return policy.kind === 'BaselineAdminNetworkPolicy' || ('tier' in policy && policy.tier === 'Baseline');
}

/**
 * Antrea has places of its own for both generations: AdminNetworkPolicy after its tiers (251), ClusterNetworkPolicy's Admin among them
 * (220), the baselines after its own (254) (pkg/controller/networkpolicy/adminnetworkpolicy.go, k8sclusternetworkpolicy.go).
 */
function layerOf(policy: AdminPolicy, engine: CniName): LayerKey {
  const base = isBaseline(policy) ? BASELINE : ADMIN;
  const ties = TIES[engine] ?? 'open';
  if (engine !== 'antrea') return { ...base, ties };
  if (isBaseline(policy)) return { ...base, ties, position: BASELINE_POSITION + 1 };
  return { ...base, ties, position: 'tier' in policy ? ANTREA_CLUSTER_ADMIN : NORMAL_POSITION - 1 };
}

const ANTREA_CLUSTER_ADMIN = 220;

/**
 * Equal priorities: Calico goes by name (felix/calc/policy_sorter.go), Cilium (pkg/policy/l4.go HasPrecedenceOver) and AWS's agent
 * (pkg/ebpf/c/tc.v4egress.bpf.c evaluateClusterPolicyByLookUp) prefer deny to allow to pass; the API promises nothing.
 */
const TIES: Partial<Record<CniName, LayerKey['ties']>> = {
  calico: 'name',
  cilium: 'strictest',
  'gke-dataplane-v2': 'strictest',
  'aws-vpc-cni': 'strictest',
};

/** Why the engine takes nothing of the object. */
function problemOf(policy: AdminPolicy, settings: EngineSettings): string | undefined {
  const { engine } = settings;
  // ovn-kubernetes go-controller/pkg/ovn/controller/admin_network_policy/types.go (ovnkSupportedPriorityUpperBound).
  if (engine === 'ovn-kubernetes' && policy.kind === 'AdminNetworkPolicy' && policy.priority > OVN_LAST_PRIORITY)
    return `OVN-Kubernetes takes priorities up to ${OVN_LAST_PRIORITY} only, this one is ${policy.priority}`;
  return engine === 'cilium' ? policy.egress.map((rule) => ciliumProblem(rule, settings)).find(Boolean) : undefined;
}

const OVN_LAST_PRIORITY = 99;

/** cilium 1.20 pkg/k8s/cluster_network_policy.go ParseClusterNetworkPolicy: any of these voids the whole object. */
function ciliumProblem({ to, action }: AdminEgressRule, settings: EngineSettings): string | undefined {
  if (to.some(({ nodes }) => nodes) && !settings.nodeSelectorLabels)
    return 'it selects nodes, which Cilium refuses while enable-node-selector-labels is off';
  if (!to.some(({ domainNames }) => domainNames)) return undefined;
  if (action !== 'Accept')
    return `it has domainNames in a rule whose action is ${action}, and only Accept may have them`;
  return settings.l7Proxy ? undefined : 'it has domainNames, which Cilium refuses while enable-l7-proxy is off';
}

/** Cilium drops a bad update, so that what was there before stays. */
function staleness({ meta }: AdminPolicy, { engine }: EngineSettings): { uncertain?: string } {
  if (engine !== 'cilium' || (meta.generation ?? 1) <= 1) return {};
  return { uncertain: 'it is invalid as stored, and the version before its last edit may still be in force' };
}

interface Element {
  readonly policy: AdminPolicy;
  readonly ref: ObjectRef;
  readonly state: ClusterState;
  readonly index: number;
}

const EFFECTS = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const;

function rulesOf(rule: AdminEgressRule, element: Element): PolicyRule[] {
  const { policy, ref, state, index } = element;
  const { engine, cilium } = indexOf(state).settings;
  const path = `spec.egress[${index}]`;
  const portsPath = rule.ports ? `${path}.ports` : rule.protocols && `${path}.protocols`;
  const base = {
    policy: ref,
    effect: EFFECTS[rule.action],
    path,
    ...(portsPath !== undefined && { portsPath }),
    ports: portSetOf(rule, engine),
    l7: NO_L7,
    // Cilium gives each rule a priority of its own, so rules of policies with equal priorities alternate.
    ...(cilium && { order: priorityOf(policy) + index / 100 }),
  };
  if (rule.to.length === 0) return [{ ...base, peers: cilium ? 'any' : [unknownPeer('to', path, NO_PEERS)] }];
  if (engine !== 'calico' || !hasNamedPort(rule))
    return [...readRules(rule, base, state), ...dnsRules(rule, base, engine)];
  // Of v1alpha1, which Calico takes up to 3.31, it reads a port name as no port at all, and lets go of the rule's other ports too
  // (libcalico-go/lib/backend/k8s/conversion/conversion.go, k8sAdminPolicyPortToCalicoFields and unpackANPPorts).
  return rule.ports
    ? readRules(rule, { ...base, ports: 'any' }, state)
    : [{ ...base, ports: 'any', peers: [unknownPeer('to', path, NAMED)] }];
}

const NO_PEERS = 'the rule lists no destination, which the API does not allow';
const NAMED = 'Calico reads port names of these policies in some versions only';

/** What can be read, and a deny of everything in place of what cannot: the API's "fail closed". */
function readRules(rule: AdminEgressRule, base: Omit<PolicyRule, 'peers'>, state: ClusterState): PolicyRule[] {
  const { engine } = indexOf(state).settings;
  const auto = inAutoMode(state);
  const readings = rule.to.map((peer) => readingOf(peer, engine, auto));
  const closed = readings.some((reading) => reading === 'unreadable');
  const deny = closed && base.effect !== 'allow' ? [{ ...base, effect: 'deny', peers: 'any' } as const] : [];
  // Calico gives the whole rule up, ports included (clusternetworkpolicy.go, k8sClusterNetPolHandleFailedRules).
  if (closed && engine === 'calico') return deny.map(({ portsPath: _ports, ...one }) => ({ ...one, ports: 'any' }));
  const peers = rule.to.flatMap((peer, at): Peer[] => {
    const reading = readings[at];
    const path = `${base.path}.to[${at}]`;
    if (typeof reading === 'object') return [unknownPeer('to', path, reading.unknown)];
    return reading === 'read' ? peersOf(peer, path, state) : [];
  });
  return [...deny, ...(peers.length > 0 ? [{ ...base, peers }] : [])];
}

/** Cilium lets the names' lookups through its DNS proxy, towards pods labelled k8s-app=kube-dns and their ports named dns and dns-tcp. */
function dnsRules(rule: AdminEgressRule, base: Omit<PolicyRule, 'peers'>, engine: CniName): PolicyRule[] {
  const dns = rule.to.flatMap((peer, at) => filtersOf(peer, `${base.path}.to[${at}]`));
  if (engine !== 'cilium' || dns.length === 0) return [];
  const requirements = [{ source: 'any', key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] as const;
  const peer: Peer = {
    match: { kind: 'labels', requirements },
    path: base.path,
    text: 'the DNS pods (k8s-app=kube-dns), for domainNames',
  };
  const ports = ['dns', 'dns-tcp'].map((name) => ({
    protocols: ['TCP', 'UDP'] as const,
    port: { name },
    text: `port ${name}`,
  }));
  return [{ ...base, peers: [peer], ports, l7: { ...NO_L7, dns } }];
}

function filtersOf({ domainNames }: AdminEgressPeer, path: string) {
  return (domainNames ?? []).map((name, index) => nameFilter(domainSelector(name), `${path}.domainNames[${index}]`));
}
