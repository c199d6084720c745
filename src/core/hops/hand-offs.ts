/**
 * Which names a service sends its clients on to, by redirect or by a URL in its answer. Known of the service, not seen in the
 * cluster: whoever asks says "typically". Asked by `known-host.ts` and `verdict/first-hop.ts`.
 */
import { fill, type HostPattern, matchHost } from './host-pattern.ts';

export interface HandOff {
  readonly from: HostPattern;
  readonly to: HostPattern;
  /** What is fetched there, e.g. `image layers`. */
  readonly what: string;
  readonly source: string;
  /** Written down without that page at hand. */
  readonly unverified?: true;
}

type Row = readonly [from: HostPattern, to: HostPattern | readonly HostPattern[], what: string, source: string, '?'?];

const GITHUB = 'docs.github.com/actions/concepts/runners/communicating-with-self-hosted-runners';
const HUGGING_FACE = 'huggingface.co/.well-known/meta.json';
const SNOWFLAKE = 'docs.snowflake.com/en/sql-reference/functions/system_allowlist';
const B2 = 'www.backblaze.com/apidocs/b2-authorize-account';

const ROWS: readonly Row[] = [
  // github.com/vavallee/bindery/pull/1830, github.com/packit/ai-workflows/pull/634: the host changed in 2025.
  ['github.com', 'release-assets.githubusercontent.com', 'downloads of releases', GITHUB],
  ['api.github.com', 'release-assets.githubusercontent.com', 'downloads of releases', GITHUB],
  ['github.com', 'objects.githubusercontent.com', 'downloads of releases, earlier', GITHUB],
  ['api.github.com', 'objects.githubusercontent.com', 'downloads of releases, earlier', GITHUB],
  ['github.com', 'codeload.github.com', 'archives of a repository', GITHUB],
  ['api.github.com', 'codeload.github.com', 'archives of a repository', GITHUB],
  ['github.com', 'raw.githubusercontent.com', 'raw files', GITHUB, '?'],
  ['github.com', ['github-cloud.githubusercontent.com', 'github-cloud.s3.amazonaws.com'], 'Git LFS objects', GITHUB],
  ['results-receiver.actions.githubusercontent.com', '*.blob.core.windows.net', 'artifacts and caches', GITHUB],
  ['ghcr.io', 'pkg-containers.githubusercontent.com', 'image layers', GITHUB],
  [
    'registry-1.docker.io',
    [
      'production.cloudfront.docker.com',
      'production.cloudflare.docker.com',
      'docker-images-prod.*.r2.cloudflarestorage.com',
      'docker-images-prod.r2.cloudflarestorage.com',
    ],
    'image layers',
    'docs.docker.com/desktop/setup/allow-list',
  ],
  [
    '*.dkr.ecr.{region}.amazonaws.com',
    'prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com',
    'image layers',
    'docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html',
  ],
  ['public.ecr.aws', '*.cloudfront.net', 'image layers', 'docs.aws.amazon.com/AmazonECR/latest/public', '?'],
  [
    'registry.k8s.io',
    ['{place}-docker.pkg.dev', 'prod-registry-k8s-io-{region}.s3.dualstack.{region}.amazonaws.com'],
    'image layers',
    'github.com/kubernetes/registry.k8s.io/blob/main/cmd/archeio/docs/request-handling.md',
  ],
  [
    'mcr.microsoft.com',
    '*.data.mcr.microsoft.com',
    'image layers',
    'github.com/microsoft/containerregistry/blob/main/docs/client-firewall-rules.md',
  ],
  [
    '{registry}.azurecr.io',
    '{registry}.{region}.data.azurecr.io',
    'image layers, where dedicated data endpoints are on',
    'learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints',
  ],
  [
    '{registry}.azurecr.io',
    '*.blob.core.windows.net',
    'image layers, without dedicated data endpoints',
    'learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules',
  ],
  ['gcr.io', 'storage.googleapis.com', 'image layers', 'cloud.google.com/container-registry/docs', '?'],
  ['*.gcr.io', 'storage.googleapis.com', 'image layers', 'cloud.google.com/container-registry/docs', '?'],
  [
    'quay.io',
    ['cdn.quay.io', 'cdn01.quay.io', 'cdn02.quay.io', 'cdn03.quay.io'],
    'image layers',
    'docs.openshift.com, Configuring your firewall',
  ],
  ['registry.gitlab.com', 'cdn.registry.gitlab-static.net', 'image layers', 'docs.gitlab.com/user/gitlab_com'],
  ['gitlab.com', 'cdn.artifacts.gitlab-static.net', 'job artifacts', 'docs.gitlab.com/user/gitlab_com', '?'],
  ['gitlab.com', 'storage.googleapis.com', 'LFS objects and packages', 'docs.gitlab.com/user/gitlab_com', '?'],
  [
    'huggingface.co',
    ['cas-server.xethub.hf.co', 'transfer.xethub.hf.co', 'cas-bridge.xethub.hf.co', 'transfer.xethub-eu.hf.co'],
    'large files (Xet)',
    // github.com/huggingface/huggingface_hub/issues/4475: the CAS host comes with the Hub's token reply.
    HUGGING_FACE,
  ],
  [
    'huggingface.co',
    ['cdn-lfs.hf.co', 'cdn-lfs-us-1.hf.co', 'cdn-lfs-eu-1.hf.co', 'cdn-lfs.huggingface.co'],
    'large files (Git LFS)',
    HUGGING_FACE,
  ],
  [
    'huggingface.co',
    ['aws.cdn.hf.co', '*.aws.cdn.hf.co', '*.gcp.cdn.hf.co', '*.us.gcp.cdn.hf.co'],
    'files from a nearby CDN',
    HUGGING_FACE,
  ],
  ['cas-server.xethub.hf.co', 'transfer.xethub.hf.co', 'blocks of large files', HUGGING_FACE],
  ['pypi.org', 'files.pythonhosted.org', 'packages', 'docs.pypi.org/api/index-api'],
  ['index.crates.io', 'static.crates.io', 'packages', 'doc.rust-lang.org/cargo/reference/registry-index.html'],
  ['crates.io', 'static.crates.io', 'packages', 'doc.rust-lang.org/cargo/reference/registry-index.html'],
  ['rubygems.org', 'index.rubygems.org', 'the index', 'guides.rubygems.org', '?'],
  ['proxy.golang.org', 'storage.googleapis.com', 'archives of modules', 'github.com/golang/go/issues/52908'],
  ['conda.anaconda.org', 'binstar-cio-packages-prod.s3.amazonaws.com', 'packages', 'docs.anaconda.com'],
  ['plugins.gradle.org', 'plugins-artifacts.gradle.org', 'plugins', 'plugins.gradle.org'],
  ['services.gradle.org', ['downloads.gradle.org', 'github.com'], 'distributions', 'services.gradle.org', '?'],
  ['api.nuget.org', 'globalcdn.nuget.org', 'packages', 'learn.microsoft.com/nuget/api/overview', '?'],
  // By the account's cloud; with and without a region in the account's name.
  ...['*.snowflakecomputing.com', '*.*.snowflakecomputing.com'].flatMap((from): Row[] => [
    [from, 'sfc-*-customer-stage.s3.*.amazonaws.com', 'stages (files) on Amazon S3', SNOWFLAKE],
    [from, 'sfc-*-customer-stage.s3.amazonaws.com', 'stages (files) on Amazon S3', SNOWFLAKE],
    [from, '*.blob.core.windows.net', 'stages (files) on Azure', SNOWFLAKE],
    [from, 'storage.googleapis.com', 'stages (files) on Google Cloud', SNOWFLAKE],
  ]),
  [
    '*.cloud.databricks.com',
    '*.storage.cloud.databricks.com',
    'large results (Cloud Fetch)',
    'github.com/databrickslabs/ontobricks/discussions/17',
  ],
  [
    'slack.com',
    'files.slack.com',
    'uploads and private files',
    'docs.slack.dev/reference/methods/files.getUploadURLExternal',
  ],
  ['api.backblazeb2.com', ['api{n}.backblazeb2.com', 'f{n}.backblazeb2.com'], 'calls and downloads', B2],
  [
    'storage.cloud.google.com',
    '*.googleusercontent.com',
    'downloads of signed-in users',
    'docs.cloud.google.com/storage/docs/request-endpoints',
    '?',
  ],
];

export const HAND_OFFS: readonly HandOff[] = ROWS.flatMap(([from, to, what, source, unsure]) =>
  (typeof to === 'string' ? [to] : to).map((one) => ({
    from,
    to: one,
    what,
    source,
    ...(unsure === '?' && { unverified: true as const }),
  })),
);

interface Hop {
  /** A name, or a pattern where the table leaves a part of it open. */
  readonly host: string;
  readonly what: string;
  readonly source: string;
}

/** A row that was written down without its page at hand says so wherever it is told. */
function sourceText({ source, unverified }: HandOff): string {
  return unverified ? `from memory, see ${source}` : source;
}

/** Where clients of `host` are typically sent. */
export function leadsTo(host: string): readonly Hop[] {
  return HAND_OFFS.flatMap((row) => {
    const bound = matchHost(row.from, host);
    return bound === undefined ? [] : [{ host: fill(row.to, bound), what: row.what, source: sourceText(row) }];
  });
}

/** Which names typically send their clients to `host`. */
export function handedOutBy(host: string): readonly Hop[] {
  return HAND_OFFS.flatMap((row) => {
    const bound = matchHost(row.to, host);
    return bound === undefined ? [] : [{ host: fill(row.from, bound), what: row.what, source: sourceText(row) }];
  });
}

export interface Alternatives {
  /** Who chooses among them. */
  readonly from: string;
  readonly what: string;
  readonly names: readonly string[];
  readonly source: string;
}

/** Other names under which the same service hands out the same content: a rule for one lasts as long as the service chooses that one. */
export function alternativesTo(host: string): Alternatives | undefined {
  for (const row of HAND_OFFS) {
    const bound = matchHost(row.to, host);
    if (bound === undefined) continue;
    const names = HAND_OFFS.filter((one) => one.from === row.from && one.what === row.what)
      .map((one) => fill(one.to, bound))
      .filter((name) => name !== host && !name.includes('*'));
    if (names.length > 0) return { from: fill(row.from, bound), what: row.what, names, source: sourceText(row) };
  }
  return undefined;
}
