// Images of Calico's pods, named as its releases name them: Felix, Goldmane, and Whisker's web server and backend.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { debianParts, putText, takeParts } from '../images/debian-parts.ts';
import { type ImageRecipe, put, sourceText } from '../images/recipe.ts';
import { commonImages, imageOfOneProgram } from '../images/system-images.ts';
import { calicoRelease } from '../toolchain/go-modules.ts';
import type { CalicoPrograms } from '../toolchain/programs.ts';

export const calicoImageNames = {
  node: `calico/node:${calicoRelease}`,
  goldmane: `calico/goldmane:${calicoRelease}`,
  whisker: `calico/whisker:${calicoRelease}`,
  whiskerBackend: `calico/whisker-backend:${calicoRelease}`,
} as const;

/** Almost empty: /usr is the machine's, mounted into the pod, for iptables, ipset and all that they need. */
async function fillNode(root: string, programs: string): Promise<void> {
  const folders = ['usr', 'etc/alternatives', 'run', 'tmp', 'var/lib/calico', 'var/log'];
  await Promise.all(folders.map((name) => mkdir(join(root, name), { recursive: true })));
  await Promise.all(['bin', 'sbin', 'lib', 'lib64'].map((name) => symlink(`usr/${name}`, join(root, name))));
  await symlink('/run', join(root, 'var/run'));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  // Felix gives ipset protocols by name, and ipset looks them up here.
  await writeFile(join(root, 'etc/protocols'), 'icmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nsctp 132 SCTP\n');
  await put(root, join(programs, 'calico-felix'), 'calico-felix');
}

/** Debian's nginx with the settings that Whisker's image has. The pages are left out: they are built with another tool chain. */
async function fillWhisker(root: string, programs: string): Promise<void> {
  const parts = await debianParts(['base-files', 'nginx', 'tar']);
  await takeParts(parts, root, { programs: ['/usr/sbin/nginx'], files: ['/etc/nginx/mime.types'] });
  await put(root, join(programs, 'whisker', 'nginx.conf'), 'etc/nginx/nginx.conf');
  await put(root, join(programs, 'whisker', 'default.conf'), 'etc/nginx/conf.d/default.conf');
  await putText(root, 'etc/passwd', 'root:x:0:0:root:/:/bin/sh\nnginx:x:101:101:nginx:/:/bin/false\n');
  await putText(root, 'etc/group', 'root:x:0:\nnginx:x:101:\n');
  await putText(root, 'usr/share/nginx/html/index.html', '<!doctype html><title>Whisker</title>\n');
  const folders = ['run', 'tmp', 'var/log/nginx', 'var/lib/nginx'];
  await Promise.all(folders.map((name) => mkdir(join(root, name), { recursive: true })));
  await symlink('/run', join(root, 'var/run'));
}

export async function calicoImages(programs: CalicoPrograms): Promise<readonly ImageRecipe[]> {
  const { calico } = programs;
  const madeFrom = [basename(calico), await sourceText('../calico/images.ts'), await sourceText('debian-parts.ts')];
  return [
    ...(await commonImages(programs)),
    { name: calicoImageNames.node, madeFrom, fill: (root) => fillNode(root, calico) },
    imageOfOneProgram(calicoImageNames.goldmane, calico, 'goldmane'),
    imageOfOneProgram(calicoImageNames.whiskerBackend, calico, 'whisker-backend'),
    {
      name: calicoImageNames.whisker,
      entrypoint: ['/usr/sbin/nginx', '-g', 'daemon off;'],
      madeFrom,
      fill: (root) => fillWhisker(root, calico),
    },
  ];
}
