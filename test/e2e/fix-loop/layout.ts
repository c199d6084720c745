/** The same lack in files of every layout that people keep policies in. */
import type { Place, Scenario } from './scenario.ts';
import { cilium, dns, toNames } from './texts.ts';

const policy = (at: Place): string => cilium(at, `  egress:\n${dns()}${toNames([at.api])}`);
const lacking = (file: string, added: Scenario['expects']['added']): Scenario['expects'] => ({
  cause: 'POLICY_EGRESS_NOT_ALLOWED',
  added,
  changes: [file],
});

export const layoutScenarios: readonly Scenario[] = [
  {
    name: 'overlay-of-a-base',
    set: 25,
    applied: 'overlays/lab',
    files: (at) => ({
      'base/kustomization.yaml': 'resources:\n  - caller-egress.yaml\n',
      'base/caller-egress.yaml': policy(at).replace(/ {2}namespace: .*\n/, ''),
      'overlays/lab/kustomization.yaml': `namespace: ${at.namespace}\nresources:\n  - ../../base\n`,
    }),
    expects: lacking('base/caller-egress.yaml', (at) => [`- matchName: ${at.files}`]),
  },
  {
    name: 'overlay-with-a-patch',
    set: 26,
    applied: 'overlays/lab',
    files: (at) => ({
      'base/kustomization.yaml': 'resources:\n  - caller-egress.yaml\n',
      'base/caller-egress.yaml': policy(at).replace(/ {2}namespace: .*\n/, ''),
      'overlays/lab/kustomization.yaml': `namespace: ${at.namespace}
resources:
  - ../../base
patches:
  - path: team.yaml
`,
      'overlays/lab/team.yaml': `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: caller-egress
  labels:
    team: exports
`,
    }),
    expects: lacking('base/caller-egress.yaml', (at) => [`- matchName: ${at.files}`]),
  },
  {
    name: 'several-documents',
    set: 27,
    files: (at) => ({
      'egress.yaml': `# Egress of the exports team. Reviewed every quarter.
---
${cilium(at, `  egress:\n${dns()}${toNames([at.api])}`, { name: 'neighbour-egress', app: 'neighbour' })}---
# The caller fetches exports.
apiVersion: "cilium.io/v2"
kind: CiliumNetworkPolicy
metadata: {name: caller-egress, namespace: ${at.namespace}}
spec:
  endpointSelector: {matchLabels: {app: caller}}
  egress:
  - toEndpoints:            # name server first
    - matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}
    toPorts:
    - ports: [{port: "53", protocol: ANY}]
      rules: {dns: [{matchPattern: "*"}]}
  - toFQDNs:
    - matchName: '${at.api}'   # asked for in the contract
    # no more names below without a review
    toPorts:
    - ports: [{port: "443", protocol: TCP}]
# end of the caller
`,
    }),
    by: 'write',
    expects: lacking('egress.yaml', (at) => [`- matchName: '${at.files}'`]),
  },
  {
    name: 'json',
    set: 28,
    files: (at) => ({
      'kustomization.yaml': 'resources:\n- caller-egress.json\n',
      'caller-egress.json': `${JSON.stringify(
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNetworkPolicy',
          metadata: { name: 'caller-egress', namespace: at.namespace },
          spec: {
            endpointSelector: { matchLabels: { app: 'caller' } },
            egress: [
              {
                toEndpoints: [
                  { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' } },
                ],
                toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
              },
              { toFQDNs: [{ matchName: at.api }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
            ],
          },
        },
        null,
        2,
      )}\n`,
    }),
    expects: {
      ...lacking('caller-egress.json', (at) => ['},', `{"matchName": "${at.files}"}`]),
      removed: () => ['}'],
    },
  },
  {
    name: 'anchors',
    set: 29,
    files: (at) => ({
      'egress.yaml': cilium(
        at,
        `  egress:
${dns()}    - toFQDNs:
        - matchName: ${at.api}
      toPorts: &https
        - ports:
            - port: "443"
              protocol: TCP
    - toCIDR:
        - 192.0.2.10/32
      toPorts: *https
`,
      ),
    }),
    expects: lacking('egress.yaml', (at) => [`- matchName: ${at.files}`]),
  },
  {
    name: 'list',
    set: 30,
    files: (at) => ({
      'policies.yaml': `apiVersion: v1
kind: List
items:
${[cilium(at, `  egress:\n${dns()}${toNames([at.api])}`, { name: 'neighbour-egress', app: 'neighbour' }), policy(at)]
  .map((text) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`)
  .join('')}`,
    }),
    expects: lacking('policies.yaml', (at) => [`- matchName: ${at.files}`]),
  },
];
