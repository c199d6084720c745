/** Which policies are looked at for near misses of selection: all around the pod, of other namespaces only those its labels would meet. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/core/model/policy.ts';
import { policiesAround } from '../../../src/core/policy/rules/policies.ts';
import { ccnp, cnp, meta, np, P, pod, rule, select, world } from './world.ts';

const away = (policy: Policy): Policy => ({ ...policy, meta: meta(policy.meta.name, 'other') });
const firewall: Policy = { kind: 'EgressFirewall', meta: meta('default', 'other'), egress: [] };

function around(policies: readonly Policy[], of = P): string[] {
  return policiesAround(world(policies), of).map(({ ref }) => ref.name);
}

describe('policiesAround', () => {
  test('all of the own namespace and all clusterwide ones', () => {
    const policies = [
      np('a', { podSelector: select({ app: 'q' }) }),
      cnp('b', { endpointSelector: select({ app: 'q' }) }),
    ];
    expect(around([...policies, ccnp('c', { endpointSelector: select({ app: 'q' }) })])).toEqual(['a', 'b', 'c']);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['its label', { app: 'p' }, true],
    ['another value', { app: 'q' }, false],
    ['a label it lacks', { role: 'p' }, false],
    ['its label and one it lacks', { app: 'p', role: 'p' }, false],
    ['any source', { 'any:app': 'p' }, true],
    ['the source of Kubernetes', { 'k8s:app': 'p' }, true],
    ['the source of Kubernetes with another value', { 'k8s:app': 'q' }, false],
    ['a source inside the key', { 'x-k8s:app': 'p' }, false],
    ['a namespace, which pods do not bear as a label', { 'k8s:io.kubernetes.pod.namespace': 'default' }, true],
    ['labels of a namespace, without a source', { 'io.cilium.k8s.namespace.labels.team': 'x' }, true],
    ['a key that only contains such a name', { 'x/io.kubernetes.pod': 'default' }, false],
    ['a reserved label', { 'reserved:host': '' }, true],
    ['a reserved label by its dollar', { $host: '' }, true],
    ['a key that only contains a dollar', { a$b: '' }, false],
    ['a key that only contains the word', { 'not.reserved.host': '' }, false],
    ['a key that only begins with the word', { reservedx: '' }, false],
  ])('a CiliumNetworkPolicy elsewhere that demands %s', (_, labels, found) => {
    expect(around([away(cnp('c', { endpointSelector: select(labels) }))])).toEqual(found ? ['c'] : []);
  });

  test('one of several parts is enough, and a part without pods is none', () => {
    const parts = (labels: Record<string, string>) => [
      rule({ endpointSelector: select({ app: 'q' }) }),
      rule({ endpointSelector: select(labels) }),
    ];
    expect(around([away(cnp('c', parts({ app: 'p' })))])).toEqual(['c']);
    expect(around([away(cnp('c', parts({ app: 'r' })))])).toEqual([]);
    const { endpointSelector: _unused, ...hosts } = rule({ nodeSelector: select({}) });
    expect(around([away({ ...cnp('c', {}), rules: [{ path: 'spec', rule: hosts }] })])).toEqual([]);
  });

  test('a NetworkPolicy elsewhere by its podSelector, other kinds always', () => {
    expect(around([away(np('n', { podSelector: select({ app: 'p' }) }))])).toEqual(['n']);
    expect(around([away(np('n', { podSelector: select({ app: 'q' }) }))])).toEqual([]);
    expect(around([firewall])).toEqual(['default']);
  });

  test('a pod without a namespace is of the namespace default', () => {
    const { namespace: _unused, ...own } = P.meta;
    const policies = [np('a', { podSelector: select({ app: 'q' }) })];
    expect(around(policies, { ...pod('p', 'default', '10.0.0.1'), meta: own })).toEqual(['a']);
  });
});
