/** Laws of near misses on random clusters: a change does what it says, and no rule that matches is called a miss. */

import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Evaluation, NearMiss } from '../../../src/core/model/evaluation.ts';
import type {
  CiliumEgressRule,
  CiliumPort,
  CiliumPortRule,
  NetworkPolicy,
  Policy,
} from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { applyChange } from '../../../src/core/remedy/apply-change.ts';
import * as fc from '../support/fast-check.ts';
import { ccnp, cnp, DNS, dnsRule, kubeDns, meta, np, OTHER, P, PEER, ports, select, withPort, world } from './world.ts';

const names = [
  'files.vendor.example',
  'fils.vendor.example',
  'api.vendor.example',
  'blob.store.example',
  'files.vendor.test',
];
const stars = ['*.vendor.example', '**.vendor.example', '*.example', 'f*.vendor.example', '*'];
const selector = fc.oneof(
  fc.constantFrom(...names).map((matchName) => ({ matchName })),
  fc.constantFrom(...stars).map((matchPattern) => ({ matchPattern })),
);
const port = fc.constantFrom<CiliumPort>(
  ...ports('443/TCP', '80/TCP', '443/UDP', '443', '0/TCP', 'https/TCP', '5432/TCP', '53/UDP', '6443/TCP'),
  { port: '8010', endPort: 8000, protocol: 'TCP' },
  { port: '400', endPort: 500 },
);
const portRule = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(port, { minLength: 1, maxLength: 2 }).map((list): CiliumPortRule => ({ ports: list })),
  },
  fc.constantFrom<CiliumPortRule>(
    {},
    { ports: ports('80/TCP'), http: [{}] },
    { ports: ports('443/TCP'), serverNames: ['api.vendor.example'] },
    { ports: ports('443/TCP'), serverNames: ['*.vendor.example'] },
  ),
);
const system = { 'k8s:io.kubernetes.pod.namespace': 'kube-system' };
const endpoints = fc.constantFrom(
  ...[
    {},
    { app: 'peer' },
    { app: 'peeer' },
    { app: 'o' },
    { 'k8s:io.kubernetes.pod.namespace': 'other', app: 'o' },
    { ap: 'peer' },
  ].map((one) => select(one)),
  select({ 'k8s:io.cilium.k8s.namespace.labels.team': 'xx' }),
  select({ app: 'peer', 'pod-template-hash': 'x' }),
  { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['per', 'pear'] }] },
);
const peer = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(selector, { minLength: 1, maxLength: 2 }).map((toFQDNs): CiliumEgressRule => ({ toFQDNs })),
  },
  fc.array(endpoints, { minLength: 1, maxLength: 2 }).map((toEndpoints): CiliumEgressRule => ({ toEndpoints })),
  fc.constantFrom<CiliumEgressRule>(
    {},
    { toEntities: ['world'] },
    { toEntities: ['kube-apiserver'] },
    { toEntities: ['cluster'] },
    { toCIDR: ['203.0.113.10/32'] },
    { toCIDR: ['10.0.0.0/8'] },
    { toCIDR: ['10.96.0.1/32'] },
  ),
);
const element = fc
  .tuple(peer, fc.option(fc.array(portRule, { minLength: 1, maxLength: 2 }), { nil: undefined }))
  .map(([one, toPorts]): CiliumEgressRule => ({ ...one, ...(toPorts && { toPorts }) }));
const forDns = fc.oneof(
  fc.array(selector, { minLength: 1, maxLength: 2 }).map(dnsRule),
  fc.constantFrom<CiliumEgressRule>(
    dnsRule(),
    { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] },
    { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/TCP') }] },
    { toEndpoints: [kubeDns] },
    {
      toEndpoints: [select({ 'k8s-app': 'kube-dns' })],
      toPorts: [{ ports: ports('53/UDP'), dns: [{ matchPattern: '*' }] }],
    },
    { toEndpoints: [select({ ...system, 'k8s-app': 'coredns' })], toPorts: [{ ports: ports('53/UDP') }] },
    { toEndpoints: [select({ ...system, 'k8s-app': 'coredns', x: 'y' })], toPorts: [{ ports: ports('5353/UDP') }] },
    { toEntities: ['host'], toPorts: [{ ports: ports('53/UDP') }] },
  ),
);
const subject = fc.oneof(
  { weight: 3, arbitrary: fc.constant(select()) },
  fc.constantFrom(
    ...[
      { app: 'p' },
      { app: 'pp' },
      { app: 'P' },
      { role: 'x' },
      { 'pod-template-hash': 'x' },
      { app: 'p', 'pod-template-hash': 'x' },
    ].map((one) => select(one)),
  ),
);
const namespace = fc.constantFrom('default', 'default', 'default', 'other', 'elsewhere');
const cilium = fc
  .record({
    endpointSelector: subject,
    egress: fc.array(fc.oneof({ weight: 2, arbitrary: element }, forDns), { minLength: 1, maxLength: 3 }),
    egressDeny: fc.option(
      fc.array(
        element.filter(({ toFQDNs }) => !toFQDNs),
        { minLength: 1, maxLength: 1 },
      ),
      { nil: undefined, freq: 4 },
    ),
  })
  .map(({ egressDeny, ...part }) => ({ ...part, ...(egressDeny && { egressDeny: egressDeny.map(withoutL7) }) }));

function withoutL7({ toPorts, ...rest }: CiliumEgressRule): CiliumEgressRule {
  return { ...rest, ...(toPorts && { toPorts: toPorts.map((one) => (one.ports ? { ports: one.ports } : {})) }) };
}

const networkPeer = fc.constantFrom(
  { ipBlock: { cidr: '203.0.113.0/24', except: [] } },
  { ipBlock: { cidr: '10.0.0.0/8', except: [] } },
  { podSelector: select({ app: 'peeer' }) },
  { podSelector: select({ app: 'o' }) },
  { podSelector: select({ 'k8s-app': 'kube-dns' }) },
  {
    podSelector: select({ 'k8s-app': 'kube-dns' }),
    namespaceSelector: select({ 'kubernetes.io/metadata.name': 'kube-sytem' }),
  },
  { podSelector: select({ app: 'o' }), namespaceSelector: select({ team: 'xx' }) },
);
const networkPort = fc.constantFrom(
  { port: 443 },
  { port: 80 },
  { port: 53 },
  { port: 53, protocol: 'UDP' },
  { port: 'https' },
);
const network = fc.record({
  podSelector: subject,
  egress: fc.array(
    fc.record({
      to: fc.array(networkPeer, { minLength: 1, maxLength: 2 }),
      ports: fc.array(networkPort, { minLength: 0, maxLength: 2 }),
    }),
    { minLength: 0, maxLength: 2 },
  ),
});
const ciliumPolicy = fc.tuple(cilium, fc.boolean(), namespace).map(
  ([part, wide, space]) =>
    (name: string): Policy =>
      wide ? ccnp(name, part) : { ...cnp(name, part), meta: meta(name, space) },
);
const networkPolicy = fc.tuple(network, namespace).map(
  ([part, space]) =>
    (name: string): NetworkPolicy => ({
      ...np(name, { ...part, policyTypes: ['Egress'] }),
      meta: meta(name, space),
    }),
);
const policies = fc
  .array(fc.oneof({ weight: 3, arbitrary: ciliumPolicy }, networkPolicy), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((make, index) => make(`p${index}`)));
const destination = fc.record<Destination>(
  {
    host: fc.constantFrom('files.vendor.example', 'a.files.vendor.example', 'vendor.example'),
    cnames: fc.constantFrom<readonly string[][]>([], [], ['blob.store.example'] as never),
    addresses: fc.constantFrom(
      ['203.0.113.10'],
      ['203.0.113.10'],
      ['203.0.113.10', '203.0.113.11'],
      ['10.0.0.2'],
      ['10.2.3.9'],
      ['10.1.1.1'],
      ['10.96.0.1'],
    ),
    sharedWith: fc.constantFrom(['api.vendor.example'], ['blob.store.example']),
    sni: fc.constant('files.vendor.example'),
    port: fc.constantFrom(443, 443, 80, 8005, 5432),
    protocol: fc.constantFrom('TCP', 'TCP', 'UDP'),
  } as never,
  { requiredKeys: ['cnames', 'addresses', 'port', 'protocol'] as never },
);
const engine = fc.constantFrom<ClusterState['engine']>(
  { cni: 'cilium', version: '1.18.4', config: {}, seenBy: 'x' },
  { cni: 'cilium', version: '1.19.5', config: {}, seenBy: 'x' },
  { cni: 'cilium', version: '1.20.2', config: {}, seenBy: 'x' },
  { cni: 'kube-router', seenBy: 'x' },
);
const { services, backends, namespaces } = world([]);
const api = {
  services: [
    ...services,
    {
      meta: meta('kubernetes', 'default'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      selector: {},
      ports: [{ port: 443, protocol: 'TCP' as const }],
    },
  ],
  backends: [
    ...backends,
    {
      namespace: 'default',
      service: 'kubernetes',
      addresses: ['10.1.1.1'],
      ports: [{ port: 6443, protocol: 'TCP' as const }],
      ready: true,
    },
  ],
};
const state = fc
  .tuple(policies, engine)
  .map(([list, facts]) =>
    world(list, { ...api, namespaces, engine: facts, pods: [P, withPort(PEER, 'https', 8443), OTHER, DNS] }),
  );

/** What a change may move: each stage's decision and reason, and where addresses fare differently, how. */
const verdict = ({ lookup, connect }: Evaluation) => {
  const name = connect.decision === 'unknown' ? connect.explanation : '';
  return [lookup.decision, lookup.reason, connect.decision, connect.reason, name].join(' ');
};
const place = ({ kind, rule }: NearMiss) =>
  `${kind} ${rule.policy.kind} ${rule.policy.namespace ?? ''}/${rule.policy.name} ${rule.path}`;
const RANK = { denied: 0, unknown: 1, allowed: 2 } as const;
const LOOKUP = new Set<NearMiss['kind']>([
  'dns_rule_missing',
  'dns_rule_without_l7',
  'dns_name_not_listed',
  'dns_target_mismatch',
]);

describe('on random clusters', { timeout: 60_000 }, () => {
  it('the change makes its stage take another reason, and never makes it worse', () => {
    let changes = 0;
    fc.assert(
      fc.property(state, destination, (cluster, to) => {
        const before = evaluateEgress(cluster, P, to);
        for (const miss of before.nearMisses) {
          if (!miss.change) continue;
          changes += 1;
          const after = evaluateEgress(applyChange(cluster, miss.change), P, to);
          const label = `${place(miss)} ${miss.statement} ${JSON.stringify(miss.change)}`;
          if (miss.kind === 'shared_address') expect(after.nearMisses.map(place), label).not.toContain(place(miss));
          else expect(verdict(after), label).not.toBe(verdict(before));
          // Once the packet passes, what TLS says decides.
          if (after.connect.reason !== 'server_name_refused')
            expect(RANK[after.connect.decision], label).toBeGreaterThanOrEqual(RANK[before.connect.decision]);
          expect(RANK[after.lookup.decision], label).toBeGreaterThanOrEqual(RANK[before.lookup.decision]);
        }
      }),
      { numRuns: 1500 },
    );
    expect(changes).toBeGreaterThan(500);
  });

  it('no rule that decides is called a miss, none is told twice, and an allowed one has nothing to miss', () => {
    fc.assert(
      fc.property(state, destination, (cluster, to) => {
        const { decision, nearMisses, connect, lookup } = evaluateEgress(cluster, P, to);
        const places = nearMisses.map(place);
        expect(new Set(places).size).toBe(places.length);
        expect(places.length).toBeLessThanOrEqual(12);
        const told = nearMisses.filter(
          ({ kind }) => !['policy_invalid', 'policy_not_enforced', 'shared_address'].includes(kind),
        );
        if (decision === 'allowed') expect(told).toEqual([]);
        const allows = connect.decision === 'allowed' ? connect.decidedBy : [];
        for (const { kind, rule } of told) {
          const stage = LOOKUP.has(kind) && lookup.reason === 'default_deny' ? lookup.decidedBy : allows;
          if (kind !== 'deny_wins')
            expect(stage.map(({ policy, path }) => `${policy.name} ${path}`)).not.toContain(
              `${rule.policy.name} ${rule.path}`,
            );
        }
      }),
      { numRuns: 500 },
    );
  });
});
