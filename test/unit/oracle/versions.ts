/** What versions of Cilium's engine answer differently to one question; each answer is that version's own code's (see test/oracle). */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import type { Answer, Query, World } from '../../oracle/case.ts';
import { cnp, denying, egress, group, networkPolicy, on } from './disagreements.ts';

type Json = Readonly<Record<string, unknown>>;

/** By version; one that is left out was not asked. */
type Answers = Readonly<Partial<Record<'1.18.4' | '1.19.5' | '1.20.2', Answer>>>;

interface Versioned {
  readonly name: string;
  readonly config?: World['config'];
  readonly objects: readonly RawObject[];
  readonly query: Partial<Query>;
  readonly answers: Answers;
}

const allowed: Answer = { connect: 'allowed' };
const dropped: Answer = { connect: 'default' };
const byRule: Answer = { connect: 'explicit' };
const since20 = (before: Answer, after: Answer): Answers => ({ '1.18.4': before, '1.19.5': before, '1.20.2': after });
const only20 = (answer: Answer): Answers => ({ '1.20.2': answer });

const outside: Partial<Query> = { addresses: ['203.0.113.10'] };
const inPay: Partial<Query> = { addresses: ['10.244.0.2'] };
const otherNode: Partial<Query> = { addresses: ['10.1.0.2'] };
const selecting = (selector: Json): Json => ({ toCIDRSet: [{ cidrGroupSelector: selector }] });
const PODS = { 'policy-cidr-match-mode': 'pods' };
const CLUSTER_POLICIES = { 'enable-k8s-cluster-network-policy': 'true' };

const clusterPolicy = (tier: 'Admin' | 'Baseline', rules: readonly Json[], priority = 1): RawObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: `${tier.toLowerCase()}-${priority}` },
  spec: { tier, priority, subject: { namespaces: {} }, egress: rules },
});
const networks = (action: string, ...cidrs: readonly string[]): Json => ({ action, to: [{ networks: cidrs }] });

export const VERSIONED: readonly Versioned[] = [
  {
    name: 'names of many labels under **',
    objects: [
      egress(
        { toFQDNs: [{ matchPattern: '**.vendor.example' }] },
        { toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }] },
      ),
    ],
    query: { host: 'a.b.vendor.example', ...outside },
    answers: {
      '1.18.4': { lookup: 'allowed', learned: true, connect: 'default' },
      '1.19.5': { lookup: 'allowed', learned: true, connect: 'allowed' },
      '1.20.2': { lookup: 'allowed', learned: true, connect: 'allowed' },
    },
  },
  {
    name: 'a dot in a key of toServices ends its source in 1.19 alone',
    objects: [
      egress({
        toServices: [{ k8sServiceSelector: { selector: { matchLabels: { 'vendor.example/service': 'outside' } } } }],
      }),
    ],
    query: { addresses: ['203.0.113.11'] },
    answers: { '1.18.4': allowed, '1.19.5': dropped, '1.20.2': allowed },
  },
  {
    name: 'a source in a key of toServices takes no Service before 1.19',
    objects: [egress({ toServices: [{ k8sServiceSelector: { selector: { matchLabels: { 'k8s:app': 'none' } } } }] })],
    query: { addresses: ['203.0.113.11'] },
    answers: { '1.18.4': dropped, '1.19.5': allowed, '1.20.2': dropped },
  },
  {
    name: 'selectors mean the own cluster since 1.19',
    objects: [
      networkPolicy([
        { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } },
      ]),
    ],
    query: outside,
    answers: { '1.18.4': allowed, '1.19.5': dropped, '1.20.2': dropped },
  },
  {
    name: 'and in 1.18 where the configuration says so',
    config: { 'policy-default-local-cluster': 'true' },
    objects: [
      networkPolicy([
        { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } },
      ]),
    ],
    query: outside,
    answers: { '1.18.4': dropped },
  },
  {
    name: 'a range of all addresses holds nodes before 1.19, where ranges hold nodes',
    config: { 'policy-cidr-match-mode': 'nodes' },
    objects: [egress({ toCIDR: ['0.0.0.0/0'] })],
    query: otherNode,
    answers: { '1.18.4': allowed, '1.19.5': dropped, '1.20.2': dropped },
  },
  {
    name: 'it holds the other family before 1.19, where one family is off',
    config: { 'enable-ipv6': 'false' },
    objects: [egress({ toCIDRSet: [{ cidr: '::/0' }] })],
    query: outside,
    answers: { '1.18.4': allowed, '1.19.5': dropped, '1.20.2': dropped },
  },
  {
    name: 'but not in toCIDR',
    config: { 'enable-ipv6': 'false' },
    objects: [egress({ toCIDR: ['::/0'] })],
    query: outside,
    answers: { '1.18.4': dropped, '1.19.5': dropped, '1.20.2': dropped },
  },
  {
    name: 'a protocol without ports is unknown before 1.19, and makes the policy invalid',
    objects: [egress({ toPorts: [{ ports: [{ port: '0', protocol: 'VRRP' }] }] })],
    query: outside,
    answers: { '1.18.4': allowed, '1.19.5': dropped, '1.20.2': dropped },
  },
  {
    name: 'a pod whose addresses a group holds has its labels, as a subject too',
    config: PODS,
    objects: [
      group('g', { team: 'pay' }, '10.244.0.0/16'),
      cnp({ endpointSelector: { matchLabels: { team: 'pay' } }, egress: [{ toCIDR: ['10.9.0.0/16'] }] }),
    ],
    query: outside,
    answers: since20(allowed, dropped),
  },
  {
    name: 'the narrower of two groups hides the label of the wider one before 1.19',
    objects: [
      group('g', { kind: 'partner' }, '203.0.113.0/24'),
      group('h', { kind: 'office' }, '203.0.113.0/28'),
      egress(selecting({ matchLabels: { kind: 'partner' } })),
    ],
    query: outside,
    answers: { '1.18.4': dropped, '1.19.5': allowed, '1.20.2': allowed },
  },
  {
    name: 'nodes of a ClusterNetworkPolicy are other nodes',
    config: { ...CLUSTER_POLICIES, 'enable-node-selector-labels': 'true' },
    objects: [clusterPolicy('Admin', [{ action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'node-b' } } }] }])],
    query: otherNode,
    answers: only20(byRule),
  },
  {
    name: 'the own node is none of them',
    config: { ...CLUSTER_POLICIES, 'enable-node-selector-labels': 'true' },
    objects: [clusterPolicy('Admin', [{ action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'node-a' } } }] }])],
    query: { addresses: ['10.1.0.1'] },
    answers: only20(allowed),
  },
  {
    name: 'toRequires is refused since 1.19',
    objects: [cnp({ egress: [{ toRequires: [{ matchLabels: { app: 'none' } }], ...on('80') }] })],
    query: outside,
    answers: { '1.19.5': allowed },
  },
  {
    name: 'a selector of groups that only excludes takes pods until 1.19',
    objects: [egress(selecting({ matchExpressions: [{ key: 'kind', operator: 'DoesNotExist' }] }))],
    query: inPay,
    answers: since20(allowed, dropped),
  },
  {
    name: 'and nodes',
    objects: [denying(selecting({ matchExpressions: [{ key: 'kind', operator: 'DoesNotExist' }] }))],
    query: otherNode,
    answers: since20(byRule, allowed),
  },
  {
    name: 'a source in a key of a selector of groups is taken since 1.20',
    objects: [
      group('g', { kind: 'partner' }, '203.0.113.0/24'),
      egress(selecting({ matchLabels: { 'any:kind': 'partner' } }), on('80')),
    ],
    query: outside,
    answers: { '1.20.2': allowed },
  },
  {
    name: 'another source than that of groups matches none of them',
    objects: [
      group('g', { kind: 'partner' }, '203.0.113.0/24'),
      egress(selecting({ matchLabels: { 'k8s:kind': 'partner' } })),
    ],
    query: outside,
    answers: since20(allowed, dropped),
  },
  {
    name: 'an exception that is wider than the range makes the policy invalid since 1.20',
    objects: [egress({ toCIDRSet: [{ cidr: '203.0.0.0/24', except: ['203.0.0.0/16'] }] })],
    query: outside,
    answers: since20(dropped, allowed),
  },
  {
    name: 'a dot ends the source "reserved" until 1.19',
    objects: [denying({ toEndpoints: [{ matchExpressions: [{ key: 'reserved.host', operator: 'DoesNotExist' }] }] })],
    query: outside,
    answers: since20(byRule, allowed),
  },
  {
    name: 'rules for Kafka are passed over since 1.20',
    objects: [
      egress({
        toPorts: [{ ports: [{ port: '443', protocol: 'UDP' }], rules: { kafka: [{ role: 'produce', topic: 't' }] } }],
      }),
    ],
    query: outside,
    answers: since20(allowed, dropped),
  },
  {
    name: 'port 0 with an end stands for all ports since 1.20',
    objects: [egress({ toPorts: [{ ports: [{ port: '0', endPort: 100 }] }] })],
    query: outside,
    answers: since20(dropped, allowed),
  },
  {
    name: 'a port name is the number of the pod asked for since 1.20',
    objects: [egress(on('https', 'TCP'))],
    query: inPay,
    answers: since20(allowed, dropped),
  },
  {
    name: 'and no number outside the cluster',
    objects: [egress(on('https', 'TCP'))],
    query: outside,
    answers: since20(allowed, dropped),
  },
  {
    name: 'ranges hold pods where the configuration says so, since 1.20',
    config: PODS,
    objects: [egress({ toCIDR: ['10.244.0.0/16'] })],
    query: inPay,
    answers: since20(dropped, allowed),
  },
  {
    name: 'so does a range of all addresses',
    config: PODS,
    objects: [egress({ toCIDR: ['0.0.0.0/0'] })],
    query: inPay,
    answers: since20(dropped, allowed),
  },
  {
    name: 'from which all addresses cannot be excepted then',
    config: PODS,
    objects: [egress({ toCIDRSet: [{ cidr: '0.0.0.0/0', except: ['0.0.0.0/0'] }] })],
    query: outside,
    answers: since20(dropped, allowed),
  },
  {
    name: 'unless they are of a family that is off',
    config: { ...PODS, 'enable-ipv6': 'false' },
    objects: [denying({ toCIDRSet: [{ cidr: '::/0', except: ['::/0'] }] })],
    query: { addresses: ['2001:db8::10'] },
    answers: only20(allowed),
  },
  {
    name: 'Admin rules of one priority alternate with those of other policies, and the first decides',
    config: CLUSTER_POLICIES,
    objects: [
      clusterPolicy('Admin', [networks('Accept', '203.0.113.0/24')], 1),
      clusterPolicy('Admin', [networks('Deny', '203.0.113.0/28')], 2),
    ],
    query: outside,
    answers: only20(allowed),
  },
  {
    name: 'an Admin allow beats a deny of a CiliumNetworkPolicy',
    config: CLUSTER_POLICIES,
    objects: [clusterPolicy('Admin', [networks('Accept', '0.0.0.0/0')]), denying({ toEntities: ['world'] })],
    query: outside,
    answers: only20(allowed),
  },
  {
    name: 'what the Admin tier passes is denied by a CiliumNetworkPolicy',
    config: CLUSTER_POLICIES,
    objects: [
      clusterPolicy('Admin', [networks('Pass', '203.0.113.0/24'), networks('Accept', '0.0.0.0/0')]),
      denying({ toEntities: ['world'] }),
    ],
    query: outside,
    answers: only20(byRule),
  },
  {
    name: 'a Baseline allow beats the isolation by a CiliumNetworkPolicy',
    config: CLUSTER_POLICIES,
    objects: [clusterPolicy('Baseline', [networks('Accept', '203.0.113.0/24')]), egress({ toCIDR: ['10.9.0.0/16'] })],
    query: outside,
    answers: only20(allowed),
  },
  {
    name: 'namespaces of a ClusterNetworkPolicy that only exclude take nodes',
    config: CLUSTER_POLICIES,
    objects: [
      clusterPolicy('Admin', [
        {
          action: 'Deny',
          to: [{ namespaces: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } }],
        },
      ]),
    ],
    query: otherNode,
    answers: only20(byRule),
  },
  {
    name: 'and the world',
    config: CLUSTER_POLICIES,
    objects: [
      clusterPolicy('Admin', [
        {
          action: 'Deny',
          to: [{ namespaces: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } }],
        },
      ]),
    ],
    query: outside,
    answers: only20(byRule),
  },
  {
    name: 'all namespaces are pods alone',
    config: CLUSTER_POLICIES,
    objects: [clusterPolicy('Admin', [{ action: 'Deny', to: [{ namespaces: {} }] }])],
    query: otherNode,
    answers: only20(allowed),
  },
];
