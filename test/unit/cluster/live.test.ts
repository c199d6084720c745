/** What only a live API server does: refusals by resource, absent kinds, pages, and being away. */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { CILIUM_POLICIES, PODS } from '../../../src/cluster/resources.ts';
import { cleanUp, never, recapture, startLive } from './adapters.ts';
import { checkout, cluster, object, pod } from './objects.ts';

afterEach(cleanUp);

const ref = { namespace: 'shop', name: checkout.metadata.name };

describe('a live cluster', () => {
  it.each([
    ['networkpolicies', 'networkpolicies in namespace shop', 'networkpolicies.networking.k8s.io'],
    ['ciliumnetworkpolicies', 'ciliumnetworkpolicies in namespace shop', 'ciliumnetworkpolicies.cilium.io'],
    [
      'ciliumclusterwidenetworkpolicies',
      'ciliumclusterwidenetworkpolicies',
      'ciliumclusterwidenetworkpolicies.cilium.io',
    ],
    ['ciliumcidrgroups', 'ciliumcidrgroups', 'ciliumcidrgroups.cilium.io'],
    ['pods', 'pods', '"pods"'],
    ['services', 'services', '"services"'],
    ['endpointslices', 'endpointslices', 'endpointslices.discovery.k8s.io'],
    ['nodes', 'nodes', '"nodes"'],
    ['namespaces', 'namespaces', '"namespaces"'],
    ['daemonsets', 'daemonsets', 'daemonsets.apps'],
    ['configmaps', 'configmaps kube-system/cilium-config', '"configmaps"'],
  ])('states that %s are refused, and reads everything else', async (resource, what, grant) => {
    const { reader } = await startLive({ objects: cluster, forbidden: [resource] });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.notRead).toHaveLength(1);
    expect(state.notRead[0]).toMatchObject({ what, code: 'forbidden' });
    expect(state.notRead[0]?.nextStep).toContain(grant);
    expect(state.engine.cni).toBe('cilium');
  });

  it('reads single namespaces where all may not be listed, and says what is missing', async () => {
    const { reader } = await startLive({ objects: [...cluster, pod('other', 'x')], forbidden: ['pods everywhere'] });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.pods.map(({ meta }) => meta.namespace)).toEqual([
      'kube-system',
      'kube-system',
      'kube-system',
      'kube-system',
      'shop',
    ]);
    expect(state.notRead).toMatchObject([
      { what: 'pods outside namespaces shop, kube-system, default', code: 'forbidden' },
    ]);
  });

  it('asks for nothing of groups that do not exist, and reports the kinds as absent', async () => {
    const objects = cluster.filter(
      ({ apiVersion, metadata }) => !apiVersion.startsWith('cilium') && !metadata.name.startsWith('cilium'),
    );
    const { api, reader } = await startLive({ objects, groups: {} });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.notRead.map(({ what, code }) => [what, code])).toEqual([
      ['ciliumnetworkpolicies in namespace shop', 'kind_absent'],
      ['ciliumclusterwidenetworkpolicies', 'kind_absent'],
      ['ciliumcidrgroups', 'kind_absent'],
    ]);
    expect(state.engine).toEqual({ cni: 'unknown', seenBy: 'not recognised among the pods and DaemonSets read' });
    expect(api.requests.filter(({ path }) => path.includes('cilium.io') || path.includes('istio'))).toEqual([]);
    expect(api.requests.filter(({ path }) => path === '/apis')).toHaveLength(1);
  });

  it('takes the version of a kind that the server has', async () => {
    const group = object(
      'cilium.io/v2alpha1',
      'CiliumCIDRGroup',
      { name: 'old' },
      { spec: { externalCIDRs: ['198.51.100.0/24'] } },
    );
    const objects = [...cluster.filter(({ kind }) => kind !== 'CiliumCIDRGroup'), group];
    const { reader } = await startLive({
      objects,
      intercept: {
        '/apis/cilium.io/v2/ciliumcidrgroups': (_request, response) =>
          void response.writeHead(404).end('404 page not found'),
      },
    });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.cidrGroups.map(({ meta }) => meta.name)).toEqual(['old']);
    expect(state.notRead).toEqual([]);
  });

  it('reads all pages, and no more than its bound', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => pod('batch', `worker-${index}`));
    const { api, reader } = await startLive({ objects: many });
    const { PODS } = await import('../../../src/cluster/resources.ts');
    const all = await reader.list(PODS, {}, never);
    expect(all).toMatchObject({ ok: true });
    expect(all.ok && all.value.items).toHaveLength(1001);
    expect(api.requests).toHaveLength(3);
    const some = await reader.list(PODS, { limit: 100 }, never);
    expect(some).toMatchObject({
      ok: true,
      value: { missing: { what: 'pods beyond the first 100', code: 'refused' } },
    });
  });

  it('makes the namespaces that matter whole where a list of all breaks off', async () => {
    const { reader } = await startLive({
      objects: cluster,
      intercept: {
        '/api/v1/pods': (request, response) =>
          request.url?.includes('continue')
            ? void response.writeHead(410).end('{"kind":"Status","message":"expired"}')
            : void response.end(JSON.stringify({ items: [pod('aaa', 'first')], metadata: { continue: 'more' } })),
      },
    });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.pods.map(({ meta }) => meta.name)).toEqual(expect.arrayContaining(['first', ref.name]));
    expect(state.notRead).toMatchObject([{ what: 'pods beyond the first 1' }]);
    const again = await recapture(reader, ref);
    const gone = await again.get(PODS, { namespace: 'zzz', name: 'x' }, never);
    expect(gone.ok ? '' : gone.notRead.code).not.toBe('not_found');
  });

  it.each(['{"status":"ok"}', '[]', '"fine"'])('does not take %s for an empty cluster', async (answer) => {
    const reply = (_request: unknown, response: ServerResponse) => void response.end(answer);
    const paths = ['/apis', '/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies'];
    const { reader } = await startLive({
      objects: cluster,
      intercept: Object.fromEntries(paths.map((path) => [path, reply])),
    });
    const state = await createClusterSource(reader).readState(ref, never);
    expect(state.notRead).toContainEqual(
      expect.objectContaining({ what: 'ciliumnetworkpolicies in namespace shop', code: 'invalid' }),
    );
    expect(state.policies.map(({ kind }) => kind)).toContain('CiliumClusterwideNetworkPolicy');
  });

  it('lets no cancelled call spoil another that shares its discovery', async () => {
    let held: (() => void) | undefined;
    const { reader } = await startLive({
      objects: cluster,
      intercept: {
        '/apis': (_request, response) => {
          const reply = () => void response.end('{"groups":[{"name":"cilium.io","versions":[{"version":"v2"}]}]}');
          if (held) return reply();
          held = reply;
        },
      },
    });
    const first = new AbortController();
    const cancelled = reader.list(CILIUM_POLICIES, { namespace: 'shop' }, first.signal);
    const other = reader.list(CILIUM_POLICIES, { namespace: 'shop' }, never);
    setTimeout(() => first.abort(new Error('cancelled')), 30);
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await other).toMatchObject({ ok: true });
  });

  it('reads the configuration of agents that run in a namespace of their own', async () => {
    const moved = cluster.map((one) =>
      one.metadata.name.startsWith('cilium') && one.metadata.namespace === 'kube-system'
        ? { ...one, metadata: { ...one.metadata, namespace: 'cilium' } }
        : one,
    );
    const { reader } = await startLive({ objects: moved });
    const { engine } = await createClusterSource(reader).readState(ref, never);
    expect(engine.cni).toBe('cilium');
    expect(engine.config).toBeDefined();
  });

  it('never asks for Secrets, and for one ConfigMap only', async () => {
    const { api, reader } = await startLive({ objects: cluster });
    await createClusterSource(reader).readState(ref, never);
    expect(api.requests.filter(({ path }) => path.includes('secret'))).toEqual([]);
    expect(api.requests.filter(({ path }) => path.includes('configmaps')).map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/kube-system/configmaps/cilium-config',
    ]);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('throws when the server is away', async () => {
    const { api, reader } = await startLive({ objects: cluster });
    await api.close();
    const source = createClusterSource(reader);
    await expect(source.readState(ref, never)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
    await expect(source.findPod({ ...ref, kind: 'pod' }, never)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});

describe('findPod through a workload', () => {
  const owner = { kind: 'ReplicaSet', name: 'checkout-7d9f' };
  const labels = { 'pod-template-hash': '7d9f' };
  const make = (name: string, shape: Parameters<typeof pod>[2]) => pod('shop', name, { labels, owner, ...shape });
  const deployment = object('apps/v1', 'Deployment', { namespace: 'shop', name: 'checkout' });
  const spaces = cluster.filter(({ kind }) => kind === 'Namespace');

  async function find(
    objects: Parameters<typeof startLive>[0]['objects'],
    ref: { kind: 'deployment' | 'job'; name: string },
    forbidden: string[] = [],
  ) {
    const { reader } = await startLive({ objects: [...spaces, ...(objects ?? [])], forbidden });
    return createClusterSource(reader).findPod({ namespace: 'shop', ...ref }, never);
  }

  it.each([
    [
      'one that is not ready',
      [make('a', {}), make('b', { ready: false }), make('c', { created: '2026-02-01T00:00:00Z' })],
      'b',
    ],
    ['the newest when all are ready', [make('a', {}), make('c', { created: '2026-02-01T00:00:00Z' })], 'c'],
    ['a ready one before a finished one', [make('a', {}), make('d', { ready: false, phase: 'Failed' })], 'a'],
    [
      'none of another Deployment with the same beginning',
      [
        make('a', {}),
        pod('shop', 'z', { ready: false, labels, owner: { kind: 'ReplicaSet', name: 'checkout-v2-7d9f' } }),
      ],
      'a',
    ],
  ])('takes %s', async (_name, pods, expected) => {
    expect(await find([deployment, ...pods], { kind: 'deployment', name: 'checkout' })).toMatchObject({
      ok: true,
      value: { meta: { name: expected } },
    });
  });

  it('finds all of them, the most telling first', async () => {
    const pods = [make('a', {}), make('b', { ready: false }), make('c', { created: '2026-02-01T00:00:00Z' })];
    const { reader } = await startLive({ objects: [...spaces, deployment, ...pods, pod('shop', 'other', {})] });
    const source = createClusterSource(reader);
    const found = await source.findPods({ namespace: 'shop', kind: 'deployment', name: 'checkout' }, never);
    expect(found.ok && found.value.map(({ meta }) => meta.name)).toEqual(['b', 'c', 'a']);
    const one = await source.findPods({ namespace: 'shop', kind: 'pod', name: 'a' }, never);
    expect(one.ok && one.value.map(({ meta }) => meta.name)).toEqual(['a']);
    expect(await source.findPods({ namespace: 'shop', kind: 'job', name: 'none' }, never)).toMatchObject({ ok: false });
  });

  it('does not need the right to read the Deployment', async () => {
    const found = await find([deployment, make('a', {})], { kind: 'deployment', name: 'checkout' }, ['deployments']);
    expect(found).toMatchObject({ ok: true });
  });

  it.each([
    ['chekout', 'There is no Deployment "chekout" in namespace shop. Did you mean checkout?'],
    ['checkout', 'Deployment shop/checkout has no pods. kubectl describe deployment -n shop checkout shows why'],
  ])('explains a Deployment that does not exist or has no pods: %s', async (name, text) => {
    const found = await find([deployment], { kind: 'deployment', name });
    expect(found.ok ? '' : `${found.notRead.reason} ${found.notRead.nextStep}`).toContain(text);
  });

  it('passes a refusal on', async () => {
    const found = await find([deployment, make('a', {})], { kind: 'deployment', name: 'checkout' }, ['pods']);
    expect(found).toMatchObject({ ok: false, notRead: { code: 'forbidden', what: 'pods in namespace shop' } });
  });

  it('follows direct owners', async () => {
    const job = object('batch/v1', 'Job', { namespace: 'shop', name: 'import' });
    const found = await find([job, pod('shop', 'import-x', { owner: { kind: 'Job', name: 'import' } })], {
      kind: 'job',
      name: 'import',
    });
    expect(found).toMatchObject({ ok: true, value: { meta: { name: 'import-x' } } });
  });
});

describe('a capture', () => {
  it('keeps apart objects whose names are long and begin alike', async () => {
    const long = 'n'.repeat(245);
    const policies = ['a', 'b'].map((end) =>
      object('networking.k8s.io/v1', 'NetworkPolicy', { namespace: 'shop', name: `${long}${end}` }, { spec: {} }),
    );
    const { reader } = await startLive({ objects: [...cluster, ...policies] });
    const state = await createClusterSource(await recapture(reader, ref)).readState(ref, never);
    const names = state.policies.map(({ meta }) => meta.name);
    expect(names.filter((name) => name.startsWith(long))).toHaveLength(2);
  });
});
