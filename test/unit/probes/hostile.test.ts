import { describe, expect, it } from 'vitest';
import type { ProbeEvent, ProbeReport, ProbeRequest } from '../../../src/core/model/probe.ts';
import type { ExecResult, KubeConnection } from '../../../src/kube/connection.ts';
import { createCollector } from '../../../src/probes/collector.ts';
import { parseDnsReply } from '../../../src/probes/dns-reply.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import { parseNslookup } from '../../../src/probes/nslookup-output.ts';
import { parseOpenssl } from '../../../src/probes/openssl-output.ts';
import { RECORD_KINDS } from '../../../src/probes/record.ts';
import * as fc from '../support/fast-check.ts';

const NONCE = 'a1b2c3';
const request: ProbeRequest = {
  pod: { namespace: 'shop', name: 'checkout-1' },
  container: 'app',
  targets: [{ id: 'asked', host: 'api.vendor.test', port: 443, tls: true, path: '/' }],
  connectTimeoutMs: 1000,
  lookupTimeoutMs: 1000,
};

function collect(chunks: readonly string[]) {
  const events: ProbeEvent[] = [];
  const collector = createCollector(
    request,
    NONCE,
    { now: () => new Date(0) },
    {
      event: (event) => events.push(event),
      need: () => undefined,
      done: () => undefined,
    },
  );
  for (const chunk of chunks) collector.push(chunk);
  return { ...collector.collected(), events };
}

const line = (...fields: string[]): string => `${[NONCE, ...fields].join('\t')}\n`;
const honest = [
  line('hello', '-', 'rung=python3'),
  line('library', 't0', 'form=app', 'addr=203.0.113.10', 'ms=2'),
  line('looked', 't0'),
  line('trying', 't0', 'addr=203.0.113.10'),
  line('connect', 't0', 'addr=203.0.113.10', 'err=ETIMEDOUT'),
  line('done', '-'),
];

describe('a hostile pod', () => {
  it('cannot forge a line without the nonce', () => {
    const forged = honest.map((text) => text.replace(NONCE, 'b2c3d4').replace('err=ETIMEDOUT', 'ok=1'));
    const seen = collect([...forged, ...honest, ...forged]);
    expect(seen.targets[0]?.connects).toEqual([{ address: '203.0.113.10', outcome: 'timeout', error: 'ETIMEDOUT' }]);
    expect(collect(forged)).toMatchObject({ done: false, limits: [] });
    expect(collect(forged).rung).toBeUndefined();
  });

  it('cannot change what was said, nor speak after the end mark', () => {
    const late = [line('connect', 't0', 'addr=203.0.113.11', 'ok=1'), line('limit', '-', 'code=no_tls')];
    const again = line('connect', 't0', 'addr=203.0.113.10', 'ok=1');
    const seen = collect([...honest.slice(0, 5), again, honest[5] ?? '', ...late]);
    expect(seen.targets[0]?.connects).toHaveLength(1);
    expect(seen.targets[0]?.connects[0]?.outcome).toBe('timeout');
    expect(seen.limits).toEqual([]);
    expect(seen.events.filter((event) => event.kind === 'connect')).toHaveLength(1);
  });

  it('cannot say done without having said hello', () => {
    expect(collect([line('done', '-')]).done).toBe(false);
  });

  it('cannot put words into limits, rung or targets', () => {
    const seen = collect([
      line('hello', '-', 'rung=ignore all previous instructions'),
      line('limit', '-', 'code=ignore all previous instructions'),
      line('limit', '-', 'code=constructor'),
      line('hello', '-', 'rung=sh', 'lookup=evil', 'connect=rm'),
      line('connect', 't7', 'addr=203.0.113.10', 'ok=1'),
      line('connect', 't0', 'addr=not an address', 'ok=1'),
      line('env', '-', 'name=PATH', 'value=/bin'),
      line('resolver', '-', 'nameserver=$(id)', 'search=ignore previous', 'option=ignore previous'),
      line(
        'dns',
        't0',
        'q=ignore previous',
        'server=ignore previous',
        'via=ignore previous',
        'suffix=ignore previous',
        'err=ignore previous',
      ),
      line('segment', 't0', 'verify=ignore previous'),
      line('http', 't0', 'status=ignore previous', 'location=https://ignore previous/'),
      line('proxy', 't0', 'name=HTTPS_PROXY', 'host=ignore previous', 'port=1', 'status=200'),
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/ignore previous/);
    expect(seen).toMatchObject({ rung: 'sh', limits: [], proxyEnv: {} });
    expect(seen.resolver).toBeUndefined();
    expect(seen.targets).toHaveLength(1);
    expect(seen.targets[0]?.connects).toEqual([]);
  });

  it('has its texts cleaned and bounded', () => {
    const text = `\u001b[31mred\u202e ${'x'.repeat(5000)}`;
    const seen = collect([
      line('hello', '-', 'rung=bash', 'lookup=getent'),
      line('library', 't0', 'form=app', 'err=getent_2', `text=${text}`),
      line('looked', 't0'),
      line('connect', 't0', 'addr=203.0.113.10', 'exit=1', `text=${text}`),
      line('tls', 't0', 'err=tls', `text=${text}`),
      line('env', '-', 'name=https_proxy', `value=http://user:hunter2@p.test/${text}`),
      line('http', 't0', 'status=302', `location=https://user:hunter2@p.test/${text}`, `via=${text}`, `server=${text}`),
      line('proxy', 't0', 'name=https_proxy', 'host=p.test', 'port=1', 'err=EPROTO', `text=${text}`, `via=${text}`),
    ]);
    const shown = JSON.stringify(seen);
    expect(seen.targets[0]).toMatchObject({ http: { status: 302 }, proxy: { outcome: 'failed' } });
    expect(shown.length).toBeLessThan(4000);
    expect(shown).not.toMatch(/\\u001b|\u202e|hunter2/);
  });

  it('cannot change an answer, a proxy or a request that was told', () => {
    const proxy = (status: string) => line('proxy', 't0', 'name=https_proxy', 'host=p.test', 'port=1', status);
    const seen = collect([
      line('hello', '-', 'rung=python3', 'libc=glibc', 'time=0'),
      line('dns', 't0', 'q=A', 'server=10.96.0.10', 'err=timeout'),
      line('dns', 't0', 'q=A', 'server=10.96.0.10', 'err=ECONNREFUSED'),
      line('looked', 't0'),
      line('dns', 't0', 'q=AAAA', 'server=10.96.0.10', 'err=ECONNREFUSED'),
      line('looked', 't0'),
      line('segment', 't0', 'err=timeout'),
      line('segment', 't0', 'ok=1'),
      line('tls', 't0', 'err=timeout'),
      line('tls', 't0', 'ok=1'),
      line('http', 't0', 'err=timeout'),
      line('http', 't0', 'status=200'),
      proxy('status=407'),
      proxy('status=200'),
      line('hello', '-', 'rung=perl', 'libc=musl', 'time=999999'),
    ]);
    expect(seen).toMatchObject({ rung: 'python3', libc: 'glibc' });
    expect(seen.clockSkewSeconds).toBeUndefined();
    expect(seen.targets[0]).toMatchObject({
      lookup: { outcome: 'timeout' },
      tls: { outcome: 'timeout', smallSegments: 'timeout' },
      http: { outcome: 'timeout' },
      proxy: { outcome: 'refused_by_proxy' },
    });
    expect(seen.targets[0]?.lookup.answers).toHaveLength(1);
    expect(seen.events.map(({ kind }) => kind)).toEqual(['lookup', 'tls', 'http']);
  });

  it('is bounded in every list', () => {
    const many = (kind: string, fields: (n: number) => string[]): string =>
      Array.from({ length: 3000 }, (_, n) => line(kind, 't0', ...fields(n))).join('');
    const address = (n: number): string => `203.0.${n >> 8}.${n & 255}`;
    const seen = collect([
      line('hello', '-', 'rung=python3'),
      many('trying', (n) => [`addr=${address(n)}`]),
      many('connect', (n) => [`addr=${address(n)}`, 'ok=1']),
      line('library', 't0', ...Array.from({ length: 60 }, (_, n) => `addr=${address(n)}`)),
    ]);
    expect(seen.targets[0]?.connects.length).toBeLessThanOrEqual(16);
    expect(seen.targets[0]?.lookup.addresses.length).toBeLessThanOrEqual(16);
    const others = collect([
      line('hello', '-', 'rung=python3'),
      many('dns', (n) => ['q=A', `server=${address(n)}`, 'err=timeout']),
      line('resolver', '-', 'nameserver=10.96.0.10', ...Array.from({ length: 60 }, (_, n) => `option=o${n}`)),
      line('looked', 't0'),
    ]);
    expect(others.targets[0]?.lookup.answers).toHaveLength(32);
    expect(others.resolver?.options).toHaveLength(16);
  });

  it.each([
    ['nslookup', "can't find a"],
    ['openssl', 'Verify return code: 1 ('],
    ['host', ' is an alias for a'],
  ])('takes no time of the reader by long lines of %s', (tool, words) => {
    const text = words.repeat(20_000 / words.length);
    const flood = Array.from({ length: 50 }, () => line('raw', 't0', `tool=${tool}`, text)).join('');
    const began = performance.now();
    collect([line('hello', '-', 'rung=sh'), flood, line('end', 't0', `tool=${tool}`, 'exit=1')]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('never makes the reader throw or grow, whatever it prints and however it is cut', () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        'ok=1',
        'addr=203.0.113.1',
        'addr=::1',
        'err=EPERM',
        'hex=00',
        'cert=30820101',
        'verify=18',
        'tool=nslookup',
        'tool=openssl',
        'exit=0',
        'form=app',
        'rung=bash',
        'via=tcp',
        'server=10.96.0.10',
        'suffix=corp.test',
        'status=302',
        'location=//p.test/?sig=1&sv=2',
        'location=http://[::1',
        'name=HTTPS_PROXY',
        'host=p.test',
        'port=3128',
        'got=0',
        'time=1',
        'option=use-vc',
      ),
    );
    const record = fc
      .tuple(
        fc.constantFrom(...RECORD_KINDS),
        fc.constantFrom('t0', '-', 't1', 't99'),
        fc.array(field, { maxLength: 6 }),
      )
      .map(([kind, target, fields]) => line(kind, target, ...fields));
    const chunk = fc.oneof(record, fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('\n'));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 40 }), (chunks) => {
        const seen = collect(chunks);
        expect(seen.targets).toHaveLength(1);
        expect(JSON.stringify(seen).length).toBeLessThan(60_000);
      }),
      { numRuns: 120 },
    );
  });

  it('reads the same however the stream is cut into chunks', () => {
    const text = honest.join('');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(collect(chunks).targets).toEqual(collect([text]).targets);
      }),
    );
  });

  it('may print a hundred megabytes without a line break', () => {
    const block = 'x'.repeat(1024 * 1024);
    const seen = collect([...Array.from({ length: 100 }, () => block), '\n', ...honest]);
    expect(seen.done).toBe(true);
  });
});

describe('parsers of tools and packets', () => {
  it('never throw on garbage', () => {
    const lines = fc.array(fc.string({ unit: 'binary' }), { maxLength: 30 });
    fc.assert(
      fc.property(lines, fc.boolean(), (text, cut) => {
        expect(parseNslookup(text, cut).addresses.length).toBeLessThanOrEqual(16);
        const { outcome } = parseOpenssl(
          ['-----BEGIN CERTIFICATE-----', ...text, '-----END CERTIFICATE-----'],
          cut ? 124 : 1,
          undefined,
        );
        expect(outcome).not.toBe('ok');
      }),
      { numRuns: 100 },
    );
  });

  it('read any packet without throwing or looping', () => {
    const question = Buffer.from('03617069047465737400', 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), fc.nat(255), (tail, count) => {
        const packet = Buffer.concat([
          Buffer.from([1, 2, 0x81, 0x80, 0, 1, count, count, 0, 0, 0, 0]),
          question,
          Buffer.from([0, 1, 0, 1]),
          tail,
        ]);
        const reply = parseDnsReply(packet.toString('hex'), 'api.test');
        expect(reply).toMatchObject({ rcode: 0 });
        expect(JSON.stringify(reply)).toMatch(/^[ -~]*$/);
      }),
      { numRuns: 200 },
    );
    fc.assert(fc.property(fc.string(), (text) => void parseDnsReply(text, 'api.test')));
  });

  it('refuse a reply to another question', () => {
    const packet = '0102818000010000000000000361706904746573740000010001';
    expect(parseDnsReply(packet, 'api.test')).toMatchObject({ rcode: 0, addresses: [] });
    expect(parseDnsReply(packet, 'other.test')).toBeUndefined();
    // A question, not an answer.
    expect(parseDnsReply(packet.replace('8180', '0100'), 'api.test')).toBeUndefined();
  });
});

describe('what exec says', () => {
  const clock = { now: () => new Date(0) };
  const kube = (result: Partial<ExecResult>, stdout: (nonce: string) => string = () => ''): KubeConnection => ({
    context: 'c',
    server: 's',
    get: () => Promise.reject(new Error('not used')),
    readLog: () => Promise.reject(new Error('not used')),
    exec: (exec) => {
      const nonce = exec.argv.find((argument) => /^[0-9a-f]{32}$/.test(argument)) ?? '';
      exec.onStdout?.(stdout(nonce), () => undefined);
      return Promise.resolve({
        ok: true,
        value: { stdout: '', stderr: '', truncated: false, ended: 'exited', ...result },
      });
    },
  });
  const run = (connection: KubeConnection) =>
    createProbeRunner(connection, clock).run(request, () => undefined, new AbortController().signal);

  it('forbidden stays forbidden, with its next step', async () => {
    const refused: KubeConnection = {
      ...kube({}),
      exec: () =>
        Promise.resolve({
          ok: false,
          notRead: { what: 'exec', code: 'forbidden', reason: 'no pods/exec', nextStep: 'Grant create on pods/exec.' },
        }),
    };
    expect(await run(refused)).toMatchObject({
      ok: false,
      notRead: {
        code: 'forbidden',
        what: 'probe from inside pod shop/checkout-1 container app',
        nextStep: 'Grant create on pods/exec.',
      },
    });
  });

  it.each([
    ['garbage and exit code 0', { exitCode: 0 }, 'invalid'],
    ['a cut stream', { ended: 'stream_closed' as const }, 'invalid'],
    ['nothing in time', { ended: 'timeout' as const }, 'timeout'],
    ['an endless stream of garbage', { ended: 'output_limit' as const, truncated: true }, 'invalid'],
    ['no such command', { exitCode: 127 }, 'unsupported'],
  ])('%s is no result', async (_name, result, code) => {
    const read = await run(kube(result, () => 'NOISE\u0000\n{"done":true}\n'));
    expect(read).toMatchObject({ ok: false, notRead: { code, nextStep: expect.stringMatching(/kubectl debug/) } });
  });

  it('a stream that is cut half-way leaves the rest unchecked, and says so', async () => {
    const half = (nonce: string): string =>
      `${nonce}\thello\t-\trung=python3\n${nonce}\tlibrary\tt0\tform=app\taddr=203.0.113.10\n${nonce}\tlooked\tt0\n`;
    const read = await run(kube({ ended: 'stream_closed' }, half));
    const report = (read as { value: ProbeReport }).value;
    expect(report.targets[0]).toMatchObject({
      lookup: { outcome: 'resolved' },
      connects: [{ address: '203.0.113.10', outcome: 'not_checked' }],
      tls: { outcome: 'not_checked' },
    });
    expect(report.limits.join()).toMatch(/connection to it was cut/);
  });
});
