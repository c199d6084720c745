// Starts the lab's internet: its name server and its HTTPS servers, in the network namespace that plays it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { start } from '../cluster/processes.ts';
import { paths } from '../paths.ts';
import { createCertificate } from '../toolchain/certificates.ts';
import { internetAuthority } from './authority.ts';
import { dnsmasqConfig } from './dnsmasq.ts';
import { namesOf, serves, sites } from './zone.ts';

async function createCertificates(): Promise<void> {
  await mkdir(paths.internet, { recursive: true });
  const served = sites.filter(serves);
  await Promise.all(
    served.map((site) =>
      createCertificate(internetAuthority, join(paths.internet, site.name), {
        commonName: site.name,
        hosts: namesOf(site),
      }),
    ),
  );
}

export async function startInternet(): Promise<void> {
  await createCertificates();
  const config = join(paths.internet, 'dnsmasq.conf');
  await writeFile(config, dnsmasqConfig());
  await start({
    name: 'dnsmasq',
    place: 'internet',
    command: ['dnsmasq', '--keep-in-foreground', `--conf-file=${config}`],
  });
  const server = join(import.meta.dirname, 'serve.ts');
  await start({ name: 'internet-servers', place: 'internet', command: [process.execPath, server, paths.internet] });
}
