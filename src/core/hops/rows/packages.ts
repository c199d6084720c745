/** Code hosts, package indexes and model hubs, and where their files are fetched from; part of `../hand-offs.ts`. */
import type { Row } from '../hand-off.ts';

const GITHUB = 'docs.github.com/actions/concepts/runners/communicating-with-self-hosted-runners';
const HUGGING_FACE = 'huggingface.co/.well-known/meta.json';
const GITHUB_APIS = ['github.com', 'api.github.com'];

const CODE: readonly Row[] = [
  // github.com/vavallee/bindery/pull/1830, github.com/packit/ai-workflows/pull/634: the host changed in 2025.
  { from: GITHUB_APIS, to: 'release-assets.githubusercontent.com', what: 'downloads of releases', source: GITHUB },
  { from: GITHUB_APIS, to: 'objects.githubusercontent.com', what: 'downloads of releases, earlier', source: GITHUB },
  { from: GITHUB_APIS, to: 'codeload.github.com', what: 'archives of a repository', source: GITHUB },
  {
    from: 'github.com',
    to: 'raw.githubusercontent.com',
    what: 'raw files',
    source: 'github.com/mikelward/scripts/pull/13; developer.github.com/changes/2014-04-25-user-content-security',
  },
  {
    from: 'github.com',
    to: ['github-cloud.githubusercontent.com', 'github-cloud.s3.amazonaws.com'],
    what: 'Git LFS objects',
    source: GITHUB,
  },
  {
    from: 'results-receiver.actions.githubusercontent.com',
    to: 'productionresultssa{n}.blob.core.windows.net',
    what: 'artifacts and caches',
    source: `${GITHUB}; github.com/v2fly/domain-list-community`,
  },
  {
    from: 'npm.pkg.github.com',
    to: 'pkg-npm.githubusercontent.com',
    what: 'packages',
    source: 'docs.github.com/packages',
    unverified: 'seen by its users, not found in its documentation',
  },
  {
    from: 'gitlab.com',
    to: 'cdn.artifacts.gitlab-static.net',
    what: 'job artifacts',
    source: 'gitlab.com/gitlab-com/runbooks/-/merge_requests/5069',
  },
  {
    from: 'gitlab.com',
    to: 'storage.googleapis.com',
    what: 'LFS objects and packages',
    source: 'docs.gitlab.com/administration/object_storage, proxy_download',
    alsoOthers: true,
  },
  {
    from: ['bitbucket.org', 'api.bitbucket.org'],
    to: 'bbuseruploads.s3.amazonaws.com',
    what: 'downloads of a repository',
    source:
      'developer.atlassian.com/cloud/bitbucket/rest/api-group-downloads; github.com/composer/composer/issues/5584',
  },
];

const MODELS: readonly Row[] = [
  {
    from: 'huggingface.co',
    to: ['cas-server.xethub.hf.co', 'transfer.xethub.hf.co', 'transfer.xethub-eu.hf.co'],
    what: 'large files (Xet)',
    // github.com/huggingface/huggingface_hub/issues/4475: the CAS host comes with the Hub's token reply.
    source: 'github.com/huggingface/hub-docs/pull/2647',
  },
  {
    from: 'huggingface.co',
    to: ['cdn-lfs.hf.co', 'cdn-lfs-us-1.hf.co', 'cdn-lfs-eu-1.hf.co'],
    what: 'large files (Git LFS)',
    source: HUGGING_FACE,
  },
  {
    from: 'huggingface.co',
    to: ['cas-bridge.xethub.hf.co', 'cdn-lfs.huggingface.co', 'cdn-lfs-us-1.huggingface.co'],
    what: 'large files, earlier',
    source: 'github.com/huggingface/hub-docs/pull/2647; github.com/huggingface/transformers/issues/33947',
  },
  {
    from: 'huggingface.co',
    to: ['aws.cdn.hf.co', '*.aws.cdn.hf.co', '*.gcp.cdn.hf.co', '*.us.gcp.cdn.hf.co'],
    what: 'files from a nearby CDN',
    source: HUGGING_FACE,
  },
  {
    from: 'cas-server.xethub.hf.co',
    to: 'transfer.xethub.hf.co',
    what: 'blocks of large files',
    source: HUGGING_FACE,
  },
];

const PACKAGES: readonly Row[] = [
  { from: 'pypi.org', to: 'files.pythonhosted.org', what: 'packages', source: 'docs.pypi.org/api/index-api' },
  {
    from: 'download.pytorch.org',
    to: 'download-r2.pytorch.org',
    what: 'wheels',
    source: 'github.com/pytorch/test-infra/pull/7735',
  },
  {
    from: 'download.pytorch.org',
    to: 'files.pythonhosted.org',
    what: 'wheels that PyTorch depends on',
    source: 'github.com/pytorch/ci-infra/issues/660',
  },
  {
    from: ['index.crates.io', 'crates.io'],
    to: 'static.crates.io',
    what: 'packages',
    source: 'blog.rust-lang.org/2024/03/11/crates-io-download-changes.html',
  },
  {
    from: 'rubygems.org',
    to: 'index.rubygems.org',
    what: "Bundler's index",
    source: 'github.com/rubygems/bundler/blob/master/lib/bundler/fetcher/base.rb',
  },
  {
    from: 'proxy.golang.org',
    to: 'storage.googleapis.com',
    what: 'archives of modules',
    source: 'github.com/golang/go/issues/52908',
    alsoOthers: true,
  },
  {
    from: ['anaconda.org', 'api.anaconda.org'],
    to: 'binstar-cio-packages-prod.s3.amazonaws.com',
    what: 'packages',
    source: 'github.com/conda-incubator/ensureconda/pull/25',
  },
  {
    from: 'conda.anaconda.org',
    to: 'binstar-cio-packages-prod.s3.amazonaws.com',
    what: 'packages, earlier',
    source: 'github.com/conda/conda/issues/5436',
  },
  {
    from: 'plugins.gradle.org',
    to: 'plugins-artifacts.gradle.org',
    what: 'plugins',
    source: 'github.com/gradle/plugin-portal-requests/issues/170',
  },
  {
    // And from there as from any release of GitHub's: a third hop.
    from: 'services.gradle.org',
    to: 'github.com',
    what: 'distributions',
    source: 'github.com/gradle/gradle/issues/38919',
    alsoOthers: true,
  },
  {
    // api.nuget.org, which current clients ask, serves packages itself.
    from: 'www.nuget.org',
    to: 'globalcdn.nuget.org',
    what: 'packages',
    source: 'github.com/NuGet/NuGetGallery/issues/9707',
  },
  {
    from: 'pkgs.k8s.io',
    to: 'prod-cdn.packages.k8s.io',
    what: 'packages',
    source: 'github.com/kubernetes/k8s.io/pull/5518',
  },
  {
    from: 'registry.terraform.io',
    to: ['releases.hashicorp.com', 'github.com'],
    what: 'providers',
    source: 'developer.hashicorp.com/terraform/internals/provider-registry-protocol',
    alsoOthers: true,
  },
  {
    from: '*.jfrog.io',
    to: 'jfrog-prod-*-main.s3.amazonaws.com',
    what: 'artifacts, from its cloud storage',
    source: 'jfrog.com/help, what to allow for direct cloud storage download in JFrog SaaS',
  },
];

export const PACKAGE_ROWS: readonly Row[] = [...CODE, ...MODELS, ...PACKAGES];
