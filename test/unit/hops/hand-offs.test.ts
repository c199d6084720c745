/** Who sends clients on to whom, in both directions; and the grammar of the patterns. */
import { describe, expect, it } from 'vitest';
import { alternativesTo, HAND_OFFS, handedOutBy, leadsTo } from '../../../src/core/hops/hand-offs.ts';
import { fill, matchHost } from '../../../src/core/hops/host-pattern.ts';

describe('patterns', () => {
  it.each([
    ['*.vendor.example', 'a.vendor.example', {}],
    ['*.vendor.example', 'a.b.vendor.example', undefined],
    ['*.vendor.example', 'vendor.example', undefined],
    ['a.vendor.example', 'axvendor.example', undefined],
    ['x-{r}.s3.{r}.example', 'x-eu-1.s3.eu-1.example', { r: 'eu-1' }],
    ['x-{r}.s3.{r}.example', 'x-eu-1.s3.us-1.example', undefined],
    ['a.example', 'a.example.evil.example', undefined],
  ])('%s, %s', (pattern, host, bound) => {
    expect(matchHost(pattern, host)).toEqual(bound);
  });
  it('what is not known stays open', () => {
    expect(fill('{a}-*.{b}.example', { a: 'x' })).toBe('x-*.*.example');
  });
});

describe('hand-offs', () => {
  it.each([
    ['release-assets.githubusercontent.com', 'github.com'],
    ['objects.githubusercontent.com', 'github.com'],
    ['pkg-containers.githubusercontent.com', 'ghcr.io'],
    ['prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com', '*.dkr.ecr.eu-west-1.amazonaws.com'],
    ['docker-images-prod.0a1b2c.r2.cloudflarestorage.com', 'registry-1.docker.io'],
    ['shop.westeurope.data.azurecr.io', 'shop.azurecr.io'],
    ['cdn02.quay.io', 'quay.io'],
    ['transfer.xethub.hf.co', 'huggingface.co'],
    ['us-east-1.aws.cdn.hf.co', 'huggingface.co'],
    ['files.pythonhosted.org', 'pypi.org'],
    ['static.crates.io', 'index.crates.io'],
    ['sfc-eu-ds1-7-customer-stage.s3.eu-central-1.amazonaws.com', '*.snowflakecomputing.com'],
    ['f004.backblazeb2.com', 'api.backblazeb2.com'],
    ['us-east-1.storage.cloud.databricks.com', '*.cloud.databricks.com'],
    ['files.slack.com', 'slack.com'],
    ['storage.googleapis.com', 'proxy.golang.org'],
  ])('%s is handed out by %s', (host, from) => {
    expect(handedOutBy(host).map((hop) => hop.host)).toContain(from);
  });

  it.each([
    'media.s3.eu-west-1.amazonaws.com',
    'prod-eu-west-1-starport-layer-bucket.s3.us-east-1.amazonaws.com',
    'vendor.example',
    'github.com.vendor.example',
    'release-assets.githubusercontent.com.vendor.example',
  ])('of %s nothing is known', (host) => {
    expect(handedOutBy(host)).toEqual([]);
  });

  it('the region goes over', () => {
    expect(leadsTo('123456789012.dkr.ecr.ap-southeast-2.amazonaws.com').map(({ host }) => host)).toEqual([
      'prod-ap-southeast-2-starport-layer-bucket.s3.ap-southeast-2.amazonaws.com',
    ]);
  });
  it('what only the answer tells stays a pattern', () => {
    expect(leadsTo('shop.azurecr.io').map(({ host }) => host)).toContain('shop.*.data.azurecr.io');
  });
  it.each([
    ['production.cloudfront.docker.com', 'production.cloudflare.docker.com'],
    ['docker-images-prod.0a1b2c.r2.cloudflarestorage.com', 'production.cloudfront.docker.com'],
    ['cdn01.quay.io', 'cdn03.quay.io'],
    ['transfer.xethub.hf.co', 'cas-server.xethub.hf.co'],
    ['cdn-lfs.hf.co', 'cdn-lfs-eu-1.hf.co'],
  ])('besides %s also %s', (host, other) => {
    const names = alternativesTo(host)?.names ?? [];
    expect(names).toContain(other);
    expect(names).not.toContain(host);
  });
  it.each([
    'files.pythonhosted.org',
    'release-assets.githubusercontent.com',
    // Which cloud an account's stages are in is the account's; the others are no names it will choose.
    'sfc-eu-ds1-7-customer-stage.s3.eu-central-1.amazonaws.com',
    'shop.westeurope.data.azurecr.io',
    'vendor.example',
  ])('besides %s nothing', (host) => {
    expect(alternativesTo(host)).toBeUndefined();
  });
  it('a row from memory says so where it is told', () => {
    expect(handedOutBy('globalcdn.nuget.org')[0]?.source).toBe(
      'from memory, see learn.microsoft.com/nuget/api/overview',
    );
    expect(handedOutBy('files.slack.com')[0]?.source).not.toContain('memory');
  });
  it('every row says where it is known from, and no host sends to itself', () => {
    for (const { from, to, source, what } of HAND_OFFS) {
      expect(source).toMatch(/^[a-z0-9.-]+\.[a-z]{2,3}/);
      expect(what).not.toBe('');
      expect(to).not.toBe(from);
    }
  });
});
