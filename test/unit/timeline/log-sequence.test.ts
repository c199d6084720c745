/** Failure and rollout beside each other where only logs are read. */
import { describe, expect, it } from 'vitest';
import { grepLogs } from '../../../src/diagnose/grep-logs.ts';
import { memoryDeps, type World } from '../diagnose/memory-ports.ts';
import { logs, STATE } from '../verdict/case-builder.ts';

const failed = {
  class: 'connect_timeout',
  host: 'files.vendor.example',
  port: 443,
  container: 'app',
  count: 2,
  firstSeen: '2026-11-24T11:02:11Z',
  lastSeen: '2026-11-24T11:40:00Z',
  excerpt: 'x',
} as const;
const revision = (number: number, created: string, image: string, current: boolean) => ({
  object: { kind: 'ReplicaSet', namespace: 'shop', name: `checkout-${number}` },
  revision: number,
  created,
  current,
  containers: [{ name: 'app', role: 'app' as const, image, env: {} }],
});
const history: NonNullable<World['history']> = {
  ok: true,
  value: {
    workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
    revisions: [
      revision(1, '2026-10-01T08:00:00Z', 'vendor/app:2.3', false),
      revision(2, '2026-11-24T11:01:03Z', 'vendor/app:2.4', true),
    ],
  },
};

async function timelineOf(world: Partial<World>) {
  const deps = memoryDeps({ state: STATE, network: {}, ...world });
  const workload = { namespace: 'shop', kind: 'pod', name: 'checkout-1' } as const;
  const run = { signal: new AbortController().signal, progress: () => {} };
  const { findings } = await grepLogs(deps, { workload, sinceSeconds: 3600, previous: false }, run);
  return findings.find(({ id }) => id === 'timeline');
}

describe('grepPodLogs', () => {
  it('joins the first failure of the host that failed last with the last rollout', async () => {
    const found = await timelineOf({ logs: logs({ failures: [failed] }), history });
    expect(found?.statement).toBe(
      'files.vendor.example: failing since 11:02:11Z or earlier: the log that was read begins with it; app image 2.3 → 2.4 at 11:01:03Z.',
    );
    expect(found?.evidence[0]?.where).toBe('Deployment shop/checkout');
  });

  it('says so where revisions may not be read', async () => {
    const notRead = { what: 'replicasets', code: 'forbidden', reason: 'listing replicasets is forbidden' } as const;
    const found = await timelineOf({ logs: logs({ failures: [failed] }), history: { ok: false, notRead } });
    expect(found?.statement).toContain('rollouts not known: listing replicasets is forbidden');
  });

  it.each([
    ['without failures', []],
    ['without a host', [{ ...failed, host: undefined }]],
    ['without times', [{ ...failed, firstSeen: undefined }]],
  ])('%s nothing is said', async (_name, failures) => {
    expect(await timelineOf({ logs: logs({ failures: failures as never }), history })).toBeUndefined();
  });
});
