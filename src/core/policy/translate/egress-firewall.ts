/** EgressFirewall (OVN-Kubernetes) and EgressNetworkPolicy (OpenShift SDN) into the internal rules (policy-semantics §5.7); called by `registry.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import type { EgressFirewall, EgressNetworkPolicy, FirewallRule } from '../../model/policies/egress-firewall.ts';
import type { FqdnSelector } from '../../model/policy.ts';
import { parseCidr } from '../../net/cidr.ts';
import { ALL_PORTS } from '../../net/port-range.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { NAMESPACE_KEY } from '../identity/labels.ts';
import { equals } from '../rules/label-selector.ts';
import type { LayerKey } from '../rules/layers.ts';
import { ADMIN_POSITION } from '../rules/layers.ts';
import type { L4Protocol, Peer, PeerAnswer, PeerMatch, PolicyRule, PortSet, TranslatedPolicy } from '../rules/rule.ts';
import { NO_L7 } from '../rules/rule.ts';
import { namePeer } from './name-peer.ts';
import { nodesMatch } from './node-selector.ts';
import { labelsText } from './selector-text.ts';

/**
 * Policies and the firewall both have their say: OVN's are in the pipeline towards the outside (`to-lport`), those of policies before it
 * (`from-lport`, ovn-kubernetes go-controller/pkg/ovn/controller/egressfirewall/egressfirewall.go addEgressFirewallRules); SDN's are in
 * table 100, after NetworkPolicy's table 27 (openshift/sdn pkg/network/node/ovscontroller.go). No match lets the packet through.
 */
const FIREWALL: LayerKey = {
  gate: 'firewall',
  position: ADMIN_POSITION,
  name: "the namespace's egress firewall",
  mode: 'ordered',
  drops: 'here',
};

/** The one name that the API takes and the controller asks for (egressfirewall.go, egressFirewallName). */
const NAME = 'default';
/** go-controller/pkg/types/resource_status.go. */
const NOT_APPLIED = 'not correctly applied';

export function translateEgressFirewall(policy: EgressFirewall, state: ClusterState): TranslatedPolicy {
  const ref = refOf(policy);
  const context: Context = { ref, state, servicesPass: false };
  const rules = policy.egress.flatMap((rule, index) => ruleOf(rule, `spec.egress[${index}]`, context));
  const misnamed = policy.meta.name === NAME ? undefined : `the API refuses it: an EgressFirewall is named "${NAME}"`;
  const refused = refusalOf(policy);
  const uncertain = misnamed === undefined ? (refused ?? doubtOf(policy)) : undefined;
  const invalidReason = misnamed ?? refused;
  return { ...framed(policy, ref, rules), valid: invalidReason === undefined, invalidReason, uncertain };
}

/** One rule that is refused keeps the whole object from being applied; rules of an earlier version may stay (buildEgressFirewallConstruct). */
function refusalOf({ status }: EgressFirewall): string | undefined {
  if (!status?.includes(NOT_APPLIED)) return undefined;
  return `OVN-Kubernetes reports "${status}", and an earlier version may be in force`;
}

function doubtOf({ status, egress }: EgressFirewall): string | undefined {
  const wildcard = egress.find(({ to }) => to.dnsName?.startsWith('*'));
  if (!wildcard || status !== undefined) return undefined;
  return `wildcard names (${wildcard.to.dnsName}) are refused unless the DNSNameResolver feature is on, and the object has no status that would tell`;
}

/** Several objects in one namespace, or one in the global network of `default`, are no firewall of several parts (ovscontroller.go UpdateEgressNetworkPolicyRules). */
export function translateEgressNetworkPolicy(policy: EgressNetworkPolicy, state: ClusterState): TranslatedPolicy {
  const ref = refOf(policy);
  const siblings = state.policies.filter(
    (one) =>
      one.kind === policy.kind && namespaceOf(one.meta) === ref.namespace && one.egress.length > 0 && one !== policy,
  );
  const context: Context = { ref, state, servicesPass: true };
  const own = policy.egress.flatMap((rule, index) => ruleOf(rule, `spec.egress[${index}]`, context));
  const several = siblings.length > 0 && policy.egress.length > 0;
  const global =
    ref.namespace === 'default' ? 'OpenShift SDN ignores it in the global network of "default"' : undefined;
  const rules = several ? [dropAll(context, siblings.length + 1)] : own;
  return { ...framed(policy, ref, rules), valid: global === undefined, invalidReason: global };
}

interface Context {
  readonly ref: ObjectRef;
  readonly state: ClusterState;
  /** Connections through a Service pass by the firewall. */
  readonly servicesPass: boolean;
}

function refOf({ kind, meta }: EgressFirewall | EgressNetworkPolicy): ObjectRef & { readonly namespace: string } {
  return { kind, namespace: namespaceOf(meta), name: meta.name };
}

function namespaceOf({ namespace = 'default' }: { readonly namespace?: string }): string {
  return namespace;
}

function framed(policy: EgressFirewall | EgressNetworkPolicy, ref: ObjectRef, rules: readonly PolicyRule[]) {
  const subject = [equals('k8s', NAMESPACE_KEY, ref.namespace ?? 'default')];
  return { policy, ref, layer: FIREWALL, order: 0, sections: [{ path: 'spec', subject, isolates: false, rules }] };
}

function ruleOf(rule: FirewallRule, path: string, context: Context): PolicyRule[] {
  const base = { policy: context.ref, path, effect: rule.type === 'Allow' ? 'allow' : 'deny', l7: NO_L7 } as const;
  const peers = peersOf(rule.to, `${path}.to`, context);
  const ports = portSetOf(rule.ports);
  return [{ ...base, ...(rule.ports.length > 0 && { portsPath: `${path}.ports` }), peers, ports }];
}

function portSetOf(ports: FirewallRule['ports']): PortSet {
  if (ports.length === 0) return 'any';
  return ports.map(({ protocol, port }) => ({
    protocols: [protocol.toUpperCase() as L4Protocol],
    // Port 0 is every port (egressGetL4Match).
    port: port ? { from: port, to: port } : ALL_PORTS,
    text: `${port || 'any'}/${protocol}`,
  }));
}

function peersOf(to: FirewallRule['to'], path: string, context: Context): Peer[] {
  if (to.dnsName !== undefined) return namePeers(to.dnsName, `${path}.dnsName`, context);
  if (to.cidrSelector !== undefined) {
    const at = `${path}.cidrSelector`;
    return [
      {
        match: outside(rangeMatch(to.cidrSelector, context), context),
        path: at,
        text: `cidrSelector ${to.cidrSelector}`,
      },
    ];
  }
  const selector = to.nodeSelector ?? { matchLabels: {}, matchExpressions: [] };
  const match = to.nodeSelector ? outside(nodesMatch(selector, context.state), context) : NOTHING;
  return [{ match, path: `${path}.nodeSelector`, text: `nodeSelector ${labelsText(selector)}` }];
}

const NOTHING: PeerMatch = { kind: 'where', test: () => ({ tri: 'no' }) };

/** SDN reads the slip 0.0.0.0/32 as everything. */
function rangeMatch(text: string, { servicesPass }: Context): PeerMatch {
  const cidr = parseCidr(servicesPass && text === '0.0.0.0/32' ? '0.0.0.0/0' : text);
  return cidr ? { kind: 'cidr', cidr, except: [] } : { kind: 'unknown', why: `cidrSelector "${text}" is not a CIDR` };
}

/** Pods are left out: the cluster's own subnets are excluded from every rule (toExpr), and SDN's table holds what leaves the cluster. */
function outside(match: PeerMatch, context: Context): PeerMatch {
  return { kind: 'all', of: [{ kind: 'where', test: (identity) => leaves(identity, context) }, match] };
}

/**
 * Addresses of Services go to SDN's table 60, not to the firewall's (ovscontroller.go); its proxy then blocks endpoints that the Service's
 * own namespace wrote by hand (pkg/network/proxy/proxy.go).
 */
function leaves({ kind, service }: PeerIdentity, { servicesPass, ref }: Context): PeerAnswer {
  if (kind === 'pod') return { tri: 'no' };
  if (!service || !servicesPass) return { tri: 'yes' };
  const handWritten = Object.keys(service.selector).length === 0 && namespaceOf(service.meta) === ref.namespace;
  return handWritten ? { tri: 'unknown', why: HAND_WRITTEN } : { tri: 'no' };
}

const HAND_WRITTEN =
  'OpenShift SDN blocks endpoints that a Service without selector has outside the cluster, by rules of its proxy';

/**
 * The control plane, or with DNSNameResolver the cluster's DNS, resolves the name; of an address alone nobody knows whether it is among
 * the answers. SDN knows no wildcards: it asks for the name as written.
 */
function namePeers(name: string, path: string, context: Context): Peer[] {
  const wildcard = name.startsWith('*');
  const selector: FqdnSelector = { ...(wildcard ? { matchPattern: name } : { matchName: name }), dialect: 'ovn' };
  const named = namePeer(selector, path);
  if (wildcard && context.servicesPass) return [{ ...named, match: NOTHING }];
  const nameless = ({ kind, ip, names, maybeNames }: PeerIdentity): PeerAnswer => {
    if (kind !== 'world' || !ip || names.length + maybeNames.length > 0) return { tri: 'no' };
    return {
      tri: 'unknown',
      why: `the control plane resolves "${name}", and whether the address is among its answers is not in the cluster state`,
    };
  };
  return [named, { ...named, match: { kind: 'where', test: nameless } }];
}

function dropAll(context: Context, count: number): PolicyRule {
  const match = outside({ kind: 'where', test: () => ({ tri: 'yes' }) }, context);
  const text = `everything outside the cluster, because the namespace has ${count} EgressNetworkPolicies`;
  return {
    policy: context.ref,
    effect: 'deny',
    path: 'spec',
    peers: [{ match, path: 'spec', text }],
    ports: 'any',
    l7: NO_L7,
  };
}
