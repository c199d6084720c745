/** Laws of the engine on random policy sets. */

import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, CiliumPolicy } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import * as fc from '../support/fast-check.ts';
import { cnp, dnsRule, kubeDns, P, ports, select, world } from './world.ts';

const port = fc.constantFrom(
  ...['443/TCP', '80/TCP', '443/UDP', '53/UDP', '0/TCP', '443'].map((text) => ({ ports: ports(text) })),
);
const range = fc.constant({ ports: [{ port: '400', endPort: 500, protocol: 'TCP' }] });
const toPorts = fc.option(fc.array(fc.oneof(port, range), { minLength: 1, maxLength: 2 }), { nil: undefined });
const peer = fc.constantFrom<CiliumEgressRule>(
  {},
  { toEndpoints: [select()] },
  { toEndpoints: [kubeDns] },
  { toEntities: ['world'] },
  { toEntities: ['cluster'] },
  { toCIDR: ['203.0.113.0/24'] },
  { toCIDRSet: [{ cidr: '203.0.113.0/24', except: ['203.0.113.10/32'] }] },
);
const element = fc
  .tuple(peer, toPorts)
  .map(([one, list]): CiliumEgressRule => ({ ...one, ...(list && { toPorts: list }) }));
const named = fc.constantFrom<CiliumEgressRule>(dnsRule(), dnsRule([{ matchName: 'a.example' }]), {
  toFQDNs: [{ matchName: 'a.example' }],
  toPorts: [{ ports: ports('443/TCP') }],
});
const allows = fc.array(fc.oneof(element, named), { minLength: 1, maxLength: 3 });
const denies = fc.array(element, { minLength: 1, maxLength: 2 });
const policy = fc.oneof(
  allows.map((egress) => ({ egress })),
  denies.map((egressDeny) => ({ egressDeny })),
  fc.tuple(allows, denies).map(([egress, egressDeny]) => ({ egress, egressDeny })),
  allows.map((egress) => ({ egress, enableDefaultDenyEgress: false })),
);
const set = fc
  .array(policy, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((part, index) => cnp(`p${index}`, part)));
const destination = fc.record({
  host: fc.constantFrom('a.example', 'b.example'),
  cnames: fc.constant([]),
  addresses: fc.constantFrom(['203.0.113.10'], ['203.0.113.11'], ['10.0.0.2'], ['10.1.1.1']),
  port: fc.constantFrom(443, 80, 450),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
});

const RANK: Record<Decision, number> = { denied: 0, unknown: 1, allowed: 2 };
const connect = (policies: readonly CiliumPolicy[], to: Parameters<typeof evaluateEgress>[2]) =>
  evaluateEgress(world(policies), P, to).connect.decision;

describe('laws', () => {
  it('the order of policies does not matter', () => {
    fc.assert(
      fc.property(set, destination, (policies, to) => {
        const one = evaluateEgress(world(policies), P, to);
        const other = evaluateEgress(world(policies.toReversed()), P, to);
        expect([other.decision, other.lookup.reason, other.connect.reason]).toEqual([
          one.decision,
          one.lookup.reason,
          one.connect.reason,
        ]);
      }),
    );
  });
  it('an added allow takes nothing away from a pod that is isolated already', () => {
    fc.assert(
      fc.property(set, allows, destination, (policies, egress, to) => {
        const isolated = [...policies, cnp('isolated', { egress: [{}] })];
        expect(RANK[connect([...isolated, cnp('more', { egress })], to)]).toBeGreaterThanOrEqual(
          RANK[connect(isolated, to)],
        );
      }),
    );
  });
  it('an added deny opens nothing', () => {
    fc.assert(
      fc.property(set, denies, destination, (policies, egressDeny, to) => {
        expect(RANK[connect([...policies, cnp('less', { egressDeny })], to)]).toBeLessThanOrEqual(
          RANK[connect(policies, to)],
        );
      }),
    );
  });
  it('verdict and words agree: a rule is named exactly when a rule decides', () => {
    fc.assert(
      fc.property(set, destination, (policies, to) => {
        const { connect: stage, isolatedBy } = evaluateEgress(world(policies), P, to);
        const byRule = ['allowed_by_rule', 'explicit_deny', 'dns_not_proxied'].includes(stage.reason);
        expect(stage.decidedBy.length > 0).toBe(byRule);
        expect(stage.reason !== 'default_deny' || isolatedBy.length > 0).toBe(true);
      }),
    );
  });
});
