/**
 * What the two ends of a Calico rule take: sets, nodes and pods whose facts are complete, missing or of another address family
 * (felix/calc, felix/rules/policy.go), and how a rule that decides is called.
 */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import type { CalicoFacts } from '../../../../src/core/model/policies/calico.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import type { Pod } from '../../../../src/core/model/workload.ts';
import { decide } from '../../../../src/core/policy/decide/decide.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { identitiesOf } from '../../../../src/core/policy/identity/identity.ts';
import { podPolicyOf } from '../../../../src/core/policy/rules/pod-policy.ts';
import { meta, np, P, pod } from '../world.ts';
import { BACK, calico, FRONT, globalCalico, hostEndpoint, onCalico, set, tier } from './calico-world.ts';

const SHOP = '203.0.113.20';

interface Asked {
  readonly facts?: Partial<CalicoFacts>;
  readonly more?: Partial<ClusterState>;
  readonly from?: Pod;
  /** Empty: a name whose addresses are not known. */
  readonly to?: string;
}

function ask(policies: readonly Policy[], { facts, more, from = P, to = SHOP }: Asked = {}) {
  const addresses = to === '' ? [] : [to];
  const host = to === '' ? { host: 'shop.vendor.example' } : {};
  const state = onCalico(policies, facts, more);
  return evaluateEgress(state, from, { ...host, addresses, cnames: [], port: 443, protocol: 'TCP' }).connect;
}

const forbidden = (what: string) => ({ notRead: [{ what, code: 'forbidden', reason: 'no right to list' } as const] });
const allowing = (destination: string) => [
  globalCalico('g', `egress: [{action: Allow, destination: {${destination}}}, {action: Allow, protocol: UDP}]`),
];

describe('sets', () => {
  const shop = allowing("selector: role == 'shop'");
  const holding = (...nets: string[]) => ({ sets: [set('public', { role: 'shop' }, nets)] });

  it.each<[string, string[], string, 'allowed' | 'denied' | 'unknown']>([
    ['a network', ['203.0.113.0/24'], SHOP, 'allowed'],
    ['an address', ['203.0.113.19', SHOP], SHOP, 'allowed'],
    ['another address', ['203.0.113.19'], SHOP, 'denied'],
    ['nothing', [], SHOP, 'denied'],
    ['an IPv6 network', ['2001:db8::/32'], '2001:db8::1', 'allowed'],
    ['an IPv6 network, and IPv4 is asked', ['2001:db8::/32'], SHOP, 'denied'],
    ['the whole IPv4 Internet, of a name that is not resolved', ['0.0.0.0/0'], '', 'allowed'],
    ['the whole IPv6 Internet, of a name that is not resolved', ['::/0'], '', 'unknown'],
    ['a part of it, of a name that is not resolved', ['0.0.0.0/1'], '', 'unknown'],
    ['nothing, of a name that is not resolved', [], '', 'denied'],
  ])('%s', (_, nets, to, expected) => {
    expect(ask(shop, { facts: holding(...nets), to }).decision).toBe(expected);
  });

  it('of two, the one that holds the address decides', () => {
    const sets = [set('a', { role: 'shop' }, ['203.0.113.0/25']), set('b', { role: 'other' }, ['203.0.113.0/24'])];
    expect(ask(shop, { facts: { sets } }).decision).toBe('allowed');
    expect(ask(shop, { facts: { sets }, to: '203.0.113.200' }).decision).toBe('denied');
  });

  it('say what is missing', () => {
    expect(ask(shop, { facts: holding('203.0.113.0/24'), to: '' }).explanation).toContain(
      'whether GlobalNetworkSet public holds the addresses cannot be told: they are not known',
    );
    const sets = [set('far', { role: 'shop' }, [SHOP], 'unread')];
    const ofTeam = allowing("namespaceSelector: team == 'x'");
    expect(ask(ofTeam, { facts: { sets } }).explanation).toContain(
      'whether the selector takes NetworkSet unread/far depends on labels that are not in the cluster state',
    );
    expect(ask(ofTeam, { facts: { sets }, to: '203.0.113.21' }).decision).toBe('denied');
  });

  it("by their namespace's labels and names, as far as they are in one", () => {
    const sets = [set('near', { role: 'shop' }, [SHOP], 'other'), set('wide', { role: 'wide' }, ['198.51.100.1'])];
    const takes = (destination: string, to = SHOP) => ask(allowing(destination), { facts: { sets }, to }).decision;
    expect(takes("namespaceSelector: team == 'x'")).toBe('allowed');
    expect(takes("namespaceSelector: team == 'y'")).toBe('denied');
    expect(takes("namespaceSelector: projectcalico.org/name == 'other'")).toBe('allowed');
    expect(takes("selector: projectcalico.org/namespace == 'other'")).toBe('allowed');
    expect(takes('selector: has(pcns.toString)')).toBe('denied');
    expect(takes("selector: pcns.team == 'x'", '198.51.100.1')).toBe('denied');
    expect(takes('selector: has(projectcalico.org/namespace)', '198.51.100.1')).toBe('denied');
    expect(takes('namespaceSelector: global()', '198.51.100.1')).toBe('allowed');
    expect(takes('namespaceSelector: global()')).toBe('denied');
  });

  it.each<[string, string, string, 'denied' | 'unknown']>([
    ['networksets', 'networksets in namespace other', SHOP, 'unknown'],
    ['global sets', 'globalnetworksets', SHOP, 'unknown'],
    ['host endpoints, and an outside address is asked', 'hostendpoints', SHOP, 'denied'],
    ['host endpoints, and another node is asked', 'hostendpoints', '10.1.1.1', 'unknown'],
    ['host endpoints, and the own node is asked', 'hostendpoints', '10.1.1.9', 'unknown'],
  ])('%s not read', (_, what, to, expected) => {
    const { decision, explanation } = ask(shop, { more: forbidden(what), to });
    expect(decision).toBe(expected);
    if (expected === 'unknown') expect(explanation).toContain(`${what} could not be read`);
  });

  it('a node is what its host endpoint says', () => {
    const facts = { sets: [hostEndpoint('n2', { zone: 'a' }, ['10.1.1.1', '10.1.1.2'])] };
    expect(ask(allowing("selector: zone == 'a'"), { facts, to: '10.1.1.1' }).decision).toBe('allowed');
    expect(ask(allowing("selector: zone == 'b'"), { facts, to: '10.1.1.1' }).decision).toBe('denied');
  });

  it('names of several sets, of those that the selector takes', () => {
    const named = (name: string, role: string, ...domains: string[]) => ({
      ...set(name, { role }, []),
      allowedEgressDomains: domains,
    });
    const engine = { cni: 'calico', edition: 'enterprise', seenBy: 'test' } as const;
    const facts = { sets: [named('a', 'shop', 'a.example', 'shop.vendor.example'), named('b', 'other', '*')] };
    const answer = ask(shop, { facts, more: { engine }, to: '' });
    expect(answer.decidedBy).toMatchObject([
      { path: 'spec.egress[0].destination', text: 'domains "shop.vendor.example" on all ports' },
    ]);
    const others = { sets: [named('a', 'shop', 'a.example'), named('b', 'other', '*')] };
    expect(ask(shop, { facts: others, more: { engine }, to: '' }).decision).toBe('denied');
  });
});

describe('pods whose labels are not all known', () => {
  const ofTeam = allowing("namespaceSelector: team == 'x'");
  const unread = { namespaces: [{ meta: meta('default') }] };

  it('say which', () => {
    expect(ask(ofTeam, { more: unread, to: '10.2.3.7' }).explanation).toContain(
      "the labels of namespace other, or of the pod's service account, are not in the cluster state",
    );
    const accounts = ask(allowing("serviceAccounts: {selector: team == 'x'}"), {
      more: forbidden('serviceaccounts'),
      to: '10.2.3.7',
    });
    expect(accounts.explanation).toContain('serviceaccounts could not be read');
  });

  it('may be left out all the same, or be in a set that is taken', () => {
    expect(
      ask(allowing("selector: app == 'x', namespaceSelector: team == 'x'"), { more: unread, to: '10.2.3.7' }).decision,
    ).toBe('denied');
    const facts = { sets: [set('s', { role: 'shop' }, ['10.2.3.7'])] };
    expect(
      ask(allowing("selector: role == 'shop' || pcns.team == 'x'"), { facts, more: unread, to: '10.2.3.7' }).decision,
    ).toBe('allowed');
  });

  it('accounts by name and by label', () => {
    const serviceAccounts = [meta('backend', 'other', { team: 'x' })];
    const takes = (accounts: string, to = '10.2.3.7') =>
      ask(allowing(`serviceAccounts: ${accounts}`), { facts: { serviceAccounts }, to }).decision;
    expect(takes("{selector: team == 'x'}")).toBe('allowed');
    expect(takes("{selector: team == 'y'}")).toBe('denied');
    expect(takes("{names: [backend], selector: team == 'x'}")).toBe('allowed');
    expect(takes("{names: [front], selector: team == 'x'}")).toBe('denied');
    expect(takes("{names: [front, backend], selector: team == 'y'}")).toBe('denied');
    expect(takes('{names: [front, backend]}')).toBe('allowed');
    expect(takes('{selector: all()}')).toBe('allowed');
    // Neither says nothing, so that the rule is for every destination.
    expect(takes('{}', SHOP)).toBe('allowed');
  });
});

describe('the pod as the source', () => {
  const DUAL = pod('dual', 'default', '10.0.0.30', { podIPs: ['10.0.0.30', 'fd00::30'] });
  const TWO = pod('two', 'default', '10.0.0.30', { podIPs: ['10.0.0.30', '10.0.1.30'] });
  const NONE = { ...P, podIPs: [] };
  const SIX = '2001:db8::1';
  const deny = (source: string, protocol = '') => [
    globalCalico('g', `egress: [{action: Deny, ${protocol} source: {${source}}}, {action: Allow}]`),
  ];

  it.each<[string, string, Pod, string, 'allowed' | 'denied' | 'unknown']>([
    ['its IPv4 address, to IPv4', 'nets: [10.0.0.30/32]', DUAL, SHOP, 'denied'],
    ['its IPv4 address, to IPv6', 'nets: [10.0.0.30/32]', DUAL, SIX, 'allowed'],
    ['its IPv6 address, to IPv6', 'nets: ["fd00::/64"]', DUAL, SIX, 'denied'],
    ['its IPv6 address, to IPv4', 'nets: ["fd00::/64"]', DUAL, SHOP, 'allowed'],
    ['both its addresses', 'nets: ["fd00::/64", 10.0.0.0/24]', DUAL, SIX, 'denied'],
    ['neither of its addresses', 'nets: [10.9.0.0/16]', DUAL, SHOP, 'allowed'],
    ['none but others, to IPv4', 'notNets: [10.9.0.0/16]', DUAL, SHOP, 'denied'],
    // Without an entry of that family the rule is left out for it.
    ['none but others, to IPv6', 'notNets: [10.9.0.0/16]', DUAL, SIX, 'allowed'],
    ['a network less its address', 'nets: [10.0.0.0/24], notNets: [10.0.0.30/32]', DUAL, SHOP, 'allowed'],
    ['a network less another address', 'nets: [10.0.0.0/24], notNets: [10.0.0.31/32]', DUAL, SHOP, 'denied'],
    ['one of two IPv4 addresses', 'nets: [10.0.0.30/32]', TWO, SHOP, 'unknown'],
    ['both IPv4 addresses', 'nets: [10.0.0.0/16]', TWO, SHOP, 'denied'],
    ['its address, which is not known', 'nets: [10.0.0.0/16]', NONE, SHOP, 'unknown'],
    ['its labels, its address not known', "selector: app == 'p'", NONE, SHOP, 'denied'],
    ['labels and address', "selector: app == 'front', nets: [10.0.0.7]", FRONT, SHOP, 'denied'],
    ['labels, and another address', "selector: app == 'front', nets: [10.0.0.8]", FRONT, SHOP, 'allowed'],
    ['other labels, and its address', "selector: app == 'back', nets: [10.0.0.7]", FRONT, SHOP, 'allowed'],
    ['not its labels', "notSelector: app == 'front'", FRONT, SHOP, 'allowed'],
    ['labels less its own', "selector: has(app), notSelector: tier == 'web'", FRONT, SHOP, 'allowed'],
    ['its account', 'serviceAccounts: {names: [default]}', FRONT, SHOP, 'denied'],
    ['other labels, and a source port', "selector: app == 'back', notPorts: [http]", FRONT, SHOP, 'allowed'],
  ])('%s', (_, source, from, to, expected) => {
    expect(ask(deny(source), { from, to, more: { pods: [from, BACK] } }).decision).toBe(expected);
  });

  it('says what it hangs on', () => {
    const why = (source: string, from: Pod, protocol = '') => ask(deny(source, protocol), { from }).explanation;
    expect(why('nets: [10.0.0.30/32]', TWO)).toContain("it depends on which of the pod's addresses is used");
    expect(why('nets: [10.0.0.0/16]', NONE)).toContain("the pod's own address is not in the cluster state");
    expect(why("selector: app == 'front', notPorts: [http]", FRONT, 'protocol: TCP,')).toContain(
      "the packet's source port",
    );
  });

  it('beside a destination both must fit', () => {
    const both = (source: string, destination: string) =>
      ask(
        [
          globalCalico(
            'g',
            `egress: [{action: Deny, source: {${source}}, destination: {${destination}}}, {action: Allow}]`,
          ),
        ],
        {
          from: DUAL,
        },
      ).decision;
    expect(both('nets: [10.0.0.30/32]', 'nets: [203.0.113.0/24]')).toBe('denied');
    expect(both('nets: [10.0.0.30/32]', 'nets: [198.51.100.0/24]')).toBe('allowed');
    expect(both('nets: ["fd00::/64"]', 'nets: [203.0.113.0/24]')).toBe('allowed');
  });
});

describe('protocols of one family', () => {
  const icmp = (rule: string, to: string, protocol: 'ICMP' | 'TCP' = 'ICMP') => {
    const state = onCalico([globalCalico('g', `egress: [{action: Allow, ${rule}}]`)]);
    const [identity] = identitiesOf(state, P, { address: to, port: 0, protocol });
    return identity && decide(state, podPolicyOf(state, P), identity).decision;
  };
  const SIX = '2001:db8::1';
  it.each<[string, string, 'ICMP' | 'TCP', string]>([
    ['protocol: ICMP', SHOP, 'ICMP', 'allowed'],
    ['protocol: ICMP', SIX, 'ICMP', 'denied'],
    ['protocol: 1', SHOP, 'ICMP', 'allowed'],
    ['protocol: ICMPv6', SHOP, 'ICMP', 'denied'],
    ['protocol: ICMPv6', SIX, 'ICMP', 'allowed'],
    ['protocol: 58', SIX, 'ICMP', 'allowed'],
    ['notProtocol: ICMP', SHOP, 'ICMP', 'denied'],
    ['notProtocol: ICMP', SIX, 'ICMP', 'allowed'],
    ['notProtocol: 58', SIX, 'ICMP', 'denied'],
    ['notProtocol: 58', SHOP, 'ICMP', 'allowed'],
    ['notProtocol: ICMP', SHOP, 'TCP', 'allowed'],
    ['notProtocol: TCP', SHOP, 'ICMP', 'allowed'],
    ['ipVersion: 4', SHOP, 'TCP', 'allowed'],
    ['ipVersion: 4', SIX, 'TCP', 'denied'],
    ['ipVersion: 6', SIX, 'TCP', 'allowed'],
    // The type of an ICMP packet is not asked for.
    ['protocol: ICMP, icmp: {type: 8}', SHOP, 'ICMP', 'unknown'],
    ['protocol: ICMP, notICMP: {type: 8}', SHOP, 'ICMP', 'unknown'],
    ['protocol: ICMP, icmp: {}', SHOP, 'ICMP', 'allowed'],
  ])('%s to %s by %s: %s', (rule, to, protocol, expected) => {
    expect(icmp(rule, to, protocol)).toBe(expected);
  });
});

describe('how a rule is called', () => {
  const engine = { cni: 'calico', edition: 'enterprise', seenBy: 'test' } as const;
  const front = { to: '10.0.0.7' };
  it.each<[string, Asked, string, string]>([
    ['', {}, 'spec.egress[0]', 'any destination on all ports'],
    ['nets: [198.51.100.0/24, 203.0.113.0/24]', {}, '.nets[1]', 'nets 203.0.113.0/24 on all ports'],
    [
      'nets: [203.0.113.0/24], notNets: [203.0.113.1, 203.0.113.2]',
      {},
      '.nets[0]',
      'nets 203.0.113.0/24 except 203.0.113.1, 203.0.113.2 on all ports',
    ],
    ['notNets: [198.51.100.0/24]', {}, '.notNets', 'notNets except 198.51.100.0/24 on all ports'],
    ["selector: app == 'front'", front, '.selector', `selector "app == 'front'" on all ports`],
    [
      "namespaceSelector: all(), selector: app == 'front', notSelector: has(x)",
      front,
      '.selector',
      `namespaceSelector "all()" and selector "app == 'front'" and notSelector "has(x)" on all ports`,
    ],
    ['namespaceSelector: all()', front, '.namespaceSelector', 'namespaceSelector "all()" on all ports'],
    ['notSelector: has(x)', {}, '.notSelector', 'notSelector "has(x)" on all ports'],
    ['serviceAccounts: {names: [default, x]}', front, '.serviceAccounts', 'serviceAccounts default, x on all ports'],
    [
      'serviceAccounts: {names: [default], selector: all()}',
      front,
      '.serviceAccounts',
      'serviceAccounts default, all() on all ports',
    ],
    [
      "nets: [10.0.0.0/8], selector: app == 'front'",
      front,
      '.nets[0]',
      `nets 10.0.0.0/8 and selector "app == 'front'" on all ports`,
    ],
    [
      'domains: ["*.vendor.example"]',
      { to: '', more: { engine } },
      '.domains[0]',
      'domains "*.vendor.example" on all ports',
    ],
  ])('%s', (destination, asked, path, text) => {
    const [ref] = ask(allowing(destination), asked).decidedBy;
    expect([ref?.path, ref?.text]).toEqual([path.startsWith('.') ? `spec.egress[0].destination${path}` : path, text]);
  });

  it('a Service and its namespace, in any case of the action', () => {
    const policies = [
      globalCalico('g', 'egress: [{action: allow, destination: {services: {name: kube-dns, namespace: kube-system}}}]'),
    ];
    const dns = (port: number, protocol: 'TCP' | 'UDP', address = '10.0.0.53', more: Partial<ClusterState> = {}) =>
      evaluateEgress(onCalico(policies, {}, more), P, { addresses: [address], cnames: [], port, protocol }).connect;
    expect(dns(53, 'UDP').decidedBy).toMatchObject([
      { path: 'spec.egress[0].destination.services', text: 'services kube-system/kube-dns on all ports' },
    ]);
    expect(dns(54, 'UDP').decision).toBe('denied');
    expect(dns(53, 'UDP', '10.0.0.54').decision).toBe('denied');
    // The Service has TCP on 53 as well, not SCTP.
    expect(dns(53, 'TCP').decision).toBe('allowed');
    expect(dns(53, 'UDP', '10.0.0.54', forbidden('endpointslices in namespace kube-system')).decision).toBe('unknown');
    expect(dns(53, 'UDP', '10.0.0.54', forbidden('endpointslices in namespace other')).decision).toBe('denied');
  });
});

describe('the place of tiers', () => {
  const denying = (name: string, action = 'Deny') =>
    globalCalico(`${name}.g`, `tier: ${name}\negress: [{action: ${action}}]`);
  const first = (tiers: readonly ReturnType<typeof tier>[], ...policies: Policy[]) =>
    ask(policies, { facts: { tiers } }).decidedBy[0]?.policy.name;

  it.each<[string, number | undefined, string]>([
    ['before the built-in default tier by order', 999_999, 'x.g'],
    ['behind it by order', 1_000_001, 'a'],
    ['without an order', undefined, 'a'],
  ])('%s', (_, order, expected) => {
    expect(first([tier('x', order)], denying('x'), calico('a', 'egress: [{action: Allow}]'))).toBe(expected);
  });

  it('of the same order as the built-in default tier, by name', () => {
    expect(first([tier('a', 1_000_000)], denying('a'), calico('p', 'egress: [{action: Allow}]'))).toBe('a.g');
    expect(first([tier('x', 1_000_000)], denying('x'), calico('p', 'egress: [{action: Allow}]'))).toBe('p');
    const both = [tier('b', 1_000_000), tier('a', 1_000_000)];
    expect(first(both, denying('b'), denying('a', 'Allow'), calico('p', 'egress: [{action: Allow}]'))).toBe('a.g');
  });

  it('of several without an order, by name', () => {
    expect(first([tier('b'), tier('a'), tier('c')], denying('b'), denying('c'), denying('a', 'Allow'))).toBe('a.g');
  });

  it.each<[string, string]>([
    ['kube-admin', 'kube-admin.g'],
    ['adminnetworkpolicy', 'adminnetworkpolicy.g'],
    ['kube-baseline', 'p'],
    ['baselineadminnetworkpolicy', 'p'],
  ])('the built-in %s', (name, expected) => {
    expect(first([], denying(name), calico('p', 'egress: [{action: Allow}]'))).toBe(expected);
    // What none of its rules matches goes on.
    const narrow = globalCalico(`${name}.g`, `tier: ${name}\negress: [{action: Allow, protocol: UDP}]`);
    expect(ask([narrow]).decision).toBe('allowed');
  });

  it('that is not known, and why', () => {
    const policies = [denying('secret'), np('k', { egress: [{}] })];
    expect(ask(policies).explanation).toContain('its tier "secret" is not in the cluster state');
    expect(ask(policies, { more: forbidden('tiers') }).explanation).toContain(
      'the order of its tier "secret" is not known: tiers could not be read',
    );
  });
});
