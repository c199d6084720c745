/** The changes that near misses carry, to the last field: a change that allows more than what was asked would pass every other test. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { NearMiss } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, CiliumPolicy, Policy } from '../../../src/core/model/policy.ts';
import type { Service, ServiceBackend } from '../../../src/core/model/workload.ts';
import { asked, FILES, named } from './near-miss.ts';
import {
  cnp,
  DNS,
  dnsRule,
  kubeDns,
  meta,
  np,
  OTHER,
  P,
  PEER,
  pod,
  ports,
  rule,
  select,
  tcp443,
  world,
} from './world.ts';

type More = Parameters<typeof world>[1];
const files = named(['files.vendor.example']);
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [dnsRule(), ...egress] });
const REF = { kind: 'CiliumNetworkPolicy', namespace: 'default', name: 'c' };
const NETWORK = { kind: 'NetworkPolicy', namespace: 'default', name: 'n' };
const to = (address: string, port = 443): Destination => ({ cnames: [], addresses: [address], port, protocol: 'TCP' });

function changeOf(
  kind: NearMiss['kind'],
  policies: readonly Policy[],
  destination: Destination = FILES,
  more: More = {},
) {
  return asked(world(policies, more), destination).miss(kind).change;
}

describe('a port', () => {
  const at = { ...FILES, port: 8443 };
  it('in the list of the rule', () => {
    expect(changeOf('port_missing', [policy(files)], at)).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 1, 'toPorts', 0, 'ports', '-'],
      value: { port: '8443', protocol: 'TCP' },
      why: 'opens 8443/TCP for the destinations of this rule',
    });
  });
  it('in the one of its lists that filters nothing', () => {
    const lists = [
      { ports: ports('80/TCP'), http: [{}] },
      { ports: ports('81/TCP'), serverNames: ['a.example'] },
    ];
    const plain = { ports: ports('82/TCP') };
    const change = (toPorts: CiliumEgressRule['toPorts'] = []) =>
      changeOf('port_missing', [policy({ ...files, toPorts })], at)?.path;
    expect(change([...lists, plain])).toEqual(['spec', 'egress', 1, 'toPorts', 2, 'ports', '-']);
    expect(change(lists)).toEqual(['spec', 'egress', 1, 'toPorts', '-']);
    for (const otherL7 of ['kafka', 'terminatingTLS', 'listener'])
      expect(change([{ ports: ports('80/TCP'), otherL7: [otherL7] }])).toEqual(['spec', 'egress', 1, 'toPorts', '-']);
  });
  it('in a list of its own', () => {
    const http = { ...files, toPorts: [{ ports: ports('80/TCP'), http: [{}] }] };
    expect(changeOf('port_missing', [policy(http)], at)).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 1, 'toPorts', '-'],
      value: { ports: [{ port: '8443', protocol: 'TCP' }] },
      why: 'opens 8443/TCP for the destinations of this rule, in a list of its own',
    });
  });
  it.each([
    [39, 'ports'],
    [40, '-'],
  ])('of a list of %i ports', (length, last) => {
    const list = Array.from({ length }, (_, index) => ({ port: String(9000 + index), protocol: 'TCP' }));
    const path = changeOf('port_missing', [policy({ ...files, toPorts: [{ ports: list }] })], at)?.path;
    expect(path?.at(last === '-' ? -1 : -2)).toBe(last);
    expect(path).toHaveLength(last === '-' ? 5 : 7);
  });
  it('of the other protocol, in a NetworkPolicy', () => {
    const network = np('n', {
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }], ports: [{ port: 443, protocol: 'UDP' }] }],
    });
    expect(changeOf('protocol_missing', [network], to('203.0.113.10'))).toEqual({
      policy: NETWORK,
      op: 'add',
      path: ['spec', 'egress', 0, 'ports', '-'],
      value: { port: 443, protocol: 'TCP' },
      why: 'opens 443/TCP for the destinations of this rule',
    });
  });
  it.each<[string, number, string | undefined]>([
    ['TCP', 8005, 'TCP'],
    ['ANY', 8005, 'ANY'],
    ['UDP', 8005, undefined],
    ['TCP', 8000, 'TCP'],
    ['TCP', 8009, 'TCP'],
    ['TCP', 7999, undefined],
    ['TCP', 8011, undefined],
  ])('in a range upside down, for %s, at %i', (protocol, port, turned) => {
    const range = {
      ...files,
      toPorts: [
        {
          ports: [
            { port: '9000', protocol },
            { port: '8010', endPort: 8000, protocol },
          ],
        },
      ],
    };
    const found = asked(world([policy(range)]), { ...FILES, port });
    const [miss] = found.evaluation.nearMisses;
    if (turned === undefined) {
      expect(miss?.change?.op).toBe('add');
      return;
    }
    expect(miss?.change).toEqual({
      policy: REF,
      op: 'replace',
      path: ['spec', 'egress', 1, 'toPorts', 0, 'ports', 1],
      value: { port: '8000', endPort: 8010, protocol: turned },
      why: 'puts the ends of the range in order',
    });
  });
});

describe('a name', () => {
  it('beside the one that is nearly it', () => {
    expect(changeOf('name_similar', [policy(named(['fles.vendor.example']))])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 1, 'toFQDNs', '-'],
      value: { matchName: 'files.vendor.example' },
      why: 'lists "files.vendor.example", the name the pod asks for',
    });
  });
  it('in an element of its own where the ports differ', () => {
    expect(changeOf('name_similar', [policy(named(['fles.vendor.example'], '80/TCP'))])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: {
        toFQDNs: [{ matchName: 'files.vendor.example' }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
      why: 'allows 443/TCP to files.vendor.example',
    });
  });
  it('that may be looked up and not connected to', () => {
    const lookup = dnsRule([{ matchPattern: '*.vendor.example' }]);
    expect(changeOf('lookup_only', [cnp('c', { egress: [lookup] })])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: {
        toFQDNs: [{ matchName: 'files.vendor.example' }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
      why: 'allows 443/TCP to files.vendor.example',
    });
    expect(changeOf('lookup_only', [cnp('c', { egress: [lookup, named(['login.idp.example'])] })])).toMatchObject({
      path: ['spec', 'egress', 1, 'toFQDNs', '-'],
      value: { matchName: 'files.vendor.example' },
    });
  });
  it('that may be connected to and not looked up', () => {
    const lists = cnp('c', { egress: [dnsRule([{ matchName: 'api.vendor.example' }]), files] });
    expect(changeOf('dns_name_not_listed', [lists])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 0, 'toPorts', 0, 'rules', 'dns', '-'],
      value: { matchName: 'files.vendor.example' },
      why: 'lets the pod look "files.vendor.example" up through the DNS proxy',
    });
  });
  it('that TLS sends', () => {
    const names = { toCIDR: ['203.0.113.0/24'], toPorts: [{ ports: ports('443/TCP'), serverNames: ['a.example'] }] };
    expect(changeOf('server_name_not_listed', [policy(names)], { ...FILES, sni: 'b.example' })).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 1, 'toPorts', 0, 'serverNames', '-'],
      value: 'b.example',
      why: 'lets TLS for "b.example" through',
    });
    const plain = policy(names, { toCIDR: ['203.0.113.10/32'], toPorts: [{ ports: ports('80/TCP') }] });
    const found = asked(world([plain]), { ...FILES, sni: 'b.example' });
    expect(found.kinds.filter((kind) => kind === 'server_name_not_listed')).toHaveLength(1);
    expect(found.miss('server_name_not_listed').statement).toBe(
      'this rule lets TLS through for "a.example" only, not for "b.example"',
    );
  });
});

describe("the cluster's DNS", () => {
  const filter = [{ matchPattern: '*' }];
  it('in a policy that names the destination', () => {
    expect(changeOf('dns_rule_missing', [cnp('c', { egress: [files] })])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: {
        toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
        toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: filter } }],
      },
      why: "lets the pod ask the cluster's DNS, through the proxy",
    });
  });
  it('in a NetworkPolicy', () => {
    const network = np('n', { egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }] });
    const ports53 = ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol }));
    expect(changeOf('dns_rule_missing', [network])).toEqual({
      policy: NETWORK,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: ports53,
      },
      why: "lets the pod ask the cluster's DNS",
    });
  });
  it('in the policy that isolates, where nothing is allowed', () => {
    const isolating = [rule({ hasIngress: true }), rule({ egress: [{ toEntities: ['none'] }] })];
    expect(changeOf('dns_rule_missing', [cnp('c', isolating)])?.path).toEqual(['specs', 1, 'egress', '-']);
    const found = asked(world([np('n', { policyTypes: ['Egress'] })])).miss('dns_rule_missing');
    expect(found.rule).toEqual({ policy: NETWORK, path: 'spec', effect: 'allow', text: 'the whole policy' });
    expect(found.change?.path).toEqual(['spec', 'egress', '-']);
  });
  it('in a Cilium policy before others, without one that names the destination', () => {
    const network = np('n', { egress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24', except: [] } }] }] });
    expect(changeOf('dns_rule_missing', [network, cnp('c', { egress: [named(['a.example'])] })])?.policy).toEqual(REF);
  });
  it('past the proxy: the list that holds its port takes the names', () => {
    const plain = (...toPorts: NonNullable<CiliumEgressRule['toPorts']>) =>
      changeOf('dns_rule_without_l7', [cnp('c', { egress: [{ toEndpoints: [kubeDns], toPorts }, files] })]);
    expect(plain({ ports: ports('53/UDP', '53/TCP') })).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 0, 'toPorts', 0, 'rules'],
      value: { dns: filter },
      why: "sends the pod's DNS through Cilium's proxy, which toFQDNs rules need; every name stays resolvable",
    });
    // What has other ports, ranges, names or filters in it can't take them.
    for (const list of [
      ports('53/UDP', '80/TCP'),
      [{ port: '53', endPort: 54 }],
      [{ port: '1', endPort: 1024 }],
      ports('0/UDP'),
    ])
      expect(plain({ ports: list })?.path).toEqual(['spec', 'egress', '-']);
    expect(plain({ ports: ports('53/UDP') }, { ports: ports('80/TCP') })?.path).toEqual([
      'spec',
      'egress',
      0,
      'toPorts',
      0,
      'rules',
    ]);
    const everything = cnp('c', { egress: [{ toEntities: ['cluster'] }, files] });
    expect(changeOf('dns_rule_without_l7', [everything])).toMatchObject({
      path: ['spec', 'egress', '-'],
      value: { toPorts: [{ rules: { dns: filter } }] },
    });
  });
  it('by another selector: one more entry of the kind that the rule has', () => {
    const other = (toEndpoints: CiliumEgressRule['toEndpoints']) =>
      changeOf('dns_target_mismatch', [
        cnp('c', {
          egress: [{ toEndpoints, toPorts: [{ ports: ports('53/UDP'), dns: filter }] } as CiliumEgressRule, files],
        }),
      ]);
    expect(other([select({ app: 'peer' })])).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', 0, 'toEndpoints', '-'],
      value: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } },
      why: "makes the rule take the cluster's DNS pods",
    });
    const network = np('n', {
      egress: [
        { to: [{ podSelector: select({ app: 'peer' }) }], ports: [{ port: 53, protocol: 'UDP' }] },
        { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] },
      ],
    });
    expect(changeOf('dns_target_mismatch', [network])).toEqual({
      policy: NETWORK,
      op: 'add',
      path: ['spec', 'egress', 0, 'to', '-'],
      value: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
      why: "makes the rule take the cluster's DNS pods",
    });
    const entities = cnp('c', {
      egress: [{ toEntities: ['host'], toPorts: [{ ports: ports('53/UDP'), dns: filter }] }, files],
    });
    expect(changeOf('dns_target_mismatch', [entities])?.path).toEqual(['spec', 'egress', '-']);
    // Of several entries the one that is nearest is named.
    const several = asked(
      world([
        cnp('c', {
          egress: [
            {
              toEndpoints: [
                select({ app: 'x', tier: 'y' }),
                select({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'coredns' }),
              ],
              toPorts: [{ ports: ports('53/UDP'), dns: filter }],
            },
            files,
          ],
        }),
      ]),
    );
    expect(several.miss('dns_target_mismatch').rule.path).toBe('spec.egress[0].toEndpoints[1]');
    const ranges = np('n', {
      egress: [
        {
          to: [{ ipBlock: { cidr: '198.51.100.0/24', except: [] } }, { podSelector: select({ app: 'peer' }) }],
          ports: [{ port: 53, protocol: 'UDP' }],
        },
        { to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] },
      ],
    });
    expect(asked(world([ranges])).miss('dns_target_mismatch').rule.path).toBe('spec.egress[0].to[1]');
  });
});

describe('a peer', () => {
  const range = policy({ toCIDR: ['10.0.0.0/8', '198.51.100.0/24'] });
  const change = (address: string, more: More = {}, policies: readonly Policy[] = [range]) =>
    changeOf('cidr_cannot_match', policies, to(address), more);
  const endpoint = (namespace: string, labels: Record<string, string>) => ({
    toEndpoints: [
      {
        matchLabels: {
          'k8s:io.kubernetes.pod.namespace': namespace,
          ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value])),
        },
      },
    ],
    toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['its app', { app: 'db', tier: 'x' }, { app: 'db' }],
    ['k8s-app before app', { app: 'db', 'k8s-app': 'dns' }, { 'k8s-app': 'dns' }],
    [
      'the recommended name before app',
      { app: 'db', 'app.kubernetes.io/name': 'n' },
      { 'app.kubernetes.io/name': 'n' },
    ],
    ['its name', { name: 'db', 'app.kubernetes.io/component': 'c' }, { name: 'db' }],
    ['its component', { tier: 'x', 'app.kubernetes.io/component': 'c' }, { 'app.kubernetes.io/component': 'c' }],
    ['all labels where none is usual', { tier: 'x', role: 'y' }, { tier: 'x', role: 'y' }],
    ['only labels that identities have', { tier: 'x', 'pod-template-hash': 'h' }, { tier: 'x' }],
  ])('by %s', (_, labels, wanted) => {
    const db = pod('db', 'data', '10.0.7.7', { labels });
    expect(change('10.0.7.7', { pods: [P, DNS, db] })).toEqual({
      policy: REF,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: endpoint('data', wanted),
      why: 'allows 443/TCP to pod data/db (10.0.7.7)',
    });
  });

  it.each([
    ['another node', '10.1.1.1', 'remote-node'],
    ['the own node', '10.1.1.9', 'host'],
  ])('%s', (_, address, entity) => {
    expect(change(address)?.value).toEqual({
      toEntities: [entity],
      toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
    });
  });

  it('behind a Service, outside the cluster', () => {
    const service: Service = {
      meta: meta('ext', 'default'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.7'],
      externalIPs: [],
      selector: {},
      ports: [{ port: 443, protocol: 'TCP' }],
    };
    const behind = (address: string): ServiceBackend => ({
      namespace: 'default',
      service: 'ext',
      addresses: [address],
      ports: [{ port: 8443, protocol: 'TCP' }],
      ready: true,
    });
    const value = (address: string) =>
      changeOf('cidr_cannot_match', [policy({ toCIDR: ['10.96.0.0/16'] })], to('10.96.0.7'), {
        services: [...world([]).services, service],
        backends: [...world([]).backends, behind(address)],
      })?.value;
    const toPorts = [{ ports: [{ port: '8443', protocol: 'TCP' }] }];
    expect(value('198.51.100.7')).toEqual({ toCIDR: ['198.51.100.7/32'], toPorts });
    expect(value('2001:db8::7')).toEqual({ toCIDR: ['2001:db8::7/128'], toPorts });
    const state = world([policy({ toCIDR: ['10.96.0.0/16'] })], {
      services: [...world([]).services, service],
      backends: [...world([]).backends, behind('198.51.100.7')],
    });
    expect(asked(state, to('10.96.0.7')).miss('cidr_cannot_match').statement).toBe(
      "toCIDR 10.96.0.0/16 holds the Service's address 10.96.0.7, but what is compared is the backend behind it, 198.51.100.7, outside the cluster on port 8443",
    );
  });

  it('in a NetworkPolicy: pods by their labels, nodes not at all', () => {
    const network = np('n', { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [] } }] }] });
    expect(change('10.2.3.9', { pods: [P, DNS, OTHER] }, [network])).toEqual({
      policy: NETWORK,
      op: 'add',
      path: ['spec', 'egress', '-'],
      value: {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
            podSelector: { matchLabels: { app: 'o' } },
          },
        ],
        ports: [{ port: 443, protocol: 'TCP' }],
      },
      why: 'allows 443/TCP to pod other/o (10.2.3.9)',
    });
    expect(change('10.1.1.1', {}, [network])).toBeUndefined();
  });

  it('of a name that leads inside', () => {
    const inside = changeOf(
      'cidr_cannot_match',
      [policy(files)],
      { ...FILES, addresses: ['10.0.0.2'] },
      { pods: [P, PEER, DNS] },
    );
    expect(inside?.value).toEqual(endpoint('default', { app: 'peer' }));
  });

  it('in the spec where the rule stands', () => {
    const specs: CiliumPolicy = cnp('c', [
      rule({ egress: [dnsRule()] }),
      rule({ egress: [{ toCIDR: ['10.0.0.0/8'] }] }),
    ]);
    expect(change('10.1.1.1', {}, [specs])?.path).toEqual(['specs', 1, 'egress', '-']);
    expect(
      changeOf(
        'port_missing',
        [cnp('c', [rule({ egress: [dnsRule()] }), rule({ egress: [{ ...files, toPorts: tcp443 }] })])],
        { ...FILES, port: 80 },
      )?.path,
    ).toEqual(['specs', 1, 'egress', 0, 'toPorts', 0, 'ports', '-']);
  });
});
