/** The fleet answer groups pods; each pod must get exactly what it would get alone. */

import { describe, expect, test } from 'vitest';
import { AUTO_MODE } from '../../../src/core/model/aws-settings.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { decideEgress } from '../../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../../src/core/policy/fleet.ts';
import * as fc from '../support/fast-check.ts';
import { calico, onCalico } from './kinds/calico-world.ts';
import { container, istio } from './kinds/mesh-world.ts';
import { ccnp, cnp, dnsRule, meta, np, P, pod, rule, select, tcp443, world } from './world.ts';

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

/** States whose pods look alike but for one thing, which decides. */
const DIFFERENT: readonly (readonly [string, ClusterState])[] = [
  [
    'a service account that a selector asks for',
    world([cnp('a', { endpointSelector: select({ 'io.cilium.k8s.policy.serviceaccount': 'x' }), egress: [{}] })], {
      pods: alike([{ serviceAccount: 'x' }, { serviceAccount: 'y' }]),
    }),
  ],
  [
    'a label that only an exclusion asks for',
    world(
      [
        np('a', {
          podSelector: { matchLabels: {}, matchExpressions: [{ key: 'z', operator: 'NotIn', values: ['1'] }] },
          policyTypes: ['Egress'],
        }),
      ],
      { pods: alike([{ labels: { app: 'a', z: '1' } }, { labels: { app: 'a', z: '2' } }, { labels: { app: 'a' } }]) },
    ),
  ],
  [
    'an address that a group of ranges holds',
    world([cnp('a', { endpointSelector: select({ 'cidrgroup:zone': 'x' }), egress: [{}] })], {
      version: '1.20.2',
      config: { 'policy-cidr-match-mode': 'pods' },
      cidrGroups: [{ meta: meta('g', undefined, { zone: 'x' }), externalCIDRs: ['10.0.5.1/32'] }],
      pods: alike([{}, {}]),
    }),
  ],
  [
    'the class of the node',
    world([], {
      engine: {
        cni: 'aws-vpc-cni',
        config: { 'enable-network-policy-controller': 'true', [AUTO_MODE]: 'true' },
        seenBy: 'test',
      },
      nodes: [
        { meta: meta('n1', undefined, { 'eks.amazonaws.com/nodeclass': 'strict' }), addresses: ['10.1.1.9'] },
        { meta: meta('n2'), addresses: ['10.1.1.1'] },
      ],
      nodeClasses: [{ meta: meta('strict'), networkPolicy: 'DefaultDeny' }],
      pods: alike([{ nodeName: 'n1' }, { nodeName: 'n2' }]),
    }),
  ],
  [
    'an address that a rule goes by',
    onCalico(
      [calico('a', 'egress: [{action: Deny, source: {nets: [10.0.5.1/32]}}, {action: Allow}]')],
      {},
      { pods: alike([{}, {}, {}]) },
    ),
  ],
  [
    'a service account that an expression asks for',
    onCalico(
      [
        calico(
          'a',
          '{selector: all(), serviceAccountSelector: "projectcalico.org/name == \'x\'", egress: [{action: Deny}]}',
        ),
      ],
      {},
      { pods: alike([{ serviceAccount: 'x' }, { serviceAccount: 'y' }]) },
    ),
  ],
];

function alike(made: readonly (Partial<Pod> & { labels?: Record<string, string> })[]): readonly Pod[] {
  return made.map((more, index) => pod(`r${index}`, 'default', `10.0.5.${index}`, { labels: { app: 'a' }, ...more }));
}

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

  test.each(DIFFERENT)('tells pods of the same labels apart by %s', (_, state) => {
    const groups = fleetEgress(state, TO_NAME);
    const told = new Map(groups.flatMap(({ verdict, pods }) => pods.map((one) => [one.meta.name, verdict] as const)));
    for (const one of state.pods)
      expect(told.get(one.meta.name), one.meta.name).toEqual(decideEgress(state, one, TO_NAME));
    expect(new Set([...told.values()].map(({ connect }) => connect.decision)).size).toBeGreaterThan(1);
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
