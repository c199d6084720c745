// The lab's internet as data: every public name, its address, and what is found there. Name server, routes and certificates follow it.

/** What a connection to an address meets. */
export type Meets =
  /** HTTPS on `serverPorts`. */
  | 'server'
  | 'refusal'
  /** Packets to it are dropped without a word, as by a firewall. */
  | 'silence'
  /** A connection that is ended by RST as soon as it stands. */
  | 'reset'
  /** The way there ends at a router that says so (ICMP host unreachable). */
  | 'no-route'
  /** RST, or no answer at all, to the first bytes of a handshake. */
  | 'reset-after-hello'
  | 'silence-after-hello'
  /** HTTPS of which no packet longer than `longestPacket` arrives, and nobody says so. */
  | 'short-packets'
  /** A forward proxy on `proxyPort`. */
  | 'proxy'
  /** Git repositories over plain HTTP on port 80 (`git-server.ts`). */
  | 'git';

export interface Site {
  /** The name that has the address record. */
  readonly name: string;
  readonly address: string;
  /** Names that are aliases (CNAME) of it; its server answers to them too. */
  readonly aliases?: readonly string[];
  /** Further names that its certificate is good for; how they get its address is said elsewhere. */
  readonly certifiedFor?: readonly string[];
  readonly meets?: Meets;
  readonly certificate?: 'expired' | 'of-another-name' | 'of-a-stranger' | 'large';
  /** Plain HTTP on port 80, too. */
  readonly plain?: boolean;
  /** Host for which GET /v2/download answers with a presigned URL. */
  readonly presigns?: string;
  /** Host to which every request is sent on: 302, or 307 with a presigned URL below /presigned. */
  readonly redirects?: string;
  /** What a proxy says to CONNECT: yes, "say who you are", or no. */
  readonly proxyAnswers?: 200 | 407 | 403;
}

/** A name whose lookup is out of the ordinary. Nothing said about a type means: the record, or else an answer without records. */
export interface OddName {
  /** `*.` at the beginning stands for every name below. */
  readonly name: string;
  readonly address?: string;
  readonly ipv6?: string;
  /** The name that it is an alias of; the answer holds the whole chain. */
  readonly cname?: string;
  readonly trouble?: { readonly [type in 'A' | 'AAAA']?: 'servfail' | 'refused' | 'silence' };
  readonly delaySeconds?: number;
  /** Over UDP the answer is empty and marked as cut. */
  readonly truncated?: boolean;
}

/** One more set of an API, its file store behind an alias, and a stranger, with names and addresses that no other scenario uses. */
function family(letter: string, firstHost: number): readonly Site[] {
  const address = (offset: number): string => `203.0.113.${firstHost + offset}`;
  const files = `files-${letter}.vendor.example`;
  return [
    { name: `api-${letter}.vendor.example`, address: address(0), presigns: files },
    { name: `blob-${letter}.store.example`, address: address(1), aliases: [files] },
    { name: `other-${letter}.example`, address: address(2) },
  ];
}

/** Sets for scenarios whose fix is applied, four addresses apart so that a /30 holds one set alone; names in a domain of their own. */
function fixLoop(index: number): readonly Site[] {
  const domain = `${String(index).padStart(2, '0')}.loop.example`;
  const address = (offset: number): string => `198.51.100.${100 + 4 * index + offset}`;
  return [
    { name: `api.${domain}`, address: address(0), presigns: `files.${domain}` },
    { name: `files.${domain}`, address: address(1) },
    { name: `other.${domain}`, address: address(2) },
  ];
}

/** Where the odd names that have an address lead. */
const behindOddNames = '198.51.100.40';

/** One site for each way in which a connection can go, handshake and HTTP included: what probes have to tell apart. */
const matrixSites: readonly Site[] = [
  { name: 'open.matrix.example', address: '198.51.100.10', plain: true },
  { name: 'refused.matrix.example', address: '198.51.100.11', meets: 'refusal' },
  { name: 'reset.matrix.example', address: '198.51.100.12', meets: 'reset' },
  { name: 'silent.matrix.example', address: '198.51.100.13', meets: 'silence' },
  { name: 'no-route.matrix.example', address: '198.51.100.14', meets: 'no-route' },
  { name: 'expired.matrix.example', address: '198.51.100.15', certificate: 'expired' },
  { name: 'wrong-name.matrix.example', address: '198.51.100.16', certificate: 'of-another-name' },
  { name: 'stranger.matrix.example', address: '198.51.100.17', certificate: 'of-a-stranger' },
  { name: 'hello-reset.matrix.example', address: '198.51.100.18', meets: 'reset-after-hello' },
  { name: 'hello-silence.matrix.example', address: '198.51.100.19', meets: 'silence-after-hello' },
  { name: 'short-packets.matrix.example', address: '198.51.100.20', meets: 'short-packets', certificate: 'large' },
  { name: 'redirects.matrix.example', address: '198.51.100.21', plain: true, redirects: 'blocked.elsewhere.example' },
  { name: 'proxy.matrix.example', address: '198.51.100.23', meets: 'proxy', proxyAnswers: 200 },
  { name: 'proxy-asks.matrix.example', address: '198.51.100.24', meets: 'proxy', proxyAnswers: 407 },
  { name: 'proxy-denies.matrix.example', address: '198.51.100.25', meets: 'proxy', proxyAnswers: 403 },
  { name: 'blocked.elsewhere.example', address: '198.51.100.30', plain: true },
  { name: 'names.matrix.example', address: behindOddNames, certifiedFor: ['*.matrix.example', '*.edge.example'] },
  { name: 'captured.corp.example', address: '198.51.100.50' },
];

/** Where Flux and others fetch manifests from; this machine has a route to it, too. */
export const gitSite: Site = { name: 'git.lab.example', address: '203.0.113.200', meets: 'git' };

export const sites: readonly Site[] = [
  { name: 'api.vendor.example', address: '203.0.113.10', presigns: 'files.vendor.example' },
  { name: 'blob.store.example', address: '203.0.113.20', aliases: ['files.vendor.example'] },
  { name: 'other.example', address: '203.0.113.30' },
  { name: 'login.idp.example', address: '203.0.113.40' },
  { name: 'refused.example', address: '203.0.113.50', meets: 'refusal' },
  { name: 'blackhole.example', address: '203.0.113.60', meets: 'silence' },
  ...family('a', 100),
  ...family('b', 110),
  ...family('c', 120),
  ...family('d', 130),
  ...family('e', 140),
  ...family('f', 150),
  gitSite,
  // APIs whose clients, since an upgrade, sign URLs of a bucket by themselves: one for each SDK.
  { name: 'api.exports.example', address: '203.0.113.210' },
  { name: 'shop-exports.s3.eu-central-1.amazonaws.com', address: '203.0.113.211' },
  { name: 'api.reports.example', address: '203.0.113.212' },
  { name: 'shop-reports.s3.eu-west-3.amazonaws.com', address: '203.0.113.213' },
  ...matrixSites,
  ...Array.from({ length: 32 }, (_, index) => fixLoop(index)).flat(),
  // One label deeper than a pattern for the set reaches.
  { name: 'eu.files.02.loop.example', address: '198.51.100.111' },
  { name: 'eu.other.02.loop.example', address: '198.51.100.103' },
];

/** Names that are in no list here do not exist (NXDOMAIN). */
export const oddNames: readonly OddName[] = [
  { name: 'servfail.example', trouble: { A: 'servfail', AAAA: 'servfail' } },
  { name: 'servfail.matrix.example', trouble: { A: 'servfail', AAAA: 'servfail' } },
  { name: 'refuses.matrix.example', trouble: { A: 'refused', AAAA: 'refused' } },
  { name: 'never.matrix.example', trouble: { A: 'silence', AAAA: 'silence' } },
  { name: 'nothing.matrix.example' },
  // Below the two seconds for which CoreDNS waits.
  { name: 'slow.matrix.example', address: behindOddNames, delaySeconds: 1.7 },
  // Beyond the five seconds for which resolvers wait before they ask again.
  { name: 'slower.matrix.example', address: behindOddNames, delaySeconds: 5.5 },
  { name: 'chain.matrix.example', cname: 'one.cdn.example' },
  { name: 'one.cdn.example', cname: 'two.cdn.example' },
  { name: 'two.cdn.example', cname: 'three.edge.example' },
  { name: 'three.edge.example', address: behindOddNames },
  // Nobody in the lab has an IPv6 route.
  { name: 'six.matrix.example', ipv6: '2001:db8::40' },
  { name: 'dual.matrix.example', address: behindOddNames, ipv6: '2001:db8::40' },
  { name: 'six-silent.matrix.example', address: behindOddNames, trouble: { AAAA: 'silence' } },
  { name: 'six-servfail.matrix.example', address: behindOddNames, trouble: { AAAA: 'servfail' } },
  { name: 'cut.matrix.example', address: behindOddNames, truncated: true },
  // For pods with corp.example in their search list.
  { name: '*.corp.example', address: '198.51.100.50' },
];

/** Ports of each HTTPS server. */
export const serverPorts: readonly number[] = [443, 8443];
export const proxyPort = 3128;
export const longestPacket = 1280;

export function meets(site: Site): Meets {
  return site.meets ?? 'server';
}

/** Sites with an HTTPS server, and so with a certificate. */
export function serves(site: Site): boolean {
  return meets(site) === 'server' || meets(site) === 'short-packets';
}

/** All that its certificate is good for, if that is not one of another name. */
export function namesOf(site: Site): readonly string[] {
  return [site.name, ...(site.aliases ?? []), ...(site.certifiedFor ?? [])];
}
