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
/** Read are the engine's own, for a pod in a mesh the mesh's, and for questions about Git argocd-cm; no other. */
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
/** Earlier templates of StatefulSets and DaemonSets; those of Deployments are ReplicaSets. */
export const CONTROLLER_REVISIONS = resource('apps/v1/controllerrevisions', 'ControllerRevision', true);
export const JOBS = resource('batch/v1/jobs', 'Job', true);

/**
 * The same objects in the form that people write and, in older clusters, in the form that Calico stores; often only one can be read
 * (docs.tigera.io operations/native-v3-crds).
 */
export const CALICO_POLICIES = resource(
  'projectcalico.org/v3/networkpolicies',
  'NetworkPolicy',
  true,
  'calico networkpolicies',
);
export const CALICO_GLOBAL_POLICIES = resource(
  'projectcalico.org/v3/globalnetworkpolicies',
  'GlobalNetworkPolicy',
  false,
  'calico globalnetworkpolicies',
);
export const CALICO_TIERS = resource('projectcalico.org/v3/tiers', 'Tier', false);
export const CALICO_SETS = resource('projectcalico.org/v3/networksets', 'NetworkSet', true);
export const CALICO_GLOBAL_SETS = resource('projectcalico.org/v3/globalnetworksets', 'GlobalNetworkSet', false);
export const CALICO_HOST_ENDPOINTS = resource('projectcalico.org/v3/hostendpoints', 'HostEndpoint', false);
export const SERVICE_ACCOUNTS = resource('/v1/serviceaccounts', 'ServiceAccount', true);

/** Calico's kind in its storage group, under the same label. */
export function storedForm(kind: Resource): Resource {
  return { ...kind, group: 'crd.projectcalico.org', versions: ['v1'] };
}

/** Read for pods in a service mesh only (`mesh.ts`). */
export const ISTIO_SIDECARS = resource('networking.istio.io/v1,v1beta1,v1alpha3/sidecars', 'Sidecar', true);
export const ISTIO_SERVICE_ENTRIES = resource(
  'networking.istio.io/v1,v1beta1,v1alpha3/serviceentries',
  'ServiceEntry',
  true,
);
export const ISTIO_VIRTUAL_SERVICES = resource(
  'networking.istio.io/v1,v1beta1,v1alpha3/virtualservices',
  'VirtualService',
  true,
);
export const LINKERD_EGRESS_NETWORKS = resource('policy.linkerd.io/v1alpha1/egressnetworks', 'EgressNetwork', true);
/** Linkerd has an HTTPRoute of its own beside that of the Gateway API. */
export const MESH_ROUTES: readonly Resource[] = [
  resource('policy.linkerd.io/v1beta3,v1beta2,v1beta1/httproutes', 'HTTPRoute', true, 'linkerd httproutes'),
  resource('gateway.networking.k8s.io/v1,v1beta1/httproutes', 'HTTPRoute', true),
  resource('gateway.networking.k8s.io/v1,v1alpha2/grpcroutes', 'GRPCRoute', true),
  resource('gateway.networking.k8s.io/v1,v1alpha3,v1alpha2/tlsroutes', 'TLSRoute', true),
  resource('gateway.networking.k8s.io/v1alpha2/tcproutes', 'TCPRoute', true),
];

/** One version: older ones differ in fields. */
const ANTREA = 'crd.antrea.io/v1beta1';
export const ANTREA_POLICIES = resource(`${ANTREA}/networkpolicies`, 'NetworkPolicy', true, 'antrea networkpolicies');
export const ANTREA_CLUSTER_POLICIES = resource(
  `${ANTREA}/clusternetworkpolicies`,
  'ClusterNetworkPolicy',
  false,
  'antrea clusternetworkpolicies',
);
export const ANTREA_TIERS = resource(`${ANTREA}/tiers`, 'Tier', false, 'antrea-tiers');
export const ANTREA_GROUPS = resource(`${ANTREA}/groups`, 'Group', true, 'antrea-groups');
export const ANTREA_CLUSTER_GROUPS = resource(`${ANTREA}/clustergroups`, 'ClusterGroup', false, 'antrea-clustergroups');

export const EGRESS_FIREWALLS = resource('k8s.ovn.org/v1/egressfirewalls', 'EgressFirewall', true);
export const EGRESS_NETWORK_POLICIES = resource(
  'network.openshift.io/v1/egressnetworkpolicies',
  'EgressNetworkPolicy',
  true,
);
/** v1alpha3 is another project's (nais/fqdn-policy): its controller writes NetworkPolicies, which are read. */
export const FQDN_NETWORK_POLICIES = resource(
  'networking.gke.io/v1alpha1/fqdnnetworkpolicies',
  'FQDNNetworkPolicy',
  true,
);

export const ADMIN_POLICIES = resource(
  'policy.networking.k8s.io/v1alpha1/adminnetworkpolicies',
  'AdminNetworkPolicy',
  false,
);
export const BASELINE_ADMIN_POLICIES = resource(
  'policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies',
  'BaselineAdminNetworkPolicy',
  false,
);
export const CLUSTER_POLICIES = resource(
  'policy.networking.k8s.io/v1alpha2/clusternetworkpolicies',
  'ClusterNetworkPolicy',
  false,
);
export const AWS_CLUSTER_POLICIES = resource(
  'networking.k8s.aws/v1alpha1/clusternetworkpolicies',
  'ClusterNetworkPolicy',
  false,
  'aws clusternetworkpolicies',
);
export const AWS_APPLICATION_POLICIES = resource(
  'networking.k8s.aws/v1alpha1/applicationnetworkpolicies',
  'ApplicationNetworkPolicy',
  true,
);
/** Of EKS Auto Mode. */
export const NODE_CLASSES = resource('eks.amazonaws.com/v1/nodeclasses', 'NodeClass', false);

/** One whose objects act beyond their own namespace: those of all namespaces are listed. */
function reachingOut(path: string, kind: string, label?: string): Resource {
  return resource(path, kind, false, label);
}

/**
 * Kinds that can stop or redirect egress and that this version does not evaluate: their presence is reported, never passed over. Names as in
 * each project's CustomResourceDefinitions; what each can do is said in `core/verdict/unevaluated.ts`.
 */
export const UNEVALUATED: readonly Resource[] = [
  reachingOut('cilium.io/v2/ciliumegressgatewaypolicies', 'CiliumEgressGatewayPolicy'),
  reachingOut('cilium.io/v2/ciliumlocalredirectpolicies', 'CiliumLocalRedirectPolicy'),
  reachingOut('cilium.io/v1alpha1/tracingpolicies', 'TracingPolicy'),
  resource('cilium.io/v1alpha1/tracingpoliciesnamespaced', 'TracingPolicyNamespaced', true),
  resource('vpcresources.k8s.aws/v1beta1/securitygrouppolicies', 'SecurityGroupPolicy', true),
  resource('k8s.cni.cncf.io/v1beta2,v1beta1/multi-networkpolicies', 'MultiNetworkPolicy', true),
  reachingOut('crd.antrea.io/v1beta1/egresses', 'Egress', 'antrea-egresses'),
  reachingOut('k8s.ovn.org/v1/egressips', 'EgressIP'),
  reachingOut('k8s.ovn.org/v1/adminpolicybasedexternalroutes', 'AdminPolicyBasedExternalRoute'),
  resource('crd.nsx.vmware.com/v1alpha1/securitypolicies', 'SecurityPolicy', true),
  reachingOut('kubeovn.io/v1/security-groups', 'SecurityGroup'),
  reachingOut('neuvector.com/v1/nvclustersecurityrules', 'NvClusterSecurityRule'),
  resource('neuvector.com/v1/nvsecurityrules', 'NvSecurityRule', true),
  reachingOut('kuma.io/v1alpha1/meshes', 'Mesh', 'kuma-meshes'),
  reachingOut('kuma.io/v1alpha1/meshpassthroughs', 'MeshPassthrough'),
  reachingOut('consul.hashicorp.com/v1alpha1/meshes', 'Mesh', 'consul-meshes'),
];

/** GitOps controllers and their sources: listed only where something is asked about Git (`read-sync.ts`). */
export const FLUX_KUSTOMIZATIONS = resource(
  'kustomize.toolkit.fluxcd.io/v1,v1beta2/kustomizations',
  'Kustomization',
  true,
  'flux kustomizations',
);
export const FLUX_HELM_RELEASES = resource(
  'helm.toolkit.fluxcd.io/v2,v2beta2,v2beta1/helmreleases',
  'HelmRelease',
  true,
);
const FLUX_SOURCE = 'source.toolkit.fluxcd.io/v1,v1beta2';
export const GIT_REPOSITORIES = resource(`${FLUX_SOURCE}/gitrepositories`, 'GitRepository', true);
export const OCI_REPOSITORIES = resource(`${FLUX_SOURCE}/ocirepositories`, 'OCIRepository', true);
export const BUCKETS = resource(`${FLUX_SOURCE}/buckets`, 'Bucket', true);
export const HELM_REPOSITORIES = resource(`${FLUX_SOURCE}/helmrepositories`, 'HelmRepository', true);
export const ARGO_APPLICATIONS = resource(
  'argoproj.io/v1alpha1/applications',
  'Application',
  true,
  'argo applications',
);
export const ARGO_PROJECTS = resource('argoproj.io/v1alpha1/appprojects', 'AppProject', true);

const GITOPS = [
  FLUX_KUSTOMIZATIONS,
  FLUX_HELM_RELEASES,
  GIT_REPOSITORIES,
  OCI_REPOSITORIES,
  BUCKETS,
  HELM_REPOSITORIES,
  ARGO_APPLICATIONS,
  ARGO_PROJECTS,
];

const EVALUATED = [PODS, NAMESPACES, NODES, SERVICES, CONFIG_MAPS, ENDPOINT_SLICES, NETWORK_POLICIES];
const CILIUM = [CILIUM_POLICIES, CILIUM_CLUSTERWIDE_POLICIES, CILIUM_CIDR_GROUPS];
const CALICO_KINDS = [
  CALICO_POLICIES,
  CALICO_GLOBAL_POLICIES,
  CALICO_TIERS,
  CALICO_SETS,
  CALICO_GLOBAL_SETS,
  CALICO_HOST_ENDPOINTS,
];
const CALICO = [...CALICO_KINDS, ...CALICO_KINDS.map(storedForm), SERVICE_ACCOUNTS];
const MESH = [ISTIO_SIDECARS, ISTIO_SERVICE_ENTRIES, ISTIO_VIRTUAL_SERVICES, LINKERD_EGRESS_NETWORKS, ...MESH_ROUTES];
const ANTREA_KINDS = [ANTREA_POLICIES, ANTREA_CLUSTER_POLICIES, ANTREA_TIERS, ANTREA_GROUPS, ANTREA_CLUSTER_GROUPS];
const FIREWALLS = [EGRESS_FIREWALLS, EGRESS_NETWORK_POLICIES, FQDN_NETWORK_POLICIES];
const ADMIN = [
  ADMIN_POLICIES,
  BASELINE_ADMIN_POLICIES,
  CLUSTER_POLICIES,
  AWS_CLUSTER_POLICIES,
  AWS_APPLICATION_POLICIES,
  NODE_CLASSES,
];
const WORKLOADS = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, CONTROLLER_REVISIONS, JOBS];

export const RESOURCES: readonly Resource[] = [
  ...EVALUATED,
  ...CILIUM,
  ...CALICO,
  ...ANTREA_KINDS,
  ...FIREWALLS,
  ...ADMIN,
  ...WORKLOADS,
  ...MESH,
  ...GITOPS,
  ...UNEVALUATED,
];

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
