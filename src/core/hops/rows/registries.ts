/** Registries of images, and where their manifests and layers are fetched from; part of `../hand-offs.ts`. */
import type { Row } from '../hand-off.ts';

const ECR = 'docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html, ecr-requests.html';
const ACR = 'learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints';
const ACR_CHINA = 'docs.azure.cn/container-registry/container-registry-endpoint-reference';
const K8S_BUCKETS = 'github.com/kubernetes/registry.k8s.io/blob/main/cmd/archeio/internal/app/buckets.go';
const LAYERS = 'image layers';

export const REGISTRY_ROWS: readonly Row[] = [
  {
    from: 'ghcr.io',
    to: 'pkg-containers.githubusercontent.com',
    what: LAYERS,
    source: 'docs.github.com/actions/concepts/runners/communicating-with-self-hosted-runners',
  },
  {
    // CloudFront came in May 2026 (github.com/docker/docs/pull/25122); which of them answers is chosen for each request.
    from: 'registry-1.docker.io',
    to: [
      'production.cloudfront.docker.com',
      'production.cloudflare.docker.com',
      'docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com',
    ],
    what: LAYERS,
    source: 'docs.docker.com/desktop/setup/allow-list',
  },
  {
    from: 'registry-1.docker.io',
    to: 'docker-images-prod.r2.cloudflarestorage.com',
    what: 'image layers, earlier',
    source: 'github.com/docker/docs/pull/21867',
  },
  {
    from: 'registry-1.docker.io',
    to: 'docker-images-prod.s3.dualstack.us-east-1.amazonaws.com',
    what: 'image layers, from inside of AWS',
    source: 'jfrog.com/help, what to allow when a Docker registry is behind a firewall',
  },
  {
    from: ['*.dkr.ecr.{region}.amazonaws.com', '*.dkr.ecr-fips.{region}.amazonaws.com', '*.dkr-ecr.{region}.on.aws'],
    to: 'prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com',
    what: LAYERS,
    source: ECR,
  },
  {
    from: 'public.ecr.aws',
    to: ['d2glxqk2uabbnd.cloudfront.net', 'd5l0dvt14r5h8.cloudfront.net'],
    what: LAYERS,
    source:
      'anywhere.eks.amazonaws.com/docs/getting-started/nutanix/domains; github.com/docker/sbx-releases/issues/525',
  },
  {
    from: 'registry.k8s.io',
    to: '*-docker.pkg.dev',
    what: 'manifests and image layers',
    source: 'github.com/kubernetes/registry.k8s.io/blob/main/cmd/archeio/docs/request-handling.md',
    alsoOthers: true,
  },
  {
    from: 'registry.k8s.io',
    to: 'prod-registry-k8s-io-{region}.s3.dualstack.{region}.amazonaws.com',
    what: 'image layers, from inside of AWS',
    source: K8S_BUCKETS,
  },
  {
    from: 'registry.k8s.io',
    to: '767373bbdcb8270361b96548387bf2a9ad0d48758c35-eu-west-2.s3.dualstack.eu-west-2.amazonaws.com',
    what: 'image layers, from inside of AWS in London',
    source: K8S_BUCKETS,
  },
  {
    from: 'mcr.microsoft.com',
    to: '*.data.mcr.microsoft.com',
    what: LAYERS,
    source: 'github.com/microsoft/containerregistry/blob/main/docs/client-firewall-rules.md',
  },
  {
    from: '{registry}.azurecr.io',
    to: '{registry}.{region}.data.azurecr.io',
    what: 'image layers, where dedicated data endpoints are on',
    source: ACR,
  },
  {
    from: '{registry}.{region}.geo.azurecr.io',
    to: '{registry}.{region}.data.azurecr.io',
    what: 'image layers, where dedicated data endpoints are on',
    source: ACR,
  },
  {
    from: ['{registry}.azurecr.io', '{registry}.{region}.geo.azurecr.io'],
    to: '*.blob.core.windows.net',
    what: 'image layers, without dedicated data endpoints',
    source: ACR,
    alsoOthers: true,
  },
  {
    from: '{registry}.azurecr.cn',
    to: '{registry}.{region}.data.azurecr.cn',
    what: 'image layers, where dedicated data endpoints are on',
    source: ACR_CHINA,
  },
  {
    from: '{registry}.azurecr.cn',
    to: '*.blob.core.chinacloudapi.cn',
    what: 'image layers, without dedicated data endpoints',
    source: ACR_CHINA,
    alsoOthers: true,
  },
  // gcr.io and Artifact Registry send on to a path of their own name (github.com/sonatype/nexus-public/issues/1061): no second hop, and since
  // Container Registry was shut down none to storage.googleapis.com either (docs.cloud.google.com/artifact-registry/docs/transition).
  {
    // Red Hat's registries answer with Quay's hosts; 04 to 06 since April 2025.
    from: ['quay.io', 'registry.redhat.io', 'registry.access.redhat.com'],
    to: [
      'cdn.quay.io',
      'cdn01.quay.io',
      'cdn02.quay.io',
      'cdn03.quay.io',
      'cdn04.quay.io',
      'cdn05.quay.io',
      'cdn06.quay.io',
    ],
    what: LAYERS,
    source: 'docs.redhat.com, Red Hat Ansible Automation Platform, "Managing containers in private automation hub"',
  },
  {
    from: 'registry.gitlab.com',
    to: 'cdn.registry.gitlab-static.net',
    what: LAYERS,
    source: 'docs.gitlab.com/user/gitlab_com',
  },
  {
    from: 'registry.gitlab.com',
    to: 'storage.googleapis.com',
    what: LAYERS,
    source: 'docs.gitlab.com/user/gitlab_com',
    alsoOthers: true,
  },
  {
    from: 'registry.ollama.ai',
    to: 'dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com',
    what: 'models',
    source: 'github.com/ollama/ollama/issues/4307',
  },
  {
    from: 'nvcr.io',
    to: 'layers.nvcr.io',
    what: LAYERS,
    source: 'docs.nvidia.com/ngc',
    unverified: 'seen by its users, not found in its documentation',
  },
];
