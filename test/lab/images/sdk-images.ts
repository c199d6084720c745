// An image with SDKs that sign URLs by themselves, for scenarios in which an upgrade moves downloads to another host.
import { copyFile, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../tools/run.ts';
import { fillDebianRoot } from './debian-root.ts';
import { type ImageRecipe, put, sourceText } from './recipe.ts';

const packages = ['python3', 'python3-boto3', 'python3-requests', 'ca-certificates', 'libstdc++6'];
/** Pins the SDK for JavaScript. */
const pinned = ['package.json', 'package-lock.json'].map((name) => join('aws-sdk-js', name));

/** In a folder beside the image's: npm writes a cache and logs, too. */
async function putSdkForJavaScript(root: string): Promise<void> {
  const app = `${root}.app`;
  await mkdir(app);
  for (const name of pinned)
    await copyFile(join(import.meta.dirname, name), join(app, name.replace('aws-sdk-js/', '')));
  await run('npm', ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: app,
  });
  await cp(app, join(root, 'app'), { recursive: true });
  await run('rm', ['--recursive', app]);
}

async function fillSdks(root: string, internetCa: string): Promise<void> {
  await fillDebianRoot(root, packages);
  await put(root, internetCa, 'usr/local/share/ca-certificates/lab-internet.crt');
  await run('chroot', [root, '/usr/sbin/update-ca-certificates'], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  await put(root, process.execPath, 'usr/local/bin/node');
  await run('strip', [join(root, 'usr/local/bin/node')]);
  await putSdkForJavaScript(root);
}

/** `internetCa` is the path of the certificate that signs those of the lab's internet. */
export async function sdkImages(internetCa: string): Promise<readonly ImageRecipe[]> {
  const texts = ['sdk-images.ts', 'debian-root.ts', ...pinned].map(sourceText);
  const madeFrom = [await readFile(internetCa, 'utf8'), process.version, ...(await Promise.all(texts))];
  return [{ name: 'lab/sdks:1', madeFrom, fill: (root) => fillSdks(root, internetCa) }];
}
