/** Antrea's feature gates decide whether it takes the administrators' policies: its ConfigMap is read where Antrea runs. */
import { afterEach, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { enforcementOf } from '../../../src/core/policy/engine/enforcement.ts';
import { cleanUp, never, startLive } from './adapters.ts';
import { checkout, namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const agent = pod('kube-system', 'antrea-agent-1', {
  labels: { app: 'antrea', component: 'antrea-agent' },
  image: 'antrea/antrea-agent-ubuntu:v2.4.0',
});
const gates = (text: string) =>
  object(
    'v1',
    'ConfigMap',
    { namespace: 'kube-system', name: 'antrea-config' },
    { data: { 'antrea-controller.conf': text } },
  );

it.each([
  ['on', [gates('featureGates:\n  AdminNetworkPolicy: true\n')], 'yes'],
  ['off by default', [gates('featureGates:\n  # AdminNetworkPolicy: false\n')], 'no'],
  ['under another name', [], 'unknown'],
])('%s', async (_, more, enforced) => {
  const { reader } = await startLive({ objects: [namespace('shop'), checkout, agent, ...more] });
  const state = await createClusterSource(reader).readState({ namespace: 'shop', name: checkout.metadata.name }, never);
  expect(state.engine.cni).toBe('antrea');
  expect(enforcementOf('AdminNetworkPolicy', state).enforced).toBe(enforced);
  expect(state.notRead.filter(({ what }) => what.includes('antrea-config'))).toEqual([]);
});

it('is told when it may not be read', async () => {
  const { reader } = await startLive({ objects: [namespace('shop'), checkout, agent], forbidden: ['configmaps'] });
  const state = await createClusterSource(reader).readState({ namespace: 'shop', name: checkout.metadata.name }, never);
  expect(enforcementOf('AdminNetworkPolicy', state).enforced).toBe('unknown');
  expect(state.notRead.map(({ what }) => what)).toContain('configmaps kube-system/antrea-config');
});
