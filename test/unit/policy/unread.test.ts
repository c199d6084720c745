/** Reading less never turns an answer round: what was not read leaves the lookup, the engine and a Service's backends open. */
import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { kcnp } from './kinds/admin-world.ts';
import { globalCalico } from './kinds/calico-world.ts';
import { cnp, DNS, dnsRule, np, P, PEER, ports, select, world } from './world.ts';

const refused = (...resources: readonly string[]): NotRead[] =>
  resources.map((what) => ({ what, code: 'forbidden', reason: 'no right' }));

const HOST = {
  host: 'api.vendor.example',
  addresses: ['203.0.113.10'],
  cnames: [],
  port: 443,
  protocol: 'TCP',
} as const;
const lookup = (policies: readonly Policy[], more: Partial<ClusterState> = {}, pod = P) =>
  evaluateEgress(world(policies, more), pod, HOST).lookup;

describe('the pods behind the cluster DNS were not read', () => {
  const blind = { pods: [P, PEER], notRead: refused('pods outside namespace default') };

  it('a rule for them is no reason to call the lookup dropped', () => {
    expect(lookup([cnp('dns', { egress: [dnsRule()] })], { pods: [P, PEER, DNS] }).decision).toBe('allowed');
    const open = lookup([cnp('dns', { egress: [dnsRule()] })], blind);
    expect(open).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(open.explanation).toContain('pods outside namespace default could not be read');
  });
  it('a range around their address is no reason to call it allowed', () => {
    const range = cnp('range', { egress: [{ toCIDR: ['10.0.0.0/8'] }] });
    expect(lookup([range]).decision).toBe('denied');
    expect(lookup([range], blind).decision).toBe('unknown');
  });
  it('the name is taken to be learned by a rule for DNS that admits it, which is said', () => {
    const policy = cnp('dns', { egress: [dnsRule(), { toFQDNs: [{ matchName: HOST.host }] }] });
    const answer = evaluateEgress(world([policy], blind), P, HOST);
    expect(answer.connect.decision).toBe('allowed');
    expect(answer.assumptions.join()).toContain('the rules.dns of dns');
  });
  it.each<[string, readonly Policy[], string]>([
    ['a rule for everybody allows', [cnp('any', { egress: [{ toPorts: [{ ports: ports('53/UDP') }] }] })], 'allowed'],
    ['without a policy all is allowed', [], 'allowed'],
    ['rules that take nobody drop', [cnp('none', { egress: [{}] })], 'denied'],
  ])('%s', (_, policies, decision) => {
    expect(lookup(policies, blind).decision).toBe(decision);
  });
});

describe('policies that may isolate the pod, or lift a filter, were not read', () => {
  const voluntary = cnp('dns', {
    egress: [dnsRule([{ matchName: 'other.vendor.example' }])],
    enableDefaultDenyEgress: false,
  });
  const notRead = refused('networkpolicies in namespace default');

  it('the proxy may filter names after all', () => {
    expect(lookup([voluntary]).decision).toBe('allowed');
    expect(lookup([voluntary, np('closed', { policyTypes: ['Egress'] })]).decision).toBe('denied');
    expect(lookup([voluntary], { notRead })).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
  });
  it('the filter may be lifted after all', () => {
    const filter = cnp('dns', { egress: [dnsRule([{ matchName: 'other.vendor.example' }])] });
    const lifting = np('dns', { egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] });
    expect(lookup([filter]).decision).toBe('denied');
    expect(lookup([filter, lifting]).decision).toBe('allowed');
    expect(lookup([filter], { notRead })).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
  });
  it('a name that an entry admits is admitted, whatever else there is', () => {
    expect(lookup([cnp('dns', { egress: [dnsRule()] })], { notRead }).decision).toBe('allowed');
  });
  it('nor is an unknown DNS server free to ask', () => {
    const nodes = { ...P, dnsPolicy: 'Default' };
    expect(lookup([], {}, nodes).decision).toBe('allowed');
    expect(lookup([], { notRead }, nodes)).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
  });
});

describe('an engine that is taken for another because the policies of a third were not read', () => {
  const engine = { cni: 'unknown', seenBy: 'test' } as const;
  const allow = globalCalico('open', 'egress: [{action: Allow}]');

  it('is not taken for any', () => {
    const decision = (notRead: readonly NotRead[]) =>
      evaluateEgress(world([allow], { engine, notRead }), P, HOST).connect.decision;
    expect(decision([])).toBe('allowed');
    expect(decision(refused('ciliumnetworkpolicies in namespace default'))).toBe('unknown');
    expect(decision(refused('antrea networkpolicies in namespace default'))).toBe('unknown');
  });
});

describe('a Service without backends in the state', () => {
  const service = {
    ...world([]).services[0],
    meta: { name: 'shop', namespace: 'default', labels: {}, annotations: {}, owners: [], managers: [] },
    clusterIPs: ['10.96.0.20'],
    selector: {},
    ports: [{ port: 443, protocol: 'TCP', targetPort: 8443 }],
  } as ClusterState['services'][number];
  const to = { addresses: ['10.96.0.20'], cnames: [], port: 443, protocol: 'TCP' } as const;
  const explained = (notRead: readonly NotRead[]) =>
    evaluateEgress(world([np('n', { podSelector: select() })], { services: [service], notRead }), P, to).connect;

  it('has none where they were read, and may have some where they were not', () => {
    expect(explained([]).explanation).toContain('has no backend, so there is nothing to connect to');
    const open = explained(refused('endpointslices outside namespace shop'));
    expect(open.explanation).not.toContain('nothing to connect to');
    expect(open.explanation).toContain('endpointslices outside namespace shop could not be read');
    expect(open.decision).toBe('unknown');
  });
});

describe('the version of Cilium was not read', () => {
  const baseline = kcnp('late', '[{action: Accept, to: [{networks: [203.0.113.0/24]}]}]', { tier: 'Baseline' });
  const key = 'enable-k8s-cluster-network-policy';
  const answer = (config: Record<string, string>) =>
    evaluateEgress(
      world([np('closed', { policyTypes: ['Egress'] }), baseline], {
        engine: { cni: 'cilium', config, seenBy: 'test' },
      }),
      P,
      { addresses: ['203.0.113.10'], cnames: [], port: 443, protocol: 'TCP' },
    );

  it('a key that only 1.20 has tells that the tiers after the policies may count', () => {
    expect(answer({}).connect.decision).toBe('denied');
    expect(answer({}).assumptions.join()).toContain('the rules of 1.19 assumed');
    expect(answer({ [key]: 'true' }).connect.decision).toBe('unknown');
    expect(answer({ [key]: 'true' }).assumptions.join()).toContain('the rules of 1.20 assumed');
  });
});

describe('Services were not read', () => {
  const notRead = refused('services outside namespace default');
  const decision = (rules: Parameters<typeof cnp>[1], more: Partial<ClusterState>) =>
    evaluateEgress(world([cnp('c', rules)], { services: [], ...more }), P, {
      addresses: ['10.96.0.20'],
      cnames: [],
      port: 443,
      protocol: 'TCP',
    }).connect.decision;
  const on = (port: string) => ({ egress: [{ toPorts: [{ ports: ports(port) }] }] });

  it('the port behind the address may be another one than the asked one', () => {
    expect(decision(on('443/TCP'), {})).toBe('allowed');
    expect(decision(on('443/TCP'), { notRead })).toBe('unknown');
    expect(decision(on('8443/TCP'), {})).toBe('denied');
    expect(decision(on('8443/TCP'), { notRead })).toBe('unknown');
    expect(decision({ egress: [{ toEntities: ['all'] }] }, { notRead })).toBe('allowed');
    expect(decision({ egress: [{}] }, { notRead })).toBe('denied');
  });
});
