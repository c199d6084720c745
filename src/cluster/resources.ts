/** The kinds a diagnosis reads, as data; used by the readers, the state reader and the recording. Secrets are not among them. */

export interface Resource {
  /** Plural as in API paths. */
  readonly name: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Preferred first; the API server's own list decides. */
  readonly versions: readonly string[];
  readonly namespaced: boolean;
  /** How people tell it from another resource of the same plural. */
  readonly label: string;
}

function resource(path: string, kind: string, namespaced: boolean, label?: string): Resource {
  const [group = '', versions = '', name = ''] = path.split('/');
  return { name, kind, group, versions: versions.split(','), namespaced, label: label ?? name };
}

export const PODS = resource('/v1/pods', 'Pod', true);
export const NAMESPACES = resource('/v1/namespaces', 'Namespace', false);
export const NODES = resource('/v1/nodes', 'Node', false);
export const SERVICES = resource('/v1/services', 'Service', true);
/** Only cilium-config in the agents' namespace is ever read. */
export const CONFIG_MAPS = resource('/v1/configmaps', 'ConfigMap', true);
export const ENDPOINT_SLICES = resource('discovery.k8s.io/v1/endpointslices', 'EndpointSlice', true);
export const NETWORK_POLICIES = resource('networking.k8s.io/v1/networkpolicies', 'NetworkPolicy', true);
export const CILIUM_POLICIES = resource('cilium.io/v2/ciliumnetworkpolicies', 'CiliumNetworkPolicy', true);
export const CILIUM_CLUSTERWIDE_POLICIES = resource(
  'cilium.io/v2/ciliumclusterwidenetworkpolicies',
  'CiliumClusterwideNetworkPolicy',
  false,
);
/** v2 from Cilium 1.18 on, v2alpha1 before. */
export const CILIUM_CIDR_GROUPS = resource('cilium.io/v2,v2alpha1/ciliumcidrgroups', 'CiliumCIDRGroup', false);
export const DEPLOYMENTS = resource('apps/v1/deployments', 'Deployment', true);
export const REPLICA_SETS = resource('apps/v1/replicasets', 'ReplicaSet', true);
export const STATEFUL_SETS = resource('apps/v1/statefulsets', 'StatefulSet', true);
export const DAEMON_SETS = resource('apps/v1/daemonsets', 'DaemonSet', true);
export const JOBS = resource('batch/v1/jobs', 'Job', true);

/** Kinds that can decide about egress and that this version does not evaluate: their presence is reported, never passed over. */
export const UNEVALUATED: readonly Resource[] = [
  resource('policy.networking.k8s.io/v1alpha1/adminnetworkpolicies', 'AdminNetworkPolicy', false),
  resource('policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies', 'BaselineAdminNetworkPolicy', false),
  resource('policy.networking.k8s.io/v1alpha2/clusternetworkpolicies', 'ClusterNetworkPolicy', false),
  resource('crd.projectcalico.org/v1/networkpolicies', 'NetworkPolicy', true, 'calico networkpolicies'),
  resource(
    'crd.projectcalico.org/v1/globalnetworkpolicies',
    'GlobalNetworkPolicy',
    false,
    'calico globalnetworkpolicies',
  ),
  resource('projectcalico.org/v3/networkpolicies', 'NetworkPolicy', true, 'calico v3 networkpolicies'),
  resource(
    'projectcalico.org/v3/globalnetworkpolicies',
    'GlobalNetworkPolicy',
    false,
    'calico v3 globalnetworkpolicies',
  ),
  resource('crd.antrea.io/v1beta1,v1alpha1/networkpolicies', 'NetworkPolicy', true, 'antrea networkpolicies'),
  resource(
    'crd.antrea.io/v1beta1,v1alpha1/clusternetworkpolicies',
    'ClusterNetworkPolicy',
    false,
    'antrea clusternetworkpolicies',
  ),
  resource('k8s.ovn.org/v1/egressfirewalls', 'EgressFirewall', true),
  resource('network.openshift.io/v1/egressnetworkpolicies', 'EgressNetworkPolicy', true),
  resource('networking.gke.io/v1alpha1,v1alpha3/fqdnnetworkpolicies', 'FQDNNetworkPolicy', true),
  resource('networking.k8s.aws/v1alpha1/applicationnetworkpolicies', 'ApplicationNetworkPolicy', true),
  resource(
    'networking.k8s.aws/v1alpha1/clusternetworkpolicies',
    'ClusterNetworkPolicy',
    false,
    'aws clusternetworkpolicies',
  ),
  resource('networking.istio.io/v1,v1beta1,v1alpha3/sidecars', 'Sidecar', true, 'istio sidecars'),
  resource('networking.istio.io/v1,v1beta1,v1alpha3/serviceentries', 'ServiceEntry', true, 'istio serviceentries'),
];

const EVALUATED = [PODS, NAMESPACES, NODES, SERVICES, CONFIG_MAPS, ENDPOINT_SLICES, NETWORK_POLICIES];
const CILIUM = [CILIUM_POLICIES, CILIUM_CLUSTERWIDE_POLICIES, CILIUM_CIDR_GROUPS];
const WORKLOADS = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS];

export const RESOURCES: readonly Resource[] = [...EVALUATED, ...CILIUM, ...WORKLOADS, ...UNEVALUATED];

/** `ciliumnetworkpolicies.cilium.io`, `pods`: names a resource in recordings. */
export function resourceKey(resource: Resource): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}

/** `pods in namespace shop`, `nodes`; the first word names the resource, which is what `core/policy` looks for. */
export function inWords(
  resource: Resource,
  at: { readonly namespace?: string | undefined; readonly name?: string | undefined },
): string {
  const inside = at.namespace === undefined ? '' : `${at.namespace}/`;
  if (at.name !== undefined) return `${resource.label} ${inside}${at.name}`;
  return at.namespace === undefined ? resource.label : `${resource.label} in namespace ${at.namespace}`;
}
