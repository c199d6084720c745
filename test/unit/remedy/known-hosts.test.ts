/** Hosts that many tenants share: what each name stands for, and that every pattern named with it matches it in Cilium's dialect. */
import { describe, expect, it } from 'vitest';
import { matchFqdn } from '../../../src/core/policy/fqdn/selector.ts';
import { knownHost, shardPattern } from '../../../src/core/remedy/known-hosts.ts';

/** [host, what it is, the wider pattern, or what the tightest says] */
const KNOWN: readonly (readonly [string, string, string | undefined])[] = [
  ['s3.eu-west-1.amazonaws.com', 'Amazon S3 in eu-west-1 with the bucket in the path', undefined],
  ['s3-eu-west-1.amazonaws.com', 'Amazon S3 in eu-west-1 with the bucket in the path', undefined],
  ['s3.dualstack.us-gov-west-1.amazonaws.com', 'Amazon S3 in us-gov-west-1 with the bucket in the path', undefined],
  ['s3.amazonaws.com', 'Amazon S3 with the bucket in the path', undefined],
  ['s3.cn-north-1.amazonaws.com.cn', 'Amazon S3 in cn-north-1 with the bucket in the path', undefined],
  [
    'media.s3.eu-west-1.amazonaws.com',
    'one bucket ("media") of Amazon S3 in eu-west-1',
    '*.s3.eu-west-1.amazonaws.com',
  ],
  [
    'media.s3-eu-west-1.amazonaws.com',
    'one bucket ("media") of Amazon S3 in eu-west-1',
    '*.s3-eu-west-1.amazonaws.com',
  ],
  ['a.b.s3.eu-west-1.amazonaws.com', 'one bucket ("a.b") of Amazon S3 in eu-west-1', '*.*.s3.eu-west-1.amazonaws.com'],
  ['media.s3.amazonaws.com', 'one bucket ("media") of Amazon S3', '*.s3.amazonaws.com'],
  ['media.s3-accelerate.amazonaws.com', 'one bucket ("media") of Amazon S3', '*.s3-accelerate.amazonaws.com'],
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    'the registry of AWS account 123456789012 in eu-west-1',
    '*.dkr.ecr.eu-west-1.amazonaws.com',
  ],
  [
    'web-1234.eu-west-1.elb.amazonaws.com',
    'one load balancer of an AWS account, whose addresses change as it grows',
    '*.eu-west-1.elb.amazonaws.com',
  ],
  ['sqs.eu-west-1.amazonaws.com', 'an endpoint of an AWS service', '*.eu-west-1.amazonaws.com'],
  ['sts.amazonaws.com', 'an endpoint of an AWS service', '*.amazonaws.com'],
  [
    'abc123.execute-api.eu-west-1.amazonaws.com',
    'an endpoint of an AWS service',
    '*.execute-api.eu-west-1.amazonaws.com',
  ],
  ['d111111abcdef8.cloudfront.net', 'one distribution of Amazon CloudFront', '*.cloudfront.net'],
  ['storage.googleapis.com', 'Google Cloud Storage with the bucket in the path', undefined],
  ['media.storage.googleapis.com', 'one bucket ("media") of Google Cloud Storage', '*.storage.googleapis.com'],
  ['pubsub.googleapis.com', 'a Google API that all its customers share', '*.googleapis.com'],
  [
    'shopdata.blob.core.windows.net',
    'one Azure storage account ("shopdata") with all its containers',
    '*.blob.core.windows.net',
  ],
  [
    'shopdata.z01.blob.storage.azure.net',
    'one Azure storage account ("shopdata") with all its containers',
    '*.z01.blob.storage.azure.net',
  ],
  [
    'shopdata.dfs.core.windows.net',
    'one Azure storage account ("shopdata") with all its containers',
    '*.dfs.core.windows.net',
  ],
  ['shop-abc.z01.azurefd.net', 'one endpoint of Azure Front Door or Azure CDN', '*.z01.azurefd.net'],
  ['shop.azureedge.net', 'one endpoint of Azure Front Door or Azure CDN', '*.azureedge.net'],
  ['vendor.akamaized.net', 'a name of Akamai for one customer; the shards behind it change', '*.akamaized.net'],
  ['a123.dscb.akamai.net', 'a name of Akamai for one customer; the shards behind it change', '*.*.akamai.net'],
  ['vendor.global.ssl.fastly.net', 'a name of Fastly for one customer', '*.global.ssl.fastly.net'],
  [
    'release-assets.githubusercontent.com',
    'content of every repository and every user of GitHub',
    '*.githubusercontent.com',
  ],
  ['objects.githubusercontent.com', 'content of every repository and every user of GitHub', '*.githubusercontent.com'],
  ['github.com', 'every repository of every user of GitHub', undefined],
  [
    'acc.r2.cloudflarestorage.com',
    "one tenant's storage, or a server of many tenants' storage",
    '*.r2.cloudflarestorage.com',
  ],
  ['f004.backblazeb2.com', "one tenant's storage, or a server of many tenants' storage", '*.backblazeb2.com'],
];

describe('shared hosts', () => {
  it.each(KNOWN)('%s', (host, what, wider) => {
    const known = knownHost(host);
    expect([known?.what, known?.wider]).toEqual([what, wider]);
    // What is warned of must really take the host, else the warning is about nothing.
    if (wider !== undefined) expect(matchFqdn(host, { matchPattern: wider }, '1.19.5').matches).toBe(true);
  });

  it.each([
    'vendor.example',
    's3.vendor.example',
    'amazonaws.com.vendor.example',
    'notamazonaws.com',
    'cloudfront.net',
    'mygithubusercontent.com',
    'blob.core.windows.net.vendor.example',
    'core.windows.net',
  ])('%s is nobody’s', (host) => {
    expect(knownHost(host)).toBeUndefined();
  });

  it.each([
    ['media.s3.amazonaws.com', 'media.s3.REGION.amazonaws.com'],
    ['github.com', 'release-assets.githubusercontent.com'],
    ['ghcr.io', 'pkg-containers.githubusercontent.com'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com'],
  ])('%s leads to %s', (host, next) => {
    expect(knownHost(host)?.leadsTo).toContain(next);
  });
  it('a regional bucket leads nowhere else', () => {
    expect(knownHost('media.s3.eu-west-1.amazonaws.com')?.leadsTo).toBeUndefined();
  });
});

describe('servers of a pool', () => {
  it.each([
    ['cdn-12.vendor.example', 'cdn-*.vendor.example'],
    ['edge3.vendor.example', 'edge*.vendor.example'],
    ['eu-cache07.vendor.example', 'eu-cache*.vendor.example'],
    ['dl4-fra.vendor.example', 'dl*-fra.vendor.example'],
  ])('%s: %s', (host, pattern) => {
    expect(shardPattern(host)).toBe(pattern);
    expect(matchFqdn(host, { matchPattern: pattern }, '1.19.5').matches).toBe(true);
    expect(matchFqdn(`other.${host}`, { matchPattern: pattern }, '1.19.5').matches).toBe(false);
  });
  it.each(['api.vendor.example', 'api2.vendor.example', 'cdn12.example', 'v2.vendor.example', 'web-1.vendor.example'])(
    '%s is not taken for one',
    (host) => {
      expect(shardPattern(host)).toBeUndefined();
    },
  );
});
