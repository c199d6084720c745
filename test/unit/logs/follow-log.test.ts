import { describe, expect, it } from 'vitest';
import type { KubeConnection, LogStream } from '../../../src/kube/connection.ts';
import { followLog } from '../../../src/logs/follow-log.ts';

const request = { pod: { namespace: 'shop', name: 'checkout-1' }, sinceSeconds: 600, tailLines: 1000, previous: false };
const job = { container: 'app', previous: false };
const asked = { request, job, pattern: undefined };
const signal = new AbortController().signal;
const bounds = { bytes: 100_000, ms: 5000 };

/** Lines of a log, the newest last; how many of them were asked for is kept. */
function serving(lines: readonly string[], after?: () => Promise<void>) {
  const tails: (number | undefined)[] = [];
  const kube: KubeConnection = {
    context: 'test',
    server: 'https://test.example',
    get: () => Promise.reject(new Error('not used')),
    exec: () => Promise.reject(new Error('not used')),
    readLog: async (_pod, { tailLines }) => {
      tails.push(tailLines);
      return { ok: true, value: sent(lines.slice(-(tailLines ?? lines.length)), after) };
    },
  };
  return { kube, tails };
}

async function* sent(lines: readonly string[], after?: () => Promise<void>): LogStream {
  for (const line of lines) yield Buffer.from(`${line}\n`);
  await after?.();
}

const at = (second: number): string => new Date(Date.UTC(2026, 10, 24, 10, 0, second)).toISOString();
const numbered = (count: number, length: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `${at(i)} ${'x'.repeat(length)} Error: connect ECONNREFUSED 203.0.113.9:${1000 + i}`,
  );

describe('followLog', () => {
  it('reads all there is', async () => {
    const { kube, tails } = serving(numbered(10, 10));
    const read = await followLog(kube, asked, signal, bounds);
    expect(read).toMatchObject({
      ok: true,
      value: { cutBy: 'since', findings: { lines: 10, from: at(0), to: at(9) } },
    });
    expect(tails).toEqual([1000]);
  });

  it('says that lines were cut', async () => {
    const { kube } = serving(numbered(2000, 1));
    expect(await followLog(kube, asked, signal, { ...bounds, bytes: 1e9 })).toMatchObject({
      ok: true,
      value: { cutBy: 'lines', findings: { lines: 1000, to: at(1999) } },
    });
  });

  it('keeps the newest where there are too many bytes, and tells the span', async () => {
    const { kube, tails } = serving(numbered(900, 1000));
    const read = await followLog(kube, asked, signal, bounds);
    if (!read.ok) throw new Error('not read');
    const { cutBy, findings } = read.value;
    expect(cutBy).toBe('bytes');
    expect(findings.to).toBe(at(899));
    expect(findings.failures.at(-1)?.port).toBe(1899);
    expect(tails.length).toBe(2);
    expect(tails[1]).toBeLessThan(100);
  });

  it('gives up asking where every line is longer than the last time', async () => {
    const growing = numbered(900, 0).map((line, i) => `${at(i)} ${'y'.repeat(i * 20)} ${line}`);
    const { kube, tails } = serving(growing);
    const read = await followLog(kube, asked, signal, bounds);
    expect(read).toMatchObject({ ok: true, value: { cutBy: 'bytes' } });
    expect(tails.length).toBeLessThanOrEqual(4);
  });

  it('keeps what came before the stream broke off, and says so', async () => {
    const broken = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    const { kube } = serving(numbered(3, 10), () => Promise.reject(broken));
    expect(await followLog(kube, asked, signal, bounds)).toMatchObject({
      ok: true,
      value: { cutBy: 'time', findings: { lines: 3 } },
    });
  });

  it('stops in time', async () => {
    const { kube } = serving(numbered(3, 10));
    expect(await followLog(kube, asked, signal, { ...bounds, ms: 0 })).toMatchObject({
      ok: true,
      value: { cutBy: 'time' },
    });
  });

  it('passes on that it was stopped, and what is no broken stream', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    const { kube } = serving(numbered(3, 10), () => Promise.reject(new Error('aborted')));
    await expect(followLog(kube, asked, stop.signal, bounds)).rejects.toThrow('enough');
    const odd = serving(numbered(3, 10), () => Promise.reject(new Error('a bug')));
    await expect(followLog(odd.kube, asked, signal, bounds)).rejects.toThrow('a bug');
  });
});
