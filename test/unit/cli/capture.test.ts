/** The program against an API server, then against what it captured there: the same answer, offline. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVE, bareEnv, ensureBundle, type Ran, runProgram } from '../server/bundle.ts';
import { type FakeApi, type RawObject, startFakeApi } from '../support/fake-api-server.ts';

const home = mkdtempSync(join(tmpdir(), 'egress-capture-'));
const LOG =
  "2026-11-24T10:00:00.000000000Z requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='files.vendor.example', port=443): Max retries exceeded with url: /a?X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef (Caused by ConnectTimeoutError)\n";

let api: FakeApi;
beforeAll(async () => {
  ensureBundle();
  const objects = readdirSync(ARCHIVE).flatMap(
    (name) => loadAll(readFileSync(join(ARCHIVE, name), 'utf8')) as RawObject[],
  );
  api = await startFakeApi({ objects, forbidden: ['pods/exec'], logs: { 'shop/checkout-7d9f/app': LOG } });
}, 60_000);
afterAll(() => api.close());

const QUESTION = ['-n', 'shop', 'checkout-7d9f', 'files.vendor.example'];
const run = (...args: string[]): Promise<Ran> => runProgram(args, bareEnv(home));
const live = (...args: string[]): Promise<Ran> => run(...args, '--kubeconfig', api.kubeconfig);
const timeless = (text: string): unknown => JSON.parse(text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'));

describe('capture and replay', () => {
  const directory = join(home, 'capture');

  it('replays to the answer the cluster gave', async () => {
    const captured = await live('capture', ...QUESTION, directory);
    expect(captured.stderr).not.toContain('ERROR');
    expect(captured.code).toBe(0);
    expect(captured.stderr).toContain(`replay it with --archive ${directory}`);

    const [online, offline] = await Promise.all([
      live('diagnose', ...QUESTION, '--json'),
      run('diagnose', ...QUESTION, '--json', '--archive', directory),
    ]);
    expect(timeless(offline.stdout)).toEqual(timeless(online.stdout));
    expect(offline.code).toBe(online.code);
    expect(captured.stdout.split('\n')[0]).toMatch(/^BLOCKED: shop\/checkout-7d9f/);
  });

  it('answers the other tools offline too', async () => {
    const input = JSON.stringify({ namespace: 'shop', workload: 'checkout-7d9f' });
    const logs = await run('call', 'grepPodLogs', input, '--archive', directory);
    expect(JSON.parse(logs.stdout)).toMatchObject({ failures: [{ host: 'files.vendor.example' }] });
    const policies = await run('call', 'listEgressPolicies', input, '--archive', directory);
    expect(JSON.parse(policies.stdout)).toMatchObject({ isolated: true });
  });

  it('writes no signature and no secret down', () => {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => text.includes('0123456789abcdef0123456789abcdef'))).toEqual([]);
  });

  it('replaces an earlier capture but no other directory', async () => {
    expect((await live('capture', ...QUESTION, directory)).code).toBe(0);
    const foreign = mkdtempSync(join(home, 'foreign-'));
    writeFileSync(join(foreign, 'notes.txt'), 'keep me');
    const refused = await live('capture', ...QUESTION, foreign);
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('CAPTURE_DIR_NOT_EMPTY')]);
    expect(readdirSync(foreign)).toEqual(['notes.txt']);
  });

  it('says of a refused right what to grant', async () => {
    const input = JSON.stringify({ namespace: 'shop', workload: 'checkout-7d9f', target: 'files.vendor.example' });
    const { stdout } = await live('call', 'execProbe', input);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [
        { state: 'not_checked', notChecked: { code: 'forbidden', nextStep: expect.stringContaining('pods/exec') } },
      ],
    });
  });
});
