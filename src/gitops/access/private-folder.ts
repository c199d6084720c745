/** A folder that only this user can read and that is gone afterwards; for programs that need files. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function createPrivateFolder(): Promise<PrivateFolder> {
  // mkdtemp makes it with mode 0700.
  const path = await mkdtemp(join(await realpath(tmpdir()), 'k8s-egress-diagnose-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
