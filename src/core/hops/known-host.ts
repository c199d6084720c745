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
  for (const { name, describe, provider, kind, source } of FAMILIES) {
    const found = name.exec(host);
    if (found === null) continue;
    const described = describe((key) => found.groups?.[key] ?? '', host);
    const next = leadsText(host);
    return { provider, kind, source, ...described, ...(next !== undefined && { leadsTo: next }) };
  }
  return undefined;
}

const MOST_LED_TO = 4;

/** e.g. `its clients are typically sent on: downloads of releases to "release-assets.githubusercontent.com"`. */
function leadsText(host: string): string | undefined {
  const byWhat = Map.groupBy(leadsTo(host), ({ what }) => what);
  const parts = [...byWhat].map(
    ([what, hops]) =>
      `${what} to ${hops
        .slice(0, MOST_LED_TO)
        .map((hop) => `"${hop.host}"`)
        .join(' or ')}`,
  );
  const redirected = bucketRedirect(host);
  const all = redirected === undefined ? parts : [...parts, redirected];
  return all.length === 0 ? undefined : `its clients are typically sent on: ${all.join('; ')}`;
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html: the name without a region is us-east-1's, and answers for others with 307. */
function bucketRedirect(host: string): string | undefined {
  const bucket = /^(.+)\.s3\.amazonaws\.com$/.exec(host)?.[1];
  return bucket === undefined
    ? undefined
    : `requests for a bucket outside us-east-1 to "${bucket}.s3.REGION.amazonaws.com"`;
}
