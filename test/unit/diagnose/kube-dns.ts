/** Test support: the cluster's DNS Service with one server behind it, at the address that the tests give CoreDNS. */
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';

export const KUBE_DNS: Pick<ClusterState, 'services' | 'backends'> = {
  services: [
    {
      meta: {
        namespace: 'kube-system',
        name: 'kube-dns',
        labels: { 'k8s-app': 'kube-dns' },
        annotations: {},
        owners: [],
        managers: [],
      },
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.10'],
      externalIPs: [],
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }],
    },
  ],
  backends: [
    {
      namespace: 'kube-system',
      service: 'kube-dns',
      addresses: ['10.0.0.9'],
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      ready: true,
    },
  ],
};
