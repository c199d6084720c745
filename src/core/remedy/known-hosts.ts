/** Storage and content hosts whose names many tenants share: what one name stands for, and what a pattern over them lets in; used by `host-advice.ts`. */

export interface KnownHost {
  /** e.g. `one bucket ("media") of Amazon S3 in eu-west-1`. */
  readonly what: string;
  /** The tightest way to allow it, in words that end a sentence. */
  readonly tightest: string;
  /** A pattern that people reach for, in the dialect of Cilium's matchPattern (`*` stays inside a label); matches the host. */
  readonly wider?: string;
  /** What that pattern, or the name itself where no other helps, lets in besides. */
  readonly letsIn: string;
  /** Other names that clients are sent to from here. */
  readonly leadsTo?: string;
}

interface Family {
  readonly name: RegExp;
  readonly describe: (part: (key: string) => string, host: string) => KnownHost;
}

const EXACT = 'the exact name';
const REGION = '(?<region>[a-z]{2}(?:-[a-z]+)+-\\d+)';

/** The first family decides, so the narrower stand first. */
const FAMILIES: readonly Family[] = [
  // docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html; the forms with a dash and without region are older.
  {
    name: new RegExp(`^(?:s3[.-])(?:dualstack\\.)?(?:${REGION}\\.)?amazonaws\\.com(?:\\.cn)?$`),
    describe: (part, host) => ({
      what: `Amazon S3${inRegion(part('region'))} with the bucket in the path`,
      tightest: `the bucket's own name: have the client use virtual-hosted style and list "BUCKET.${host}"`,
      letsIn: `every bucket of every tenant${inRegion(part('region'))}, to read from and to send data to`,
    }),
  },
  {
    name: new RegExp(
      `^(?<bucket>.+)\\.(?<rest>s3[.-](?:dualstack\\.)?(?:${REGION}\\.)?amazonaws\\.com(?:\\.cn)?|s3-accelerate(?:\\.dualstack)?\\.amazonaws\\.com)$`,
    ),
    describe: (part) => ({
      what: `one bucket ("${part('bucket')}") of Amazon S3${inRegion(part('region'))}`,
      tightest: EXACT,
      ...wider(part('bucket'), part('rest')),
      letsIn: `every bucket of every tenant${inRegion(part('region'))}`,
      ...(part('region') === '' && {
        leadsTo: `a bucket outside us-east-1 may answer with a redirect to "${part('bucket')}.s3.REGION.amazonaws.com"`,
      }),
    }),
  },
  // docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html: layers come from a bucket of the service.
  {
    name: new RegExp(`^(?<account>\\d{12})\\.dkr\\.ecr(?:-fips)?\\.${REGION}\\.amazonaws\\.com(?:\\.cn)?$`),
    describe: (part) => ({
      what: `the registry of AWS account ${part('account')} in ${part('region')}`,
      tightest: EXACT,
      wider: `*.dkr.ecr.${part('region')}.amazonaws.com`,
      letsIn: 'the registry of every AWS account there',
      leadsTo: `layers are fetched from "prod-${part('region')}-starport-layer-bucket.s3.${part('region')}.amazonaws.com"`,
    }),
  },
  {
    name: /^(?<name>[^.]+)\.(?<region>[a-z0-9-]+)\.elb\.amazonaws\.com(?:\.cn)?$/,
    describe: (part) => ({
      what: 'one load balancer of an AWS account, whose addresses change as it grows',
      tightest: EXACT,
      wider: `*.${part('region')}.elb.amazonaws.com`,
      letsIn: 'the load balancers of every AWS account there',
    }),
  },
  {
    name: /^(?<first>[^.]+)\.(?<rest>.+\.)?amazonaws\.com(?:\.cn)?$/,
    describe: (part, host) => ({
      what: 'an endpoint of an AWS service',
      tightest: `${EXACT}; other regions of the service, and its global endpoint, have other names`,
      wider: `*.${host.slice(part('first').length + 1)}`,
      letsIn:
        'endpoints of other services and of other tenants; whose data is reached is for credentials to decide, not for names',
    }),
  },
  {
    name: /^(?<id>[a-z0-9]+)\.cloudfront\.net$/,
    describe: () => ({
      what: 'one distribution of Amazon CloudFront',
      tightest: `${EXACT}, or better the vendor's own name for it`,
      wider: '*.cloudfront.net',
      letsIn: 'every distribution of every tenant',
    }),
  },
  // cloud.google.com/storage/docs/request-endpoints
  {
    name: /^storage\.(?:googleapis\.com|cloud\.google\.com)$/,
    describe: () => ({
      what: 'Google Cloud Storage with the bucket in the path',
      tightest: 'the bucket\'s own name: have the client use "BUCKET.storage.googleapis.com"',
      letsIn: 'every bucket of every project, to read from and to send data to',
    }),
  },
  {
    name: /^(?<bucket>.+)\.storage\.googleapis\.com$/,
    describe: (part) => ({
      what: `one bucket ("${part('bucket')}") of Google Cloud Storage`,
      tightest: EXACT,
      ...wider(part('bucket'), 'storage.googleapis.com'),
      letsIn: 'every bucket of every project',
    }),
  },
  {
    name: /^[^.]+\.googleapis\.com$/,
    describe: () => ({
      what: 'a Google API that all its customers share',
      tightest: EXACT,
      wider: '*.googleapis.com',
      letsIn: 'every Google API, Cloud Storage with every bucket of every project among them',
    }),
  },
  // learn.microsoft.com/azure/storage/common/storage-account-overview: standard endpoints, and those of a DNS zone.
  {
    name: /^(?<account>[a-z0-9-]+)\.(?<rest>(?:z\d+\.)?(?<service>blob|dfs|file|queue|table|web)\.(?:core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net))$/,
    describe: (part) => ({
      what: `one Azure storage account ("${part('account')}") with all its containers`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: `the ${part('service')} service of every storage account of every tenant`,
    }),
  },
  {
    name: /^(?<name>[^.]+)\.(?<rest>(?:z\d+\.)?(?:azurefd|azureedge)\.net)$/,
    describe: (part) => ({
      what: 'one endpoint of Azure Front Door or Azure CDN',
      tightest: `${EXACT}, or better the vendor's own name for it`,
      wider: `*.${part('rest')}`,
      letsIn: 'endpoints of every tenant',
    }),
  },
  {
    name: /^(?<name>.+?)\.(?<rest>akamaized\.net|akamaihd\.net|edgesuite\.net|edgekey\.net|akamaiedge\.net|akamai\.net)$/,
    describe: (part) => ({
      what: 'a name of Akamai for one customer; the shards behind it change',
      tightest: `${EXACT}, or better the vendor's own name for it`,
      ...wider(part('name'), part('rest')),
      letsIn: "every customer's content",
    }),
  },
  {
    name: /^(?<name>.+?)\.(?<rest>(?:global\.(?:ssl\.)?)?(?:fastly|fastlylb)\.net)$/,
    describe: (part) => ({
      what: 'a name of Fastly for one customer',
      tightest: `${EXACT}, or better the vendor's own name for it`,
      ...wider(part('name'), part('rest')),
      letsIn: "every customer's content",
    }),
  },
  // docs.github.com/rest/meta (domains)
  {
    name: /^(?<name>[^.]+)\.githubusercontent\.com$/,
    describe: () => ({
      what: 'content of every repository and every user of GitHub',
      tightest: `${EXACT}; a fetch through a proxy or mirror can be held to one repository, a policy by name cannot`,
      wider: '*.githubusercontent.com',
      letsIn: 'raw files, release assets, packages and pictures of every user',
    }),
  },
  {
    name: /^(?:github\.com|codeload\.github\.com|api\.github\.com|ghcr\.io)$/,
    describe: (_, host) => ({
      what: 'every repository of every user of GitHub',
      tightest: EXACT,
      letsIn: 'every repository, to read from and, with credentials, to write to',
      ...GITHUB_LEADS[host],
    }),
  },
  {
    name: /^(?<name>.+?)\.(?<rest>r2\.cloudflarestorage\.com|r2\.dev|digitaloceanspaces\.com|backblazeb2\.com)$/,
    describe: (part) => ({
      what: "one tenant's storage, or a server of many tenants' storage",
      tightest: EXACT,
      ...wider(part('name'), part('rest')),
      letsIn: 'storage of every tenant',
    }),
  },
];

const GITHUB_LEADS: Readonly<Record<string, Pick<KnownHost, 'leadsTo'>>> = {
  'github.com': {
    leadsTo:
      'downloads of releases are redirected to "release-assets.githubusercontent.com" (earlier "objects.githubusercontent.com"), archives to "codeload.github.com"',
  },
  'ghcr.io': { leadsTo: 'layers are redirected to "pkg-containers.githubusercontent.com"' },
};

function inRegion(region: string): string {
  return region === '' ? '' : ` in ${region}`;
}

/** A star stays inside one label. */
function wider(name: string, rest: string): Pick<KnownHost, 'wider'> {
  const stars = name.split('.').map(() => '*');
  return { wider: [...stars, rest].join('.') };
}

/** @param host lower-case, without a final dot */
export function knownHost(host: string): KnownHost | undefined {
  for (const { name, describe } of FAMILIES) {
    const found = name.exec(host);
    if (found) return describe((key) => found.groups?.[key] ?? '', host);
  }
  return undefined;
}

// Words that operators put before or after the number of a server of a pool.
const POOLED =
  /^(?<before>(?:[a-z]+-)?(?:cdn|edge|shard|node|pop|cache|mirror|static|media|img|dl|download|storage|s|f|n)-?)(?<number>\d{1,4})(?<after>-[a-z0-9]+)?$/;

/** `cdn-12.vendor.example` → `cdn-*.vendor.example`: tomorrow's answer may name another number. */
export function shardPattern(host: string): string | undefined {
  const [first = '', ...rest] = host.split('.');
  const found = POOLED.exec(first);
  if (!found || rest.length < 2) return undefined;
  return [`${found.groups?.['before'] ?? ''}*${found.groups?.['after'] ?? ''}`, ...rest].join('.');
}
