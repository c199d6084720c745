/** Near misses of ports and of peers inside the cluster: what is one step off, and that the change is that step. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { NearMiss } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, CiliumPort, Policy } from '../../../src/core/model/policy.ts';
import type { Service, ServiceBackend } from '../../../src/core/model/workload.ts';
import { asked, FILES, named } from './near-miss.ts';
import { ccnp, cnp, DNS, dnsRule, meta, np, OTHER, P, PEER, pod, ports, select, withPort, world } from './world.ts';

const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [dnsRule(), ...egress] });
const on = (...list: CiliumPort[]): CiliumEgressRule => ({
  toFQDNs: [{ matchName: 'files.vendor.example' }],
  toPorts: [{ ports: list }],
});
const at = (port: number, protocol: Destination['protocol'] = 'TCP'): Destination => ({ ...FILES, port, protocol });

describe('ports', () => {
  it.each<{ title: string; rule: CiliumEgressRule; to: Destination; kind?: 'protocol_missing'; says?: string }>([
    { title: 'another number', rule: named(['files.vendor.example']), to: at(8443), says: 'but only on 443/TCP' },
    {
      title: 'another protocol',
      rule: named(['files.vendor.example'], '9000/UDP'),
      to: at(9000),
      kind: 'protocol_missing',
    },
    {
      title: 'QUIC',
      rule: named(['files.vendor.example']),
      to: at(443, 'UDP'),
      kind: 'protocol_missing',
      says: 'QUIC (HTTP/3)',
    },
    {
      title: 'a range that ends too early',
      rule: on({ port: '8000', endPort: 8010, protocol: 'TCP' }),
      to: at(8011),
      says: '8000-8010/TCP',
    },
    {
      title: 'a list of nothing',
      rule: { ...named([]), toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: [{}] },
      to: FILES,
      says: 'no port',
    },
    {
      title: 'a port name that no pod has',
      rule: on({ port: 'https', protocol: 'TCP' }),
      to: FILES,
      says: 'the port name "https" stands for no TCP port among all pods',
    },
  ])('$title', ({ rule, to, kind: given, says = '' }) => {
    const kind: NearMiss['kind'] = given ?? 'port_missing';
    const found = asked(world([policy(rule)]), to);
    expect(found.kinds).toEqual([kind]);
    expect(found.miss(kind).statement).toContain(says);
    expect(found.after(kind).decision).toBe('allowed');
  });
  it('a port name that stands for another number, and one that stands for several', () => {
    const [one, other] = [withPort(PEER, 'https', 8443), withPort(OTHER, 'https', 9443)];
    const rule = policy(on({ port: 'https', protocol: 'TCP' }));
    const single = asked(world([rule], { pods: [P, DNS, one] }));
    expect(single.miss('port_missing').statement).toContain('stands for 8443 among all pods of the cluster');
    const several = asked(world([rule], { pods: [P, DNS, one, other] }), at(8443));
    expect(several.miss('port_missing').statement).toContain(
      'several numbers among all pods of the cluster (8443, 9443)',
    );
    expect(several.after('port_missing').decision).toBe('allowed');
  });
  it('a port name from 1.20 on is that of the destination alone', () => {
    const state = world([policy(on({ port: 'https', protocol: 'TCP' }))], {
      version: '1.20.2',
      pods: [P, DNS, withPort(PEER, 'https', 443)],
    });
    expect(asked(state).miss('port_missing').statement).toContain('no TCP port at the destination');
  });
  it('ends of a range the wrong way round are put in order', () => {
    const found = asked(world([policy(on({ port: '8010', endPort: 8000, protocol: 'TCP' }))]), at(8005));
    expect(found.miss('port_missing')).toMatchObject({
      statement: expect.stringContaining('its endPort 8000 is below port 8010, so 8010 alone counts'),
      change: { op: 'replace', value: { port: '8000', endPort: 8010, protocol: 'TCP' } },
    });
    expect(found.after('port_missing').decision).toBe('allowed');
    const outside = asked(world([policy(on({ port: '8010', endPort: 8000, protocol: 'TCP' }))]), at(9000));
    expect(outside.miss('port_missing').statement).not.toContain('endPort');
    expect(outside.miss('port_missing').change?.op).toBe('add');
  });
  it('a list with other filters, or a full one, gets a list beside it', () => {
    const http = { ...named(['files.vendor.example'], '80/TCP'), toPorts: [{ ports: ports('80/TCP'), http: [{}] }] };
    const full = on(...Array.from({ length: 40 }, (_, index) => ({ port: String(9000 + index), protocol: 'TCP' })));
    for (const rule of [http, full]) {
      const found = asked(world([policy(rule)]));
      expect(found.miss('port_missing').change?.path).toEqual(['spec', 'egress', 1, 'toPorts', '-']);
      expect(found.after('port_missing').decision).toBe('allowed');
    }
  });
  it('a rule with several lists is one miss, several addresses too', () => {
    const rule = {
      ...named(['files.vendor.example']),
      toPorts: [{ ports: ports('80/TCP') }, { ports: ports('81/TCP') }],
    };
    const found = asked(world([policy(rule)]), { ...FILES, addresses: ['203.0.113.10', '203.0.113.11'] });
    expect(found.kinds).toEqual(['port_missing']);
    expect(found.miss('port_missing').statement).toContain('80/TCP, 81/TCP');
  });
  it('a NetworkPolicy', () => {
    const rule = np('n', {
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }], ports: [{ port: 80, protocol: 'TCP' }] }],
    });
    const { host: _, ...address } = FILES;
    for (const engine of [
      { cni: 'cilium', version: '1.19.5', seenBy: 'x' },
      { cni: 'kube-router', seenBy: 'x' },
    ] as const) {
      const found = asked(world([rule], { engine }), address);
      expect(found.kinds).toEqual(['port_missing']);
      expect(found.miss('port_missing').change).toMatchObject({
        path: ['spec', 'egress', 0, 'ports', '-'],
        value: { port: 443, protocol: 'TCP' },
      });
      expect(found.after('port_missing').decision).toBe('allowed');
    }
  });
  it('rules for DNS and for any destination are about something else', () => {
    const found = asked(
      world([
        policy(
          { toEntities: ['all'], toPorts: [{ ports: ports('53/UDP') }] },
          { toPorts: [{ ports: ports('80/TCP') }] },
        ),
      ]),
    );
    expect(found.kinds).toEqual([]);
  });
});

const service = (name: string, port: number, address = '10.96.0.7'): Service => ({
  meta: meta(name, 'default'),
  type: 'ClusterIP',
  clusterIPs: [address],
  externalIPs: [],
  selector: {},
  ports: [{ port, protocol: 'TCP' }],
});
const backend = (name: string, address: string, port: number): ServiceBackend => ({
  namespace: 'default',
  service: name,
  addresses: [address],
  ports: [{ port, protocol: 'TCP' }],
  ready: true,
});

describe('the API server', () => {
  const { services, backends } = world([]);
  const state = (address: string, ...rules: CiliumEgressRule[]) =>
    world([policy(...rules)], {
      services: [...services, service('kubernetes', 443, '10.96.0.1')],
      backends: [...backends, backend('kubernetes', address, 6443)],
    });
  const to: Destination = { cnames: [], addresses: ['10.96.0.1'], port: 443, protocol: 'TCP' };

  it('by the port of its Service', () => {
    const found = asked(
      state('10.1.1.1', { toEntities: ['kube-apiserver'], toPorts: [{ ports: ports('443/TCP') }] }),
      to,
    );
    expect(found.miss('port_missing').statement).toContain(
      "443 is the Service's port, and what is compared is the port behind it, 6443",
    );
    expect(found.after('port_missing').decision).toBe('allowed');
  });
  it.each([
    ['a node', '10.1.1.1', 'toEntities kube-apiserver is needed'],
    ['outside', '198.51.100.7', 'the kube-apiserver at 198.51.100.7'],
  ])('by the address of its Service, behind it %s', (_, address, says) => {
    const found = asked(state(address, { toCIDR: ['10.96.0.1/32'], toPorts: [{ ports: ports('443/TCP') }] }), to);
    expect(found.kinds).toEqual(['cidr_cannot_match']);
    expect(found.miss('cidr_cannot_match').statement).toContain("holds the Service's address 10.96.0.1");
    expect(found.miss('cidr_cannot_match').statement).toContain(says);
    expect(found.after('cidr_cannot_match').decision).toBe('allowed');
  });
});

describe('ranges', () => {
  const range = policy({ toCIDR: ['10.0.0.0/8'] });
  const to = (address: string): Destination => ({ cnames: [], addresses: [address], port: 443, protocol: 'TCP' });
  it.each([
    ['a pod', '10.0.0.2', 'toEndpoints is needed'],
    ['a node', '10.1.1.1', 'toEntities remote-node is needed'],
    ["the pod's own node", '10.1.1.9', 'toEntities host is needed'],
  ])('around %s', (_, address, says) => {
    const found = asked(world([range]), to(address));
    expect(found.kinds).toEqual(['cidr_cannot_match']);
    expect(found.miss('cidr_cannot_match').statement).toContain(says);
    expect(found.after('cidr_cannot_match').decision).toBe('allowed');
  });
  it('match nodes where they are told to', () => {
    expect(asked(world([range], { config: { 'policy-cidr-match-mode': 'nodes' } }), to('10.1.1.1')).kinds).toEqual([]);
  });
  it('match whatever has the address on other engines', () => {
    const rule = np('n', { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [] } }] }] });
    const found = asked(world([rule], { engine: { cni: 'calico', seenBy: 'x' } }), to('10.0.0.2'));
    expect([found.evaluation.decision, found.kinds]).toEqual(['allowed', []]);
  });
  it('that do not hold the address are no near miss', () => {
    expect(asked(world([policy({ toCIDR: ['192.0.2.0/24'] })]), to('10.0.0.2')).kinds).toEqual([]);
  });
});

describe('selectors of destinations', () => {
  const db = pod('db-0', 'data', '10.0.7.7', {
    labels: { app: 'database', tier: 'store', 'statefulset.kubernetes.io/pod-name': 'db-0' },
  });
  const state = (...policies: Policy[]) =>
    world(policies, {
      pods: [P, DNS, PEER, db],
      namespaces: [...world([]).namespaces, { meta: meta('data', undefined, { team: 'platform' }) }],
    });
  const to: Destination = { cnames: [], addresses: ['10.0.7.7'], port: 5432, protocol: 'TCP' };
  const inData = (labels: Record<string, string>) => select({ 'k8s:io.kubernetes.pod.namespace': 'data', ...labels });
  const network = (podLabels: Record<string, string> | undefined, spaces?: Record<string, string>) =>
    np('n', {
      egress: [
        {
          to: [
            {
              ...(podLabels && { podSelector: select(podLabels) }),
              ...(spaces && { namespaceSelector: select(spaces) }),
            },
          ],
        },
      ],
    });

  it.each<[string, Policy, string]>([
    [
      'a label off by a character',
      policy({ toEndpoints: [inData({ app: 'databse' })] }),
      'it wants app=databse, the pod has app=database',
    ],
    [
      'in another spelling of the key',
      policy({ toEndpoints: [inData({ 'k8s:app': 'Database' })] }),
      'it wants app=Database',
    ],
    [
      'a key off by a character',
      policy({ toEndpoints: [inData({ app: 'database', tierr: 'store' })] }),
      'it wants tierr=store, the pod has tier=store',
    ],
    [
      'no namespace in a CNP',
      policy({ toEndpoints: [select({ app: 'database' })] }),
      'it wants namespace=default, the pod has namespace=data',
    ],
    [
      'a namespace off by a character',
      policy({ toEndpoints: [select({ app: 'database', 'k8s:io.kubernetes.pod.namespace': 'dta' })] }),
      'it wants namespace=dta',
    ],
    [
      'a namespace label off by a character',
      policy({ toEndpoints: [select({ 'k8s:io.cilium.k8s.namespace.labels.team': 'plattform' })] }),
      'namespace label team=plattform, the pod has namespace label team=platform',
    ],
    [
      'a label that identities lack',
      policy({ toEndpoints: [inData({ app: 'database', 'statefulset.kubernetes.io/pod-name': 'db-0' })] }),
      'a label that Cilium leaves out of identities',
    ],
    [
      'an expression',
      policy({
        toEndpoints: [
          { ...inData({}), matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'postgres'] }] },
        ],
      }),
      'it wants app=db or postgres',
    ],
    ['a CCNP', ccnp('c', { egress: [{ toEndpoints: [select({ app: 'databases' })] }] }), 'it wants app=databases'],
    ['a NetworkPolicy', network({ app: 'databse' }, { team: 'platform' }), 'app=databse'],
    ['its namespace label', network({ app: 'database' }, { team: 'plattform' }), 'namespace label team=plattform'],
    ['its own namespace', network({ app: 'database' }), 'namespace=default'],
  ])('%s', (_, rule, says) => {
    const found = asked(state(rule), to);
    expect(found.kinds[0]).toBe('label_similar');
    expect(found.miss('label_similar').statement).toContain(says);
    expect(found.miss('label_similar').statement).toContain('does not take pod data/db-0 (10.0.7.7)');
    expect(found.after('label_similar').decision).toBe('allowed');
  });
  it('a namespace that is not written is added as each kind writes it', () => {
    const cilium = asked(state(policy({ toEndpoints: [select({ app: 'database' })] })), to).miss(
      'label_similar',
    ).change;
    expect(cilium).toMatchObject({
      op: 'add',
      path: ['spec', 'egress', 1, 'toEndpoints', 0, 'matchLabels', 'k8s:io.kubernetes.pod.namespace'],
      value: 'data',
    });
    expect(asked(state(network({ app: 'database' })), to).miss('label_similar').change).toMatchObject({
      op: 'add',
      path: ['spec', 'egress', 0, 'to', 0, 'namespaceSelector'],
      value: { matchLabels: { 'kubernetes.io/metadata.name': 'data' } },
    });
  });
  it('a label that the pod lacks is for the pod, not for the policy', () => {
    const found = asked(state(policy({ toEndpoints: [inData({ app: 'database', role: 'primary' })] })), to);
    expect(found.miss('label_similar')).toMatchObject({
      statement: expect.stringContaining('the pod has no label role'),
    });
    expect(found.miss('label_similar').change).toBeUndefined();
  });
  it('the last label of a selector is not taken out', () => {
    const found = asked(state(ccnp('c', { egress: [{ toEndpoints: [select({ 'pod-template-hash': 'x' })] }] })), to);
    expect(found.miss('label_similar').change).toBeUndefined();
  });
  it('selectors that take other pods, or miss by more than one label, are for others', () => {
    const others = policy(
      { toEndpoints: [select({ app: 'peer' })] },
      { toEndpoints: [select()] },
      { toEndpoints: [select({ app: 'x', tier: 'y' })] },
    );
    expect(asked(state(others), to).kinds).toEqual([]);
  });
  it('the port must fit as well', () => {
    const rule = policy({ toEndpoints: [inData({ app: 'databse' })], toPorts: [{ ports: ports('80/TCP') }] });
    expect(asked(state(rule), to).kinds).toEqual([]);
  });
  it('no edit where unread pods may be what the selector takes', () => {
    const gap = { what: 'pods outside namespaces default, data', code: 'forbidden', reason: 'RBAC' } as const;
    const found = asked({ ...state(policy({ toEndpoints: [inData({ app: 'databse' })] })), notRead: [gap] }, to);
    expect(found.miss('label_similar').change).toBeUndefined();
  });
});
