/** Istio: what network-config-analyzer lets out in the committed vectors (`npm run oracle:istio` compares live). */
import { describe, expect, it } from 'vitest';
import { calicoAgent, object, type Raw, type World } from '../../oracle/kinds/world.ts';
import { answer, disagreeing, PATIENCE, strengthOf, vectorsOf } from './checked.ts';

const vectors = await vectorsOf('istio');

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
