// containerd, and the images that it has from the start.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemImageNames } from '../images/system-images.ts';
import { paths } from '../paths.ts';
import { waitFor } from '../tools/wait-for.ts';
import { lastLines, runIn, start } from './processes.ts';

export const containerdSocket = '/run/containerd/containerd.sock';

// restrict_oom_score_adj: the machine may lack CAP_SYS_RESOURCE, and then no process may protect itself better than its parent.
function config(pauseImage: string): string {
  return `version = 2
root = "${paths.containerd}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${paths.cniBin}"
    conf_dir = "${paths.cniConfig}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** Name → program. */
export type CniPlugins = Readonly<Record<string, string>>;

async function linkCniPlugins(plugins: CniPlugins): Promise<void> {
  await Promise.all([mkdir(paths.cniBin, { recursive: true }), mkdir(paths.cniConfig, { recursive: true })]);
  const all = { loopback: '/usr/lib/cni/loopback', ...plugins };
  await Promise.all(Object.entries(all).map(([name, program]) => symlink(program, join(paths.cniBin, name))));
}

async function ctr(args: readonly string[]): Promise<string> {
  return runIn('node', ['ctr', '--address', containerdSocket, ...args]);
}

export async function startContainerd(plugins: CniPlugins): Promise<void> {
  await linkCniPlugins(plugins);
  const file = join(paths.config, 'containerd.toml');
  await writeFile(file, config((await systemImageNames()).pause));
  await start({ name: 'containerd', place: 'node', command: ['containerd', '--config', file] });
  const ready = async (): Promise<boolean> => (await ctr(['version'])).includes('Server');
  await waitFor('containerd', ready, { seconds: 30, explain: () => lastLines('containerd') });
}

export async function importImages(archives: readonly string[]): Promise<void> {
  for (const archive of archives) await ctr(['--namespace', 'k8s.io', 'images', 'import', archive]);
}
