/** Hosts that many tenants share: what each name stands for, and that every pattern named with it matches it in Cilium's dialect. */
import { describe, expect, it } from 'vitest';
import { FAMILIES, knownHost } from '../../../src/core/hops/known-host.ts';
import { shardPattern } from '../../../src/core/hops/shard-pattern.ts';
import { matchFqdn } from '../../../src/core/policy/fqdn/selector.ts';

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
  [
    'media.s3-accelerate.amazonaws.com',
    'one bucket ("media") of Amazon S3, by transfer acceleration',
    '*.s3-accelerate.amazonaws.com',
  ],
  [
    'media.s3-accelerate.dualstack.amazonaws.com',
    'one bucket ("media") of Amazon S3, by transfer acceleration',
    '*.s3-accelerate.dualstack.amazonaws.com',
  ],
  ['s3-fips.dualstack.us-east-1.amazonaws.com', 'Amazon S3 in us-east-1 with the bucket in the path', undefined],
  [
    'media.s3-fips.us-gov-west-1.amazonaws.com',
    'one bucket ("media") of Amazon S3 in us-gov-west-1',
    '*.s3-fips.us-gov-west-1.amazonaws.com',
  ],
  [
    'media.s3.dualstack.eu-west-1.amazonaws.com',
    'one bucket ("media") of Amazon S3 in eu-west-1',
    '*.s3.dualstack.eu-west-1.amazonaws.com',
  ],
  [
    'media.s3.cn-north-1.amazonaws.com.cn',
    'one bucket ("media") of Amazon S3 in cn-north-1',
    '*.s3.cn-north-1.amazonaws.com.cn',
  ],
  [
    'media.s3.eusc-de-east-1.amazonaws.eu',
    'one bucket ("media") of Amazon S3 in eusc-de-east-1',
    '*.s3.eusc-de-east-1.amazonaws.eu',
  ],
  [
    'media.s3.us-iso-east-1.c2s.ic.gov',
    'one bucket ("media") of Amazon S3 in us-iso-east-1',
    '*.s3.us-iso-east-1.c2s.ic.gov',
  ],
  [
    'media.s3.us-isob-east-1.sc2s.sgov.gov',
    'one bucket ("media") of Amazon S3 in us-isob-east-1',
    '*.s3.us-isob-east-1.sc2s.sgov.gov',
  ],
  [
    'reports-123456789012.s3-accesspoint.eu-west-1.amazonaws.com',
    'one access point ("reports-123456789012") of Amazon S3 in eu-west-1',
    '*.s3-accesspoint.eu-west-1.amazonaws.com',
  ],
  [
    'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com',
    'one multi-region access point ("mfzwi23gnjvgw.mrap") of Amazon S3',
    '*.*.accesspoint.s3-global.amazonaws.com',
  ],
  [
    'redact-123456789012.s3-object-lambda.eu-west-1.amazonaws.com',
    'one Object Lambda access point ("redact-123456789012") of Amazon S3 in eu-west-1',
    '*.s3-object-lambda.eu-west-1.amazonaws.com',
  ],
  [
    'ap-123456789012.op-01ac5d28a6a232904.s3-outposts.eu-west-1.amazonaws.com',
    'one bucket on an Outpost ("ap-123456789012.op-01ac5d28a6a232904") of Amazon S3 in eu-west-1',
    '*.*.s3-outposts.eu-west-1.amazonaws.com',
  ],
  [
    'media--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com',
    'one directory bucket ("media--use1-az4--x-s3") of Amazon S3 in us-east-1',
    '*.s3express-use1-az4.us-east-1.amazonaws.com',
  ],
  [
    'media.s3-website-us-east-1.amazonaws.com',
    'one website ("media") of Amazon S3 in us-east-1',
    '*.s3-website-us-east-1.amazonaws.com',
  ],
  [
    'media.s3-website.eu-central-1.amazonaws.com',
    'one website ("media") of Amazon S3 in eu-central-1',
    '*.s3-website.eu-central-1.amazonaws.com',
  ],
  [
    'media.bucket.vpce-0a1b2c3d-abcdefgh.s3.eu-west-1.vpce.amazonaws.com',
    'one bucket through an interface endpoint ("media") of Amazon S3 in eu-west-1',
    '*.bucket.vpce-0a1b2c3d-abcdefgh.s3.eu-west-1.vpce.amazonaws.com',
  ],
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
  ['0a1b2c.r2.cloudflarestorage.com', 'Cloudflare R2 with the bucket in the path', '*.r2.cloudflarestorage.com'],
  [
    '0a1b2c.eu.r2.cloudflarestorage.com',
    'Cloudflare R2 in eu with the bucket in the path',
    '*.eu.r2.cloudflarestorage.com',
  ],
  [
    'media.0a1b2c.r2.cloudflarestorage.com',
    'one bucket ("media") of Cloudflare R2',
    '*.0a1b2c.r2.cloudflarestorage.com',
  ],
  ['pub-0a1b2c.r2.dev', 'one public bucket of Cloudflare R2', '*.r2.dev'],
  ['f004.backblazeb2.com', 'a server of Backblaze B2 for downloads, with the bucket in the path', '*.backblazeb2.com'],
  ['api.backblazeb2.com', 'a server of Backblaze B2', '*.backblazeb2.com'],
  [
    'media.s3.us-west-004.backblazeb2.com',
    'one bucket ("media") of Backblaze B2 in us-west-004',
    '*.s3.us-west-004.backblazeb2.com',
  ],
  [
    'media.fra1.cdn.digitaloceanspaces.com',
    'one bucket ("media") of DigitalOcean Spaces in fra1',
    '*.fra1.cdn.digitaloceanspaces.com',
  ],
  [
    'media.fra1.digitaloceanspaces.com',
    'one bucket ("media") of DigitalOcean Spaces in fra1',
    '*.fra1.digitaloceanspaces.com',
  ],
  [
    'media.s3.eu-central-1.wasabisys.com',
    'one bucket ("media") of Wasabi in eu-central-1',
    '*.s3.eu-central-1.wasabisys.com',
  ],
  ['s3.wasabisys.com', 'Wasabi with the bucket in the path', undefined],
  [
    'media.oss-cn-hangzhou.aliyuncs.com',
    'one bucket ("media") of Alibaba Cloud OSS in cn-hangzhou',
    '*.oss-cn-hangzhou.aliyuncs.com',
  ],
  [
    'media.oss-cn-hangzhou-internal.aliyuncs.com',
    'one bucket ("media") of Alibaba Cloud OSS in cn-hangzhou',
    '*.oss-cn-hangzhou-internal.aliyuncs.com',
  ],
  [
    'media.cn-hangzhou.oss.aliyuncs.com',
    'one bucket ("media") of Alibaba Cloud OSS in cn-hangzhou',
    '*.cn-hangzhou.oss.aliyuncs.com',
  ],
  [
    'media-1250000000.cos.ap-guangzhou.myqcloud.com',
    'one bucket ("media-1250000000") of Tencent Cloud COS in ap-guangzhou',
    '*.cos.ap-guangzhou.myqcloud.com',
  ],
  [
    'media-1250000000.file.myqcloud.com',
    'one bucket ("media-1250000000") of Tencent Cloud COS, by its acceleration or CDN',
    '*.file.myqcloud.com',
  ],
  [
    'media.obs.cn-north-4.myhuaweicloud.com',
    'one bucket ("media") of Huawei Cloud OBS in cn-north-4',
    '*.obs.cn-north-4.myhuaweicloud.com',
  ],
  [
    'media.s3.direct.eu-de.cloud-object-storage.appdomain.cloud',
    'one bucket ("media") of IBM Cloud Object Storage in eu-de',
    '*.s3.direct.eu-de.cloud-object-storage.appdomain.cloud',
  ],
  [
    'objectstorage.eu-frankfurt-1.oraclecloud.com',
    'Oracle Object Storage in eu-frankfurt-1 with namespace and bucket in the path',
    '*.eu-frankfurt-1.oraclecloud.com',
  ],
  [
    'axexample.objectstorage.eu-frankfurt-1.oci.customer-oci.com',
    'the Object Storage of one Oracle tenancy ("axexample") in eu-frankfurt-1',
    '*.objectstorage.eu-frankfurt-1.oci.customer-oci.com',
  ],
  [
    'storage.europe-west3.rep.googleapis.com',
    'Google Cloud Storage in europe-west3 with the bucket in the path',
    undefined,
  ],
  ['europe-docker.pkg.dev', 'Artifact Registry in europe, shared by all projects', '*.pkg.dev'],
  [
    'shopdata.privatelink.blob.core.windows.net',
    'the alias of Azure storage account "shopdata" for private endpoints, which no client asks for',
    '*.privatelink.blob.core.windows.net',
  ],
  [
    'shopdata.blob.core.chinacloudapi.cn',
    'one Azure storage account ("shopdata") with all its containers',
    '*.blob.core.chinacloudapi.cn',
  ],
  [
    'shopdata.queue.core.usgovcloudapi.net',
    'one Azure storage account ("shopdata") with all its containers',
    '*.queue.core.usgovcloudapi.net',
  ],
  ['shop.azurecr.io', 'one Azure container registry ("shop")', '*.azurecr.io'],
  ['shop.westeurope.data.azurecr.io', 'the layers of Azure container registry "shop" in westeurope', undefined],
  ['cdn01.quay.io', 'Quay with the images of every user', undefined],
  ['production.cloudfront.docker.com', 'Docker Hub with the images of every user', undefined],
  ['files.pythonhosted.org', 'the Python Package Index', undefined],
  ['transfer.xethub.hf.co', 'the Hugging Face Hub with the models and data sets of every user', undefined],
  ['us-east-1.aws.cdn.hf.co', 'the Hugging Face Hub with the models and data sets of every user', undefined],
  ['us-east1.us.gcp.cdn.hf.co', 'the Hugging Face Hub with the models and data sets of every user', undefined],
  ['xy12345.eu-central-1.snowflakecomputing.com', 'one Snowflake account', undefined],
  ['s3.us-west-004.backblazeb2.com', 'Backblaze B2 in us-west-004 with the bucket in the path', undefined],
  ['fra1.digitaloceanspaces.com', 'DigitalOcean Spaces in fra1 with the bucket in the path', undefined],
  ['oss-cn-hangzhou.aliyuncs.com', 'Alibaba Cloud OSS in cn-hangzhou with the bucket in the path', undefined],
  ['media.oss-accelerate.aliyuncs.com', 'one bucket ("media") of Alibaba Cloud OSS', '*.oss-accelerate.aliyuncs.com'],
  ['cn-hangzhou.oss.aliyuncs.com', 'Alibaba Cloud OSS in cn-hangzhou with the bucket in the path', undefined],
  ['cos.ap-guangzhou.myqcloud.com', 'Tencent Cloud COS in ap-guangzhou with the bucket in the path', undefined],
  ['obs.cn-north-4.myhuaweicloud.com', 'Huawei Cloud OBS in cn-north-4 with the bucket in the path', undefined],
  [
    's3.us-south.cloud-object-storage.appdomain.cloud',
    'IBM Cloud Object Storage in us-south with the bucket in the path',
    undefined,
  ],
  ['westeurope.data.mcr.microsoft.com', "the layers of Microsoft's registry", undefined],
  ['registry.gitlab.com', 'every project of every user of GitLab.com', undefined],
  ['registry.npmjs.org', 'the npm registry', undefined],
  ['static.crates.io', "Rust's package registry", undefined],
  ['rubygems.org', 'the RubyGems index', undefined],
  ['repo.maven.apache.org', 'Maven Central', undefined],
  ['proxy.golang.org', "Go's module mirror and checksum database", undefined],
  ['conda.anaconda.org', 'the packages of Anaconda and conda-forge', undefined],
  [
    'us-east-1.storage.cloud.databricks.com',
    'the storage of Databricks from which clients fetch large results (Cloud Fetch)',
    '*.storage.cloud.databricks.com',
  ],
  ['files.slack.com', 'files of every Slack workspace', undefined],
  [
    'reports-123456789012.accesspoint.vpce-0a1b2c3d-abcdefgh.s3.eu-west-1.vpce.amazonaws.com',
    'one access point through an interface endpoint ("reports-123456789012") of Amazon S3 in eu-west-1',
    '*.accesspoint.vpce-0a1b2c3d-abcdefgh.s3.eu-west-1.vpce.amazonaws.com',
  ],
  [
    'bucket.vpce-0a1b2c3d-abcdefgh.s3.eu-west-1.vpce.amazonaws.com',
    'Amazon S3 in eu-west-1 through an interface endpoint, with the bucket in the path',
    undefined,
  ],
  [
    '123456789012.dkr-ecr.eu-west-1.on.aws',
    'the registry of AWS account 123456789012 in eu-west-1, by its dual-stack name',
    '*.dkr-ecr.eu-west-1.on.aws',
  ],
  [
    'web-1234.elb.eu-west-1.amazonaws.com',
    'one load balancer of an AWS account, whose addresses change as it grows',
    '*.elb.eu-west-1.amazonaws.com',
  ],
  ['sqs.eu-west-1.api.aws', 'an endpoint of an AWS service', '*.eu-west-1.api.aws'],
  [
    'shop.westeurope.geo.azurecr.io',
    'one Azure container registry ("shop"), its replica in westeurope',
    '*.westeurope.geo.azurecr.io',
  ],
  ['shop-my.sharepoint.com', 'the SharePoint sites and OneDrive files of one tenant ("shop-my")', '*.sharepoint.com'],
  ['fsn1.your-objectstorage.com', 'Hetzner Object Storage in fsn1 with the bucket in the path', undefined],
  [
    'media.fsn1.your-objectstorage.com',
    'one bucket ("media") of Hetzner Object Storage in fsn1',
    '*.fsn1.your-objectstorage.com',
  ],
  ['s3.fr-par.scw.cloud', 'Scaleway Object Storage in fr-par with the bucket in the path', undefined],
  ['media.s3.fr-par.scw.cloud', 'one bucket ("media") of Scaleway Object Storage in fr-par', '*.s3.fr-par.scw.cloud'],
  ['us-east-1.linodeobjects.com', 'Linode Object Storage in us-east-1 with the bucket in the path', undefined],
  [
    'media.us-east-1.linodeobjects.com',
    'one bucket ("media") of Linode Object Storage in us-east-1',
    '*.us-east-1.linodeobjects.com',
  ],
  ['shop.jfrog.io', 'one customer\'s JFrog platform ("shop")', '*.jfrog.io'],
  [
    'uc784e7d4d5a45af4b0.dl.dropboxusercontent.com',
    'one temporary link of Dropbox; the next has another name',
    '*.dl.dropboxusercontent.com',
  ],
  ['content.dropboxapi.com', 'files of every user of Dropbox', undefined],
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
    'r2.cloudflarestorage.com',
    'hf.co',
    'xethub.hf.co.vendor.example',
    'slack.com',
    'quay.io.vendor.example',
    's3.private.vendor.example',
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

  it.each([
    ['media.s3.eu-west-1.amazonaws.com', 'media.s3.dualstack.eu-west-1.amazonaws.com', 'dual-stack'],
    ['media.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com', 'path style'],
    ['a.b.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com', 'path style, usual for a name with dots'],
    ['media.s3.amazonaws.com', 'media.s3.REGION.amazonaws.com', 'regional'],
    ['media.s3.us-east-1.amazonaws.com', 'media.s3-fips.us-east-1.amazonaws.com', 'FIPS'],
    ['media.s3.ca-west-1.amazonaws.com', 'media.s3-fips.ca-west-1.amazonaws.com', 'FIPS'],
    ['media.s3.eu-west-1.amazonaws.com', 'media.s3-accelerate.amazonaws.com', 'transfer acceleration'],
    ['media.s3.cn-north-1.amazonaws.com.cn', 'media.s3.dualstack.cn-north-1.amazonaws.com.cn', 'dual-stack'],
    ['media.storage.googleapis.com', 'storage.googleapis.com', 'bucket in the path'],
    ['shopdata.dfs.core.windows.net', 'shopdata.blob.core.windows.net', 'the same account by the Blob API'],
  ])('%s is also %s', (host, name, when) => {
    expect(knownHost(host)?.variants).toContainEqual([name, when]);
  });
  it.each([
    // github.com/boto/botocore/blob/develop/botocore/data/endpoints.json: `s3` and its variants.
    ['media.s3.eu-west-1.amazonaws.com', /fips/],
    ['media.s3.cn-north-1.amazonaws.com.cn', /fips|accelerate/],
    ['media.s3.us-iso-east-1.c2s.ic.gov', /dualstack|accelerate/],
    // github.com/iterate-ch/cyberduck/commit/27e7239
    ['media.s3.us-gov-west-1.amazonaws.com', /accelerate/],
  ])('%s has no variant that its partition lacks', (host, lacking) => {
    expect((knownHost(host)?.variants ?? []).map(([name]) => name).filter((name) => lacking.test(name))).toEqual([]);
  });
  it('no name is a variant of itself', () => {
    for (const [host] of KNOWN) expect((knownHost(host)?.variants ?? []).map(([name]) => name)).not.toContain(host);
  });
  it('every family says where its names are documented, and is met by the table above', () => {
    expect(
      FAMILIES.filter(({ source }) => !/^[a-z0-9.-]+\.[a-z]{2,3}(?:\/|,|$)/.test(source)).map(({ source }) => source),
    ).toEqual([]);
    const met = new Set(KNOWN.map(([host]) => FAMILIES.find(({ name }) => name.test(host))));
    const unmet = FAMILIES.filter((family) => !met.has(family)).map(({ name }) => name.source);
    expect(unmet).toEqual([]);
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
  it.each(['img1.github.io', 'cdn-1.netlify.app', 'dl2.workers.dev', 'node1.herokuapp.com', 'static1.co.uk'])(
    'the names beside %s may be those of others',
    (host) => {
      expect(shardPattern(host)).toBeUndefined();
    },
  );
  it.each([
    's3.vendor.example',
    'api.vendor.example',
    'api2.vendor.example',
    'cdn12.example',
    'v2.vendor.example',
    'web-1.vendor.example',
  ])('%s is not taken for one', (host) => {
    expect(shardPattern(host)).toBeUndefined();
  });
});
