import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startFakeApi } from '../support/fake-api-server.ts';
import { bareEnv, connect, ensureBundle, MAIN } from './bundle.ts';

const home = mkdtempSync(join(tmpdir(), 'egress-life-'));
const POD = { namespace: 'shop', workload: 'checkout' };

beforeAll(ensureBundle, 60_000);

it('ends with its client, having written nothing but protocol to standard output', async () => {
  const child = spawn(process.execPath, [MAIN, 'mcp'], { env: bareEnv(home), stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.write('not json\n{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await once(child.stdout, 'data');
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
});

it('passes a cancellation on to what the call waits for, and lives on', async () => {
  let hungUp = false;
  const api = await startFakeApi({
    intercept: {
      '/api/v1/namespaces/shop/pods/checkout': (request) => {
        request.once('close', () => {
          hungUp = true;
        });
      },
    },
  });
  const { client, close } = await connect(['--kubeconfig', api.kubeconfig], bareEnv(home));
  const cancel = new AbortController();
  const call = client.callTool({ name: 'listEgressPolicies', arguments: POD }, undefined, { signal: cancel.signal });
  const ended = call.then(
    () => 'answered',
    () => 'cancelled',
  );
  await expect.poll(() => api.requests.some(({ path }) => path.endsWith('/pods/checkout'))).toBe(true);
  cancel.abort('enough');
  expect(await ended).toBe('cancelled');
  await expect.poll(() => hungUp).toBe(true);
  await client.ping();
  await close();
  await api.close();
});

it('answers several calls at once', async () => {
  const { client, close } = await connect([], bareEnv(home));
  const names = Array.from({ length: 20 }, (_, index) => `h${index}.example`);
  const answers = await Promise.all(
    names.map((name) => client.callTool({ name: 'matchFqdn', arguments: { names: [name], patterns: ['*.example'] } })),
  );
  expect(answers.map(({ structuredContent }) => structuredContent)).toMatchObject(
    names.map((name) => ({ names: [{ name, matched: true }] })),
  );
  await close();
});
