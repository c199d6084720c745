import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { Decision } from '../../../../src/core/model/evaluation.ts';
import type { Pod, Service } from '../../../../src/core/model/workload.ts';
import { decideEgress, evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { meta } from '../world.ts';
import {
  container,
  entry,
  istio,
  MESH_CONFIG_UNREAD,
  meshPod,
  meshWorld,
  object,
  ports,
  sidecar,
  to,
} from './mesh-world.ts';

const POD = meshPod('istio-proxy');
const CLOSED = 'REGISTRY_ONLY';

function mesh(state: Partial<ClusterState>, destination: Destination, pod: Pod = POD) {
  return decideEgress(meshWorld(state), pod, destination).mesh;
}

const TLS = `{hosts: [api.vendor.example], ${ports(443, 'TLS')}, resolution: DNS}`;
const API = to('api.vendor.example', 443);
const ONLY = '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}';
const hosts = (...list: string[]) => `{egress: [{hosts: [${list.map((one) => `"${one}"`).join(', ')}]}]}`;

describe('outboundTrafficPolicy', () => {
  it.each<[string, 'REGISTRY_ONLY' | 'ALLOW_ANY' | undefined, string, Decision]>([
    ['the default lets everything through', undefined, '', 'allowed'],
    ['ALLOW_ANY lets everything through', 'ALLOW_ANY', '', 'allowed'],
    ['REGISTRY_ONLY blocks what is unknown', CLOSED, '', 'denied'],
    ['REGISTRY_ONLY lets a registered host through', CLOSED, entry(TLS), 'allowed'],
    ['a Sidecar overrides ALLOW_ANY', 'ALLOW_ANY', sidecar(ONLY), 'denied'],
    ['a Sidecar overrides REGISTRY_ONLY', CLOSED, sidecar('{outboundTrafficPolicy: {mode: ALLOW_ANY}}'), 'allowed'],
    ['a Sidecar without one leaves it to the mesh', CLOSED, sidecar(hosts('./*')), 'denied'],
    ['a policy without a mode is REGISTRY_ONLY', 'ALLOW_ANY', sidecar('{outboundTrafficPolicy: {}}'), 'denied'],
    ['an unknown mode is not guessed', CLOSED, sidecar('{outboundTrafficPolicy: {mode: MAYBE}}'), 'unknown'],
    [
      'an egress proxy is not evaluated',
      CLOSED,
      sidecar('{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: egress.example}}}'),
      'unknown',
    ],
  ])('%s', (_, mode, yaml, decision) => {
    expect(mesh({ istio: istio(mode, yaml) }, API)?.decision).toBe(decision);
  });

  it('says who decides, how it looks, and that TCP connects all the same', () => {
    expect(mesh({ istio: istio(CLOSED) }, API)).toEqual({
      decision: 'denied',
      reason: 'mesh_blocks',
      decidedBy: [
        {
          policy: { kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' },
          path: 'data.mesh.outboundTrafficPolicy',
          effect: 'deny',
          text: 'outboundTrafficPolicy REGISTRY_ONLY',
        },
      ],
      explanation:
        "The pod's Istio proxy knows no api.vendor.example on port 443 and blocks what it does not know (outboundTrafficPolicy REGISTRY_ONLY of ConfigMap istio-system/istio): the connection opens, and the proxy resets it at the TLS handshake.",
    });
    expect(mesh({ istio: istio(CLOSED) }, to('api.vendor.example', 80))?.explanation).toContain('502');
    const allowed = mesh({ istio: istio(CLOSED, entry(TLS)) }, API);
    expect(allowed).toMatchObject({ reason: 'mesh_allows', decidedBy: [{ path: 'spec.hosts', effect: 'allow' }] });
  });

  it('makes the whole evaluation denied', () => {
    expect(evaluateEgress(meshWorld({ istio: istio(CLOSED) }), POD, API)).toMatchObject({
      decision: 'denied',
      connect: { decision: 'allowed' },
      decidedBy: [{ effect: 'deny' }],
      nearMisses: [],
      assumptions: [expect.stringContaining('what its installation excludes')],
    });
  });
});

describe('the Sidecar that counts', () => {
  const selecting = (label: string) =>
    `{workloadSelector: {labels: {app: ${label}}}, outboundTrafficPolicy: {mode: REGISTRY_ONLY}}`;
  const open = '{outboundTrafficPolicy: {mode: ALLOW_ANY}}';
  it.each<[string, string, Decision]>([
    ['that of the root namespace', sidecar(ONLY, { namespace: 'istio-system' }), 'denied'],
    ['that of another namespace does not', sidecar(ONLY, { namespace: 'other' }), 'allowed'],
    ['its own namespace before the root', sidecar(ONLY, { namespace: 'istio-system' }) + sidecar(open), 'allowed'],
    [
      'a selector before none',
      sidecar(open, { created: '2025-01-01' }) + sidecar(selecting('checkout'), { name: 's' }),
      'denied',
    ],
    ['a selector that misses the pod', sidecar(selecting('cart')), 'allowed'],
    [
      'a selector in the root namespace selects there only',
      sidecar(selecting('checkout'), { namespace: 'istio-system' }),
      'allowed',
    ],
    [
      'the older of two',
      sidecar(open, { created: '2025-06-01', name: 'b' }) + sidecar(ONLY, { created: '2025-01-01', name: 'c' }),
      'denied',
    ],
  ])('%s', (_, yaml, decision) => {
    expect(mesh({ istio: istio('ALLOW_ANY', yaml) }, API)?.decision).toBe(decision);
  });
});

describe('ServiceEntries under REGISTRY_ONLY', () => {
  const wild = `{hosts: ["*.vendor.example"], ${ports(443, 'TLS')}}`;
  it.each<[string, string, Destination, Decision]>([
    ['a wildcard', entry(wild), API, 'allowed'],
    ['a wildcard spans labels', entry(wild), to('a.b.vendor.example', 443), 'allowed'],
    ['a wildcard leaves out the apex', entry(wild), to('vendor.example', 443), 'denied'],
    ['the name in any case', entry(`{hosts: [API.vendor.example], ${ports(443, 'TLS')}}`), API, 'allowed'],
    ['another port', entry(TLS), to('api.vendor.example', 8443), 'denied'],
    ['HTTPS is TLS', entry(TLS.replace('TLS', 'HTTPS')), API, 'allowed'],
    ['a port declared HTTP does not take TLS', entry(TLS.replace('TLS', 'HTTP')), API, 'denied'],
    ['another server name', entry(TLS), { ...API, sni: 'cdn.example' }, 'denied'],
    ['an address has no server name', entry(TLS), { ...API, host: undefined } as unknown as Destination, 'denied'],
    [
      'plain HTTP by its host',
      entry(`{hosts: [api.vendor.example], ${ports(80, 'HTTP')}}`),
      to('api.vendor.example', 80),
      'allowed',
    ],
    [
      'plain HTTP to another host',
      entry(`{hosts: [api.vendor.example], ${ports(80, 'HTTP')}}`),
      to('b.example', 80),
      'denied',
    ],
    ['exported to its own namespace', entry(TLS.replace('}', ', exportTo: ["."]}')), API, 'allowed'],
    ['of another namespace, exported to all', entry(TLS, { namespace: 'other' }), API, 'allowed'],
    [
      'of another namespace, kept there',
      entry(`${TLS.slice(0, -1)}, exportTo: ["."]}`, { namespace: 'other' }),
      API,
      'denied',
    ],
    [
      'of another namespace, exported here',
      entry(`${TLS.slice(0, -1)}, exportTo: [shop]}`, { namespace: 'other' }),
      API,
      'allowed',
    ],
    ['exported to nobody', entry(`${TLS.slice(0, -1)}, exportTo: ["~"]}`), API, 'denied'],
    [
      'TCP without addresses takes the whole port',
      entry(`{hosts: [db.example], ${ports(5432, 'TCP')}, resolution: NONE}`),
      to('other.example', 5432),
      'allowed',
    ],
    [
      'TCP sent to its own endpoints instead',
      entry(`{hosts: [db.example], ${ports(5432, 'TCP')}, resolution: DNS}`),
      to('other.example', 5432),
      'unknown',
    ],
    [
      'TCP sent to the endpoints meant',
      entry(`{hosts: [db.example], ${ports(5432, 'TCP')}, resolution: DNS}`),
      to('db.example', 5432),
      'allowed',
    ],
    [
      'TCP at its address',
      entry(`{hosts: [db.example], addresses: [203.0.113.10], ${ports(5432, 'TCP')}}`),
      to('db.example', 5432),
      'allowed',
    ],
    [
      'TCP at another address',
      entry(`{hosts: [db.example], addresses: [203.0.113.99], ${ports(5432, 'TCP')}}`),
      to('db.example', 5432),
      'denied',
    ],
    [
      'TCP in a range',
      entry(`{hosts: [db.example], addresses: [203.0.113.0/24], ${ports(5432, 'TCP')}}`),
      to('db.example', 5432),
      'allowed',
    ],
    [
      'TCP, the address not known',
      entry(`{hosts: [db.example], addresses: [203.0.113.10], ${ports(5432, 'TCP')}}`),
      to('db.example', 5432, { addresses: [] }),
      'unknown',
    ],
    [
      'TLS at an address needs no name',
      entry(`{hosts: [db.example], addresses: [203.0.113.10], ${ports(443, 'TLS')}, resolution: NONE}`),
      to('other.example', 443),
      'allowed',
    ],
    [
      'TLS in a range needs the name',
      entry(`{hosts: [db.example], addresses: [203.0.113.0/24], ${ports(443, 'TLS')}}`),
      to('other.example', 443),
      'denied',
    ],
    [
      'one of two addresses',
      entry(`{hosts: [db.example], addresses: [203.0.113.10], ${ports(5432, 'TCP')}}`),
      to('db.example', 5432, { addresses: ['203.0.113.10', '203.0.113.99'] }),
      'unknown',
    ],
    [
      'TLS on a port that says nothing: the entry does',
      entry(`{hosts: [mq.example], ${ports(9999, 'TLS')}}`),
      to('mq.example', 9999),
      'allowed',
    ],
    [
      'a host beside it on such a port',
      entry(`{hosts: [mq.example], ${ports(9999, 'TLS')}}`),
      to('b.example', 9999),
      'denied',
    ],
    ['a star is every host', entry(`{hosts: ["*"], ${ports(443, 'TLS')}}`), API, 'allowed'],
    [
      'HTTP on a port that HTTP routes own goes by its host',
      entry(`{hosts: [a.example], ${ports(80, 'HTTP')}}`) +
        entry(`{hosts: [b.example], ${ports(80, 'TCP')}, resolution: NONE}`, { name: 'b' }),
      to('c.example', 80),
      'denied',
    ],
    [
      'HTTP on a TCP port alone',
      entry(`{hosts: [b.example], ${ports(80, 'TCP')}, resolution: NONE}`, { name: 'b' }),
      to('c.example', 80),
      'allowed',
    ],
    [
      'workloads behind resolution NONE are not evaluated',
      entry(`{hosts: [b.example], ${ports(5432, 'TCP')}, resolution: NONE, workloadSelector: {labels: {a: b}}}`),
      to('b.example', 5432),
      'unknown',
    ],
  ])('%s', (_, yaml, destination, decision) => {
    expect(mesh({ istio: istio(CLOSED, yaml) }, destination)?.decision).toBe(decision);
  });

  it.each([
    [
      'a port it lacks',
      entry(TLS.replace('}],', '}, {number: 80, name: h, protocol: HTTP}],')),
      to('api.vendor.example', 8443),
      'ServiceEntry shop/vendor names it, but it lists no port 8443 (443, 80).',
    ],
    [
      'an export',
      entry(`${TLS.slice(0, -1)}, exportTo: ["."]}`, { namespace: 'other' }),
      API,
      'it is not exported to namespace shop',
    ],
    [
      'a Sidecar',
      entry(TLS, { namespace: 'other' }) + sidecar(hosts('./*')),
      API,
      'the hosts of Sidecar shop/default leave it out',
    ],
    [
      'the protocol',
      entry(TLS.replace('TLS', 'HTTP')),
      API,
      'its port 443 is for HTTP, and TLS is taken to be what the client speaks',
    ],
    ['a name beside it', entry(TLS), to('files.vendor.example', 443), 'ServiceEntry shop/vendor is near'],
  ])('names what was meant: %s', (_, yaml, destination, words) => {
    expect(mesh({ istio: istio(CLOSED, yaml) }, destination)?.explanation).toContain(words);
  });
});

describe('the hosts a Sidecar imports', () => {
  const far = entry(TLS, { namespace: 'egress' });
  const NEAR_PORT = `{egress: [{port: {number: 443, protocol: TLS, name: t}, hosts: ["egress/*"]}, {hosts: ["./*"]}]}`;
  const OTHER_PORT = `{egress: [{port: {number: 8443, protocol: TLS, name: t}, hosts: ["egress/*"]}, {hosts: ["./*"]}]}`;
  it.each<[string, string, Decision]>([
    ['*/*', hosts('*/*'), 'allowed'],
    ['its own namespace', hosts('./*'), 'denied'],
    ['the namespace by name', hosts('egress/*'), 'allowed'],
    ['the host by name', hosts('egress/api.vendor.example'), 'allowed'],
    ['the host in every namespace', hosts('*/api.vendor.example'), 'allowed'],
    ['a wildcard of it', hosts('egress/*.vendor.example'), 'allowed'],
    ['one of several hosts', hosts('egress/www.vendor.example', 'egress/api.vendor.example'), 'allowed'],
    ['another host', hosts('egress/www.vendor.example'), 'denied'],
    ['nothing', hosts('~/*'), 'denied'],
    ['all but this', hosts('*/*', '~egress/*.vendor.example'), 'denied'],
    ['no egress section is everything', '{}', 'allowed'],
    ['a listener for the port', NEAR_PORT, 'allowed'],
    ['a listener for another port', OTHER_PORT, 'denied'],
    [
      'a listener that the application must address itself',
      NEAR_PORT.replace('hosts', 'captureMode: NONE, hosts'),
      'denied',
    ],
  ])('%s', (_, spec, decision) => {
    expect(mesh({ istio: istio(CLOSED, far + sidecar(spec)) }, API)?.decision).toBe(decision);
  });

  it('a listener without a wildcard entry covers no wildcard host', () => {
    const yaml = entry(`{hosts: ["*.vendor.example"], ${ports(443, 'TLS')}}`) + sidecar(hosts('./api.vendor.example'));
    expect(mesh({ istio: istio(CLOSED, yaml) }, API)?.decision).toBe('denied');
  });

  it('of the same host in two namespaces that of the pod counts', () => {
    const yaml = entry(TLS, { namespace: 'egress', created: '2025-01-01' }) + entry(TLS.replace('443', '8443'));
    expect(mesh({ istio: istio(CLOSED, yaml) }, API)?.decision).toBe('denied');
  });
});

describe('Services', () => {
  const db: Service = {
    meta: meta('db', 'data'),
    type: 'ClusterIP',
    clusterIPs: ['10.96.3.4'],
    externalIPs: [],
    selector: {},
    ports: [{ name: 'tcp-db', port: 5432, protocol: 'TCP' }],
  };
  const at = (more: Partial<Destination> = {}) => to('db.data.svc.cluster.local', 5432, { addresses: [], ...more });
  it.each<[string, string, Service, Destination, Decision]>([
    ['are in the registry', '', db, at(), 'allowed'],
    ['by a short name', '', db, to('db.data', 5432, { addresses: [] }), 'allowed'],
    ['at another port', '', db, at({ port: 5433 }), 'denied'],
    ['left out by a Sidecar', sidecar(hosts('./*')), db, at(), 'denied'],
    ['imported by a Sidecar', sidecar(hosts('data/*')), db, at(), 'allowed'],
    [
      'not exported',
      '',
      { ...db, meta: { ...db.meta, annotations: { 'networking.istio.io/exportTo': '.' } } },
      at(),
      'denied',
    ],
    [
      'HTTP by its name',
      '',
      { ...db, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
      at({ port: 80 }),
      'allowed',
    ],
    ['headless, at a pod', '', { ...db, clusterIPs: [] }, at({ addresses: ['10.2.0.7'] }), 'allowed'],
    ['headless, at no pod of its own', '', { ...db, clusterIPs: [] }, at({ addresses: ['10.2.0.9'] }), 'denied'],
    [
      'with an external name',
      '',
      { ...db, clusterIPs: [], externalName: 'db.vendor.example' },
      at({ addresses: ['203.0.113.9'] }),
      'unknown',
    ],
  ])('%s', (_, yaml, service, destination, decision) => {
    const backends = [
      {
        namespace: 'data',
        service: 'db',
        addresses: ['10.2.0.7'],
        ports: [{ name: 'tcp-db', port: 5432, protocol: 'TCP' as const }],
        ready: true,
      },
    ];
    expect(mesh({ istio: istio(CLOSED, yaml), services: [service], backends }, destination)?.decision).toBe(decision);
  });

  it('the mesh may keep them to their namespaces', () => {
    const facts = istio(CLOSED);
    const meshConfig = {
      ok: true as const,
      value: { ...(facts.meshConfig.ok ? facts.meshConfig.value : { source: '' }), defaultServiceExportTo: ['.'] },
    };
    expect(mesh({ istio: { ...facts, meshConfig }, services: [db] }, at())?.decision).toBe('denied');
  });
});

describe('allocated addresses', () => {
  const yaml = `${entry(`{hosts: [db.example], ${ports(5432, 'TCP')}, resolution: DNS}`)}status: {addresses: [{host: db.example, value: 240.240.0.9}]}\n`;
  const capturing = meshPod('istio-proxy', {
    containers: [container('app'), container('istio-proxy', { env: { ISTIO_META_DNS_CAPTURE: 'true' } })],
  });
  it.each<[string, Pod, Destination, Decision]>([
    [
      'taken there by a proxy that answers DNS',
      capturing,
      to('db.example', 5432, { addresses: ['240.240.0.9'] }),
      'allowed',
    ],
    ['and nowhere else', capturing, to('other.example', 5432), 'denied'],
    ['a proxy that does not takes the whole port', POD, to('other.example', 5432), 'unknown'],
  ])('%s', (_, pod, destination, decision) => {
    expect(mesh({ istio: istio(CLOSED, yaml) }, destination, pod)?.decision).toBe(decision);
  });
});

describe('plain HTTP by its host', () => {
  const web: Service = {
    meta: meta('web', 'shop'),
    type: 'ClusterIP',
    clusterIPs: ['10.96.5.6'],
    externalIPs: [],
    selector: {},
    ports: [{ name: 'grpc-web-ui', port: 80, protocol: 'TCP' }],
  };
  const address = (ip: string): Destination => ({ cnames: [], addresses: [ip], port: 80, protocol: 'TCP' });
  const wild = entry(`{hosts: ["*.example"], addresses: [203.0.113.10], ${ports(80, 'HTTP')}}`);
  it.each<[string, Destination, Decision]>([
    ['a wildcard', to('b.example', 80), 'allowed'],
    ['no wildcard', to('b.test', 80), 'denied'],
    ['an address that it lists', address('203.0.113.10'), 'allowed'],
    ['an address that it does not', address('203.0.113.11'), 'denied'],
    ['a Service by its short name in its own namespace', to('web', 80, { addresses: [] }), 'allowed'],
    ['a Service of another namespace by its short name', to('far', 80, { addresses: [] }), 'denied'],
    ['a Service by its address', address('10.96.5.6'), 'allowed'],
  ])('%s', (_, destination, decision) => {
    const far = { ...web, meta: meta('far', 'data'), clusterIPs: ['10.96.5.7'] };
    expect(mesh({ istio: istio(CLOSED, wild), services: [web, far] }, destination)?.decision).toBe(decision);
  });

  it.each<[string | undefined, Decision]>([
    ['http-api', 'denied'],
    ['tls', 'allowed'],
    ['tcp', 'allowed'],
    [undefined, 'allowed'],
  ])('a Service port named %s takes TLS at its address: %s', (name, decision) => {
    const service = { ...web, ports: [{ ...(name !== undefined && { name }), port: 443, protocol: 'TCP' as const }] };
    const destination: Destination = { cnames: [], addresses: ['10.96.5.6'], port: 443, protocol: 'TCP' };
    expect(mesh({ istio: istio(CLOSED), services: [service] }, destination)?.decision).toBe(decision);
  });
});

describe('VirtualServices', () => {
  const routes = (spec: string) => object('VirtualService', spec, { name: 'out' });
  it.each<[string, string, Decision]>([
    ['of the mesh leave port 80 open', '{hosts: [b.example], http: [{route: []}]}', 'unknown'],
    ['by a wildcard too', '{hosts: ["*.example"], gateways: [mesh], http: [{route: []}]}', 'unknown'],
    ['of the mesh and a gateway', '{hosts: [b.example], gateways: [out, mesh], http: [{route: []}]}', 'unknown'],
    ['kept to another namespace', '{hosts: [b.example], exportTo: [other, egress], http: [{route: []}]}', 'denied'],
    ['exported here', '{hosts: [b.example], exportTo: [other, shop], http: [{route: []}]}', 'unknown'],
    ['kept to their own, which is this', '{hosts: [b.example], exportTo: ["."], http: [{route: []}]}', 'unknown'],
    ['of a gateway do not', '{hosts: [b.example], gateways: [out], http: [{route: []}]}', 'denied'],
    ['without HTTP routes do not', '{hosts: [b.example], tls: [{route: []}]}', 'denied'],
  ])('%s', (_, spec, decision) => {
    expect(mesh({ istio: istio(CLOSED, routes(spec)) }, to('b.example', 80))?.decision).toBe(decision);
  });
  it('do not on other ports', () => {
    const yaml = routes('{hosts: [api.vendor.example], http: [{route: []}]}');
    expect(mesh({ istio: istio(CLOSED, yaml) }, API)?.decision).toBe('denied');
  });
});

describe('what goes around the proxy', () => {
  const noted = (name: string, value: string) =>
    meshPod('istio-proxy', { annotations: { [`traffic.sidecar.istio.io/${name}`]: value } });
  it.each<[string, Pod, Decision]>([
    ['an excluded port', noted('excludeOutboundPorts', '8080, 443'), 'allowed'],
    ['another excluded port', noted('excludeOutboundPorts', '8443'), 'denied'],
    ['an excluded range', noted('excludeOutboundIPRanges', '10.0.0.0/8,203.0.113.0/24'), 'allowed'],
    ['a range not included', noted('includeOutboundIPRanges', '10.0.0.0/8'), 'allowed'],
    ['an included range', noted('includeOutboundIPRanges', '203.0.113.0/24'), 'denied'],
    ['all ranges', noted('includeOutboundIPRanges', '*'), 'denied'],
    ['no range', noted('includeOutboundIPRanges', ''), 'allowed'],
    [
      'an included port',
      meshPod('istio-proxy', {
        annotations: {
          'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
          'traffic.sidecar.istio.io/includeOutboundPorts': '443',
        },
      }),
      'denied',
    ],
    [
      'no interception',
      meshPod('istio-proxy', { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } }),
      'allowed',
    ],
  ])('%s', (_, pod, decision) => {
    expect(mesh({ istio: istio(CLOSED) }, API, pod)?.decision).toBe(decision);
  });

  it('one of two addresses', () => {
    const pod = noted('excludeOutboundIPRanges', '203.0.113.10/32');
    const both = { ...API, addresses: ['203.0.113.10', '203.0.113.11'] };
    expect(mesh({ istio: istio(CLOSED) }, both, pod)?.decision).toBe('unknown');
  });

  it.each(['127.0.0.1', '::1'])('%s stays in the pod', (address) => {
    expect(mesh({ istio: istio(CLOSED) }, { ...API, addresses: [address] })?.explanation).toContain('inside the pod');
  });

  it.each(['includeOutboundIPRanges', 'excludeOutboundIPRanges'])('%s while the address is not known', (name) => {
    const pod = noted(name, '10.0.0.0/8');
    expect(mesh({ istio: istio(CLOSED) }, { ...API, addresses: [] }, pod)?.decision).toBe('unknown');
  });

  it.each<[string, Pod, Destination]>([
    ['a pod without a proxy', meshPod('envoy'), API],
    ['a pod on the host network', meshPod('istio-proxy', { hostNetwork: true }), API],
    ['a gateway', meshPod('istio-proxy', { containers: [container('istio-proxy')] }), API],
    ['UDP', POD, { ...API, protocol: 'UDP' }],
  ])('no mesh governs %s', (_, pod, destination) => {
    expect(mesh({ istio: istio(CLOSED) }, destination, pod)).toBeUndefined();
  });

  it('a native sidecar is a proxy like any other', () => {
    const pod = meshPod('app2', { containers: [container('app'), container('istio-proxy', { role: 'init' })] });
    expect(mesh({ istio: istio(CLOSED) }, API, pod)?.decision).toBe('denied');
  });

  it.each<[string, Pod]>([
    ['by the pod', meshPod('other', { labels: { 'istio.io/dataplane-mode': 'ambient' } })],
    ['as the node agent noted', meshPod('other', { annotations: { 'ambient.istio.io/redirection': 'enabled' } })],
  ])('ambient, %s: ztunnel does not enforce it', (_, pod) => {
    expect(mesh({ istio: istio(CLOSED) }, API, pod)).toMatchObject({
      decision: 'allowed',
      explanation: expect.stringContaining('ztunnel'),
    });
  });
});

it.each<[string, Record<string, string>, string | undefined]>([
  ['all of its pods', {}, 'allowed'],
  ['all but those that opt out', { 'istio.io/dataplane-mode': 'none' }, undefined],
])('an ambient namespace: %s', (_, labels, decision) => {
  const namespaces = [{ meta: meta('shop', undefined, { 'istio.io/dataplane-mode': 'ambient' }) }];
  const pod = meshPod('other', { labels });
  expect(mesh({ istio: istio(CLOSED), namespaces }, API, pod)?.decision).toBe(decision);
});

describe('what was not read', () => {
  const gap = (what: string, code: NotRead['code'] = 'forbidden'): NotRead => ({
    what,
    code,
    reason: 'no right to list',
  });
  const unread = (code: NotRead['code']) => ({
    meshConfig: { ok: false as const, notRead: { ...MESH_CONFIG_UNREAD, code } },
  });
  it.each<[string, Partial<ClusterState>, Decision]>([
    ['nothing of Istio', {}, 'unknown'],
    ['the MeshConfig', { istio: istio(CLOSED, '', unread('forbidden')) }, 'unknown'],
    [
      'the MeshConfig, while the host is registered',
      { istio: istio(CLOSED, entry(TLS), unread('forbidden')) },
      'allowed',
    ],
    ['the MeshConfig, while a Sidecar says it', { istio: istio(CLOSED, sidecar(ONLY), unread('forbidden')) }, 'denied'],
    ['the MeshConfig, which the archive lacks', { istio: istio(CLOSED, '', unread('not_in_archive')) }, 'allowed'],
    ['Sidecars here', { istio: istio('ALLOW_ANY'), notRead: [gap('sidecars in namespace shop')] }, 'unknown'],
    [
      'Sidecars of the root',
      { istio: istio('ALLOW_ANY'), notRead: [gap('sidecars outside namespace shop')] },
      'unknown',
    ],
    [
      'Sidecars elsewhere',
      { istio: istio(CLOSED), notRead: [gap('sidecars outside namespaces shop, istio-system')] },
      'denied',
    ],
    ['ServiceEntries', { istio: istio(CLOSED), notRead: [gap('serviceentries')] }, 'unknown'],
    [
      'ServiceEntries, where all is let through',
      { istio: istio('ALLOW_ANY'), notRead: [gap('serviceentries')] },
      'allowed',
    ],
    [
      'Services, for a name outside',
      { istio: istio(CLOSED), notRead: [gap('services outside namespace shop')] },
      'denied',
    ],
  ])('%s', (_, state, decision) => {
    expect(mesh(state, API)?.decision).toBe(decision);
  });

  it('Services, for an address that may be one', () => {
    const state = { istio: istio(CLOSED), notRead: [gap('services outside namespace shop')] };
    expect(mesh(state, { ...API, addresses: ['10.9.9.9'] })?.decision).toBe('unknown');
  });

  it('is nothing to a pod outside the mesh', () => {
    const state = meshWorld({ notRead: [gap('sidecars'), gap('serviceentries'), MESH_CONFIG_UNREAD] });
    expect(evaluateEgress(state, meshPod('envoy'), API)).toMatchObject({ decision: 'allowed' });
  });
});

it('what the client says decides where the registry tells protocols apart', () => {
  const yaml =
    entry(`{hosts: ['*.example'], ${ports(9999, 'TLS')}}`) +
    entry(`{hosts: [b.example], ${ports(9999, 'HTTP')}}`, { name: 'b' });
  const stage = mesh({ istio: istio(CLOSED, yaml) }, to('b.example', 9999));
  expect(stage?.decision).toBe('unknown');
  expect(stage?.explanation).toContain('TLS is let through, another protocol is blocked, plain HTTP is let through');
});
