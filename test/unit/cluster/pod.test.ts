/** What a pod's specification says of its surroundings, decoded, and the same after a capture. */
import { describe, expect, it } from 'vitest';
import { podSchema } from '../../../src/cluster/decode/pod.ts';
import { prune } from '../../../src/cluster/prune.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { object } from './objects.ts';

const decoded = (spec: object, status: object = {}): Pod => {
  const raw = object(
    'v1',
    'Pod',
    { name: 'checkout', namespace: 'shop' },
    { spec: { containers: [], ...spec }, status },
  );
  const pod = podSchema.parse(raw);
  expect(podSchema.parse(prune(raw))).toEqual(pod);
  return pod;
};

describe('pods', () => {
  it('say nothing where nothing is said', () => {
    for (const field of ['os', 'nodeSelector', 'unscheduled', 'dnsConfig'])
      expect(decoded({})).not.toHaveProperty(field);
  });

  it.each([
    [{ os: { name: 'windows' }, nodeSelector: { 'kubernetes.io/os': 'linux' } }, 'windows'],
    [{ nodeSelector: { 'kubernetes.io/os': 'windows' } }, 'windows'],
    [{ nodeSelector: { 'beta.kubernetes.io/os': 'windows' } }, 'windows'],
    [{ nodeSelector: { disk: 'ssd' } }, undefined],
  ])('%j runs on %s', (spec, os) => {
    expect(decoded(spec).os).toBe(os);
  });

  it.each([
    [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no nodes' }, 'Unschedulable'],
    [{ type: 'PodScheduled', status: 'False' }, 'not scheduled'],
    [{ type: 'PodScheduled', status: 'True' }, undefined],
    [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }, undefined],
  ])('with %j is held: %s', (condition, unscheduled) => {
    expect(decoded({}, { conditions: [condition] }).unscheduled).toBe(unscheduled);
  });

  it('keep how the instance of a container before ended, also in a capture, and not what it said', () => {
    const terminated = {
      reason: 'OOMKilled',
      exitCode: 137,
      startedAt: '2026-11-24T09:00:00Z',
      finishedAt: '2026-11-24T10:00:00Z',
      message: 'token=abc',
    };
    const states = [{ name: 'app', restartCount: 3, state: { running: {} }, lastState: { terminated } }];
    const [container] = decoded({ containers: [{ name: 'app' }] }, { containerStatuses: states }).containers;
    expect([container?.restarts, container?.lastEnd]).toEqual([
      3,
      { at: '2026-11-24T10:00:00Z', reason: 'OOMKilled', exitCode: 137 },
    ]);
  });

  it('keep what they add to the resolver', () => {
    const options = [{ name: 'ndots', value: '1' }, { name: 'use-vc' }, { value: 'nameless' }];
    const { dnsConfig } = decoded({ dnsConfig: { searches: ['vendor.example'], options } });
    expect(dnsConfig).toEqual({
      nameservers: [],
      searches: ['vendor.example'],
      options: [{ name: 'ndots', value: '1' }, { name: 'use-vc' }],
    });
  });

  it('tell native sidecars from init containers', () => {
    const { containers } = decoded({
      containers: [{ name: 'app', restartPolicy: 'Always' }],
      initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }],
    });
    expect(containers.filter(({ nativeSidecar }) => nativeSidecar === true).map(({ name }) => name)).toEqual(['proxy']);
  });

  it('keep the address of the credential agent in a capture, and no token', () => {
    const env = [
      { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' },
      { name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN', value: 'hunter2' },
    ];
    const raw = object('v1', 'Pod', { name: 'x', namespace: 'shop' }, { spec: { containers: [{ name: 'app', env }] } });
    expect(podSchema.parse(prune(raw)).containers[0]?.env).toEqual({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: '[redacted]',
    });
  });
});
