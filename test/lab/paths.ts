// Where the lab keeps things: everything is in one cache folder outside the checkout, the running cluster in a subfolder of it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { engine } from './engine.ts';

const env = process.env;

// `||`, since an empty variable means "not set" for XDG.
const cache: string =
  env['K8S_EGRESS_LAB_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'k8s-egress-diagnose-lab');
/** The folders of the cluster with Cilium bear no mark: it was the only one once. */
const mark: string = engine === 'cilium' ? '' : `-${engine}`;
const cluster: string = join(cache, `cluster${mark}`);

export const labFolder: string = import.meta.dirname;

export const paths = {
  cache,
  programs: join(cache, 'programs'),
  images: join(cache, 'images'),
  packages: join(cache, 'packages'),
  /** Unpacked packages that small images are taken from. */
  parts: join(cache, 'parts'),
  internetCa: join(cache, 'internet-ca'),
  /** Kept after `down`, for finding out why an `up` failed. */
  logs: join(cache, `logs${mark}`),
  /** Kernel parameters as they were before the first cluster was started. */
  sysctls: join(cache, 'sysctls.json'),
  /** Of the running cluster; made by `up`, removed by `down`. */
  cluster,
  pids: join(cluster, 'pids'),
  kubectl: join(cluster, 'kubectl'),
  pki: join(cluster, 'pki'),
  config: join(cluster, 'config'),
  internet: join(cluster, 'internet'),
  /** Bare repositories that the lab's Git server serves. */
  git: join(cluster, 'git'),
  etcd: join(cluster, 'etcd'),
  containerd: join(cluster, 'containerd'),
  kubelet: join(cluster, 'kubelet'),
  varLog: join(cluster, 'var-log'),
  cniBin: join(cluster, 'cni-bin'),
  cniConfig: join(cluster, 'cni-config'),
  /** Written last by `up`: what is running, as `status --json` prints it. */
  upFile: join(cluster, 'up.json'),
} as const;

export function kubeconfigPath(user: 'admin' | 'observer' | 'nobody'): string {
  return join(cluster, user === 'admin' ? 'kubeconfig' : `kubeconfig-${user}`);
}
