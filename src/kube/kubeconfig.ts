/** Finds and reads the kubeconfig for `open.ts`; says which file is wrong and how, without quoting it (it holds credentials). */
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { DiagnoseError } from '../core/errors.ts';
import type * as KubernetesClient from './client.ts';
import { kubeconfigPaths, namedPaths } from './kubeconfig-paths.ts';

export type Client = typeof KubernetesClient;

export interface KubeconfigOptions {
  /** One path or a list as in `$KUBECONFIG`; `~/.kube/config`, then the pod's service account, when absent. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

export interface LoadedConfig {
  readonly config: KubeConfig;
  readonly context: string;
  /** As used for requests, without a trailing slash. */
  readonly server: string;
  /** File names or `service account`, for messages. */
  readonly origin: string;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const NO_USER = '(no user)';

export async function loadKubeconfig(client: Client, options: KubeconfigOptions): Promise<LoadedConfig> {
  const files = await findFiles(options.kubeconfig);
  const config = files.length > 0 ? readFiles(client, files) : await fromServiceAccount(client);
  const origin = files.length > 0 ? files.join(delimiter) : 'service account';
  const context = chooseContext(config, options.context, origin);
  return { config, context, server: checkedServer(config, context, origin), origin };
}

/** Files of a list that do not exist are skipped as kubectl does; if none exists, that is the user's error. */
async function findFiles(option: string | undefined): Promise<readonly string[]> {
  const wanted = namedPaths(option);
  const found = await Promise.all(kubeconfigPaths(option).map(async (path) => ((await exists(path)) ? [path] : [])));
  if (wanted.length > 0 && found.flat().length === 0) {
    throw missing(`The kubeconfig ${wanted.join(delimiter)} does not exist or is not readable.`);
  }
  return found.flat();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function missing(message: string): DiagnoseError {
  return new DiagnoseError(
    'cluster',
    'KUBECONFIG_MISSING',
    message,
    'Name a kubeconfig with --kubeconfig PATH or KUBECONFIG, or answer from a captured directory with --archive DIR.',
  );
}

function readFiles(client: Client, files: readonly string[]): KubeConfig {
  const merged = new client.KubeConfig();
  for (const file of files) merge(merged, readFile(client, file));
  return merged;
}

function readFile(client: Client, file: string): KubeConfig {
  const config = new client.KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw invalid(file, problemOf(error));
  }
  return config;
}

/** The first file that names something wins, as kubectl merges. */
function merge(into: KubeConfig, from: KubeConfig): void {
  const known = (list: readonly { readonly name: string }[], name: string) => list.some((entry) => entry.name === name);
  for (const cluster of from.getClusters()) if (!known(into.getClusters(), cluster.name)) into.addCluster(cluster);
  for (const user of from.getUsers()) if (!known(into.getUsers(), user.name)) into.addUser(user);
  for (const context of from.getContexts()) if (!known(into.getContexts(), context.name)) into.addContext(context);
  if (!into.getCurrentContext() && from.getCurrentContext()) into.setCurrentContext(from.getCurrentContext());
}

/** A YAML error's own message quotes the lines around it, so only its reason and place are used. */
function problemOf(error: unknown): string {
  const { reason, mark, code, message } = error as {
    reason?: string;
    mark?: { line?: number };
    code?: string;
    message?: string;
  };
  if (reason) return `${reason} at line ${(mark?.line ?? 0) + 1}`;
  if (code) return `it or a file it names cannot be read (${code})`;
  return error instanceof TypeError
    ? 'it is not a mapping with clusters, contexts and users'
    : (message ?? 'it cannot be read');
}

function invalid(origin: string, problem: string): DiagnoseError {
  return new DiagnoseError(
    'cluster',
    'KUBECONFIG_INVALID',
    `The kubeconfig ${origin} is not usable: ${problem}.`,
    'Correct that file (kubectl config view shows what kubectl makes of it) or name another with --kubeconfig.',
  );
}

async function fromServiceAccount(client: Client): Promise<KubeConfig> {
  if (!(await exists(SERVICE_ACCOUNT_TOKEN))) {
    throw missing(
      `There is no kubeconfig: neither ${join('~', '.kube', 'config')} nor a pod's service account was found.`,
    );
  }
  const config = new client.KubeConfig();
  config.loadFromCluster();
  return config;
}

function chooseContext(config: KubeConfig, wanted: string | undefined, origin: string): string {
  const names = config.getContexts().map((context) => context.name);
  const name = wanted ?? config.getCurrentContext();
  if (name && names.includes(name)) {
    config.setCurrentContext(name);
    return name;
  }
  const known = names.length > 0 ? `It has: ${names.toSorted().join(', ')}` : 'It has no contexts';
  throw new DiagnoseError(
    'cluster',
    'CONTEXT_NOT_FOUND',
    name
      ? `The kubeconfig ${origin} has no context "${name}". ${known}.`
      : `The kubeconfig ${origin} sets no current context. ${known}.`,
    'Name one with --context, or set it with kubectl config use-context.',
  );
}

function checkedServer(config: KubeConfig, context: string, origin: string): string {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw invalid(origin, `context "${context}" names a cluster that is not in it`);
  const url = URL.canParse(cluster.server) ? new URL(cluster.server) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid(origin, `the server of context "${context}" is not an http(s) URL`);
  if (url.protocol === 'http:') allowPlainHttp(config, url, origin);
  ensureUser(config);
  return cluster.server.replace(/\/+$/, '');
}

/** `kubectl proxy` and tests serve plain http on loopback; anywhere else credentials would travel in the clear. */
function allowPlainHttp(config: KubeConfig, url: URL, origin: string): void {
  if (!/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname))
    throw invalid(origin, 'plain http is accepted for loopback only');
  const cluster = config.getCurrentCluster();
  if (cluster)
    config.clusters = config.clusters.map((entry) => (entry === cluster ? { ...entry, skipTLSVerify: true } : entry));
}

/** The client applies a cluster's certificate settings only where there is a user. */
function ensureUser(config: KubeConfig): void {
  if (config.getCurrentUser()) return;
  const name = config.getCurrentContext();
  config.users = [...config.users, { name: NO_USER }];
  config.contexts = config.contexts.map((entry) => (entry.name === name ? { ...entry, user: NO_USER } : entry));
}
