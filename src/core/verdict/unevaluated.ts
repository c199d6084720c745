/** Objects of kinds that are not evaluated as findings, each with what the kind can do to egress; for `findings-policy.ts` and `listEgressPolicies`. */
import type { Finding } from '../model/evidence.ts';
import type { UnsupportedPolicy } from '../model/policy.ts';
import { unchecked } from './findings-probe.ts';

/** One a kind; projects share the names of kinds. */
export function unevaluatedFindings(objects: readonly UnsupportedPolicy[]): readonly Finding[] {
  const byKind = Map.groupBy(objects, ({ kind, apiVersion }) => `${kind}.${groupOf(apiVersion)}`);
  return [...byKind].map(([name, found]) => {
    const { kind = name } = found[0] ?? {};
    return unchecked(`not-evaluated:${name}`, `The ${kind} objects of this cluster were evaluated.`, {
      what: kind,
      code: 'unsupported',
      reason: `${found.length} ${kind} object(s) exist; this version does not evaluate that kind${effectOf(name)}`,
      nextStep: `Read them by hand: kubectl get ${name} -A -o yaml`,
    });
  });
}

function groupOf(apiVersion: string): string {
  return apiVersion.split('/')[0] ?? '';
}

/** By kind and group, as `cluster/resources.ts` lists them. */
const EFFECTS: Readonly<Record<string, string>> = {
  // Cilium Documentation/network/egress-gateway: traffic without a gateway that can take it is dropped.
  'CiliumEgressGatewayPolicy.cilium.io':
    'it sends egress through a gateway node, drops it where none can take it, and changes its source address',
  // Cilium Documentation/network/kubernetes/local-redirect-policy.rst.
  'CiliumLocalRedirectPolicy.cilium.io':
    'it sends what goes to an address or a Service to pods of the own node instead',
  // Tetragon docs, concepts/tracing-policy/selectors (matchActions).
  'TracingPolicy.cilium.io': 'Tetragon may end the process that connects, or fail its call, without a dropped packet',
  'TracingPolicyNamespaced.cilium.io':
    'Tetragon may end the process that connects, or fail its call, without a dropped packet',
  // docs.aws.amazon.com eks security-groups-for-pods.
  'SecurityGroupPolicy.vpcresources.k8s.aws':
    'it puts pods into AWS security groups, which drop what they do not allow',
  // k8snetworkplumbingwg/multi-networkpolicy README.
  'MultiNetworkPolicy.k8s.cni.cncf.io': "it governs the pods' further interfaces, not the cluster's own network",
  // antrea docs/egress.md.
  'Egress.crd.antrea.io': 'it sends egress through another node and changes its source address',
  // ovn-kubernetes.io features/cluster-egress-controls.
  'EgressIP.k8s.ovn.org': 'it sends egress through another node and changes its source address',
  'AdminPolicyBasedExternalRoute.k8s.ovn.org': 'it sends egress through gateways of its own',
  // nsx-operator, docs of SecurityPolicy.
  'SecurityPolicy.crd.nsx.vmware.com': 'NSX enforces it beside NetworkPolicy, and it may drop',
  // kubeovn.github.io security groups.
  'SecurityGroup.kubeovn.io': 'Kube-OVN drops what the groups of a pod do not allow',
  // open-docs.neuvector.com policy/usingcrd.
  'NvClusterSecurityRule.neuvector.com': 'NeuVector drops what it does not allow where it runs in Protect mode',
  'NvSecurityRule.neuvector.com': 'NeuVector drops what it does not allow where it runs in Protect mode',
  // kuma.io networking/non-mesh-traffic.
  'Mesh.kuma.io': 'it may keep the pods of the mesh from addresses outside it',
  'MeshPassthrough.kuma.io': 'it may keep the pods of the mesh from addresses outside it',
  // developer.hashicorp.com consul config-entries/mesh, MeshDestinationsOnly.
  'Mesh.consul.hashicorp.com': 'it may keep the pods of the mesh from addresses outside it',
};

/** `: …`, or nothing where it is not known. */
function effectOf(kindAndGroup: string): string {
  const effect = EFFECTS[kindAndGroup];
  return effect === undefined ? '' : `: ${effect}`;
}
