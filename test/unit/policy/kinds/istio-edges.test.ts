/**
 * What a pod's Istio proxy was told, at the edges: which Sidecar, which listener of it, which of several hosts, and what the verdict says
 * (pilot/pkg/model/sidecar.go, push_context.go, pilot/pkg/networking/core/listener.go).
 */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { Decision, StageVerdict } from '../../../../src/core/model/evaluation.ts';
import type { IstioFacts } from '../../../../src/core/model/policies/mesh.ts';
import type { Pod, Service } from '../../../../src/core/model/workload.ts';
import { decideEgress } from '../../../../src/core/policy/evaluate.ts';
import { meta } from '../world.ts';
import { container, entry, istio, meshPod, meshWorld, object, ports, sidecar, to } from './mesh-world.ts';

const POD = meshPod('istio-proxy');
const CLOSED = 'REGISTRY_ONLY';
const API = to('api.vendor.example', 443);
const TLS = `{hosts: [api.vendor.example], ${ports(443, 'TLS')}, resolution: DNS}`;

function asked(yaml: string, destination: Destination, more: Partial<ClusterState> = {}, pod: Pod = POD): StageVerdict {
  const { mesh } = decideEgress(meshWorld({ istio: istio(CLOSED, yaml), ...more }), pod, destination);
  if (!mesh) throw new Error('no mesh governs the pod');
  return mesh;
}

const decision = (...question: Parameters<typeof asked>): Decision => asked(...question).decision;

describe('outboundTrafficPolicy in words', () => {
  const of = (facts: IstioFacts) => {
    const { mesh } = decideEgress(meshWorld({ istio: facts }), POD, API);
    return [mesh?.decision, mesh?.explanation, mesh?.decidedBy];
  };
  const withMesh = (outboundTrafficPolicy: object) =>
    istio(CLOSED, '', {
      meshConfig: { ok: true, value: { source: 'istio-system/istio', outboundTrafficPolicy } },
    } as object);

  it('of a Sidecar, with its place', () => {
    const own = '{outboundTrafficPolicy: {mode: ALLOW_ANY}}';
    expect(of(istio(CLOSED, sidecar(own)))).toEqual([
      'allowed',
      "The pod's Istio proxy passes on what it does not know (outboundTrafficPolicy ALLOW_ANY of Sidecar shop/default).",
      [
        {
          policy: { kind: 'Sidecar', namespace: 'shop', name: 'default' },
          path: 'spec.outboundTrafficPolicy',
          effect: 'allow',
          text: 'outboundTrafficPolicy ALLOW_ANY',
        },
      ],
    ]);
    const without = istio('ALLOW_ANY', sidecar('{outboundTrafficPolicy: {}}'));
    expect(of(without).slice(0, 2)).toEqual([
      'denied',
      expect.stringContaining('outboundTrafficPolicy REGISTRY_ONLY of Sidecar shop/default'),
    ]);
  });

  it.each<[string, IstioFacts, Decision, string]>([
    [
      'the default',
      istio(undefined),
      'allowed',
      'outboundTrafficPolicy ALLOW_ANY, the default, of ConfigMap istio-system/istio',
    ],
    ['a variant of ALLOW_ANY', withMesh({ mode: 'ALLOW_ANY_2', hasEgressProxy: false }), 'allowed', 'ALLOW_ANY_2'],
    [
      'no mode in the mesh',
      withMesh({ hasEgressProxy: false }),
      'unknown',
      'outboundTrafficPolicy without a mode of ConfigMap istio-system/istio is not understood',
    ],
    [
      'another mode',
      withMesh({ mode: 'MAYBE', hasEgressProxy: false }),
      'unknown',
      'outboundTrafficPolicy MAYBE of ConfigMap istio-system/istio is not understood',
    ],
    [
      'an egress proxy',
      withMesh({ mode: 'ALLOW_ANY', hasEgressProxy: true }),
      'unknown',
      'sends it to an egress proxy, whose rules are not evaluated',
    ],
    ['an egress proxy that nothing is sent to', withMesh({ mode: CLOSED, hasEgressProxy: true }), 'denied', CLOSED],
  ])('%s', (_, facts, verdict, words) => {
    const [found, explanation] = of(facts);
    expect([found, explanation]).toEqual([verdict, expect.stringContaining(words)]);
  });

  it.each([
    ['forbidden', 'unknown', "the mesh's outboundTrafficPolicy was not read (no right)"],
    ['not_in_archive', 'allowed', "the archive holds no MeshConfig, so Istio's default ALLOW_ANY is assumed"],
  ] as const)('not read: %s', (code, verdict, words) => {
    const meshConfig = {
      ok: false,
      notRead: { what: 'configmaps istio-system/istio', code, reason: 'no right' },
    } as const;
    expect(of(istio(CLOSED, '', { meshConfig })).slice(0, 2)).toEqual([verdict, expect.stringContaining(words)]);
  });

  it('of a root namespace that is configured', () => {
    const only = sidecar('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}', { namespace: 'mesh-root' });
    const value = { source: 'istio-system/istio', rootNamespace: 'mesh-root' };
    expect(of(istio('ALLOW_ANY', only, { meshConfig: { ok: true, value } }))[0]).toBe('denied');
    expect(of(istio('ALLOW_ANY', only))[0]).toBe('allowed');
  });
});

describe('the Sidecar that counts', () => {
  const open = '{outboundTrafficPolicy: {mode: ALLOW_ANY}}';
  const only = '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}';
  const labelled = (labels: string, mode: string) =>
    `{workloadSelector: {labels: ${labels}}, outboundTrafficPolicy: {mode: ${mode}}}`;

  it.each<[string, string, Decision]>([
    ['one whose labels the pod has, all of them', sidecar(labelled('{app: checkout, tier: x}', 'ALLOW_ANY')), 'denied'],
    ['one of no labels takes every pod', sidecar(labelled('{}', 'ALLOW_ANY')), 'allowed'],
    ['of two of one age, by name', sidecar(open, { name: 'b' }) + sidecar(only, { name: 'a' }), 'denied'],
    [
      'of two of one age, by name, the other way round',
      sidecar(only, { name: 'b' }) + sidecar(open, { name: 'a' }),
      'allowed',
    ],
    [
      'the older of two that select the pod',
      sidecar(labelled('{app: checkout}', 'REGISTRY_ONLY'), { name: 'a', created: '2026-02-01' }) +
        sidecar(labelled('{app: checkout}', 'ALLOW_ANY'), { name: 'b', created: '2026-01-01' }),
      'allowed',
    ],
    [
      'none of the root namespace where the own has one',
      sidecar(open, { namespace: 'istio-system', created: '2020-01-01' }) + sidecar(only),
      'denied',
    ],
  ])('%s', (_, yaml, expected) => {
    expect(decision(yaml, API)).toBe(expected);
  });
});

describe('listeners of a Sidecar', () => {
  const egress = (...listeners: string[]) => sidecar(`{egress: [${listeners.join(', ')}]}`);
  const listener = (number: number, protocol: string, more = '') =>
    `{port: {number: ${number}, protocol: ${protocol}, name: p}, ${more}hosts: ["*/*"]}`;
  const all = '{hosts: ["*/*"]}';
  const own = '{hosts: ["./*"]}';
  const far = entry(TLS, { namespace: 'egress' });

  it.each<[string, string, Decision]>([
    ['no captureMode', listener(443, 'TLS'), 'allowed'],
    ['captureMode IPTABLES', listener(443, 'TLS', 'captureMode: IPTABLES, '), 'allowed'],
    ['captureMode NONE', listener(443, 'TLS', 'captureMode: NONE, '), 'denied'],
    ['bound to every address', listener(443, 'TLS', 'bind: 0.0.0.0, '), 'allowed'],
    ['bound to nothing', listener(443, 'TLS', 'bind: "", '), 'allowed'],
    ['bound to an address that the application must ask for', listener(443, 'TLS', 'bind: 127.0.0.1, '), 'denied'],
  ])('%s', (_, made, expected) => {
    expect(decision(far + egress(made, own), API)).toBe(expected);
  });

  it.each<[string, string, Destination, Decision]>([
    // The listener reads the port as it says, whatever the host says.
    ['TLS of a port declared HTTP', `{hosts: [api.vendor.example], ${ports(443, 'HTTP')}}`, API, 'allowed'],
    [
      'TLS of a port declared TCP, by its name',
      `{hosts: [api.vendor.example], ${ports(443, 'TCP')}, resolution: NONE}`,
      to('b.example', 443),
      'denied',
    ],
  ])('read the port as they say: %s', (_, spec, destination, expected) => {
    const made = entry(spec, { namespace: 'egress' }) + egress(listener(443, 'TLS'), own);
    expect(decision(made, destination)).toBe(expected);
  });

  it('for HTTP have routes for hosts that speak HTTP only', () => {
    const web = (protocol: string) =>
      decision(
        entry(`{hosts: [b.example], ${ports(8080, protocol)}}`, { namespace: 'egress' }) +
          egress(listener(8080, 'HTTP'), own),
        to('b.example', 8080, { sni: 'b.example' }),
      );
    expect([web('HTTP'), web('TCP')]).toContain('denied');
    const http = (protocol: string) =>
      decision(
        entry(`{hosts: [b.example], ${ports(80, protocol)}}`, { namespace: 'egress' }) +
          egress(listener(80, 'HTTP'), own),
        to('b.example', 80),
      );
    expect([http('HTTP'), http('GRPC'), http('TLS'), http('TCP')]).toEqual(['allowed', 'allowed', 'denied', 'denied']);
  });

  it('for the port add what has an address of its own from the one for all ports', () => {
    const at = (addresses: string, protocol = 'TCP') =>
      entry(`{hosts: [db.example], addresses: [${addresses}], ${ports(443, protocol)}}`, { name: 'db' });
    const only = '{port: {number: 443, protocol: TLS, name: p}, hosts: ["egress/*"]}';
    const db = to('db.example', 443);
    expect(decision(far + at('203.0.113.10') + egress(only, all), db)).toBe('allowed');
    expect(decision(far + at('203.0.113.10') + egress(only), db)).toBe('denied');
    // A range shares the listener for all addresses, and so does HTTP.
    expect(decision(far + at('203.0.113.0/24') + egress(only, all), db)).toBe('denied');
    expect(decision(far + at('203.0.113.0/24, 203.0.113.10') + egress(only, all), db)).toBe('allowed');
  });

  it('for a port that none of its hosts has do not exist, except to HTTP', () => {
    const web =
      entry(`{hosts: [b.example], ${ports(80, 'HTTP')}}`) +
      entry(`{hosts: [db.example], ${ports(80, 'TCP')}, resolution: NONE}`, { name: 'db' });
    const none = '{port: {number: 80, protocol: HTTP, name: p}, hosts: ["egress/*"]}';
    expect(decision(web + egress(none, all), to('b.example', 80))).not.toBe('denied');
    const only = entry(`{hosts: [b.example], ${ports(80, 'HTTP')}}`);
    expect(decision(only + egress(none, all), to('b.example', 80))).toBe('denied');
    expect(decision(only + egress(all), to('b.example', 80))).toBe('allowed');
  });

  it.each<[string, string, string, Decision]>([
    ['a wildcard of a wildcard', '"*.vendor.example"', 'egress/*.example', 'allowed'],
    ['the same wildcard', '"*.vendor.example"', 'egress/*.vendor.example', 'allowed'],
    ['a narrower wildcard', '"*.vendor.example"', 'egress/*.api.vendor.example', 'denied'],
    ['a wildcard that the host is shorter than', 'vendor.example', 'egress/*.vendor.example', 'denied'],
    ['a star', '"*.vendor.example"', 'egress/*', 'allowed'],
    ['the name in another case', 'api.vendor.example', 'egress/API.vendor.example', 'allowed'],
    ['every namespace', 'api.vendor.example', '*/api.vendor.example', 'allowed'],
    ['another namespace', 'api.vendor.example', 'data/api.vendor.example', 'denied'],
  ])('import %s', (_, host, imported, expected) => {
    const wild = entry(`{hosts: [${host}], ${ports(443, 'TLS')}}`, { namespace: 'egress' });
    expect(decision(wild + egress(`{hosts: ["${imported}"]}`), API)).toBe(
      host === 'vendor.example' ? 'denied' : expected,
    );
  });

  it.each<[string, string[], Decision]>([
    ['the whole namespace', ['*/*', '~egress/*'], 'denied'],
    ['the host in every namespace', ['*/*', '~*/api.vendor.example'], 'denied'],
    ['another host', ['*/*', '~egress/www.vendor.example'], 'allowed'],
    ['another namespace', ['*/*', '~data/*'], 'allowed'],
    ['the own namespace', ['*/*', '~./*'], 'allowed'],
    ['everything', ['egress/*', '~/*'], 'denied'],
  ])('exclude %s', (_, list, expected) => {
    expect(decision(far + egress(`{hosts: [${list.map((one) => `"${one}"`).join(', ')}]}`), API)).toBe(expected);
  });
});

describe('one host in several entries', () => {
  const at = (number: number, place: Parameters<typeof entry>[1], protocol = 'TLS') =>
    entry(`{hosts: [api.vendor.example], ${ports(number, protocol)}}`, place);

  it.each<[string, string, Decision]>([
    [
      'the older namespace',
      at(443, { namespace: 'a', created: '2025-01-01' }) + at(8443, { namespace: 'b' }),
      'allowed',
    ],
    [
      'the younger namespace',
      at(443, { namespace: 'a', created: '2026-02-01' }) + at(8443, { namespace: 'b' }),
      'denied',
    ],
    ["the pod's, though younger", at(8443, { namespace: 'a', created: '2020-01-01' }) + at(443, {}), 'allowed'],
    [
      'both of one namespace',
      at(8443, { namespace: 'a', name: 'x' }) + at(443, { namespace: 'a', name: 'y' }),
      'allowed',
    ],
    [
      'what is exported to the namespace itself, though younger',
      at(8443, { namespace: 'a', created: '2020-01-01' }) +
        entry(`{hosts: [api.vendor.example], ${ports(443, 'TLS')}, exportTo: [shop]}`, { namespace: 'b' }),
      'allowed',
    ],
  ])('%s', (_, yaml, expected) => {
    expect(decision(yaml, API)).toBe(expected);
  });

  it('that read its port differently leave it open', () => {
    const yaml = at(443, { name: 'a' }) + at(443, { name: 'b' }, 'TCP');
    expect(asked(yaml, API)).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('and another give "api.vendor.example" different protocols for the port'),
    });
    expect(decision(at(443, { name: 'a' }) + at(443, { name: 'b' }), API)).toBe('allowed');
  });
});

describe('several hosts at one port', () => {
  const tcp = (name: string, addresses: string, protocol = 'TCP', resolution = 'NONE') =>
    entry(
      `{hosts: [${name}.example], ${addresses === '' ? '' : `addresses: [${addresses}], `}${ports(443, protocol)}, resolution: ${resolution}}`,
      { name },
    );

  it.each<[string, string, Destination, Decision]>([
    [
      'an own address leaves nothing to others',
      tcp('a', '203.0.113.10') + tcp('b', '', 'TLS', 'DNS'),
      to('c.example', 443),
      'allowed',
    ],
    [
      'a range comes before the server name',
      tcp('a', '203.0.113.0/24', 'TLS') + tcp('b', '', 'TLS'),
      to('b.example', 443),
      'denied',
    ],
    ['a range and the name', tcp('a', '203.0.113.0/24', 'TLS') + tcp('b', '', 'TLS'), to('a.example', 443), 'allowed'],
    ['outside the range', tcp('a', '198.51.100.0/24', 'TLS') + tcp('b', '', 'TLS'), to('b.example', 443), 'allowed'],
    [
      'what no chain of the range takes goes to any TCP',
      tcp('a', '203.0.113.0/24', 'TLS') + tcp('b', '', 'TCP'),
      to('c.example', 443),
      'allowed',
    ],
    ['a range of one address is an address', tcp('a', '203.0.113.10/32', 'TLS'), to('c.example', 443), 'allowed'],
    ['a range of 31 bits is a range', tcp('a', '203.0.113.10/31', 'TLS'), to('c.example', 443), 'denied'],
    [
      'an IPv6 address',
      tcp('a', '2001:db8::1', 'TLS'),
      to('c.example', 443, { addresses: ['2001:db8::1'] }),
      'allowed',
    ],
    [
      'an IPv6 range of one address',
      tcp('a', '2001:db8::1/128', 'TLS'),
      to('c.example', 443, { addresses: ['2001:db8::1'] }),
      'allowed',
    ],
    [
      'an IPv6 range of 32 bits',
      tcp('a', '2001:db8::/32', 'TLS'),
      to('c.example', 443, { addresses: ['2001:db8::1'] }),
      'denied',
    ],
    [
      'an IPv6 range of 120 bits',
      tcp('a', '2001:db8::/120', 'TLS'),
      to('c.example', 443, { addresses: ['2001:db8::1'] }),
      'denied',
    ],
  ])('%s', (_, yaml, destination, expected) => {
    expect(decision(yaml, destination)).toBe(expected);
  });

  it('an address among ranges is an address', () => {
    expect(decision(tcp('a', '203.0.113.0/24, 203.0.113.10', 'TLS'), to('c.example', 443))).toBe('allowed');
  });

  it('the one with the name asked for is named', () => {
    const all = entry(`{hosts: [z.example], ${ports(443, 'TCP')}, resolution: NONE}`, {
      name: 'z',
      created: '2020-01-01',
    });
    const says = (name: string) => asked(tcp('a', '', 'TLS') + all, to(name, 443)).explanation;
    expect(says('a.example')).toContain('takes the connection for "a.example" of ServiceEntry shop/a');
    expect(says('c.example')).toContain('takes the connection for "z.example" of ServiceEntry shop/z');
  });
});

describe('allocated addresses', () => {
  const capturing = meshPod('istio-proxy', {
    containers: [container('app'), container('istio-proxy', { env: { ISTIO_META_DNS_CAPTURE: 'true' } })],
  });
  const db = `${entry(`{hosts: [db.example, files.example], ${ports(5432, 'TCP')}, resolution: DNS}`)}status: {addresses: [{host: db.example, value: 240.240.0.9}, {value: 240.240.0.10}]}\n`;
  it.each<[string, string, string, Decision]>([
    ['its own', 'db.example', '240.240.0.9', 'allowed'],
    ['one of every host of the entry', 'files.example', '240.240.0.10', 'allowed'],
    ['that of another host', 'other.example', '240.240.0.9', 'unknown'],
    ['none, and the name is its own', 'db.example', '203.0.113.10', 'allowed'],
    ['none, and another name', 'other.example', '203.0.113.10', 'denied'],
  ])('%s', (_, host, address, expected) => {
    expect(decision(db, to(host, 5432, { addresses: [address] }), {}, capturing)).toBe(expected);
  });

  it.each<[string, Pod]>([
    [
      'off',
      meshPod('istio-proxy', {
        containers: [container('app'), container('istio-proxy', { env: { ISTIO_META_DNS_CAPTURE: 'false' } })],
      }),
    ],
    [
      'of another container',
      meshPod('istio-proxy', {
        containers: [container('app', { env: { ISTIO_META_DNS_CAPTURE: 'true' } }), container('istio-proxy')],
      }),
    ],
  ])('without the capture, here %s, every address is its own', (_, pod) => {
    expect(decision(db, to('db.example', 5432, { addresses: ['198.51.100.7'] }), {}, pod)).toBe('allowed');
    expect(decision(db, to('other.example', 5432), {}, pod)).toBe('unknown');
  });
});

describe('what was meant', () => {
  const says = (yaml: string, destination: Destination, more?: Partial<ClusterState>) =>
    asked(yaml, destination, more).explanation;
  const http = (number: number) => `{hosts: [api.vendor.example], ${ports(number, 'HTTP')}}`;

  it.each<[string, string, Destination, string]>([
    [
      'one of its ports',
      entry(
        `{hosts: [api.vendor.example], ports: [{number: 80, name: h, protocol: HTTP}, {number: 443, name: t, protocol: HTTP}]}`,
      ),
      API,
      'its port 443 is for HTTP, and TLS is taken',
    ],
    ['no port at all', entry('{hosts: [api.vendor.example]}'), API, 'it lists no port 443 (none at all)'],
    [
      'other addresses',
      entry(`{hosts: [api.vendor.example], addresses: [203.0.113.99], ${ports(443, 'TLS')}}`),
      API,
      'it lists other addresses',
    ],
    [
      'other addresses of a TCP port',
      entry(`{hosts: [api.vendor.example], addresses: [203.0.113.99], ${ports(443, 'TCP')}}`),
      API,
      'it lists other addresses',
    ],
    [
      'an HTTP port for TLS',
      entry(http(443)),
      API,
      'its port 443 is for HTTP, and TLS is taken to be what the client speaks',
    ],
    [
      'the same host in the own namespace',
      entry(TLS, { namespace: 'egress', created: '2020-01-01' }) + entry(http(80), { name: 'own' }),
      API,
      'ServiceEntry egress/vendor names it, but another namespace has the same name in the registry',
    ],
    [
      'a Sidecar',
      entry(TLS, { namespace: 'egress' }) + sidecar('{egress: [{hosts: ["./*"]}]}'),
      API,
      'the hosts of Sidecar shop/default leave it out for this port',
    ],
    [
      'a wildcard that is near',
      entry(`{hosts: ["*.api.vendor.example"], ${ports(443, 'TLS')}}`),
      API,
      'ServiceEntry shop/vendor is near: ',
    ],
    [
      'a star that is for another port',
      entry(`{hosts: ["*"], ${ports(80, 'HTTP')}}`),
      API,
      'it lists no port 443 (80)',
    ],
  ])('%s', (_, yaml, destination, words) => {
    expect(says(yaml, destination)).toContain(words);
  });

  it.each<[string, string, Destination]>([
    ['an address', entry(TLS), { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' }],
    ['a name of another domain', entry(TLS), to('api.other.test', 443)],
    ['nothing registered', '', API],
  ])('nothing: %s', (_, yaml, destination) => {
    expect(says(yaml, destination)).toMatch(/handshake\.$/);
  });

  it('an entry before a Service of the same name', () => {
    const service: Service = {
      meta: meta('vendor', 'data'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.1.1'],
      externalIPs: [],
      selector: {},
      ports: [{ name: 'tls', port: 8443, protocol: 'TCP' }],
    };
    const host = 'vendor.data.svc.cluster.local';
    const same = entry(`{hosts: [${host}], ${ports(8444, 'TLS')}}`, { created: '2027-01-01' });
    const target = to(host, 443, { addresses: ['10.96.1.1'] });
    expect(says(same, target, { services: [service] })).toContain('ServiceEntry shop/vendor names it');
    expect(says('', target, { services: [service] })).toContain('Service data/vendor names it');
  });
});

describe('VirtualServices on port 80', () => {
  const routes = (spec: string) => object('VirtualService', spec, { name: 'out', namespace: 'egress' });
  const web = to('b.example', 80);
  it.each<[string, string, Decision]>([
    ['exported to all', '{hosts: [b.example], exportTo: ["*"], http: [{route: []}]}', 'unknown'],
    ['exported to their own, which is another', '{hosts: [b.example], exportTo: ["."], http: [{route: []}]}', 'denied'],
    ['exported here', '{hosts: [b.example], exportTo: [shop], http: [{route: []}]}', 'unknown'],
    ['for a longer name', '{hosts: [a.b.example], http: [{route: []}]}', 'denied'],
    ['for every name', '{hosts: ["*"], http: [{route: []}]}', 'unknown'],
    ['for names of another domain', '{hosts: ["*.test"], http: [{route: []}]}', 'denied'],
  ])('%s', (_, spec, expected) => {
    expect(decision(routes(spec), web)).toBe(expected);
  });

  it('are named, or may not have been read', () => {
    expect(asked(routes('{hosts: [b.example], http: [{route: []}]}'), web).explanation).toContain(
      'VirtualService egress/out routes requests for it, and its routes are not evaluated',
    );
    const notRead = [{ what: 'virtualservices', code: 'forbidden', reason: 'no right' } as const];
    expect(decision('', web, { notRead })).toBe('unknown');
    expect(decision('', to('b.example', 8080), { notRead })).toBe('denied');
  });
});

describe('annotations, as people write them', () => {
  const noted = (name: string, value: string) =>
    meshPod('istio-proxy', { annotations: { [`traffic.sidecar.istio.io/${name}`]: value } });
  const unknownAddress = { ...API, addresses: [] };
  it.each<[string, string, string, Destination, Decision]>([
    ['a range of ports', 'excludeOutboundPorts', '400-500', API, 'allowed'],
    ['a range that ends here', 'excludeOutboundPorts', '400-443', API, 'allowed'],
    ['a range that begins here', 'excludeOutboundPorts', '443-500', API, 'allowed'],
    ['a range beside it', 'excludeOutboundPorts', '444-500', API, 'denied'],
    ['a list that ends with a comma', 'excludeOutboundPorts', '80,', API, 'denied'],
    ['an empty list of ports', 'excludeOutboundPorts', '', API, 'denied'],
    ['a single address', 'excludeOutboundIPRanges', '203.0.113.10', API, 'allowed'],
    ['another single address', 'excludeOutboundIPRanges', '203.0.113.11', API, 'denied'],
    ['an IPv6 address', 'excludeOutboundIPRanges', '2001:db8::1', { ...API, addresses: ['2001:db8::1'] }, 'allowed'],
    ['blanks', 'excludeOutboundIPRanges', ' 10.0.0.0/8 , 203.0.113.0/24 ', API, 'allowed'],
    ['all, with blanks', 'includeOutboundIPRanges', ' * ', API, 'denied'],
    ['none, with blanks', 'includeOutboundIPRanges', ' ', API, 'allowed'],
    ['none, the address not known', 'includeOutboundIPRanges', ' ', unknownAddress, 'allowed'],
    ['all, the address not known', 'includeOutboundIPRanges', ' * ', unknownAddress, 'denied'],
    ['some, the address not known', 'includeOutboundIPRanges', '10.0.0.0/8', unknownAddress, 'unknown'],
    ['some excluded, the address not known', 'excludeOutboundIPRanges', '10.0.0.0/8', unknownAddress, 'unknown'],
    ['none excluded, the address not known', 'excludeOutboundIPRanges', ' ', unknownAddress, 'denied'],
    ['loopback', 'includeOutboundIPRanges', '*', { ...API, addresses: ['127.0.0.8'] }, 'allowed'],
  ])('%s', (_, name, value, destination, expected) => {
    expect(decision('', destination, {}, noted(name, value))).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['excludeOutboundPorts', '80, 443', 'traffic.sidecar.istio.io/excludeOutboundPorts lists 443'],
    [
      'excludeOutboundIPRanges',
      '10.0.0.0/8, 203.0.113.0/24',
      'traffic.sidecar.istio.io/excludeOutboundIPRanges lists 203.0.113.0/24',
    ],
    [
      'includeOutboundIPRanges',
      '10.0.0.0/8',
      'traffic.sidecar.istio.io/includeOutboundIPRanges does not list 203.0.113.10',
    ],
  ])('%s is named as the reason', (name, value, words) => {
    expect(asked('', API, {}, noted(name, value)).explanation).toBe(
      `The connection does not pass the pod's Istio proxy: ${words}.`,
    );
  });
});
