/** Labels that addresses have from the CIDR groups around them; a part of `identity.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import { cidrContains, parseCidr } from '../../net/cidr.ts';
import type { IpAddress } from '../../net/ip.ts';
import type { LabelSet } from './labels.ts';

/**
 * A selector without a source in its keys matches these too, e.g. `{reserved:world: '', team: pay}` in toEndpoints. Of two groups with the
 * same key, the one with the narrower range counts (cilium pkg/ipcache, mergeParentLabels).
 */
export function withGroupLabels(labels: LabelSet, state: ClusterState, ips: readonly IpAddress[]): LabelSet {
  if (state.cidrGroups.length === 0) return labels;
  const around = state.cidrGroups.flatMap((group) =>
    group.externalCIDRs.flatMap((text) => {
      const cidr = parseCidr(text);
      const holds = cidr && ips.some((ip) => cidrContains(cidr, ip));
      return holds ? [{ prefix: cidr.prefix, labels: group.meta.labels }] : [];
    }),
  );
  if (around.length === 0) return labels;
  const widestFirst = around.toSorted((one, other) => one.prefix - other.prefix);
  const merged = new Map(widestFirst.flatMap((one) => Object.entries(one.labels)));
  return { ...labels, sources: new Map([...labels.sources, ['cidrgroup', merged]]) };
}
