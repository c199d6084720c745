// Calico's own objects that its node image and its operator make on users' clusters, in the form that the API server stores.
import { plan } from '../plan.ts';

export const namespace = 'calico-system';

const stored = { apiVersion: 'crd.projectcalico.org/v1' } as const;

function tier(name: string, order: number, defaultAction: 'Deny' | 'Pass'): object {
  return { ...stored, kind: 'Tier', metadata: { name }, spec: { order, defaultAction } };
}

/** Tiers and their orders: libcalico-go/lib/clientv3/client.go, EnsureInitialized. */
export const calicoObjects: readonly object[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    ...stored,
    kind: 'ClusterInformation',
    metadata: { name: 'default' },
    spec: { datastoreReady: true, clusterType: 'k8s,operator', calicoVersion: 'v3.31.0' },
  },
  {
    ...stored,
    kind: 'IPPool',
    metadata: { name: 'default-ipv4-ippool' },
    spec: {
      cidr: plan.podCidr,
      blockSize: 26,
      ipipMode: 'Never',
      vxlanMode: 'Never',
      natOutgoing: true,
      nodeSelector: 'all()',
      allowedUses: ['Workload', 'Tunnel'],
    },
  },
  { ...stored, kind: 'FelixConfiguration', metadata: { name: 'default' }, spec: {} },
  tier('adminnetworkpolicy', 1000, 'Pass'),
  tier('default', 1_000_000, 'Deny'),
  tier('baselineadminnetworkpolicy', 10_000_000, 'Pass'),
];

/** Calico's plugin with addresses from the node's range. */
export function cniConfig(kubeconfig: string): object {
  return {
    name: 'k8s-pod-network',
    cniVersion: '0.3.1',
    plugins: [
      {
        type: 'calico',
        datastore_type: 'kubernetes',
        log_level: 'info',
        log_file_path: '/var/log/calico/cni/cni.log',
        mtu: 1500,
        nodename: plan.nodeName,
        nodename_file_optional: true,
        ipam: { type: 'host-local', subnet: 'usePodCidr' },
        policy: { type: 'k8s' },
        kubernetes: { kubeconfig },
      },
    ],
  };
}
