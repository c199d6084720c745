/** Where the cluster comes from, decided from flags and environment; `compose.ts` acts on it. */
import { resolve } from 'node:path';
import { DiagnoseError } from '../core/errors.ts';
import { DEBUG_IMAGE } from '../core/path/debug-container.ts';
import { type GitFlags, type GitSettings, gitSettings } from './git-settings.ts';
import { isImageReference } from './image-reference.ts';

export interface Settings {
  /** One path or a list of paths, as KUBECONFIG has them; the Kubernetes default when absent. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Absolute path of a capture or a directory of manifests: then no cluster is contacted. */
  readonly archive?: string;
  /** Image of ephemeral containers; absent where none may be added, which is the default. */
  readonly ephemeralImage?: string;
  /** What is allowed towards Git servers; absent where nothing is. */
  readonly git?: GitSettings;
}

export interface ConnectionFlags extends GitFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly archive?: string | undefined;
  readonly 'allow-ephemeral'?: boolean | undefined;
  readonly 'ephemeral-image'?: string | undefined;
}

/** The surroundings a command line is read in; the only place the environment enters. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** @throws DiagnoseError usage FLAGS_CONFLICT, OPTION_INVALID. */
export function finalizeSettings(flags: ConnectionFlags, { env, cwd }: Surroundings): Settings {
  const { kubeconfig, context, archive } = flags;
  if (archive !== undefined && (kubeconfig !== undefined || context !== undefined)) {
    throw new DiagnoseError(
      'usage',
      'FLAGS_CONFLICT',
      '--archive answers from a directory; --kubeconfig and --context name a live cluster.',
      'Give one or the other.',
    );
  }
  const ephemeralImage = ephemeralImageOf(flags);
  const git = gitSettings(flags, env);
  const asked = git === undefined ? {} : { git };
  if (archive !== undefined) return { archive: resolve(cwd, archive), ...asked };
  const config = kubeconfig === undefined ? env['KUBECONFIG'] : resolve(cwd, kubeconfig);
  return {
    ...(config === undefined || config === '' ? {} : { kubeconfig: config }),
    ...(context === undefined ? {} : { context }),
    ...(ephemeralImage === undefined ? {} : { ephemeralImage }),
    ...asked,
  };
}

function ephemeralImageOf(flags: ConnectionFlags): string | undefined {
  const { archive, 'allow-ephemeral': allowed = false, 'ephemeral-image': image } = flags;
  if (!allowed) {
    if (image === undefined) return undefined;
    throw optionInvalid(
      '--ephemeral-image names the image of containers that nothing allows to be added.',
      'Add --allow-ephemeral, if this program may add ephemeral containers to pods.',
    );
  }
  if (archive !== undefined) {
    throw new DiagnoseError(
      'usage',
      'FLAGS_CONFLICT',
      '--archive answers from a directory; --allow-ephemeral adds containers in a live cluster.',
      'Give one or the other.',
    );
  }
  if (image === undefined) return DEBUG_IMAGE;
  if (isImageReference(image)) return image;
  throw optionInvalid(
    `--ephemeral-image ${JSON.stringify(image.slice(0, 80))} is not an image reference.`,
    `Use REGISTRY/NAME:TAG or NAME:TAG, with @sha256:… if you like; for example ${DEBUG_IMAGE}.`,
  );
}

function optionInvalid(message: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('usage', 'OPTION_INVALID', message, nextStep);
}
