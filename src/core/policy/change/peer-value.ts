/** The narrowest peer of a policy that selects an identity, as stored in the API; used where a remedy must name a destination. */
import { formatCidr, singleCidr } from '../../net/cidr.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { NAMESPACE_KEY } from '../identity/labels.ts';

// What people usually select pods by; the first that the pod carries is taken.
const NAMING_LABELS = ['k8s-app', 'app.kubernetes.io/name', 'app', 'name', 'app.kubernetes.io/component'];

/** Of a Cilium rule. */
export function peerValueOf(identity: PeerIdentity, host?: string): Record<string, unknown> {
  const reserved = identity.labels.sources.get('reserved');
  if (reserved?.has('kube-apiserver')) return { toEntities: ['kube-apiserver'] };
  if (identity.kind === 'pod') return { toEndpoints: [endpointOf(identity)] };
  if (identity.kind !== 'world') return { toEntities: [identity.kind] };
  if (host !== undefined) return { toFQDNs: [{ matchName: host }] };
  return identity.ip ? { toCIDR: [rangeOf(identity.ip)] } : {};
}

/** One entry of `toEndpoints`, for a pod. */
export function endpointOf(identity: PeerIdentity): { matchLabels: Record<string, string> } {
  const labels = Object.entries(namingLabels(identity)).map(([key, value]) => [`k8s:${key}`, value]);
  return { matchLabels: { [`k8s:${NAMESPACE_KEY}`]: namespaceOf(identity), ...Object.fromEntries(labels) } };
}

/**
 * One entry of `to` in a NetworkPolicy: pods by their labels, everything else by address, which Cilium takes for addresses outside
 * the cluster only (policy-semantics §4). Undefined for what no entry can select.
 */
export function networkPeerOf(identity: PeerIdentity, cilium: boolean): Record<string, unknown> | undefined {
  if (identity.kind === 'pod')
    return {
      // The API server gives every namespace this label.
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceOf(identity) } },
      podSelector: { matchLabels: namingLabels(identity) },
    };
  if (!identity.ip || (cilium && identity.kind !== 'world')) return undefined;
  return { ipBlock: { cidr: rangeOf(identity.ip) } };
}

function rangeOf(ip: NonNullable<PeerIdentity['ip']>): string {
  return formatCidr(singleCidr(ip));
}

function namespaceOf({ pod }: PeerIdentity): string {
  return pod?.meta.namespace ?? 'default';
}

function namingLabels({ labels, pod }: PeerIdentity): Record<string, string> {
  const own = labels.sources.get('k8s');
  const naming = NAMING_LABELS.find((key) => own?.has(key));
  const keys = naming === undefined ? Object.keys(pod?.meta.labels ?? {}).filter((key) => own?.has(key)) : [naming];
  return Object.fromEntries(keys.map((key) => [key, own?.get(key) ?? '']));
}
