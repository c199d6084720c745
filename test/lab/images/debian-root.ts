// Fills a folder with a small Debian system, made of packages by debootstrap.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { debianMirror } from '../toolchain/debian-mirror.ts';
import { run } from '../tools/run.ts';

// Nothing that a probe could want is in these; they are half of the size.
const dispensable = [
  'etc/hostname',
  'etc/resolv.conf',
  'usr/share/doc',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/man',
  'var/cache/apt',
  'var/cache/debconf',
  'var/lib/apt/lists',
  'var/log',
];

// In memory, since dpkg waits for the disk after every file. $0 is where the result goes.
const inMemory = 'mount -t tmpfs tmpfs /mnt && debootstrap "$@" && cp --archive /mnt/. "$0"/';

export async function fillDebianRoot(root: string, packages: readonly string[]): Promise<void> {
  const { suite, uri, signature } = await debianMirror();
  await mkdir(paths.packages, { recursive: true });
  const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : [];
  const options = ['--variant=minbase', `--cache-dir=${paths.packages}`, ...include, ...signature];
  // In a mount namespace of its own: what debootstrap mounts goes away with it, however it ends.
  await run('unshare', ['--mount', '--', '/bin/sh', '-c', inMemory, root, ...options, suite, '/mnt', uri], {
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
  await Promise.all(dispensable.map((name) => rm(join(root, name), { recursive: true, force: true })));
  await Promise.all(['var/log', 'var/cache/apt'].map((name) => mkdir(join(root, name), { recursive: true })));
}
