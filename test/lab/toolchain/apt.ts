// Installs the Debian packages that the lab needs and the machine lacks, without letting any of them start a service.
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { step } from '../tools/progress.ts';
import { run } from '../tools/run.ts';

const packages = [
  'busybox-static',
  'bzip2',
  'ca-certificates',
  'clang-19', // the Cilium agent compiles its BPF programs with it
  'containerd',
  'containernetworking-plugins', // for "loopback", which containerd runs in every pod
  'debootstrap',
  'git', // the lab's Git server is git's own
  'gcc', // for the small programs of images, with musl-tools, and for busybox, with make
  'ipset',
  'iproute2',
  'iptables',
  'kmod',
  'libc6-dev',
  'linux-libc-dev',
  'llvm-19',
  'make',
  'musl-tools',
  'openssl',
  'procps',
  'runc',
  'util-linux', // nsenter, unshare
] as const;

async function installed(): Promise<ReadonlySet<string>> {
  const list = await run('dpkg-query', ['--show', '--showformat', '${Package} ${db:Status-Status}\n']);
  const lines = list.split('\n').filter((line) => line.endsWith(' installed'));
  return new Set(lines.map((line) => line.slice(0, line.indexOf(' '))));
}

/** Debian asks this program before a package starts its service; 101 means "no". */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    await rm(policy, { force: true });
  }
}

export async function installPackages(): Promise<void> {
  const present = await installed();
  const missing = packages.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  await step(`installing ${missing.join(' ')}`, () =>
    withoutServices(async () => {
      await run('apt-get', [...patience, 'update'], { env });
      await run('apt-get', [...patience, 'install', '--yes', '--no-install-recommends', ...missing], { env });
    }),
  );
}
