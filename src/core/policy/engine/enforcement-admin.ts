/** Which engines enforce the Network Policy API's administrator kinds, and from which version on; asked by `enforcement.ts`. */
import type { ClusterState, CniName } from '../../model/cluster-state.ts';
import type { AdminPolicy } from '../../model/policies/admin.ts';
import { indexOf } from '../state/state-index.ts';
import type { Enforcement } from './enforced.ts';
import { cannotTell, ENFORCED, notEnforced } from './enforced.ts';
import { minorOf } from './settings.ts';

type Kind = Exclude<AdminPolicy['kind'], 'ClusterNetworkPolicy.networking.k8s.aws'>;

const CLUSTER = 'ClusterNetworkPolicy.policy.networking.k8s.io';

export function adminEnforcement(kind: Kind, state: ClusterState): Enforcement {
  const { engine } = indexOf(state).settings;
  const judge = JUDGES[engine];
  return judge ? judge(kind, state) : notEnforced(`the network plugin (${engine}) does not enforce ${kind}`);
}

/** Whoever is not listed enforces none of them. */
const JUDGES: Partial<Record<CniName, (kind: Kind, state: ClusterState) => Enforcement>> = {
  cilium,
  'gke-dataplane-v2': gke,
  calico,
  antrea,
  'ovn-kubernetes': ovn,
  // kubernetes-sigs/kube-network-policies README: install-anp.yaml starts it with these kinds, install.yaml without.
  'kube-network-policies': (kind) =>
    cannotTell(`kube-network-policies takes ${kind} only where it was installed with them`),
  unknown: (kind) => cannotTell(`the network plugin was not recognised, and few enforce ${kind}`),
};

/** Cilium 1.18 to 1.20 have no code for the v1alpha1 kinds; 1.20 takes ClusterNetworkPolicy when told (Documentation/network/kubernetes/policy.rst). */
function cilium(kind: Kind, state: ClusterState): Enforcement {
  if (kind !== CLUSTER) return notEnforced(`Cilium does not enforce ${kind}`);
  const { version, config } = state.engine;
  const minor = minorOf(version);
  if (minor !== undefined && minor < 20) return notEnforced(`Cilium ${version} does not know ${kind} (from 1.20)`);
  if (config === undefined)
    return cannotTell('cilium-config was not read, and enable-k8s-cluster-network-policy is off by default');
  if (!indexOf(state).settings.clusterNetworkPolicies)
    return notEnforced("Cilium's enable-k8s-cluster-network-policy is off, which is its default");
  return minor === undefined
    ? cannotTell('the version of Cilium was not read, and it must be 1.20 or newer')
    : ENFORCED;
}

/** docs.cloud.google.com configure-cluster-network-policy: Dataplane V2 from GKE 1.36.0-gke.4447000 on. */
function gke(kind: Kind, state: ClusterState): Enforcement {
  if (kind !== CLUSTER) return notEnforced(`GKE Dataplane V2 does not enforce ${kind}`);
  const supported = state.nodes.some(({ kubeletVersion }) => gkeBuild(kubeletVersion) >= GKE_FROM);
  return supported
    ? ENFORCED
    : cannotTell('GKE enforces it from 1.36.0-gke.4447000 on, and no node of that version was read');
}

const GKE_FROM = gkeBuild('v1.36.0-gke.4447000');

function gkeBuild(version: string | undefined): number {
  const match = /^v?1\.(\d+)\.(\d+)-gke\.(\d+)/.exec(version ?? '');
  const [minor = 0, patch = 0, build = 0] = (match ?? []).slice(1).map(Number);
  return (minor * 100 + patch) * 1e9 + build;
}

/**
 * Calico's release notes: AdminNetworkPolicy in 3.29, BaselineAdminNetworkPolicy in 3.30; 3.32 takes ClusterNetworkPolicy in their place
 * (projectcalico/calico#10745, network-policy-api#376).
 */
function calico(kind: Kind, { engine: { version } }: ClusterState): Enforcement {
  const [from, until] = CALICO[kind];
  const minor = /^v?3\.(\d+)/.exec(version ?? '')?.[1];
  if (minor === undefined) return cannotTell(`the version of Calico was not read, and only some enforce ${kind}`);
  if (Number(minor) < from) return notEnforced(`Calico ${version} does not know ${kind} (from 3.${from})`);
  return Number(minor) >= until
    ? notEnforced(`Calico ${version} no longer takes ${kind} (until 3.${until - 1})`)
    : ENFORCED;
}

const CALICO: Readonly<Record<Kind, readonly [from: number, until: number]>> = {
  AdminNetworkPolicy: [29, 32],
  BaselineAdminNetworkPolicy: [30, 32],
  [CLUSTER]: [32, Number.POSITIVE_INFINITY],
};

/** antrea docs/admin-network-policy.md: a feature gate of the controller, alpha and off by default; the configuration is YAML in a ConfigMap. */
function antrea(kind: Kind, { engine: { config } }: ClusterState): Enforcement {
  const gates = config?.['antrea-controller.conf'];
  if (gates === undefined) return cannotTell("Antrea's feature gates were not read, and it is off by default");
  if (kind === CLUSTER) return cannotTell('newer versions of Antrea have a feature gate for it, which is not read');
  const gate = /^\s*AdminNetworkPolicy:\s*(true|false)/m.exec(gates)?.[1] ?? /^\s*AllAlpha:\s*(true)/m.exec(gates)?.[1];
  return gate === 'true'
    ? ENFORCED
    : notEnforced("Antrea's feature gate AdminNetworkPolicy is off, which is its default");
}

/**
 * OVN-Kubernetes takes them only with --enable-admin-network-policy (OpenShift from 4.14 on); where it does, each node's controller says so in
 * the object (go-controller/pkg/ovn/controller/admin_network_policy/status.go, "Ready-In-Zone-"), newer ones in one condition "Ready".
 */
function ovn(kind: Kind, state: ClusterState): Enforcement {
  const seen = state.policies.some(
    (one) =>
      one.kind === kind && 'conditions' in one && one.conditions.some(({ type }) => /^Ready(?:-In-Zone-|$)/.test(type)),
  );
  return seen
    ? ENFORCED
    : cannotTell(
        `no ${kind} carries a status of OVN-Kubernetes, which takes them only with --enable-admin-network-policy`,
      );
}
