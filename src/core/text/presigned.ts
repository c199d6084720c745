/** Says whether a URL's query carries a signature, and of what kind; used where URLs are read: `logs/urls.ts`, `probes/redirect.ts`. */

/** Query parameters that together mean a kind of presigned URL; the first row that fits wins. */
const KINDS: readonly (readonly [kind: string, ...names: string[]])[] = [
  ['aws-s3-v4', 'x-amz-signature'],
  ['aws-s3-v4', 'x-amz-algorithm'],
  ['aws-s3-v2', 'awsaccesskeyid', 'signature'],
  ['gcs-v4', 'x-goog-signature'],
  ['gcs-v2', 'googleaccessid', 'signature'],
  ['oss', 'ossaccesskeyid'],
  ['oss', 'x-oss-signature'],
  ['cos', 'q-signature'],
  ['azure-sas', 'sig', 'sv'],
  ['cloudfront', 'key-pair-id'],
  ['generic', 'signature'],
  ['generic', 'sig'],
  ['generic', 'hmac'],
  ['generic', 'token'],
  ['generic', 'access_token'],
];

/** The kind of signature a query string (without its question mark) carries, if any. */
export function presignedKind(query: string): string | undefined {
  const names = new Set(query.split('&').map((part) => (part.split('=')[0] ?? '').toLowerCase()));
  return KINDS.find(([, ...wanted]) => wanted.every((name) => names.has(name)))?.[0];
}
