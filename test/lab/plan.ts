// The lab's names and addresses. All are loopback, documentation (198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), benchmarking (198.18.0.0/15) or private ones.
import { type Engine, engine } from './engine.ts';

/** What would collide on this machine if both clusters had it. */
interface Apart {
  /** Control group that every process of the lab is in: killing it is how `down` ends them all. */
  readonly cgroup: string;
  // This machine ↔ the node: for kubectl and tests.
  readonly hostLink: string;
  readonly hostAddress: string;
  readonly apiAddress: string;
  /** Whether this machine reaches the lab's Git server. One route leads there, so only one cluster can have it. */
  readonly gitFromHere: boolean;
}

const apart: Readonly<Record<Engine, Apart>> = {
  cilium: {
    cgroup: 'k8s-egress-lab',
    hostLink: 'k8s-egress-lab',
    hostAddress: '198.18.0.1',
    apiAddress: '198.18.0.2',
    gitFromHere: true,
  },
  calico: {
    cgroup: 'k8s-egress-lab-calico',
    hostLink: 'k8s-egress-cali',
    hostAddress: '198.18.0.5',
    apiAddress: '198.18.0.6',
    gitFromHere: false,
  },
};

/** Control groups of all clusters that the lab knows. */
export const allGroups: readonly string[] = Object.values(apart).map(({ cgroup }) => cgroup);

export const plan = {
  ...apart[engine],
  nodeName: 'lab-node',
  clusterDomain: 'cluster.local',

  apiLink: 'api',
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
