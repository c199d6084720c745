// Who may talk to the API server: users with static tokens, and kubeconfig files for them.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubeconfigPath, paths } from '../paths.ts';
import { apiServer, plan } from '../plan.ts';

interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly kubeconfig: string;
}

const inConfig = (name: string): string => join(paths.config, `${name}.kubeconfig`);

export const kubeconfigs = {
  kubelet: inConfig('kubelet'),
  controllerManager: inConfig('kube-controller-manager'),
  scheduler: inConfig('kube-scheduler'),
  proxy: inConfig('kube-proxy'),
} as const;

const users: readonly User[] = [
  { name: 'admin', groups: ['system:masters'], kubeconfig: kubeconfigPath('admin') },
  // No rights but what a test binds to them.
  { name: 'observer', groups: [], kubeconfig: kubeconfigPath('observer') },
  { name: 'nobody-at-all', groups: [], kubeconfig: kubeconfigPath('nobody') },
  { name: `system:node:${plan.nodeName}`, groups: ['system:nodes'], kubeconfig: kubeconfigs.kubelet },
  { name: 'system:kube-controller-manager', groups: [], kubeconfig: kubeconfigs.controllerManager },
  { name: 'system:kube-scheduler', groups: [], kubeconfig: kubeconfigs.scheduler },
  { name: 'system:kube-proxy', groups: [], kubeconfig: kubeconfigs.proxy },
];

export const tokenFile: string = join(paths.config, 'tokens.csv');
export const clusterAuthority: string = join(paths.pki, 'ca');

// JSON, which is YAML too.
function kubeconfig(user: string, token: string, caData: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: apiServer, 'certificate-authority-data': caData } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

export async function writeAccess(): Promise<void> {
  const caData = (await readFile(`${clusterAuthority}.pem`)).toString('base64');
  const lines: string[] = [];
  for (const user of users) {
    const token = randomBytes(24).toString('hex');
    lines.push(
      [token, user.name, user.name, ...(user.groups.length > 0 ? [`"${user.groups.join(',')}"`] : [])].join(','),
    );
    await writeFile(user.kubeconfig, kubeconfig(user.name, token, caData), { mode: 0o600 });
  }
  await writeFile(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });
}
