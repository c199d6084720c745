/** The narrowest peer field of a Cilium rule that selects an identity; used where a remedy must name a destination. */
import { formatCidr, toCidr, widthOf } from '../net/cidr.ts';
import type { PeerIdentity } from './identity.ts';
import { NAMESPACE_KEY } from './labels.ts';

// What people usually select pods by; the first that the pod carries is taken.
const NAMING_LABELS = ['k8s-app', 'app.kubernetes.io/name', 'app', 'name', 'app.kubernetes.io/component'];

export function peerValueOf(identity: PeerIdentity, host?: string): Record<string, unknown> {
  const reserved = identity.labels.sources.get('reserved');
  if (reserved?.has('kube-apiserver')) return { toEntities: ['kube-apiserver'] };
  if (identity.kind === 'pod') return { toEndpoints: [{ matchLabels: podSelector(identity) }] };
  if (identity.kind !== 'world') return { toEntities: [identity.kind] };
  if (host !== undefined) return { toFQDNs: [{ matchName: host }] };
  return identity.ip ? { toCIDR: [formatCidr(toCidr(identity.ip, widthOf(identity.ip.family)))] } : {};
}

function podSelector({ labels, pod }: PeerIdentity): Record<string, string> {
  const own = labels.sources.get('k8s');
  const naming = NAMING_LABELS.find((key) => own?.has(key));
  const keys = naming === undefined ? Object.keys(pod?.meta.labels ?? {}).filter((key) => own?.has(key)) : [naming];
  const selected = keys.map((key) => [`k8s:${key}`, own?.get(key) ?? '']);
  return { [`k8s:${NAMESPACE_KEY}`]: pod?.meta.namespace ?? 'default', ...Object.fromEntries(selected) };
}
