/** EKS: the switches that decide whether anybody enforces policies, names in allow-lists, tiers in which the order of rules means nothing. */
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { applicationNetworkPolicySchema } from '../../../../src/cluster/decode/aws.ts';
import { AUTO_MODE, ENFORCING_MODE, NODE_AGENT } from '../../../../src/core/model/aws-settings.ts';
import type { ClusterState, EngineFacts } from '../../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { enforcementOf } from '../../../../src/core/policy/engine/enforcement.ts';
import { selectingPolicies } from '../../../../src/core/policy/selecting.ts';
import { meta, np, P, select } from '../world.ts';
import { answer, ask, kcnp, on } from './admin-world.ts';

const SWITCH = 'enable-network-policy-controller';
const AUTO = { [SWITCH]: 'true', [AUTO_MODE]: 'true' };
const INSTANCES = { [SWITCH]: 'true', [NODE_AGENT]: 'true' };

function aws(config: Record<string, string> | undefined, version?: string): EngineFacts {
  return { cni: 'aws-vpc-cni', ...(version !== undefined && { version }), ...(config && { config }), seenBy: 'test' };
}

function application(name: string, spec: string): Policy {
  return applicationNetworkPolicySchema.parse({ metadata: { name, namespace: 'default' }, spec: load(spec) });
}

const cluster = (name: string, egress: string, head: Parameters<typeof kcnp>[2] = {}) =>
  kcnp(name, egress, { ...head, group: 'networking.k8s.aws' });

const auto = (policies: readonly Policy[], more: Partial<ClusterState> = {}) => on(aws(AUTO), policies, more);
const W = '203.0.113.10:443';
const ANY = '{networks: [0.0.0.0/0]}';
const NET = '{networks: [203.0.113.0/24]}';
const isolating = np('deny-all', { policyTypes: ['Egress'] });
const OPEN = 'allowed not_isolated';
const DROPPED = 'denied default_deny';
const FROM = 'spec.egress[0].to[0].networks[0]';

const APP = 'ApplicationNetworkPolicy';
const CLUSTER = 'ClusterNetworkPolicy.networking.k8s.aws';
type Kind = 'NetworkPolicy' | typeof APP | typeof CLUSTER;

describe('whether EKS enforces', () => {
  it.each<[string, Kind, EngineFacts, string, string]>([
    ['nothing read', 'NetworkPolicy', aws(undefined), 'unknown', 'amazon-vpc-cni was not read'],
    [
      'controller off',
      'NetworkPolicy',
      aws({ ...INSTANCES, [SWITCH]: 'false' }),
      'no',
      'network policy controller is off',
    ],
    ['controller off in Auto Mode', APP, aws({ ...AUTO, [SWITCH]: 'false' }), 'no', 'controller is off'],
    ['controller off, nodes not read', CLUSTER, aws({ [SWITCH]: 'false' }), 'no', 'controller is off'],
    ['agent off', 'NetworkPolicy', aws({ ...INSTANCES, [NODE_AGENT]: 'false' }), 'no', '--enable-network-policy'],
    ['no agent', 'NetworkPolicy', aws({ ...INSTANCES, [NODE_AGENT]: 'absent' }), 'no', 'no node agent'],
    ['no agent, controller not read', 'NetworkPolicy', aws({ [NODE_AGENT]: 'absent' }), 'no', 'no node agent'],
    ['agent not read', 'NetworkPolicy', aws({ [SWITCH]: 'true' }), 'unknown', 'arguments of the DaemonSet'],
    ['controller not read', 'NetworkPolicy', aws({ [NODE_AGENT]: 'true' }), 'unknown', 'amazon-vpc-cni was not read'],
    ['both on', 'NetworkPolicy', aws(INSTANCES), 'yes', ''],
    ['Auto Mode on', 'NetworkPolicy', aws(AUTO), 'yes', ''],
    ['names in Auto Mode', APP, aws(AUTO), 'yes', ''],
    ['names elsewhere', APP, aws(INSTANCES, '1.21.1'), 'unknown', 'Auto Mode only'],
    ['tiers in Auto Mode', CLUSTER, aws(AUTO), 'yes', ''],
    ['tiers with a new plugin', CLUSTER, aws(INSTANCES, '1.21.1'), 'yes', ''],
    ['tiers with a newer plugin', CLUSTER, aws(INSTANCES, '1.22.0'), 'yes', ''],
    ['tiers with an old plugin', CLUSTER, aws(INSTANCES, '1.21.0'), 'no', 'VPC CNI 1.21.0'],
    ['tiers with an unknown plugin', CLUSTER, aws(INSTANCES), 'unknown', 'version of the VPC CNI'],
    ['another engine', APP, { cni: 'cilium', version: '1.20.2', seenBy: 'test' }, 'no', 'cilium'],
  ])('%s: %s', (_, kind, engine, enforced, why) => {
    const answered = enforcementOf(kind, on(engine, []));
    expect([answered.enforced, answered.why]).toEqual([enforced, expect.stringContaining(why)]);
  });

  it('with the controller off, policies exist and nobody enforces them', () => {
    const state = on(aws({ ...INSTANCES, [SWITCH]: 'false' }, '1.21.1'), [
      isolating,
      cluster('fence', `[{action: Deny, to: [${ANY}]}]`),
    ]);
    expect(answer(state, W)).toBe(OPEN);
    const found = selectingPolicies(state, P);
    expect(found.map(({ valid, isolatesEgress }) => [valid, isolatesEgress])).toEqual([
      [false, false],
      [false, false],
    ]);
    expect(found[0]?.invalidReason).toBe(
      "EKS's network policy controller is off (ConfigMap kube-system/amazon-vpc-cni, enable-network-policy-controller)",
    );
    expect(ask(state, W).assumptions.join()).toContain('NetworkPolicy is left out: EKS');
  });
  it('where that cannot be told, the answer stays open and says why', () => {
    const { connect } = ask(on(aws(undefined), [isolating]), W);
    expect(connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('kube-system/amazon-vpc-cni was not read'),
    });
  });
  it('takes its own kinds for a sign of EKS where no engine was recognised', () => {
    const state = on({ cni: 'unknown', seenBy: 'test' }, [
      application('a', '{podSelector: {}, policyTypes: [Egress]}'),
    ]);
    const { connect, assumptions } = ask(state, W);
    expect(connect.decision).toBe('unknown');
    expect(assumptions.join()).toContain('aws-vpc-cni is assumed');
  });
});

describe('ApplicationNetworkPolicy', () => {
  const listing = application(
    'names',
    '{podSelector: {}, egress: [{to: [{domainNames: ["*.vendor.example", api.other.example]}], ports: [{protocol: TCP, port: 443}]}, {to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]}]}',
  );
  const at = (host: string, port = 443) => `${host}@203.0.113.10:${port}`;

  it.each([
    ['a.vendor.example', 443, 'allowed allowed_by_rule spec.egress[0].to[0].domainNames[0]'],
    ['b.a.vendor.example', 443, 'allowed allowed_by_rule spec.egress[0].to[0].domainNames[0]'],
    ['vendor.example', 443, DROPPED],
    ['api.other.example', 443, 'allowed allowed_by_rule spec.egress[0].to[0].domainNames[1]'],
    ['v1.api.other.example', 443, DROPPED],
    ['a.vendor.example', 80, DROPPED],
  ])('%s:%i', (host, port, expected) => {
    expect(answer(auto([listing]), at(host, port))).toBe(expected);
  });
  it('isolates the pods it selects, by name', () => {
    const { isolatedBy, connect } = ask(auto([listing]), W);
    expect(isolatedBy).toEqual([{ kind: 'ApplicationNetworkPolicy', namespace: 'default', name: 'names' }]);
    expect(connect.explanation).toContain('isolated by ApplicationNetworkPolicy default/names');
  });
  it('an address of no known name is dropped', () => {
    expect(answer(auto([listing]), W)).toBe(DROPPED);
  });
  it('leaves other pods and other namespaces alone', () => {
    const other = application('b', '{podSelector: {matchLabels: {app: other}}, policyTypes: [Egress]}');
    expect(answer(auto([other]), W)).toBe(OPEN);
    expect(answer(auto([listing]), W, { ...P, meta: meta('p', 'other', { app: 'p' }) })).toBe(OPEN);
  });
  it('joins NetworkPolicies: one isolates, the other allows', () => {
    expect(answer(auto([isolating, listing]), at('a.vendor.example'))).toContain('allowed allowed_by_rule');
    const net = np('net', { egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }] });
    expect(answer(auto([listing, net]), W)).toBe('allowed allowed_by_rule spec.egress[0].to[0]');
  });
  it('reads pods, blocks and ports as a NetworkPolicy does', () => {
    const pods = application(
      'pods',
      '{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {team: x}}}, {ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}], ports: [{port: 443}, {protocol: UDP, port: 8000, endPort: 8010}]}]}',
    );
    const state = auto([pods]);
    expect(answer(state, '10.2.3.4:443')).toBe('allowed allowed_by_rule spec.egress[0].to[0]');
    expect(answer(state, '10.0.0.2:443')).toBe(DROPPED);
    expect(answer(state, W)).toBe('allowed allowed_by_rule spec.egress[0].to[1]');
    expect(answer(state, '203.0.113.200:443')).toBe(DROPPED);
    expect(answer(state, '10.2.3.4:8010/UDP')).toBe('allowed allowed_by_rule spec.egress[0].to[0]');
  });
  it('policyTypes without Egress leave egress alone; an empty rule opens everything', () => {
    expect(answer(auto([application('a', '{podSelector: {}, policyTypes: [Ingress], egress: [{}]}')]), W)).toBe(OPEN);
    expect(answer(auto([application('a', '{podSelector: {}, egress: [{}]}')]), W)).toBe(
      'allowed allowed_by_rule spec.egress[0]',
    );
  });
  it('refuses fields that it does not know', () => {
    expect(() => application('a', '{podSelector: {}, egress: [{to: [{serviceSelector: {}}]}]}')).toThrow(
      'serviceSelector',
    );
  });
});

describe("the pod's own node", () => {
  it('stays reachable for an isolated pod, other nodes do not', () => {
    const policies = [isolating, application('a', '{podSelector: {}, policyTypes: [Egress]}')];
    for (const policy of policies) {
      expect(answer(auto([policy]), '10.1.1.9:10250')).toBe('allowed allowed_by_rule spec');
      expect(answer(auto([policy]), '10.1.1.1:10250')).toBe(DROPPED);
    }
    expect(ask(auto([isolating]), '10.1.1.9:10250').connect.explanation).toContain("AWS's agent always allows");
  });
});

describe('ClusterNetworkPolicy', () => {
  const DENIED = `denied explicit_deny ${FROM}`;
  it.each<[string, readonly Policy[], string]>([
    [
      'admin deny beats a NetworkPolicy',
      [np('open', { egress: [{}] }), cluster('a', `[{action: Deny, to: [${NET}]}]`)],
      DENIED,
    ],
    [
      'admin accept beats an isolating NetworkPolicy',
      [isolating, cluster('a', `[{action: Accept, to: [${NET}]}]`)],
      `allowed allowed_by_rule ${FROM}`,
    ],
    ['a pass leads to the NetworkPolicies', [isolating, cluster('a', `[{action: Pass, to: [${NET}]}]`)], DROPPED],
    [
      'within one policy a deny wins, whatever its place',
      [cluster('a', `[{action: Accept, to: [${NET}]}, {action: Deny, to: [${ANY}]}]`)],
      'denied explicit_deny spec.egress[1].to[0].networks[0]',
    ],
    [
      'within one policy an accept beats a pass',
      [isolating, cluster('a', `[{action: Pass, to: [${ANY}]}, {action: Accept, to: [${NET}]}]`)],
      'allowed allowed_by_rule spec.egress[1].to[0].networks[0]',
    ],
    [
      'the lower priority number comes first',
      [
        cluster('a', `[{action: Deny, to: [${ANY}]}]`, { priority: 20 }),
        cluster('b', `[{action: Accept, to: [${NET}]}]`, { priority: 10 }),
      ],
      `allowed allowed_by_rule ${FROM}`,
    ],
    ['a baseline deny', [cluster('b', `[{action: Deny, to: [${ANY}]}]`, { tier: 'Baseline' })], DENIED],
    [
      'a baseline accept comes too late for an isolated pod',
      [isolating, cluster('b', `[{action: Accept, to: [${ANY}]}]`, { tier: 'Baseline' })],
      DROPPED,
    ],
  ])('%s', (_, policies, expected) => {
    expect(answer(auto(policies), W)).toBe(expected);
    expect(answer(auto(policies.toReversed()), W)).toBe(expected);
  });
  it('names: accept and pass in Auto Mode, left out elsewhere', () => {
    const policies = [
      cluster('a', '[{action: Accept, to: [{domainNames: ["*.vendor.example"]}]}]', { priority: 1 }),
      cluster('b', `[{action: Deny, to: [${ANY}], ports: [{portNumber: {protocol: TCP, port: 443}}]}]`, {
        priority: 2,
      }),
    ];
    const host = 'a.vendor.example@203.0.113.10:443';
    expect(answer(auto(policies), host)).toBe('allowed allowed_by_rule spec.egress[0].to[0].domainNames[0]');
    expect(answer(on(aws(INSTANCES, '1.21.1'), policies), host)).toBe(DENIED);
  });
  it('port names are looked up as TCP', () => {
    const policies = [cluster('a', '[{action: Deny, to: [{namespaces: {}}], ports: [{namedPort: https}]}]')];
    expect(answer(auto(policies), '10.2.3.4:443')).toBe('denied explicit_deny spec.egress[0].to[0]');
    const dns = (name: string) => [
      cluster('a', `[{action: Deny, to: [{namespaces: {}}], ports: [{namedPort: ${name}}]}]`),
    ];
    expect(answer(auto(dns('dns')), '10.0.0.53:53/UDP')).toBe(OPEN);
    expect(answer(auto(dns('dns-tcp')), '10.0.0.53:53')).toBe('denied explicit_deny spec.egress[0].to[0]');
  });
});

describe('what becomes of pods that no policy isolates', () => {
  const nodes = [{ meta: meta('n1', undefined, { 'eks.amazonaws.com/nodeclass': 'strict' }), addresses: ['10.1.1.9'] }];
  const nodeClass = (networkPolicy?: string) => [{ meta: meta('strict'), ...(networkPolicy && { networkPolicy }) }];

  it('follows the NodeClass in Auto Mode', () => {
    const denying = auto([], { nodes, nodeClasses: nodeClass('DefaultDeny') });
    expect(ask(denying, W).connect).toMatchObject({
      decision: 'denied',
      reason: 'default_deny',
      explanation: expect.stringContaining('NodeClass strict sets networkPolicy to DefaultDeny, and none of its rules'),
    });
    expect(answer(auto([], { nodes, nodeClasses: nodeClass('DefaultAllow') }), W)).toBe(OPEN);
    expect(answer(auto([], { nodes, nodeClasses: nodeClass() }), W)).toBe(OPEN);
  });
  it('still asks the policies first', () => {
    const policies = [cluster('b', `[{action: Accept, to: [${NET}]}]`, { tier: 'Baseline' })];
    const state = auto(policies, { nodes, nodeClasses: nodeClass('DefaultDeny') });
    expect(answer(state, W)).toBe(`allowed allowed_by_rule ${FROM}`);
    expect(answer(state, '198.51.100.1:443')).toBe(DROPPED);
  });
  it('is open where the NodeClass may not be read', () => {
    const notRead = [{ what: 'nodeclasses', code: 'forbidden', reason: 'no right' } as const];
    expect(ask(auto([], { nodes, notRead }), W).connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('whether NodeClass strict denies by default'),
    });
    const open = auto([np('open', { egress: [{}] })], { nodes, notRead });
    expect(answer(open, W)).toBe('allowed allowed_by_rule spec.egress[0]');
  });
  it("follows the agent's mode on instances", () => {
    const strict = on(aws({ ...INSTANCES, [ENFORCING_MODE]: 'strict' }, '1.21.1'), []);
    expect(ask(strict, W).connect.explanation).toContain('NETWORK_POLICY_ENFORCING_MODE strict');
    expect(answer(strict, W)).toBe(DROPPED);
    expect(answer(on(aws({ ...INSTANCES, [ENFORCING_MODE]: 'standard' }), []), W)).toBe(OPEN);
    expect(answer(strict, W, { ...P, hostNetwork: true })).toBe('allowed host_network');
  });
  it('is nothing while the controller is off', () => {
    expect(
      answer(on(aws({ ...AUTO, [SWITCH]: 'false' }), [], { nodes, nodeClasses: nodeClass('DefaultDeny') }), W),
    ).toBe(OPEN);
  });
});

it('says that Services are compared before they are translated', () => {
  const note = (destination: string, policies: readonly Policy[]) =>
    ask(auto(policies), destination).assumptions.filter((one) => one.startsWith("AWS's agent compares a Service"));
  expect(note('10.96.0.10:53/UDP', [isolating])).toHaveLength(1);
  expect(note('10.96.0.10:53/UDP', [])).toEqual([]);
  expect(note('10.0.0.53:53/UDP', [isolating])).toEqual([]);
});

it('selectors of the model stay as they were written', () => {
  const decoded = application(
    'a',
    '{podSelector: {matchLabels: {a: b}}, egress: [{to: [{domainNames: [x.example]}]}]}',
  );
  expect(decoded).toMatchObject({
    podSelector: select({ a: 'b' }),
    egress: [{ to: [{ domainNames: ['x.example'] }] }],
  });
});
