/** Lookups that are stopped, or that teach the engine nothing. */
import { DNS_RULE } from './added-lines.ts';
import type { Scenario } from './scenario.ts';
import { cilium, dns, network, toNames } from './texts.ts';

const FILE = 'caller-egress.yaml';

export const dnsScenarios: readonly Scenario[] = [
  {
    name: 'dns-list-short',
    set: 5,
    files: (at) => ({
      [FILE]: cilium(at, `  egress:\n${dns([at.api, '*.*.svc.cluster.local'])}${toNames([at.api, at.files])}`),
    }),
    expects: {
      cause: 'FQDN_NAME_NOT_COVERED',
      added: (at) => [`- matchName: ${at.files}`],
      changes: [FILE],
    },
  },
  {
    name: 'dns-rule-missing',
    set: 6,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${toNames([at.files])}`) }),
    expects: {
      cause: 'POLICY_NO_DNS_EGRESS',
      added: () => DNS_RULE,
      changes: [FILE],
      gains: ['caller lookup api', 'caller lookup other'],
    },
  },
  {
    name: 'dns-past-the-proxy',
    set: 7,
    files: (at) => ({
      [FILE]: cilium(at, `  egress:\n${dns().replace(/ {10}rules:[^]*$/, '')}${toNames([at.files])}`),
    }),
    by: 'branch',
    expects: {
      cause: 'FQDN_NO_DNS_L7',
      added: () => ['rules:', 'dns:', '- matchPattern: "*"'],
      changes: [FILE],
    },
  },
  {
    name: 'two-policies',
    set: 8,
    files: (at) => ({
      'dns.yaml': cilium(at, `  egress:\n${dns([at.api, '*.*.svc.cluster.local'])}`, { name: 'caller-dns' }),
      [FILE]: cilium(at, `  egress:\n${toNames([at.api])}`),
    }),
    expects: {
      cause: 'FQDN_NAME_NOT_COVERED',
      added: (at) => [`- matchName: ${at.files}`, `- matchName: ${at.files}`],
      changes: [FILE, 'dns.yaml'],
    },
  },
  {
    name: 'network-dns-missing',
    set: 9,
    files: (at) => ({
      [FILE]: network(
        at,
        `  egress:
    - to:
        - ipBlock:
            cidr: ${at.address.files}/32
      ports:
        - port: 443
          protocol: TCP
`,
      ),
    }),
    expects: {
      cause: 'POLICY_NO_DNS_EGRESS',
      added: () => [
        '- to:',
        '- namespaceSelector:',
        'matchLabels:',
        'kubernetes.io/metadata.name: kube-system',
        'podSelector:',
        'matchLabels:',
        'k8s-app: kube-dns',
        'ports:',
        '- port: 53',
        'protocol: UDP',
        '- port: 53',
        'protocol: TCP',
      ],
      changes: [FILE],
      after: 'unknown',
      gains: ['caller lookup api', 'caller lookup other'],
    },
  },
];
