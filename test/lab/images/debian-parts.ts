// A folder of unpacked Debian packages, from which small images take single programs with the libraries that they need.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { paths } from '../paths.ts';
import { hashOf, makeOnce } from '../tools/atomic.ts';
import { step } from '../tools/progress.ts';
import { run } from '../tools/run.ts';

const forProbes = [
  'bash',
  'coreutils',
  'curl',
  'dash',
  'libruby3.1',
  'musl',
  'openjdk-17-jdk-headless',
  'perl-base',
  'php8.2-cli',
  'ruby3.1',
  'tar',
  'tzdata',
];
const loader = '/lib64/ld-linux-x86-64.so.2';

/** Packages and all that they depend on, as if nothing were installed; unpacked only, since no program of theirs is set up. */
async function unpack(root: string, packages: readonly string[]): Promise<void> {
  const downloads = `${root}.packages`;
  const nothing = join(downloads, 'status');
  await Promise.all([mkdir(root), mkdir(join(downloads, 'partial'), { recursive: true })]);
  await writeFile(nothing, '');
  const places = ['-o', `Dir::State::status=${nothing}`, '-o', `Dir::Cache::archives=${downloads}`];
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  await run('apt-get', [...patience, 'update']);
  const install = ['install', '--yes', '--download-only', '--no-install-recommends'];
  await run('apt-get', [...patience, ...places, ...install, ...packages]);
  const archives = (await readdir(downloads)).filter((name) => name.endsWith('.deb'));
  for (const archive of archives) await run('dpkg-deb', ['--extract', join(downloads, archive), root]);
  await rm(downloads, { recursive: true });
}

export async function debianParts(packages: readonly string[] = forProbes): Promise<string> {
  const place = join(paths.parts, hashOf(...packages));
  const title = 'unpacking Debian packages for small images';
  return makeOnce(place, (temporary) => step(title, () => unpack(temporary, packages)));
}

/** Runs a program of the parts as if they were the machine. Its /proc is there, for those that look for themselves. */
export async function runInParts(parts: string, command: readonly string[]): Promise<string> {
  const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  return run('unshare', ['--mount', '--pid', '--fork', '--', '/bin/sh', '-c', script, parts, ...command], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
}

async function librariesOf(parts: string, programs: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>([loader]);
  for (const program of programs) {
    const list = await runInParts(parts, [loader, '--list', program]);
    for (const [, path] of list.matchAll(/(?:=> )?(\/\S+) \(0x/g)) if (path !== undefined) found.add(path);
  }
  return [...found];
}

interface Taken {
  readonly programs: readonly string[];
  readonly files?: readonly string[];
  /** Names of files and folders that are left out. */
  readonly without?: readonly string[];
}

/** Copies folders and files of the parts, and with programs and shared objects the libraries they need, to the same places. */
export async function takeParts(
  parts: string,
  root: string,
  { programs, files = [], without = [] }: Taken,
): Promise<void> {
  const wanted = [...programs, ...files, ...(await librariesOf(parts, programs))];
  const bundle = join('tmp', `taken-${process.pid}.tar`);
  // Links are followed by a tar inside the parts: outside, the absolute ones would lead to the machine's own files.
  const options = [
    '--create',
    '--dereference',
    '--hard-dereference',
    '--file',
    `/${bundle}`,
    ...without.map((name) => `--exclude=${name}`),
  ];
  await runInParts(parts, ['/bin/tar', ...options, ...wanted]);
  await run('tar', ['--extract', '--file', join(parts, bundle), '--directory', root]);
  await rm(join(parts, bundle));
}

export async function putText(root: string, place: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, place)), { recursive: true });
  await writeFile(join(root, place), text);
}
