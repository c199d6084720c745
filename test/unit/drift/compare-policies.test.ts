import { describe, expect, it } from 'vitest';
import { comparePolicies } from '../../../src/core/drift/compare-policies.ts';
import type { Json, JsonRecord } from '../../../src/core/drift/json.ts';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import type { FieldDifference } from '../../../src/core/model/drift.ts';
import type { PatchablePolicy } from '../../../src/core/model/policy.ts';
import * as fc from '../support/fast-check.ts';
import { cnp, fqdnRule, networkPolicy } from './policies.ts';

function normal(kind: PatchablePolicy['kind'], manifest: JsonRecord): JsonRecord {
  const result = normalise(kind, manifest);
  if (!result.ok) throw new Error(result.reason);
  return result.normal;
}

function compare(live: PatchablePolicy, git: JsonRecord): readonly FieldDifference[] {
  return comparePolicies(normal(live.kind, toManifest(live).manifest), normal(live.kind, git));
}

const selector = { matchLabels: { app: 'checkout' } };

describe('comparing a live policy with Git', () => {
  const same: [string, PatchablePolicy, JsonRecord][] = [
    [
      'order, letter case and the trailing dot of names, numbers as ports',
      cnp('a', [fqdnRule(['api.vendor.example', 'b.example'])]),
      {
        spec: {
          endpointSelector: selector,
          egress: [
            {
              toPorts: [{ ports: [{ protocol: 'TCP', port: 443 }] }],
              toFQDNs: [{ matchName: 'B.example.' }, { matchName: 'API.vendor.example' }],
            },
          ],
        },
      },
    ],
    [
      'Cilium protocol ANY written or not, empty selector parts, default-deny written out, nulls',
      cnp('a', [{ toEndpoints: [{ matchLabels: {}, matchExpressions: [] }], toPorts: [{ ports: [{ port: '53' }] }] }]),
      {
        spec: {
          description: 'why',
          endpointSelector: selector,
          enableDefaultDeny: { egress: true },
          egressDeny: null,
          egress: [{ toEndpoints: [{ matchLabels: {} }], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] }],
        },
      },
    ],
    [
      'NetworkPolicy defaults: protocol TCP, policyTypes derived, podSelector empty',
      networkPolicy('a', { policyTypes: ['Egress', 'Ingress'], egress: [{ ports: [{ port: 443, protocol: 'TCP' }] }] }),
      { spec: { podSelector: {}, egress: [{ to: [], ports: [{ port: 443 }] }] } },
    ],
    [
      'NetworkPolicy without egress',
      networkPolicy('a', {}),
      { spec: { podSelector: { matchLabels: {} }, policyTypes: ['Ingress'] } },
    ],
  ];
  it.each(same)('same: %s', (_name, live, git) => {
    expect(compare(live, git)).toEqual([]);
  });

  it('shows a missing name at its rule, whatever the rule order', () => {
    const live = cnp('a', [
      fqdnRule(['api.vendor.example', 'files.vendor.example']),
      fqdnRule(['x.example'], ['8443']),
    ]);
    const git = toManifest(cnp('a', [fqdnRule(['x.example'], ['8443']), fqdnRule(['api.vendor.example'])])).manifest;
    expect(compare(live, git)).toEqual([
      { path: 'spec.egress[0].toFQDNs', live: [{ matchName: 'files.vendor.example' }] },
    ]);
  });

  it('shows both sides of a changed port, and rules that have no counterpart', () => {
    const live = cnp('a', [fqdnRule(['a.example'], ['443']), { toCIDR: ['10.0.0.0/8'] }]);
    const git = toManifest(cnp('a', [fqdnRule(['a.example'], ['8443'])])).manifest;
    expect(compare(live, git)).toEqual([
      {
        path: 'spec.egress[0].toPorts[0].ports',
        live: [{ port: '443', protocol: 'TCP' }],
        git: [{ port: '8443', protocol: 'TCP' }],
      },
      { path: 'spec.egress[1]', live: { toCIDR: ['10.0.0.0/8'] } },
    ]);
  });

  const distinct: [string, JsonRecord, JsonRecord][] = [
    ['an absent and an empty toFQDNs', { egress: [{ toFQDNs: [] }] }, { egress: [{}] }],
    ['an allow and a deny', { egress: [{ toCIDR: ['10.0.0.0/8'] }] }, { egressDeny: [{ toCIDR: ['10.0.0.0/8'] }] }],
    ['default deny switched off', { egress: [{}], enableDefaultDeny: { egress: false } }, { egress: [{}] }],
    [
      'TCP and ANY',
      { egress: [{ toPorts: [{ ports: [{ port: '53', protocol: 'TCP' }] }] }] },
      { egress: [{ toPorts: [{ ports: [{ port: '53' }] }] }] },
    ],
  ];
  it.each(distinct)('differs: %s', (_name, left, right) => {
    const [a, b] = [normal('CiliumNetworkPolicy', { spec: left }), normal('CiliumNetworkPolicy', { spec: right })];
    expect(comparePolicies(a, b)).not.toEqual([]);
    expect(comparePolicies(b, a)).not.toEqual([]);
  });

  it.each<[string, Json]>([
    ['spec.egress is not a list', { egress: 'all' }],
    ['spec.egress[0] is not a mapping', { egress: ['all'] }],
    ['spec.egress[0].toPorts[0].ports is not a list', { egress: [{ toPorts: [{ ports: 443 }] }] }],
  ])('refuses a document that is no policy: %s', (reason, spec) => {
    expect(normalise('CiliumNetworkPolicy', { spec })).toEqual({ ok: false, reason });
  });

  it('refuses a Cilium document without spec and specs', () => {
    expect(normalise('CiliumNetworkPolicy', { metadata: {} })).toMatchObject({ ok: false });
  });

  it('is empty for any reordering of rules and names, and symmetric in whether it is empty', () => {
    const rules = fc.array(
      fc
        .tuple(fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: 4 }), fc.constantFrom('443', '80'))
        .map(([names, port]) => fqdnRule(names, [port])),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(rules, rules, (left, right) => {
        const [a, b] = [cnp('p', left), cnp('p', right)];
        const shuffled = left.map((rule) => ({ ...rule, toFQDNs: (rule.toFQDNs ?? []).toReversed() })).toReversed();
        expect(compare(a, toManifest(cnp('p', shuffled)).manifest)).toEqual([]);
        const forth = compare(a, toManifest(b).manifest).length === 0;
        expect(compare(b, toManifest(a).manifest).length === 0).toBe(forth);
      }),
      { numRuns: 100 },
    );
  });
});
