import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/core/model/workload.ts';
import { findSibling, siblingStep } from '../../../src/core/path/sibling.ts';
import { container, type PodParts, pod } from './pods.ts';

const labels = { app: 'checkout', 'pod-template-hash': '7d9f' };
const like = (name: string, over: PodParts = {}): Pod =>
  pod([container('app')], { nodeName: 'node-2', ...over, meta: { name, labels, ...over.meta } });
const failing = like('checkout-1', { nodeName: 'node-1' });
const crashed = { state: 'waiting', stateReason: 'CrashLoopBackOff' } as const;

describe('findSibling', () => {
  it.each<[string, readonly Pod[], string | undefined]>([
    ['nobody', [], undefined],
    ['not the pod itself', [failing], undefined],
    ['a running one', [like('checkout-2')], 'checkout-2'],
    ['one on the same node first', [like('checkout-2'), like('checkout-3', { nodeName: 'node-1' })], 'checkout-3'],
    ['no other namespace', [like('checkout-2', { meta: { namespace: 'other' } })], undefined],
    ['no other service account', [like('checkout-2', { serviceAccount: 'admin' })], undefined],
    ['no other labels', [like('checkout-2', { meta: { labels: { ...labels, tier: 'canary' } } })], undefined],
    [
      'no other revision',
      [like('checkout-2', { meta: { labels: { ...labels, 'pod-template-hash': 'x' } } })],
      undefined,
    ],
    [
      'another of a StatefulSet',
      [like('checkout-2', { meta: { labels: { ...labels, 'statefulset.kubernetes.io/pod-name': 'checkout-2' } } })],
      'checkout-2',
    ],
    ['no other network', [like('checkout-2', { hostNetwork: true })], undefined],
    ['none that has ended', [like('checkout-2', { phase: 'Succeeded' })], undefined],
    ['none that waits', [like('checkout-2', { phase: 'Pending' })], undefined],
    ['none that leaves', [like('checkout-2', { meta: { deletionTimestamp: '2026-11-26T10:00:00Z' } })], undefined],
    ['none in which nothing runs', [like('checkout-2', { containers: [container('app', crashed)] })], undefined],
  ])('%s', (_name, pods, expected) => {
    expect(findSibling(failing, pods)?.meta.name).toBe(expected);
  });

  it('does not mind the order of labels', () => {
    const turned = { 'pod-template-hash': '7d9f', app: 'checkout' };
    expect(findSibling(failing, [like('checkout-2', { meta: { labels: turned } })])?.meta.name).toBe('checkout-2');
  });
});

describe('siblingStep', () => {
  it('says what another node cannot show', () => {
    expect(siblingStep(failing, like('checkout-2'))).toMatch(
      /^Ask about pod\/checkout-2, which runs on node node-2: .*same policies.* cache of names, so it cannot show a fault of this node/,
    );
  });

  it('says what the same node cannot show', () => {
    const step = siblingStep(failing, like('checkout-3', { nodeName: 'node-1' }));
    expect(step).toMatch(/on the same node: .*cannot show what is wrong with this pod alone\.$/);
    expect(step).not.toContain('cache of names');
  });
});
