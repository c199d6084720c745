/** Tells when a kubeconfig was changed, so that a server that runs for days follows `kubectl config use-context`; used by `compose.ts`. */
import { stat } from 'node:fs/promises';
import { kubeconfigPaths } from './kubeconfig-paths.ts';

/** Differs whenever a file of the list was written, replaced, made or removed; reads no content. */
export async function kubeconfigStamp(option: string | undefined): Promise<string> {
  const stamps = await Promise.all(
    kubeconfigPaths(option).map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found ? [found.ino, found.mtimeMs, found.size].join() : '';
    }),
  );
  return stamps.join(';');
}
