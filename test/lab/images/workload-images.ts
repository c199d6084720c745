// Images for the pods of test scenarios: one with busybox, one with a C library and no Python, one with Python.
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../tools/run.ts';
import { fillDebianRoot } from './debian-root.ts';
import { type ImageRecipe, put, sourceText } from './recipe.ts';

const trusted = 'etc/ssl/certs/ca-certificates.crt';

async function fillBusybox(root: string, internetCa: string): Promise<void> {
  await put(root, '/bin/busybox', 'bin/busybox');
  const applets = (await run('/bin/busybox', ['--list']))
    .split('\n')
    .filter((name) => name !== '' && name !== 'busybox');
  await Promise.all(applets.map((name) => symlink('busybox', join(root, 'bin', name))));
  await mkdir(join(root, 'tmp'));
  await mkdir(join(root, 'etc'));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  await put(root, internetCa, trusted);
}

async function fillGlibc(root: string, internetCa: string): Promise<void> {
  await fillDebianRoot(root, []);
  await put(root, internetCa, trusted);
}

async function fillPython(root: string, internetCa: string): Promise<void> {
  await fillDebianRoot(root, ['python3', 'python3-requests', 'ca-certificates']);
  await put(root, internetCa, 'usr/local/share/ca-certificates/lab-internet.crt');
  await run('chroot', [root, '/usr/sbin/update-ca-certificates'], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
}

/** `internetCa` is the path of the certificate that signs those of the lab's internet. */
export async function workloadImages(internetCa: string): Promise<readonly ImageRecipe[]> {
  const busybox = await run('dpkg-query', ['--show', 'busybox-static']);
  const files = [readFile(internetCa, 'utf8'), sourceText('workload-images.ts'), sourceText('debian-root.ts')];
  const madeFrom = await Promise.all(files);
  return [
    { name: 'lab/busybox:1', madeFrom: [busybox, ...madeFrom], fill: (root) => fillBusybox(root, internetCa) },
    { name: 'lab/python:1', madeFrom, fill: (root) => fillPython(root, internetCa) },
    { name: 'lab/glibc:1', madeFrom, fill: (root) => fillGlibc(root, internetCa) },
  ];
}
