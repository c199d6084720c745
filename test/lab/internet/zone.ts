// The lab's internet as data: every public name, its address, and what is found there. Name server and certificates follow it.

export interface Site {
  /** The name that has the address record. */
  readonly name: string;
  readonly address: string;
  /** Names that are aliases (CNAME) of it; its server answers to them too. */
  readonly aliases?: readonly string[];
  /** What a connection meets: an HTTPS server (the default), a refusal, or silence. */
  readonly meets?: 'server' | 'refusal' | 'silence';
  /** Host for which GET /v2/download answers with a presigned URL. */
  readonly presigns?: string;
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
];

/** Names for which the public name server answers SERVFAIL. All others that are not listed do not exist (NXDOMAIN). */
export const failingNames: readonly string[] = ['servfail.example'];

/** Ports of each HTTPS server. */
export const serverPorts: readonly number[] = [443, 8443];

export function serves(site: Site): boolean {
  return (site.meets ?? 'server') === 'server';
}

export function namesOf(site: Site): readonly string[] {
  return [site.name, ...(site.aliases ?? [])];
}
