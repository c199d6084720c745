/** A caller under policies of which each gives another kind of flow, and the ways in which it makes them. */
import { stageCaller } from '../support/caller.ts';
import { execIn, type TestCluster } from '../support/cluster.ts';

export const NS = 'flow-sources';

/** Addresses rather than names decide, so that no other scenario's lookups change anything. */
export const ALLOWED = { host: 'open.matrix.example', address: '198.51.100.10' };
/** No rule lets it through: a default deny, which Hubble cannot name. */
export const UNNAMED = { host: 'blocked.elsewhere.example', address: '198.51.100.30' };
/** A rule denies it: Hubble names the policy. */
export const DENIED = { host: 'captured.corp.example', address: '198.51.100.50' };

const POLICIES = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: caller-egress, namespace: ${NS} }
spec:
  endpointSelector: { matchLabels: { app: caller } }
  egress:
    - toEndpoints:
        - matchLabels: { "k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns }
      toPorts:
        - ports: [{ port: "53", protocol: ANY }]
          rules: { dns: [{ matchPattern: "*" }] }
    - toCIDR: [${ALLOWED.address}/32]
      toPorts:
        - ports: [{ port: "443", protocol: TCP }]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: never-there, namespace: ${NS} }
spec:
  endpointSelector: { matchLabels: { app: caller } }
  egressDeny:
    - toCIDR: [${DENIED.address}/32]
`;

export type Caller = Awaited<ReturnType<typeof stageCaller>>;

export function stage(cluster: TestCluster): Promise<Caller> {
  return stageCaller(cluster, NS, POLICIES);
}

const KNOCK = `
import socket, sys
for target in sys.argv[2:]:
    try:
        socket.create_connection((target, 443), timeout=float(sys.argv[1])).close()
    except OSError:
        pass
`;

/** One SYN each, as the time is too short for a second. */
export async function knock(cluster: TestCluster, caller: Caller, ...targets: string[]): Promise<void> {
  await execIn(cluster, caller, ['python3', '-c', KNOCK, '0.4', ...targets]);
}

const KNOCK_TIMES = `
import socket, sys, time
for _ in range(int(sys.argv[2])):
    print(time.time() * 1000, flush=True)
    try:
        socket.create_connection((sys.argv[1], 443), timeout=0.3).close()
    except OSError:
        pass
`;

/** One SYN after the other, and when each was sent, by the clock of the caller's node. */
export async function knockTimes(cluster: TestCluster, caller: Caller, target: string, times: number) {
  const { stdout } = await execIn(cluster, caller, ['python3', '-c', KNOCK_TIMES, target, String(times)]);
  return stdout.trim().split('\n').map(Number);
}
