/** Turns the kubeconfig's user into request options (TLS, headers, proxy agent) for `http-request.ts` and `exec.ts`. */
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { DiagnoseError } from '../core/errors.ts';
import { clean } from '../core/text/clean.ts';
import type { Client, LoadedConfig } from './kubeconfig.ts';

/** Long enough that parallel reads share one run of a credential plugin, short enough that rotated tokens are picked up. */
const SHARED_FOR_MS = 30_000;
/** A plugin that waits for a browser log-in nobody sees would hang otherwise. */
const PLUGIN_TIMEOUT_MS = 30_000;

export interface Credentials {
  /** @throws DiagnoseError (cluster) CREDENTIALS_FAILED. */
  options(): Promise<RequestOptions>;
  /** The server refused them (the given ones, or whichever are in use): the next call obtains new ones. */
  forget(refused?: RequestOptions): void;
}

export function createCredentials(client: Client, loaded: LoadedConfig): Credentials {
  let shared: { readonly at: number; readonly value: Promise<RequestOptions> } | undefined;
  let latest: RequestOptions | undefined;
  let { config } = loaded;
  const obtain = async (): Promise<RequestOptions> => {
    latest = await read(config);
    return latest;
  };
  return {
    forget: (refused = latest) => {
      if (refused === undefined || refused !== latest) return;
      latest = undefined;
      shared = undefined;
      // The client keeps a plugin's token, without an expiry for ever; only a new configuration asks the plugin again.
      config = copyOf(client, config);
    },
    options: () => {
      const now = performance.now();
      if (!shared || now - shared.at > SHARED_FOR_MS) {
        shared = { at: now, value: obtain() };
      }
      const current = shared;
      return current.value.catch((error: unknown) => {
        if (shared === current) shared = undefined;
        throw failed(loaded, error);
      });
    },
  };
}

function copyOf(client: Client, config: KubeConfig): KubeConfig {
  const { clusters, users, contexts, currentContext } = config;
  const copy = new client.KubeConfig();
  copy.loadFromOptions({ clusters, users, contexts, currentContext });
  return copy;
}

async function read(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PLUGIN_TIMEOUT_MS / 1000} s`)), PLUGIN_TIMEOUT_MS);
  });
  try {
    await Promise.race([config.applyToHTTPSOptions(options as never), late]);
  } finally {
    clearTimeout(timer);
  }
  keepConnections(options.agent);
  return options;
}

/** The client's agents open a TLS connection for every request; a diagnosis makes some twenty. */
function keepConnections(agent: RequestOptions['agent']): void {
  if (typeof agent === 'object' && 'keepAlive' in agent) Object.assign(agent, { keepAlive: true });
}

/** A parser's own message quotes what the plugin printed, which may be a token. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the plugin printed something that is not JSON';
  if (error instanceof TypeError) return 'the plugin printed no ExecCredential with a status';
  return error instanceof Error ? error.message : String(error);
}

function failed(loaded: LoadedConfig, error: unknown): DiagnoseError {
  const text = reasonOf(error);
  return new DiagnoseError(
    'cluster',
    'CREDENTIALS_FAILED',
    `The credentials of context "${loaded.context}" could not be obtained: ${clean(text, 300).trim() || 'the plugin failed silently'}`,
    `Run kubectl --context ${loaded.context} get namespaces: it must work without asking anything.`,
  );
}
