/** NetworkPolicy: the verdicts that Cyclonus gave for the committed vectors, without Go (`npm run oracle:kubernetes` compares live). */
import { describe, expect, it } from 'vitest';
import { calicoAgent, type Raw, type World } from '../../oracle/kinds/world.ts';
import { answer, disagreeing, PATIENCE, strengthOf, vectorsOf } from './checked.ts';

const vectors = await vectorsOf('kubernetes');

describe('NetworkPolicy vectors', () => {
  it('are many, and tell engines apart', () => {
    const { cases, allowed, mixed } = strengthOf(vectors);
    expect(cases).toBe(2000);
    expect(allowed).toBeGreaterThan(0.3);
    expect(allowed).toBeLessThan(0.7);
    expect(mixed).toBeGreaterThan(900);
  });

  // Calico enforces it as Kubernetes defines it; so does an engine that is not recognised.
  it.each([
    ['Calico', [calicoAgent()], 0],
    ['one that is not recognised', [], 1],
  ] as const)(
    'agree where the network plugin is %s',
    async (_name, agents, odd) => {
      const half = vectors.cases.filter((_one, at) => at % 2 === odd);
      expect(await disagreeing({ ...vectors, cases: half }, agents)).toEqual([]);
    },
    PATIENCE,
  );
});

/** Where Cyclonus differs from Kubernetes (test/oracle/kubernetes/for-cyclonus.ts), this project holds with Kubernetes. */
describe('NetworkPolicy selectors that Cyclonus reads otherwise', () => {
  const world: World = {
    namespaces: { shop: { 'kubernetes.io/metadata.name': 'shop' } },
    pods: [
      { namespace: 'shop', name: 'web', labels: {}, ips: ['10.1.0.1'], ports: [] },
      { namespace: 'shop', name: 'db', labels: { app: 'db' }, ips: ['10.1.0.2'], ports: [] },
    ],
  };
  const denyAll = (podSelector: Raw): Raw => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'deny-all' },
    spec: { podSelector, policyTypes: ['Egress'] },
  });

  it.each([
    [
      'NotIn takes a pod without the label',
      { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
      'denied',
    ],
    ['an empty value wants the label to be there', { matchLabels: { app: '' } }, 'allowed'],
  ])('%s', async (_name, selector, verdict) => {
    expect(await answer(world, [denyAll(selector)], { address: '10.1.0.2' })).toBe(verdict);
  });
});
