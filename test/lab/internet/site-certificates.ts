// A certificate for each HTTPS site of the lab's internet, good or bad in the way that the zone says.
import { join } from 'node:path';
import { createAuthority, createCertificate } from '../toolchain/certificates.ts';
import { internetAuthority } from './authority.ts';
import { namesOf, type Site, serves, sites } from './zone.ts';

/** So many that the certificate fills more than one packet. */
const manyNames = Array.from({ length: 80 }, (_, index) => `tenant-${index}.matrix.example`);

function hostsOf(site: Site): readonly string[] {
  if (site.certificate === 'of-another-name') return ['somebody-else.example'];
  return site.certificate === 'large' ? [...namesOf(site), ...manyNames] : namesOf(site);
}

/** In `folder`, by the sites' names. */
export async function createCertificates(folder: string): Promise<void> {
  const stranger = join(folder, 'stranger');
  await createAuthority(stranger, 'Stranger CA');
  await Promise.all(
    sites.filter(serves).map((site) => {
      const hosts = hostsOf(site);
      const authority = site.certificate === 'of-a-stranger' ? stranger : internetAuthority;
      const request = { commonName: hosts[0] ?? site.name, hosts, expired: site.certificate === 'expired' };
      return createCertificate(authority, join(folder, site.name), request);
    }),
  );
}
