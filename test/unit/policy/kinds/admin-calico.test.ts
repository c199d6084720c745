/** What Calico makes of administrators' policies beyond the API: `namespaces` take NetworkSets too, port names stand for all ports. Seen with packets (test/e2e-calico). */
import { describe, expect, it } from 'vitest';
import type { EngineFacts } from '../../../../src/core/model/cluster-state.ts';
import type { CalicoSet } from '../../../../src/core/model/policies/calico.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { meta } from '../world.ts';
import { anp, answer, ask, banp, cilium, kcnp, on } from './admin-world.ts';

const CALICO: EngineFacts = { cni: 'calico', version: '3.31.2', edition: 'open-source', seenBy: 'test' };
const IN_SET = '203.0.113.10:443';
const IN_GLOBAL_SET = '203.0.113.20:443';

function set(kind: CalicoSet['kind'], namespace: string | undefined, ...nets: string[]): CalicoSet {
  return { kind, meta: meta('vendors', namespace, { role: 'vendors' }), nets, allowedEgressDomains: [] };
}

const sets = [
  set('NetworkSet', 'other', '203.0.113.8/29', '10.2.3.99/32'),
  set('GlobalNetworkSet', undefined, '203.0.113.20/32'),
];
const namespaces = [{ meta: meta('other', undefined, { team: 'x' }) }, { meta: meta('default', undefined, {}) }];

const state = (policies: readonly Policy[], engine = CALICO) =>
  on(engine, policies, { calico: { tiers: [], sets, serviceAccounts: [] }, namespaces });
const denying = (to: string) => [anp('a', `[{action: Deny, to: [${to}]}]`)];
const team = (operator: string, values = '') =>
  `{namespaces: {matchExpressions: [{key: team, operator: ${operator}${values && `, values: ${values}`}}]}}`;

describe('a NetworkSet in a namespace that is named', () => {
  it.each([
    ['all namespaces', '{namespaces: {}}'],
    ['a label', '{namespaces: {matchLabels: {team: x}}}'],
    ['its name', '{namespaces: {matchLabels: {kubernetes.io/metadata.name: other}}}'],
    ['In', team('In', '[x, y]')],
    ['NotIn', team('NotIn', '[y]')],
    ['Exists', team('Exists')],
  ])('%s', (_, to) => {
    const { connect } = ask(state(denying(to)), IN_SET);
    expect(connect.decision).toBe('denied');
    expect(connect.decidedBy[0]?.text).toMatch(/^NetworkSets of namespaces /);
  });

  it.each([
    ['another label', '{namespaces: {matchLabels: {team: y}}}'],
    ['In', team('In', '[y]')],
    ['NotIn', team('NotIn', '[x]')],
    ['DoesNotExist', team('DoesNotExist')],
    // Of `pods` Calico makes a selector that asks for pods.
    ['pods', '{pods: {namespaceSelector: {}, podSelector: {}}}'],
  ])('not by %s', (_, to) => {
    expect(answer(state(denying(to)), IN_SET)).toBe('allowed not_isolated');
  });

  it('of the other kinds, and of a baseline', () => {
    const policies = [banp('[{action: Deny, to: [{namespaces: {}}]}]')];
    expect(ask(state(policies), IN_SET).connect.decision).toBe('denied');
    const newer = { ...CALICO, version: '3.32.0' };
    const cluster = [kcnp('a', '[{action: Deny, to: [{namespaces: {}}]}]')];
    expect(ask(state(cluster, newer), IN_SET).connect.decision).toBe('denied');
  });

  it('nor on other engines', () => {
    const cluster = [kcnp('a', '[{action: Deny, to: [{namespaces: {}}]}]')];
    expect(answer(state(cluster, cilium(20)), IN_SET)).toBe('allowed not_isolated');
  });
});

it('a GlobalNetworkSet has no namespace, which only says no to what must be there', () => {
  expect(answer(state(denying('{namespaces: {}}')), IN_GLOBAL_SET)).toBe('allowed not_isolated');
  expect(answer(state(denying(team('Exists'))), IN_GLOBAL_SET)).toBe('allowed not_isolated');
  expect(ask(state(denying(team('NotIn', '[y]'))), IN_GLOBAL_SET).connect.decision).toBe('denied');
});

describe('a port name of v1alpha1 stands for every port and protocol', () => {
  const denied = (ports: string, destination: string) =>
    ask(state([anp('a', `[{action: Deny, to: [{namespaces: {}}], ports: ${ports}}]`)]), destination).connect.decision;
  it.each(['10.2.3.4:443', '10.2.3.4:80', '10.2.3.4:53/UDP', IN_SET])('%s', (destination) => {
    expect(denied('[{namedPort: https}]', destination)).toBe('denied');
    expect(denied('[{portNumber: {protocol: TCP, port: 1}}, {namedPort: nothing}]', destination)).toBe('denied');
    expect(denied('[{portNumber: {protocol: TCP, port: 1}}]', destination)).toBe('allowed');
  });
});

it('is left open where sets could not be read', () => {
  const notRead = [{ what: 'networksets', code: 'forbidden' as const, reason: 'no right', nextStep: 'grant it' }];
  const open = on(CALICO, denying('{namespaces: {}}'), {
    calico: { tiers: [], sets: [], serviceAccounts: [] },
    namespaces,
    notRead,
  });
  expect(ask(open, IN_SET).connect.decision).toBe('unknown');
});
