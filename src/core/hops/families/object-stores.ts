/**
 * Names of the other object stores; part of `../known-host.ts`. MinIO and Ceph are run by whoever uses them, under names of their
 * own: only the signature of a URL tells them (`../presigned.ts`).
 */
import { EXACT, type HostFamily, inRegion, wider } from '../host-family.ts';

interface Store {
  readonly provider: string;
  readonly source: string;
  /** The service's name, with a group `region` where it has one. */
  readonly endpoint: string;
  readonly variants?: (bucket: string, region: string) => readonly (readonly [string, string])[];
}

const STORES: readonly Store[] = [
  {
    provider: 'Cloudflare R2',
    source: 'developers.cloudflare.com/r2/reference/data-location',
    // The account's id, and the jurisdiction where one was chosen.
    endpoint: '(?<account>[0-9a-z]+)\\.(?:(?<region>eu|us|fedramp)\\.)?r2\\.cloudflarestorage\\.com',
  },
  {
    provider: 'Backblaze B2',
    source: 'www.backblaze.com/apidocs/introduction-to-the-s3-compatible-api',
    endpoint: 's3\\.(?<region>[a-z]+-[a-z]+-\\d{3})\\.backblazeb2\\.com',
  },
  {
    provider: 'DigitalOcean Spaces',
    source: 'docs.digitalocean.com/products/spaces/reference/s3-compatibility',
    endpoint: '(?<region>[a-z]{3}\\d)\\.(?:cdn\\.)?digitaloceanspaces\\.com',
    variants: (bucket, region) => [[`${bucket}.${region}.cdn.digitaloceanspaces.com`, 'its CDN']],
  },
  {
    provider: 'Wasabi',
    source: 'docs.wasabi.com/docs/service-urls-for-wasabis-storage-regions',
    endpoint: 's3\\.(?:(?<region>[a-z]{2}(?:-[a-z]+)?-\\d)\\.)?wasabisys\\.com',
  },
  {
    provider: 'Alibaba Cloud OSS',
    source: 'www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints',
    endpoint: 'oss-(?:accelerate(?:-overseas)?|(?<region>[a-z0-9-]+?)(?:-internal)?)\\.aliyuncs\\.com',
    variants: (bucket, region) => [
      [`${bucket}.oss-${region}-internal.aliyuncs.com`, 'inside of the same region'],
      [`${bucket}.oss-accelerate.aliyuncs.com`, 'transfer acceleration'],
      [`${bucket}.${region}.oss.aliyuncs.com`, 'dual-stack'],
    ],
  },
  {
    provider: 'Alibaba Cloud OSS',
    source: 'www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints',
    endpoint: '(?<region>[a-z0-9-]+)\\.oss\\.aliyuncs\\.com',
  },
  {
    provider: 'Tencent Cloud COS',
    source: 'www.tencentcloud.com/document/product/436/6224',
    endpoint: 'cos(?:-internal)?\\.(?<region>[a-z0-9-]+)\\.(?:myqcloud\\.com|tencentcos\\.cn)',
    variants: (bucket) => [
      [`${bucket}.cos.accelerate.myqcloud.com`, 'global acceleration'],
      [`${bucket}.file.myqcloud.com`, 'its CDN'],
    ],
  },
  {
    provider: 'Huawei Cloud OBS',
    source: 'support.huaweicloud.com/en-us/api-obs/obs_04_0011.html',
    endpoint: 'obs\\.(?<region>[a-z0-9-]+)\\.myhuaweicloud\\.(?:com|eu)',
  },
  {
    provider: 'Hetzner Object Storage',
    source:
      'docs.hetzner.com/storage/object-storage; motherduck.com/docs/integrations/cloud-storage/hetzner-object-storage',
    endpoint: '(?<region>[a-z]{3}\\d)\\.your-objectstorage\\.com',
  },
  {
    provider: 'Scaleway Object Storage',
    source: 'github.com/jschneier/django-storages/pull/1259',
    endpoint: 's3\\.(?<region>[a-z]{2}-[a-z]{3})\\.scw\\.cloud',
  },
  {
    provider: 'Linode Object Storage',
    source: 'github.com/jschneier/django-storages/commit/bd02af38c4ac09c0baadf20c89128b08b1659677',
    endpoint: '(?<region>[a-z]{2}-[a-z]+-\\d)\\.linodeobjects\\.com',
  },
  {
    provider: 'IBM Cloud Object Storage',
    source: 'cloud.ibm.com/docs/cloud-object-storage?topic=cloud-object-storage-endpoints',
    endpoint: 's3\\.(?:private\\.|direct\\.)?(?<region>[a-z0-9-]+)\\.cloud-object-storage\\.appdomain\\.cloud',
    variants: (bucket, region) => [
      [`${bucket}.s3.private.${region}.cloud-object-storage.appdomain.cloud`, 'private network'],
      [`${bucket}.s3.direct.${region}.cloud-object-storage.appdomain.cloud`, 'from a VPC'],
    ],
  },
];

function reachOf(part: (key: string) => string): string {
  return `every bucket of every tenant${inRegion(part('region'))}`;
}

function familiesOf({ provider, source, endpoint, variants }: Store): readonly HostFamily[] {
  const head = { provider, source };
  return [
    {
      ...head,
      kind: 'storage',
      name: new RegExp(`^${endpoint}$`),
      describe: (part, host) => ({
        what: `${provider}${inRegion(part('region'))} with the bucket in the path`,
        tightest: `${EXACT}, or the bucket's own name ("BUCKET.${host}") where the client can be told to use it`,
        letsIn: reachOf(part),
        ...(part('account') !== '' && { wider: `*${host.slice(part('account').length)}` }),
      }),
    },
    {
      ...head,
      kind: 'bucket',
      name: new RegExp(`^(?<bucket>.+)\\.(?<rest>${endpoint})$`),
      describe: (part, host) => ({
        what: `one bucket ("${part('bucket')}") of ${provider}${inRegion(part('region'))}`,
        tightest: EXACT,
        ...wider(part('bucket'), part('rest')),
        letsIn: part('account') === '' ? reachOf(part) : 'every bucket of this account',
        ...(variants &&
          part('region') !== '' && {
            variants: variants(part('bucket'), part('region')).filter(([name]) => name !== host),
          }),
      }),
    },
  ];
}

export const OBJECT_STORES: readonly HostFamily[] = [
  ...STORES.flatMap(familiesOf),
  {
    provider: 'Backblaze B2',
    kind: 'storage',
    source: 'www.backblaze.com/apidocs/b2-authorize-account',
    name: /^(?<role>f|api)(?<cluster>\d{3})?\.backblazeb2\.com$/,
    describe: (part) => ({
      what: `a server of Backblaze B2${part('role') === 'f' ? ' for downloads, with the bucket in the path' : ''}`,
      tightest: `${EXACT}, as the answer of b2_authorize_account names it for the account`,
      wider: '*.backblazeb2.com',
      letsIn: 'storage of every tenant',
    }),
  },
  {
    provider: 'Cloudflare R2',
    kind: 'bucket',
    source: 'developers.cloudflare.com/r2/buckets/public-buckets',
    name: /^(?<bucket>pub-[0-9a-z]+)\.r2\.dev$/,
    describe: () => ({
      what: 'one public bucket of Cloudflare R2',
      tightest: EXACT,
      wider: '*.r2.dev',
      letsIn: 'public buckets of every tenant',
    }),
  },
  {
    provider: 'Oracle Object Storage',
    kind: 'storage',
    source: 'docs.oracle.com/iaas/Content/Object/Tasks/usingpreauthenticatedrequests.htm',
    name: /^objectstorage\.(?<region>[a-z]+-[a-z]+-\d+)\.(?<rest>oraclecloud\.[a-z]+)$/,
    describe: (part) => ({
      what: `Oracle Object Storage in ${part('region')} with namespace and bucket in the path`,
      tightest: `"NAMESPACE.objectstorage.${part('region')}.oci.customer-oci.com", which newer URLs use, or the exact name`,
      wider: `*.${part('region')}.${part('rest')}`,
      letsIn: `every bucket of every tenancy in ${part('region')}, and other services there`,
    }),
  },
  {
    provider: 'Oracle Object Storage',
    kind: 'bucket',
    source: 'docs.oracle.com/iaas/Content/Object/Concepts/dedicatedendpoints.htm',
    name: /^(?<namespace>[a-z0-9]+)\.(?<rest>(?:compat\.|swift\.)?objectstorage\.(?<region>[a-z]+-[a-z]+-\d+)\.(?:oci\.customer-oci|oraclecloud)\.com)$/,
    describe: (part) => ({
      what: `the Object Storage of one Oracle tenancy ("${part('namespace')}") in ${part('region')}`,
      tightest: EXACT,
      wider: `*.${part('rest')}`,
      letsIn: `every tenancy in ${part('region')}`,
    }),
  },
  {
    provider: 'Tencent Cloud COS',
    kind: 'bucket',
    source: 'www.tencentcloud.com/document/product/436/42381',
    name: /^(?<bucket>.+)\.(?<rest>(?:cos\.accelerate|file)\.myqcloud\.com)$/,
    describe: (part) => ({
      what: `one bucket ("${part('bucket')}") of Tencent Cloud COS, by its acceleration or CDN`,
      tightest: EXACT,
      ...wider(part('bucket'), part('rest')),
      letsIn: 'buckets of every tenant',
    }),
  },
];
