/** A pod's mesh, read from every source; and nothing of it for pods without a mesh's proxy. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { prune } from '../../../src/cluster/prune.ts';
import type { RawObject } from '../support/fake-api-server.ts';
import { ADAPTERS, cleanUp, never, startLive } from './adapters.ts';
import { namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const NAME = 'checkout-7d9f-abcde';
const ref = { namespace: 'shop', name: NAME };
const ISTIO = 'networking.istio.io/v1';
const GROUPS = {
  'networking.istio.io': ['v1'],
  'policy.linkerd.io': ['v1alpha1', 'v1beta3'],
  'gateway.networking.k8s.io': ['v1', 'v1alpha2'],
};

/** A pod whose second container is the proxy. */
function meshed(proxy: string, more: { annotations?: object; env?: object[] } = {}): RawObject {
  const plain = pod('shop', NAME) as RawObject & { spec: { containers: object[] } };
  const { annotations, env = [] } = more;
  return {
    ...plain,
    metadata: { ...plain.metadata, ...(annotations !== undefined && { annotations }) },
    spec: { ...plain.spec, containers: [...plain.spec.containers, { name: proxy, image: 'proxy:1', env }] },
  };
}

const configMap = (ns: string, name: string, data: object) =>
  object('v1', 'ConfigMap', { namespace: ns, name }, { data });
const spaces = ['shop', 'default', 'kube-system', 'istio-system', 'linkerd', 'linkerd-egress'].map(namespace);

const istioObjects = [
  configMap('istio-system', 'istio', {
    mesh: 'outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\nrootNamespace: istio-root\naccessLogFile: /dev/stdout\n',
    meshNetworks: 'networks: {}',
  }),
  object(
    ISTIO,
    'Sidecar',
    { namespace: 'shop', name: 'default' },
    { spec: { egress: [{ hosts: ['./*', 'egress/*'] }] } },
  ),
  object(
    ISTIO,
    'ServiceEntry',
    { namespace: 'egress', name: 'vendor' },
    {
      spec: {
        hosts: ['api.vendor.example'],
        ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
        resolution: 'DNS',
      },
    },
  ),
  object(
    ISTIO,
    'VirtualService',
    { namespace: 'shop', name: 'vendor' },
    {
      spec: {
        hosts: ['api.vendor.example'],
        http: [{ headers: { request: { set: { authorization: 'Bearer abcdefgh12345678' } } } }],
      },
    },
  ),
];

describe.each(ADAPTERS)('$name', ({ open }) => {
  const stateOf = async (objects: readonly RawObject[]) => {
    const reader = await open({ objects: [...spaces, ...objects], groups: GROUPS });
    return createClusterSource(reader).readState(ref, never);
  };

  it("reads Istio's objects of all namespaces and the MeshConfig", async () => {
    const { istio, notRead } = await stateOf([meshed('istio-proxy'), ...istioObjects]);
    expect(istio).toMatchObject({
      controlPlane: 'istio-system',
      meshConfig: {
        ok: true,
        value: {
          source: 'istio-system/istio',
          outboundTrafficPolicy: { mode: 'REGISTRY_ONLY', hasEgressProxy: false },
          rootNamespace: 'istio-root',
        },
      },
      sidecars: [{ egress: [{ hosts: ['./*', 'egress/*'] }] }],
      serviceEntries: [{ hosts: ['api.vendor.example'], ports: [{ number: 443, protocol: 'TLS' }], resolution: 'DNS' }],
      virtualServices: [{ hosts: ['api.vendor.example'], hasHttp: true }],
    });
    expect(notRead.filter(({ what }) => /istio|sidecars|serviceentries/.test(what))).toEqual([]);
  });

  it.each([
    ['the revision that the injector noted', { annotations: { 'sidecar.istio.io/status': '{"revision":"1-28"}' } }],
    [
      'the control plane that the proxy was told of',
      { env: [{ name: 'CA_ADDR', value: 'istiod-1-28.istio-system.svc:15012' }] },
    ],
  ])('follows %s', async (_, more) => {
    const config = configMap('istio-system', 'istio-1-28', { mesh: 'outboundTrafficPolicy: {mode: ALLOW_ANY}' });
    const { istio } = await stateOf([meshed('istio-proxy', more), config]);
    expect(istio?.meshConfig).toMatchObject({ ok: true, value: { source: 'istio-system/istio-1-28' } });
  });

  it("reads Linkerd's EgressNetworks, their routes and its configuration", async () => {
    const parentRefs = [{ group: 'policy.linkerd.io', kind: 'EgressNetwork', name: 'all', port: 443 }];
    const { linkerd } = await stateOf([
      meshed('linkerd-proxy'),
      configMap('linkerd', 'linkerd-config', {
        values:
          'clusterNetworks: "10.0.0.0/8, fd00::/8"\negress: {globalEgressNetworkNamespace: net}\nproxy: {opaquePorts: "25"}\n',
      }),
      object(
        'policy.linkerd.io/v1alpha1',
        'EgressNetwork',
        { namespace: 'shop', name: 'all' },
        { spec: { trafficPolicy: 'Deny' } },
      ),
      object(
        'policy.linkerd.io/v1beta3',
        'HTTPRoute',
        { namespace: 'shop', name: 'a' },
        { spec: { parentRefs, hostnames: ['a.example'] } },
      ),
      object('gateway.networking.k8s.io/v1', 'GRPCRoute', { namespace: 'shop', name: 'b' }, { spec: { parentRefs } }),
      object(
        'gateway.networking.k8s.io/v1alpha2',
        'TLSRoute',
        { namespace: 'shop', name: 'c' },
        { spec: { parentRefs, rules: [{ backendRefs: [{ name: 'x' }] }] } },
      ),
    ]);
    expect(linkerd?.config).toEqual({
      ok: true,
      value: {
        source: 'linkerd/linkerd-config',
        written: expect.objectContaining({ name: 'linkerd-config' }),
        globalEgressNamespace: 'net',
        clusterNetworks: ['10.0.0.0/8', 'fd00::/8'],
        opaquePorts: '25',
      },
    });
    expect(linkerd?.egressNetworks).toMatchObject([{ meta: { name: 'all' }, trafficPolicy: 'Deny' }]);
    expect(linkerd?.routes.map(({ kind, narrow }) => [kind, narrow])).toEqual([
      ['HTTPRoute', false],
      ['GRPCRoute', false],
      ['TLSRoute', true],
    ]);
  });

  it('reads nothing of a mesh for a pod that is in none', async () => {
    const { istio, linkerd, notRead } = await stateOf([pod('shop', NAME), ...istioObjects]);
    expect([istio, linkerd]).toEqual([undefined, undefined]);
    expect(notRead.filter(({ what }) => /istio|sidecars|serviceentries|linkerd|egressnetworks/.test(what))).toEqual([]);
  });

  it('reports an object with a field it does not know, instead of misreading it', async () => {
    const future = object(ISTIO, 'Sidecar', { namespace: 'shop', name: 'future' }, { spec: { egressFrom: 'space' } });
    const { istio, notRead } = await stateOf([meshed('istio-proxy'), ...istioObjects, future]);
    expect(istio?.sidecars.map(({ meta }) => meta.name)).toEqual(['default']);
    expect(notRead).toContainEqual(expect.objectContaining({ what: 'sidecars shop/future', code: 'invalid' }));
  });
});

it('asks the API for nothing of Istio where the pod has no proxy', async () => {
  const { api, reader } = await startLive({ objects: [...spaces, pod('shop', NAME), ...istioObjects], groups: GROUPS });
  await createClusterSource(reader).readState(ref, never);
  expect(api.requests.filter(({ path }) => /istio|linkerd/.test(path))).toEqual([]);
});

describe('a MeshConfig', () => {
  const configOf = async (objects: readonly RawObject[], forbidden: readonly string[] = []) => {
    const { reader } = await startLive({
      objects: [...spaces, meshed('istio-proxy'), ...objects],
      groups: GROUPS,
      forbidden,
    });
    const { istio, notRead } = await createClusterSource(reader).readState(ref, never);
    return { config: istio?.meshConfig, gap: notRead.find(({ what }) => what === 'configmaps istio-system/istio') };
  };
  const mesh = (text: string) => [configMap('istio-system', 'istio', { mesh: text })];

  it('that may not be read', async () => {
    const { config, gap } = await configOf(istioObjects, ['configmaps']);
    expect([config?.ok, gap?.code]).toEqual([false, 'forbidden']);
  });
  it.each<[string, readonly RawObject[], boolean, string | undefined]>([
    ['that is not there', [], false, 'not_found'],
    ['that is broken', mesh('{'), false, 'invalid'],
    ['with a policy of another shape', mesh('outboundTrafficPolicy: ALLOW_ANY'), false, 'invalid'],
    ['without the key', [configMap('istio-system', 'istio', {})], false, 'invalid'],
    ['that says nothing', mesh(''), true, undefined],
  ])('%s', async (_, objects, ok, code) => {
    const { config, gap } = await configOf(objects);
    expect([config?.ok, gap?.code]).toEqual([ok, code]);
  });
});

describe('a capture keeps', () => {
  it('of a MeshConfig what is read', () => {
    const raw = configMap('istio-system', 'istio-1-28', {
      mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}\ndefaultConfig: {proxyMetadata: {TOKEN: hunter2hunter2}}\n',
      meshNetworks: 'networks: {hidden: {}}',
    });
    const text = JSON.stringify(prune(raw));
    expect(text).toContain('REGISTRY_ONLY');
    expect(text).not.toMatch(/hunter2|hidden|defaultConfig/);
    expect(prune(prune(raw))).toEqual(prune(raw));
  });

  it('a broken MeshConfig as broken', () => {
    const raw = configMap('istio-system', 'istio', { mesh: 'a: [' });
    expect(prune(raw)['data']).toEqual({ mesh: '{' });
  });

  it("of Linkerd's values what is read", () => {
    const raw = configMap('linkerd', 'linkerd-config', {
      values:
        'clusterNetworks: "10.0.0.0/8"\nidentityTrustAnchorsPEM: hidden\nproxy: {opaquePorts: "25", env: hidden}\n',
    });
    expect(JSON.stringify(prune(raw))).toContain('10.0.0.0/8');
    expect(JSON.stringify(prune(raw))).not.toMatch(/identityTrustAnchorsPEM|hidden/);
  });

  it('of a VirtualService no request header', () => {
    const text = JSON.stringify(istioObjects.map((one) => prune(one)));
    expect(text).not.toContain('abcdefgh12345678');
    expect(text).toContain('api.vendor.example');
  });
});
