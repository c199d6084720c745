/** Random meshes for Istio's own control plane, which knows more than the analyzer: ports, protocols, addresses, the mesh's own mode; used by `main.ts`. */

import { API, HOSTS, NAMESPACES, ROOT, randomWorld, sidecarHost, WILDCARDS } from '../istio/generate.ts';
import type { Random } from '../kinds/random.ts';
import type { AskedWorld } from '../kinds/vectors.ts';
import { object, type Raw } from '../kinds/world.ts';

const PORTS = [443, 80, 8443, 8080];
const PROTOCOLS: Readonly<Record<number, readonly string[]>> = {
  443: ['TLS', 'HTTPS', 'HTTPS', 'TCP'],
  80: ['HTTP', 'HTTP', 'HTTP', 'TCP'],
  8443: ['HTTPS', 'TLS', 'TCP'],
  8080: ['HTTP', 'HTTP2', 'TCP'],
};
/** The first is what every name resolves to. */
const ADDRESSES = ['203.0.113.77', '203.0.113.0/24', '198.51.100.7', '203.0.113.10'];

export function randomProxyWorld(random: Random): AskedWorld {
  const { world } = randomWorld(random);
  return {
    world,
    grid: {
      from: [0],
      to: [...HOSTS, 'unheard-of.example.net', '203.0.113.10'],
      ports: PORTS.map((port) => `${port}/TCP`),
    },
  };
}

export function randomProxyMesh(random: Random): Raw[] {
  const mode = random.pick([
    '',
    '',
    'outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n',
    'outboundTrafficPolicy: {mode: ALLOW_ANY}\n',
  ]);
  const entries = random.times(1, 4, () => 0).map((_, index) => serviceEntry(index, random));
  return [meshConfig(mode), ...entries, ...sidecars(random)];
}

function meshConfig(text: string): Raw {
  return {
    ...object('v1', 'ConfigMap', { namespace: ROOT, name: 'istio' }),
    data: { mesh: `accessLogFile: /dev/stdout\n${text}` },
  };
}

function serviceEntry(index: number, random: Random): Raw {
  const wildcard = random.chance(0.35);
  const exportTo = random.pick([undefined, undefined, undefined, ['*'], ['.'], ['shop']]);
  const addresses = random.chance(0.2) ? [random.pick(ADDRESSES)] : undefined;
  return {
    ...object(API, 'ServiceEntry', {
      namespace: random.pick(NAMESPACES),
      name: `entry-${index}`,
      creationTimestamp: `2026-01-0${index + 1}T00:00:00Z`,
    }),
    spec: {
      hosts: wildcard ? [random.pick(WILDCARDS)] : random.some(HOSTS, 1, 2),
      location: 'MESH_EXTERNAL',
      resolution: wildcard ? 'NONE' : random.pick(['DNS', 'DNS', 'NONE']),
      ports: random.some(PORTS, 1, 3).map((number) => ({
        number,
        name: `port-${number}`,
        protocol: random.pick(PROTOCOLS[number] ?? []),
      })),
      ...(addresses && { addresses }),
      ...(exportTo && { exportTo }),
    },
  };
}

function sidecars(random: Random): Raw[] {
  const labels = { [random.pick(['app', 'tier'])]: random.pick(['web', 'front', 'api']) };
  return [
    ...(random.chance(0.3) ? [sidecar(ROOT, {}, random)] : []),
    ...(random.chance(0.4) ? [sidecar('shop', {}, random)] : []),
    ...(random.chance(0.3) ? [sidecar('shop', { workloadSelector: { labels } }, random)] : []),
  ];
}

function sidecar(namespace: string, selector: Raw, random: Random): Raw {
  const mode = random.pick(['REGISTRY_ONLY', 'REGISTRY_ONLY', 'ALLOW_ANY', undefined]);
  const name = 'workloadSelector' in selector ? 'chosen' : 'default';
  return {
    ...object(API, 'Sidecar', { namespace, name }),
    spec: {
      ...selector,
      ...(random.chance(0.9) && { egress: listeners(random) }),
      ...(mode !== undefined && { outboundTrafficPolicy: { mode } }),
    },
  };
}

/** One for all ports comes last, as Istio demands. */
function listeners(random: Random): Raw[] {
  const hosts = () => [...new Set(random.times(1, 3, () => sidecarHost(random)))];
  const number = random.pick(PORTS);
  const own = { port: { number, name: 'own', protocol: random.pick(PROTOCOLS[number] ?? []) }, hosts: hosts() };
  const all = { hosts: hosts() };
  return random.pick([[all], [all], [own, all], [own]]);
}
