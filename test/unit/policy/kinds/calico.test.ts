/** Verdicts under Calico's policies: order, tiers, actions, matches and their negations, who is governed, what stays unknown. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import type { CalicoFacts } from '../../../../src/core/model/policies/calico.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import type { Pod, Protocol } from '../../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../../../src/core/policy/fleet.ts';
import { np, P, pod, select } from '../world.ts';
import { BACK, calico, FRONT, globalCalico, hostEndpoint, onCalico, set, tier } from './calico-world.ts';

const WEB = '203.0.113.10';
const SHOP = '203.0.113.20';

interface Case {
  readonly policies: readonly Policy[];
  readonly facts?: Partial<CalicoFacts>;
  readonly more?: Partial<ClusterState>;
  readonly from?: Pod;
  readonly to?: string;
  readonly port?: number;
  readonly protocol?: Protocol;
  readonly verdict: 'allowed' | 'denied' | 'unknown';
  /** `policy path` of the deciding rule. */
  readonly by?: string;
  /** Names of the policies that isolate. */
  readonly isolatedBy?: readonly string[];
  readonly says?: RegExp;
}

function answerOf({ policies, facts, more, from = P, to = WEB, port = 443, protocol = 'TCP' }: Case) {
  const state = onCalico(policies, facts, more);
  const answer = evaluateEgress(state, from, { addresses: [to], cnames: [], port, protocol });
  return {
    verdict: answer.decision,
    by: answer.connect.decidedBy.map((ref) => `${ref.policy.name} ${ref.path}`).join(),
    isolatedBy: answer.isolatedBy.map(({ name }) => name),
    says: answer.connect.explanation,
  };
}

function wantedOf({ verdict, by, isolatedBy, says }: Case) {
  return {
    verdict,
    ...(by !== undefined && { by }),
    ...(isolatedBy && { isolatedBy }),
    ...(says && { says: expect.stringMatching(says) as string }),
  };
}

const ALLOW_ALL = 'egress: [{action: Allow}]';
const DENY_ALL = 'egress: [{action: Deny}]';
const web = (action: string) => `egress: [{action: ${action}, destination: {nets: [203.0.113.0/24]}}]`;

function run(cases: Readonly<Record<string, Case>>): void {
  it.each(Object.entries(cases))('%s', (_, one) => expect(answerOf(one)).toMatchObject(wantedOf(one)));
}

describe('which rule decides', () => {
  run({
    'no policy: the profile of the namespace allows': { policies: [], verdict: 'allowed', isolatedBy: [] },
    'an allow isolates from everything else': {
      policies: [calico('a', web('Allow'))],
      to: '198.51.100.1',
      verdict: 'denied',
      isolatedBy: ['a'],
      says: /isolated in Calico tier "default" by NetworkPolicy\.projectcalico\.org default\/a/,
    },
    'the lower order comes first': {
      policies: [calico('a', `order: 20\n${ALLOW_ALL}`), calico('b', `order: 10\n${DENY_ALL}`)],
      verdict: 'denied',
      by: 'b spec.egress[0]',
      says: /first rule of Calico tier "default" that matches/,
    },
    'a fraction orders too': {
      policies: [calico('a', `order: 10.5\n${DENY_ALL}`), calico('b', `order: 10.4\n${ALLOW_ALL}`)],
      verdict: 'allowed',
      by: 'b spec.egress[0]',
    },
    'without an order it comes last': {
      policies: [calico('a', DENY_ALL), calico('b', `order: 99999\n${ALLOW_ALL}`)],
      verdict: 'allowed',
      by: 'b spec.egress[0]',
    },
    'equal orders go by name': {
      policies: [calico('b', DENY_ALL), calico('a', ALLOW_ALL)],
      verdict: 'allowed',
      by: 'a spec.egress[0]',
    },
    'rules stand in their order': {
      policies: [calico('a', 'egress: [{action: Allow, protocol: TCP}, {action: Deny}]')],
      verdict: 'allowed',
      by: 'a spec.egress[0]',
    },
    'Log decides nothing': {
      policies: [calico('a', 'egress: [{action: Log}, {action: Deny}, {action: Allow}]')],
      verdict: 'denied',
      by: 'a spec.egress[1]',
    },
    'a global policy and a namespaced one share their tier': {
      policies: [globalCalico('g', `order: 5\n${DENY_ALL}`), calico('a', `order: 10\n${ALLOW_ALL}`)],
      verdict: 'denied',
      by: 'g spec.egress[0]',
    },
    'a Kubernetes policy has order 1000: Calico may deny before it': {
      policies: [np('k', { egress: [{}] }), calico('a', `order: 999\n${DENY_ALL}`)],
      verdict: 'denied',
      by: 'a spec.egress[0]',
    },
    'a Kubernetes policy has order 1000: what comes later is not asked': {
      policies: [np('k', { egress: [{}] }), calico('a', `order: 1001\n${DENY_ALL}`)],
      verdict: 'allowed',
      by: 'k spec.egress[0]',
    },
    'what a Kubernetes policy does not list, a later Calico policy may allow': {
      policies: [np('k', { policyTypes: ['Egress'] }), calico('a', ALLOW_ALL)],
      verdict: 'allowed',
      by: 'a spec.egress[0]',
      isolatedBy: ['k', 'a'],
    },
    'up to 3.31 equal orders go by the namespace first': {
      policies: [calico('zz', `order: 1\n${ALLOW_ALL}`), globalCalico('aa', `order: 1\n${DENY_ALL}`)],
      verdict: 'denied',
      by: 'aa spec.egress[0]',
    },
    'with the same order as a Kubernetes policy, names decide': {
      policies: [np('k', { egress: [{}] }), calico('a', `order: 1000\n${DENY_ALL}`)],
      more: { engine: { cni: 'calico', version: '3.32.0', seenBy: 'test' } },
      verdict: 'denied',
      by: 'a spec.egress[0]',
    },
  });
});

describe('tiers', () => {
  const tiers = [tier('security', 100), tier('late', 2_000_000), tier('open', 200, 'Pass')];
  run({
    'an earlier tier decides': {
      policies: [calico('a', `order: 1\n${ALLOW_ALL}`), globalCalico('security.g', `tier: security\n${web('Deny')}`)],
      facts: { tiers },
      verdict: 'denied',
      by: 'security.g spec.egress[0].destination.nets[0]',
      says: /Calico tier "security"/,
    },
    'the end of a tier drops what its policies did not match': {
      policies: [calico('a', ALLOW_ALL), globalCalico('security.g', `tier: security\n${web('Deny')}`)],
      facts: { tiers },
      to: '198.51.100.1',
      verdict: 'denied',
      isolatedBy: ['security.g', 'a'],
      says: /isolated in Calico tier "security" by GlobalNetworkPolicy\.projectcalico\.org security\.g/,
    },
    'a tier none of whose policies selects the pod is passed over': {
      policies: [calico('a', ALLOW_ALL), globalCalico('g', `tier: security\nselector: app == 'none'\n${DENY_ALL}`)],
      facts: { tiers },
      verdict: 'allowed',
      by: 'a spec.egress[0]',
    },
    'Pass goes on with the next tier': {
      policies: [
        calico('a', ALLOW_ALL),
        globalCalico('g', 'tier: security\negress: [{action: Pass}, {action: Deny}]'),
        globalCalico('h', `tier: security\norder: 1\n${web('Pass')}`),
      ],
      facts: { tiers },
      verdict: 'allowed',
      by: 'a spec.egress[0]',
    },
    'Pass in the last tier leaves it to the profile': {
      policies: [calico('a', 'egress: [{action: Pass}]')],
      verdict: 'allowed',
      isolatedBy: ['a'],
      says: /^What isolates the pod's egress passes 443\/TCP to 203\.0\.113\.10, outside the cluster on, and nothing/,
    },
    'the default action Pass drops nothing': {
      policies: [globalCalico('g', `tier: open\n${web('Deny')}`)],
      facts: { tiers },
      to: '198.51.100.1',
      verdict: 'allowed',
      isolatedBy: [],
    },
    'a tier after the default one': {
      policies: [calico('a', web('Pass')), globalCalico('g', `tier: late\n${web('Deny')}`)],
      facts: { tiers },
      verdict: 'denied',
      by: 'g spec.egress[0].destination.nets[0]',
    },
    'tiers of one order go by name': {
      policies: [globalCalico('g', `tier: b\n${DENY_ALL}`), globalCalico('h', `tier: a\n${ALLOW_ALL}`)],
      facts: { tiers: [tier('b', 7), tier('a', 7)] },
      verdict: 'allowed',
      by: 'h spec.egress[0]',
    },
    'tiers without an order come last': {
      policies: [globalCalico('g', `tier: nowhere\n${DENY_ALL}`), globalCalico('h', `tier: late\n${ALLOW_ALL}`)],
      facts: { tiers: [...tiers, tier('nowhere')] },
      verdict: 'allowed',
      by: 'h spec.egress[0]',
    },
    'a tier that was not read may stand anywhere': {
      policies: [calico('a', ALLOW_ALL), globalCalico('g', `tier: secret\n${DENY_ALL}`)],
      verdict: 'unknown',
      says: /its tier "secret" is not in the cluster state/,
    },
  });
});

describe('whom a policy governs', () => {
  run({
    'types Ingress: its egress rules count for nothing': {
      policies: [calico('a', `types: [Ingress]\n${DENY_ALL}`)],
      verdict: 'allowed',
      isolatedBy: [],
    },
    'types Egress without rules: everything is dropped': {
      policies: [calico('a', 'types: [Egress]')],
      verdict: 'denied',
      isolatedBy: ['a'],
    },
    'without types and egress rules it is of type Ingress': {
      policies: [calico('a', 'ingress: [{action: Allow}]')],
      verdict: 'allowed',
      isolatedBy: [],
    },
    'stored without types, it is of both': {
      policies: [calico('a', 'ingress: [{action: Allow}]', { crd: true })],
      verdict: 'denied',
      isolatedBy: ['a'],
    },
    'a selector takes its pods': {
      policies: [calico('a', `selector: app == 'front'\n${DENY_ALL}`)],
      from: FRONT,
      verdict: 'denied',
    },
    'and no others': { policies: [calico('a', `selector: app == 'front'\n${DENY_ALL}`)], verdict: 'allowed' },
    'a namespaced policy stays at home': {
      policies: [calico('a', DENY_ALL, { namespace: 'other' })],
      verdict: 'allowed',
    },
    'a global policy may choose namespaces by their labels': {
      policies: [globalCalico('g', `namespaceSelector: team == 'x'\n${DENY_ALL}`)],
      from: BACK,
      verdict: 'denied',
    },
    'by the name that Calico gives them': {
      policies: [globalCalico('g', `namespaceSelector: projectcalico.org/name == 'default'\n${DENY_ALL}`)],
      verdict: 'denied',
    },
    'by the prefixed form in a plain selector': {
      policies: [globalCalico('g', `selector: pcns.team == 'x'\n${DENY_ALL}`)],
      from: BACK,
      verdict: 'denied',
    },
    'namespaces that do not fit are left alone': {
      policies: [globalCalico('g', `namespaceSelector: team == 'x'\n${DENY_ALL}`)],
      verdict: 'allowed',
    },
    'labels of a namespace that was not read': {
      policies: [globalCalico('g', `namespaceSelector: team == 'x'\n${DENY_ALL}`)],
      more: { namespaces: [] },
      verdict: 'unknown',
      says: /depends on labels that are not in the cluster state/,
    },
    'by the service account': {
      policies: [calico('a', `serviceAccountSelector: projectcalico.org/name == 'default'\n${DENY_ALL}`)],
      verdict: 'denied',
    },
    "by the service account's labels": {
      policies: [calico('a', `serviceAccountSelector: role == 'batch'\n${DENY_ALL}`)],
      facts: {
        serviceAccounts: [
          { name: 'default', namespace: 'default', labels: { role: 'web' }, annotations: {}, owners: [], managers: [] },
        ],
      },
      verdict: 'allowed',
    },
    "the service account's labels were not read": {
      policies: [calico('a', `serviceAccountSelector: role == 'batch'\n${DENY_ALL}`)],
      verdict: 'unknown',
    },
    'doNotTrack is for host endpoints': {
      policies: [globalCalico('g', `doNotTrack: true\napplyOnForward: true\n${DENY_ALL}`)],
      verdict: 'allowed',
    },
    'preDNAT is for host endpoints': {
      policies: [globalCalico('g', `preDNAT: true\napplyOnForward: true\ntypes: [Egress]`)],
      verdict: 'allowed',
    },
    'applyOnForward governs pods as well': {
      policies: [globalCalico('g', `applyOnForward: true\n${DENY_ALL}`)],
      verdict: 'denied',
    },
    'host-network pods are governed by no pod policy': {
      policies: [globalCalico('g', DENY_ALL)],
      from: pod('h', 'default', '10.1.1.9', { hostNetwork: true }),
      verdict: 'allowed',
    },
  });
});

describe('what a rule matches', () => {
  const allow = (rule: string) => [calico('a', `egress: [{action: Allow, ${rule}}]`)];
  const every = { verdict: 'allowed' } as const;
  const none = { verdict: 'denied' } as const;
  run({
    'protocol by name': { policies: allow('protocol: TCP'), ...every },
    'protocol in lower case': { policies: allow('protocol: udp'), protocol: 'UDP', ...every },
    'protocol by number': { policies: allow('protocol: 17'), protocol: 'UDP', ...every },
    'another protocol': { policies: allow('protocol: 17'), ...none },
    'a protocol nobody asks about': { policies: allow('protocol: UDPLite'), ...none },
    notProtocol: { policies: allow('notProtocol: TCP'), ...none },
    'notProtocol of another': { policies: allow('notProtocol: 17'), ...every },
    'ICMP is not TCP': { policies: allow('protocol: ICMP, icmp: {type: 8}'), ...none },
    'not ICMP is TCP too': { policies: allow('notProtocol: ICMP'), ...every },
    'a port': { policies: allow('protocol: TCP, destination: {ports: [80, 443]}'), ...every },
    'a range': { policies: allow('protocol: TCP, destination: {ports: ["400:443"]}'), ...every },
    'beyond the range': { policies: allow('protocol: TCP, destination: {ports: ["400:442"]}'), ...none },
    notPorts: { policies: allow('protocol: TCP, destination: {notPorts: [443]}'), ...none },
    'around notPorts': { policies: allow('protocol: TCP, destination: {notPorts: ["1:442", "444:65535"]}'), ...every },
    'ports less notPorts': {
      policies: allow('protocol: TCP, destination: {ports: ["1:1000"], notPorts: ["443:500"]}'),
      ...none,
    },
    'a port name': {
      policies: allow('protocol: TCP, destination: {ports: [http]}'),
      to: '10.2.3.7',
      port: 8080,
      ...every,
    },
    'a port name outside the cluster': { policies: allow('protocol: TCP, destination: {ports: [http]}'), ...none },
    'not the port of that name': {
      policies: allow('protocol: TCP, destination: {notPorts: [http]}'),
      to: '10.2.3.7',
      port: 8080,
      ...none,
    },
    nets: { policies: allow('destination: {nets: [198.51.100.0/24, 203.0.113.10]}'), ...every },
    'nets hold pods too': { policies: allow('destination: {nets: [10.0.0.0/8]}'), to: '10.2.3.7', ...every },
    notNets: { policies: allow('destination: {notNets: [203.0.113.0/24]}'), ...none },
    'notNets elsewhere': { policies: allow('destination: {notNets: [198.51.100.0/24]}'), ...every },
    'nets less notNets': {
      policies: allow('destination: {nets: [203.0.113.0/24], notNets: [203.0.113.10/32]}'),
      ...none,
    },
    'notNets of the other family leave the rule out': {
      policies: allow('destination: {notNets: ["2001:db8::/32"]}'),
      ...none,
    },
    'ipVersion 4': { policies: allow('ipVersion: 4'), ...every },
    'ipVersion 6': { policies: allow('ipVersion: 6'), ...none },
    'a selector takes pods': {
      policies: allow("destination: {selector: app == 'front'}"),
      to: '10.0.0.7',
      ...every,
    },
    'a selector in a namespaced policy stays at home': {
      policies: allow("destination: {selector: app == 'back'}"),
      to: '10.2.3.7',
      ...none,
    },
    'a selector of a global policy goes everywhere': {
      policies: [globalCalico('g', "egress: [{action: Allow, destination: {selector: app == 'back'}}]")],
      to: '10.2.3.7',
      ...every,
    },
    'a namespaceSelector opens other namespaces': {
      policies: allow("destination: {selector: app == 'back', namespaceSelector: team == 'x'}"),
      to: '10.2.3.7',
      ...every,
    },
    'namespaceSelector alone takes all its pods': {
      policies: allow('destination: {namespaceSelector: all()}'),
      to: '10.2.3.7',
      ...every,
    },
    'namespaceSelector all() takes nothing outside': {
      policies: allow('destination: {namespaceSelector: all()}'),
      ...none,
    },
    'selector all() takes what Calico knows, not the Internet': {
      policies: allow('destination: {selector: all()}'),
      ...none,
    },
    'notSelector takes the Internet in a global policy': {
      policies: [globalCalico('g', "egress: [{action: Allow, destination: {notSelector: app == 'front'}}]")],
      ...every,
    },
    'notSelector leaves out what it names': {
      policies: [globalCalico('g', "egress: [{action: Allow, destination: {notSelector: app == 'front'}}]")],
      to: '10.0.0.7',
      ...none,
    },
    'notSelector keeps a namespaced policy at home': {
      policies: allow("destination: {notSelector: app == 'front'}"),
      ...none,
    },
    'a selector less a notSelector': {
      policies: allow("destination: {selector: has(app), notSelector: tier == 'web'}"),
      to: '10.0.0.7',
      ...none,
    },
    'service accounts by name': {
      policies: allow('destination: {serviceAccounts: {names: [backend]}, namespaceSelector: all()}'),
      to: '10.2.3.7',
      ...every,
    },
    'service accounts of the own namespace': {
      policies: allow('destination: {serviceAccounts: {names: [backend]}}'),
      to: '10.2.3.7',
      ...none,
    },
    'an http match is refused by the API': {
      policies: allow('protocol: TCP, http: {methods: [GET]}'),
      verdict: 'unknown',
      says: /http match/,
    },
  });
});

describe('the source of an egress rule is the pod', () => {
  const deny = (source: string) => [
    globalCalico('g', `egress: [{action: Deny, source: {${source}}}, {action: Allow}]`),
  ];
  run({
    'its labels': { policies: deny("selector: app == 'front'"), from: FRONT, verdict: 'denied' },
    'labels of another pod': { policies: deny("selector: app == 'front'"), verdict: 'allowed' },
    'not its labels': { policies: deny("notSelector: app == 'front'"), verdict: 'denied' },
    'its address': { policies: deny('nets: [10.0.0.1/32]'), verdict: 'denied' },
    'another address': { policies: deny('nets: [10.0.0.2/32]'), verdict: 'allowed' },
    'not its address': { policies: deny('notNets: [10.0.0.1/32]'), verdict: 'allowed' },
    'its namespace': { policies: deny("namespaceSelector: stage == 'dev'"), verdict: 'denied' },
    'its service account': { policies: deny('serviceAccounts: {names: [backend]}'), from: BACK, verdict: 'denied' },
    'an address that is not known': {
      policies: deny('nets: [10.0.0.1/32]'),
      from: { ...P, podIPs: [] },
      verdict: 'unknown',
      says: /own address/,
    },
    'its source port': {
      policies: [
        globalCalico('g', 'egress: [{action: Deny, protocol: TCP, source: {ports: [5000]}}, {action: Allow}]'),
      ],
      verdict: 'unknown',
      says: /source port/,
    },
  });
});

describe('sets, services and host endpoints', () => {
  const allow = (destination: string) => [calico('a', `egress: [{action: Allow, destination: {${destination}}}]`)];
  const sets = [
    set('public', { role: 'shop' }, [`${SHOP}/32`]),
    set('partner', { role: 'partner' }, ['203.0.113.30', '203.0.113.31'], 'default'),
    set('far', { role: 'far' }, ['203.0.113.40/32'], 'other'),
  ];
  run({
    'a global set needs global() in a namespaced policy': {
      policies: allow("selector: role == 'shop', namespaceSelector: global()"),
      facts: { sets },
      to: SHOP,
      verdict: 'allowed',
      by: 'a spec.egress[0].destination.selector',
    },
    'without it a namespaced policy never finds it': {
      policies: allow("selector: role == 'shop'"),
      facts: { sets },
      to: SHOP,
      verdict: 'denied',
    },
    'a global policy finds it by the selector alone': {
      policies: [globalCalico('g', "egress: [{action: Allow, destination: {selector: role == 'shop'}}]")],
      facts: { sets },
      to: SHOP,
      verdict: 'allowed',
    },
    'a set of the namespace': {
      policies: allow("selector: role == 'partner'"),
      facts: { sets },
      to: '203.0.113.31',
      verdict: 'allowed',
    },
    "a set in another namespace inherits that namespace's labels": {
      policies: allow("namespaceSelector: team == 'x'"),
      facts: { sets },
      to: '203.0.113.40',
      verdict: 'allowed',
    },
    'sets that could not be read': {
      policies: allow("selector: role == 'shop', namespaceSelector: global()"),
      more: { notRead: [{ what: 'globalnetworksets', code: 'forbidden', reason: 'no right to list' }] },
      to: SHOP,
      verdict: 'unknown',
      says: /globalnetworksets could not be read/,
    },
    'a set that no selector asks for leaves nothing open': {
      policies: allow('nets: [203.0.113.0/24]'),
      more: { notRead: [{ what: 'globalnetworksets', code: 'forbidden', reason: 'no right to list' }] },
      to: SHOP,
      verdict: 'allowed',
    },
    'a host endpoint by its labels': {
      policies: [globalCalico('g', "egress: [{action: Allow, destination: {selector: zone == 'a'}}]")],
      facts: { sets: [hostEndpoint('n2', { zone: 'a' }, ['10.1.1.1'])] },
      to: '10.1.1.1',
      verdict: 'allowed',
    },
    'a Service stands for its endpoints': {
      policies: allow('services: {name: kube-dns, namespace: kube-system}'),
      to: '10.0.0.53',
      port: 53,
      protocol: 'UDP',
      verdict: 'allowed',
    },
    'on their ports only': {
      policies: allow('services: {name: kube-dns, namespace: kube-system}'),
      to: '10.0.0.53',
      port: 9153,
      verdict: 'denied',
    },
    'a Service without its namespace': {
      policies: allow('services: {name: kube-dns}'),
      to: '10.0.0.53',
      port: 53,
      verdict: 'unknown',
      says: /names no namespace/,
    },
  });
});

describe('what is refused is not in force', () => {
  const refused: readonly (readonly [what: string, spec: string, reason: RegExp])[] = [
    ['a selector', "selector: app = 'x'\negress: [{action: Deny}]", /no selector: expected ==/],
    ['a rule selector', 'egress: [{action: Deny, destination: {selector: has(}}]', /no selector/],
    ['port numbers without a protocol', 'egress: [{action: Deny, destination: {ports: [80]}}]', /need a protocol/],
    ['ports of ICMP', 'egress: [{action: Deny, protocol: ICMP, destination: {ports: [80]}}]', /has no ports/],
    ['a range upside down', 'egress: [{action: Deny, protocol: TCP, destination: {ports: ["9:8"]}}]', /no port/],
  ];
  it.each(refused)('%s', (_, spec, reason) => {
    const state = onCalico([calico('a', spec)]);
    const answer = evaluateEgress(state, P, { addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
    expect(answer.decision).toBe('allowed');
    expect(answer.isolatedBy).toEqual([]);
    expect(answer.nearMisses.map(({ kind }) => kind)).toEqual(['policy_invalid']);
    expect(answer.nearMisses[0]?.statement).toMatch(reason);
    expect(answer.nearMisses[0]?.statement).toMatch(/^the engine does not enforce this policy/);
  });
});

// Seen with packets (test/e2e-calico): Felix's own validator takes global() anywhere, and it then means everything that has labels. Of
// an action that it does not know, Felix 3.31 dies.
describe('what only the API refuses may be in force', () => {
  const refused: readonly (readonly [what: string, spec: string, reason: RegExp])[] = [
    ['global() outside a rule', 'selector: global()\negress: [{action: Deny}]', /global\(\) can only be used/],
    [
      'global() beside others',
      "egress: [{action: Deny, destination: {namespaceSelector: global() || a == 'b'}}]",
      /alone/,
    ],
    ['an action', 'egress: [{action: Refuse}]', /none of Calico's actions/],
    ['global() as selector', 'egress: [{action: Deny, destination: {selector: global()}}]', /can only be used/],
    ['a Service as source', 'egress: [{action: Deny, source: {services: {name: x}}}]', /source\.services/],
  ];
  it.each(refused)('%s', (_, spec, reason) => {
    const state = onCalico([calico('a', spec)]);
    const answer = evaluateEgress(state, P, { addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
    expect(answer.decision).toBe('unknown');
    expect(answer.connect.explanation).toMatch(reason);
    expect(answer.connect.explanation).toContain('stored without it');
  });
});

describe('domains, of the commercial editions', () => {
  const domains = [calico('a', 'egress: [{action: Allow, destination: {domains: ["*.vendor.example"]}}]')];
  const asked = (policies: readonly Policy[], edition?: 'open-source' | 'enterprise', host = 'api.vendor.example') => {
    const engine = { cni: 'calico', seenBy: 'test', ...(edition && { edition }) } as const;
    const state = onCalico(
      [globalCalico('dns', 'egress: [{action: Allow, protocol: UDP}]'), ...policies],
      {},
      { engine },
    );
    return evaluateEgress(state, P, { host, addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
  };
  it('lets a matching name through', () => {
    const answer = asked(domains, 'enterprise');
    expect(answer.decision).toBe('allowed');
    expect(answer.connect.decidedBy.map(({ path }) => path)).toEqual(['spec.egress[0].destination.domains[0]']);
  });
  it('leaves another name out', () => expect(asked(domains, 'enterprise', 'vendor.example').decision).toBe('denied'));
  it('is open where the open-source edition drops the field', () => {
    const answer = asked(domains, 'open-source');
    expect(answer.decision).toBe('unknown');
    expect(answer.connect.explanation).toMatch(/open-source Calico knows no domains/);
  });
  it('takes the object for a proof of the edition that nothing else tells', () =>
    expect(asked(domains).decision).toBe('allowed'));
  it('takes the addresses of a CNAME chain for those of each of its names', () => {
    const state = onCalico(
      [globalCalico('dns', 'egress: [{action: Allow, protocol: UDP}]'), ...domains],
      {},
      { engine: { cni: 'calico', edition: 'enterprise', seenBy: 'test' } },
    );
    const to = {
      host: 'shop.example',
      addresses: [WEB],
      cnames: ['cdn.vendor.example'],
      port: 443,
      protocol: 'TCP',
    } as const;
    expect(evaluateEgress(state, P, to).decision).toBe('allowed');
  });
  it('says that it takes the edition for granted', () => {
    expect(asked(domains).assumptions.join()).toMatch(/domains are known to Calico Enterprise/);
    expect(asked(domains, 'enterprise').assumptions.join()).not.toMatch(/domains are known/);
  });
  const named = (action: string) => {
    const policy = globalCalico(
      'g',
      `egress: [{action: ${action}, destination: {selector: role == 'names'}}, {action: Allow, protocol: UDP}]`,
    );
    const names = { ...set('names', { role: 'names' }, []), allowedEgressDomains: ['api.vendor.example'] };
    const engine = { cni: 'calico', edition: 'enterprise', seenBy: 'test' } as const;
    const to = { host: 'api.vendor.example', addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' } as const;
    return evaluateEgress(onCalico([policy], { sets: [names] }, { engine }), P, to);
  };
  it("lets a set's names through", () => expect(named('Allow').decision).toBe('allowed'));
  it("denies no set's names", () => {
    expect(named('Deny').connect.reason).toBe('default_deny');
  });
  it('is for Allow only', () => {
    const answer = asked(
      [calico('a', 'egress: [{action: Deny, destination: {domains: [api.vendor.example]}}]')],
      'enterprise',
    );
    expect(answer.nearMisses[0]?.statement).toMatch(/domains is for the action Allow only/);
  });
});

describe('who enforces', () => {
  const denied = [calico('a', DENY_ALL)];
  const under = (
    engine: ClusterState['engine'],
    more: Partial<ClusterState> = {},
    policies: readonly Policy[] = denied,
  ) =>
    evaluateEgress(onCalico(policies, {}, { engine, ...more }), P, {
      addresses: [WEB],
      cnames: [],
      port: 443,
      protocol: 'TCP',
    });
  it('Cilium does not', () => {
    const answer = under({ cni: 'cilium', version: '1.19.5', config: {}, seenBy: 'test' });
    expect(answer.decision).toBe('allowed');
    expect(answer.assumptions.join()).toMatch(/no calico-node was seen/);
  });
  it('flannel alone does not', () => expect(under({ cni: 'flannel', seenBy: 'test' }).decision).toBe('allowed'));
  it('an agent that could not be seen may', () => {
    const notRead = [{ what: 'pods outside namespace default', code: 'forbidden', reason: 'no right' } as const];
    const answer = under({ cni: 'aws-vpc-cni', seenBy: 'test' }, { notRead });
    expect(answer.decision).toBe('unknown');
    expect(answer.connect.explanation).toMatch(/no calico-node was seen/);
  });
  it('is taken to, where nothing else was recognised', () => {
    const answer = under({ cni: 'unknown', seenBy: 'test' });
    expect(answer.decision).toBe('denied');
    expect(answer.assumptions.join()).toMatch(/calico is assumed because calico policies exist/);
  });
  it('nobody without Calico, and NetworkPolicy stays a union there', () => {
    const policies = [...denied, np('k', { egress: [{}], podSelector: select() })];
    expect(under({ cni: 'antrea', seenBy: 'test' }, {}, policies).decision).toBe('allowed');
  });
});

describe('the own node', () => {
  it('has the last word, which is not read', () => {
    const state = onCalico([calico('a', ALLOW_ALL)]);
    const to = { addresses: ['10.1.1.9'], cnames: [], port: 443, protocol: 'TCP' } as const;
    expect(evaluateEgress(state, P, to).assumptions.join()).toMatch(/defaultEndpointToHostAction/);
    expect(evaluateEgress(state, P, { ...to, addresses: [WEB] }).assumptions.join()).not.toMatch(/defaultEndpoint/);
  });
});

describe('near misses', () => {
  it('names the label that a policy wants and the pod lacks', () => {
    const state = onCalico([
      calico('a', `selector: app == 'front' && stage == 'prod'\n${ALLOW_ALL}`),
      calico('b', 'types: [Egress]'),
    ]);
    const answer = evaluateEgress(state, FRONT, { addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
    expect(answer.nearMisses.map(({ kind, statement }) => [kind, statement])).toEqual([
      ['pod_not_selected', expect.stringContaining('the pod has no label stage')],
    ]);
  });
  it('names the port that is missing', () => {
    const state = onCalico([
      calico('a', 'egress: [{action: Allow, protocol: TCP, destination: {nets: [203.0.113.0/24], ports: [80]}}]'),
    ]);
    const answer = evaluateEgress(state, P, { addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
    expect(answer.nearMisses.map(({ kind }) => kind)).toEqual(['port_missing']);
  });
});

describe('policies that could not be read', () => {
  const notRead = [
    { what: 'calico networkpolicies in namespace default', code: 'forbidden', reason: 'no right' } as const,
  ];
  const under = (cni: ClusterState['engine']['cni'], policies: readonly Policy[] = []) =>
    evaluateEgress(onCalico(policies, {}, { engine: { cni, seenBy: 'test' }, notRead }), P, {
      addresses: [WEB],
      cnames: [],
      port: 443,
      protocol: 'TCP',
    });
  it.each(['calico', 'unknown'] as const)('may deny: %s', (cni) => {
    const answer = under(cni);
    expect(answer.decision).toBe('unknown');
    expect(answer.connect.explanation).toMatch(/calico networkpolicies in namespace default could not be read/);
  });
  it('may let through what another denies later', () => {
    expect(under('calico', [calico('a', DENY_ALL)]).decision).toBe('unknown');
  });
  it.each(['antrea', 'cilium', 'ovn-kubernetes'] as const)('are no concern on %s', (cni) => {
    expect(under(cni).decision).toBe('allowed');
  });
});

describe('an address that may be a pod that was not read', () => {
  const notRead = [{ what: 'pods outside namespace default', code: 'forbidden', reason: 'no right' } as const];
  const to = '10.9.9.9';
  const db = "selector: app == 'db', namespaceSelector: all()";
  run({
    'meets whoever it is where one rule decides about all': {
      policies: [calico('a', ALLOW_ALL)],
      more: { notRead },
      to,
      verdict: 'allowed',
    },
    'may meet an earlier rule for some': {
      policies: [calico('a', `egress: [{action: Deny, destination: {${db}}}, {action: Allow}]`)],
      more: { notRead },
      to,
      verdict: 'unknown',
      says: /whether the address belongs to a pod/,
    },
    'meets no earlier rule on its port': {
      policies: [
        calico('a', `egress: [{action: Deny, protocol: TCP, destination: {${db}, ports: [5432]}}, {action: Allow}]`),
      ],
      more: { notRead },
      to,
      verdict: 'allowed',
    },
    'may meet an allow before the deny of all': {
      policies: [calico('a', `egress: [{action: Allow, destination: {${db}}}, {action: Deny}]`)],
      more: { notRead },
      to,
      verdict: 'unknown',
    },
  });
});

describe('a fleet', () => {
  it('is grouped by which rules are for whom', () => {
    const source = 'source: {nets: [10.0.0.1/32]}';
    const state = onCalico([calico('a', `egress: [{action: Deny, ${source}}, {action: Allow}]`)]);
    const groups = fleetEgress(state, { addresses: [WEB], cnames: [], port: 443, protocol: 'TCP' });
    const inDefault = groups.filter(({ pods }) => pods.some(({ meta }) => meta.namespace === 'default'));
    expect(inDefault.map(({ verdict, pods }) => [verdict.decision, pods.map(({ meta }) => meta.name)])).toEqual([
      ['denied', ['p']],
      ['allowed', ['peer', 'front']],
    ]);
  });
});
