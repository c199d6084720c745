/** One suite for every source of cluster objects: the same objects give the same state, whatever way they come. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import { ADAPTERS, cleanUp, never, recapture, startLive } from './adapters.ts';
import { checkout, cluster, object, pod } from './objects.ts';

afterEach(cleanUp);

const ref = { namespace: 'shop', name: checkout.metadata.name };

async function stateOf(open: (typeof ADAPTERS)[number]['open'], objects = cluster): Promise<ClusterState> {
  return createClusterSource(await open({ objects })).readState(ref, never);
}

describe.each(ADAPTERS)('$name', ({ open }) => {
  it('decodes every kind', async () => {
    const state = await stateOf(open);
    expect(state.engine).toEqual({
      cni: 'cilium',
      version: '1.19.5',
      config: { 'enable-policy': 'default', 'cluster-name': 'lab' },
      seenBy: 'pod kube-system/cilium-bbb, image quay.io/cilium/cilium:v1.19.5@sha256:abc',
    });
    expect(state.engineObjects?.map(({ kind, meta }) => `${kind} ${meta.namespace}/${meta.name}`)).toEqual([
      'ConfigMap kube-system/cilium-config',
      'DaemonSet kube-system/cilium',
      'Pod kube-system/cilium-bbb',
    ]);
    expect(state.namespaces.map(({ meta }) => meta.name)).toEqual(['default', 'kube-system', 'shop']);
    expect(state.nodes[0]?.addresses).toEqual(['192.168.1.10']);
    expect(state.pods.map(({ meta }) => meta.name)).toEqual([
      'cilium-aaa',
      'cilium-bbb',
      'coredns-1',
      'coredns-2',
      checkout.metadata.name,
    ]);
    expect(state.pods.at(-1)).toMatchObject({
      phase: 'Running',
      nodeName: 'node-1',
      nodeIPs: ['192.168.1.10'],
      podIPs: ['10.0.1.5'],
      hostNetwork: false,
      containers: [
        {
          name: 'app',
          role: 'app',
          state: 'running',
          restarts: 0,
          env: { HTTP_PROXY: 'http://proxy:3128' },
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        },
        { name: 'setup', role: 'init', state: 'terminated', stateReason: 'Completed' },
      ],
    });
    expect(state.services.map(({ meta, clusterIPs, externalName }) => [meta.name, clusterIPs, externalName])).toEqual([
      ['kube-dns', ['10.96.0.10'], undefined],
      ['headless', [], undefined],
      ['legacy', [], 'old.vendor.example'],
    ]);
    expect(state.backends).toEqual([
      {
        namespace: 'kube-system',
        service: 'kube-dns',
        addresses: ['10.0.0.10'],
        ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
        ready: true,
      },
      {
        namespace: 'kube-system',
        service: 'kube-dns',
        addresses: ['10.0.0.11'],
        ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
        ready: false,
      },
    ]);
    expect(state.cidrGroups.map(({ externalCIDRs }) => externalCIDRs)).toEqual([['203.0.113.0/24']]);
  });

  it('decodes policies field for field', async () => {
    const [network, cilium, clusterwide] = (await stateOf(open)).policies;
    expect(network).toMatchObject({
      kind: 'NetworkPolicy',
      policyTypes: ['Egress'],
      podSelector: { matchLabels: {}, matchExpressions: [] },
    });
    expect(network && 'egress' in network).toBe(false);
    expect(cilium).toEqual({
      kind: 'CiliumNetworkPolicy',
      meta: {
        namespace: 'shop',
        name: 'checkout-egress',
        uid: 'uid-CiliumNetworkPolicy-checkout-egress',
        generation: 3,
        labels: { 'app.kubernetes.io/managed-by': 'flux' },
        annotations: { note: 'kept' },
        appliedSpec: ['token'],
        owners: [],
        managers: [
          { manager: 'kubectl-edit', operation: 'Update', time: '2026-01-02T03:04:05Z', owns: ['spec.egress'] },
        ],
      },
      rules: [
        {
          path: 'spec',
          rule: {
            endpointSelector: { matchLabels: { app: 'checkout' }, matchExpressions: [] },
            hasIngress: false,
            egress: [
              {
                toEndpoints: [
                  {
                    matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' },
                    matchExpressions: [],
                  },
                ],
                toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], dns: [{ matchPattern: '*' }] }],
              },
              {
                toFQDNs: [{ matchName: 'api.vendor.example' }],
                toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
              },
            ],
          },
        },
        {
          path: 'specs[0]',
          rule: {
            endpointSelector: { matchLabels: {}, matchExpressions: [] },
            hasIngress: false,
            egressDeny: [{ toCIDR: ['10.9.0.0/16'] }],
            enableDefaultDenyEgress: false,
          },
        },
      ],
      conditions: [{ type: 'Valid', status: 'True', message: 'Policy validation succeeded' }],
    });
    expect(clusterwide).toMatchObject({
      kind: 'CiliumClusterwideNetworkPolicy',
      rules: [{ rule: { hasIngress: true } }],
    });
  });

  it('names a policy that does not fit instead of losing it', async () => {
    const future = object(
      'cilium.io/v2',
      'CiliumNetworkPolicy',
      { namespace: 'shop', name: 'future' },
      {
        spec: { endpointSelector: {}, egress: [{ toSatellites: ['one'], toPorts: [{ ports: [{ port: '443' }] }] }] },
      },
    );
    const admin = object(
      'policy.networking.k8s.io/v1alpha1',
      'AdminNetworkPolicy',
      { name: 'tenant' },
      { spec: { priority: 1 } },
    );
    const state = await stateOf(open, [...cluster, future, admin]);
    expect(state.policies.map(({ meta }) => meta.name)).toEqual(['deny-all', 'checkout-egress', 'baseline']);
    expect(state.notRead).toContainEqual(
      expect.objectContaining({
        what: 'ciliumnetworkpolicies shop/future',
        code: 'invalid',
        reason: expect.stringContaining('spec.egress[0]'),
      }),
    );
    expect(state.notRead).toContainEqual(
      expect.objectContaining({
        what: 'adminnetworkpolicies tenant',
        code: 'invalid',
        reason: expect.stringContaining('spec.subject'),
      }),
    );
  });

  it('finds a pod by name, and tells a wrong pod from a wrong namespace', async () => {
    const source = createClusterSource(await open({ objects: cluster }));
    const find = (namespace: string, name: string) => source.findPod({ namespace, kind: 'pod', name }, never);
    expect(await find('shop', ref.name)).toMatchObject({ ok: true, value: { meta: { name: ref.name } } });
    const wrongName = await find('shop', 'checkot-7d9f-abcde');
    expect(wrongName.ok ? '' : `${wrongName.notRead.code} ${wrongName.notRead.reason}`).toMatch(
      /^not_.* Pod "checkot-7d9f-abcde" in namespace shop/,
    );
    const wrongSpace = await find('shpo', ref.name);
    expect(wrongSpace.ok ? '' : `${wrongSpace.notRead.code} ${wrongSpace.notRead.reason}`).toMatch(
      /^not_.* namespace "shpo"/,
    );
    expect(wrongSpace.ok ? '' : wrongSpace.notRead.nextStep).toContain('Did you mean shop?');
  });
});

describe('the sources agree', () => {
  it('on the whole state, a capture even on what was not read', async () => {
    const [live, manifests, capture] = await Promise.all(ADAPTERS.map(({ open }) => stateOf(open)));
    expect(capture).toEqual(live);
    expect({ ...manifests, notRead: [] }).toEqual({ ...live, notRead: [] });
    expect(live?.notRead).toEqual([]);
    expect(manifests?.notRead.map(({ what, code }) => [what, code])).toEqual([
      ['other kinds of policies', 'not_in_archive'],
    ]);
  });

  it('after refusals, pages and absent kinds too', async () => {
    const many = Array.from({ length: 520 }, (_, index) => pod('batch', `worker-${index}`));
    for (const options of [
      {
        objects: cluster,
        forbidden: ['ciliumnetworkpolicies', 'pods everywhere', 'nodes', 'namespaces', 'configmaps'],
      },
      { objects: [...cluster, ...many] },
      { objects: cluster.filter(({ apiVersion }) => !apiVersion.startsWith('cilium')), groups: {} },
    ]) {
      const { reader } = await startLive(options);
      const live = await createClusterSource(reader).readState(ref, never);
      const again = await createClusterSource(await recapture(reader, ref)).readState(ref, never);
      expect(again).toEqual(live);
    }
  });
});
