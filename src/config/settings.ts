/** Where the cluster comes from, decided from flags and environment; `compose.ts` acts on it. */
import { resolve } from 'node:path';
import { DiagnoseError } from '../core/errors.ts';

export interface Settings {
  /** One path or a list of paths, as KUBECONFIG has them; the Kubernetes default when absent. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Absolute path of a capture or a directory of manifests: then no cluster is contacted. */
  readonly archive?: string;
}

export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly archive?: string | undefined;
}

/** The surroundings a command line is read in; the only place the environment enters. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** @throws DiagnoseError usage FLAGS_CONFLICT. */
export function finalizeSettings(
  { kubeconfig, context, archive }: ConnectionFlags,
  { env, cwd }: Surroundings,
): Settings {
  if (archive !== undefined && (kubeconfig !== undefined || context !== undefined)) {
    throw new DiagnoseError(
      'usage',
      'FLAGS_CONFLICT',
      '--archive answers from a directory; --kubeconfig and --context name a live cluster.',
      'Give one or the other.',
    );
  }
  if (archive !== undefined) return { archive: resolve(cwd, archive) };
  const config = kubeconfig === undefined ? env['KUBECONFIG'] : resolve(cwd, kubeconfig);
  return {
    ...(config === undefined || config === '' ? {} : { kubeconfig: config }),
    ...(context === undefined ? {} : { context }),
  };
}
