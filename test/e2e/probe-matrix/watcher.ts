/** What is in a container right now, seen from outside it: processes and files, by a pod that sees the whole node. */
import * as k8s from '@kubernetes/client-node';
import { execIn, type TestCluster } from '../support/cluster.ts';
import { NAMESPACE, WATCHER } from './stage.ts';

export interface Inside {
  /** Command lines, sorted. */
  readonly processes: readonly string[];
  /** Path, size and time of change of everything on the container's own file system. */
  readonly files: readonly string[];
}

/** Marks a process that has ended and that nobody waited for. */
export const ENDED = ' (ended, and never waited for)';

/** Prints one JSON object: container identifier → what is inside. Files are read through the first process's root. */
const LOOK = `
import json, os, sys
def read(path):
    try:
        with open(path, 'rb') as file: return file.read().decode('utf-8', 'replace')
    except OSError: return ''
inside = {container: {'processes': [], 'files': []} for container in sys.argv[2:]}
roots = {}
for pid in sorted(int(name) for name in os.listdir('/proc') if name.isdigit()):
    groups = read('/proc/%d/cgroup' % pid)
    for container in inside:
        if container in groups:
            line = read('/proc/%d/cmdline' % pid).replace('\\0', ' ').strip()
            if not line: line = read('/proc/%d/comm' % pid).strip() + '${ENDED}'
            else: roots.setdefault(container, '/'.join(['', 'proc', str(pid), 'root', '']))
            inside[container]['processes'].append(line)
def walk(folder, device, top, found):
    try: entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError: return
    for entry in entries:
        try: stat = entry.stat(follow_symlinks=False)
        except OSError: continue
        if stat.st_dev != device: continue
        found.append('%s %d %d' % (entry.path[len(top):], stat.st_size, stat.st_mtime_ns))
        if entry.is_dir(follow_symlinks=False): walk(entry.path, device, top, found)
if sys.argv[1] == 'files':
    for container, root in roots.items():
        walk(root, os.stat(root).st_dev, root, inside[container]['files'])
for each in inside.values(): each['processes'].sort()
print(json.dumps(inside))
`;

/** Container identifiers, by pod and container: `POD/CONTAINER`. */
export async function containerIds(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
  const pairs = items.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? []).map(({ name, containerID }): [string, string] => [
      `${metadata?.name ?? ''}/${name}`,
      (containerID ?? '').replace(/^[a-z]+:\/\//, ''),
    ]),
  );
  return new Map(pairs);
}

/** By `POD/CONTAINER`. */
export async function lookInside(
  cluster: TestCluster,
  ids: ReadonlyMap<string, string>,
  what: 'files' | 'processes' = 'files',
): Promise<ReadonlyMap<string, Inside>> {
  const { stdout, stderr } = await execIn(cluster, WATCHER, ['python3', '-c', LOOK, what, ...ids.values()]);
  if (stdout === '') throw new Error(`the watcher saw nothing: ${stderr}`);
  const seen = JSON.parse(stdout) as Record<string, Inside>;
  return new Map([...ids].map(([place, id]) => [place, seen[id] ?? { processes: [], files: [] }]));
}
