// Images that hold one thing that a probe could run, and as little else as possible: an interpreter, one tool, nothing at all.
import { chmod, copyFile, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../tools/run.ts';
import { compileInto, sourcesOf } from './c-programs.ts';
import { debianParts, putText, takeParts } from './debian-parts.ts';
import { fillJava } from './java.ts';
import { muslBusybox } from './musl-busybox.ts';
import { type ImageRecipe, put, sourceText } from './recipe.ts';

const wait = '/usr/bin/wait';
const multiarch = '/usr/lib/x86_64-linux-gnu';
/** What the hostile image's one program is called as: whatever a probe could look for. */
const hostileNames = [
  'ash',
  'awk',
  'bash',
  'busybox',
  'cat',
  'curl',
  'deno',
  'dig',
  'env',
  'getent',
  'host',
  'java',
  'nc',
  'node',
  'nodejs',
  'nslookup',
  'openssl',
  'perl',
  'php',
  'python',
  'python2',
  'python3',
  'ruby',
  'sh',
  'timeout',
  'wget',
];

type Fill = ImageRecipe['fill'];

/** Users, lookups as Debian has them, the internet's authority where OpenSSL and others look for it, and what keeps it alive. */
async function fillCommon(root: string, internetCa: string): Promise<void> {
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await putText(root, 'etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  await putText(root, 'etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  await putText(root, 'etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  await put(root, internetCa, 'etc/ssl/certs/ca-certificates.crt');
  const hash = (await run('openssl', ['x509', '-noout', '-hash', '-in', internetCa])).trim();
  await symlink('ca-certificates.crt', join(root, `etc/ssl/certs/${hash}.0`));
  await mkdir(join(root, 'usr/lib/ssl'), { recursive: true });
  await symlink('/etc/ssl/certs', join(root, 'usr/lib/ssl/certs'));
  await symlink('/etc/ssl/certs/ca-certificates.crt', join(root, 'usr/lib/ssl/cert.pem'));
  await compileInto(root, wait, 'wait');
}

async function link(root: string, target: string, place: string): Promise<void> {
  await mkdir(dirname(join(root, place)), { recursive: true });
  await symlink(target, join(root, place));
}

async function sharedObjects(parts: string, folder: string): Promise<readonly string[]> {
  const names = await readdir(join(parts, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.so')).map((name) => join(folder, name));
}

async function fillDash(root: string): Promise<void> {
  await takeParts(await debianParts(), root, { programs: ['/bin/dash'] });
  await link(root, 'dash', 'bin/sh');
}

const fillBash: Fill = async (root) => {
  await takeParts(await debianParts(), root, { programs: ['/bin/bash'] });
  await link(root, 'bash', 'bin/sh');
};

const fillPerl: Fill = async (root) => {
  await fillDash(root);
  await takeParts(await debianParts(), root, { programs: ['/usr/bin/perl'], files: [`${multiarch}/perl-base`] });
};

const fillRuby: Fill = async (root) => {
  const parts = await debianParts();
  const native = `${multiarch}/ruby/3.1.0`;
  await fillDash(root);
  const programs = ['/usr/bin/ruby3.1', ...(await sharedObjects(parts, native))];
  await takeParts(parts, root, { programs, files: ['/usr/lib/ruby/3.1.0', native], without: ['rdoc'] });
  await link(root, 'ruby3.1', 'usr/bin/ruby');
};

const fillPhp: Fill = async (root) => {
  await fillDash(root);
  // Debian's PHP has no time zones of its own, and complains without any.
  await takeParts(await debianParts(), root, { programs: ['/usr/bin/php8.2'], files: ['/usr/share/zoneinfo/UTC'] });
  await link(root, 'php8.2', 'usr/bin/php');
};

const fillCurl: Fill = async (root) => {
  await fillDash(root);
  await takeParts(await debianParts(), root, { programs: ['/usr/bin/curl'] });
};

/** Without its symbols, which are a seventh of it. */
async function putNode(root: string, place: string): Promise<void> {
  const target = join(root, place);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(process.execPath, target);
  await run('strip', [target]);
  const libraries = ['libdl.so.2', 'libm.so.6', 'libgcc_s.so.1', 'libpthread.so.0', 'libc.so.6'];
  const files = [...libraries.map((name) => `/lib/x86_64-linux-gnu/${name}`), `${multiarch}/libstdc++.so.6`];
  await takeParts(await debianParts(), root, { programs: files });
}

/** No shell; in the place where distroless images have it. */
const fillNode: Fill = (root) => putNode(root, 'nodejs/bin/node');

const fillNodeSlim: Fill = async (root) => {
  await fillDash(root);
  await putNode(root, 'usr/local/bin/node');
};

const fillMusl: Fill = async (root) => {
  await put(root, await muslBusybox(), 'bin/busybox');
  await put(root, join(await debianParts(), 'lib/x86_64-linux-musl/libc.so'), 'lib/ld-musl-x86_64.so.1');
  const applets = (await run('chroot', [root, '/bin/busybox', '--list'])).split('\n').filter((name) => name !== '');
  for (const name of applets) if (name !== 'busybox') await link(root, 'busybox', join('bin', name));
  await compileInto(root, 'usr/bin/getent', 'getent');
};

const fillHostile: Fill = async (root) => {
  await compileInto(root, 'bin/hostile', 'hostile');
  for (const name of hostileNames) await link(root, 'hostile', join('bin', name));
};

/** `internetCa` is the path of the certificate that signs those of the lab's internet. */
export async function probeImages(internetCa: string): Promise<readonly ImageRecipe[]> {
  const texts = ['probe-images.ts', 'debian-parts.ts', 'c-programs.ts', 'musl-busybox.ts', 'java.ts'].map(sourceText);
  const madeFrom = [
    await readFile(internetCa, 'utf8'),
    process.version,
    ...(await Promise.all(texts)),
    ...(await sourcesOf('wait', 'hostile', 'getent')),
  ];
  const image = (name: string, fill: Fill, settings: Partial<ImageRecipe> = {}): ImageRecipe => ({
    name: `lab/${name}:1`,
    entrypoint: [wait],
    madeFrom,
    fill: async (root) => {
      await fillCommon(root, internetCa);
      await fill(root);
    },
    ...settings,
  });
  const java: Fill = async (root) => {
    const parts = await debianParts();
    await fillDash(root);
    await takeParts(parts, root, { programs: ['/usr/bin/env'] });
    await fillJava(parts, root, internetCa);
  };
  return [
    image('distroless', async () => undefined),
    image('hostile', fillHostile),
    image('musl', fillMusl),
    image('bash', fillBash),
    image('perl', fillPerl),
    image('curl', fillCurl),
    image('ruby', fillRuby),
    image('php', fillPhp),
    image('node', fillNode),
    image('node-slim', fillNodeSlim),
    image('java', java, { environment: ['JAVA_HOME=/opt/java', 'PATH=/opt/java/bin:/usr/local/bin:/usr/bin:/bin'] }),
  ];
}
