/** Storage and content hosts whose names many tenants share: what one name stands for, what a pattern over them lets in, where clients are sent from there; asked by `core/remedy` and `core/verdict`. */
import { AWS } from './families/aws.ts';
import { CONTENT } from './families/content.ts';
import { GOOGLE_AND_AZURE } from './families/google-azure.ts';
import { OBJECT_STORES } from './families/object-stores.ts';
import { leadsTo } from './hand-offs.ts';
import type { Described, HostFamily, HostKind } from './host-family.ts';

export interface KnownHost extends Described {
  readonly provider: string;
  readonly kind: HostKind;
  readonly source: string;
  /** Other names that clients are typically sent to from here, in words. */
  readonly leadsTo?: string;
}

/** The first family decides, so the narrower stand first. */
export const FAMILIES: readonly HostFamily[] = [...AWS, ...GOOGLE_AND_AZURE, ...OBJECT_STORES, ...CONTENT];

/** @param host lower-case, without a final dot */
export function knownHost(host: string): KnownHost | undefined {
  const described = describedHost(host);
  const next = leadsText(host);
  return described && { ...described, ...(next !== undefined && { leadsTo: next }) };
}

function describedHost(host: string): Omit<KnownHost, 'leadsTo'> | undefined {
  for (const { name, describe, provider, kind, source } of FAMILIES) {
    const found = name.exec(host);
    if (found !== null) return { provider, kind, source, ...describe((key) => found.groups?.[key] ?? '', host) };
  }
  return undefined;
}

const MOST_LED_TO = 4;

/** e.g. `its clients are typically sent on: downloads of releases to "release-assets.githubusercontent.com"`; also of hosts that no family has. */
export function leadsText(host: string): string | undefined {
  const byWhat = Map.groupBy(leadsTo(host), ({ what }) => what);
  const parts = [...byWhat].map(
    ([what, hops]) => `${what}${what.includes(', ') ? ',' : ''} to ${namesText(hops.map((hop) => hop.host))}`,
  );
  const redirected = bucketRedirect(host);
  const all = redirected === undefined ? parts : [...parts, redirected];
  return all.length === 0 ? undefined : `its clients are typically sent on: ${all.join('; ')}`;
}

/** What is told with a name must not read as "allow this": what it lets in besides goes with it, once for all that share it. */
function namesText(hosts: readonly string[]): string {
  const more = hosts.length - MOST_LED_TO;
  const groups = [...Map.groupBy(hosts.slice(0, MOST_LED_TO), besidesText)];
  const names = groups.map(([besides, ones]) => {
    const all = ones.map((one) => `"${one}"`).join(' or ');
    return besides === undefined ? all : `${all} (${besides})`;
  });
  return `${names.join(' or ')}${more > 0 ? ` or ${more} more` : ''}`;
}

/** What may stand where a pattern leaves a region, an account or a number open. */
const ANY_LABELS = ['xx-x-1', 'x1', '001'];

/** The family of the names that a pattern takes. */
export function familyOf(pattern: string): ReturnType<typeof describedHost> {
  for (const label of ANY_LABELS) {
    const known = describedHost(pattern.replaceAll('*', label));
    if (known !== undefined) return known;
  }
  return undefined;
}

function besidesText(host: string): string | undefined {
  const known = familyOf(host);
  if (known === undefined) return undefined;
  if (!host.includes('*')) return known.kind === 'storage' ? `which lets in ${known.letsIn}` : undefined;
  if (known.wider === undefined) return undefined;
  const anybodys = known.kind === 'bucket' && !host.startsWith('*.');
  return `which of them only the answer tells; ${anybodys ? 'anybody can take such a name' : `the pattern lets in ${known.letsIn}`}`;
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html: the name without a region is us-east-1's, and answers for others with 307. */
function bucketRedirect(host: string): string | undefined {
  const bucket = /^(.+)\.s3\.amazonaws\.com$/.exec(host)?.[1];
  return bucket === undefined
    ? undefined
    : `requests for a bucket outside us-east-1 to "${bucket}.s3.REGION.amazonaws.com"`;
}
