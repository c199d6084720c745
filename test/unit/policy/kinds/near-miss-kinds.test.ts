/** Near misses in kinds of other engines: found like Cilium's, without a change that cannot be made and without a claim about Cilium. */
import { describe, expect, it } from 'vitest';
import type { Evaluation, NearMiss } from '../../../../src/core/model/evaluation.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { np, P, select } from '../world.ts';
import { calico, globalCalico, onCalico, tier } from './calico-world.ts';
import { acnp, annp, ask, firewall, fqdnPolicy, on } from './foreign-world.ts';

const TO = 'files.vendor.example=203.0.113.10:443';
const DENY = '{ type: Deny, to: { cidrSelector: 0.0.0.0/0 } }';
const rules = (...list: string[]) => on('ovn-kubernetes', [firewall(`egress: [${[...list, DENY].join()}]`)]);
const name = (dnsName: string, port = '') => `{ type: Allow, to: { dnsName: "${dnsName}" }${port} }`;
const to = { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' } as const;
const ports80 = 'ports: [{ protocol: TCP, port: 80 }]';
const antrea = (egress: string) => `{ priority: 5, appliedTo: [{ podSelector: {} }], egress: [${egress}] }`;
const CALICO =
  '{ types: [Egress], egress: [{ action: Allow, protocol: TCP, destination: { nets: [203.0.113.0/24], ports: [80] } }] }';

function told({ nearMisses }: Evaluation): readonly NearMiss['kind'][] {
  for (const { change, statement } of nearMisses) {
    expect(change).toBeUndefined();
    expect(statement).not.toContain('Cilium');
  }
  return nearMisses.map(({ kind }) => kind);
}

describe('an ordered list that ends in a deny', () => {
  it.each<[string, string[], NearMiss['kind'][]]>([
    ['a slip in a name', [name('fles.vendor.example')], ['name_similar']],
    ['a sibling', [name('api.vendor.example')], ['same_rule_family']],
    ['the domain below a star', [name('*.files.vendor.example')], ['wildcard_depth']],
    ['another port', [name('files.vendor.example', `, ${ports80}`)], ['port_missing']],
    ['an unrelated name', [name('login.idp.example')], []],
  ])('%s', (_, list, kinds) => {
    expect(told(ask(rules(...list), TO))).toEqual(kinds);
  });
  it('what stands behind the deny was not asked', () => {
    const state = on('ovn-kubernetes', [firewall(`egress: [${DENY}, ${name('fles.vendor.example')}]`)]);
    expect(told(ask(state, TO))).toEqual([]);
  });
  it('an allow behind the deny is beaten by it', () => {
    const found = ask(on('ovn-kubernetes', [firewall(`egress: [${DENY}, ${name('files.vendor.example')}]`)]), TO);
    expect(told(found)).toEqual(['deny_wins']);
    expect(found.nearMisses[0]?.statement).toMatch(/denies it and comes first in/);
  });
});

describe('the other kinds', () => {
  it.each<[string, Evaluation, NearMiss['kind'][]]>([
    ['Calico: another port', evaluateEgress(onCalico([calico('c', CALICO)]), P, to), ['port_missing']],
    [
      'Antrea: a name of the same domain',
      ask(
        on('antrea', [annp('a', antrea('{ action: Allow, to: [{ fqdn: api.vendor.example }] }, { action: Drop }'))]),
        TO,
      ),
      ['dns_rule_missing', 'same_rule_family'],
    ],
    [
      'Antrea: a policy for the whole cluster',
      ask(on('antrea', [acnp('a', antrea('{ action: Drop }, { action: Allow }'))]), TO),
      ['deny_wins'],
    ],
    [
      'GKE: a name of the same domain',
      ask(
        on('gke-dataplane-v2', [
          fqdnPolicy(
            'f',
            '{ podSelector: {}, egress: [{ matches: [{ name: api.vendor.example }], ports: [{ protocol: TCP, port: 443 }] }] }',
          ),
        ]),
        TO,
      ),
      ['same_rule_family'],
    ],
  ])('%s', (_, evaluation, kinds) => {
    expect(told(evaluation)).toEqual(kinds);
  });
});

describe('a policy of a later layer is no near miss of what an earlier one decides', () => {
  const kindsOf = (evaluation: Evaluation) => evaluation.nearMisses.map(({ kind }) => kind);
  const isolating = np('i', { policyTypes: ['Egress'] });

  it('a rule for DNS behind a tier that denies DNS', () => {
    const tiered = (tier: string) =>
      acnp('a', `{ priority: 5, tier: ${tier}, appliedTo: [{ podSelector: {} }], egress: [{ action: Drop }] }`);
    expect(kindsOf(ask(on('antrea', [isolating]), TO))).toEqual(['dns_rule_missing']);
    expect(kindsOf(ask(on('antrea', [tiered('baseline'), isolating]), TO))).toEqual(['dns_rule_missing']);
    expect(kindsOf(ask(on('antrea', [tiered('securityops'), isolating]), TO))).toEqual([]);
  });
  it('a NetworkPolicy for other pods behind a tier that drops', () => {
    const meant = np('n', { podSelector: select({ app: 'pp' }), egress: [{}] });
    const first = globalCalico('g', 'tier: t1\ntypes: [Egress]\negress: []');
    const facts = { tiers: [tier('t1', 50), tier('default', 1_000_000)] };
    expect(kindsOf(evaluateEgress(onCalico([meant, isolating]), P, to))).toEqual(['pod_not_selected']);
    expect(kindsOf(evaluateEgress(onCalico([meant, isolating, first], facts), P, to))).toEqual([]);
  });
  it('nor is one of what a firewall denies', () => {
    const meant = np('n', { podSelector: select({ app: 'pp' }), egress: [{}] });
    const state = on('ovn-kubernetes', [meant, firewall(`egress: [${DENY}]`)]);
    expect(kindsOf(evaluateEgress(state, P, to))).toEqual([]);
  });
});

it('a NetworkPolicy on such an engine carries its change', () => {
  const policy = np('n', {
    podSelector: select({ app: 'pp' }),
    egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }],
  });
  const isolating = np('i', { policyTypes: ['Egress'] });
  const { nearMisses } = evaluateEgress(on('kube-router', [policy, isolating]), P, to);
  expect(nearMisses).toMatchObject([
    { kind: 'pod_not_selected', change: { path: ['spec', 'podSelector', 'matchLabels', 'app'], value: 'p' } },
  ]);
});
