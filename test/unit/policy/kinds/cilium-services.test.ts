/** `toServices` of Cilium rules: which Services are meant, and what they stand for (policy-semantics §3.4; pkg/policy/k8s/service.go). */
import { describe, expect, it } from 'vitest';
import type { Service, ServiceBackend } from '../../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { cnp, meta, OTHER, P, PEER, ports, world } from '../world.ts';

const V18 = '1.18.4';
const V19 = '1.19.5';
const V20 = '1.20.2';
const OUT = '203.0.113.10';

const service = (
  name: string,
  namespace: string,
  labels: Record<string, string>,
  selector: Record<string, string>,
): Service => ({
  meta: meta(name, namespace, labels),
  type: 'ClusterIP',
  clusterIPs: ['10.96.0.77'],
  externalIPs: [],
  selector,
  ports: [{ port: 443, protocol: 'TCP' }],
});
const outside: ServiceBackend = {
  namespace: 'other',
  service: 'out',
  addresses: [OUT, 'odd', '2001:db8::10'],
  ports: [{ port: 443, protocol: 'TCP' }],
  ready: true,
};
const services = [
  service('peers', 'default', { kind: 'pods', 'vendor.example/team': 'a' }, { app: 'peer' }),
  service('out', 'other', { kind: 'outside' }, {}),
  service('none', 'other', { kind: 'none' }, {}),
];

type More = NonNullable<Parameters<typeof world>[1]>;
function takes(entry: object | readonly object[], address: string, more: More = {}, toPorts = {}) {
  const toServices = Array.isArray(entry) ? (entry as readonly object[]) : [entry];
  const state = world([cnp('c', { egress: [{ toServices, ...toPorts }] })], {
    services,
    backends: [outside],
    pods: [P, PEER, OTHER],
    ...more,
  });
  return evaluateEgress(state, P, { cnames: [], addresses: [address], port: 443, protocol: 'TCP' }).connect.decision;
}
const byName = (serviceName: string, namespace?: string) => ({
  k8sService: { serviceName, ...(namespace !== undefined && { namespace }) },
});
const bySelector = (selector: object, namespace?: string) => ({
  k8sServiceSelector: { selector, ...(namespace !== undefined && { namespace }) },
});
const labels = (matchLabels: object) => ({ matchLabels });
const expression = (operator: string, values?: string[], key = 'kind') => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
});

describe('by name', () => {
  it.each<[string, object | readonly object[], string, 'allowed' | 'denied']>([
    ['its pods', byName('peers'), '10.0.0.2', 'allowed'],
    ['its pods, in its namespace', byName('peers', 'default'), '10.0.0.2', 'allowed'],
    ['an empty namespace is any', byName('peers', ''), '10.0.0.2', 'allowed'],
    ['another namespace', byName('peers', 'other'), '10.0.0.2', 'denied'],
    ['other pods', byName('peers'), '10.2.3.9', 'denied'],
    ['addresses behind one without selector', byName('out'), OUT, 'allowed'],
    ['IPv6 addresses behind it', byName('out'), '2001:db8::10', 'allowed'],
    ['other addresses', byName('out'), '203.0.113.11', 'denied'],
    ['one without anything behind it', byName('none'), OUT, 'denied'],
    ['one that is not there', byName('gone'), OUT, 'denied'],
    ['one of several entries', [byName('gone'), byName('out')], OUT, 'allowed'],
    ['an entry of nothing', {}, OUT, 'denied'],
  ])('%s', (_, entry, address, decision) => {
    expect(takes(entry, address)).toBe(decision);
  });

  it('what stands for nothing restricts nothing beside ports', () => {
    const toPorts = { toPorts: [{ ports: ports('443/TCP') }] };
    expect(takes(byName('gone'), OUT, {}, toPorts)).toBe('allowed');
    expect(takes(byName('none'), OUT, {}, toPorts)).toBe('allowed');
    expect(takes(byName('peers'), OUT, {}, toPorts)).toBe('denied');
  });

  it.each(['services', 'endpointslices'])('is open where %s were not read', (what) => {
    const notRead = [{ what, code: 'forbidden', reason: 'no right' } as const];
    expect(takes(byName('gone'), OUT, { notRead })).toBe('unknown');
    expect(takes(byName('out'), OUT, { notRead })).toBe('allowed');
  });
});

describe('by labels', () => {
  it.each<[string, object, 'allowed' | 'denied']>([
    ['a label', bySelector(labels({ kind: 'outside' })), 'allowed'],
    ['a label of another', bySelector(labels({ kind: 'pods' })), 'denied'],
    ['a label, in the namespace', bySelector(labels({ kind: 'outside' }), 'other'), 'allowed'],
    ['a label, in another namespace', bySelector(labels({ kind: 'outside' }), 'default'), 'denied'],
    ['one of two values', bySelector(expression('In', ['x', 'outside'])), 'allowed'],
    ['neither of two values', bySelector(expression('In', ['x', 'y'])), 'denied'],
    ['not a value', bySelector(expression('NotIn', ['outside'])), 'denied'],
    ['not another value', bySelector(expression('NotIn', ['pods'])), 'allowed'],
    ['a key', bySelector(expression('Exists')), 'allowed'],
    ['a key that it lacks', bySelector(expression('Exists', undefined, 'team')), 'denied'],
    ['no key', bySelector(expression('DoesNotExist', undefined, 'team')), 'allowed'],
    ['a number as a value', bySelector(labels({ kind: 1 })), 'denied'],
    ['every Service', bySelector({ matchLabels: {} }), 'allowed'],
  ])('%s', (_, entry, decision) => {
    for (const version of [V18, V19, V20]) expect(takes(entry, OUT, { version }), version).toBe(decision);
  });

  it.each<[string, string, string, 'allowed' | 'denied']>([
    ['a dot in the key', 'vendor.example/team', V18, 'allowed'],
    ['a dot in the key', 'vendor.example/team', V19, 'denied'],
    ['a dot in the key', 'vendor.example/team', V20, 'allowed'],
    ['a source in the key', 'k8s:kind', V18, 'denied'],
    ['a source in the key', 'k8s:kind', V20, 'allowed'],
  ])('%s (%s) in %s: %s', (_, key, version, decision) => {
    const value = key === 'k8s:kind' ? 'pods' : 'a';
    expect(takes(bySelector(labels({ [key]: value })), '10.0.0.2', { version })).toBe(decision);
  });

  it('a selector that is none takes every Service in 1.19, and none before', () => {
    const odd = bySelector(labels({ 'k8s:kind': 'x' }));
    expect([V18, V19, V20].map((version) => takes(odd, OUT, { version }))).toEqual(['denied', 'allowed', 'denied']);
  });
});
