/** Reads the agent's FQDN cache of one pod; the `fqdnCache` of `agent-source.ts`. */
import type { Read } from '../core/model/cluster-state.ts';
import type { FqdnCacheEntry } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import { normaliseName } from '../core/net/dns-name.ts';
import { isAddress } from '../core/net/host.ts';
import { clean } from '../core/text/clean.ts';
import type { KubeConnection } from '../kube/connection.ts';
import { listOf, numberOf, objectOf, textOf } from './raw-flow.ts';

const MAX_ENTRIES = 5000;
const MAX_IPS = 100;

/**
 * Entries of `cilium-dbg fqdn cache list -o json`. Those that only open connections keep (`source: connection`) have no expiry: the
 * agent writes year 1 there.
 */
export function decodeFqdnCache(json: string): readonly FqdnCacheEntry[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  // An empty cache is printed as `null`.
  if (!Array.isArray(parsed) && parsed !== null) return undefined;
  return listOf(parsed, MAX_ENTRIES).flatMap(entryOf);
}

function entryOf(item: unknown): readonly FqdnCacheEntry[] {
  const raw = objectOf(item);
  const name = textOf(raw.fqdn);
  if (name === undefined) return [];
  const ips = listOf(raw.ips, MAX_IPS).filter((ip): ip is string => typeof ip === 'string' && isAddress(ip));
  const endpointId = numberOf(raw['endpoint-id']);
  const expires = textOf(raw['expiration-time']);
  const known = expires !== undefined && !Number.isNaN(Date.parse(expires)) && !expires.startsWith('0001-');
  return [
    {
      name: normaliseName(clean(name, 256)),
      ips,
      ...(endpointId !== undefined && { endpointId }),
      ...(known && { expires }),
    },
  ];
}

/** The pod's number in the agent: other pods' entries tell what other tenants call and are left out by it. */
export async function endpointIdOf(kube: KubeConnection, pod: PodRef, signal: AbortSignal): Promise<Read<number>> {
  const path = `/apis/cilium.io/v2/namespaces/${encodeURIComponent(pod.namespace)}/ciliumendpoints/${encodeURIComponent(pod.name)}`;
  const read = await kube.get(path, {}, signal);
  if (!read.ok) return read;
  const id = numberOf(objectOf(objectOf(read.value).status).id);
  if (id !== undefined) return { ok: true, value: id };
  const what = `CiliumEndpoint ${pod.namespace}/${pod.name}`;
  return {
    ok: false,
    notRead: { what, code: 'invalid', reason: 'it has no status.id yet', nextStep: 'Try again in a few seconds.' },
  };
}
