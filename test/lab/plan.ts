// The lab's names and addresses. All are loopback, documentation (198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), benchmarking (198.18.0.0/15) or private ones.

export const plan = {
  /** Control group that every process of the lab is in: killing it is how `down` ends them all. */
  cgroup: 'k8s-egress-lab',
  nodeName: 'lab-node',
  clusterDomain: 'cluster.local',

  // This machine ↔ the node: for kubectl and tests.
  hostLink: 'k8s-egress-lab',
  hostAddress: '198.18.0.1',
  apiLink: 'api',
  apiAddress: '198.18.0.2',
  apiPort: 6443,

  // The node ↔ the internet: the only way out of the node.
  nodeLink: 'uplink',
  nodeAddress: '10.77.0.10',
  internetLink: 'downlink',
  gatewayAddress: '10.77.0.1',

  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',

  // The lab's public name server, and one that never answers.
  publicDns: '203.0.113.53',
  silentDns: '203.0.113.55',
} as const;

export const apiServer: string = `https://${plan.apiAddress}:${plan.apiPort}`;
