// Certificates by openssl: a certificate authority, and certificates that it signs.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run } from '../tools/run.ts';

/** Path without ending: the certificate is at `<path>.pem`, its key at `<path>-key.pem`. */
export type CertificatePath = string;

export interface CertificateRequest {
  readonly commonName: string;
  readonly organization?: string;
  /** Host names and addresses that a server's certificate is good for; without any it is a client's. */
  readonly hosts?: readonly string[];
}

// A file of its own, since Debian's default would mark every certificate as an authority's.
async function emptyConfig(path: CertificatePath): Promise<string> {
  const file = `${path}.cnf`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(file, '[req]\ndistinguished_name = dn\n[dn]\n');
  return file;
}

async function issue(path: CertificatePath, subject: string, more: readonly string[]): Promise<void> {
  const config = await emptyConfig(path);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${path}-key.pem`];
  const extensions = ['-addext', 'subjectKeyIdentifier=hash'];
  const common = ['req', '-x509', '-config', config, ...key, '-out', `${path}.pem`, '-days', '3650', '-subj', subject];
  await run('openssl', [...common, ...extensions, ...more]);
}

export async function createAuthority(path: CertificatePath, commonName: string): Promise<void> {
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  await issue(
    path,
    `/CN=${commonName}`,
    extensions.flatMap((extension) => ['-addext', extension]),
  );
}

function alternativeName(host: string): string {
  return /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
}

export async function createCertificate(
  authority: CertificatePath,
  path: CertificatePath,
  request: CertificateRequest,
): Promise<void> {
  const { commonName, organization, hosts = [] } = request;
  const subject = `${organization === undefined ? '' : `/O=${organization}`}/CN=${commonName}`;
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'authorityKeyIdentifier=keyid',
    `extendedKeyUsage=${hosts.length > 0 ? 'serverAuth' : 'clientAuth'}`,
    ...(hosts.length > 0 ? [`subjectAltName=${hosts.map(alternativeName).join(',')}`] : []),
  ];
  const signer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}-key.pem`];
  await issue(path, subject, [...signer, ...extensions.flatMap((extension) => ['-addext', extension])]);
}
