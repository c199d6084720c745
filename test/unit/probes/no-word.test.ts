import { describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { ProbeRequest } from '../../../src/core/model/probe.ts';
import type { ExecRequest, ExecResult, KubeConnection } from '../../../src/kube/connection.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';

const request: ProbeRequest = {
  pod: { namespace: 'shop', name: 'checkout-1' },
  container: 'app',
  targets: [{ id: 'asked', host: 'api.vendor.test', port: 443, tls: false }],
  connectTimeoutMs: 1000,
  lookupTimeoutMs: 1000,
};
const clock = { now: () => new Date(0) };

const ended = (exitCode: number): Read<ExecResult> => ({
  ok: true,
  value: { stdout: '', stderr: '', truncated: false, exitCode, ended: 'exited' },
});

/** An API server that lost the word of `lost` starts: what it tells of them looks like a success without output. */
function forgetfulKube(lost: number, then: (execRequest: ExecRequest) => Read<ExecResult>) {
  const asked: string[] = [];
  const exec: KubeConnection['exec'] = async (execRequest) => {
    asked.push(execRequest.argv[0] ?? '');
    return asked.length <= lost ? ended(0) : then(execRequest);
  };
  return { kube: { exec } as KubeConnection, asked };
}

const speaks = (execRequest: ExecRequest): Read<ExecResult> => {
  const nonce = execRequest.argv.find((argument) => /^[0-9a-f]{32}$/.test(argument)) ?? '';
  execRequest.onStdout?.(`${nonce}\thello\t-\trung=python3\n${nonce}\tdone\t-\n`, () => undefined);
  return ended(0);
};

const run = (kube: KubeConnection) =>
  createProbeRunner(kube, clock).run(request, () => undefined, new AbortController().signal);

describe('a start that is said to have ended well without a word', () => {
  it('is asked once more, and the next start is tried where it proves not to be there', async () => {
    const { kube, asked } = forgetfulKube(1, (one) => (one.argv[0] === 'sh' ? ended(127) : speaks(one)));
    expect(await run(kube)).toMatchObject({ ok: true, value: { rung: 'python3' } });
    expect(asked.slice(0, 2)).toEqual(['sh', 'sh']);
    expect(asked).toHaveLength(3);
  });

  it('counts when it says something the second time', async () => {
    const { kube, asked } = forgetfulKube(1, speaks);
    expect(await run(kube)).toMatchObject({ ok: true, value: { rung: 'python3' } });
    expect(asked).toEqual(['sh', 'sh']);
  });

  it('is not checked when it stays so', async () => {
    const { kube, asked } = forgetfulKube(9, speaks);
    const read = await run(kube);
    expect(read).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
    expect(!read.ok && read.notRead.reason).toMatch(/no usable output \(exit code 0\)/);
    expect(asked).toEqual(['sh', 'sh']);
  });
});
