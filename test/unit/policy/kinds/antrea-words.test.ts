/** How Antrea's rules are called, and what they take where ports, entries or groups say less than everything. */
import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../../src/core/model/cluster-state.ts';
import type { Service } from '../../../../src/core/model/workload.ts';
import { decide } from '../../../../src/core/policy/decide/decide.ts';
import { identitiesOf } from '../../../../src/core/policy/identity/identity.ts';
import { podPolicyOf } from '../../../../src/core/policy/rules/pod-policy.ts';
import { selectingPolicies } from '../../../../src/core/policy/selecting.ts';
import { meta, OTHER, P, PEER, withPort, world } from '../world.ts';
import { ALL, OUT, rule, spec, state } from './antrea-world.ts';
import { acnp, annp, ask, clusterGroup, group } from './foreign-world.ts';

const words = (policy: Parameters<typeof state>[0][number], more: Partial<ClusterState> = {}) =>
  selectingPolicies(state([policy], more), P)[0]?.rules.map(({ path, text, effect }) => [effect, path, text]);
const texts = (to: string, more = '') =>
  words(acnp('a', spec([rule('Drop', `to: [${to}]${more}`)])))?.map(([, path, text]) => `${path}: ${text}`);

describe('words', () => {
  it.each<[string, string]>([
    ['{ ipBlock: { cidr: 10.0.0.0/8 } }', 'ipBlock 10.0.0.0/8'],
    [
      '{ ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16] } }',
      'ipBlock 10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16',
    ],
    ['{ fqdn: a.example }', 'fqdn "a.example"'],
    ['{ fqdn: "*.example" }', 'fqdn "*.example"'],
    ['{ podSelector: { matchLabels: { app: a } } }', 'podSelector {app=a}'],
    ['{ namespaceSelector: { matchLabels: { team: x } } }', 'namespaceSelector {team=x}'],
    [
      '{ podSelector: { matchLabels: { app: a } }, namespaceSelector: { matchLabels: { team: x } } }',
      'namespaceSelector {team=x} and podSelector {app=a}',
    ],
    ['{ serviceAccount: { name: s, namespace: n } }', 'serviceAccount n/s'],
    ['{ nodeSelector: { matchLabels: { zone: a } } }', 'nodeSelector {zone=a}'],
    ['{ externalEntitySelector: {} }', 'pods'],
    ['{ namespaces: { match: Self } }', "pods of the pod's own namespace"],
  ])('%s', (peer, text) => {
    expect(texts(peer)).toEqual([`spec.egress[0].to[0]: ${text} on all ports`]);
  });

  it('of groups and of Services', () => {
    const policy = acnp(
      'a',
      spec([rule('Drop', 'to: [{ group: g }]'), rule('Allow', 'toServices: [{ name: s, namespace: n }]')]),
    );
    const antrea = { tiers: [], groups: [clusterGroup('g', '{ ipBlocks: [{ cidr: 10.0.0.0/8 }] }')] };
    expect(words(policy, { antrea })).toEqual([
      ['deny', 'spec.egress[0].to[0]', 'group g on all ports'],
      ['allow', 'spec.egress[1].toServices[0]', 'toServices n/s on all ports'],
    ]);
  });

  it.each<[string, string]>([
    ['ports: [{ protocol: TCP, port: 443 }]', '443/TCP'],
    ['ports: [{ protocol: UDP, port: 8000, endPort: 8010 }]', '8000-8010/UDP'],
    ['ports: [{ protocol: TCP, port: https }]', 'https/TCP'],
    ['protocols: [{ icmp: {} }]', 'ICMP'],
    ['protocols: [{ icmp: { icmpType: 8 } }]', 'ICMP'],
    ['protocols: [{ icmp: { icmpType: 0 } }]', 'no port'],
    ['protocols: [{ igmp: {} }]', 'no port'],
    ['ports: [{ protocol: TCP, port: 443 }], protocols: [{ icmp: {} }]', '443/TCP, ICMP'],
  ])('of ports: %s', (more, text) => {
    expect(texts('{ ipBlock: { cidr: 10.0.0.0/8 } }', `, ${more}`)).toEqual([
      `spec.egress[0].to[0]: ipBlock 10.0.0.0/8 on ${text}`,
    ]);
  });
});

describe('what is refused, or realised nowhere', () => {
  const reason = (policy: Parameters<typeof state>[0][number], more: Partial<ClusterState> = {}) =>
    selectingPolicies(state([policy], more), P)[0]?.invalidReason;
  it('an action, and no subject', () => {
    expect(reason(acnp('a', spec([rule('Drop'), rule('Refuse')])))).toBe('the API refuses it: "Refuse" is no action');
    expect(reason(acnp('a', `{ priority: 5, egress: [${rule('Drop', ALL)}, ${rule('Drop')}] }`))).toBe(
      'the API refuses it: appliedTo must be set in the spec or in every rule',
    );
    expect(reason(acnp('a', `{ priority: 5, egress: [${rule('Drop', ALL)}] }`))).toBeUndefined();
  });
  it('a Group that takes pods of other namespaces', () => {
    const antrea = (spaces: string) => ({
      tiers: [],
      groups: [group('g', `{ podSelector: {}, namespaceSelector: { matchLabels: { ${spaces} } } }`)],
    });
    const policy = annp(
      'a',
      `{ priority: 5, appliedTo: [{ podSelector: {} }, { group: g }], egress: [${rule('Drop')}] }`,
    );
    expect(reason(policy, { antrea: antrea('team: x') })).toBe(
      'Antrea realises it nowhere: Group g takes pods of other namespaces',
    );
    expect(reason(policy, { antrea: antrea('team: y') })).toBeUndefined();
    const ofRule = annp(
      'a',
      `{ priority: 5, egress: [${rule('Drop', 'appliedTo: [{ group: g }, { podSelector: {} }]')}] }`,
    );
    expect(reason(ofRule, { antrea: antrea('team: x') })).toContain('Group g');
    const hosts = { pods: [P, PEER, { ...OTHER, hostNetwork: true }], antrea: antrea('team: x') };
    expect(reason(policy, hosts as Partial<ClusterState>)).toBeUndefined();
  });
});

describe('certain source ports', () => {
  const source = 'ports: [{ protocol: TCP, port: 443, sourcePort: 5000 }]';
  it.each<[string, string, string, 'unknown' | 'allowed']>([
    ['any destination', source, OUT, 'unknown'],
    ['a range', `to: [{ ipBlock: { cidr: 203.0.113.0/24 } }], ${source}`, OUT, 'unknown'],
    ['another range', `to: [{ ipBlock: { cidr: 10.0.0.0/8 } }], ${source}`, OUT, 'allowed'],
    ['another port', source, '203.0.113.7:80', 'allowed'],
  ])('%s', (_, more, to, decision) => {
    const { connect } = ask(state([acnp('a', spec([rule('Drop', more)]))]), to);
    expect(connect.decision).toBe(decision);
    if (decision === 'unknown') expect(connect.explanation).toContain('which one the pod will use is not known');
  });
});

describe('ICMP', () => {
  const ping = (more: string, address = '203.0.113.7') => {
    const one = state([acnp('a', spec([rule('Drop', more)]))]);
    const [identity] = identitiesOf(one, P, { address, port: 0, protocol: 'ICMP' });
    return identity && decide(one, podPolicyOf(one, P), identity).decision;
  };
  it.each<[string, string]>([
    ['protocols: [{ icmp: {} }]', 'denied'],
    ['protocols: [{ icmp: { icmpType: 8, icmpCode: 0 } }]', 'denied'],
    ['protocols: [{ icmp: { icmpType: 13 } }]', 'allowed'],
    ['protocols: [{ igmp: {} }]', 'allowed'],
    ['ports: [{ protocol: TCP }]', 'allowed'],
    ['to: []', 'denied'],
  ])('%s: %s', (more, decision) => {
    expect(ping(more)).toBe(decision);
  });
});

describe('Services and namespaces', () => {
  const service = (namespace: string): Service => ({
    meta: meta('s', namespace),
    type: 'ClusterIP',
    clusterIPs: ['10.96.0.77'],
    externalIPs: [],
    selector: { app: 'o' },
    ports: [{ port: 80, protocol: 'TCP' }],
  });
  const through = (to: string, namespace = 'other', address = '10.96.0.77') =>
    ask(
      state([annp('a', `{ priority: 5, ${ALL}, egress: [${rule('Drop', `toServices: [${to}]`)}] }`)], {
        services: [...world([]).services, service(namespace)],
        pods: [
          P,
          PEER,
          withPort(OTHER, 'http', 80),
          { ...OTHER, meta: meta('o2', 'default', { app: 'o' }), podIPs: ['10.0.0.99'] },
        ],
      }),
      `${address}:80`,
    ).connect.decision;

  it.each<[string, string, string, string, string]>([
    ['the Service of that namespace', '{ name: s, namespace: other }', 'other', '10.96.0.77', 'denied'],
    ['one of another namespace', '{ name: s, namespace: default }', 'other', '10.96.0.77', 'allowed'],
    ['one of another name', '{ name: t, namespace: other }', 'other', '10.96.0.77', 'allowed'],
    ["the policy's own namespace", '{ name: s }', 'default', '10.96.0.77', 'denied'],
    ["not the policy's own namespace", '{ name: s }', 'other', '10.96.0.77', 'allowed'],
    ['straight to its pod', '{ name: s, namespace: other }', 'other', '10.2.3.9', 'allowed'],
    ['of several clusters', '{ name: s, namespace: other, scope: ClusterSet }', 'other', '10.96.0.77', 'unknown'],
  ])('%s', (_, to, namespace, address, decision) => {
    expect(through(to, namespace, address)).toBe(decision);
  });

  const spaces = (own: Record<string, string>, other: Record<string, string>) => ({
    namespaces: [{ meta: meta('default', undefined, own) }, { meta: meta('other', undefined, other) }],
  });
  const same = (labels: string, more: Partial<ClusterState>, peer = '') =>
    ask(
      state([acnp('a', spec([rule('Drop', `to: [{ namespaces: { sameLabels: [${labels}] }${peer} }]`)]))], more),
      '10.2.3.9:80',
    ).connect.decision;

  it.each<[string, string, Partial<ClusterState>, string, string]>([
    ['one label alike', 'team', spaces({ team: 'x' }, { team: 'x' }), '', 'denied'],
    ['one label unlike', 'team', spaces({ team: 'x' }, { team: 'y' }), '', 'allowed'],
    ['one label that the other lacks', 'team', spaces({ team: 'x' }, {}), '', 'allowed'],
    ['one label that both lack', 'team', spaces({}, {}), '', 'allowed'],
    ['two labels alike', 'team, env', spaces({ team: 'x', env: 'p' }, { team: 'x', env: 'p' }), '', 'denied'],
    ['one of two labels unlike', 'team, env', spaces({ team: 'x', env: 'p' }, { team: 'x', env: 'q' }), '', 'allowed'],
    ['one of two labels that both lack', 'team, env', spaces({ team: 'x' }, { team: 'x' }), '', 'allowed'],
    ['no labels', '', spaces({ team: 'x' }, { team: 'x' }), '', 'allowed'],
    [
      'alike, and the pod selected',
      'team',
      spaces({ team: 'x' }, { team: 'x' }),
      ', podSelector: { matchLabels: { app: o } }',
      'denied',
    ],
    [
      'alike, and another pod selected',
      'team',
      spaces({ team: 'x' }, { team: 'x' }),
      ', podSelector: { matchLabels: { app: q } }',
      'allowed',
    ],
    [
      "the own namespace's labels not read",
      'team',
      { namespaces: [{ meta: meta('other', undefined, { team: 'x' }) }] },
      '',
      'unknown',
    ],
  ])('namespaces with the same labels: %s', (_, labels, more, peer, decision) => {
    expect(same(labels, more, peer)).toBe(decision);
  });
});

describe('groups', () => {
  const gap = (what: string, code: NotRead['code'] = 'forbidden'): NotRead => ({ what, code, reason: 'no right' });
  const asked = (groups: readonly ReturnType<typeof group>[], to = OUT, more: Partial<ClusterState> = {}) =>
    ask(
      state([acnp('a', spec([rule('Drop', 'to: [{ group: g }]')]))], {
        antrea: { tiers: [], groups },
        ...more,
      }),
      to,
    ).connect;

  it.each<[string, readonly ReturnType<typeof group>[], string, string]>([
    ['ranges', [clusterGroup('g', '{ ipBlocks: [{ cidr: 10.0.0.0/8 }, { cidr: 203.0.113.0/24 }] }')], OUT, 'denied'],
    ['other ranges', [clusterGroup('g', '{ ipBlocks: [{ cidr: 10.0.0.0/8 }] }')], OUT, 'allowed'],
    ['a missing one', [], OUT, 'allowed'],
    ['one of that name in a namespace', [group('g', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }')], OUT, 'allowed'],
    [
      'its children',
      [clusterGroup('g', '{ childGroups: [c] }'), clusterGroup('c', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }')],
      OUT,
      'denied',
    ],
    [
      'one of several children',
      [
        clusterGroup('g', '{ childGroups: [b, c] }'),
        clusterGroup('b', '{ podSelector: {} }'),
        clusterGroup('c', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }'),
      ],
      '10.2.3.9:80',
      'denied',
    ],
    [
      'children with children of their own',
      [
        clusterGroup('g', '{ childGroups: [c, d] }'),
        clusterGroup('c', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }'),
        clusterGroup('d', '{ childGroups: [c] }'),
      ],
      OUT,
      'allowed',
    ],
    ['nodes', [clusterGroup('g', '{ nodeSelector: {} }')], '10.1.1.1:80', 'denied'],
    ['nodes, and a pod is asked', [clusterGroup('g', '{ nodeSelector: {} }')], '10.2.3.9:80', 'allowed'],
    ['pods', [clusterGroup('g', '{ podSelector: { matchLabels: { app: o } } }')], '10.2.3.9:80', 'denied'],
    [
      "a Service's pods",
      [clusterGroup('g', '{ serviceReference: { name: kube-dns, namespace: kube-system } }')],
      '10.0.0.53:53',
      'denied',
    ],
    [
      'a Service that is not there',
      [clusterGroup('g', '{ serviceReference: { name: x, namespace: kube-system } }')],
      '10.0.0.53:53',
      'allowed',
    ],
  ])('%s', (_, groups, to, decision) => {
    expect(asked(groups, to).decision).toBe(decision);
  });

  it.each<[string, readonly ReturnType<typeof group>[], NotRead, string]>([
    ['a group', [], gap('antrea-clustergroups'), 'ClusterGroup g was not read: antrea-clustergroups could not be read'],
    [
      'a group, in an archive',
      [],
      gap('antrea-clustergroups', 'not_in_archive'),
      'the archive does not hold ClusterGroup g',
    ],
    [
      'a child',
      [clusterGroup('g', '{ childGroups: [c] }')],
      gap('antrea-clustergroups'),
      'ClusterGroup c was not read',
    ],
    [
      "a group's Service",
      [clusterGroup('g', '{ serviceReference: { name: x, namespace: data } }')],
      gap('services in namespace data'),
      'Service data/x was not read: services in namespace data could not be read',
    ],
  ])('%s that was not read', (_, groups, notRead, words_) => {
    expect(asked(groups, OUT, { notRead: [notRead] })).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining(words_),
    });
    expect(asked(groups, OUT, { notRead: [gap('antrea-groups')] }).decision).toBe('allowed');
  });
});
