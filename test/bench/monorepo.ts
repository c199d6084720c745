/** A repository as big teams have them, for `gitops.ts`: 50,000 files, of which one folder holds policies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { git } from '../unit/gitops/repositories.ts';

export const FILES = 50_000;
const POLICIES = 300;

/** Into an empty directory, as a bare repository that allows partial clones, packed as servers pack. */
export async function fillMonorepo(dir: string): Promise<void> {
  git(dir, 'init', '-q', '--bare', '-b', 'main');
  const child = spawn('git', ['-C', dir, 'fast-import', '--quiet'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const { stdin } = child;
  stdin.write('commit refs/heads/main\ncommitter t <t@example.com> 1700000000 +0000\ndata 1\nc\n');
  for (let at = 0; at < FILES; at += 1) {
    const [path, text] = at < POLICIES ? policy(at) : ordinary(at);
    const entry = `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
    if (!stdin.write(entry)) await once(stdin, 'drain');
  }
  stdin.end('done\n');
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  git(dir, 'repack', '-q', '-a', '-d', '--depth=50', '--window=10');
  git(dir, 'config', 'uploadpack.allowFilter', 'true');
}

function policy(at: number): [string, string] {
  const text = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: policy-${at}
  namespace: shop
spec:
  endpointSelector:
    matchLabels: {app: app-${at}}
  egress:
    - toFQDNs:
        - matchName: files-${at}.vendor.example
      toPorts:
        - ports:
            - {port: "443", protocol: TCP}
`;
  return [`policies/team-${at % 20}/policy-${at}.yaml`, text];
}

const KINDS = ['deployment.yaml', 'service.yaml', 'values.yaml', 'main.go', 'README.md'];

/** Half of it YAML, which only a reading of the whole repository looks at. */
function ordinary(at: number): [string, string] {
  const service = `services/group-${at % 50}/service-${Math.floor(at / 20)}`;
  const lines = Array.from({ length: 40 }, (_, line) => `  key-${line}: "${(at * 7919 + line * 104729).toString(36)}"`);
  return [`${service}/part-${at % 4}/${at}-${KINDS[at % 5]}`, `# ${at}\nvalues:\n${lines.join('\n')}\n`];
}
