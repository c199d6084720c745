/** A program that renders is kept from the network where the system can do that, and its answer says where it cannot. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { type Files, type GitServer, makeRepository, removeTempDirs, serve, tempDir } from './repositories.ts';

const open: GitServer[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(removeTempDirs);

const POLICY = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs: [{matchName: a.example}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`;
const FILES: Files = { 'prod/kustomization.yaml': 'resources: [p.yaml]\n', 'prod/p.yaml': POLICY };

function possible(): boolean {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const POSSIBLE = possible();
if (!POSSIBLE) process.stdout.write('this system gives no network namespace: isolation itself is not tested\n');

/** A kustomize that phones home, as a plugin or a generator would, by three ways, and then does its work. */
async function phoning(): Promise<{ readonly bin: string; readonly calls: () => readonly string[] }> {
  const server = await serve((_request, response) => response.end('ok'));
  open.push(server);
  const { port } = new URL(server.url);
  const bin = tempDir();
  const script = `#!/bin/bash
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
for host in 127.0.0.1 localhost; do
  if exec 3<>/dev/tcp/$host/${port}; then printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' "$host" >&3; read -r answer <&3; fi
done 2> "$0.errors"
while IFS= read -r line; do echo "$line"; done < "$2/p.yaml"
`;
  writeFileSync(join(bin, 'kustomize'), script);
  chmodSync(join(bin, 'kustomize'), 0o700);
  return { bin, calls: () => server.requests };
}

async function report(path: string): Promise<DriftReport> {
  const repository = makeRepository(FILES);
  vi.stubEnv('PATH', path);
  const live = [cnp('p', [fqdnRule(['a.example'])])];
  const read = await createGitopsSource().compare(
    { repository, path: 'prod' },
    live,
    'shop',
    new AbortController().signal,
  );
  if (!read.ok) throw new Error(read.notRead.reason);
  return read.value;
}

describe('a program that renders', () => {
  it.skipIf(!POSSIBLE)('reaches nothing, not even this machine itself, and does its work', async () => {
    const { bin, calls } = await phoning();
    const found = await report(`${bin}:/usr/bin:/bin`);
    expect(found.policies[0]?.kind).toBe('same');
    expect(found).not.toHaveProperty('limits');
    expect(calls()).toEqual([]);
    expect(readFileSync(join(bin, 'kustomize.errors'), 'utf8')).toMatch(
      /unreachable|refused|not known|Name or service/i,
    );
  });

  it('is not isolated where unshare is missing: it could connect, and the answer says so', async () => {
    const { bin, calls } = await phoning();
    const found = await report(bin);
    expect(found.policies[0]?.kind).toBe('same');
    expect(calls()).toContain('GET /127.0.0.1');
    expect(found.limits).toMatchObject([{ code: 'unsupported', reason: expect.stringContaining('not installed') }]);
  });

  it('is not isolated where the system forbids it, and the answer says so', async () => {
    const { bin, calls } = await phoning();
    writeFileSync(join(bin, 'unshare'), '#!/bin/bash\necho "unshare failed: Operation not permitted" >&2\nexit 1\n');
    chmodSync(join(bin, 'unshare'), 0o700);
    const found = await report(bin);
    expect(calls()).toContain('GET /127.0.0.1');
    expect(found.limits?.[0]?.reason).toContain('not permitted');
  });

  it.skipIf(!POSSIBLE)('as root of a system without user namespaces is isolated all the same', async () => {
    const { bin, calls } = await phoning();
    const unshare = execFileSync('sh', ['-c', 'command -v unshare'], { encoding: 'utf8' }).trim();
    symlinkSync(unshare, join(bin, 'real'));
    // As the kernel answers where user.max_user_namespaces is 0: the second way alone is left.
    const script = `#!/bin/bash\nif [ "$1" = --user ]; then exit 1; fi\nexec ${join(bin, 'real')} --user --map-root-user "$@"\n`;
    writeFileSync(join(bin, 'unshare'), script);
    chmodSync(join(bin, 'unshare'), 0o700);
    const found = await report(bin);
    expect(found).not.toHaveProperty('limits');
    expect(calls()).toEqual([]);
  });
});
