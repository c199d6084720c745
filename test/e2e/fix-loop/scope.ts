/** Policies that miss the pod, take all pods, or are not there. */
import { DNS_RULE, nameRule } from './added-lines.ts';
import type { Place, Scenario } from './scenario.ts';
import { cilium, dns, NETWORK_DNS, network, toNames } from './texts.ts';

const FILE = 'caller-egress.yaml';

/** Every pod of the namespace may ask the DNS and nothing else. */
const defaultDeny = (at: Place): string => network(at, `  egress:\n${NETWORK_DNS}`, { name: 'default-deny', app: '' });

/** What the namespace's other policies look like. */
const neighbours = (at: Place): string =>
  cilium(at, `  egress:\n${dns()}${toNames([at.api])}`, { name: 'neighbour-egress', app: 'neighbour' });

const OWN_POLICY = (at: Place): readonly string[] => [
  'apiVersion: cilium.io/v2',
  'kind: CiliumNetworkPolicy',
  'metadata:',
  `name: caller-to-${at.files.replaceAll('.', '-')}`,
  `namespace: ${at.namespace}`,
  'spec:',
  'endpointSelector:',
  'matchLabels:',
  'app: caller',
  'egress:',
  ...nameRule(at),
];

export const scopeScenarios: readonly Scenario[] = [
  {
    name: 'selector-typo',
    set: 20,
    files: (at) => ({
      'default-deny.yaml': defaultDeny(at),
      [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.files])}`, { app: 'caler' }),
    }),
    expects: {
      cause: 'POLICY_SCOPE_SELECTOR',
      added: () => ['app: caller'],
      removed: () => ['app: caler'],
      changes: [FILE],
    },
  },
  {
    name: 'default-deny-alone',
    set: 21,
    files: (at) => ({ 'default-deny.yaml': defaultDeny(at), 'neighbour-egress.yaml': neighbours(at) }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [...OWN_POLICY(at), ...DNS_RULE],
      changes: ['caller-to-files-21-loop-example.yaml'],
    },
  },
  {
    name: 'default-deny-of-a-base',
    set: 0,
    applied: 'overlays/lab',
    files: (at) => ({
      'base/kustomization.yaml': 'resources:\n  - default-deny.yaml\n',
      'base/default-deny.yaml': defaultDeny(at).replace(/ {2}namespace: .*\n/, ''),
      'overlays/lab/kustomization.yaml': `namespace: ${at.namespace}\nresources:\n  - ../../base\n`,
    }),
    by: 'write',
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [...OWN_POLICY(at), ...DNS_RULE, '- caller-to-files-00-loop-example.yaml'],
      changes: ['overlays/lab/caller-to-files-00-loop-example.yaml', 'overlays/lab/kustomization.yaml'],
    },
  },
  {
    name: 'clusterwide-deny',
    set: 22,
    files: (at) => ({
      'default-deny.yaml': `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata:
  name: ${at.namespace}-default-deny
spec:
  endpointSelector:
    matchLabels:
      k8s:io.kubernetes.pod.namespace: ${at.namespace}
  egress:
${dns()}`,
      'neighbour-egress.yaml': neighbours(at),
    }),
    by: 'branch',
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: OWN_POLICY,
      changes: ['caller-to-files-22-loop-example.yaml'],
    },
  },
  {
    name: 'wrong-namespace',
    set: 23,
    files: (at) => ({
      'default-deny.yaml': defaultDeny(at),
      [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.files])}`, { namespace: 'loop-elsewhere' }),
    }),
    expects: {
      cause: 'POLICY_SCOPE_SELECTOR',
      added: (at) => [...OWN_POLICY(at), ...DNS_RULE],
      changes: ['caller-to-files-23-loop-example.yaml'],
    },
  },
  {
    name: 'policy-of-the-team',
    set: 24,
    files: (at) => ({
      'team-egress.yaml': `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: team-egress
  namespace: ${at.namespace}
spec:
  endpointSelector: {}
  egress:
${dns()}${toNames([at.api])}`,
    }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [`- matchName: ${at.files}`],
      changes: ['team-egress.yaml'],
      gains: ['neighbour files:443'],
    },
  },
];
