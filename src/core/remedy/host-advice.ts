/** What to mind about a name before a rule is written for it: shared hosts, names an engine cannot learn, ways that need no policy; asked by `diagnose/steps/fix.ts`. */
import { alternativesTo } from '../hops/hand-offs.ts';
import { type KnownHost, knownHost, leadsText } from '../hops/known-host.ts';
import { shardPattern } from '../hops/shard-pattern.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { LookupReport } from '../model/probe.ts';
import type { Pod } from '../model/workload.ts';
import { isPrivateAddress } from '../net/cidr.ts';
import { normaliseName } from '../net/dns-name.ts';
import { parseIp } from '../net/ip.ts';
import { isMetadataAddress } from '../net/metadata.ts';
import { proxyIn } from '../path/proxy-env.ts';
import { settingsOf } from '../policy/engine/settings.ts';

export interface HostQuestion {
  readonly state: ClusterState;
  readonly pod: Pod;
  readonly destination: Destination;
  /** What the probe's lookup in the pod saw; absent where none was made. */
  readonly lookup?: LookupReport;
}

/** Below this an address is gone before most connections and caches are; Cilium drops what a lookup no longer vouches for. */
const SHORT_TTL_SECONDS = 60;

/** Most weighty first: what makes a policy the wrong answer, what keeps a name rule from working, what the name lets in. */
export function hostAdvice(question: HostQuestion): readonly string[] {
  return [...notAPolicy(question), ...unlearned(question), ...changing(question), ...shared(question)];
}

function notAPolicy({ state, pod, destination }: HostQuestion): string[] {
  const { host, addresses, cnames, port } = destination;
  return [
    ...addresses.filter(isMetadataAddress).map(metadata),
    ...proxies(pod, { host: host ?? addresses[0] ?? '', port }),
    ...privateLink(host, cnames, addresses),
    ...ownService(state, addresses),
  ];
}

/** EKS Pod Identity (169.254.170.23) and GKE's metadata server are such addresses, and pods that use them need the rule. */
function metadata(address: string): string {
  return `${address} is a metadata or identity endpoint of the cloud, not an outside host: behind it may be the credentials of the node. Give the workload an identity of its own (IRSA, Azure Workload Identity) instead of a rule, unless that identity is served at this very address (EKS Pod Identity, GKE Workload Identity)`;
}

function proxies(pod: Pod, endpoint: { readonly host: string; readonly port: number }): string[] {
  const apps = pod.containers.filter(({ role }) => role === 'app');
  const named = apps.flatMap(({ name, env }) => {
    const proxy = proxyIn(env, endpoint);
    return proxy === undefined ? [] : [`${proxy.variable} of container ${name}`];
  });
  if (named.length === 0) return [];
  return [
    `${named.join(', ')} names a proxy for this host: clients that honour it never connect to the host themselves, so the way to the proxy is what must be open, and a rule for the host opens a way past it`,
  ];
}

/** learn.microsoft.com/azure/private-link/private-endpoint-dns: the chain of a name that has a private endpoint goes over `privatelink.…`. */
function privateLink(host: string | undefined, cnames: readonly string[], addresses: readonly string[]): string[] {
  const via = cnames.find((name) => name.includes('privatelink.'));
  const outside = addresses.some((address) => {
    const ip = parseIp(address);
    return ip !== undefined && !isPrivateAddress(ip);
  });
  if (via === undefined || !outside) return [];
  return [
    `"${host ?? ''}" has a private endpoint somewhere (its alias is "${via}") and resolves to a public address here: if the private zone is meant to be linked to this network, link it instead of opening the way over the Internet`,
  ];
}

function ownService({ services }: ClusterState, addresses: readonly string[]): string[] {
  const found = services.find(({ externalIPs }) => externalIPs.some((ip) => addresses.includes(ip)));
  if (found === undefined) return [];
  const name = `${found.meta.name}.${found.meta.namespace ?? 'default'}.svc`;
  return [
    `the address belongs to Service ${found.meta.namespace ?? 'default'}/${found.meta.name} of this cluster: its own name (${name}) needs no way out`,
  ];
}

/** Why the pod's engine may never learn which addresses the name has. */
function unlearned({ state, pod, destination }: HostQuestion): string[] {
  const { host } = destination;
  if (host === undefined || parseIp(host) || isInside(host)) return [];
  const { cilium, engine } = settingsOf(state);
  if (isAliased(pod, host))
    return [
      `hostAliases of the pod answer "${host}" from its /etc/hosts: no DNS server is asked, so a rule by name learns no address; a rule for the address works, or the alias goes`,
    ];
  if (!cilium || engine === 'gke-dataplane-v2') return [];
  return [...ownResolver(pod, host), ...byNode(pod, host)];
}

/** Names of the cluster: no rule lists them, since what is behind them is selected by label. */
function isInside(host: string): boolean {
  return !host.includes('.') || /\.(svc|cluster\.local)$/.test(host);
}

function isAliased({ hostAliases }: Pod, host: string): boolean {
  return hostAliases.some(({ hostnames }) => hostnames.some((name) => normaliseName(name) === host));
}

function ownResolver({ dnsPolicy, dnsConfig }: Pod, host: string): string[] {
  if (dnsPolicy !== 'None') return [];
  const servers = dnsConfig?.nameservers.join(', ') ?? '';
  return [
    `the pod asks name servers of its own (dnsPolicy None${servers === '' ? '' : `: ${servers}`}): a rule for "${host}" by name works only if a rules.dns rule covers those servers on port 53; DNS over TLS or HTTPS passes no proxy at all`,
  ];
}

/** kubernetes.io/docs/concepts/services-networking/dns-pod-service, "Pod's DNS Policy". */
function byNode({ dnsPolicy, hostNetwork }: Pod, host: string): string[] {
  const nodes = dnsPolicy === 'Default' || (hostNetwork && dnsPolicy === 'ClusterFirst');
  if (!nodes) return [];
  return [
    `the pod uses the resolver of its node (dnsPolicy ${dnsPolicy}${hostNetwork ? ', host network' : ''}): a rule for "${host}" by name works only if a rules.dns rule covers that resolver's address`,
  ];
}

/**
 * Addresses that change while a client still holds the old one. The cluster's DNS answers from its cache (CoreDNS: 30 s at most by
 * default), so the time that is left there says nothing of the name's own.
 */
function changing({ state, pod, destination: { host }, lookup }: HostQuestion): string[] {
  const ttl = pod.dnsPolicy.startsWith('ClusterFirst') ? undefined : shortestTtl(lookup, host);
  if (host === undefined || ttl === undefined || ttl >= SHORT_TTL_SECONDS) return [];
  const { cilium } = settingsOf(state);
  // docs.cilium.io/en/stable/security/dns (tofqdns-min-ttl, connections kept alive while in use).
  const effect = cilium
    ? 'Cilium forgets an address when its time is over and no connection uses it: a client that keeps the answer longer (a JVM, a connection pool) is then dropped. Have it look the name up again, or raise tofqdns-min-ttl'
    : 'a rule by address is soon for an address that the name no longer has, or that another host has';
  return [`the answer for "${host}" holds for ${ttl} s: ${effect}`];
}

function shortestTtl(lookup: LookupReport | undefined, host: string | undefined): number | undefined {
  const answers =
    lookup?.answers?.filter((one) => one.outcome === 'resolved' && normaliseName(one.name) === host) ?? [];
  const times = answers.flatMap(({ ttlSeconds }) => (ttlSeconds === undefined ? [] : [ttlSeconds]));
  return times.length === 0 ? undefined : Math.min(...times);
}

function shared({ destination: { host, cnames } }: HostQuestion): string[] {
  if (host === undefined) return [];
  const own = knownHost(host);
  const alias = cnames.find((name) => knownHost(name) !== undefined);
  const pattern = shardPattern(host);
  return [
    ...(own === undefined ? nextText(host) : [familyText(host, own), ...variantsText(own)]),
    ...alternativesText(host),
    ...(own === undefined && alias !== undefined ? [aliasText(host, alias)] : []),
    ...(own === undefined && pattern !== undefined
      ? [
          `"${host}" looks like one server of a pool: if tomorrow's answer names another number, "${pattern}" is the tightest pattern that keeps working, and it lets in every name of that form: only where nobody else can have a name under "${host.slice(host.indexOf('.') + 1)}"`,
        ]
      : []),
  ];
}

function familyText(host: string, { what, tightest, wider, letsIn, leadsTo }: KnownHost): string {
  const pattern =
    wider === undefined ? `"${host}" itself lets in ${letsIn}` : `a pattern such as "${wider}" would let in ${letsIn}`;
  const also = leadsTo === undefined ? '' : `; ${leadsTo}`;
  return `"${host}" is ${what}. The tightest that keeps working is ${tightest}; ${pattern}${also}`;
}

/** A host of one owner may send its clients to shared ones all the same. */
function nextText(host: string): string[] {
  const next = leadsText(host);
  return next === undefined ? [] : [`"${host}" alone may not be enough: ${next}`];
}

/** One client calls one of them: allowing all would be wider than needed. */
function variantsText({ variants }: KnownHost): string[] {
  if (variants === undefined || variants.length === 0) return [];
  const names = variants.map(([name, when]) => `"${name}" (${when})`).join(', ');
  return [
    `the same content has other names, for clients with other settings: ${names}. List the one that this client calls`,
  ];
}

function alternativesText(host: string): string[] {
  const found = alternativesTo(host);
  if (found === undefined) return [];
  const names = found.names.map((name) => `"${name}"`).join(', ');
  return [
    `"${found.from}" hands out ${found.what} on other names as well: ${names} (${found.source}). All of them are what its clients need; with "${host}" alone they work as long as it is chosen`,
  ];
}

function aliasText(host: string, alias: string): string {
  return `"${host}" is served by a shared network (its alias is "${alias}"): list the asked name, never the alias, whose name changes and belongs to others too`;
}
