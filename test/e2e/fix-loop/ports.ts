/** The destination is listed, its port is not. */
import { nameRule } from './added-lines.ts';
import type { Scenario } from './scenario.ts';
import { cilium, dns, NETWORK_DNS, network, toNames } from './texts.ts';

const FILE = 'caller-egress.yaml';

export const portScenarios: readonly Scenario[] = [
  {
    name: 'port-missing',
    set: 10,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.files])}`) }),
    asks: (at) => ({ host: at.files, port: 8443 }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: () => ['- port: "8443"', 'protocol: TCP'],
      changes: [FILE],
    },
  },
  {
    name: 'port-of-one-name',
    set: 11,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.api, at.files])}`) }),
    asks: (at) => ({ host: at.files, port: 8443 }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => nameRule(at, 8443),
      changes: [FILE],
    },
  },
  {
    name: 'range-too-short',
    set: 12,
    files: (at) => ({
      [FILE]: network(
        at,
        `  egress:
${NETWORK_DNS}    - to:
        - ipBlock:
            cidr: ${at.address.files}/32
      ports:
        - port: 443
          endPort: 8080
          protocol: TCP
`,
      ),
    }),
    asks: (at) => ({ host: at.files, port: 8443 }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: () => ['- port: 8443', 'protocol: TCP'],
      changes: [FILE],
    },
  },
  {
    name: 'port-name-wrong',
    set: 13,
    beside: ({ namespace }) => `apiVersion: v1
kind: Pod
metadata: { name: store, namespace: ${namespace}, labels: { app: store } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: app
      image: lab/python:1
      imagePullPolicy: Never
      command: ["python3", "-m", "http.server", "8080"]
      ports: [{ name: web, containerPort: 8080 }]
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: store, namespace: ${namespace} }
spec:
  selector: { app: store }
  ports: [{ port: 80, targetPort: web }]
`,
    files: (at) => ({
      [FILE]: cilium(
        at,
        `  egress:
${dns()}    - toEndpoints:
        - matchLabels:
            app: store
      toPorts:
        - ports:
            - port: http
              protocol: TCP
`,
      ),
    }),
    asks: ({ namespace }) => ({ host: `store.${namespace}.svc.cluster.local`, port: 80 }),
    alsoMeasured: ({ namespace }) => [{ host: `store.${namespace}.svc.cluster.local`, port: 80 }],
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: () => ['- port: "8080"', 'protocol: TCP'],
      changes: [FILE],
    },
  },
];
