/** Names of code hosts, registries, package and model hubs, CDNs; part of `../known-host.ts`. Where they send clients: `../hand-offs.ts`. */
import { BETTER_OWN, EXACT, type HostFamily, type HostKind, wider } from '../host-family.ts';

/** One name that all users share, or a few of one provider. */
function shared(
  provider: string,
  kind: HostKind,
  source: string,
  row: Pick<HostFamily, 'name'> & { readonly what: string; readonly letsIn: string },
): HostFamily {
  const { what, letsIn, ...head } = row;
  return { provider, kind, source, ...head, describe: () => ({ what, tightest: EXACT, letsIn }) };
}

const GITHUB_HOSTS = 'docs.github.com/actions/concepts/runners/communicating-with-self-hosted-runners';

const CODE: readonly HostFamily[] = [
  {
    provider: 'GitHub',
    kind: 'code',
    source: GITHUB_HOSTS,
    name: /^(?<name>[^.]+)\.githubusercontent\.com$/,
    describe: () => ({
      what: 'content of every repository and every user of GitHub',
      tightest: `${EXACT}; a fetch through a proxy or mirror can be held to one repository, a policy by name cannot`,
      wider: '*.githubusercontent.com',
      letsIn: 'raw files, release assets, packages and pictures of every user',
    }),
  },
  shared('GitHub', 'code', GITHUB_HOSTS, {
    name: /^(?:github\.com|codeload\.github\.com|api\.github\.com|uploads\.github\.com|ghcr\.io)$/,
    what: 'every repository of every user of GitHub',
    letsIn: 'every repository, to read from and, with credentials, to write to',
  }),
  shared('GitLab', 'code', 'docs.gitlab.com/user/gitlab_com', {
    name: /^(?:gitlab\.com|registry\.gitlab\.com|cdn\.(?:registry|artifacts)\.gitlab-static\.net)$/,
    what: 'every project of every user of GitLab.com',
    letsIn: 'every project, to read from and, with credentials, to write to',
  }),
];

const REGISTRIES: readonly HostFamily[] = [
  shared('Docker Hub', 'registry', 'docs.docker.com/desktop/setup/allow-list', {
    name: /^(?:registry-1\.docker\.io|auth\.docker\.io|production\.cloud(?:flare|front)\.docker\.com)$/,
    what: 'Docker Hub with the images of every user',
    letsIn: 'every image of every user',
  }),
  shared('Quay', 'registry', 'github.com/openshift/openshift-docs/blob/main/modules/configuring-firewall.adoc', {
    name: /^(?:quay\.io|cdn(?:\d\d)?\.quay\.io)$/,
    what: 'Quay with the images of every user',
    letsIn: 'every image of every user',
  }),
  {
    provider: 'Microsoft Artifact Registry',
    kind: 'registry',
    source: 'github.com/microsoft/containerregistry/blob/main/docs/client-firewall-rules.md',
    name: /^(?<region>[a-z0-9]+)\.data\.mcr\.microsoft\.com$/,
    describe: () => ({
      what: "the layers of Microsoft's registry",
      tightest: 'the pattern "*.data.mcr.microsoft.com": the region changes with the way to it',
      letsIn: "Microsoft's own images alone",
    }),
  },
];

const HOSTED: readonly HostFamily[] = [
  {
    provider: 'JFrog',
    kind: 'registry',
    source: 'jfrog.com/help, what to allow for direct cloud storage download in JFrog SaaS',
    name: /^(?<customer>[a-z0-9-]+)\.jfrog\.io$/,
    describe: (part) => ({
      what: `one customer's JFrog platform ("${part('customer')}")`,
      tightest: EXACT,
      wider: '*.jfrog.io',
      letsIn: 'the platform of every customer',
    }),
  },
];

const PACKAGES: readonly HostFamily[] = [
  shared('PyPI', 'packages', 'docs.pypi.org/api/index-api', {
    name: /^(?:pypi\.org|files\.pythonhosted\.org)$/,
    what: 'the Python Package Index',
    letsIn: 'packages that anybody may publish',
  }),
  // Tarballs come from the index's own name: no second hop (github.com/npm/registry, package metadata: dist.tarball).
  shared('npm', 'packages', 'github.com/npm/registry/blob/main/docs/responses/package-metadata.md', {
    name: /^registry\.(?:npmjs\.org|yarnpkg\.com)$/,
    what: 'the npm registry',
    letsIn: 'packages that anybody may publish',
  }),
  shared('crates.io', 'packages', 'blog.rust-lang.org/2024/03/11/crates-io-download-changes.html', {
    name: /^(?:(?:index|static)\.)?crates\.io$/,
    what: "Rust's package registry",
    letsIn: 'packages that anybody may publish',
  }),
  shared('RubyGems', 'packages', 'github.com/rubygems/bundler/blob/master/lib/bundler/fetcher/base.rb', {
    name: /^(?:index\.)?rubygems\.org$/,
    what: 'the RubyGems index',
    letsIn: 'packages that anybody may publish',
  }),
  shared('Maven Central', 'packages', 'central.sonatype.org/consume', {
    name: /^(?:repo1\.maven\.org|repo\.maven\.apache\.org)$/,
    what: 'Maven Central',
    letsIn: 'packages of every publisher',
  }),
  shared('Go modules', 'packages', 'proxy.golang.org', {
    name: /^(?:proxy|sum)\.golang\.org$/,
    what: "Go's module mirror and checksum database",
    letsIn: 'every public module',
  }),
  shared('Anaconda', 'packages', 'docs.anaconda.com', {
    name: /^(?:conda\.anaconda\.org|repo\.anaconda\.com)$/,
    what: 'the packages of Anaconda and conda-forge',
    letsIn: 'packages of every channel',
  }),
];

const SERVICES: readonly HostFamily[] = [
  {
    provider: 'Hugging Face',
    kind: 'models',
    // Lists lfsDomains, cdnDomains and hubDomains.
    source: 'huggingface.co/.well-known/meta.json',
    name: /^(?:huggingface\.co|cdn-lfs(?:-[a-z]{2}-\d)?\.(?:hf|huggingface)\.co|(?:cas-server|transfer|cas-bridge)\.xethub(?:-eu)?\.hf\.co|(?:[a-z0-9-]+\.){1,3}cdn\.hf\.co)$/,
    describe: () => ({
      what: 'the Hugging Face Hub with the models and data sets of every user',
      tightest: `${EXACT}; "HF_HUB_DISABLE_XET=1" has huggingface_hub fetch without the Xet hosts`,
      letsIn: 'every public model and data set, and uploads with credentials',
    }),
  },
  {
    provider: 'Snowflake',
    kind: 'service',
    source: 'docs.snowflake.com/en/sql-reference/functions/system_allowlist',
    name: /^(?<account>[a-z0-9_-]+)\.(?<rest>(?:[a-z0-9-]+\.){0,3}snowflakecomputing\.(?:com|cn))$/,
    describe: () => ({
      what: 'one Snowflake account',
      tightest: `${EXACT}; SELECT SYSTEM$ALLOWLIST() names all hosts that its clients call, stages included`,
      letsIn: 'this account alone',
    }),
  },
  {
    provider: 'Databricks',
    kind: 'storage',
    source: 'github.com/databrickslabs/ontobricks/pull/16',
    name: /^(?<place>[a-z0-9.-]+)\.storage\.cloud\.databricks\.com$/,
    describe: (part) => ({
      what: 'the storage of Databricks from which clients fetch large results (Cloud Fetch)',
      tightest: EXACT,
      ...wider(part('place'), 'storage.cloud.databricks.com'),
      letsIn: 'that storage of every region',
    }),
  },
  {
    provider: 'Dropbox',
    kind: 'service',
    source: 'www.dropbox.com/developers/documentation/http/documentation, files/get_temporary_link',
    name: /^(?<link>[a-z0-9]+)\.dl\.dropboxusercontent\.com$/,
    describe: () => ({
      what: 'one temporary link of Dropbox; the next has another name',
      tightest: 'the pattern "*.dl.dropboxusercontent.com"',
      wider: '*.dl.dropboxusercontent.com',
      letsIn: 'files of every user of Dropbox to whoever has a link',
    }),
  },
  shared('Dropbox', 'service', 'www.dropbox.com/developers/documentation/http/documentation', {
    name: /^content\.dropboxapi\.com$/,
    what: 'files of every user of Dropbox',
    letsIn: 'files of every user, to read from and, with credentials, to write to',
  }),
  shared('Slack', 'service', 'docs.slack.dev/reference/methods/files.getUploadURLExternal', {
    name: /^files\.slack\.com$/,
    what: 'files of every Slack workspace',
    letsIn: 'files of every workspace, to read from and, with credentials, to write to',
  }),
];

const CDNS: readonly HostFamily[] = [
  {
    provider: 'Akamai',
    kind: 'cdn',
    source: 'techdocs.akamai.com/edge-hostnames/docs/edge-hn-terminology',
    name: /^(?<name>.+?)\.(?<rest>akamaized\.net|akamaihd\.net|edgesuite\.net|edgekey\.net|akamaiedge\.net|akamai\.net)$/,
    describe: (part) => ({
      what: 'a name of Akamai for one customer; the shards behind it change',
      tightest: BETTER_OWN,
      ...wider(part('name'), part('rest')),
      letsIn: "every customer's content",
    }),
  },
  {
    provider: 'Fastly',
    kind: 'cdn',
    source: 'www.fastly.com/documentation/guides/concepts/routing-traffic-to-fastly',
    name: /^(?<name>.+?)\.(?<rest>(?:global\.(?:ssl\.)?)?(?:fastly|fastlylb)\.net)$/,
    describe: (part) => ({
      what: 'a name of Fastly for one customer',
      tightest: BETTER_OWN,
      ...wider(part('name'), part('rest')),
      letsIn: "every customer's content",
    }),
  },
];

export const CONTENT: readonly HostFamily[] = [...CODE, ...REGISTRIES, ...HOSTED, ...PACKAGES, ...SERVICES, ...CDNS];
