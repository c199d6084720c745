// Certificates by which Felix, Goldmane and Whisker know each other, as Secrets and a bundle with the names that the operator gives them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import { createAuthority, createCertificate } from '../toolchain/certificates.ts';
import { namespace } from './objects.ts';

export const bundle = {
  configMap: 'goldmane-ca-bundle',
  file: 'tigera-ca-bundle.crt',
  at: '/etc/pki/tls/certs',
} as const;
export const secrets = {
  node: 'node-certs',
  goldmane: 'goldmane-key-pair',
  whisker: 'whisker-backend-key-pair',
} as const;

const authority = join(paths.pki, 'tigera');

async function keyPair(name: string, hosts: readonly string[]): Promise<object> {
  const path = join(paths.pki, name);
  await createCertificate(authority, path, { commonName: name, hosts });
  const [cert, key] = await Promise.all([readFile(`${path}.pem`), readFile(`${path}-key.pem`)]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace },
    data: { 'tls.crt': cert.toString('base64'), 'tls.key': key.toString('base64') },
  };
}

export async function identityObjects(): Promise<readonly object[]> {
  await createAuthority(authority, 'tigera-operator-signer');
  const service = `goldmane.${namespace}`;
  const hosts = ['goldmane', service, `${service}.svc`, `${service}.svc.${plan.clusterDomain}`];
  const text = await readFile(`${authority}.pem`, 'utf8');
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: bundle.configMap, namespace },
      data: { [bundle.file]: text },
    },
    await keyPair(secrets.goldmane, hosts),
    await keyPair(secrets.node, []),
    await keyPair(secrets.whisker, []),
  ];
}
