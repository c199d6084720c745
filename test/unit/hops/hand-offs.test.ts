/** Who sends clients on to whom, in both directions; and the grammar of the patterns. */
import { describe, expect, it } from 'vitest';
import { alternativesTo, HAND_OFFS, handedOutBy, leadsTo } from '../../../src/core/hops/hand-offs.ts';
import { fill, matchHost } from '../../../src/core/hops/host-pattern.ts';
import { knownHost } from '../../../src/core/hops/known-host.ts';

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

/** An account's or a distribution's name of which nothing is fixed, or one that has the tenant in the path. */
function isAnybodys(to: string): boolean {
  if (to === 'github.com') return true;
  const known = knownHost(to.replaceAll(/\{\w+\}|\*/g, 'x1'));
  if (known?.kind === 'storage') return known.wider === undefined;
  return (known?.kind === 'bucket' || known?.kind === 'cdn') && /^(\{\w+\}|\*)\./.test(to);
}

describe('hand-offs', () => {
  it.each([
    ['release-assets.githubusercontent.com', 'github.com'],
    ['release-assets.githubusercontent.com', 'api.github.com'],
    ['objects.githubusercontent.com', 'github.com'],
    ['codeload.github.com', 'api.github.com'],
    ['raw.githubusercontent.com', 'github.com'],
    ['github-cloud.githubusercontent.com', 'github.com'],
    ['github-cloud.s3.amazonaws.com', 'github.com'],
    ['productionresultssa12.blob.core.windows.net', 'results-receiver.actions.githubusercontent.com'],
    ['pkg-npm.githubusercontent.com', 'npm.pkg.github.com'],
    ['pkg-containers.githubusercontent.com', 'ghcr.io'],
    ['cdn.artifacts.gitlab-static.net', 'gitlab.com'],
    ['cdn.registry.gitlab-static.net', 'registry.gitlab.com'],
    ['bbuseruploads.s3.amazonaws.com', 'bitbucket.org'],
    ['prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com', '*.dkr.ecr.eu-west-1.amazonaws.com'],
    [
      'prod-us-gov-west-1-starport-layer-bucket.s3.us-gov-west-1.amazonaws.com',
      '*.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
    ],
    ['prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com', '*.dkr-ecr.eu-west-1.on.aws'],
    ['d5l0dvt14r5h8.cloudfront.net', 'public.ecr.aws'],
    ['docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com', 'registry-1.docker.io'],
    ['docker-images-prod.s3.dualstack.us-east-1.amazonaws.com', 'registry-1.docker.io'],
    ['us-central1-docker.pkg.dev', 'registry.k8s.io'],
    ['prod-registry-k8s-io-ap-northeast-1.s3.dualstack.ap-northeast-1.amazonaws.com', 'registry.k8s.io'],
    ['767373bbdcb8270361b96548387bf2a9ad0d48758c35-eu-west-2.s3.dualstack.eu-west-2.amazonaws.com', 'registry.k8s.io'],
    ['westeurope.data.mcr.microsoft.com', 'mcr.microsoft.com'],
    ['shop.westeurope.data.azurecr.io', 'shop.azurecr.io'],
    ['shop.westeurope.data.azurecr.io', 'shop.westeurope.geo.azurecr.io'],
    ['shop.chinaeast2.data.azurecr.cn', 'shop.azurecr.cn'],
    ['weurmanaged1.blob.core.windows.net', '*.azurecr.io'],
    ['ne1managed1.blob.core.chinacloudapi.cn', '*.azurecr.cn'],
    ['cdn02.quay.io', 'quay.io'],
    ['cdn06.quay.io', 'registry.redhat.io'],
    ['cdn01.quay.io', 'registry.access.redhat.com'],
    ['dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com', 'registry.ollama.ai'],
    ['layers.nvcr.io', 'nvcr.io'],
    ['transfer.xethub.hf.co', 'huggingface.co'],
    ['transfer.xethub-eu.hf.co', 'huggingface.co'],
    ['us-east-1.aws.cdn.hf.co', 'huggingface.co'],
    ['us-east1.us.gcp.cdn.hf.co', 'huggingface.co'],
    ['files.pythonhosted.org', 'pypi.org'],
    ['download-r2.pytorch.org', 'download.pytorch.org'],
    ['static.crates.io', 'index.crates.io'],
    ['index.rubygems.org', 'rubygems.org'],
    ['storage.googleapis.com', 'proxy.golang.org'],
    ['binstar-cio-packages-prod.s3.amazonaws.com', 'anaconda.org'],
    ['plugins-artifacts.gradle.org', 'plugins.gradle.org'],
    ['github.com', 'services.gradle.org'],
    ['globalcdn.nuget.org', 'www.nuget.org'],
    ['prod-cdn.packages.k8s.io', 'pkgs.k8s.io'],
    ['releases.hashicorp.com', 'registry.terraform.io'],
    ['jfrog-prod-euw1-shared-ireland-main.s3.amazonaws.com', '*.jfrog.io'],
    ['sfc-eu-ds1-7-customer-stage.s3.eu-central-1.amazonaws.com', '*.snowflakecomputing.com'],
    ['sfc-ds2-customer-stage.s3-us-west-2.amazonaws.com', '*.*.snowflakecomputing.com'],
    ['sfcprod1.blob.core.windows.net', '*.*.*.snowflakecomputing.com'],
    ['us-east-1.storage.cloud.databricks.com', '*.cloud.databricks.com'],
    ['files.slack.com', 'slack.com'],
    ['f004.backblazeb2.com', 'api.backblazeb2.com'],
    ['shop-my.sharepoint.com', 'graph.microsoft.com'],
    ['uc784e7d4d5a45af4b0.dl.dropboxusercontent.com', 'api.dropboxapi.com'],
    ['files.stripe.com', 'api.stripe.com'],
    ['media.twiliocdn.com', 'api.twilio.com'],
  ])('%s is handed out by %s', (host, from) => {
    expect(handedOutBy(host).map((hop) => hop.host)).toContain(from);
  });

  it.each([
    'media.s3.eu-west-1.amazonaws.com',
    'prod-eu-west-1-starport-layer-bucket.s3.us-east-1.amazonaws.com',
    'vendor.example',
    'github.com.vendor.example',
    'd111111abcdef8.cloudfront.net',
    'docker-images-prod.0a1b2c.r2.cloudflarestorage.com',
    '0a1b2c.r2.cloudflarestorage.com',
    'shop.westeurope.data.azurecr.io.vendor.example',
    'media.storage.googleapis.com',
    'storage.googleapis.com.vendor.example',
    'prod-registry-k8s-io-eu-west-1.s3.dualstack.us-east-1.amazonaws.com',
    'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com.vendor.example',
    'sfc-customer-stage.s3.eu-central-1.amazonaws.com',
    'sfc-ds1-customer-stage.s3.eu-central-1.amazonaws.com.vendor.example',
    'jfrog-prod-main.s3.amazonaws.com',
    'files.slack.com.vendor.example',
    'a.files.stripe.com',
    'shop.sharepoint.com.vendor.example',
    'sharepoint.com',
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
    [
      'docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com',
      'production.cloudfront.docker.com',
    ],
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
  it('a row that no document was found for says so wherever it is told', () => {
    const told = 'seen by its users, not found in its documentation: docs.nvidia.com/ngc';
    expect(handedOutBy('layers.nvcr.io').map(({ source }) => source)).toEqual([told]);
    expect(leadsTo('nvcr.io').map(({ source }) => source)).toEqual([told]);
    expect(handedOutBy('files.slack.com')[0]?.source).not.toContain('not found');
  });
  it('no other row goes without', () => {
    const unverified = HAND_OFFS.filter(({ unverified }) => unverified !== undefined);
    expect(unverified.map(({ from, to }) => [from, to])).toEqual([
      ['nvcr.io', 'layers.nvcr.io'],
      ['npm.pkg.github.com', 'pkg-npm.githubusercontent.com'],
    ]);
  });
  it("to a name that may be anybody's, every row says so", () => {
    const open = HAND_OFFS.filter(({ to, alsoOthers }) => alsoOthers !== true && isAnybodys(to));
    expect(open.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
  it('who alone has such a name goes before those who share it', () => {
    const rows = [...handedOutBy('productionresultssa12.blob.core.windows.net')];
    expect(rows[0]).toMatchObject({ host: 'results-receiver.actions.githubusercontent.com', alsoOthers: false });
    expect(rows.slice(1).map(({ alsoOthers }) => alsoOthers)).not.toContain(false);
  });
  it('every row says where it is known from, and no host sends to itself', () => {
    for (const { from, to, source, what } of HAND_OFFS) {
      expect(source).toMatch(/^[a-z0-9.-]+\.[a-z]{2,3}/);
      expect(what).not.toBe('');
      expect(to).not.toBe(from);
    }
  });
});
