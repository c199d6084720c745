// Starts the lab's internet: its name server and its other servers, in the network namespace that plays it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { start } from '../cluster/processes.ts';
import { paths } from '../paths.ts';
import { createCertificates } from './site-certificates.ts';
import { gitSite } from './zone.ts';

export async function startInternet(): Promise<void> {
  await Promise.all([paths.internet, paths.git].map((folder) => mkdir(folder, { recursive: true })));
  await createCertificates(paths.internet);
  const node = (file: string): readonly string[] => [process.execPath, join(import.meta.dirname, file)];
  await start({ name: 'nameserver', place: 'internet', command: node('nameserver.ts') });
  await start({ name: 'internet-servers', place: 'internet', command: [...node('serve.ts'), paths.internet] });
  const gitServer = [...node('git-server.ts'), paths.git, gitSite.address];
  await start({ name: 'git-server', place: 'internet', command: gitServer });
}
