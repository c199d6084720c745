/** The pods whose flows are read: one by its own name and two by a generated one, all behind one policy; a staged policy would deny what it allows. */
import type { TestCluster } from '../../e2e/support/cluster.ts';
import { applyYaml, waitReady } from '../../e2e/support/cluster.ts';

/** Of one run alone: Goldmane keeps flows of an earlier one, which must not pass for this one's. */
export const NS = `folded-${process.pid}`;
/** api.vendor.example, which the policy allows, and files.vendor.example, which it does not. */
export const ALLOWED = '203.0.113.10';
export const DENIED = '203.0.113.20';

const spec = `
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: lab/python:1
          imagePullPolicy: Never
          command: [python3, -u, -c]
          args:
            - |
              import socket, time
              while True:
                for host in ("${ALLOWED}", "${DENIED}"):
                  try: socket.create_connection((host, 443), timeout=1).close()
                  except OSError: pass
                time.sleep(1)
`;

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: {name: ${NS}}
---
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: {name: default.checkout-egress, namespace: ${NS}}
spec:
  tier: default
  order: 20
  selector: app == "checkout"
  types: [Egress]
  egress:
    - {action: Allow, protocol: UDP, destination: {ports: [53]}}
    - {action: Allow, protocol: TCP, destination: {nets: [${ALLOWED}/32], ports: [443]}}
---
apiVersion: crd.projectcalico.org/v1
kind: StagedNetworkPolicy
metadata: {name: default.tighten, namespace: ${NS}}
spec:
  tier: default
  order: 10
  selector: app == "checkout"
  types: [Egress]
  stagedAction: Set
  egress:
    - {action: Deny, protocol: TCP, destination: {nets: [${ALLOWED}/32]}}
---
apiVersion: v1
kind: Pod
metadata: {name: solo, namespace: ${NS}, labels: {app: checkout, kind: solo}}
spec:${spec.replaceAll('\n    ', '\n')}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: ${NS}}
spec:
  replicas: 2
  selector: {matchLabels: {app: checkout, kind: group}}
  template:
    metadata: {labels: {app: checkout, kind: group}}
    spec:${spec}
`;

export async function raise(cluster: TestCluster): Promise<void> {
  await applyYaml(cluster, OBJECTS);
  await Promise.all(['kind=solo', 'kind=group'].map((selector) => waitReady(cluster, NS, selector)));
}
