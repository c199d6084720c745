/** Reads a pod's specification as the surroundings of its connections: resolver, aliases, identity endpoints, mesh; pure, for `diagnose` and findings. */
import type { IdentityEndpoint, PodEnvironment } from '../model/environment.ts';
import type { Container, Node, Pod } from '../model/workload.ts';
import { isAddress, isHostName } from '../net/host.ts';
import { interceptorOf } from './mesh.ts';
import { osOf } from './pod-os.ts';

export function podEnvironment(pod: Pod, node?: Node): PodEnvironment {
  const os = osOf(pod, node);
  const interceptor = interceptorOf(pod);
  const proxy = pod.containers.find(({ name }) => name === interceptor);
  return {
    network: pod.hostNetwork ? 'node' : 'pod',
    ...(os === undefined ? {} : { os }),
    hostAliases: aliasesOf(pod),
    dns: dnsOf(pod),
    identities: identitiesOf(pod),
    ...(interceptor === undefined ? {} : { interceptor }),
    ...(proxy === undefined ? {} : { nativeProxy: proxy.nativeSidecar === true }),
  };
}

function aliasesOf({ hostAliases }: Pod): PodEnvironment['hostAliases'] {
  const aliases = new Map<string, readonly string[]>();
  for (const { ip, hostnames } of hostAliases)
    for (const name of hostnames.map((one) => one.toLowerCase())) aliases.set(name, [...(aliases.get(name) ?? []), ip]);
  return Object.fromEntries(aliases);
}

/** kubernetes.io, dns-pod-service: ClusterFirst on the host network, without `WithHostNet`, falls back to Default. */
function dnsOf({ dnsPolicy, dnsConfig, hostNetwork }: Pod): PodEnvironment['dns'] {
  const base =
    dnsPolicy === 'None'
      ? 'own'
      : dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork)
        ? 'node'
        : 'cluster';
  return {
    policy: dnsPolicy,
    base,
    nameservers: dnsConfig?.nameservers ?? [],
    searches: dnsConfig?.searches ?? [],
    options: (dnsConfig?.options ?? []).map(({ name, value }) => (value === undefined ? name : `${name}:${value}`)),
  };
}

type Finder = (env: Readonly<Record<string, string>>) => IdentityEndpoint | undefined;

function identitiesOf(pod: Pod): readonly IdentityEndpoint[] {
  const envs = pod.containers.filter(({ role }) => role !== 'ephemeral').map(({ env }: Container) => env);
  const found = envs.flatMap((env) => FINDERS.flatMap((find) => find(env) ?? []));
  const all = [...found, ...metadataServer(pod)];
  return [...new Map(all.map((one) => [`${one.kind} ${one.hosts.join()}`, one])).values()];
}

/** The variables that each cloud's webhook, or the node's agent, puts into containers. */
const FINDERS: readonly Finder[] = [awsWebIdentity, containerCredentials, azureWorkloadIdentity];

/**
 * IAM roles for service accounts: the token file is exchanged at STS, at the Region's own endpoint or, by older SDKs and settings, at
 * the global one (docs.aws.amazon.com, sdkref, feature-sts-regionalized-endpoints).
 */
function awsWebIdentity(env: Readonly<Record<string, string>>): IdentityEndpoint | undefined {
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE'] === undefined || env['AWS_ROLE_ARN'] === undefined) return undefined;
  const region = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/.exec(env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? '')?.[0];
  const suffix = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
  const regional = region === undefined ? [] : [`sts.${region}.${suffix}`];
  const global = env['AWS_STS_REGIONAL_ENDPOINTS'] === 'regional' && region !== undefined ? [] : ['sts.amazonaws.com'];
  return {
    kind: 'aws-web-identity',
    hosts: suffix === 'amazonaws.com' ? [...regional, ...global] : regional,
    port: 443,
    onNode: false,
    seenBy: 'AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN',
  };
}

/** The EKS Pod Identity Agent's addresses on the node (docs.aws.amazon.com, eks, pod-id-how-it-works). */
const POD_IDENTITY = new Set(['169.254.170.23', 'fd00:ec2::23']);

function containerCredentials(env: Readonly<Record<string, string>>): IdentityEndpoint | undefined {
  const uri = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (uri === undefined) return undefined;
  const { host, port } = endpointOf(uri) ?? {};
  const eks = host !== undefined && POD_IDENTITY.has(host);
  return {
    kind: eks ? 'eks-pod-identity' : 'aws-container-credentials',
    hosts: host === undefined ? [] : [host],
    port: port ?? 80,
    onNode: eks,
    seenBy: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  };
}

/** The webhook of Azure Workload Identity sets all of these (azure.github.io/azure-workload-identity, mutating-admission-webhook). */
function azureWorkloadIdentity(env: Readonly<Record<string, string>>): IdentityEndpoint | undefined {
  if (env['AZURE_FEDERATED_TOKEN_FILE'] === undefined) return undefined;
  const authority = env['AZURE_AUTHORITY_HOST'];
  const { host, port } = endpointOf(authority ?? 'https://login.microsoftonline.com/') ?? {};
  return {
    kind: 'azure-workload-identity',
    hosts: host === undefined ? [] : [host],
    port: port ?? 443,
    onNode: false,
    seenBy: `AZURE_FEDERATED_TOKEN_FILE${authority === undefined ? '' : ' and AZURE_AUTHORITY_HOST'}`,
  };
}

/** Workload Identity Federation for GKE: pods that ask for nodes with its metadata server (cloud.google.com, kubernetes-engine, workload-identity). */
const GKE_SERVER = 'iam.gke.io/gke-metadata-server-enabled';

function metadataServer({ nodeSelector }: Pod): readonly IdentityEndpoint[] {
  if (nodeSelector?.[GKE_SERVER] !== 'true') return [];
  return [
    {
      kind: 'google-metadata-server',
      hosts: ['metadata.google.internal', '169.254.169.254'],
      port: 80,
      onNode: true,
      seenBy: `node selector ${GKE_SERVER}`,
    },
  ];
}

/** Of a URL only host and port: the rest may hold what is nobody's business. */
function endpointOf(text: string): { readonly host: string; readonly port: number } | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!/^https?:$/.test(protocol) || !(isAddress(host) || isHostName(host))) return undefined;
  return { host, port: port === '' ? WELL_KNOWN[protocol === 'https:' ? 'https' : 'http'] : Number(port) };
}

const WELL_KNOWN = { http: 80, https: 443 } as const;
