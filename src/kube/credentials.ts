/** Turns the kubeconfig's user into request options (TLS, headers, proxy agent) for `http-get.ts` and `exec.ts`. */
import type { RequestOptions } from 'node:https';
import { DiagnoseError } from '../core/errors.ts';
import { clean } from '../core/text/clean.ts';
import type { LoadedConfig } from './kubeconfig.ts';

/** Long enough that parallel reads share one run of a credential plugin, short enough that rotated tokens are picked up. */
const SHARED_FOR_MS = 30_000;
/** A plugin that waits for a browser log-in nobody sees would hang otherwise. */
const PLUGIN_TIMEOUT_MS = 30_000;

export interface Credentials {
  /** @throws DiagnoseError (cluster) CREDENTIALS_FAILED. */
  options(): Promise<RequestOptions>;
}

export function createCredentials(loaded: LoadedConfig): Credentials {
  let shared: { readonly at: number; readonly value: Promise<RequestOptions> } | undefined;
  return {
    options: () => {
      const now = performance.now();
      if (!shared || now - shared.at > SHARED_FOR_MS) shared = { at: now, value: read(loaded) };
      const current = shared;
      return current.value.catch((error: unknown) => {
        if (shared === current) shared = undefined;
        throw failed(loaded, error);
      });
    },
  };
}

async function read(loaded: LoadedConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PLUGIN_TIMEOUT_MS / 1000} s`)), PLUGIN_TIMEOUT_MS);
  });
  try {
    await Promise.race([loaded.config.applyToHTTPSOptions(options as never), late]);
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

function failed(loaded: LoadedConfig, error: unknown): DiagnoseError {
  const text = error instanceof Error ? error.message : String(error);
  return new DiagnoseError(
    'cluster',
    'CREDENTIALS_FAILED',
    `The credentials of context "${loaded.context}" could not be obtained: ${clean(text, 300).trim() || 'the plugin failed silently'}`,
    `Run kubectl --context ${loaded.context} get namespaces: it must work without asking anything.`,
  );
}
