/** Which files make up the kubeconfig; shared by `kubeconfig.ts`, which reads them, and `kubeconfig-stamp.ts`, which watches them. */
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The paths of a list as in `$KUBECONFIG`; empty when none is named. */
export function namedPaths(option: string | undefined): readonly string[] {
  return (option ?? '').split(delimiter).filter((path) => path !== '');
}

export function kubeconfigPaths(option: string | undefined): readonly string[] {
  const named = namedPaths(option);
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}
