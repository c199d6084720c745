/** A capture replays offline with the same answer, and holds no secret. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageCaller } from './support/caller.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'capture';
const dir = mkdtempSync(join(tmpdir(), 'egress-capture-'));
let cluster: TestCluster;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cli = (args: readonly string[]): Promise<Outcome> =>
  promisify(execFile)(process.execPath, ['dist/main.js', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir() },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

beforeAll(async () => {
  cluster = await openCluster();
  await stageCaller(cluster, NS, egressPolicy({ namespace: NS, names: ['login.idp.example'], dns: ['*'] }));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('capture', () => {
  it('replays with the same answer, without the cluster', async () => {
    const target = join(dir, 'blocked');
    const captured = await cli([
      'capture',
      '-n',
      NS,
      'caller',
      'other-f.example',
      target,
      '--kubeconfig',
      cluster.kubeconfig,
      '--json',
    ]);
    expect(captured.code, captured.stderr).toBe(0);
    const replayed = await cli(['diagnose', '-n', NS, 'caller', 'other-f.example', '--archive', target, '--json']);
    expect(replayed.code, replayed.stderr).toBe(1);
    const [live, replay] = [JSON.parse(captured.stdout), JSON.parse(replayed.stdout)];
    expect(replay).toEqual(live);
  });

  it('holds neither tokens nor Secrets', () => {
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8');
      expect(text).not.toMatch(/kind: Secret\b/);
      expect(text).not.toMatch(/client-key-data|Bearer [A-Za-z0-9]/);
    }
  });

  it('answers for what it does not hold with "not checked"', async () => {
    const replayed = await cli([
      'call',
      'diagnoseEgress',
      JSON.stringify({ namespace: NS, workload: 'caller', target: 'api-f.vendor.example' }),
      '--archive',
      join(dir, 'blocked'),
    ]);
    const answer = JSON.parse(replayed.stdout);
    expect(answer.findings.find((finding: { id: string }) => finding.id === 'connect-silent').state).toBe(
      'not_checked',
    );
    expect(answer.verdict).toBe('blocked');
    expect(answer.cause.confidence).toBe('likely');
  });

  it('exits 0 where the endpoint is reachable', async () => {
    const ran = await cli(['diagnose', '-n', NS, 'caller', 'login.idp.example', '--kubeconfig', cluster.kubeconfig]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/reachable/i);
  });
});
