/** Which engine takes which administrators' kind, and what Cilium and Calico make of them where they leave the API's text. */
import { describe, expect, it } from 'vitest';
import type { CniName, EngineFacts } from '../../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { enforcementOf } from '../../../../src/core/policy/engine/enforcement.ts';
import { selectingPolicies } from '../../../../src/core/policy/selecting.ts';
import { cnp, dnsRule, meta, np, P, ports } from '../world.ts';
import { anp, answer, ask, banp, cilium, kcnp, OVN, on } from './admin-world.ts';
import { acnp } from './foreign-world.ts';

const ANY = '{networks: [0.0.0.0/0]}';
const NET = '{networks: [203.0.113.0/24]}';
const W = '203.0.113.10:443';
const denyAll = `[{action: Deny, to: [${ANY}]}]`;
const acceptNet = `[{action: Accept, to: [${NET}]}]`;
const isolating = np('deny-all', { policyTypes: ['Egress'] });

const KCNP = 'ClusterNetworkPolicy.policy.networking.k8s.io';
type Kind = 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | typeof KCNP;

function engine(cni: CniName, version?: string, config?: Record<string, string>): EngineFacts {
  return { cni, ...(version !== undefined && { version }), ...(config && { config }), seenBy: 'test' };
}

const ON = { 'enable-k8s-cluster-network-policy': 'true' };
const gates = (text: string) => ({ 'antrea-controller.conf': `featureGates:\n  ${text}\n` });

describe('who enforces them', () => {
  it.each<[EngineFacts, Kind, string, string]>([
    [engine('cilium', '1.20.2', ON), 'AdminNetworkPolicy', 'no', 'Cilium does not enforce AdminNetworkPolicy'],
    [engine('cilium', '1.20.2', ON), 'BaselineAdminNetworkPolicy', 'no', 'Cilium does not'],
    [engine('cilium', '1.20.2', ON), KCNP, 'yes', ''],
    [engine('cilium', '1.20.2', {}), KCNP, 'no', 'off, which is its default'],
    [engine('cilium', '1.20.2'), KCNP, 'unknown', 'cilium-config was not read'],
    [engine('cilium', '1.19.5', ON), KCNP, 'no', 'Cilium 1.19.5 does not know'],
    [engine('cilium', undefined, ON), KCNP, 'unknown', 'version of Cilium was not read'],
    [engine('cilium', undefined, {}), KCNP, 'no', 'default'],
    [engine('gke-dataplane-v2', '1.16.0'), KCNP, 'unknown', '1.36.0-gke.4447000'],
    [engine('gke-dataplane-v2', '1.16.0'), 'AdminNetworkPolicy', 'no', 'GKE Dataplane V2'],
    [engine('calico', '3.28.1'), 'AdminNetworkPolicy', 'no', 'from 3.29'],
    [engine('calico', '3.29.0'), 'AdminNetworkPolicy', 'yes', ''],
    [engine('calico', '3.29.0'), 'BaselineAdminNetworkPolicy', 'no', 'from 3.30'],
    [engine('calico', '3.31.2'), 'BaselineAdminNetworkPolicy', 'yes', ''],
    [engine('calico', '3.32.0'), 'AdminNetworkPolicy', 'no', 'no longer takes'],
    [engine('calico', '3.31.2'), KCNP, 'no', 'from 3.32'],
    [engine('calico', '3.32.0'), KCNP, 'yes', ''],
    [engine('calico'), KCNP, 'unknown', 'version of Calico'],
    [engine('antrea', '2.4.0'), 'AdminNetworkPolicy', 'unknown', 'feature gates were not read'],
    [engine('antrea', '2.4.0', gates('AdminNetworkPolicy: true')), 'AdminNetworkPolicy', 'yes', ''],
    [engine('antrea', '2.4.0', gates('# AdminNetworkPolicy: false')), 'BaselineAdminNetworkPolicy', 'no', 'default'],
    [engine('antrea', '2.4.0', gates('AllAlpha: true')), 'AdminNetworkPolicy', 'yes', ''],
    [engine('antrea', '2.4.0', gates('AllAlpha: true')), KCNP, 'unknown', 'feature gate'],
    [engine('ovn-kubernetes'), 'AdminNetworkPolicy', 'unknown', '--enable-admin-network-policy'],
    [engine('kube-network-policies'), 'AdminNetworkPolicy', 'unknown', 'only where it was installed with them'],
    [engine('aws-vpc-cni', '1.21.1'), KCNP, 'no', 'aws-vpc-cni'],
    [engine('kindnet', '1.9.0'), 'AdminNetworkPolicy', 'no', 'kindnet'],
    [engine('flannel'), 'AdminNetworkPolicy', 'no', 'flannel'],
    [engine('unknown'), 'AdminNetworkPolicy', 'unknown', 'not recognised'],
  ])('%o takes %s: %s', (facts, kind, enforced, why) => {
    const answered = enforcementOf(kind, on(facts, []));
    expect([answered.enforced, answered.why]).toEqual([enforced, expect.stringContaining(why)]);
  });

  it('GKE by the version of a node', () => {
    const nodes = (kubeletVersion: string) => [{ meta: meta('n1'), addresses: ['10.1.1.9'], kubeletVersion }];
    const taken = (version: string) =>
      enforcementOf(KCNP, on(engine('gke-dataplane-v2'), [], { nodes: nodes(version) })).enforced;
    expect(['v1.36.0-gke.4447000', 'v1.37.1-gke.100', 'v1.36.0-gke.4446999', 'v1.35.9-gke.9999999'].map(taken)).toEqual(
      ['yes', 'yes', 'unknown', 'unknown'],
    );
  });
  it('OVN-Kubernetes by the status it writes', () => {
    const written = on(OVN, [anp('a', denyAll)]);
    expect(enforcementOf('AdminNetworkPolicy', written).enforced).toBe('yes');
    expect(enforcementOf('BaselineAdminNetworkPolicy', written).enforced).toBe('unknown');
  });
  it('a policy nobody enforces decides nothing and is named', () => {
    const state = on(cilium(19), [anp('fence', denyAll), kcnp('later', denyAll)]);
    expect(answer(state, W)).toBe('allowed not_isolated');
    const [first, second] = selectingPolicies(state, P);
    expect(first).toMatchObject({ valid: false, invalidReason: 'Cilium does not enforce AdminNetworkPolicy' });
    expect(second).toMatchObject({ valid: false, invalidReason: expect.stringContaining('from 1.20') });
    expect(ask(state, W).assumptions).toContain(
      'AdminNetworkPolicy is left out: Cilium does not enforce AdminNetworkPolicy',
    );
  });
  it('one that may be enforced leaves the answer open, with the reason', () => {
    const state = on(engine('unknown'), [anp('fence', denyAll)]);
    expect(ask(state, W).connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('whether it is enforced cannot be told'),
    });
  });
  it('does not take other kinds for a sign of Cilium', () => {
    expect(ask(on(engine('unknown'), [banp(denyAll)]), W).assumptions.join()).not.toContain('Cilium is assumed');
  });
});

const FROM = 'spec.egress[0].to[0].networks[0]';
const world20 = (policies: readonly Policy[], config = {}) => on(cilium(20, config), policies);
const cnpWorld = cnp('world', { egress: [{ toEntities: ['world'] }] });
const cnpDeny = cnp('never', { egressDeny: [{ toEntities: ['world'] }] });

describe('Cilium 1.20', () => {
  it.each<[string, readonly Policy[], string]>([
    ['admin deny beats a CNP allow', [kcnp('a', denyAll), cnpWorld], `denied explicit_deny ${FROM}`],
    ['admin accept beats a CNP deny', [kcnp('a', acceptNet), cnpDeny], `allowed allowed_by_rule ${FROM}`],
    [
      'an accept alone isolates nobody',
      [kcnp('a', '[{action: Accept, to: [{networks: [198.51.100.0/24]}]}]')],
      'allowed not_isolated',
    ],
    [
      'pass, then a CNP deny',
      [kcnp('a', `[{action: Pass, to: [${NET}]}]`), cnpDeny],
      'denied explicit_deny spec.egressDeny[0].toEntities[0]',
    ],
    [
      'pass then deny of the same peer',
      [kcnp('a', `[{action: Pass, to: [${ANY}]}, {action: Deny, to: [${ANY}]}]`)],
      'allowed not_isolated',
    ],
    ['equal priority: deny', [kcnp('a', acceptNet), kcnp('b', denyAll)], `denied explicit_deny ${FROM}`],
    [
      'equal priority: the first rules meet first, then the second ones',
      [
        kcnp('a', `[{action: Pass, to: [{networks: [198.51.100.0/24]}]}, {action: Deny, to: [${ANY}]}]`),
        kcnp('b', acceptNet),
      ],
      `allowed allowed_by_rule ${FROM}`,
    ],
    [
      'a baseline accept beats an isolating NetworkPolicy',
      [isolating, kcnp('b', acceptNet, { tier: 'Baseline' })],
      `allowed allowed_by_rule ${FROM}`,
    ],
    [
      'a baseline deny loses to a CNP allow',
      [kcnp('b', denyAll, { tier: 'Baseline' }), cnpWorld],
      'allowed allowed_by_rule spec.egress[0].toEntities[0]',
    ],
    [
      'isolated, and no tier allows',
      [isolating, kcnp('b', '[{action: Accept, to: [{networks: [198.51.100.0/24]}]}]', { tier: 'Baseline' })],
      'denied default_deny',
    ],
    [
      'an admin pass of an isolated pod',
      [isolating, kcnp('a', `[{action: Pass, to: [${ANY}]}]`)],
      'denied default_deny',
    ],
  ])('%s', (_, policies, expected) => {
    expect(answer(world20(policies), W)).toBe(expected);
    expect(answer(world20(policies.toReversed()), W)).toBe(expected);
  });

  it('networks miss pods and nodes unless policy-cidr-match-mode says otherwise', () => {
    const policies = [kcnp('a', '[{action: Deny, to: [{networks: [10.0.0.0/8]}]}]')];
    expect(answer(world20(policies), '10.0.0.2:80')).toBe('allowed not_isolated');
    expect(answer(world20(policies), '10.1.1.1:80')).toBe('allowed not_isolated');
    const full = world20(policies, { 'policy-cidr-match-mode': 'pods,nodes' });
    expect(answer(full, '10.0.0.2:80')).toBe(`denied explicit_deny ${FROM}`);
    expect(answer(full, '10.1.1.1:80')).toBe(`denied explicit_deny ${FROM}`);
  });
  it('nodes need node selector labels, else the whole object is refused', () => {
    const policies = [
      kcnp('a', `[{action: Deny, to: [${NET}]}, {action: Deny, to: [{nodes: {matchLabels: {zone: a}}}]}]`),
    ];
    expect(answer(world20(policies), W)).toBe('allowed not_isolated');
    expect(selectingPolicies(world20(policies), P)[0]?.invalidReason).toContain('enable-node-selector-labels');
    const on20 = world20(policies, { 'enable-node-selector-labels': 'true' });
    expect(answer(on20, W)).toBe(`denied explicit_deny ${FROM}`);
    expect(answer(on20, '10.1.1.1:80')).toBe('denied explicit_deny spec.egress[1].to[0]');
    expect(answer(on20, '10.1.1.9:80')).toBe('allowed not_isolated');
  });
  it('an edited object that is refused may still be in force as it was', () => {
    const policies = [kcnp('a', '[{action: Deny, to: [{nodes: {}}]}]', { generation: 4 })];
    expect(ask(world20(policies), W).connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('before its last edit'),
    });
  });
  it.each([
    ['[{action: Deny, to: [{domainNames: [a.vendor.example]}]}]', {}, 'only Accept may have them'],
    ['[{action: Accept, to: [{domainNames: [a.vendor.example]}]}]', { 'enable-l7-proxy': 'false' }, 'enable-l7-proxy'],
  ])('refuses %s', (egress, config, reason) => {
    expect(selectingPolicies(world20([kcnp('a', egress)], config), P)[0]?.invalidReason).toContain(reason);
  });
  it('protocols: a port, a range, a whole protocol, a name', () => {
    const rule = (protocols: string) => [
      kcnp('a', `[{action: Deny, to: [{namespaces: {}}], protocols: [${protocols}]}]`),
    ];
    const denied = (protocols: string, destination: string) =>
      ask(world20(rule(protocols)), destination).connect.decision === 'denied';
    expect(denied('{tcp: {destinationPort: {number: 443}}}', '10.2.3.4:443')).toBe(true);
    expect(denied('{tcp: {destinationPort: {number: 443}}}', '10.2.3.4:443/UDP')).toBe(false);
    expect(denied('{udp: {destinationPort: {range: {start: 400, end: 500}}}}', '10.2.3.4:450/UDP')).toBe(true);
    expect(denied('{udp: {destinationPort: {range: {start: 400, end: 500}}}}', '10.2.3.4:501/UDP')).toBe(false);
    expect(denied('{tcp: {}}', '10.2.3.4:9')).toBe(true);
    expect(denied('{sctp: {}}', '10.2.3.4:9')).toBe(false);
    expect(denied('{destinationNamedPort: HTTPS}', '10.2.3.4:443')).toBe(true);
    expect(denied('{destinationNamedPort: https}', '10.0.0.2:443')).toBe(false);
  });
});

describe('domainNames on Cilium 1.20', () => {
  const names = (list: string, name = 'names') => kcnp(name, `[{action: Accept, to: [{domainNames: [${list}]}]}]`);
  const at = (host: string) => `${host}@203.0.113.10:443`;

  it('a leading star takes any number of labels, and the lookups are let through too', () => {
    const state = world20([isolating, names('"*.vendor.example"')]);
    for (const host of ['a.vendor.example', 'b.a.vendor.example']) {
      const { decision, lookup, connect } = ask(state, at(host));
      expect([decision, lookup.decision, connect.decision]).toEqual(['allowed', 'allowed', 'allowed']);
      expect(connect.decidedBy[0]).toMatchObject({
        path: 'spec.egress[0].to[0].domainNames[0]',
        text: 'domainNames "*.vendor.example" on all ports',
      });
    }
    const apex = ask(state, at('vendor.example'));
    expect([apex.lookup.reason, apex.connect.decision]).toEqual(['dns_name_refused', 'denied']);
  });
  it('the lookup rule wants ports named dns and dns-tcp at the DNS pods', () => {
    const state = world20([isolating, names('a.vendor.example')]);
    const plain = state.pods.map((one) => ({ ...one, containers: one.containers.map((c) => ({ ...c, ports: [] })) }));
    expect(ask({ ...state, pods: plain }, at('a.vendor.example')).lookup).toMatchObject({
      decision: 'denied',
      reason: 'default_deny',
    });
  });
  it('without default deny the proxy lets other names pass', () => {
    const { lookup, connect } = ask(world20([names('a.vendor.example')]), at('other.example'));
    expect([lookup.decision, connect.decision]).toEqual(['allowed', 'allowed']);
  });
  it("only the first rule's names count for lookups, those of a later one and of a CNP are refused", () => {
    const own = cnp('own', {
      egress: [dnsRule([{ matchName: 'c.vendor.example' }]), { toPorts: [{ ports: ports('443/TCP') }] }],
    });
    const two = kcnp(
      'two',
      '[{action: Accept, to: [{domainNames: [a.vendor.example]}]}, {action: Accept, to: [{domainNames: [b.vendor.example]}]}]',
    );
    const state = world20([own, two]);
    const lookup = (host: string) => ask(state, at(host)).lookup.reason;
    expect(['a', 'b', 'c'].map((name) => lookup(`${name}.vendor.example`))).toEqual([
      'allowed_by_rule',
      'dns_name_refused',
      'dns_name_refused',
    ]);
  });
  it('names of all peers of one rule count', () => {
    const one = kcnp(
      'one',
      '[{action: Accept, to: [{domainNames: [a.vendor.example]}, {domainNames: [b.vendor.example]}]}]',
    );
    expect(ask(world20([isolating, one]), at('b.vendor.example')).decision).toBe('allowed');
  });
});

describe('Antrea', () => {
  const antrea = (policies: readonly Policy[]) =>
    on(engine('antrea', '2.4.0', gates('AdminNetworkPolicy: true')), policies, { antrea: { tiers: [], groups: [] } });
  const own = (tier: string, action: string) =>
    acnp(
      'own',
      `{priority: 5, tier: ${tier}, appliedTo: [{podSelector: {}}], egress: [{action: ${action}, to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`,
    );

  it('asks its own tiers first, its baseline tier before BaselineAdminNetworkPolicy', () => {
    const admin = anp('a', `[{action: Allow, to: [${ANY}]}]`);
    expect(ask(antrea([admin, own('application', 'Drop')]), W).connect.decision).toBe('denied');
    expect(ask(antrea([admin, own('baseline', 'Drop')]), W).connect.decision).toBe('allowed');
    expect(ask(antrea([banp(`[{action: Allow, to: [${ANY}]}]`), own('baseline', 'Drop')]), W).connect.decision).toBe(
      'denied',
    );
  });
  it('asks the NetworkPolicies between them', () => {
    expect(answer(antrea([isolating, anp('a', `[{action: Pass, to: [${ANY}]}]`)]), W)).toBe('denied default_deny');
    expect(answer(antrea([isolating, anp('a', `[{action: Allow, to: [${ANY}]}]`)]), W)).toBe(
      `allowed allowed_by_rule ${FROM}`,
    );
  });
});

describe('OVN-Kubernetes', () => {
  it('takes priorities up to 99', () => {
    const state = on(OVN, [anp('far', denyAll, { priority: 100 }), anp('near', '[]', { priority: 99 })]);
    expect(answer(state, W)).toBe('allowed not_isolated');
    expect(selectingPolicies(state, P).map(({ valid }) => valid)).toEqual([false, true]);
  });
  it('leaves open what it makes of domainNames', () => {
    const state = on(OVN, [isolating, anp('a', '[{action: Allow, to: [{domainNames: [a.vendor.example]}]}]')]);
    expect(ask(state, 'a.vendor.example@203.0.113.10:443').connect.decision).toBe('unknown');
  });
});

describe('Calico', () => {
  const calico = (policies: readonly Policy[]) =>
    on(engine('calico', '3.32.1'), policies, { calico: { tiers: [], sets: [], serviceAccounts: [] } });

  it('decides between equal priorities by name', () => {
    expect(answer(calico([kcnp('b', denyAll), kcnp('a', acceptNet)]), W)).toBe(`allowed allowed_by_rule ${FROM}`);
    expect(answer(calico([kcnp('a', denyAll), kcnp('b', acceptNet)]), W)).toBe(`denied explicit_deny ${FROM}`);
  });
  it('gives up a rule with a peer it does not know: an accept matches nothing, a pass denies all', () => {
    const rule = (action: string) => [
      kcnp('a', `[{action: ${action}, to: [${NET}, {nodes: {}}], protocols: [{tcp: {}}]}]`),
    ];
    expect(answer(calico(rule('Accept')), W)).toBe('allowed not_isolated');
    expect(answer(calico(rule('Pass')), '10.0.0.2:53/UDP')).toBe('denied explicit_deny spec.egress[0]');
  });
  it('leaves port names open', () => {
    const named = [kcnp('a', '[{action: Deny, to: [{namespaces: {}}], protocols: [{destinationNamedPort: https}]}]')];
    expect(ask(calico(named), '10.2.3.4:443').connect.decision).toBe('unknown');
  });
  it('networks take pods', () => {
    expect(answer(calico([kcnp('a', denyAll)]), '10.0.0.2:80')).toBe(`denied explicit_deny ${FROM}`);
  });
});
