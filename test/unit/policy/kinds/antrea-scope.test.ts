/** Whom Antrea's policies apply to and mean: appliedTo of policies and rules, groups, and who enforces them. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import { meta, OTHER, PEER, pod } from '../world.ts';
import { ALL, ALLOWED, decided, first, OUT, one, rule, spec, state } from './antrea-world.ts';
import { acnp, annp, ask, clusterGroup, group, on, verdict } from './foreign-world.ts';

describe('appliedTo', () => {
  const applied = (entry: string, more: Partial<ClusterState> = {}) =>
    decided([acnp('a', `{ priority: 5, appliedTo: [${entry}], egress: [${rule('Drop')}] }`)], OUT, more).split(' ')[0];
  const groups = (...list: ReturnType<typeof group>[]) => ({ antrea: { tiers: [], groups: list } });

  it.each<[string, string, string]>([
    ['pods everywhere', '{ podSelector: { matchLabels: { app: p } } }', 'denied'],
    ['other pods', '{ podSelector: { matchLabels: { app: q } } }', 'allowed'],
    ['a namespace', '{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: default } } }', 'denied'],
    ['another namespace', '{ namespaceSelector: { matchLabels: { team: x } } }', 'allowed'],
    ['a service account', '{ serviceAccount: { name: default, namespace: default } }', 'denied'],
    ['another service account', '{ serviceAccount: { name: ci, namespace: default } }', 'allowed'],
    ['nodes are no pods', '{ nodeSelector: {} }', 'allowed'],
    ['a Service is for ingress', '{ service: { name: web, namespace: default } }', 'allowed'],
    ['any of several', '{ podSelector: { matchLabels: { app: q } } }, { podSelector: {} }', 'denied'],
    ['a group that does not exist', '{ group: gone }', 'allowed'],
  ])('%s', (_, entry, expected) => {
    expect(applied(entry)).toBe(expected);
  });

  it.each<[string, readonly ReturnType<typeof group>[], string]>([
    ['pods', [clusterGroup('g', '{ podSelector: { matchLabels: { app: p } } }')], 'denied'],
    ['other pods', [clusterGroup('g', '{ podSelector: { matchLabels: { app: q } } }')], 'allowed'],
    ['addresses are no pods', [clusterGroup('g', '{ ipBlocks: [{ cidr: 0.0.0.0/0 }] }')], 'allowed'],
    ['a namespaced Group of the name', [group('g', '{ podSelector: {} }')], 'allowed'],
    ['children', [clusterGroup('g', '{ childGroups: [c] }'), clusterGroup('c', '{ podSelector: {} }')], 'denied'],
    [
      'children of children',
      [
        clusterGroup('g', '{ childGroups: [c] }'),
        clusterGroup('c', '{ childGroups: [d] }'),
        clusterGroup('d', '{ podSelector: {} }'),
      ],
      'allowed',
    ],
    ['a circle', [clusterGroup('g', '{ childGroups: [g] }')], 'allowed'],
    [
      'the pods of a Service',
      [clusterGroup('g', '{ serviceReference: { name: kube-dns, namespace: kube-system } }')],
      'allowed',
    ],
  ])('a ClusterGroup: %s', (_, list, expected) => {
    expect(applied('{ group: g }', groups(...list))).toBe(expected);
  });

  it('leaves an unread group open', () => {
    const notRead = [{ what: 'antrea-clustergroups', code: 'forbidden' as const, reason: 'no' }];
    expect(applied('{ group: g }', { notRead })).toBe('unknown');
    const archive = [{ what: 'antrea-clustergroups', code: 'not_in_archive' as const, reason: 'no' }];
    expect(applied('{ group: g }', { notRead: archive })).toBe('unknown');
  });

  describe('of single rules', () => {
    const each = `{ priority: 5, egress: [
      { action: Allow, appliedTo: [{ podSelector: { matchLabels: { app: q } } }] },
      { action: Drop, appliedTo: [{ podSelector: { matchLabels: { app: p } } }] } ] }`;
    it('leaves out the rules of other pods', () => {
      expect(decided([acnp('a', each)])).toBe('denied | explicit_deny | a spec.egress[1]');
      const q = pod('q', 'default', '10.0.0.9');
      expect(verdict(ask(state([acnp('a', each)]), OUT, q))).toBe('allowed | allowed_by_rule | a spec.egress[0]');
      expect(verdict(ask(state([acnp('a', each)]), OUT, PEER))).toBe(ALLOWED);
    });

    it('forks where it cannot be told whom a rule takes', () => {
      const half = each.replace('{ podSelector: { matchLabels: { app: q } } }', '{ group: g }');
      const notRead = [{ what: 'antrea-clustergroups', code: 'forbidden' as const, reason: 'no' }];
      expect(decided([acnp('a', half)], OUT, { notRead })).toContain('unknown');
      const alike = half.replace('Allow', 'Reject');
      expect(decided([acnp('a', alike)], OUT, { notRead })).toContain('denied | explicit_deny');
    });
  });

  it('is of one namespace in the namespaced kind', () => {
    const mine = annp('a', `{ priority: 5, ${ALL}, egress: [${rule('Drop', 'to: [{ podSelector: {} }]')}] }`);
    expect(decided([mine], '10.0.0.2:80')).toBe(first('deny', '.to[0]'));
    expect(decided([mine], '10.2.3.9:80')).toBe(ALLOWED);
    expect(verdict(ask(state([mine]), '10.0.0.2:80', OTHER))).toBe(ALLOWED);
  });

  it('voids a namespaced policy whose Group takes pods of other namespaces', () => {
    const mine = annp('a', `{ priority: 5, appliedTo: [{ group: g }], egress: [${rule('Drop')}] }`);
    expect(decided([mine], OUT, groups(group('g', '{ podSelector: {} }')))).toBe(first('deny'));
    expect(decided([mine], OUT, groups(group('g', '{ namespaceSelector: {} }')))).toBe(ALLOWED);
  });

  it.each<[string, string]>([
    ['no appliedTo', `{ priority: 5, egress: [${rule('Drop')}] }`],
    ['in one rule only', `{ priority: 5, egress: [{ action: Drop, ${ALL} }, ${rule('Drop')}] }`],
    ['no such action', `{ priority: 5, ${ALL}, egress: [${rule('Deny')}] }`],
  ])('what the API refuses is not in force: %s', (_, text) => {
    expect(decided([acnp('a', text)])).toBe(ALLOWED);
  });
});

describe('groups as peers', () => {
  const to = (list: readonly ReturnType<typeof group>[], where: string) =>
    one([rule('Drop', 'to: [{ group: g }]')], where, { antrea: { tiers: [], groups: list } });

  it.each<[string, readonly ReturnType<typeof group>[], string, string]>([
    ['addresses', [clusterGroup('g', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }')], OUT, first('deny', '.to[0]')],
    ['the older spelling', [clusterGroup('g', '{ ipBlock: { cidr: 203.0.113.0/24 } }')], OUT, first('deny', '.to[0]')],
    [
      'pods',
      [clusterGroup('g', '{ podSelector: { matchLabels: { app: o } } }')],
      '10.2.3.9:80',
      first('deny', '.to[0]'),
    ],
    ['nodes', [clusterGroup('g', '{ nodeSelector: {} }')], '10.1.1.1:80', first('deny', '.to[0]')],
    [
      'a Service',
      [clusterGroup('g', '{ serviceReference: { name: kube-dns, namespace: kube-system } }')],
      '10.0.0.53:9153',
      first('deny', '.to[0]'),
    ],
    [
      'a Service that does not exist',
      [clusterGroup('g', '{ serviceReference: { name: x, namespace: y } }')],
      '10.0.0.53:9153',
      ALLOWED,
    ],
    [
      'children of both sorts',
      [
        clusterGroup('g', '{ childGroups: [a, b] }'),
        clusterGroup('a', '{ podSelector: { matchLabels: { app: x } } }'),
        clusterGroup('b', '{ ipBlocks: [{ cidr: 203.0.113.0/24 }] }'),
      ],
      OUT,
      first('deny', '.to[0]'),
    ],
    ['none: nothing, not everything', [], OUT, ALLOWED],
  ])('%s', (_, list, where, expected) => {
    expect(to(list, where)).toBe(expected);
  });
});

it('a Service without selector stands for no pod', () => {
  const bare = {
    meta: meta('bare', 'other'),
    type: 'ClusterIP',
    clusterIPs: [],
    externalIPs: [],
    selector: {},
    ports: [],
  };
  const g = clusterGroup('g', '{ serviceReference: { name: bare, namespace: other } }');
  const more = { services: [bare], antrea: { tiers: [], groups: [g] } };
  expect(one([rule('Drop', 'to: [{ group: g }]')], '10.2.3.9:80', more)).toBe(ALLOWED);
});

describe('enforcement', () => {
  const drop = acnp('a', spec([rule('Drop')]));
  it.each([
    ['antrea', 'denied'],
    ['cilium', 'allowed'],
    ['calico', 'allowed'],
    ['unknown', 'denied'],
  ] as const)('%s: %s', (cni, expected) => {
    expect(ask(on(cni, [drop]), OUT).decision).toBe(expected);
  });

  it('leaves the answer open where the policies could not be read', () => {
    const notRead = [{ what: 'antrea clusternetworkpolicies', code: 'forbidden' as const, reason: 'no' }];
    expect(ask(state([], { notRead }), OUT).decision).toBe('unknown');
    expect(ask(on('calico', [], { notRead }), OUT).decision).toBe('allowed');
  });
});
