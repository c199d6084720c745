/** Names of Amazon Web Services: S3 in all its forms and partitions, ECR, load balancers, CloudFront; part of `../known-host.ts`. */
import { BETTER_OWN, type Described, EXACT, type HostFamily, inRegion, wider } from '../host-family.ts';

// Partitions and their suffixes: botocore, data/partitions.json (aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov).
const SUFFIX =
  '(?<suffix>amazonaws\\.com|amazonaws\\.com\\.cn|amazonaws\\.eu|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov|cloud\\.adc-e\\.uk|csp\\.hci\\.ic\\.gov)';
const REGION = '(?<region>[a-z]{2,4}(?:-[a-z]+)+-\\d+)';
// Forms of the endpoints: botocore, data/s3/2006-03-01/endpoint-rule-set-1.json; those with a dash and without a region are older
// (docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
const S3 = 'docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html';
const S3_RULES = 'github.com/boto/botocore/blob/develop/botocore/data/s3/2006-03-01/endpoint-rule-set-1.json.gz';
const ENDPOINT = `s3(?:-external-1)?(?<fips>-fips)?(?:\\.|-(?=[a-z]+-[a-z]+-))(?<dual>dualstack\\.)?(?:${REGION}\\.)?${SUFFIX}`;
// Of all services but S3, for IPv6 as well: the same file, dualStackDnsSuffix; `on.aws` is for names of customers (ECR, Lambda).
const DUAL_STACK =
  '(?<dualstack>api\\.aws|on\\.aws|api\\.amazonwebservices\\.(?:com\\.cn|eu)|api\\.aws\\.(?:ic\\.gov|scloud|hci\\.ic\\.gov)|api\\.cloud-aws\\.adc-e\\.uk)';

function everyBucket(region: string): string {
  return `every bucket of every tenant${inRegion(region)}`;
}

type Part = (key: string) => string;

/**
 * A client's settings choose among these; allowing all would be no tighter than needed. Where each exists: botocore,
 * data/endpoints.json (FIPS only in the United States and Canada; dual-stack not in the isolated partitions), and the rule set above
 * (no acceleration in China).
 */
function variantsOf(part: Part, host: string): Described['variants'] {
  const [bucket, region, suffix] = [part('bucket'), part('region'), part('suffix')];
  const place = region === '' ? 'REGION' : region;
  const all: readonly (readonly [string, string])[] = [
    [`${bucket}.s3.${place}.${suffix}`, 'regional'],
    ...(suffix.startsWith('amazonaws.') ? [[`${bucket}.s3.dualstack.${place}.${suffix}`, 'dual-stack'] as const] : []),
    ...(/^(?:us|ca)-/.test(region) ? [[`${bucket}.s3-fips.${place}.${suffix}`, 'FIPS'] as const] : []),
    ...(isAccelerated(region, suffix) ? [[`${bucket}.s3-accelerate.${suffix}`, 'transfer acceleration'] as const] : []),
    [`s3.${place}.${suffix}`, bucket.includes('.') ? 'path style, usual for a name with dots' : 'path style'],
  ];
  return all.filter(([name]) => name !== host);
}

/** None in GovCloud (github.com/iterate-ch/cyberduck/commit/27e7239), nor in China or the isolated partitions. */
function isAccelerated(region: string, suffix: string): boolean {
  return suffix === 'amazonaws.com' && !region.startsWith('us-gov-');
}

const bucket: HostFamily = {
  provider: 'Amazon S3',
  kind: 'bucket',
  source: S3,
  name: new RegExp(`^(?<bucket>.+)\\.(?<rest>${ENDPOINT})$`),
  describe: (part, host) => ({
    what: `one bucket ("${part('bucket')}") of Amazon S3${inRegion(part('region'))}`,
    tightest: EXACT,
    ...wider(part('bucket'), part('rest')),
    letsIn: everyBucket(part('region')),
    variants: variantsOf(part, host) ?? [],
  }),
};

const accelerated: HostFamily = {
  provider: 'Amazon S3',
  kind: 'bucket',
  source: S3_RULES,
  name: new RegExp(`^(?<bucket>.+)\\.(?<rest>s3-accelerate\\.(?:dualstack\\.(?:us-east-1\\.)?)?${SUFFIX})$`),
  describe: (part, host) => ({
    what: `one bucket ("${part('bucket')}") of Amazon S3, by transfer acceleration`,
    tightest: EXACT,
    ...wider(part('bucket'), part('rest')),
    letsIn: everyBucket(''),
    variants: variantsOf(part, host) ?? [],
  }),
};

/** A form whose first labels name one thing of one account. */
function oneOf(thing: string, rest: string, page?: string): HostFamily {
  return {
    provider: 'Amazon S3',
    kind: 'bucket',
    source: page ?? S3_RULES,
    name: new RegExp(`^(?<bucket>.+)\\.(?<rest>${rest})$`),
    describe: (part) => ({
      what: `one ${thing} ("${part('bucket')}") of Amazon S3${inRegion(part('region'))}`,
      tightest: EXACT,
      ...wider(part('bucket'), part('rest')),
      letsIn: `every ${thing} of every tenant${inRegion(part('region'))}`,
    }),
  };
}

const PRIVATE_LINK = 'docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html';
const VPCE = `vpce-[a-z0-9-]+\\.s3\\.${REGION}\\.vpce\\.${SUFFIX}`;

export const AWS: readonly HostFamily[] = [
  accelerated,
  oneOf('access point', `s3-accesspoint(?:-fips)?\\.(?:dualstack\\.)?${REGION}\\.${SUFFIX}`),
  oneOf('multi-region access point', `accesspoint\\.s3-global\\.${SUFFIX}`),
  oneOf('Object Lambda access point', `s3-object-lambda(?:-fips)?\\.${REGION}\\.${SUFFIX}`),
  oneOf('bucket on an Outpost', `s3-outposts\\.${REGION}\\.${SUFFIX}`),
  oneOf('directory bucket', `s3express-(?:fips-)?[a-z0-9-]+\\.(?:dualstack\\.)?${REGION}\\.${SUFFIX}`),
  oneOf(
    'website',
    `s3-website[.-]${REGION}\\.${SUFFIX}`,
    'docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html',
  ),
  oneOf('bucket through an interface endpoint', `bucket\\.${VPCE}`, PRIVATE_LINK),
  oneOf('access point through an interface endpoint', `accesspoint\\.${VPCE}`, PRIVATE_LINK),
  {
    provider: 'Amazon S3',
    kind: 'storage',
    source: PRIVATE_LINK,
    name: new RegExp(`^bucket\\.${VPCE}$`),
    describe: (part, host) => ({
      what: `Amazon S3${inRegion(part('region'))} through an interface endpoint, with the bucket in the path`,
      tightest: `the bucket's own name: have the client use virtual-hosted style and list "BUCKET.${host}"`,
      letsIn: `${everyBucket(part('region'))} that the endpoint's own policy allows`,
    }),
  },
  {
    provider: 'Amazon S3',
    kind: 'storage',
    source: S3,
    name: new RegExp(`^${ENDPOINT}$`),
    describe: (part, host) => ({
      what: `Amazon S3${inRegion(part('region'))} with the bucket in the path`,
      tightest: `the bucket's own name: have the client use virtual-hosted style and list "BUCKET.${host}"`,
      letsIn: `${everyBucket(part('region'))}, to read from and to send data to`,
    }),
  },
  bucket,
  {
    provider: 'Amazon ECR',
    kind: 'registry',
    source: 'docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html',
    name: new RegExp(`^(?<account>\\d{12})\\.dkr\\.ecr(?<fips>-fips)?\\.${REGION}\\.${SUFFIX}$`),
    describe: (part) => ({
      what: `the registry of AWS account ${part('account')} in ${part('region')}`,
      tightest: EXACT,
      wider: `*.dkr.ecr${part('fips')}.${part('region')}.${part('suffix')}`,
      letsIn: 'the registry of every AWS account there',
    }),
  },
  {
    provider: 'Amazon ECR',
    kind: 'registry',
    source: 'docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html',
    name: new RegExp(`^(?<account>\\d{12})\\.(?<rest>dkr-ecr(?:-fips)?\\.${REGION}\\.on\\.aws)$`),
    describe: (part) => ({
      what: `the registry of AWS account ${part('account')} in ${part('region')}, by its dual-stack name`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: 'the registry of every AWS account there',
    }),
  },
  {
    provider: 'AWS Elastic Load Balancing',
    kind: 'service',
    // Network load balancers have the region behind: docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html.
    source: 'docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html',
    name: new RegExp(`^(?<name>[^.]+)\\.(?<rest>(?:elb\\.[a-z0-9-]+|[a-z0-9-]+\\.elb)\\.${SUFFIX})$`),
    describe: (part) => ({
      what: 'one load balancer of an AWS account, whose addresses change as it grows',
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: 'the load balancers of every AWS account there',
    }),
  },
  {
    provider: 'AWS',
    kind: 'service',
    source: 'docs.aws.amazon.com/general/latest/gr/rande.html',
    name: new RegExp(`^(?<first>[^.]+)\\.(?<rest>.+\\.)?(?:${SUFFIX}|${DUAL_STACK})$`),
    describe: (part, host) => ({
      what: 'an endpoint of an AWS service',
      tightest: `${EXACT}; other regions of the service, and its global endpoint, have other names`,
      wider: `*.${host.slice(part('first').length + 1)}`,
      letsIn:
        'endpoints of other services and of other tenants; whose data is reached is for credentials to decide, not for names',
    }),
  },
  {
    provider: 'Amazon CloudFront',
    kind: 'cdn',
    source: 'docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html',
    name: /^(?<id>[a-z0-9]+)\.cloudfront\.net$/,
    describe: () => ({
      what: 'one distribution of Amazon CloudFront',
      tightest: BETTER_OWN,
      wider: '*.cloudfront.net',
      letsIn: 'every distribution of every tenant',
    }),
  },
];
