/** Which EgressNetwork governs an address (policy-controller/k8s/index/src/outbound/index/egress_network.rs); for `linkerd.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { LinkerdEgressNetwork, LinkerdFacts } from '../../model/policies/mesh.ts';
import type { Cidr } from '../../net/cidr.ts';
import { cidrContains, isPrivateAddress, parseNetwork, widthOf } from '../../net/cidr.ts';
import type { IpAddress } from '../../net/ip.ts';
import { parseIp } from '../../net/ip.ts';
import { gapFor, gapText } from '../state/gaps.ts';

/** The chart's default of `egress.globalEgressNetworkNamespace`. */
const GLOBAL = 'linkerd-egress';
/** The chart's default of `clusterNetworks`. */
const CLUSTER_NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'];

interface Unclear {
  readonly why: string;
}

/** Those of the pod's namespace, if it has any at all; else those of the global namespace. */
export function governing(
  state: ClusterState,
  facts: LinkerdFacts,
  namespace: string,
): { readonly networks: readonly LinkerdEgressNetwork[] } | Unclear {
  const { config, egressNetworks } = facts;
  const gap = gapFor(state, 'egressnetworks', namespace);
  if (gap !== undefined) return { why: gapText(gap) };
  const inside = (wanted: string) => egressNetworks.filter(({ meta }) => (meta.namespace ?? 'default') === wanted);
  const own = inside(namespace);
  if (own.length > 0) return { networks: own };
  const global = (config.ok ? config.value.globalEgressNamespace : undefined) ?? GLOBAL;
  const globalGap = gapFor(state, 'egressnetworks', global);
  if (globalGap !== undefined) return { why: gapText(globalGap) };
  const guessed = !config.ok && config.notRead.code !== 'not_in_archive';
  if (guessed && egressNetworks.some(({ meta }) => meta.namespace !== global))
    return { why: `which namespace holds the EgressNetworks for all was not read (${config.notRead.reason})` };
  return { networks: inside(global) };
}

/** The one whose range is smallest; of equals the oldest, then the first by name. */
export function egressNetworkFor(
  facts: LinkerdFacts,
  networks: readonly LinkerdEgressNetwork[],
  address: string | undefined,
): { readonly network: LinkerdEgressNetwork | undefined } | Unclear {
  const ip = address === undefined ? undefined : parseIp(address);
  if (ip === undefined) return withoutAddress(networks);
  if (!facts.config.ok && facts.config.notRead.code !== 'not_in_archive' && isPrivateAddress(ip)) {
    if (networks.some((one) => one.networks === undefined))
      return { why: `which networks count as the cluster's own was not read (${facts.config.notRead.reason})` };
  }
  const sized = networks.flatMap((network) => {
    const size = smallestRange(facts, network, ip);
    return size === undefined ? [] : [{ network, size }];
  });
  const [best] = sized.toSorted((a, b) =>
    a.size === b.size ? (ageOf(a.network) < ageOf(b.network) ? -1 : 1) : a.size < b.size ? -1 : 1,
  );
  return { network: best?.network };
}

/** All alike and for everything outside, so that the address does not matter. */
function withoutAddress(networks: readonly LinkerdEgressNetwork[]): ReturnType<typeof egressNetworkFor> {
  const [first] = networks;
  if (first === undefined || (networks.length === 1 && first.networks === undefined)) return { network: first };
  return { why: 'which EgressNetwork covers the destination depends on its address, which is not known' };
}

function ageOf({ meta }: LinkerdEgressNetwork): string {
  return `${meta.creationTimestamp ?? ''} ${meta.namespace ?? ''}/${meta.name}`;
}

/** The size of the smallest range with the address, its exceptions taken off. */
function smallestRange(facts: LinkerdFacts, network: LinkerdEgressNetwork, ip: IpAddress): bigint | undefined {
  const sizes = rangesOf(facts, network)
    .filter(({ cidr, except }) => cidrContains(cidr, ip) && !except.some((one) => cidrContains(one, ip)))
    .map(({ cidr, except }) => sizeOf(cidr) - except.reduce((sum, one) => sum + sizeOf(one), 0n));
  return sizes.toSorted((a, b) => (a < b ? -1 : 1))[0];
}

interface Range {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

function rangesOf({ config }: LinkerdFacts, { networks }: LinkerdEgressNetwork): readonly Range[] {
  if (networks !== undefined)
    return networks.flatMap(({ cidr, except }) =>
      rangesIn([cidr]).map((one) => ({ cidr: one, except: rangesIn(except) })),
    );
  const own = rangesIn((config.ok ? config.value.clusterNetworks : undefined) ?? CLUSTER_NETWORKS);
  return rangesIn(['0.0.0.0/0', '::/0']).map((cidr) => ({
    cidr,
    except: own.filter(({ family }) => family === cidr.family),
  }));
}

function rangesIn(texts: readonly string[]): readonly Cidr[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

function sizeOf({ family, prefix }: Cidr): bigint {
  return 1n << BigInt(widthOf(family) - prefix);
}
