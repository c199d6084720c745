/** AdminNetworkPolicy and BaselineAdminNetworkPolicy as the API defines them: order, passes, subjects, peers, ports, and what stays open. */
import { describe, expect, it } from 'vitest';
import { adminNetworkPolicySchema } from '../../../../src/cluster/decode/admin.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { np, OTHER, P, select } from '../world.ts';
import { anp, answer, ask, banp, OVN, on, WEB } from './admin-world.ts';

const NET = '{networks: [203.0.113.0/24]}';
const ANY = '{networks: [0.0.0.0/0]}';
const W = '203.0.113.10:443';
const isolating = np('deny-all', { policyTypes: ['Egress'] });
const opening = np('open', { egress: [{}] });

interface Case {
  readonly what: string;
  readonly policies: readonly Policy[];
  readonly ask: Readonly<Record<string, string>>;
}

const TO = 'spec.egress[0].to[0]';
const ALLOWED = `allowed allowed_by_rule ${TO}`;
const DENIED = `denied explicit_deny ${TO}`;
const OPEN = 'allowed not_isolated';
const DROPPED = 'denied default_deny';

const ORDER: readonly Case[] = [
  {
    what: 'an allow isolates nobody',
    policies: [anp('a', `[{action: Allow, to: [${NET}]}]`)],
    ask: { [W]: `${ALLOWED}.networks[0]`, '198.51.100.1:443': OPEN },
  },
  {
    what: 'a deny takes what it names and nothing else',
    policies: [anp('a', `[{action: Deny, to: [${NET}]}]`)],
    ask: { [W]: `${DENIED}.networks[0]`, '198.51.100.1:443': OPEN },
  },
  {
    what: 'the first rule that matches decides',
    policies: [anp('a', `[{action: Allow, to: [${NET}]}, {action: Deny, to: [${ANY}]}]`)],
    ask: { [W]: `${ALLOWED}.networks[0]`, '198.51.100.1:443': 'denied explicit_deny spec.egress[1].to[0].networks[0]' },
  },
  {
    what: 'the lower priority number comes first',
    policies: [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, { priority: 20 }),
      anp('z', `[{action: Allow, to: [${NET}]}]`, { priority: 3 }),
    ],
    ask: { [W]: `${ALLOWED}.networks[0]`, '198.51.100.1:443': `${DENIED}.networks[0]` },
  },
  {
    what: 'an admin allow beats an isolating NetworkPolicy',
    policies: [isolating, anp('a', `[{action: Allow, to: [${NET}]}]`)],
    ask: { [W]: `${ALLOWED}.networks[0]`, '198.51.100.1:443': DROPPED },
  },
  {
    what: 'an admin deny beats an allowing NetworkPolicy',
    policies: [opening, anp('a', `[{action: Deny, to: [${NET}]}]`)],
    ask: { [W]: `${DENIED}.networks[0]`, '198.51.100.1:443': 'allowed allowed_by_rule spec.egress[0]' },
  },
  {
    what: 'a pass leaves the rest of the tier out',
    policies: [anp('a', `[{action: Pass, to: [${NET}]}, {action: Deny, to: [${ANY}]}]`)],
    ask: { [W]: OPEN, '198.51.100.1:443': 'denied explicit_deny spec.egress[1].to[0].networks[0]' },
  },
  {
    what: 'a pass skips later policies of the tier too',
    policies: [
      anp('a', `[{action: Pass, to: [${NET}]}]`, { priority: 1 }),
      anp('b', `[{action: Deny, to: [${ANY}]}]`, { priority: 2 }),
    ],
    ask: { [W]: OPEN },
  },
  {
    what: 'after a pass the NetworkPolicies decide',
    policies: [isolating, anp('a', `[{action: Pass, to: [${ANY}]}]`)],
    ask: { [W]: DROPPED },
  },
  {
    what: 'a baseline deny holds where no NetworkPolicy isolates',
    policies: [banp(`[{action: Deny, to: [${ANY}]}]`)],
    ask: { [W]: `${DENIED}.networks[0]` },
  },
  {
    what: 'a NetworkPolicy that allows is not asked again',
    policies: [opening, banp(`[{action: Deny, to: [${ANY}]}]`)],
    ask: { [W]: 'allowed allowed_by_rule spec.egress[0]' },
  },
  {
    what: 'a baseline allow comes too late for an isolated pod',
    policies: [isolating, banp(`[{action: Allow, to: [${ANY}]}]`)],
    ask: { [W]: DROPPED },
  },
  {
    what: 'a pass reaches the baseline when no NetworkPolicy selects',
    policies: [
      anp('a', `[{action: Pass, to: [${ANY}]}]`),
      banp(`[{action: Allow, to: [${NET}]}, {action: Deny, to: [${ANY}]}]`),
    ],
    ask: { [W]: `${ALLOWED}.networks[0]`, '198.51.100.1:443': 'denied explicit_deny spec.egress[1].to[0].networks[0]' },
  },
  { what: 'a policy without egress rules does nothing', policies: [anp('a', '[]'), banp('[]')], ask: { [W]: OPEN } },
  {
    what: 'networks take pods and nodes as well',
    policies: [anp('a', `[{action: Deny, to: [${ANY}]}]`)],
    ask: { '10.0.0.2:80': `${DENIED}.networks[0]`, '10.1.1.1:80': `${DENIED}.networks[0]` },
  },
  {
    what: 'a pass of all pods before it keeps them out',
    policies: [anp('a', `[{action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [${ANY}]}]`)],
    ask: { '10.0.0.2:80': OPEN, [W]: 'denied explicit_deny spec.egress[1].to[0].networks[0]' },
  },
];

const SUBJECTS: readonly Case[] = [
  {
    what: 'namespaces by label',
    policies: [anp('a', `[{action: Deny, to: [${ANY}]}]`, { subject: '{namespaces: {matchLabels: {team: x}}}' })],
    ask: { [W]: OPEN },
  },
  {
    what: 'the label every namespace has of its name',
    policies: [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, {
        subject: '{namespaces: {matchLabels: {kubernetes.io/metadata.name: default}}}',
      }),
    ],
    ask: { [W]: `${DENIED}.networks[0]` },
  },
  {
    what: 'pods by label in all namespaces',
    policies: [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, {
        subject: '{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: p}}}}',
      }),
    ],
    ask: { [W]: `${DENIED}.networks[0]` },
  },
  {
    what: 'other pods are left alone',
    policies: [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, {
        subject:
          '{pods: {namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [p]}]}}}',
      }),
    ],
    ask: { [W]: OPEN },
  },
  {
    what: 'both selectors must take the pod',
    policies: [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, {
        subject: '{pods: {namespaceSelector: {matchLabels: {team: x}}, podSelector: {matchLabels: {app: p}}}}',
      }),
    ],
    ask: { [W]: OPEN },
  },
];

const deny = (peer: string, rest = '') => [anp('a', `[{action: Deny, to: [${peer}]${rest}}]`)];

const PEERS: readonly Case[] = [
  {
    what: 'namespaces',
    policies: deny('{namespaces: {matchLabels: {team: x}}}'),
    ask: { '10.2.3.4:443': DENIED, '10.0.0.2:443': OPEN, [W]: OPEN },
  },
  {
    what: 'pods in namespaces',
    policies: deny('{pods: {namespaceSelector: {matchLabels: {team: x}}, podSelector: {matchLabels: {app: web}}}}'),
    ask: { '10.2.3.4:443': DENIED, '10.2.3.9:443': OPEN },
  },
  {
    what: 'all nodes',
    policies: deny('{nodes: {}}'),
    ask: { '10.1.1.1:80': DENIED, '10.1.1.9:80': DENIED, '10.0.0.2:80': OPEN, [W]: OPEN },
  },
  {
    what: 'nodes by label',
    policies: deny('{nodes: {matchLabels: {zone: a}}}'),
    ask: { '10.1.1.1:80': DENIED, '10.1.1.9:80': OPEN },
  },
  {
    what: 'any peer of several',
    policies: deny(`{namespaces: {matchLabels: {team: x}}}, ${NET}`),
    ask: { '10.2.3.4:443': DENIED, [W]: 'denied explicit_deny spec.egress[0].to[1].networks[0]' },
  },
  {
    what: 'an empty peer in a deny denies all',
    policies: deny('{}'),
    ask: { [W]: 'denied explicit_deny spec.egress[0]', '10.0.0.2:80': 'denied explicit_deny spec.egress[0]' },
  },
  {
    what: 'an empty peer in a pass denies all',
    policies: [anp('a', '[{action: Pass, to: [{}]}]')],
    ask: { [W]: 'denied explicit_deny spec.egress[0]' },
  },
  {
    what: 'an empty peer in an allow allows nothing',
    policies: [isolating, anp('a', '[{action: Allow, to: [{}]}]')],
    ask: { [W]: DROPPED },
  },
  {
    what: 'a network that is none stays open',
    policies: deny('{networks: [office]}'),
    ask: { [W]: `unknown incomplete_state ${TO}.networks[0]` },
  },
];

const PORTS: readonly Case[] = [
  {
    what: 'a number, TCP unless it says otherwise',
    policies: deny(ANY, ', ports: [{portNumber: {port: 443}}]'),
    ask: { [W]: `${DENIED}.networks[0]`, '203.0.113.10:80': OPEN, '203.0.113.10:443/UDP': OPEN },
  },
  {
    what: 'a number of another protocol',
    policies: deny(ANY, ', ports: [{portNumber: {protocol: UDP, port: 443}}]'),
    ask: { [W]: OPEN, '203.0.113.10:443/UDP': `${DENIED}.networks[0]` },
  },
  {
    what: 'a range with both its ends',
    policies: deny(ANY, ', ports: [{portRange: {protocol: TCP, start: 400, end: 500}}]'),
    ask: {
      '203.0.113.10:399': OPEN,
      '203.0.113.10:400': `${DENIED}.networks[0]`,
      '203.0.113.10:500': `${DENIED}.networks[0]`,
      '203.0.113.10:501': OPEN,
    },
  },
  {
    what: 'a name, by the pod it leads to',
    policies: deny('{namespaces: {}}', ', ports: [{namedPort: https}]'),
    ask: { '10.2.3.4:443': DENIED, '10.2.3.4:80': OPEN, '10.0.0.2:443': OPEN },
  },
  {
    what: 'any port of several',
    policies: deny(ANY, ', ports: [{portNumber: {port: 80}}, {portNumber: {port: 443}}]'),
    ask: { [W]: `${DENIED}.networks[0]`, '203.0.113.10:81': OPEN },
  },
];

describe.each([
  ['order', ORDER],
  ['subjects', SUBJECTS],
  ['peers', PEERS],
  ['ports', PORTS],
])('%s', (_, cases) => {
  it.each(cases)('$what', ({ policies, ask: expected }) => {
    const state = on(OVN, policies);
    const got = Object.fromEntries(Object.keys(expected).map((one) => [one, answer(state, one)]));
    expect(got).toEqual(expected);
  });
});

describe('words and references', () => {
  it('name the rule, the tier and the policy', () => {
    const { connect, isolatedBy, decidedBy } = ask(on(OVN, [anp('fence', `[{action: Deny, to: [${ANY}]}]`)]), W);
    expect(connect.explanation).toBe(
      'AdminNetworkPolicy fence spec.egress[0].to[0].networks[0] (networks 0.0.0.0/0 on all ports) denies 443/TCP to 203.0.113.10, outside the cluster; it is the first rule of the Admin tier that matches.',
    );
    expect(decidedBy[0]).toMatchObject({ effect: 'deny', policy: { kind: 'AdminNetworkPolicy', name: 'fence' } });
    expect(isolatedBy).toEqual([]);
  });
  it('name who isolates when a pass leads there', () => {
    const { connect, isolatedBy } = ask(on(OVN, [isolating, anp('a', `[{action: Pass, to: [${ANY}]}]`)]), W);
    expect(connect.explanation).toContain('egress is isolated by NetworkPolicy default/deny-all');
    expect(isolatedBy).toEqual([{ kind: 'NetworkPolicy', namespace: 'default', name: 'deny-all' }]);
  });
});

describe('what stays open', () => {
  it('two policies of one priority that disagree', () => {
    const clash = [anp('a', `[{action: Allow, to: [${NET}]}]`), anp('b', `[{action: Deny, to: [${ANY}]}]`)];
    const { connect } = ask(on(OVN, clash), W);
    expect(connect).toMatchObject({ decision: 'unknown', explanation: expect.stringContaining('the same priority') });
    expect(answer(on(OVN, clash), '198.51.100.1:443')).toBe(`${DENIED}.networks[0]`);
  });
  it('two policies of one priority that agree', () => {
    const same = [anp('a', `[{action: Deny, to: [${NET}]}]`), anp('b', `[{action: Deny, to: [${ANY}]}]`)];
    expect(answer(on(OVN, same), W)).toBe(`${DENIED}.networks[0]`);
  });
  it('a pass and a deny of one priority, where what follows allows', () => {
    const clash = [anp('a', `[{action: Pass, to: [${NET}]}]`), anp('b', `[{action: Deny, to: [${ANY}]}]`)];
    expect(ask(on(OVN, clash), W).connect.decision).toBe('unknown');
    expect(ask(on(OVN, [...clash, isolating]), W).connect.decision).toBe('denied');
  });
  it('a subject by labels of a namespace that was not read', () => {
    const policies = [
      anp('a', `[{action: Deny, to: [${ANY}]}]`, { subject: '{namespaces: {matchLabels: {team: x}}}' }),
    ];
    const { connect } = ask(on(OVN, policies, { namespaces: [] }), W);
    expect(connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('labels that are not in'),
    });
  });
  it('that doubt counts not where an earlier tier has decided', () => {
    const doubtful = banp(`[{action: Deny, to: [${ANY}]}]`, { subject: '{namespaces: {matchLabels: {team: x}}}' });
    const state = on(OVN, [anp('a', `[{action: Allow, to: [${NET}]}]`), doubtful], { namespaces: [] });
    expect(ask(state, W).connect.decision).toBe('allowed');
    expect(ask(state, '198.51.100.1:443').connect.decision).toBe('unknown');
  });
  it('a doubtful admin policy may overrule the deny of a NetworkPolicy', () => {
    const doubtful = anp('a', `[{action: Allow, to: [${ANY}]}]`, { subject: '{namespaces: {matchLabels: {team: x}}}' });
    expect(ask(on(OVN, [doubtful, isolating], { namespaces: [] }), W).connect.decision).toBe('unknown');
  });
  it('a rule that lists no destination', () => {
    expect(ask(on(OVN, [anp('a', '[{action: Deny, to: []}]')]), W).connect.decision).toBe('unknown');
  });
  it('node labels that were not read', () => {
    const nodes = [{ meta: { ...P.meta, name: 'n9', labels: {} }, addresses: [] }];
    const state = on(OVN, deny('{nodes: {matchLabels: {zone: a}}}'), { nodes });
    expect(ask(state, '10.1.1.9:80').connect).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(answer(on(OVN, deny('{nodes: {}}'), { nodes }), '10.1.1.9:80')).toBe(DENIED);
  });
  it('kinds that may not be listed, as far as they could matter', () => {
    const notRead = [{ what: 'adminnetworkpolicies', code: 'forbidden', reason: 'no right' } as const];
    expect(ask(on(OVN, [], { notRead }), W).connect.decision).toBe('unknown');
    const baseline = [{ what: 'baselineadminnetworkpolicies', code: 'forbidden', reason: 'no right' } as const];
    expect(ask(on(OVN, [], { notRead: baseline }), W).connect.decision).toBe('unknown');
    expect(ask(on(OVN, [opening], { notRead: baseline }), W).connect.decision).toBe('allowed');
    expect(ask(on(OVN, [isolating], { notRead: baseline }), W).connect.decision).toBe('denied');
  });
  it('unread NetworkPolicies, where a baseline rule allows', () => {
    const notRead = [{ what: 'networkpolicies in namespace default', code: 'forbidden', reason: 'no right' } as const];
    const baseline = [banp(`[{action: Allow, to: [${ANY}]}]`)];
    expect(ask(on(OVN, baseline, { notRead }), W).connect.decision).toBe('unknown');
    const admin = [anp('a', `[{action: Allow, to: [${ANY}]}]`)];
    expect(ask(on(OVN, admin, { notRead }), W).connect.decision).toBe('allowed');
  });
});

describe('host-network pods', () => {
  it('are no subject', () => {
    const state = on(OVN, [anp('a', `[{action: Deny, to: [${ANY}]}]`)]);
    expect(answer(state, W, { ...P, hostNetwork: true })).toBe('allowed host_network');
  });
  it('are no peer of namespaces: their address is the node', () => {
    const host = { ...OTHER, hostNetwork: true, podIPs: ['10.1.1.1'] };
    const state = on(OVN, deny('{namespaces: {}}'), { pods: [P, host, WEB] });
    expect(answer(state, '10.1.1.1:80')).toBe(OPEN);
  });
});

describe('decoding', () => {
  const raw = (egress: object) => ({
    metadata: { name: 'a' },
    spec: { priority: 1, subject: { namespaces: {} }, egress: [egress] },
  });
  it.each([
    [{ action: 'Reject', to: [] }, 'action'],
    [{ action: 'Deny', to: [{ services: {} }] }, 'services'],
    [{ action: 'Deny', to: [{ namespaces: {} }], ports: [{ icmp: {} }] }, 'icmp'],
    [{ action: 'Deny', to: [{ namespaces: {} }], schedule: 'night' }, 'schedule'],
  ])('refuses what a newer version may have added: %o', (egress, field) => {
    const result = adminNetworkPolicySchema.safeParse(raw(egress));
    expect(result.error?.message).toContain(field);
  });
  it('keeps the fields as they are', () => {
    const egress = { name: 'n', action: 'Pass', to: [{ pods: { podSelector: { matchLabels: { a: 'b' } } } }] };
    expect(adminNetworkPolicySchema.parse(raw(egress)).egress).toEqual([
      {
        name: 'n',
        action: 'Pass',
        to: [{ pods: { podSelector: select({ a: 'b' }), namespaceSelector: select() } }],
      },
    ]);
  });
});
