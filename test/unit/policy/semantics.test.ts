/** The test cases of the semantics reference (its numbers), decided on the policy alone: what the node has learned is given. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { CiliumRule, Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { decide } from '../../../src/core/policy/decide/decide.ts';
import { identitiesOf } from '../../../src/core/policy/identity/identity.ts';
import { podPolicyOf } from '../../../src/core/policy/rules/pod-policy.ts';
import type { L4Protocol } from '../../../src/core/policy/rules/rule.ts';
import { lookupStage } from '../../../src/core/policy/stages/lookup.ts';
import {
  ccnp,
  cnp,
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
  withPort,
  world,
} from './world.ts';

const W = '203.0.113.10';
const NODE = '10.1.1.1';
const A = 'api.example.com';

interface Query {
  to?: string;
  port?: number;
  protocol?: L4Protocol;
  names?: string[];
  pod?: Pod;
}

function verdict(state: ClusterState, query: Query): string {
  const from = query.pod ?? P;
  const endpoint = { address: query.to ?? W, port: query.port ?? 443, protocol: query.protocol ?? ('TCP' as const) };
  const [identity] = identitiesOf(state, from, endpoint, { names: query.names ?? [], maybeNames: [] });
  if (!identity) return 'NO BACKEND';
  const trace = decide(state, podPolicyOf(state, from), identity);
  if (trace.decision === 'allowed') return 'ALLOW';
  if (trace.decision === 'unknown') return 'UNKNOWN';
  return trace.reason === 'explicit_deny' ? 'DENY' : 'DROP';
}

/** ALLOW / DROP … or, for the DNS proxy's filter, REFUSED and FORWARDED. */
function lookup(state: ClusterState, host: string): string {
  const { stage } = lookupStage(state, podPolicyOf(state, P), {
    host,
    cnames: [],
    addresses: [],
    port: 443,
    protocol: 'TCP',
  });
  if (stage.reason === 'dns_name_refused') return 'REFUSED';
  return stage.decision === 'allowed' ? 'FORWARDED' : 'DROP';
}

const F = { toFQDNs: [{ matchName: A }], toPorts: tcp443 };
const policy = (part: Partial<CiliumRule>) => [cnp('p', part)];
const egress = (...rules: NonNullable<CiliumRule['egress']>) => policy({ egress: rules });
const pattern = (matchPattern: string) => egress({ toFQDNs: [{ matchPattern }], toPorts: tcp443 });
const at = (...names: string[]): Query => ({ names });
const named443 = withPort(OTHER, 'https', 443);

interface Case {
  id: string;
  policies: Policy[];
  ask: [Query, string][];
  state?: Parameters<typeof world>[1];
}

const cases: Case[] = [
  { id: '1 none', policies: [], ask: [[{}, 'ALLOW']] },
  { id: '2 egress [{}]', policies: egress({}), ask: [[{}, 'DROP']] },
  { id: '3 egress [] alone is invalid', policies: egress(), ask: [[{}, 'ALLOW']] },
  { id: '4 ingress + egress []', policies: policy({ egress: [], hasIngress: true }), ask: [[{}, 'ALLOW']] },
  {
    id: '5 only ports',
    policies: egress({ toPorts: tcp443 }),
    ask: [
      [{ to: '10.0.0.2' }, 'ALLOW'],
      [{ to: NODE }, 'ALLOW'],
      [{}, 'ALLOW'],
    ],
  },
  {
    id: '6 toPorts [{}]',
    policies: egress({ toEndpoints: [select()], toPorts: [{}] }),
    ask: [[{ to: '10.0.0.2' }, 'DROP']],
  },
  {
    id: '7 toEndpoints [{}] is the own namespace',
    policies: egress({ toEndpoints: [select()] }),
    ask: [
      [{ to: '10.2.3.9' }, 'DROP'],
      [{ to: '10.0.0.2' }, 'ALLOW'],
    ],
  },
  {
    id: '8 CCNP toEndpoints [{}] is all pods',
    policies: [ccnp('c', { egress: [{ toEndpoints: [select()] }] })],
    ask: [
      [{ to: '10.2.3.9' }, 'ALLOW'],
      [{}, 'DROP'],
      [{ to: NODE }, 'DROP'],
    ],
  },
  {
    id: '9 toEndpoints []',
    policies: egress({ toEndpoints: [], toPorts: tcp443 }),
    ask: [[{ to: '10.0.0.2' }, 'DROP']],
  },
  { id: '10 toFQDNs [] + ports', policies: egress({ toFQDNs: [], toPorts: tcp443 }), ask: [[{}, 'ALLOW']] },
  {
    id: '11 namespace labels lift the scope',
    policies: egress({ toEndpoints: [select({ 'k8s:io.cilium.k8s.namespace.labels.team': 'x' })] }),
    ask: [
      [{ to: '10.2.3.9' }, 'ALLOW'],
      [{ to: '10.0.0.2' }, 'DROP'],
    ],
  },
  { id: '12 F', policies: egress(F), ask: [[at(A), 'ALLOW']] },
  { id: '13 F other port', policies: egress(F), ask: [[{ ...at(A), port: 80 }, 'DROP']] },
  { id: '14 F QUIC', policies: egress(F), ask: [[{ ...at(A), protocol: 'UDP' }, 'DROP']] },
  { id: '15 F not learned', policies: egress(F), ask: [[{}, 'DROP']] },
  {
    id: '16 normalised',
    policies: egress({ toFQDNs: [{ matchName: 'API.Example.com.' }], toPorts: tcp443 }),
    ask: [[at(A), 'ALLOW']],
  },
  { id: '17 shared address', policies: egress(F), ask: [[at('cdn-b.example.net', A), 'ALLOW']] },
  { id: '18 other name', policies: egress(F), ask: [[at('cdn-b.example.net'), 'DROP']] },
  {
    id: '19 name of a pod or node',
    policies: pattern('*'),
    ask: [
      [{ ...at(A), to: '10.0.0.2' }, 'DROP'],
      [{ ...at(A), to: NODE }, 'DROP'],
      [at(A), 'ALLOW'],
    ],
  },
  {
    id: '20 * takes no dot',
    policies: pattern('*.example.com'),
    ask: [
      [at('a.b.example.com'), 'DROP'],
      [at('a.example.com'), 'ALLOW'],
    ],
  },
  {
    id: '21 ** in 1.18',
    policies: pattern('**.example.com'),
    state: { version: '1.18.4' },
    ask: [[at('a.b.example.com'), 'DROP']],
  },
  {
    id: '21 ** in 1.20',
    policies: pattern('**.example.com'),
    state: { version: '1.20.2' },
    ask: [[at('a.b.example.com'), 'ALLOW']],
  },
  { id: '22 apex', policies: pattern('*.example.com'), ask: [[at('example.com'), 'DROP']] },
  {
    id: '23 * takes nothing too',
    policies: pattern('*example.com'),
    ask: [
      [at('myexample.com'), 'ALLOW'],
      [at('example.com'), 'ALLOW'],
    ],
  },
  {
    id: '24 ** alone in 1.18',
    policies: pattern('**'),
    state: { version: '1.18.4' },
    ask: [[at('a.example.com'), 'DROP']],
  },
  {
    id: '24 ** alone in 1.20',
    policies: pattern('**'),
    state: { version: '1.20.2' },
    ask: [[at('a.example.com'), 'ALLOW']],
  },
  {
    id: '25 two peer fields',
    policies: egress({ toFQDNs: [{ matchName: A }], toCIDR: ['10.0.0.0/8'] }),
    ask: [[{}, 'ALLOW']],
  },
  {
    id: '26 * in matchName is refused',
    policies: egress({ toFQDNs: [{ matchName: '*.example.com' }] }),
    ask: [[{}, 'ALLOW']],
  },
  {
    id: '27 deny wins',
    policies: policy({ egress: [F], egressDeny: [{ toCIDR: ['10.0.0.0/8'] }] }),
    ask: [[{ ...at(A), to: '10.9.9.9' }, 'DENY']],
  },
  {
    id: '28 except carves out',
    policies: policy({ egress: [F], egressDeny: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] }] }] }),
    ask: [[{ ...at(A), to: '10.9.9.9' }, 'ALLOW']],
  },
  {
    id: '29 deny world',
    policies: policy({ egress: [F], egressDeny: [{ toEntities: ['world'] }] }),
    ask: [[at(A), 'DENY']],
  },
  {
    id: '30 broad deny range',
    policies: policy({
      egress: [F],
      egressDeny: [{ toPorts: [{ ports: [{ port: '1', endPort: 1024, protocol: 'TCP' }] }] }],
    }),
    ask: [[at(A), 'DENY']],
  },
  {
    id: '31 deny only',
    policies: policy({ egressDeny: [{ toPorts: [{ ports: ports('25/TCP') }] }] }),
    ask: [[{}, 'DROP']],
  },
  {
    id: '32 without default deny',
    policies: policy({ egressDeny: [{ toPorts: [{ ports: ports('25/TCP') }] }], enableDefaultDenyEgress: false }),
    ask: [
      [{}, 'ALLOW'],
      [{ port: 25 }, 'DENY'],
    ],
  },
  {
    id: '33 any default deny',
    policies: [cnp('a', { egress: [F], enableDefaultDenyEgress: false }), cnp('b', { egress: [F] })],
    ask: [[{ port: 80 }, 'DROP']],
  },
  {
    id: '34 pruned toFQDNs in a deny',
    policies: policy({ egress: [{ toEntities: ['all'] }], egressDeny: [{ toPorts: tcp443 }] }),
    ask: [[{}, 'DENY']],
  },
  {
    id: '34 the same before pruning',
    policies: policy({
      egress: [{ toEntities: ['all'] }],
      egressDeny: [{ toFQDNs: [{ matchName: 'bad.example' }], toPorts: tcp443 }],
    }),
    ask: [[{}, 'DENY']],
  },
  {
    id: '35 0/0 is the outside',
    policies: egress({ toCIDR: ['0.0.0.0/0'] }),
    ask: [
      [{ to: '10.0.0.2' }, 'DROP'],
      [{ to: NODE }, 'DROP'],
      [{}, 'ALLOW'],
      [{ to: '2001:db8::1' }, 'DROP'],
    ],
  },
  {
    id: '36 match-mode nodes',
    policies: egress({ toCIDR: ['10.0.0.0/8'] }),
    state: { config: { 'policy-cidr-match-mode': 'nodes' } },
    ask: [
      [{ to: NODE }, 'ALLOW'],
      [{ to: '10.0.0.2' }, 'DROP'],
    ],
  },
  {
    id: '37 except is local to its entry',
    policies: egress({ toCIDRSet: [{ cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] }] }, { toCIDR: ['10.2.0.0/16'] }),
    ask: [
      [{ to: '10.2.3.4' }, 'ALLOW'],
      [{ to: '10.3.3.4' }, 'DROP'],
    ],
  },
  {
    id: '38 missing Service with ports',
    policies: egress({ toServices: [{ k8sService: { serviceName: 'no', namespace: 'default' } }], toPorts: tcp443 }),
    ask: [[{}, 'ALLOW']],
  },
  {
    id: '39 missing Service',
    policies: egress({ toServices: [{ k8sService: { serviceName: 'no', namespace: 'default' } }] }),
    ask: [[{}, 'DROP']],
  },
  {
    id: '40 deny toServices is not translated, with ports',
    policies: policy({
      egress: [{ toEntities: ['all'] }],
      egressDeny: [{ toServices: [{ k8sService: { serviceName: 'kube-dns' } }], toPorts: tcp443 }],
    }),
    ask: [[{}, 'DENY']],
  },
  {
    id: '41 deny toServices is not translated',
    policies: policy({
      egress: [{ toEntities: ['all'] }],
      egressDeny: [{ toServices: [{ k8sService: { serviceName: 'kube-dns' } }] }],
    }),
    ask: [[{ to: '10.0.0.53' }, 'ALLOW']],
  },
  {
    id: '42 port 0',
    policies: egress({ toPorts: [{ ports: ports('0/ANY') }] }),
    ask: [
      [{ port: 9999, protocol: 'UDP' }, 'ALLOW'],
      [{ port: 8, protocol: 'ICMP' }, 'DROP'],
    ],
  },
  {
    id: '43 L3 only lets ICMP through',
    policies: egress({ toEntities: ['world'] }),
    ask: [[{ port: 8, protocol: 'ICMP' }, 'ALLOW']],
  },
  {
    id: '44 reversed range',
    policies: egress({ toPorts: [{ ports: [{ port: '8010', endPort: 8000, protocol: 'TCP' }] }] }),
    ask: [
      [{ port: 8000 }, 'DROP'],
      [{ port: 8010 }, 'ALLOW'],
    ],
  },
  {
    id: '45 named port in 1.18',
    policies: egress({ toFQDNs: [{ matchName: A }], toPorts: [{ ports: ports('https/TCP') }] }),
    state: { version: '1.18.4', pods: [P, named443] },
    ask: [[at(A), 'ALLOW']],
  },
  {
    id: '45 named port in 1.20',
    policies: egress({ toFQDNs: [{ matchName: A }], toPorts: [{ ports: ports('https/TCP') }] }),
    state: { version: '1.20.2', pods: [P, named443] },
    ask: [[at(A), 'DROP']],
  },
  {
    id: '46 http on ANY',
    policies: egress({ toPorts: [{ ports: ports('443/ANY'), http: [{}] }] }),
    ask: [[{}, 'ALLOW']],
  },
  {
    id: '47 two parsers on one peer and port',
    policies: egress(
      { toPorts: [{ ports: ports('53/TCP'), http: [{}] }] },
      { toPorts: [{ ports: ports('53/TCP'), dns: [{ matchPattern: '*' }] }] },
    ),
    ask: [[{}, 'UNKNOWN']],
  },
  {
    id: '48 DNS over TCP',
    policies: egress(dnsRule()),
    ask: [
      [{ to: '10.0.0.53', port: 53 }, 'DROP'],
      [{ to: '10.0.0.53', port: 53, protocol: 'UDP' }, 'ALLOW'],
    ],
  },
  {
    id: '49 kube-dns without a namespace',
    policies: egress({ toEndpoints: [select({ 'k8s-app': 'kube-dns' })], toPorts: [{ ports: ports('53/UDP') }] }),
    ask: [[{ to: '10.0.0.53', port: 53, protocol: 'UDP' }, 'DROP']],
  },
  {
    id: '54 NP policyTypes Ingress with egress',
    policies: [np('n', { policyTypes: ['Ingress'], egress: [{ to: [{ podSelector: select() }] }] })],
    ask: [[{}, 'DROP']],
  },
  {
    id: '55 NP port without protocol',
    policies: [np('n', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 53 }] }] })],
    ask: [
      [{ port: 53, protocol: 'UDP' }, 'DROP'],
      [{ port: 53 }, 'ALLOW'],
    ],
  },
  {
    id: '56 NP deny-all + F',
    policies: [np('n', { policyTypes: ['Egress'] }), ...egress(F)],
    ask: [
      [at(A), 'ALLOW'],
      [{}, 'DROP'],
    ],
  },
  {
    id: '57 only the question counts',
    policies: egress({ toFQDNs: [{ matchName: 'cdn.net' }], toPorts: tcp443 }),
    ask: [[at('alias.example.com'), 'DROP']],
  },
  { id: '59 host network', policies: egress(F), ask: [[{ pod: { ...P, hostNetwork: true } }, 'ALLOW']] },
  { id: '60 always', policies: [], state: { config: { 'enable-policy': 'always' } }, ask: [[{}, 'DROP']] },
  { id: '61 never', policies: egress({}), state: { config: { 'enable-policy': 'never' } }, ask: [[{}, 'ALLOW']] },
  {
    id: '62 the namespace of the selector is overwritten',
    policies: policy({ endpointSelector: select({ 'k8s:io.kubernetes.pod.namespace': 'other' }), egress: [{}] }),
    ask: [[{}, 'DROP']],
  },
  {
    id: '63 one bad spec voids the object',
    policies: [
      cnp('p', [rule({ egress: [{}] }), rule({ egress: [{ toCIDR: ['10.0.0.0/8'], toEndpoints: [select()] }] })]),
    ],
    ask: [[{}, 'ALLOW']],
  },
];

describe('policy semantics reference', () => {
  it.each(cases)('$id', ({ policies, ask, state }) => {
    const cluster = world(policies, state);
    expect(ask.map(([query]) => verdict(cluster, query))).toEqual(ask.map(([, expected]) => expected));
  });
});

describe('policy semantics reference: names through the DNS proxy', () => {
  const dnsA = dnsRule([{ matchName: A }]);
  const cases2: [string, Policy[], string, string][] = [
    [
      '49 scoped to the own namespace',
      egress({ ...dnsA, toEndpoints: [select({ 'k8s-app': 'kube-dns' })] }),
      A,
      'DROP',
    ],
    ['50 filtered', egress(dnsA), 'www.example.com', 'REFUSED'],
    ['50 listed', egress(dnsA), A, 'FORWARDED'],
    [
      '51 a plain rule on the same port lifts the filter',
      [...egress(dnsA), np('n', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] })],
      'www.example.com',
      'FORWARDED',
    ],
    ['52 a rule without ports does not', egress(dnsA, { toEndpoints: [kubeDns] }), 'www.example.com', 'REFUSED'],
    ['52 nor does port 0', egress(dnsA, { toPorts: [{ ports: ports('0/UDP') }] }), 'www.example.com', 'REFUSED'],
    [
      '52 nor a range',
      egress(dnsA, { toPorts: [{ ports: [{ port: '1', endPort: 1024, protocol: 'UDP' }] }] }),
      'www.example.com',
      'REFUSED',
    ],
    [
      '53 four labels before svc',
      egress(dnsRule([{ matchPattern: '*.*.svc.cluster.local' }])),
      'api.example.com.default.svc.cluster.local',
      'REFUSED',
    ],
    [
      'no default deny adds a * rule',
      policy({ egress: [dnsA], enableDefaultDenyEgress: false }),
      'www.example.com',
      'FORWARDED',
    ],
    ['dns [] filters nothing', egress(dnsRule([])), 'www.example.com', 'FORWARDED'],
    [
      'names of several policies are united',
      [...egress(dnsA), cnp('q', { egress: [dnsRule([{ matchName: 'www.example.com' }])] })],
      'www.example.com',
      'FORWARDED',
    ],
  ];
  it.each(cases2)('%s', (_, policies, host, expected) => {
    expect(lookup(world(policies), host)).toBe(expected);
  });
});

describe('NetworkPolicy on other engines', () => {
  const calico = { engine: { cni: 'calico' as const, seenBy: 'test' } };
  const typed = np('n', { policyTypes: ['Ingress'], egress: [{ to: [{ podSelector: select() }] }] });
  it('54 egress rules are ignored when policyTypes leaves Egress out', () => {
    expect(verdict(world([typed], calico), {})).toBe('ALLOW');
  });
  it('an ipBlock takes pods and nodes as well', () => {
    const block = np('n', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
    });
    expect(verdict(world([block], calico), { to: '10.0.0.2' })).toBe('ALLOW');
    expect(verdict(world([block], calico), { to: NODE })).toBe('DROP');
    expect(verdict(world([block]), { to: '10.0.0.2' })).toBe('DROP');
  });
  it('Cilium policies are not enforced', () => {
    expect(verdict(world(egress({}), calico), {})).toBe('ALLOW');
  });
  it('namespace and pod selector in one element are both needed', () => {
    const both = np('n', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: select({ team: 'x' }), podSelector: select({ app: 'nope' }) }] }],
    });
    const either = np('n', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: select({ team: 'x' }) }, { podSelector: select({ app: 'nope' }) }] }],
    });
    expect(verdict(world([both], calico), { to: '10.2.3.9' })).toBe('DROP');
    expect(verdict(world([either], calico), { to: '10.2.3.9' })).toBe('ALLOW');
  });
});

describe('beyond the table, as the engine itself answers', () => {
  it('a port name begins a range', () => {
    const state = world(egress({ toPorts: [{ ports: [{ port: 'HTTPS', endPort: 8010, protocol: 'TCP' }] }] }), {
      pods: [P, named443],
    });
    expect([442, 443, 8010, 8011].map((one) => verdict(state, { port: one }))).toEqual([
      'DROP',
      'ALLOW',
      'ALLOW',
      'DROP',
    ]);
  });
  it('two numbers for one port name match nothing', () => {
    const state = world(egress({ toPorts: [{ ports: ports('https/TCP') }] }), {
      pods: [P, named443, withPort(PEER, 'https', 8443)],
    });
    expect([443, 8443].map((one) => verdict(state, { port: one }))).toEqual(['DROP', 'DROP']);
  });
  it('outside addresses are labelled by family where both are on', () => {
    const by = (entity: string, config: Record<string, string>) =>
      [W, '2001:db8::1'].map((to) => verdict(world(egress({ toEntities: [entity] }), { config }), { to }));
    expect(by('world', {})).toEqual(['ALLOW', 'ALLOW']);
    expect(by('world-ipv4', {})).toEqual(['ALLOW', 'DROP']);
    expect(by('world-ipv6', {})).toEqual(['DROP', 'ALLOW']);
    expect(by('world-ipv4', { 'enable-ipv6': 'false' })[0]).toBe('DROP');
  });
});

describe('identities', () => {
  it('a Service address is its backends, with their port', () => {
    const state = world(egress({ toEndpoints: [kubeDns], toPorts: [{ ports: ports('5353/UDP') }] }), {
      backends: [
        {
          namespace: 'kube-system',
          service: 'kube-dns',
          addresses: ['10.0.0.53'],
          ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }],
          ready: true,
        },
      ],
    });
    expect(verdict(state, { to: '10.96.0.10', port: 53, protocol: 'UDP' })).toBe('ALLOW');
    expect(verdict(state, { to: '10.0.0.53', port: 53, protocol: 'UDP' })).toBe('DROP');
  });
  it('dropped label keys select nothing', () => {
    const hashed = pod('h', 'default', '10.0.0.7', { labels: { app: 'h', 'pod-template-hash': 'abc' } });
    const by = (key: string, value: string) =>
      world(egress({ toEndpoints: [select({ [key]: value })] }), { pods: [P, PEER, hashed] });
    expect(verdict(by('app', 'h'), { to: '10.0.0.7' })).toBe('ALLOW');
    expect(verdict(by('pod-template-hash', 'abc'), { to: '10.0.0.7' })).toBe('DROP');
  });
  it('entities', () => {
    const api = {
      services: [],
      backends: [
        {
          namespace: 'default',
          service: 'kubernetes',
          addresses: ['10.1.1.1', '198.51.100.7'],
          ports: [],
          ready: true,
        },
      ],
    };
    const allowed = (entity: string) =>
      Object.entries({ pod: '10.0.0.2', own: '10.1.1.9', node: NODE, outside: W, api: '198.51.100.7' })
        .filter(([, to]) => verdict(world(egress({ toEntities: [entity] }), api), { to }) === 'ALLOW')
        .map(([name]) => name);
    expect(allowed('all')).toEqual(['pod', 'own', 'node', 'outside', 'api']);
    expect(allowed('world')).toEqual(['outside', 'api']);
    expect(allowed('cluster')).toEqual(['pod', 'own', 'node', 'api']);
    expect(allowed('host')).toEqual(['own']);
    expect(allowed('remote-node')).toEqual(['node']);
    expect(allowed('kube-apiserver')).toEqual(['node', 'api']);
    expect(allowed('none')).toEqual([]);
  });
  it('CIDR groups by name and label; a missing one selects nothing', () => {
    const group = { meta: meta('vendors', undefined, { kind: 'saas' }), externalCIDRs: ['203.0.113.0/24'] };
    const by = (set: object) => world(egress({ toCIDRSet: [{ except: [], ...set }] }), { cidrGroups: [group] });
    expect(verdict(by({ cidrGroupRef: 'vendors' }), {})).toBe('ALLOW');
    expect(verdict(by({ cidrGroupRef: 'absent' }), {})).toBe('DROP');
    expect(verdict(by({ cidrGroupSelector: select({ kind: 'saas' }) }), {})).toBe('ALLOW');
    expect(verdict(by({ cidrGroupSelector: select({ kind: 'x' }) }), {})).toBe('DROP');
  });
  it('toServices takes the pods of a Service', () => {
    const by = (entry: object) =>
      verdict(world(egress({ toServices: [entry] })), { to: '10.0.0.53', port: 53, protocol: 'UDP' });
    expect(by({ k8sService: { serviceName: 'kube-dns', namespace: 'kube-system' } })).toBe('ALLOW');
    expect(by({ k8sService: { serviceName: 'kube-dns', namespace: 'default' } })).toBe('DROP');
    expect(by({ k8sServiceSelector: { selector: { matchLabels: { 'k8s-app': 'kube-dns' } } } })).toBe('ALLOW');
  });
});
