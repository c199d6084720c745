/** Policies of other namespaces: read for what they hint at, and no gap where they cannot be. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { policiesInReach } from '../../../src/core/policy/in-reach.ts';
import { ADAPTERS, cleanUp, never, recapture, startLive } from './adapters.ts';
import { checkout, cluster, object } from './objects.ts';

afterEach(cleanUp);

const ref = { namespace: 'shop', name: checkout.metadata.name };
const POLICY = { endpointSelector: { matchLabels: { app: 'checkout' } } };
const policy = (namespace: string, name: string, egress: object[]) =>
  object('cilium.io/v2', 'CiliumNetworkPolicy', { namespace, name }, { spec: { ...POLICY, egress } });
const misplaced = policy('default', 'misplaced', [{ toFQDNs: [{ matchName: 'files.vendor.example' }] }]);
const broken = policy('default', 'broken', [{ toSatellites: ['one'] }]);

describe.each(ADAPTERS)('$name', ({ open }) => {
  it('finds the policy that was put into another namespace', async () => {
    const state = await createClusterSource(await open({ objects: [...cluster, misplaced, broken] })).readState(
      ref,
      never,
    );
    const pod = state.pods.find(({ meta }) => meta.name === ref.name);
    if (!pod) throw new Error('the pod was not read');
    const to = {
      host: 'files.vendor.example',
      cnames: [],
      addresses: ['203.0.113.10'],
      port: 443,
      protocol: 'TCP',
    } as const;
    expect(evaluateEgress(state, pod, to).nearMisses.map(({ kind, rule }) => [kind, rule.policy.name])).toContainEqual([
      'other_namespace',
      'misplaced',
    ]);
    expect(state.notRead.filter(({ what }) => what.startsWith('ciliumnetworkpolicies'))).toEqual([]);
    expect(policiesInReach(state, 'shop').map(({ meta }) => meta.name)).not.toContain('misplaced');
  });
});

it('a refusal is no gap, and the pod’s own namespace is whole', async () => {
  const forbidden = ['ciliumnetworkpolicies everywhere', 'networkpolicies everywhere'];
  const { reader } = await startLive({ objects: [...cluster, misplaced], forbidden });
  const state = await createClusterSource(reader).readState(ref, never);
  expect(state.policies.map(({ meta }) => meta.name)).toEqual(['deny-all', 'checkout-egress', 'baseline']);
  expect(state.notRead.filter(({ what }) => what.includes('networkpolicies'))).toEqual([]);
});

it('a cut list is no gap either, not even in a capture', async () => {
  const many = Array.from({ length: 600 }, (_, index) => policy('default', `p${String(index).padStart(3, '0')}`, [{}]));
  const { reader } = await startLive({ objects: [...cluster, ...many] });
  const live = await createClusterSource(reader).readState(ref, never);
  // One of the page's 500 is the pod's own.
  expect(live.policies.filter(({ meta }) => meta.namespace === 'default')).toHaveLength(499);
  const replayed = await createClusterSource(await recapture(reader, ref)).readState(ref, never);
  for (const state of [live, replayed]) {
    expect(policiesInReach(state, 'shop').map(({ meta }) => meta.name)).toEqual([
      'deny-all',
      'checkout-egress',
      'baseline',
    ]);
    expect(state.notRead.filter(({ what }) => what.startsWith('ciliumnetworkpolicies'))).toEqual([]);
  }
});
