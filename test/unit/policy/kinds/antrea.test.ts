/** Antrea's rules: tiers, priorities and rules in order, Pass to NetworkPolicy, the baseline after it, and what is relative to the pod. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { meta, np, OTHER, P, PEER, withPort } from '../world.ts';
import { ALL, ALLOWED, decided, first, OUT, one, rule, spec, state } from './antrea-world.ts';
import { acnp, annp, ask, tier } from './foreign-world.ts';

describe('rules of one policy', () => {
  it.each<[string, readonly string[], string, string]>([
    ['no rule matches: no isolation', [rule('Drop', 'to: [{ ipBlock: { cidr: 198.51.100.0/24 } }]')], OUT, ALLOWED],
    ['a drop', [rule('Drop')], OUT, first('deny')],
    ['an allow', [rule('Allow')], OUT, first('allow')],
    ['the first match counts', [rule('Allow'), rule('Drop')], OUT, first('allow')],
    [
      'the second where the first does not',
      [rule('Allow', 'to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]'), rule('Drop')],
      OUT,
      'denied | explicit_deny | a spec.egress[1]',
    ],
    [
      'ipBlock takes pods too',
      [rule('Drop', 'to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]')],
      '10.2.3.9:80',
      first('deny', '.to[0]'),
    ],
    [
      'except leaves out',
      [rule('Drop', 'to: [{ ipBlock: { cidr: 203.0.113.0/24, except: [203.0.113.0/28] } }]')],
      OUT,
      ALLOWED,
    ],
    [
      'except leaves the rest',
      [rule('Drop', 'to: [{ ipBlock: { cidr: 203.0.113.0/24, except: [203.0.113.16/28] } }]')],
      OUT,
      first('deny', '.to[0]'),
    ],
    [
      'no CIDR',
      [rule('Drop', 'to: [{ ipBlock: { cidr: x } }]')],
      OUT,
      'unknown | incomplete_state | a spec.egress[0].to[0]',
    ],
    [
      'podSelector of the clusterwide kind: everywhere',
      [rule('Drop', 'to: [{ podSelector: { matchLabels: { app: o } } }]')],
      '10.2.3.9:80',
      first('deny', '.to[0]'),
    ],
    [
      'podSelector: other pods',
      [rule('Drop', 'to: [{ podSelector: { matchLabels: { app: o } } }]')],
      '10.0.0.2:80',
      ALLOWED,
    ],
    ['podSelector: not the world', [rule('Drop', 'to: [{ podSelector: {} }]')], OUT, ALLOWED],
    [
      'namespaceSelector',
      [rule('Drop', 'to: [{ namespaceSelector: { matchLabels: { team: x } } }]')],
      '10.2.3.9:80',
      first('deny', '.to[0]'),
    ],
    [
      'namespaceSelector: another',
      [rule('Drop', 'to: [{ namespaceSelector: { matchLabels: { team: y } } }]')],
      '10.2.3.9:80',
      ALLOWED,
    ],
    [
      'both selectors',
      [
        rule(
          'Drop',
          'to: [{ podSelector: { matchLabels: { app: peer } }, namespaceSelector: { matchLabels: { team: x } } }]',
        ),
      ],
      '10.2.3.9:80',
      ALLOWED,
    ],
    [
      'serviceAccount',
      [rule('Drop', 'to: [{ serviceAccount: { name: default, namespace: other } }]')],
      '10.2.3.9:80',
      first('deny', '.to[0]'),
    ],
    [
      'serviceAccount of another namespace',
      [rule('Drop', 'to: [{ serviceAccount: { name: default, namespace: other } }]')],
      '10.0.0.2:80',
      ALLOWED,
    ],
    ['nodeSelector', [rule('Drop', 'to: [{ nodeSelector: {} }]')], '10.1.1.1:10250', first('deny', '.to[0]')],
    ['nodeSelector: not the world', [rule('Drop', 'to: [{ nodeSelector: {} }]')], OUT, ALLOWED],
    [
      'external entities',
      [rule('Drop', 'to: [{ externalEntitySelector: {} }]')],
      OUT,
      'unknown | incomplete_state | a spec.egress[0].to[0]',
    ],
    ['external entities are no pods', [rule('Drop', 'to: [{ externalEntitySelector: {} }]')], '10.0.0.2:80', ALLOWED],
    ['Self', [rule('Drop', 'to: [{ namespaces: { match: Self } }]')], '10.0.0.2:80', first('deny', '.to[0]')],
    ['Self: another namespace', [rule('Drop', 'to: [{ namespaces: { match: Self } }]')], '10.2.3.9:80', ALLOWED],
    [
      'Self and a podSelector',
      [rule('Drop', 'to: [{ namespaces: { match: Self }, podSelector: { matchLabels: { app: o } } }]')],
      '10.0.0.2:80',
      ALLOWED,
    ],
    [
      'sameLabels that the namespace lacks',
      [rule('Drop', 'to: [{ namespaces: { sameLabels: [team] } }]')],
      '10.2.3.9:80',
      ALLOWED,
    ],
    [
      'several peers are alternatives',
      [rule('Drop', 'to: [{ fqdn: a.example }, { ipBlock: { cidr: 203.0.113.0/24 } }]')],
      OUT,
      first('deny', '.to[1]'),
    ],
    [
      'a name',
      [rule('Allow', 'to: [{ fqdn: api.vendor.example }]'), rule('Drop')],
      'api.vendor.example=203.0.113.7:443',
      first('allow', '.to[0]'),
    ],
    [
      'a star crosses dots',
      [rule('Drop', 'to: [{ fqdn: "*vendor.example" }]')],
      'a.b.vendor.example=203.0.113.7:443',
      first('deny', '.to[0]'),
    ],
    [
      'a star takes nothing too',
      [rule('Drop', 'to: [{ fqdn: "*vendor.example" }]')],
      'vendor.example=203.0.113.7:443',
      first('deny', '.to[0]'),
    ],
    [
      'another name',
      [rule('Allow', 'to: [{ fqdn: "*.vendor.example" }]'), rule('Drop')],
      'vendor.example=203.0.113.7:443',
      'denied | explicit_deny | a spec.egress[1]',
    ],
    [
      'names of headless Services count',
      [rule('Drop', 'to: [{ fqdn: db.other.svc.cluster.local }]')],
      'db.other.svc.cluster.local=10.2.3.9:5432',
      first('deny', '.to[0]'),
    ],
  ])('%s', (_, rules, to, expected) => {
    expect(one(rules, to)).toBe(expected);
  });

  it.each<[string, string, string, string]>([
    ['TCP is the default', 'ports: [{ port: 443 }]', OUT, 'denied'],
    ['another protocol', 'ports: [{ port: 443 }]', `${OUT}/UDP`, 'allowed'],
    ['another port', 'ports: [{ port: 80 }]', OUT, 'allowed'],
    ['a range', 'ports: [{ port: 400, endPort: 450 }]', OUT, 'denied'],
    ['beyond the range', 'ports: [{ port: 400, endPort: 442 }]', OUT, 'allowed'],
    ['any port of a protocol', 'ports: [{ protocol: UDP }]', `${OUT}/UDP`, 'denied'],
    ['ports are alternatives', 'ports: [{ port: 80 }, { port: 443 }]', OUT, 'denied'],
    ['a source port', 'ports: [{ port: 443, sourcePort: 1024, sourceEndPort: 2048 }]', OUT, 'unknown'],
    ['a source port of another rule', 'ports: [{ port: 80, sourcePort: 1024 }]', OUT, 'allowed'],
    ['ICMP alone is no TCP', 'protocols: [{ icmp: {} }]', OUT, 'allowed'],
    ['ICMP', 'protocols: [{ icmp: {} }]', '203.0.113.7:0/ICMP', 'denied'],
    ['echo requests', 'protocols: [{ icmp: { icmpType: 8, icmpCode: 0 } }]', '203.0.113.7:0/ICMP', 'denied'],
    ['other ICMP', 'protocols: [{ icmp: { icmpType: 3 } }]', '203.0.113.7:0/ICMP', 'allowed'],
    ['IGMP is no connection', 'protocols: [{ igmp: { igmpType: 0x16 } }]', OUT, 'allowed'],
    ['ports or ICMP', 'ports: [{ port: 443 }], protocols: [{ icmp: {} }]', '203.0.113.7:0/ICMP', 'denied'],
  ])('ports: %s', (_, rest, to, expected) => {
    expect(ask(state([acnp('a', spec([rule('Drop', rest)]))]), to).connect.decision).toBe(expected);
  });

  it('looks port names up at the destination', () => {
    const pods = [P, withPort(PEER, 'http', 8080), OTHER];
    const dropped = [rule('Drop', 'ports: [{ port: http }]')];
    expect(one(dropped, '10.0.0.2:8080', { pods })).toBe(first('deny', '.ports'));
    expect(one(dropped, '10.0.0.2:80', { pods })).toBe(ALLOWED);
    expect(one(dropped, OUT, { pods })).toBe(ALLOWED);
  });

  it('compares namespaces by the labels that are asked for', () => {
    const namespaces = [
      { meta: meta('default', undefined, { team: 'x', stage: 'a' }) },
      { meta: meta('other', undefined, { team: 'x', stage: 'b' }) },
    ];
    const same = (labels: string) => [rule('Drop', `to: [{ namespaces: { sameLabels: [${labels}] } }]`)];
    expect(one(same('team'), '10.2.3.9:80', { namespaces })).toBe(first('deny', '.to[0]'));
    expect(one(same('team, stage'), '10.2.3.9:80', { namespaces })).toBe(ALLOWED);
    expect(one(same('team'), '10.2.3.9:80', { namespaces: [] })).toContain('unknown');
    const unlike = [{ meta: meta('default') }, { meta: meta('other', undefined, { team: '' }) }];
    expect(one(same('team'), '10.2.3.9:80', { namespaces: unlike })).toBe(ALLOWED);
  });

  it('means connections through the Service with toServices, not those to its pods', () => {
    const service = {
      meta: meta('api', 'other'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      selector: { app: 'o' },
      ports: [{ port: 443, protocol: 'TCP' as const, targetPort: 8443 }],
    };
    const dropped = [rule('Drop', 'toServices: [{ name: api, namespace: other }]')];
    const services = { services: [service], backends: [] };
    expect(one(dropped, '10.96.0.1:443', services)).toBe(first('deny', '.toServices[0]'));
    expect(one(dropped, '10.2.3.9:8443', services)).toBe(ALLOWED);
    expect(one([rule('Drop', 'toServices: [{ name: web, namespace: other }]')], '10.96.0.1:443', services)).toBe(
      ALLOWED,
    );
    const remote = [rule('Drop', 'toServices: [{ name: api, namespace: other, scope: ClusterSet }]')];
    expect(one(remote, OUT, services)).toContain('unknown');
  });

  it('answers a reject, and says so', () => {
    const { connect } = ask(state([acnp('a', spec([rule('Reject')]))]), OUT);
    expect(connect.explanation).toBe(
      'ClusterNetworkPolicy.crd.antrea.io a spec.egress[0] (any destination on all ports) denies 443/TCP to 203.0.113.7, outside the cluster; it is the first rule of Antrea tier "application" that matches, and the engine answers with a refusal.',
    );
  });

  it('says that requests are looked into where l7Protocols are set', () => {
    const http = [rule('Allow', 'l7Protocols: [{ http: { method: GET } }]')];
    expect(ask(state([acnp('a', spec(http))]), OUT).assumptions).toContain(
      'HTTP or other L7 rules apply to the connection and are not evaluated: a request they do not list is cut off',
    );
  });
});

describe('order', () => {
  const at = (name: string, priority: number, action: string, more = '') =>
    acnp(name, `{ priority: ${priority}, ${ALL}${more}, egress: [${rule(action)}] }`);
  const tiers = (...list: readonly (readonly [string, number])[]) => ({
    antrea: { groups: [], tiers: list.map(([name, priority]) => tier(name, priority)) },
  });

  it.each<[string, readonly Policy[], string]>([
    [
      'low priority numbers first',
      [at('late', 9, 'Drop'), at('soon', 2, 'Allow')],
      'allowed | allowed_by_rule | soon spec.egress[0]',
    ],
    [
      'fractions count',
      [at('late', 5.5, 'Drop'), at('soon', 5.4, 'Allow')],
      'allowed | allowed_by_rule | soon spec.egress[0]',
    ],
    [
      'the tier before the priority',
      [at('app', 1, 'Allow'), at('sec', 9, 'Drop', ', tier: securityops')],
      'denied | explicit_deny | sec spec.egress[0]',
    ],
    [
      'emergency before securityops',
      [at('sec', 1, 'Allow', ', tier: securityops'), at('em', 9, 'Drop', ', tier: emergency')],
      'denied | explicit_deny | em spec.egress[0]',
    ],
    [
      'no tier is application',
      [at('plat', 9, 'Allow', ', tier: platform'), at('none', 1, 'Drop')],
      'allowed | allowed_by_rule | plat spec.egress[0]',
    ],
    [
      'both kinds stand in one order',
      [at('c', 9, 'Drop'), annp('n', `{ priority: 2, ${ALL}, egress: [${rule('Allow')}] }`)],
      'allowed | allowed_by_rule | n spec.egress[0]',
    ],
    [
      'equals that disagree',
      [at('x', 5, 'Drop'), at('y', 5, 'Allow')],
      'unknown | incomplete_state | x spec.egress[0] | y spec.egress[0]',
    ],
    ['equals that agree', [at('x', 5, 'Drop'), at('y', 5, 'Reject')], 'denied | explicit_deny | x spec.egress[0]'],
    [
      'equal policies, rules of another rank',
      [
        acnp(
          'x',
          `{ priority: 5, ${ALL}, egress: [${rule('Drop', 'to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]')}, ${rule('Drop')}] }`,
        ),
        at('y', 5, 'Allow'),
      ],
      'allowed | allowed_by_rule | y spec.egress[0]',
    ],
  ])('%s', (_, policies, expected) => {
    expect(decided(policies)).toBe(expected);
  });

  it('places tiers of the users by their priority', () => {
    const policies = [at('mine', 9, 'Drop', ', tier: mine'), at('sec', 1, 'Allow', ', tier: securityops')];
    expect(decided(policies, OUT, tiers(['mine', 60]))).toContain('denied | explicit_deny | mine');
    expect(decided(policies, OUT, tiers(['mine', 120]))).toContain('allowed | allowed_by_rule | sec');
  });

  it('takes a tier that does not exist for the default one, and an unread one for unknown', () => {
    const policies = [at('gone', 9, 'Drop', ', tier: gone'), at('plat', 9, 'Allow', ', tier: platform')];
    expect(decided(policies, OUT, tiers(['mine', 60]))).toContain('allowed | allowed_by_rule | plat');
    const notRead = [{ what: 'antrea-tiers', code: 'forbidden' as const, reason: 'no' }];
    expect(decided(policies, OUT, { notRead })).toContain('unknown');
  });

  describe('around NetworkPolicy', () => {
    const open = np('open', { policyTypes: ['Egress'], egress: [{}] });
    const closed = np('closed', { policyTypes: ['Egress'] });
    const base = (action: string) => at('base', 5, action, ', tier: baseline');
    it.each<[string, readonly Policy[], string]>([
      ['an allow before it counts', [at('a', 5, 'Allow'), closed], 'allowed | allowed_by_rule | a spec.egress[0]'],
      ['a drop before it counts', [at('a', 5, 'Drop'), open], 'denied | explicit_deny | a spec.egress[0]'],
      ['Pass goes to it', [at('a', 5, 'Pass'), closed], 'denied | default_deny'],
      [
        'Pass skips later tiers',
        [at('a', 1, 'Pass', ', tier: emergency'), at('b', 1, 'Drop'), open],
        'allowed | allowed_by_rule | open spec.egress[0]',
      ],
      [
        'Pass without one: the baseline',
        [at('a', 1, 'Pass', ', tier: emergency'), at('b', 1, 'Allow'), base('Drop')],
        'denied | explicit_deny | base spec.egress[0]',
      ],
      ['the baseline comes last', [base('Drop'), open], 'allowed | allowed_by_rule | open spec.egress[0]'],
      ['the baseline lifts no isolation', [base('Allow'), closed], 'denied | default_deny'],
      ['the baseline without NetworkPolicy', [base('Drop')], 'denied | explicit_deny | base spec.egress[0]'],
    ])('%s', (_, policies, expected) => {
      expect(decided(policies)).toBe(expected);
    });

    it('isolates by NetworkPolicy alone', () => {
      const evaluation = ask(state([at('a', 5, 'Pass'), closed]), OUT);
      expect(evaluation.isolatedBy.map((ref) => ref.name)).toEqual(['closed']);
    });
  });
});
