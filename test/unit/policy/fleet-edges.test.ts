/** Pods that one thing tells apart in a fleet's answer: each gets what it would get alone, and as few questions are asked as may be. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Pod, Service } from '../../../src/core/model/workload.ts';
import { decideEgress } from '../../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../../src/core/policy/fleet.ts';
import { policiesInReach } from '../../../src/core/policy/in-reach.ts';
import { container, istio } from './kinds/mesh-world.ts';
import { ccnp, cnp, DNS, dnsRule, meta, np, pod, rule, select, tcp443, world } from './world.ts';

const FILES: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.7'],
  port: 443,
  protocol: 'TCP',
};
const to = (address: string): Destination => ({ cnames: [], addresses: [address], port: 443, protocol: 'TCP' });
const on = (node: string) => ({ nodeName: node, nodeIPs: [node === 'n1' ? '10.1.1.9' : '10.1.1.1'] });
const made = (name: string, more: Partial<Pod> & { labels?: Record<string, string> } = {}, namespace = 'default') =>
  pod(name, namespace, `10.0.7.${name.codePointAt(0) ?? 0}`, { labels: { app: 'a' }, ...on('n1'), ...more });

/** The names of each group, after it was checked that each pod has the verdict that it would have alone. */
function groupsOf(state: ClusterState, destination: Destination): string[] {
  const groups = fleetEgress(state, destination);
  for (const { verdict, pods } of groups)
    for (const one of pods) expect(verdict, one.meta.name).toEqual(decideEgress(state, one, destination));
  return groups.map(({ pods }) => pods.map(({ meta: { name } }) => name).join(' '));
}

const names = cnp('n', { egress: [dnsRule(), { toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: tcp443 }] });

describe('pods are told apart', () => {
  it.each<[string, ClusterState, Destination, string[]]>([
    ['by nothing', world([names], { pods: [made('b'), made('c', on('n2')), DNS] }), FILES, ['b c', 'coredns']],
    [
      'by their node, where the destination is one',
      world([], { pods: [made('b'), made('c', on('n2')), made('d')] }),
      to('10.1.1.1'),
      ['b d', 'c'],
    ],
    [
      'by their node, where no pod uses the cluster DNS',
      world([], {
        pods: ['b', 'c'].map((name, at) => made(name, { dnsPolicy: 'None', ...on(at === 0 ? 'n1' : 'n2') })),
      }),
      FILES,
      ['b', 'c'],
    ],
    [
      'by their node, where nodes have DNS caches',
      world([names], {
        pods: [
          made('b'),
          made('c', on('n2')),
          DNS,
          pod('z', 'kube-system', '10.0.8.1', { labels: { 'k8s-app': 'node-local-dns' }, ...on('n2') }),
        ],
      }),
      FILES,
      ['b', 'c', 'coredns', 'z'],
    ],
    [
      'by the host network, and how they ask for names',
      world([names], { pods: [made('b'), made('c', { hostNetwork: true }), made('d', { dnsPolicy: 'None' }), DNS] }),
      FILES,
      ['b', 'c', 'd', 'coredns'],
    ],
    [
      'by a hosts entry for the name, and not for another',
      world([names], {
        pods: [
          made('b'),
          made('c', { hostAliases: [{ ip: '198.51.100.1', hostnames: ['x', 'FILES.vendor.example.'] }] }),
          made('d', { hostAliases: [{ ip: '198.51.100.1', hostnames: ['x'] }] }),
          DNS,
        ],
      }),
      FILES,
      ['b d', 'c', 'coredns'],
    ],
    [
      'by no hosts entry where an address is asked for',
      world([], {
        pods: [made('b'), made('c', { hostAliases: [{ ip: '198.51.100.1', hostnames: ['files.vendor.example'] }] })],
      }),
      to('203.0.113.7'),
      ['b c'],
    ],
    [
      'by which spec of a policy takes them',
      world(
        [
          cnp('s', [
            rule({ endpointSelector: select({ app: 'a' }), egress: [{ toCIDR: ['203.0.113.0/24'] }] }),
            rule({ endpointSelector: select({ app: 'b' }), egress: [{ toCIDR: ['198.51.100.0/24'] }] }),
          ]),
        ],
        { pods: [made('b'), made('c', { labels: { app: 'b' } }), made('d', { labels: { app: 'c' } })] },
      ),
      to('203.0.113.7'),
      ['b', 'c', 'd'],
    ],
    [
      'by how surely a policy takes them',
      world(
        [
          ccnp('c', {
            endpointSelector: select({ 'io.cilium.k8s.namespace.labels.team': 'x' }),
            egress: [{ toCIDR: ['10.9.0.0/16'] }],
          }),
        ],
        {
          namespaces: [{ meta: meta('default', undefined, { team: 'x' }) }],
          pods: [made('b'), made('c', {}, 'unread')],
        },
      ),
      to('203.0.113.7'),
      ['b', 'c'],
    ],
    [
      'by their labels in a mesh alone',
      world([], {
        istio: istio('REGISTRY_ONLY'),
        pods: [
          made('b', { containers: [container('app'), container('istio-proxy')] }),
          made('c', { labels: { app: 'c' }, containers: [container('app'), container('istio-proxy')] }),
          made('d'),
          made('e', { labels: { app: 'e' } }),
        ],
      }),
      to('203.0.113.7'),
      ['b', 'c', 'd e'],
    ],
    [
      'by namespace',
      world([np('i', { policyTypes: ['Egress'] })], { pods: [made('b'), made('c', {}, 'other'), made('d')] }),
      to('203.0.113.7'),
      ['b d', 'c'],
    ],
  ])('%s', (_, state, destination, expected) => {
    expect(groupsOf(state, destination)).toEqual(expected);
  });

  it('by their node, where a name without a dot leads to one in some namespace', () => {
    const service: Service = {
      meta: meta('db', 'other'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.50'],
      externalIPs: [],
      selector: {},
      ports: [{ port: 443, protocol: 'TCP' }],
    };
    const backend = {
      namespace: 'other',
      service: 'db',
      addresses: ['10.1.1.1'],
      ports: [{ port: 443, protocol: 'TCP' as const }],
      ready: true,
    };
    const base = world([]);
    const host = { ...cnp('h', { egress: [dnsRule(), { toEntities: ['host'] }] }), meta: meta('h', 'other') };
    const state = world([host], {
      services: [...base.services, service],
      backends: [...base.backends, backend],
      pods: [made('a'), made('b', {}, 'other'), made('c', on('n2'), 'other'), DNS],
    });
    expect(groupsOf(state, { host: 'db', cnames: [], addresses: [], port: 443, protocol: 'TCP' })).toContain('b');
  });

  it('and those that are over are left out', () => {
    const pods = [
      made('b'),
      made('c', { phase: 'Succeeded' }),
      made('d', { phase: 'Failed' }),
      made('e', { phase: 'Pending' }),
    ];
    expect(groupsOf(world([], { pods }), to('203.0.113.7'))).toEqual(['b e']);
  });

  it.each<
    [string, Record<string, string>, readonly { meta: ReturnType<typeof meta>; externalCIDRs: string[] }[], string[]]
  >([
    [
      'addresses matter where ranges label pods',
      { 'policy-cidr-match-mode': 'pods' },
      [{ meta: meta('g', undefined, { zone: 'x' }), externalCIDRs: ['10.0.7.98/32'] }],
      ['b', 'c'],
    ],
    ['not without groups', { 'policy-cidr-match-mode': 'pods' }, [], ['b c']],
    [
      'not where ranges do not label pods',
      {},
      [{ meta: meta('g', undefined, { zone: 'x' }), externalCIDRs: ['10.0.7.98/32'] }],
      ['b c'],
    ],
  ])('%s', (_, config, cidrGroups, expected) => {
    const policy = cnp('z', { endpointSelector: select({ zone: 'x' }), egress: [{ toCIDR: ['10.9.0.0/16'] }] });
    const state = world([policy], { version: '1.20.2', config, cidrGroups, pods: [made('b'), made('c')] });
    expect(groupsOf(state, to('203.0.113.7'))).toEqual(expected);
  });
});

it('policies in reach of a namespace are its own and those of all', () => {
  const away = { ...np('away', {}), meta: meta('away', 'other') };
  const nowhere = { ...np('nowhere', {}), meta: meta('nowhere') };
  const state = world([np('own', {}), away, nowhere, ccnp('wide', {})]);
  const reach = (namespace: string) => policiesInReach(state, namespace).map((one) => one.meta.name);
  expect(reach('default')).toEqual(['own', 'nowhere', 'wide']);
  expect(reach('other')).toEqual(['away', 'wide']);
});
