/** A Deployment under policies of two tiers, of which each stops another connection of its pod. */

import * as k8s from '@kubernetes/client-node';
import { applyYaml, deleteNamespace, execIn, type TestCluster, waitReady } from '../../e2e/support/cluster.ts';

/** Of one run alone: flows of an earlier one, which Goldmane keeps for an hour, must not pass for this one's. */
export const NS = `whisker-${process.pid}`;
export const TIER = `whisker-${process.pid}-security`;

/** Addresses of the lab's internet: a rule lets the first one through, none the second, and the third is denied by name of a policy. */
export const ALLOWED = { host: 'api.vendor.example', address: '203.0.113.10' };
export const UNNAMED = { host: 'files.vendor.example', address: '203.0.113.20' };
export const DENIED = { host: 'login.idp.example', address: '203.0.113.40' };

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: ${NS} }
---
apiVersion: crd.projectcalico.org/v1
kind: Tier
metadata: { name: ${TIER} }
spec: { order: 100, defaultAction: Pass }
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkPolicy
metadata: { name: ${TIER}.quarantine }
spec:
  tier: ${TIER}
  order: 10
  namespaceSelector: kubernetes.io/metadata.name == '${NS}'
  selector: app == 'checkout'
  types: [Egress]
  egress:
    - { action: Deny, protocol: TCP, destination: { nets: [${DENIED.address}/32] } }
---
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: { name: default.checkout-egress, namespace: ${NS} }
spec:
  tier: default
  order: 100
  selector: app == 'checkout'
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination: { selector: "k8s-app == 'kube-dns'", namespaceSelector: "projectcalico.org/name == 'kube-system'", ports: [53] }
    - { action: Allow, protocol: TCP, destination: { nets: [${ALLOWED.address}/32], ports: [443] } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: ${NS} }
spec:
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - { name: app, image: "lab/python:1", imagePullPolicy: Never, command: [sleep, infinity] }
`;

export async function stage(cluster: TestCluster): Promise<{ readonly namespace: string; readonly name: string }> {
  await applyYaml(cluster, OBJECTS);
  return { namespace: NS, name: await waitReady(cluster, NS, 'app=checkout') };
}

export async function clear(cluster: TestCluster): Promise<void> {
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  const kind = { group: 'crd.projectcalico.org', version: 'v1' };
  const objects = [
    ['globalnetworkpolicies', `${TIER}.quarantine`],
    ['tiers', TIER],
  ] as const;
  for (const [plural, name] of objects)
    await api.deleteClusterCustomObject({ ...kind, plural, name }).catch(() => undefined);
  await deleteNamespace(cluster, NS);
}

const KNOCK = `
import socket, sys
for target in sys.argv[1:]:
    try:
        socket.create_connection((target, 443), timeout=0.6).close()
    except OSError:
        pass
`;

export async function knock(cluster: TestCluster, pod: { namespace: string; name: string }): Promise<void> {
  const hosts = [ALLOWED, UNNAMED, DENIED].map(({ host }) => host);
  await execIn(cluster, pod, ['python3', '-c', KNOCK, ...hosts]);
}
