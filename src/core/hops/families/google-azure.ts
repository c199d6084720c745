/** Names of Google Cloud Storage, Google APIs, and Azure's storage, registries and front doors; part of `../known-host.ts`. */
import { BETTER_OWN, EXACT, type HostFamily, inRegion, wider } from '../host-family.ts';

const GCS = 'docs.cloud.google.com/storage/docs/request-endpoints';

const GOOGLE: readonly HostFamily[] = [
  {
    provider: 'Google Cloud Storage',
    kind: 'storage',
    source: GCS,
    // The names with "commondata" and "-download" are older and still in use (github.com/GerritCodeReview/gerrit, tools/util.py).
    name: /^(?:(?:storage|storage-download|commondatastorage|storage\.mtls)\.googleapis\.com|storage\.cloud\.google\.com)$/,
    describe: () => ({
      what: 'Google Cloud Storage with the bucket in the path',
      tightest: 'the bucket\'s own name: have the client use "BUCKET.storage.googleapis.com"',
      letsIn: 'every bucket of every project, to read from and to send data to',
    }),
  },
  {
    provider: 'Google Cloud Storage',
    kind: 'storage',
    source: 'docs.cloud.google.com/storage/docs/regional-endpoints',
    name: /^storage\.(?<region>[a-z0-9-]+)\.rep\.googleapis\.com$/,
    describe: (part) => ({
      what: `Google Cloud Storage in ${part('region')} with the bucket in the path`,
      tightest: EXACT,
      letsIn: `every bucket of every project in ${part('region')}, to read from and to send data to`,
      variants: [['storage.googleapis.com', 'global endpoint']],
    }),
  },
  {
    provider: 'Google Cloud Storage',
    kind: 'bucket',
    source: GCS,
    name: /^(?<bucket>.+)\.(?<rest>(?:storage-download|commondatastorage|storage(?:\.(?<region>[a-z0-9-]+)\.rep)?)\.googleapis\.com)$/,
    describe: (part) => ({
      what: `one bucket ("${part('bucket')}") of Google Cloud Storage${inRegion(part('region'))}`,
      tightest: EXACT,
      ...wider(part('bucket'), part('rest')),
      letsIn: 'every bucket of every project',
      // Signed by the same library: generate_signed_url writes the bucket into the path unless it is told otherwise.
      variants: [['storage.googleapis.com', 'bucket in the path']],
    }),
  },
  {
    provider: 'Google APIs',
    kind: 'service',
    source: 'docs.cloud.google.com/vpc/docs/configure-private-google-access',
    name: /^[^.]+(?:\.[a-z0-9-]+\.rep)?\.googleapis\.com$/,
    describe: () => ({
      what: 'a Google API that all its customers share',
      tightest: EXACT,
      wider: '*.googleapis.com',
      letsIn: 'every Google API, Cloud Storage with every bucket of every project among them',
    }),
  },
  {
    provider: 'Google Artifact Registry',
    kind: 'registry',
    source: 'docs.cloud.google.com/artifact-registry/docs/docker/names',
    name: /^(?<location>[a-z0-9-]+)-(?<format>docker|npm|python|maven|go|apt|yum|generic|kfp|ruby)\.pkg\.dev$/,
    describe: (part) => ({
      what: `Artifact Registry in ${part('location')}, shared by all projects`,
      tightest: EXACT,
      wider: '*.pkg.dev',
      letsIn: 'every location and format, for every project',
    }),
  },
];

// learn.microsoft.com/azure/storage/common/storage-account-overview: standard endpoints, those of a DNS zone, and of sovereign clouds.
const STORAGE_SUFFIX =
  'core\\.(?:windows\\.net|chinacloudapi\\.cn|usgovcloudapi\\.net|cloudapi\\.de)|storage\\.azure\\.net';

const AZURE: readonly HostFamily[] = [
  {
    provider: 'Azure Storage',
    kind: 'bucket',
    source: 'learn.microsoft.com/azure/private-link/private-endpoint-dns',
    name: new RegExp(
      `^(?<account>[a-z0-9-]+)\\.(?<rest>privatelink\\.(?<service>blob|dfs|file|queue|table|web)\\.(?:${STORAGE_SUFFIX}))$`,
    ),
    describe: (part, host) => ({
      what: `the alias of Azure storage account "${part('account')}" for private endpoints, which no client asks for`,
      tightest: `the name that the client asks for: "${host.replace('privatelink.', '')}"`,
      wider: `*.${part('rest')}`,
      letsIn: `the ${part('service')} service of every storage account that has such an endpoint`,
    }),
  },
  {
    provider: 'Azure Storage',
    kind: 'bucket',
    source: 'learn.microsoft.com/azure/storage/common/storage-account-overview',
    name: new RegExp(
      `^(?<account>[a-z0-9-]+)\\.(?<rest>(?:z\\d+\\.)?(?<service>blob|dfs|file|queue|table|web)\\.(?:${STORAGE_SUFFIX}))$`,
    ),
    describe: (part) => ({
      what: `one Azure storage account ("${part('account')}") with all its containers`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: `the ${part('service')} service of every storage account of every tenant`,
      ...(part('service') === 'dfs' && {
        // The Data Lake client falls back on the blob service for some calls (learn.microsoft.com, Data Lake Storage REST).
        variants: [[`${part('account')}.${part('rest').replace('dfs', 'blob')}`, 'the same account by the Blob API']],
      }),
    }),
  },
  {
    provider: 'Azure Container Registry',
    kind: 'registry',
    source: 'learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints',
    name: /^(?<registry>[a-z0-9]+)\.(?<region>[a-z0-9]+)\.data\.azurecr\.(?:io|cn|us)$/,
    describe: (part) => ({
      what: `the layers of Azure container registry "${part('registry')}" in ${part('region')}`,
      tightest: EXACT,
      letsIn: 'this registry alone',
    }),
  },
  {
    provider: 'Azure Container Registry',
    kind: 'registry',
    source: 'learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules',
    name: /^(?<registry>[a-z0-9]+)\.(?<rest>azurecr\.(?:io|cn|us))$/,
    describe: (part) => ({
      what: `one Azure container registry ("${part('registry')}")`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: 'every registry of every tenant',
    }),
  },
  {
    provider: 'Azure Container Registry',
    kind: 'registry',
    source: 'docs.azure.cn/container-registry/container-registry-endpoint-reference',
    name: /^(?<registry>[a-z0-9]+)\.(?<rest>(?<region>[a-z0-9]+)\.geo\.azurecr\.(?:io|cn|us))$/,
    describe: (part) => ({
      what: `one Azure container registry ("${part('registry')}"), its replica in ${part('region')}`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: 'every registry of every tenant there',
    }),
  },
  {
    provider: 'Azure Front Door',
    kind: 'cdn',
    source: 'learn.microsoft.com/azure/frontdoor/endpoint',
    name: /^(?<name>[^.]+)\.(?<rest>(?:z\d+\.)?(?:azurefd|azureedge)\.net)$/,
    describe: (part) => ({
      what: 'one endpoint of Azure Front Door or Azure CDN',
      tightest: BETTER_OWN,
      wider: `*.${part('rest')}`,
      letsIn: 'endpoints of every tenant',
    }),
  },
];

const MICROSOFT: readonly HostFamily[] = [
  {
    provider: 'SharePoint and OneDrive',
    kind: 'service',
    source: 'learn.microsoft.com/graph/api/driveitem-get-content',
    name: /^(?<tenant>[a-z0-9-]+)\.sharepoint\.com$/,
    describe: (part) => ({
      what: `the SharePoint sites and OneDrive files of one tenant ("${part('tenant')}")`,
      tightest: EXACT,
      wider: '*.sharepoint.com',
      letsIn: 'the sites and files of every tenant',
    }),
  },
];

export const GOOGLE_AND_AZURE: readonly HostFamily[] = [...GOOGLE, ...AZURE, ...MICROSOFT];
