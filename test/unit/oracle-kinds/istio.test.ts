/** Istio: what network-config-analyzer lets out in the committed vectors (`npm run oracle:istio` compares live). */
import { describe, expect, it } from 'vitest';
import { calicoAgent, object, type Raw, type World } from '../../oracle/kinds/world.ts';
import { answer, disagreeing, PATIENCE, strengthOf, vectorsOf } from './checked.ts';

const vectors = await vectorsOf('istio');
/** From Istio's own control plane (`npm run oracle:istio-proxy`). */
const proxies = await vectorsOf('istio-proxy');

describe('Istio vectors', () => {
  it('are many, and tell engines apart', () => {
    const { cases, allowed, mixed } = strengthOf(vectors);
    expect(cases).toBe(500);
    expect(allowed).toBeGreaterThan(0.3);
    expect(allowed).toBeLessThan(0.8);
    expect(mixed).toBeGreaterThan(200);
  });

  it(
    'agree',
    async () => {
      expect(await disagreeing(vectors, [calicoAgent()])).toEqual([]);
    },
    PATIENCE,
  );
});

describe('vectors of Istio proxies', () => {
  it('are many, and tell engines apart', () => {
    const { cases, allowed, mixed } = strengthOf(proxies);
    expect(cases).toBeGreaterThan(800);
    expect(allowed).toBeGreaterThan(0.3);
    expect(allowed).toBeLessThan(0.8);
    expect(mixed).toBeGreaterThan(190);
  });

  it(
    'agree',
    async () => {
      expect(await disagreeing(proxies, [calicoAgent()])).toEqual([]);
    },
    PATIENCE,
  );
});

/** Where the analyzer says otherwise or nothing, Istio's own text or code is followed. */
describe('Istio where network-config-analyzer differs', () => {
  const world: World = {
    namespaces: { shop: {}, data: {}, 'istio-system': {} },
    pods: [{ namespace: 'shop', name: 'web', labels: {}, ips: ['10.1.0.1'], ports: [], mesh: true }],
  };
  const API = 'networking.istio.io/v1';
  const HOST = 'api.vendor.example';
  const entry = (more: Raw = {}): Raw => ({
    ...object(API, 'ServiceEntry', { namespace: 'data', name: 'vendor' }),
    spec: { hosts: [HOST], location: 'MESH_EXTERNAL', resolution: 'DNS', ports: PORTS, ...more },
  });
  const PORTS = [{ number: 443, name: 'tls', protocol: 'TLS' }];
  const sidecar = (hosts: readonly string[], mode = 'REGISTRY_ONLY'): Raw => ({
    ...object(API, 'Sidecar', { namespace: 'shop', name: 'default' }),
    spec: { egress: [{ hosts }], outboundTrafficPolicy: { mode } },
  });
  const ask = (port: number, ...objects: Raw[]) => answer(world, [calicoAgent(), ...objects], { address: HOST, port });

  it('a host that is not imported passes with ALLOW_ANY, as every unknown one', async () => {
    expect(await ask(443, entry(), sidecar(['./*'], 'ALLOW_ANY'))).toBe('allowed');
    expect(await ask(443, entry(), sidecar(['./*']))).toBe('denied');
  });

  it('what ~ excludes stays out whatever else is named', async () => {
    expect(await ask(443, entry(), sidecar(['data/*']))).toBe('allowed');
    expect(await ask(443, entry(), sidecar(['data/*', '~/*']))).toBe('denied');
  });

  it('a host belongs to the namespace of its ServiceEntry', async () => {
    expect(await ask(443, entry(), sidecar([`shop/${HOST}`]))).toBe('denied');
    expect(await ask(443, entry(), sidecar([`*/${HOST}`]))).toBe('allowed');
  });

  it('an entry that is exported to its own namespace alone is not there for others', async () => {
    expect(await ask(443, entry({ exportTo: ['.'] }), sidecar(['*/*']))).toBe('denied');
    expect(await ask(443, entry({ exportTo: ['shop'] }), sidecar(['*/*']))).toBe('allowed');
  });

  it('a shorter wildcard imports a longer one', async () => {
    const wildcard = entry({ hosts: ['*.vendor.example'], resolution: 'NONE' });
    expect(await ask(443, wildcard, sidecar(['data/*.example']))).toBe('allowed');
    expect(await ask(443, wildcard, sidecar([`data/${HOST}`]))).toBe('denied');
  });

  it('a host is registered for the ports of its ServiceEntry', async () => {
    expect(await ask(8443, entry(), sidecar(['*/*']))).toBe('denied');
  });
});

/** What the comparison with Istio's own control plane found wrong, each as its smallest mesh. */
describe('Istio as its own control plane configures proxies', () => {
  const world: World = {
    namespaces: { shop: {}, data: {}, 'istio-system': {} },
    pods: [{ namespace: 'shop', name: 'web', labels: {}, ips: ['10.1.0.1'], ports: [], mesh: true }],
  };
  const API = 'networking.istio.io/v1';
  const CLOSED = object('v1', 'ConfigMap', { namespace: 'istio-system', name: 'istio' });
  const closed: Raw = { ...CLOSED, data: { mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}' } };
  let count = 0;
  const entry = (host: string, port: string, more: Raw = {}, namespace = 'shop'): Raw => {
    const [number, protocol] = port.split('/');
    count += 1;
    return {
      ...object(API, 'ServiceEntry', { namespace, name: `entry-${count}` }),
      spec: { hosts: [host], resolution: 'NONE', ports: [{ number: Number(number), name: 'p', protocol }], ...more },
    };
  };
  const sidecar = (...egress: Raw[]): Raw => ({
    ...object(API, 'Sidecar', { namespace: 'shop', name: 'default' }),
    spec: { egress },
  });
  const listener = (port: string, host: string): Raw => {
    const [number, protocol] = port.split('/');
    return { port: { number: Number(number), name: 'p', protocol }, hosts: [host] };
  };
  const range = { addresses: ['203.0.113.0/24'] };

  it.each<[name: string, verdict: string, question: string, objects: Raw[]]>([
    [
      'the host with the server name comes before one that takes any TCP',
      'allowed',
      'files.example:443',
      [entry('other.example', '443/TCP', { resolution: 'DNS' }), entry('files.example', '443/TLS')],
    ],
    [
      'a range leaves nothing to hosts that listen everywhere',
      'denied',
      'files.example:443',
      [entry('files.example', '443/TLS'), entry('other.example', '443/TLS', range)],
    ],
    [
      'but what no server name of a range takes goes to a host that takes any TCP',
      'allowed',
      'files.example:443',
      [entry('tcp.example', '443/TCP'), entry('other.example', '443/TLS', range)],
    ],
    [
      'what is exported to the namespace comes before what is public',
      'denied',
      'files.example:80',
      [
        entry('files.example', '80/HTTP', {}, 'data'),
        entry('files.example', '8443/TLS', { exportTo: ['shop'] }, 'istio-system'),
      ],
    ],
    [
      'a listener for one port imports only hosts with the port',
      'allowed',
      'files.example:443',
      [
        entry('files.example', '80/HTTP', {}),
        entry('files.example', '443/TLS', {}, 'istio-system'),
        sidecar(listener('443/HTTPS', '*/*')),
      ],
    ],
    [
      'a listener without any host is none',
      'allowed',
      'files.example:443',
      [entry('files.example', '443/HTTPS'), sidecar(listener('443/HTTPS', 'data/none.example'), { hosts: ['*/*'] })],
    ],
    [
      'but it has the routes of plain HTTP all the same',
      'denied',
      'files.example:80',
      [entry('files.example', '80/HTTP'), sidecar(listener('80/HTTP', 'data/none.example'), { hosts: ['*/*'] })],
    ],
    [
      'an HTTP listener has no routes for hosts whose port is TCP',
      'denied',
      'files.example:80',
      [entry('files.example', '80/TCP'), sidecar(listener('80/HTTP', './*'))],
    ],
    [
      'beside a listener for the port a range has none of its own',
      'denied',
      'files.example:443',
      [
        entry('files.example', '443/HTTPS', range),
        entry('other.example', '443/TLS', {}, 'data'),
        sidecar(listener('443/TLS', 'data/*'), { hosts: ['./*'] }),
      ],
    ],
    [
      'entries that contradict each other leave it open',
      'unknown',
      'files.example:443',
      [entry('files.example', '443/TCP'), entry('files.example', '443/TLS')],
    ],
  ])('%s', async (_name, verdict, question, objects) => {
    const [address = '', port] = question.split(':');
    expect(await answer(world, [calicoAgent(), closed, ...objects], { address, port: Number(port) })).toBe(verdict);
  });
});
