/** Runs a client as a pod of the lab would: in the node's network, with the lab's name server and authority; used by `collect.ts`. */
import { spawn } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { muslBusybox } from '../lab/images/musl-busybox.ts';
import { internetCaCertificate } from '../lab/internet/authority.ts';
import { paths } from '../lab/paths.ts';
import { plan } from '../lab/plan.ts';
import { run } from '../lab/tools/run.ts';
import { blocked, type Case, silentAddress } from './cases.ts';

const authority = '/srv/authority.pem';
/** What images have where; everything else of the machine is hidden behind /srv, so that no sample holds a path of it. */
const enter = `
mount --bind "$FOLDER" /srv
mount -t overlay overlay -o lowerdir=/srv/debian/tree/usr:/usr /usr
mount --bind "/srv/$RESOLVER" /etc/resolv.conf
mount --bind "/srv/$HOSTS" /etc/hosts
mount --bind ${authority} /etc/ssl/certs/ca-certificates.crt
mount --bind /srv/authority.jks /etc/ssl/certs/java/cacerts
cd /srv/home && exec env -i PATH=/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME=/srv/home "$@" 2>&1
`;
const trust: Readonly<Record<string, string>> = {
  SSL_CERT_FILE: authority,
  REQUESTS_CA_BUNDLE: authority,
  AWS_CA_BUNDLE: authority,
  PIP_CERT: authority,
  NODE_EXTRA_CA_CERTS: authority,
  PYTHONPATH: '/srv/python/site-packages',
  PYTHONUNBUFFERED: '1',
  AWS_ACCESS_KEY_ID: 'AKIALABLABLABLAB0000',
  AWS_SECRET_ACCESS_KEY: 'lab',
  AWS_EC2_METADATA_DISABLED: 'true',
  NODE_USE_ENV_PROXY: '1',
  GIT_TERMINAL_PROMPT: '0',
};

/** Files that the private mounts need, in the folder of the clients. */
export async function prepare(folder: string): Promise<void> {
  await copyFile(internetCaCertificate, join(folder, 'authority.pem'));
  await copyFile(await muslBusybox(), join(folder, 'bin/busybox'));
  const store = join(folder, 'authority.jks');
  const importing = ['-importcert', '-noprompt', '-alias', 'lab', '-file', join(folder, 'authority.pem')];
  await run('rm', ['-f', store]);
  await run('keytool', [...importing, '-storetype', 'JKS', '-keystore', store, '-storepass', 'changeit']);
  const here = '127.0.0.1 localhost\n';
  await Promise.all([
    writeFile(join(folder, 'resolv.conf'), `nameserver ${plan.publicDns}\noptions timeout:2 attempts:2\n`),
    writeFile(join(folder, 'resolv-silent.conf'), `nameserver ${plan.silentDns}\noptions timeout:1 attempts:1\n`),
    writeFile(join(folder, 'hosts'), here),
    writeFile(join(folder, 'hosts-blocked'), `${here}${silentAddress} ${blocked}\n`),
  ]);
}

/** What one command prints, both streams in the order of their arrival. */
export async function runInside(folder: string, argv: readonly string[], one?: Case): Promise<string> {
  const proxies = one?.proxy === undefined ? [] : [`HTTPS_PROXY=${one.proxy}`, `https_proxy=${one.proxy}`];
  const settings = Object.entries(trust).map(([name, value]) => `${name}=${value}`);
  const pid = (await readFile(join(paths.pids, 'node'), 'utf8')).trim();
  const env = {
    ...process.env,
    FOLDER: folder,
    RESOLVER: one?.silentResolver ? 'resolv-silent.conf' : 'resolv.conf',
    HOSTS: one?.truth.host === blocked ? 'hosts-blocked' : 'hosts',
  };
  const places = [`--net=/proc/${pid}/ns/net`, '--', 'unshare', '--mount', '--', 'sh', '-euc', enter, 'sh'];
  return output('nsenter', [...places, ...settings, ...proxies, 'timeout', '170', ...argv], env);
}

function output(command: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}
