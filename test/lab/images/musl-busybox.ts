// Builds busybox from Debian's source with musl and the settings of its own makers, as Alpine's is: its resolver is musl's.
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { debianMirror } from '../toolchain/debian-mirror.ts';
import { hashOf, makeOnce } from '../tools/atomic.ts';
import { run } from '../tools/run.ts';
import { sourceText } from './recipe.ts';

/** The source's folder, below `work`. apt's lists of sources are kept apart, so that those of the machine stay as they are. */
async function fetchSource(work: string): Promise<string> {
  const { suite, uri, aptOptions } = await debianMirror();
  const list = join(work, 'sources.list');
  const lists = join(work, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await writeFile(list, `deb-src ${aptOptions} ${uri} ${suite} main\n`);
  const places = [
    '-o',
    `Dir::Etc::sourcelist=${list}`,
    '-o',
    'Dir::Etc::sourceparts=-',
    '-o',
    `Dir::State::lists=${lists}`,
  ];
  const options = [...places, '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=3'];
  await run('apt-get', [...options, 'update'], { cwd: work });
  await run('apt-get', [...options, '--download-only', 'source', 'busybox'], { cwd: work });
  const archive = (await readdir(work)).find((name) => name.includes('.orig.tar'));
  if (archive === undefined) throw new Error('apt brought no source of busybox');
  await run('tar', ['--extract', '--file', archive], { cwd: work });
  const folder = (await readdir(work, { withFileTypes: true })).find(
    (entry) => entry.isDirectory() && entry.name.startsWith('busybox-'),
  );
  return join(work, folder?.name ?? '');
}

/** The kernel's headers, which musl's compiler does not look for where Debian has them. */
async function linkKernelHeaders(folder: string): Promise<void> {
  await mkdir(folder);
  const common = ['linux', 'asm-generic', 'mtd'].map((name) => symlink(`/usr/include/${name}`, join(folder, name)));
  await Promise.all([...common, symlink('/usr/include/x86_64-linux-gnu/asm', join(folder, 'asm'))]);
}

async function build(work: string, place: string): Promise<void> {
  const headers = join(work, 'headers');
  await mkdir(work);
  const [source] = await Promise.all([fetchSource(work), linkKernelHeaders(headers)]);
  await run('make', ['defconfig'], { cwd: source });
  const compiler = [`CC=musl-gcc -isystem ${headers}`, 'HOSTCC=gcc'];
  await run('make', [`-j${cpus().length}`, ...compiler, 'busybox'], { cwd: source });
  await copyFile(join(source, 'busybox'), place);
  await rm(work, { recursive: true });
}

/** The program's path. It is kept, since its making takes longer than that of all other images together. */
export async function muslBusybox(): Promise<string> {
  const hash = hashOf(await sourceText('musl-busybox.ts'));
  return makeOnce(join(paths.programs, `busybox-musl-${hash}`), (temporary) => build(`${temporary}.work`, temporary));
}
