// Starts the lab's internet: its name server and its other servers, in the network namespace that plays it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { start } from '../cluster/processes.ts';
import { paths } from '../paths.ts';
import { createCertificates } from './site-certificates.ts';

export async function startInternet(): Promise<void> {
  await mkdir(paths.internet, { recursive: true });
  await createCertificates(paths.internet);
  const node = (file: string): readonly string[] => [process.execPath, join(import.meta.dirname, file)];
  await start({ name: 'nameserver', place: 'internet', command: node('nameserver.ts') });
  await start({ name: 'internet-servers', place: 'internet', command: [...node('serve.ts'), paths.internet] });
}
