/** Near misses of the lookup: names allowed one way only, DNS past the proxy, and DNS rules that miss this cluster's servers. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { NearMiss } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, NetworkPolicyPort, Policy } from '../../../src/core/model/policy.ts';
import { asked, named } from './near-miss.ts';
import { cnp, DNS, dnsRule, kubeDns, np, P, pod, ports, select, world } from './world.ts';

const files = named(['files.vendor.example']);
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress });
const only = (matchName: string) => dnsRule([{ matchName }]);

describe('allowed one way only', () => {
  it('connect, not lookup', () => {
    const found = asked(world([policy(only('api.vendor.example'), files)]));
    expect(found.kinds).toEqual(['dns_name_not_listed']);
    expect(found.miss('dns_name_not_listed').statement).toMatch(
      /spec\.egress\[1\]\.toFQDNs\[0\].* lets the pod connect to "files\.vendor\.example", but not look it up: .*only matchName "api\.vendor\.example"/,
    );
    expect(found.after('dns_name_not_listed').decision).toBe('allowed');
  });
  it('the list of the policy that names it comes first', () => {
    const other = cnp('a', { egress: [only('login.vendor.example')] });
    const found = asked(world([other, policy(only('api.vendor.example'), files)]));
    expect(found.evaluation.nearMisses.map(({ rule }) => rule.policy.name)).toEqual(['c', 'a']);
  });
  it('neither', () => {
    const found = asked(world([policy(only('api.vendor.example'), named(['api.vendor.example']))]));
    expect(found.miss('dns_name_not_listed').statement).not.toContain('lets the pod connect');
    expect(found.after('dns_name_not_listed').lookup.decision).toBe('allowed');
  });
  it('lookup, not connect: the name goes into the names of that policy', () => {
    const found = asked(world([policy(only('files.vendor.example'), named(['login.idp.example']))]));
    expect(found.kinds).toEqual(['lookup_only']);
    expect(found.miss('lookup_only')).toMatchObject({
      rule: { path: 'spec.egress[0].toPorts[0].rules.dns[0]' },
      statement: expect.stringContaining('no toFQDNs rule lets it connect'),
      change: { path: ['spec', 'egress', 1, 'toFQDNs', '-'] },
    });
    expect(found.after('lookup_only').decision).toBe('allowed');
  });
  it('lookup by a pattern of its domain, in a policy without names', () => {
    const found = asked(world([policy(dnsRule([{ matchPattern: '*.vendor.example' }]))]));
    expect(found.kinds).toEqual(['lookup_only']);
    expect(found.after('lookup_only').decision).toBe('allowed');
  });
  it('a rule for the lookup of every name says nothing about this one', () => {
    expect(asked(world([policy(dnsRule(), named(['login.idp.example']))])).kinds).toEqual([]);
    expect(asked(world([policy(dnsRule([{ matchPattern: '*.*.example' }]))])).kinds).toEqual([]);
  });
});

describe('past the proxy', () => {
  const plain = (list: string, more = {}) => ({ toEndpoints: [kubeDns], toPorts: [{ ports: ports(list) }], ...more });
  it('a plain DNS rule takes the filter', () => {
    const found = asked(world([policy(plain('53/ANY'), files)]));
    expect(found.miss('dns_rule_without_l7')).toMatchObject({
      rule: { path: 'spec.egress[0].toPorts[0]' },
      change: { path: ['spec', 'egress', 0, 'toPorts', 0, 'rules'] },
    });
    expect(found.after('dns_rule_without_l7').decision).toBe('allowed');
  });
  it.each<[string, Policy[]]>([
    ['all ports', [policy({ toEndpoints: [kubeDns] }, files)]],
    ['port 0', [policy(plain('0/UDP'), files)]],
    [
      'a range',
      [
        policy(
          { toEndpoints: [kubeDns], toPorts: [{ ports: [{ port: '1', endPort: 1024, protocol: 'UDP' }] }] },
          files,
        ),
      ],
    ],
    [
      'a list with other ports',
      [policy({ toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/UDP', '9153/TCP') }] }, files)],
    ],
    ['a NetworkPolicy', [np('n', { egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] }), policy(files)]],
  ])('%s cannot take it: a DNS rule beside the name', (_, policies) => {
    const found = asked(world(policies));
    expect(found.kinds).toEqual(['dns_rule_without_l7']);
    expect(found.miss('dns_rule_without_l7').change?.path).toEqual(['spec', 'egress', '-']);
    expect(found.after('dns_rule_without_l7').decision).toBe('allowed');
  });
});

describe('no DNS rule', () => {
  it('next to the name that is listed', () => {
    const found = asked(world([cnp('a', { egress: [named(['login.idp.example'])] }), policy(files)]));
    expect(found.miss('dns_rule_missing')).toMatchObject({
      rule: { policy: { name: 'c' }, path: 'spec.egress[0].toFQDNs[0]' },
      statement: expect.stringContaining('53/UDP to pod kube-system/coredns'),
    });
    expect(found.after('dns_rule_missing').decision).toBe('allowed');
  });
  it('in a NetworkPolicy, for UDP and TCP', () => {
    const isolating = np('n', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }],
    });
    for (const engine of [
      { cni: 'cilium', version: '1.19.5', seenBy: 'x' },
      { cni: 'calico', seenBy: 'x' },
    ] as const) {
      const found = asked(world([isolating], { engine }));
      expect(found.kinds).toEqual(['dns_rule_missing']);
      expect(found.miss('dns_rule_missing').change).toMatchObject({
        path: ['spec', 'egress', '-'],
        value: {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
      });
      expect(found.after('dns_rule_missing').decision).toBe('allowed');
      expect(found.miss('dns_rule_missing').statement).not.toContain('Cilium');
    }
  });
  it('in a policy that isolates by denies alone', () => {
    const found = asked(world([cnp('c', { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] })]));
    expect(found.miss('dns_rule_missing').rule).toMatchObject({ path: 'spec', text: 'the whole policy' });
    expect(found.after('dns_rule_missing').lookup.decision).toBe('allowed');
  });
});

interface Target {
  readonly title: string;
  readonly rule: Policy;
  readonly state?: Partial<ClusterState>;
  readonly kind?: NearMiss['kind'];
  readonly says: string;
}

const backend = (port: number, address = '10.0.0.53') => ({
  namespace: 'kube-system',
  service: 'kube-dns',
  addresses: [address],
  ports: [{ name: 'dns', port, protocol: 'UDP' as const }],
  ready: true,
});
const toDns = (selector: ReturnType<typeof select>, list = '53/ANY') => ({
  toEndpoints: [selector],
  toPorts: [{ ports: ports(list), dns: [{ matchPattern: '*' }] }],
});
const inSystem = (labels: Record<string, string>) =>
  select({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', ...labels });
const toPods = (labels: Record<string, string>, space: Record<string, string>, list: NetworkPolicyPort[]) =>
  np('n', {
    policyTypes: ['Egress'],
    egress: [
      { to: [{ podSelector: select(labels), namespaceSelector: select(space) }], ports: list },
      { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] },
    ],
  });
const system = { 'kubernetes.io/metadata.name': 'kube-system' };

describe('a DNS rule that misses the servers', () => {
  it.each<Target>([
    {
      title: 'no namespace in a CNP',
      rule: policy(toDns(select({ 'k8s-app': 'kube-dns' })), files),
      says: 'wants namespace=default, the pod has namespace=kube-system',
    },
    {
      title: 'another k8s-app',
      rule: policy(toDns(inSystem({ 'k8s:k8s-app': 'coredns' })), files),
      says: 'wants k8s-app=coredns, the pod has k8s-app=kube-dns',
    },
    {
      title: 'another key',
      rule: policy(toDns(inSystem({ 'any:k8sapp': 'kube-dns' })), files),
      says: 'the pod has k8s-app=kube-dns',
    },
    { title: 'both', rule: policy(toDns(select({ 'k8s-app': 'coredns' })), files), says: 'wants k8s-app=coredns' },
    {
      title: 'an expression',
      rule: policy(
        toDns({ ...inSystem({}), matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['coredns', 'dns'] }] }),
        files,
      ),
      says: 'coredns or dns',
    },
    {
      title: 'a selector that takes others',
      rule: policy(toDns(select({ app: 'peer' })), files),
      says: 'wants app=peer',
    },
    {
      title: 'the Service by its address',
      rule: policy(
        { toCIDR: ['10.96.0.10/32'], toPorts: [{ ports: ports('53/UDP'), dns: [{ matchPattern: '*' }] }] },
        files,
      ),
      says: 'outside the cluster only',
    },
    {
      title: 'port 5353 (OpenShift)',
      rule: policy(toDns(kubeDns), files),
      state: { backends: [backend(5353)] },
      says: '5353/UDP to pod kube-system/coredns',
    },
    {
      title: 'TCP alone',
      rule: policy(toDns(kubeDns, '53/TCP'), files),
      kind: 'protocol_missing',
      says: 'allows 53/TCP, but queries go to 53/UDP',
    },
    {
      title: 'label and port',
      rule: policy(toDns(select({ 'k8s-app': 'kube-dns' })), files),
      state: { backends: [backend(5353)] },
      says: 'besides, queries go to port 5353/UDP',
    },
    {
      title: 'a NetworkPolicy port without protocol',
      rule: toPods({ 'k8s-app': 'kube-dns' }, system, [{ port: 53 }]),
      kind: 'protocol_missing',
      says: '53/TCP',
    },
    {
      title: 'a NetworkPolicy with another label',
      rule: toPods({ 'k8s-app': 'coredns' }, system, [{ port: 53, protocol: 'UDP' }]),
      says: 'k8s-app=coredns',
    },
    {
      title: 'a NetworkPolicy with another namespace label',
      rule: toPods({ 'k8s-app': 'kube-dns' }, { 'kubernetes.io/metadata.name': 'kubesystem' }, [
        { port: 53, protocol: 'UDP' },
      ]),
      says: 'namespace label kubernetes.io/metadata.name=kubesystem',
    },
    {
      title: 'a NetworkPolicy for its own namespace',
      rule: np('n', {
        egress: [
          { to: [{ podSelector: select({ 'k8s-app': 'kube-dns' }) }], ports: [{ port: 53, protocol: 'UDP' }] },
          { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] },
        ],
      }),
      says: 'namespace=default',
    },
    {
      title: 'a NetworkPolicy with the Service by address',
      rule: np('n', {
        egress: [
          { to: [{ ipBlock: { cidr: '10.96.0.10/32', except: [] } }], ports: [{ port: 53, protocol: 'UDP' }] },
          { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] },
        ],
      }),
      says: 'ipBlock 10.96.0.10/32',
    },
  ])('$title', ({ rule, state, kind = 'dns_target_mismatch', says }) => {
    const found = asked(world([rule], state));
    expect(found.evaluation.lookup.reason).toBe('default_deny');
    expect(found.kinds[0]).toBe(kind);
    expect(found.miss(kind).statement).toContain(says);
    expect(found.after(kind).decision).toBe('allowed');
  });

  it('a selector that takes others keeps taking them', () => {
    const found = asked(world([policy(toDns(select({ app: 'peer' })), files)]));
    expect(found.miss('dns_target_mismatch').change?.path).toEqual(['spec', 'egress', 0, 'toEndpoints', '-']);
  });
  it('a selector is not edited where a pod that was not read may need it', () => {
    const gap = { what: 'pods outside namespaces default', code: 'forbidden', reason: 'RBAC' } as const;
    const found = asked(world([policy(toDns(inSystem({ 'k8s:k8s-app': 'coredns' })), files)], { notRead: [gap] }));
    expect(found.miss('dns_target_mismatch').change?.path).toEqual(['spec', 'egress', 0, 'toEndpoints', '-']);
  });
  it('a rule that fits has no miss', () => {
    expect(asked(world([policy(toDns(kubeDns), files)])).kinds).toEqual([]);
  });
});

describe('a node-local cache', () => {
  const labels = { 'k8s-app': 'node-local-dns' };
  it('on the host', () => {
    const cache = pod('cache', 'kube-system', '10.1.1.9', { labels, hostNetwork: true });
    const found = asked(world([policy(toDns(kubeDns), files)], { pods: [P, DNS, cache] }));
    expect(found.evaluation.lookup).toMatchObject({ decision: 'unknown', reason: 'default_deny' });
    expect(found.miss('dns_target_mismatch')).toMatchObject({
      statement: expect.stringContaining("the pod's own node (10.1.1.9)"),
      change: { value: { toEntities: ['host'] } },
    });
    expect(found.after('dns_target_mismatch').decision).toBe('allowed');
  });
  it('as a pod: one more selector beside the one for the cluster DNS', () => {
    const cache = pod('cache', 'kube-system', '10.0.0.77', { labels });
    const found = asked(world([policy(toDns(kubeDns), files)], { pods: [P, DNS, cache] }));
    expect(found.miss('dns_target_mismatch').statement).toContain(
      'wants k8s-app=kube-dns, the pod has k8s-app=node-local-dns',
    );
    expect(found.miss('dns_target_mismatch').change?.path).toEqual(['spec', 'egress', 0, 'toEndpoints', '-']);
    expect(found.after('dns_target_mismatch').decision).toBe('allowed');
  });
  it('a NetworkPolicy on Cilium cannot say it', () => {
    const cache = pod('cache', 'kube-system', '10.1.1.9', { labels, hostNetwork: true });
    const rule = toPods({ 'k8s-app': 'kube-dns' }, system, [{ port: 53, protocol: 'UDP' }]);
    expect(asked(world([rule], { pods: [P, DNS, cache] })).miss('dns_target_mismatch').change).toBeUndefined();
  });
});

it('a truncated answer is asked for again over TCP', () => {
  const premise = 'a longer one is asked for again over TCP';
  expect(asked(world([policy(toDns(kubeDns, '53/UDP'), files)])).evaluation.assumptions.join()).toContain(premise);
  expect(asked(world([policy(toDns(kubeDns), files)])).evaluation.assumptions.join()).not.toContain(premise);
  expect(asked(world([])).evaluation.assumptions.join()).not.toContain(premise);
});
