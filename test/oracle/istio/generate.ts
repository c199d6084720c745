/** Random meshes: Sidecars and ServiceEntries around one pod, biased towards what is easily got wrong; used by `main.ts`. */
import type { Random } from '../kinds/random.ts';
import type { AskedWorld } from '../kinds/vectors.ts';
import { object, type Raw } from '../kinds/world.ts';

export const API = 'networking.istio.io/v1';
export const ROOT = 'istio-system';
export const NAMESPACES = ['shop', 'data', ROOT];
export const HOSTS = [
  'api.vendor.example',
  'www.vendor.example',
  'a.b.vendor.example',
  'vendor.example',
  'myvendor.example',
  'files.example.org',
  'mirror.files.example.org',
];
export const WILDCARDS = ['*.vendor.example', '*.b.vendor.example', '*.example.org', '*.files.example.org'];
const PORTS = [
  { number: 443, name: 'tls', protocol: 'TLS' },
  { number: 80, name: 'http', protocol: 'HTTP' },
];

export function randomWorld(random: Random): AskedWorld {
  const labels = { app: random.pick(['web', 'api']), tier: random.pick(['front', 'back']) };
  return {
    world: {
      namespaces: Object.fromEntries(NAMESPACES.map((name) => [name, { 'kubernetes.io/metadata.name': name }])),
      pods: [
        { namespace: 'shop', name: 'source', labels, ips: ['10.1.0.1'], ports: [], mesh: true },
        { namespace: 'data', name: 'other', labels, ips: ['10.1.0.2'], ports: [], mesh: true },
      ],
    },
    grid: {
      from: [0],
      to: [...HOSTS, 'unheard-of.example.net', '203.0.113.10'],
      ports: ['443/TCP', '80/TCP', '443/UDP'],
    },
  };
}

/** The mesh's own configuration: unknown destinations pass, as by default. */
export function meshConfig(): Raw {
  return {
    ...object('v1', 'ConfigMap', { namespace: ROOT, name: 'istio' }),
    data: { mesh: 'accessLogFile: /dev/stdout\n' },
  };
}

export function randomMesh(random: Random): Raw[] {
  const entries = random.times(1, 4, () => 0).map((_, index) => serviceEntry(index, random));
  return [meshConfig(), ...entries, ...sidecars(random)];
}

function serviceEntry(index: number, random: Random): Raw {
  const wildcard = random.chance(0.35);
  const exportTo = random.pick([undefined, undefined, ['*'], ['.'], ['shop'], ['data', '.']]);
  return {
    ...object(API, 'ServiceEntry', { namespace: random.pick(NAMESPACES), name: `entry-${index}` }),
    spec: {
      hosts: wildcard ? [random.pick(WILDCARDS)] : random.some(HOSTS, 1, 2),
      location: 'MESH_EXTERNAL',
      resolution: wildcard ? 'NONE' : 'DNS',
      // All of them, since the analyzer does not look at ports.
      ports: PORTS,
      ...(exportTo && { exportTo }),
    },
  };
}

/** At most one that governs a whole namespace: of two, Istio does not say which holds. */
function sidecars(random: Random): Raw[] {
  const forWorkload = {
    workloadSelector: { labels: { [random.pick(['app', 'tier'])]: random.pick(['web', 'front', 'api']) } },
  };
  return [
    ...(random.chance(0.5) ? [sidecar(ROOT, 'default', {}, random)] : []),
    ...(random.chance(0.6) ? [sidecar('shop', 'default', {}, random)] : []),
    ...(random.chance(0.4) ? [sidecar('shop', 'chosen', forWorkload, random)] : []),
    ...(random.chance(0.2) ? [sidecar('data', 'default', {}, random)] : []),
    ...(random.chance(0.2) ? [sidecar('data', 'chosen', forWorkload, random)] : []),
  ];
}

// oxlint-disable-next-line max-params -- where, name, whom, and chance
function sidecar(namespace: string, name: string, selector: Raw, random: Random): Raw {
  const mode = random.pick([...Array<string>(6).fill('REGISTRY_ONLY'), 'ALLOW_ANY', undefined]);
  return {
    ...object(API, 'Sidecar', { namespace, name }),
    spec: {
      ...selector,
      // What `~` excludes stays out whatever else is named; to the analyzer it only names nothing.
      egress: [{ hosts: random.chance(0.1) ? ['~/*'] : random.times(1, 3, () => sidecarHost(random)) }],
      ...(mode !== undefined && { outboundTrafficPolicy: { mode } }),
    },
  };
}

export function sidecarHost(random: Random): string {
  const namespace = random.pick(['*', '*', '.', '.', 'shop', 'data', ROOT]);
  return `${namespace}/${random.pick(['*', '*', ...WILDCARDS, '*.example', ...HOSTS])}`;
}
