/** A policy of its own for the pod's workload, where none that selects the pod should carry the rule; used by `plans.ts`. */
import { API_VERSIONS } from '../drift/manifest.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import { isPatchable, type PatchablePolicy } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { formatIp } from '../net/ip.ts';
import { endpointOf } from '../policy/change/peer-value.ts';
import type { PeerIdentity } from '../policy/identity/identity.ts';
import { allowPacket } from '../policy/near-miss/new-rule.ts';
import { NORMAL_POSITION } from '../policy/rules/layers.ts';
import { type PodPolicy, podPolicyOf } from '../policy/rules/pod-policy.ts';
import { gapFor } from '../policy/state/gaps.ts';
import { indexOf } from '../policy/state/state-index.ts';

interface Wanted {
  readonly identity: PeerIdentity;
  readonly host: string | undefined;
}

/** The policy with this rule in it, or the rule for the policy that an earlier step made. */
export function ruleInOwnPolicy(state: ClusterState, policy: PodPolicy, wanted: Wanted): PolicyChange | undefined {
  const { pod } = policy;
  const namespace = pod.meta.namespace ?? 'default';
  const kind = kindFor(policy);
  const label = labelFor(state, pod, namespace);
  if (kind === undefined || label === undefined || gapFor(state, 'pods', namespace) !== undefined) return undefined;
  const workload = label.value.replace(/[^a-z0-9-]+/gi, '-').toLowerCase();
  const ref = { kind, namespace, name: nameFor(state, `${workload}-to-${slug(wanted)}`) };
  const added = allowPacket(policy, { policy: ref, section: 'spec' }, wanted.identity, wanted.host);
  if (added === undefined || !isolatesNobody(state, namespace, label)) return undefined;
  const why = `${added.why}, for pods with ${label.key}=${label.value} alone`;
  return { policy: ref, op: 'add', path: [], value: manifest(ref, label, added.value), why };
}

/** Cilium's own kind where it is served, which knows names; Kubernetes' where Calico's policies isolate the pod. */
function kindFor({ settings }: PodPolicy): 'CiliumNetworkPolicy' | 'NetworkPolicy' | undefined {
  if (settings.engine === 'cilium') return settings.namespacedPolicies ? 'CiliumNetworkPolicy' : undefined;
  return settings.engine === 'calico' ? 'NetworkPolicy' : undefined;
}

interface Label {
  readonly key: string;
  readonly value: string;
}

const NAMING_LABELS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name', 'app.kubernetes.io/component'];

/** House style first: the label that the namespace's other policies select by; of several the one that takes the fewest pods. */
function labelFor(state: ClusterState, pod: Pod, namespace: string): Label | undefined {
  const used = state.policies
    .filter((one) => isPatchable(one) && one.meta.namespace === namespace)
    .flatMap((one) => keysOf(one as PatchablePolicy));
  const known = indexOf(state).labelsOf(pod).sources.get('k8s');
  const keys = [...new Set([...used, ...NAMING_LABELS])];
  const labels = keys.flatMap((key): Label[] => {
    const value = known?.get(key);
    return value === undefined || pod.meta.labels[key] !== value ? [] : [{ key, value }];
  });
  return labels.toSorted((a, b) => takenBy(state, namespace, a).length - takenBy(state, namespace, b).length)[0];
}

function keysOf(policy: PatchablePolicy): string[] {
  const selectors =
    policy.kind === 'NetworkPolicy' ? [policy.podSelector] : policy.rules.map(({ rule }) => rule.endpointSelector);
  const keys = selectors.flatMap((one) => Object.keys(one?.matchLabels ?? {}));
  return keys.map((key) => key.replace(/^(k8s|any)[:.]/, ''));
}

function takenBy({ pods }: ClusterState, namespace: string, { key, value }: Label): readonly Pod[] {
  return pods.filter(({ meta }) => (meta.namespace ?? 'default') === namespace && meta.labels[key] === value);
}

/**
 * A first policy of the standard kinds isolates the pods it selects, and where a Baseline tier isolates them now, takes them from it: only
 * pods that policies of this layer isolate already lose nothing by it.
 */
function isolatesNobody(state: ClusterState, namespace: string, label: Label): boolean {
  return takenBy(state, namespace, label).every((pod) => {
    const { defaultDeny, gates } = podPolicyOf(state, pod);
    const isolating = (gates[0] ?? []).filter(({ isolatedBy }) => isolatedBy.length > 0);
    return pod.hostNetwork || (defaultDeny && isolating.every(({ key }) => key.position === NORMAL_POSITION));
  });
}

function slug({ host, identity }: Wanted): string {
  const { pod, ip } = identity;
  const text =
    host ?? (pod ? Object.values(endpointOf(identity).matchLabels).join('-') : ip ? formatIp(ip) : identity.text);
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
}

/** Within RFC 1123's label of 63 characters, which some tools take for the limit. */
function nameFor({ policies }: ClusterState, wanted: string): string {
  const names = new Set(policies.map(({ meta }) => meta.name));
  const base = wanted.slice(0, 60).replace(/^-+|-+$/g, '');
  const free = [base, `${base}-2`, `${base}-3`].find((name) => !names.has(name));
  return free ?? `${base}-4`;
}

function manifest({ kind, namespace, name }: ObjectRef, { key, value }: Label, rule: unknown): unknown {
  const head = { apiVersion: API_VERSIONS[kind as PatchablePolicy['kind']], kind, metadata: { name, namespace } };
  const selector = { matchLabels: { [key]: value } };
  return kind === 'NetworkPolicy'
    ? { ...head, spec: { podSelector: selector, policyTypes: ['Egress'], egress: [rule] } }
    : { ...head, spec: { endpointSelector: selector, egress: [rule] } };
}
