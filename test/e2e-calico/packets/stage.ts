/** What Calico's policies of a lane refer to: tiers before and after the default one, and sets of outside addresses. */
import { type Lane, lanes, OWNER } from '../../e2e/packets/lanes.ts';
import type { EngineObjects } from '../../e2e/packets/stage.ts';
import { plan } from '../../lab/plan.ts';

/** The form in which the API server stores Calico's objects; the lab lacks the API server that shows them as projectcalico.org/v3. */
export const STORED = 'crd.projectcalico.org/v1';

interface Tier {
  readonly name: string;
  readonly order?: number;
  readonly defaultAction?: 'Deny' | 'Pass';
}

/** Those of the first and the second lane share an order with each other, so that names decide. */
export function tiersOf({ letter }: Lane): readonly Tier[] {
  const at = lanes.findIndex((lane) => lane.letter === letter) >> 1;
  return [
    { name: `packets-${letter}-first`, order: 100 + at, defaultAction: 'Pass' },
    { name: `packets-${letter}-early`, order: 100 + at, defaultAction: 'Deny' },
    { name: `packets-${letter}-plain`, order: 200 },
    { name: `packets-${letter}-late`, order: 2_000_000, defaultAction: 'Deny' },
    { name: `packets-${letter}-last`, defaultAction: 'Pass' },
  ];
}

export const CALICO: EngineObjects = {
  group: 'crd.projectcalico.org',
  version: 'v1',
  policies: 'globalnetworkpolicies',
  referred: ['globalnetworksets', 'tiers'],
  of: (lane) => [
    ...tiersOf(lane).map(({ name, ...spec }) => ({
      apiVersion: STORED,
      kind: 'Tier',
      metadata: { name, labels: OWNER },
      spec,
    })),
    {
      apiVersion: STORED,
      kind: 'NetworkSet',
      metadata: { name: 'vendors', namespace: lane.namespace, labels: { ...OWNER, role: 'vendors' } },
      spec: { nets: [`${lane.addresses.api}/30`, '203.0.113.48/29'] },
    },
    {
      apiVersion: STORED,
      kind: 'GlobalNetworkSet',
      metadata: { name: `packets-${lane.letter}`, labels: { ...OWNER, role: 'resolvers', lane: lane.letter } },
      spec: { nets: [`${plan.publicDns}/32`, `${lane.addresses.other}/32`] },
    },
  ],
};
