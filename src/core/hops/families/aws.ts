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
const ENDPOINT = `s3(?:-external-1)?(?<fips>-fips)?[.-](?<dual>dualstack\\.)?(?:${REGION}\\.)?${SUFFIX}`;

function everyBucket(region: string): string {
  return `every bucket of every tenant${inRegion(region)}`;
}

type Part = (key: string) => string;

/** A client's settings choose among these; allowing all would be no tighter than needed. */
function variantsOf(part: Part, host: string): Described['variants'] {
  const [bucket, region, suffix] = [part('bucket'), part('region'), part('suffix')];
  const place = region === '' ? 'REGION' : region;
  const all: readonly (readonly [string, string])[] = [
    [`${bucket}.s3.${place}.${suffix}`, 'regional'],
    [`${bucket}.s3.dualstack.${place}.${suffix}`, 'dual-stack'],
    [`${bucket}.s3-fips.${place}.${suffix}`, 'FIPS'],
    [`${bucket}.s3-accelerate.${suffix}`, 'transfer acceleration'],
    [`s3.${place}.${suffix}`, bucket.includes('.') ? 'path style, usual for a name with dots' : 'path style'],
  ];
  return all.filter(([name]) => name !== host);
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
  name: new RegExp(`^(?<bucket>.+)\\.(?<rest>s3-accelerate\\.(?:dualstack\\.)?${SUFFIX})$`),
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
    ...(page !== undefined && { unverified: true }),
    name: new RegExp(`^(?<bucket>.+)\\.(?<rest>${rest})$`),
    describe: (part) => ({
      what: `one ${thing} ("${part('bucket')}") of Amazon S3${inRegion(part('region'))}`,
      tightest: EXACT,
      ...wider(part('bucket'), part('rest')),
      letsIn: `every ${thing} of every tenant${inRegion(part('region'))}`,
    }),
  };
}

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
  oneOf(
    'bucket through an interface endpoint',
    `bucket\\.vpce-[a-z0-9-]+\\.s3\\.${REGION}\\.vpce\\.${SUFFIX}`,
    'docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html',
  ),
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
    provider: 'AWS Elastic Load Balancing',
    unverified: true,
    kind: 'service',
    source: 'docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html',
    name: new RegExp(`^(?<name>[^.]+)\\.(?<region>[a-z0-9-]+)\\.elb\\.${SUFFIX}$`),
    describe: (part) => ({
      what: 'one load balancer of an AWS account, whose addresses change as it grows',
      tightest: EXACT,
      wider: `*.${part('region')}.elb.${part('suffix')}`,
      letsIn: 'the load balancers of every AWS account there',
    }),
  },
  {
    provider: 'AWS',
    kind: 'service',
    source: 'docs.aws.amazon.com/general/latest/gr/rande.html',
    name: new RegExp(`^(?<first>[^.]+)\\.(?<rest>.+\\.)?${SUFFIX}$`),
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
