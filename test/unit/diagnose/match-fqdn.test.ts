/** A name that may be looked up is not thereby one that may be connected to. */
import { describe, expect, it } from 'vitest';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { matchNamesOfPod } from '../../../src/diagnose/match-fqdn.ts';
import { POD, STATE } from '../verdict/case-builder.ts';
import { memoryDeps } from './memory-ports.ts';

const policy: CiliumPolicy = {
  kind: 'CiliumNetworkPolicy',
  meta: { namespace: 'shop', name: 'egress', labels: {}, annotations: {}, owners: [], managers: [] },
  conditions: [],
  rules: [
    {
      path: 'spec',
      rule: {
        endpointSelector: { matchLabels: {}, matchExpressions: [] },
        hasIngress: false,
        egress: [
          { toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], dns: [{ matchPattern: '*' }] }] },
          { toFQDNs: [{ matchName: 'api.vendor.example' }] },
        ],
      },
    },
  ],
};

describe('matchFqdn of a pod', () => {
  it('counts only selectors that open connections', async () => {
    const deps = memoryDeps({ state: { ...STATE, policies: [policy] }, network: {} });
    const workload = { namespace: 'shop', kind: 'pod' as const, name: POD.meta.name };
    const names = ['api.vendor.example', 'files.vendor.example'];
    const run = { signal: new AbortController().signal, progress: () => undefined };
    const answer = await matchNamesOfPod(deps, { workload, names }, run);
    expect(answer.names.map(({ matched }) => matched)).toEqual([true, false]);
    expect(answer.findings.slice(0, 2).map(({ state }) => state)).toEqual(['confirmed', 'ruled_out']);
    expect(JSON.stringify(answer.findings[1])).toContain('looked up, not connected');
  });
});
