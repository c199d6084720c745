/** Where an engine takes the addresses of names from: only Cilium needs a DNS rule of the pod for that; asked by lookup and identities. */
import type { EngineSettings } from './settings.ts';

/**
 * Engines that learn names without a rule: Antrea reads the answers to pods that a name rule applies to
 * (antrea pkg/agent/controller/networkpolicy/fqdn.go), GKE those of its cluster DNS, OVN-Kubernetes and OpenShift SDN resolve names
 * themselves (ovn-kubernetes go-controller/pkg/ovn/dns_name_resolver, openshift/sdn pkg/network/common/egress_dns.go), and
 * Calico Enterprise trusts the servers it is told to (docs.tigera.io network-policy/domain-based-policy).
 */
export function learnsWithoutRule({ cilium, engine }: EngineSettings): boolean {
  return !cilium || engine === 'gke-dataplane-v2';
}

/**
 * Of a server that is not known. On GKE answers of other servers than the cluster's count for nothing (cloud.google.com
 * kubernetes-engine/docs/how-to/fqdn-network-policies, limitations); Cloud DNS has no pods to be seen.
 */
export function learnsFrom(settings: EngineSettings, dnsPolicy: string): boolean {
  if (settings.engine === 'gke-dataplane-v2') return dnsPolicy !== 'None' && dnsPolicy !== 'Default';
  return learnsWithoutRule(settings);
}

/** In Cilium no address of the cluster carries a name; elsewhere a name stands for its addresses, whoever has them. */
export function nodesCarryNames({ cilium, matchNodesByCidr }: EngineSettings): boolean {
  return !cilium || matchNodesByCidr;
}

/**
 * The names of a CNAME chain stand for its addresses as well: Calico Enterprise learns from A, AAAA and CNAME records, each under its own
 * name (docs.tigera.io network-policy/domain-based-policy, "Allowed egress domains").
 */
export function aliasesCarryNames({ engine }: EngineSettings): boolean {
  return engine === 'calico';
}

/** Antrea's names include headless Services (antrea docs/antrea-network-policy.md, "FQDN based filtering"). */
export function podsCarryNames({ engine }: EngineSettings): boolean {
  return engine === 'antrea';
}
