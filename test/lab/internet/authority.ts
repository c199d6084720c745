// The certificate authority of the lab's internet. It is made once and kept, as the images that trust it are cached.
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { type CertificatePath, createAuthority } from '../toolchain/certificates.ts';
import { makeOnce } from '../tools/atomic.ts';

export const internetAuthority: CertificatePath = join(paths.internetCa, 'ca');
export const internetCaCertificate: string = `${internetAuthority}.pem`;

export async function createInternetAuthority(): Promise<void> {
  await makeOnce(paths.internetCa, (temporary) => createAuthority(join(temporary, 'ca'), 'Lab Internet CA'));
}
