/** A name that may be looked up is not thereby one that may be connected to. */
import { describe, expect, it } from 'vitest';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { matchNames, matchNamesOfPod } from '../../../src/diagnose/match-fqdn.ts';
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

describe('matchFqdn of given patterns', () => {
  const names = ['files.eu.vendor.example'];
  const patterns = ['*.vendor.example', 'files.eu.vendor.example'];
  const when = '2026-01-01T00:00:00Z';

  it.each([
    ['cilium', false],
    ['gke', false],
    ['ovn', false],
    ['kcnp', true],
    ['antrea', true],
    ['calico', true],
    ['istio', true],
    ['gateway', true],
  ] as const)('%s: the star spans labels: %s', (dialect, spans) => {
    const [line] = matchNames({ names, patterns, dialect, version: '1.18.4' }, when).names;
    const star = line?.selectors.find(({ selector }) => selector === '*.vendor.example');
    expect(star).toMatchObject({ dialect, matches: spans });
    expect(line?.selectors.map((entry) => entry.dialect)).toEqual([dialect, dialect]);
  });

  it('are read as Cilium patterns, of the version given, when no dialect is named', () => {
    const spanning = (version: string) =>
      matchNames({ names, patterns: ['**.vendor.example'], version }, when).names[0]?.matched;
    expect(['1.18.4', '1.19.5'].map(spanning)).toEqual([false, true]);
    expect(matchNames({ names, patterns, version: '1.18.4' }, when).engineVersion).toBe('1.18.4');
    expect(matchNames({ names, patterns, dialect: 'gke', version: '1.18.4' }, when).engineVersion).toBeUndefined();
  });

  it('what the API refuses is said, not just not matched', () => {
    const answer = matchNames({ names, patterns: ['api*.vendor.example'], dialect: 'kcnp' }, when);
    expect(answer.names[0]?.selectors[0]).toMatchObject({ matches: false });
    expect(answer.names[0]?.selectors[0]?.explanation).toContain('the API refuses it');
  });
});
