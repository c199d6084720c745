/** The fleet answer groups pods; each pod must get exactly what it would get alone. */

import { describe, expect, test } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { decideEgress } from '../../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../../src/core/policy/fleet.ts';
import * as fc from '../support/fast-check.ts';
import { container, istio } from './kinds/mesh-world.ts';
import { ccnp, cnp, dnsRule, np, P, pod, rule, select, tcp443, world } from './world.ts';

const TO_NAME: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.7'],
  port: 443,
  protocol: 'TCP',
};
const TO_NODE: Destination = { cnames: [], addresses: ['10.1.1.1'], port: 443, protocol: 'TCP' };

const POLICIES: readonly Policy[] = [
  cnp('names', {
    endpointSelector: select({ app: 'a' }),
    egress: [dnsRule(), { toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: tcp443 }],
  }),
  cnp('two-sections', [
    rule({ endpointSelector: select({ app: 'a' }), egress: [{ toEntities: ['remote-node'] }] }),
    rule({ endpointSelector: select({ tier: 'x' }), egress: [{ toCIDR: ['203.0.113.0/24'] }] }),
  ]),
  ccnp('everywhere', { endpointSelector: select({ tier: 'x' }), egress: [{ toEntities: ['host'] }] }),
  np('isolating', { podSelector: select({ app: 'b' }), policyTypes: ['Egress'] }),
];

const anyPod = fc
  .record({
    app: fc.constantFrom('a', 'b', 'c'),
    tier: fc.constantFrom('x', 'y'),
    namespace: fc.constantFrom('default', 'other'),
    node: fc.constantFrom('n1', 'n2'),
    dnsPolicy: fc.constantFrom('ClusterFirst', 'None', 'Default'),
    hostNetwork: fc.boolean(),
    alias: fc.boolean(),
    phase: fc.constantFrom('Running', 'Pending', 'Succeeded'),
    proxy: fc.constantFrom(undefined, 'istio-proxy', 'linkerd-proxy'),
    excluded: fc.boolean(),
  })
  .map(({ app, tier, namespace, node, alias, proxy, excluded, ...rest }) => ({
    namespace,
    more: {
      ...rest,
      labels: { app, tier },
      nodeName: node,
      nodeIPs: [node === 'n1' ? '10.1.1.9' : '10.1.1.1'],
      containers: ['app', ...(proxy === undefined ? [] : [proxy])].map((name) => container(name)),
      excluded,
      hostAliases: alias ? [{ ip: '203.0.113.9', hostnames: ['Files.vendor.example'] }] : [],
    },
  }));

function cluster(made: readonly { namespace: string; more: Partial<Pod> & { excluded: boolean } }[]): readonly Pod[] {
  return made.map(({ namespace, more: { excluded, ...more } }, index) => {
    const plain = pod(`p${index}`, namespace, `10.0.1.${index + 1}`, more);
    const annotations = excluded ? EXCLUDED : {};
    return { ...plain, meta: { ...plain.meta, annotations } };
  });
}

const EXCLUDED = {
  'traffic.sidecar.istio.io/excludeOutboundPorts': '443',
  'config.linkerd.io/skip-outbound-ports': '443',
};

describe('fleetEgress', () => {
  test('gives every pod the verdict it would get alone', () => {
    fc.assert(
      fc.property(
        fc.array(anyPod, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(TO_NAME, TO_NODE),
        fc.subarray([...POLICIES]),
        fc.boolean(),
        (made, destination, policies, meshRead) => {
          const pods = cluster(made);
          const facts = meshRead ? { istio: istio('REGISTRY_ONLY') } : {};
          const state = world(policies, { pods: [...world([]).pods, ...pods], ...facts });
          const groups = fleetEgress(state, destination);
          for (const { verdict, pods: members } of groups)
            for (const one of members) expect(verdict).toEqual(decideEgress(state, one, destination));
          const asked = state.pods.filter(({ phase }) => phase !== 'Succeeded');
          expect(new Set(groups.flatMap((group) => group.pods))).toEqual(new Set(asked));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('asks once for pods that are alike', () => {
    const pods = Array.from({ length: 50 }, (_, index) =>
      pod(`r${index}`, 'default', `10.0.2.${index}`, { labels: { app: 'a', 'pod-template-hash': `h${index}` } }),
    );
    const groups = fleetEgress(world(POLICIES, { pods: [...world([]).pods, ...pods] }), TO_NAME);
    const group = groups.find(({ pods: members }) => members.includes(pods[0] ?? P));
    expect(group?.pods).toHaveLength(50);
    expect(group?.verdict.decision).toBe('allowed');
  });
});
