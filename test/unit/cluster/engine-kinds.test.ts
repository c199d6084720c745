/** Policies of Antrea, GKE, OVN-Kubernetes and OpenShift SDN as the API serves them: read with what they refer to, the same from every source. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import type { RawObject } from '../support/fake-api-server.ts';
import { ADAPTERS, cleanUp, never } from './adapters.ts';
import { checkout, namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const ref = { namespace: 'shop', name: checkout.metadata.name };
const at = (name: string) => ({ name, namespace: 'shop' });
const GROUPS = {
  'crd.antrea.io': ['v1beta1'],
  'networking.gke.io': ['v1alpha1'],
  'k8s.ovn.org': ['v1'],
  'network.openshift.io': ['v1'],
};
const asked = {
  host: 'api.vendor.example',
  addresses: ['203.0.113.10'],
  cnames: [],
  port: 443,
  protocol: 'TCP',
} as const;

const agent = (labels: Record<string, string>, image: string) => pod('kube-system', 'agent', { labels, image });
const antrea = agent({ component: 'antrea-agent' }, 'antrea/antrea-agent-ubuntu:v2.2.0');
const gke = agent({ 'k8s-app': 'cilium' }, 'gke.gcr.io/cilium/cilium:v1.14.6-gke.26');
const ovn = agent({ app: 'ovnkube-node' }, 'quay.io/ocp/ovn@sha256:00');

const API = 'crd.antrea.io/v1beta1';
const acnp = (spec: object) => object(API, 'ClusterNetworkPolicy', { name: 'fence' }, { spec });
const tiered = [
  antrea,
  object(API, 'Tier', { name: 'mine' }, { spec: { priority: 60, description: 'ours' } }),
  object(API, 'ClusterGroup', { name: 'shops' }, { spec: { podSelector: {} }, status: { conditions: [] } }),
  object(API, 'Group', at('near'), { spec: { ipBlock: { cidr: '203.0.113.0/24' }, childGroups: null } }),
  acnp({
    priority: 5,
    tier: 'mine',
    appliedTo: [{ group: 'shops' }],
    ingress: [{ action: 'Drop', from: [{ something: 'new' }] }],
    egress: [
      { action: 'Drop', name: 'outside', enableLogging: true, logLabel: 'x', to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
    ],
  }),
];

describe.each(ADAPTERS)('$name', ({ open }) => {
  async function stateOf(objects: readonly RawObject[]): Promise<ClusterState> {
    const reader = await open({
      objects: [checkout, namespace('shop'), ...objects],
      groups: { ...GROUPS, 'cilium.io': ['v2'] },
    });
    return createClusterSource(reader).readState(ref, never);
  }

  async function decidedBy(objects: readonly RawObject[]) {
    const state = await stateOf(objects);
    const subject = state.pods.find(({ meta }) => meta.name === ref.name);
    const answer = subject && evaluateEgress(state, subject, asked).connect;
    return [answer?.decision, answer?.decidedBy.map(({ policy, path }) => `${policy.kind} ${policy.name} ${path}`)];
  }

  it('Antrea: policies with their tiers and groups', async () => {
    const state = await stateOf(tiered);
    expect(state.engine).toMatchObject({ cni: 'antrea', version: '2.2.0' });
    expect(state.antrea?.tiers).toMatchObject([{ meta: { name: 'mine' }, priority: 60 }]);
    expect(state.antrea?.groups.map(({ meta, ipBlocks }) => [meta.name, ipBlocks])).toEqual([
      ['near', [{ cidr: '203.0.113.0/24', except: [] }]],
      ['shops', []],
    ]);
    expect(await decidedBy(tiered)).toEqual([
      'denied',
      ['ClusterNetworkPolicy.crd.antrea.io fence spec.egress[0].to[0]'],
    ]);
  });

  it('GKE: names', async () => {
    const spec = {
      podSelector: {},
      egress: [{ matches: [{ name: 'api.vendor.example' }], ports: [{ protocol: 'TCP', port: 443 }] }],
    };
    const objects = [gke, object('networking.gke.io/v1alpha1', 'FQDNNetworkPolicy', at('names'), { spec })];
    expect(await decidedBy(objects)).toEqual(['allowed', ['FQDNNetworkPolicy names spec.egress[0].matches[0]']]);
  });

  it('OVN-Kubernetes: the firewall, and what its controller says of it', async () => {
    const spec = { egress: [{ type: 'Deny', to: { cidrSelector: '0.0.0.0/0', dnsName: '' } }] };
    const firewall = (status: string) =>
      object('k8s.ovn.org/v1', 'EgressFirewall', at('default'), { spec, status: { status } });
    expect(await decidedBy([ovn, firewall('EgressFirewall Rules applied')])).toEqual([
      'denied',
      ['EgressFirewall default spec.egress[0].to.cidrSelector'],
    ]);
    const refused = await stateOf([ovn, firewall('EgressFirewall Rules not correctly applied')]);
    expect(refused.policies).toMatchObject([{ status: 'EgressFirewall Rules not correctly applied' }]);
  });

  it('OpenShift SDN: its own firewall', async () => {
    const sdn = pod('openshift-sdn', 'sdn-abcde', { labels: { app: 'sdn' }, image: 'quay.io/ocp/sdn@sha256:00' });
    const spec = { egress: [{ type: 'Deny', to: { dnsName: 'api.vendor.example' } }] };
    const objects = [sdn, object('network.openshift.io/v1', 'EgressNetworkPolicy', at('fence'), { spec })];
    expect(await decidedBy(objects)).toEqual(['denied', ['EgressNetworkPolicy fence spec.egress[0].to.dnsName']]);
  });

  it.each<[string, RawObject, string]>([
    [
      'Antrea',
      acnp({ priority: 5, appliedTo: [], egress: [{ action: 'Drop', toMoons: [] }] }),
      'antrea clusternetworkpolicies fence',
    ],
    [
      'Antrea, a peer',
      acnp({ priority: 5, egress: [{ action: 'Drop', to: [{ moon: 'x' }] }] }),
      'antrea clusternetworkpolicies fence',
    ],
    [
      'GKE',
      object('networking.gke.io/v1alpha1', 'FQDNNetworkPolicy', at('f'), {
        spec: { egress: [{ matches: [{ moon: 'x' }] }] },
      }),
      'fqdnnetworkpolicies shop/f',
    ],
    [
      'OVN-Kubernetes',
      object('k8s.ovn.org/v1', 'EgressFirewall', at('default'), {
        spec: { egress: [{ type: 'Deny', to: {}, moon: 1 }] },
      }),
      'egressfirewalls shop/default',
    ],
    [
      'OpenShift SDN',
      object('network.openshift.io/v1', 'EgressNetworkPolicy', at('e'), {
        spec: { egress: [{ type: 'Allow', to: { moon: 'x' } }] },
      }),
      'egressnetworkpolicies shop/e',
    ],
  ])('%s: a rule with a field that is not known is reported, not misread', async (_, policy, what) => {
    const state = await stateOf([policy]);
    expect(state.policies).toEqual([]);
    expect(state.notRead).toContainEqual(expect.objectContaining({ what, code: 'invalid' }));
  });
});
