/** Says whether a URL carries a signature in place of credentials, and of what kind; used where URLs are read: `logs/urls.ts`, `probes/redirect.ts`. */

interface Kind {
  readonly kind: string;
  /** Query parameters that are all there, by name or with their value; lower-case. */
  readonly all: readonly string[];
  /** And one of these. */
  readonly any?: readonly string[];
}

/**
 * The first row that fits wins. A name that plain APIs use too (`token`, `sig`, `signature`) counts only beside others of its kind,
 * at last beside an expiry: a key for an API is no link that somebody else signed.
 */
const KINDS: readonly Kind[] = [
  // docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html; V4A names the regions in a parameter of its own.
  { kind: 'aws-s3-v4a', all: ['x-amz-region-set'], any: ['x-amz-signature', 'x-amz-algorithm'] },
  { kind: 'aws-s3-v4', all: [], any: ['x-amz-signature', 'x-amz-algorithm'] },
  { kind: 'aws-s3-v2', all: ['awsaccesskeyid', 'signature'] },
  // docs.cloud.google.com/storage/docs/authentication/signatures, …/access-control/signed-urls-v2
  { kind: 'gcs-v4', all: [], any: ['x-goog-signature', 'x-goog-algorithm'] },
  { kind: 'gcs-v2', all: ['googleaccessid', 'signature'] },
  // docs.cloud.google.com/cdn/docs/using-signed-urls (Media CDN alike)
  { kind: 'google-cdn', all: ['keyname', 'signature'] },
  // help.aliyun.com/en/oss, "Include signatures in a URL"
  { kind: 'oss', all: [], any: ['ossaccesskeyid', 'x-oss-signature'] },
  // www.tencentcloud.com/document/product/436/7778
  { kind: 'cos', all: [], any: ['q-signature', 'q-sign-algorithm'] },
  // support.huaweicloud.com/en-us/api-obs/obs_04_0011.html
  { kind: 'obs', all: ['accesskeyid', 'signature', 'expires'] },
  // learn.microsoft.com/rest/api/storageservices/create-service-sas: what it is for, and until when, or by which stored policy. Logic Apps'
  // own URLs have sp, sv and sig, and are an API.
  { kind: 'azure-sas', all: ['sv', 'sig'], any: ['se', 'si', 'sr', 'ss', 'tn'] },
  // docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html; signed cookies leave no trace in a URL.
  { kind: 'cloudfront', all: ['key-pair-id'] },
  // docs.openstack.org/swift/latest/api/temporary_url_middleware.html
  { kind: 'swift', all: ['temp_url_sig'] },
  // techdocs.akamai.com/property-mgr, "Auth token 2.0"
  { kind: 'akamai', all: [], any: ['hdnts', 'hdnea', '__token__', '__gda__'] },
  // firebase.google.com/docs/storage: a download token beside `alt=media`; plain APIs of Google take `alt=json`.
  { kind: 'firebase', all: ['alt=media', 'token'] },
  {
    kind: 'generic',
    all: [],
    any: ['signature', 'sig', 'hmac', 'token', 'hash', 'sign', 'md5', 'x-signature'],
  },
];

/** docs.oracle.com/iaas/Content/Object/Tasks/usingpreauthenticatedrequests.htm: `/p/TOKEN/n/NAMESPACE/b/BUCKET/o/…`; the token may be redacted. */
const ORACLE_PATH = /^\/p\/[^/\s]{4,}\/n\/[^/\s]+\/b\/[^/\s]+(?:\/o(?:\/|$)|$)/;

const EXPIRIES = [
  'expires',
  'expire',
  'expiry',
  'exp',
  'expiration',
  'expires_at',
  'valid_until',
  'validuntil',
  'ttl',
  'e',
];

/** The kind of signature that a query string (without its question mark) or a path carries, if any. */
export function presignedKind(query: string, path = ''): string | undefined {
  const parts = query.toLowerCase().split('&');
  const names = new Set([...parts, ...parts.map((part) => part.split('=')[0] ?? '')]);
  const has = (name: string): boolean => names.has(name);
  const found = KINDS.find(({ all, any }) => all.every(has) && (any === undefined || any.some(has)));
  if (found !== undefined && (found.kind !== 'generic' || EXPIRIES.some(has))) return found.kind;
  return ORACLE_PATH.test(path) ? 'oracle-par' : undefined;
}
