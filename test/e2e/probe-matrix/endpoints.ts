/** The endpoints of the matrix: where each is asked about, and what is true of it, layer by layer. */
import type {
  ConnectOutcome,
  HttpReport,
  LookupOutcome,
  ProxyReport,
  TlsOutcome,
} from '../../../src/core/model/probe.ts';

/**
 * `cluster`: the cluster's name server. `direct`: the internet's own, since CoreDNS gives up on a slow one. `suffix`: as `cluster`,
 * with corp.example in the search list, below which every name exists. The last three: as `cluster`, with a proxy in the environment.
 */
export type Setting = 'cluster' | 'direct' | 'suffix' | 'proxy' | 'proxy-asks' | 'proxy-denies';

/** Where there are several, each is right; the first is what a rung that sees everything says. */
export interface Truth {
  readonly lookup: readonly LookupOutcome[];
  /** What it must look like to a rung whose limits tell of the excuse. */
  readonly looksLike?: { readonly outcome: LookupOutcome; readonly excuse: 'truncation' };
  readonly cnames?: readonly string[];
  /** Some name server's answer to this question had this outcome. */
  readonly answer?: { readonly question: 'A' | 'AAAA'; readonly outcome: LookupOutcome };
  /** By address. */
  readonly connects?: Readonly<Record<string, readonly ConnectOutcome[]>>;
  readonly tls?: readonly TlsOutcome[];
  readonly receivedBytes?: number;
  readonly smallSegments?: readonly TlsOutcome[];
  readonly http?: Pick<HttpReport, 'status' | 'redirect'>;
  readonly proxy?: Pick<ProxyReport, 'outcome' | 'status'>;
}

export interface Endpoint {
  /** In words, for the table. */
  readonly title: string;
  readonly setting: Setting;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly path?: string;
  readonly truth: Truth;
  /** What musl's resolver makes of it, where that is something else: it fails if one of A and AAAA has no usable answer. */
  readonly onMusl?: Partial<Truth>;
}

type Wish = Partial<Omit<Endpoint, 'title' | 'host' | 'truth'>>;

function endpoint(title: string, host: string, truth: Truth, wish: Wish = {}): Endpoint {
  return {
    title,
    setting: 'cluster',
    host: host.includes('.') ? host : `${host}.matrix.example`,
    port: 443,
    tls: true,
    truth,
    ...wish,
  };
}

const oddAddress = '198.51.100.40';
const resolved = { lookup: ['resolved'] } as const satisfies Truth;

function at(address: string, ...outcomes: ConnectOutcome[]): Pick<Truth, 'lookup' | 'connects'> {
  return { ...resolved, connects: { [address]: outcomes } };
}

const open = at('198.51.100.10', 'connected');
const odd = { ...at(oddAddress, 'connected'), tls: ['ok'] } as const satisfies Truth;
const landing = { scheme: 'https', host: 'blocked.elsewhere.example', port: 443 } as const;

export const endpoints: readonly Endpoint[] = [
  endpoint('open, TLS ok', 'open', { ...open, tls: ['ok'], http: { status: 200 } }, { path: '/' }),
  endpoint('open, plain HTTP', 'open', { ...open, http: { status: 200 } }, { port: 80, tls: false, path: '/' }),
  endpoint('dropped by policy', 'blocked.elsewhere.example', at('198.51.100.30', 'timeout', 'drop_seen')),
  endpoint('refused', 'refused', at('198.51.100.11', 'refused')),
  // The RST may come after the connection stands, and then it is the handshake that is reset.
  endpoint('reset', 'reset', { ...at('198.51.100.12', 'connected', 'reset'), tls: ['reset', 'not_checked'] }),
  endpoint('black hole', 'silent', at('198.51.100.13', 'timeout')),
  endpoint('no route', 'no-route', at('198.51.100.14', 'unreachable')),
  endpoint('NXDOMAIN', 'missing', { lookup: ['nxdomain'] }),
  endpoint('SERVFAIL', 'servfail', { lookup: ['servfail'] }),
  endpoint('REFUSED by policy', 'hidden.elsewhere.example', { lookup: ['refused'] }),
  endpoint('REFUSED by the server', 'refuses', { lookup: ['refused'] }),
  endpoint('no records', 'nothing', { lookup: ['nodata'] }),
  endpoint('DNS slow', 'slow', odd),
  endpoint('DNS time-out', 'never', { lookup: ['timeout'] }, { setting: 'direct' }),
  endpoint('DNS very slow', 'slower', { ...odd, lookup: ['resolved', 'timeout'] }, { setting: 'direct' }),
  // Of the internet's own name server, since CoreDNS gives an answer that it got over TCP to all who ask within half a minute.
  endpoint(
    'truncated over UDP',
    'cut',
    { ...odd, looksLike: { outcome: 'nodata', excuse: 'truncation' } },
    // musl did not ask over TCP before its version 1.2.4.
    { setting: 'direct', onMusl: { lookup: ['resolved', 'nodata'] } },
  ),
  endpoint('CNAME chain', 'chain', { ...odd, cnames: ['one.cdn.example', 'two.cdn.example', 'three.edge.example'] }),
  endpoint('AAAA without route', 'six', {
    lookup: ['resolved', 'nodata'],
    connects: { '2001:db8::40': ['unreachable'] },
  }),
  endpoint('A and AAAA without route', 'dual', {
    ...odd,
    connects: { [oddAddress]: ['connected'], '2001:db8::40': ['unreachable'] },
  }),
  endpoint(
    'AAAA SERVFAIL',
    'six-servfail',
    { ...odd, answer: { question: 'AAAA', outcome: 'servfail' } },
    { onMusl: { lookup: ['servfail', 'failed'] } },
  ),
  endpoint(
    'AAAA silent',
    'six-silent',
    // glibc asks twice, for five seconds each, before it makes do with A: longer than a probe waits.
    { ...odd, lookup: ['resolved', 'timeout'], answer: { question: 'AAAA', outcome: 'timeout' } },
    { setting: 'direct', onMusl: { lookup: ['timeout', 'failed'] } },
  ),
  endpoint('captured by a search suffix', 'missing', at('198.51.100.50', 'connected'), {
    setting: 'suffix',
    tls: false,
  }),
  endpoint('TLS expired', 'expired', { ...at('198.51.100.15', 'connected'), tls: ['expired'] }),
  endpoint('TLS wrong name', 'wrong-name', { ...at('198.51.100.16', 'connected'), tls: ['wrong_name'] }),
  endpoint('TLS unknown issuer', 'stranger', { ...at('198.51.100.17', 'connected'), tls: ['untrusted'] }),
  endpoint('reset after ClientHello', 'hello-reset', {
    ...at('198.51.100.18', 'connected'),
    tls: ['reset'],
    receivedBytes: 0,
  }),
  endpoint('silence after ClientHello', 'hello-silence', {
    ...at('198.51.100.19', 'connected'),
    tls: ['timeout'],
    smallSegments: ['timeout'],
  }),
  endpoint('MTU black hole', 'short-packets', {
    ...at('198.51.100.20', 'connected'),
    tls: ['timeout'],
    smallSegments: ['ok'],
  }),
  endpoint(
    'redirect to a blocked host',
    'redirects',
    {
      ...at('198.51.100.21', 'connected'),
      tls: ['ok'],
      http: { status: 302, redirect: { ...landing, pathClass: 'path' } },
    },
    { path: '/' },
  ),
  endpoint(
    'redirect to a presigned URL',
    'redirects',
    { ...at('198.51.100.21', 'connected'), http: { status: 307, redirect: { ...landing, pathClass: 'presigned' } } },
    { port: 80, tls: false, path: '/presigned' },
  ),
  endpoint('proxy that tunnels', 'open', { ...open, proxy: { outcome: 'tunnel', status: 200 } }, { setting: 'proxy' }),
  endpoint(
    'proxy that answers 407',
    'open',
    { ...open, proxy: { outcome: 'refused_by_proxy', status: 407 } },
    { setting: 'proxy-asks' },
  ),
  endpoint(
    'proxy that answers 403',
    'open',
    { ...open, proxy: { outcome: 'refused_by_proxy', status: 403 } },
    { setting: 'proxy-denies' },
  ),
];
