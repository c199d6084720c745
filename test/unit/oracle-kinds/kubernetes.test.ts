/** NetworkPolicy: the verdicts that Cyclonus gave for the committed vectors, without Go (`npm run oracle:kubernetes` compares live). */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ourVerdicts } from '../../oracle/kinds/ours.ts';
import { readVectors } from '../../oracle/kinds/vectors.ts';
import { calicoAgent, queriesOf, type Raw, type World, worldObjects } from '../../oracle/kinds/world.ts';

const vectors = await readVectors(join(import.meta.dirname, 'fixtures/kubernetes.jsonl.gz'));

describe('NetworkPolicy vectors', () => {
  it('are many, and tell engines apart', () => {
    const letters = vectors.cases.map((one) => one.verdicts).join('');
    const allowed = letters.replaceAll('d', '').length / letters.length;
    const mixed = vectors.cases.filter(({ verdicts }) => verdicts.includes('a') && verdicts.includes('d'));
    expect(vectors.cases.length).toBe(2000);
    expect(allowed).toBeGreaterThan(0.3);
    expect(allowed).toBeLessThan(0.8);
    expect(mixed.length).toBeGreaterThan(900);
  });

  // Calico's agent enforces it as Kubernetes defines it; so does an engine that is not recognised.
  it.each(['calico', 'unrecognised'])('agree on a cluster with the network plugin %s', async (plugin) => {
    const wrong: unknown[] = [];
    for (const [at, one] of vectors.cases.entries()) {
      if (at % 2 === (plugin === 'calico' ? 0 : 1)) continue;
      const { world, grid } = vectors.worlds[one.world] ?? expect.unreachable();
      const objects = [...worldObjects(world), ...(plugin === 'calico' ? [calicoAgent()] : []), ...one.objects];
      if ((await ourVerdicts(world, objects, queriesOf(grid))) !== one.verdicts) wrong.push({ at, ...one });
    }
    expect(wrong).toEqual([]);
  });
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
  const queries = [{ from: 0, address: '10.1.0.2', port: 443, protocol: 'TCP' }];
  const denyAll = (podSelector: Raw): Raw => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'deny-all' },
    spec: { podSelector, policyTypes: ['Egress'] },
  });

  it.each([
    [
      'NotIn selects a pod without the label',
      { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
      'd',
    ],
    ['an empty value wants the label to be there', { matchLabels: { app: '' } }, 'a'],
  ])('%s', async (_name, selector, verdict) => {
    expect(await ourVerdicts(world, [...worldObjects(world), denyAll(selector)], queries)).toBe(verdict);
  });
});
