/** `toPorts` of Cilium policies: numbers, names, ranges and what looks like them, with layer 7 rules of all kinds. */
import { HOSTS, MATCH_NAMES, MATCH_PATTERNS, ODD_NAMES, PORTS } from './destinations.ts';
import type { Random } from './random.ts';
import { PORT_NAMES } from './worlds.ts';

// None that Cilium takes for another one of these: it files ports as decimal numbers, but reads them as C does (`0443` is 291, filed
// under 443), so that two that meet there swallow each other.
const ODD_PORTS = [
  '0',
  '043',
  '0143',
  '08',
  '00',
  '0x1bb',
  '+443',
  '-1',
  '65536',
  '70000',
  '',
  '443 ',
  '443a',
  'a-',
  'no--name',
  'averylongportname',
  'HTTP',
  '0o17',
  '0b11',
  '000',
];

export function toPorts(random: Random, deny: boolean): unknown[] {
  if (random.chance(0.03)) return [];
  const count = random.chance(0.8) ? 1 : 2;
  return Array.from({ length: count }, () => (deny ? portList(random) : withL7(random, portList(random))));
}

interface PortList {
  ports?: unknown[];
}

function portList(random: Random): PortList {
  return random.weighted<() => PortList>([
    [1, () => ({})],
    [1, () => ({ ports: [] })],
    [0.2, () => ({ ports: Array.from({ length: 41 }, (_, index) => ({ port: String(1000 + index) })) })],
    [
      40,
      () => ({
        ports: Array.from(
          {
            length: random.weighted([
              [6, 1],
              [3, 2],
              [1, 3],
            ]),
          },
          () => portEntry(random),
        ),
      }),
    ],
  ])();
}

function portEntry(random: Random): unknown {
  const protocol = random.weighted<string | undefined>([
    [4, undefined],
    [4, 'TCP'],
    [2, 'UDP'],
    [1, 'SCTP'],
    [2, 'ANY'],
    [0.3, 'tcp'],
    [0.04, 'ICMP'],
    [0.04, 'ICMPv6'],
    [0.04, 'VRRP'],
    [0.04, 'QUIC'],
    [0.1, ''],
  ]);
  return { ...portOf(random), ...(protocol !== undefined && { protocol }) };
}

function portOf(random: Random): Record<string, unknown> {
  const number = String(random.pick(PORTS));
  return random.weighted<() => Record<string, unknown>>([
    [14, () => ({ port: number })],
    [3, () => ({ port: random.pick(PORT_NAMES) })],
    // A name of its own: Cilium files a name without its end, so that of two with different ends the first one's counts for both.
    [1, () => ({ port: 'span', endPort: 8100 })],
    [0.7, () => ({ port: random.pick(ODD_PORTS) })],
    [1, () => ({ port: '0' })],
    [0.5, () => ({ port: random.pick(['0', '043', '00']), endPort: random.pick([0, 100, 1024, 65535]) })],
    [3, () => range(random)],
  ])();
}

function range(random: Random): Record<string, unknown> {
  const port = random.pick([1, 52, 53, 79, 80, 440, 443, 444, 8000, 8010, 65535]);
  const endPort = random.pick([0, port, port + 1, port - 1, port + 3, 1024, 8005, 8010, 32767, 65535]);
  return { port: String(port), endPort };
}

function withL7(random: Random, list: PortList): unknown {
  const parts = random.weighted<() => Record<string, unknown>>([
    [16, () => ({})],
    [3, () => ({ rules: { dns: dnsRules(random) }, ...forDns(random) })],
    [2, () => ({ rules: { http: random.chance(0.2) ? [] : [{ method: 'GET', path: '/v1/.*' }] }, ...forHttp(random) })],
    [0.2, () => ({ rules: { http: [{}], dns: [{ matchPattern: '*' }] } })],
    [0.2, () => ({ rules: { dns: dnsRules(random) } })],
    [0.2, () => ({ rules: { http: [{ path: '/' }] } })],
    [0.4, () => ({ rules: { kafka: [{ role: 'produce', topic: 'orders' }] }, ...forHttp(random) })],
    [0.3, () => ({ rules: { l7proto: 'vendor', l7: [{ action: 'ok' }] }, ...forHttp(random) })],
    [0.3, () => ({ rules: {} })],
    [1, () => ({ serverNames: serverNames(random), ...forHttp(random) })],
    [0.3, () => ({ serverNames: serverNames(random) })],
    [0.2, () => ({ serverNames: serverNames(random), rules: { http: [{}] }, ...forHttp(random) })],
    [0.3, () => ({ terminatingTLS: { secret: { namespace: 'shop', name: 'cert' } }, ...forHttp(random) })],
    [
      0.2,
      () => ({
        terminatingTLS: { secret: { namespace: 'shop', name: 'cert' } },
        serverNames: ['api.vendor.example'],
        rules: { http: [{}] },
        ...forHttp(random),
      }),
    ],
  ])();
  return { ...list, ...parts };
}

/** Meant to let the pod ask the cluster's DNS; mostly it does. */
export function dnsElement(random: Random): Record<string, unknown> {
  const labels = random.weighted<Record<string, string>>([
    [6, { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' }],
    [1, { 'k8s-app': 'kube-dns' }],
    [1, { 'io.cilium.k8s.namespace.labels.env': 'system' }],
    [1, { 'k8s:io.kubernetes.pod.namespace': 'kube-system' }],
  ]);
  const peers = random.weighted<Record<string, unknown>>([
    [8, { toEndpoints: [{ matchLabels: labels }] }],
    [1, { toEntities: ['cluster'] }],
    [1, {}],
  ]);
  const rules = random.chance(0.85) && { rules: { dns: dnsRules(random) } };
  return { ...peers, toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], ...forDns(random), ...rules }] };
}

/** Most DNS rules stand where a server answers. */
function forDns(random: Random): PortList {
  const protocol = random.pick(['UDP', 'UDP', 'ANY', 'TCP']);
  const port = random.weighted([
    [8, '53'],
    [2, '5353'],
    [0.3, 'dns'],
    [0.3, '0'],
  ]);
  const end = random.chance(0.06) && { endPort: random.pick([0, 53, 60, 5353]) };
  return random.chance(0.9) ? { ports: [{ port, protocol, ...end }] } : {};
}

function forHttp(random: Random): PortList {
  return random.chance(0.85) ? { ports: [{ port: random.pick(['80', '443', '8000', 'http']), protocol: 'TCP' }] } : {};
}

function serverNames(random: Random): string[] {
  if (random.chance(0.1)) return random.pick([[], [''], ['a..b'], ['*'], ['api.*.example'], ['**.vendor.example']]);
  return random.some([...HOSTS, '*.vendor.example'], 1, 2);
}

export function dnsRules(random: Random): unknown[] {
  if (random.chance(0.05)) return [];
  return Array.from(
    {
      length: random.weighted([
        [5, 1],
        [3, 2],
        [1, 3],
      ]),
    },
    () => nameEntry(random),
  );
}

/** An entry of toFQDNs or of rules.dns. */
export function nameEntry(random: Random): unknown {
  return random.weighted<() => unknown>([
    [10, () => ({ matchName: random.pick(MATCH_NAMES) })],
    [10, () => ({ matchPattern: random.pick(MATCH_PATTERNS) })],
    [0.2, () => ({ matchName: random.pick(ODD_NAMES) })],
    [0.2, () => ({ matchPattern: random.pick(['a b', '[a-z].example', 'https://*', ' *.vendor.example', '']) })],
    [0.2, () => ({ matchName: 'api.vendor.example', matchPattern: '*.example' })],
    [0.1, () => ({})],
  ])();
}
