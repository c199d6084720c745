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
  /** It was good for January 2024. */
  readonly expired?: boolean;
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
  if (request.expired === true) await backdate(authority, path, extensions);
}

/** Issues it once more for the same key. Only `openssl ca` sets both dates, and it keeps a register. */
async function backdate(
  authority: CertificatePath,
  path: CertificatePath,
  extensions: readonly string[],
): Promise<void> {
  const config = `${path}-ca.cnf`;
  const [request, register] = [`${path}.csr`, `${path}-register`];
  const lines = [
    '[ca]\ndefault_ca = lab\n[lab]',
    `database = ${register}`,
    `new_certs_dir = ${dirname(path)}`,
    'rand_serial = yes\ndefault_md = sha256\nunique_subject = no\npolicy = any\nx509_extensions = v3',
    '[any]\ncommonName = supplied\n[v3]',
    ...extensions,
  ];
  await Promise.all([writeFile(config, `${lines.join('\n')}\n`), writeFile(register, '')]);
  const key = `${path}-key.pem`;
  await run('openssl', ['x509', '-x509toreq', '-in', `${path}.pem`, '-signkey', key, '-out', request]);
  const dates = ['-startdate', '20240101000000Z', '-enddate', '20240201000000Z'];
  const signer = ['-cert', `${authority}.pem`, '-keyfile', `${authority}-key.pem`];
  const files = ['-config', config, '-in', request, '-out', `${path}.pem`];
  await run('openssl', ['ca', '-batch', '-notext', ...files, ...signer, ...dates]);
}
