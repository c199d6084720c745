import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEvent, ProbeReport, ProbeTarget } from '../../../src/core/model/probe.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import { STARTS } from '../../../src/probes/programs/ladder.ts';
import { selfSigned } from '../support/self-signed.ts';
import { type DnsServer, dnsServer } from './support/dns-server.ts';
import { blackHole, type Endpoint, open, refusedPort, resetting, tls } from './support/endpoints.ts';
import { type Box, canIsolate, localKube, toolBox, which } from './support/local-kube.ts';

/**
 * The real programs in real processes against real servers, one run of all endpoints for each rung. Names are looked up through
 * the machine's own C library with a resolv.conf of the test's, which takes a mount namespace (root on Linux).
 */
const DNS = '127.0.53.1';
const SILENT_DNS = '127.0.53.2';
const FEW_SECONDS = 30_000;
const POD = { namespace: 'shop', name: 'checkout-1' };
const clock = { now: () => new Date('2026-01-02T03:04:05Z') };

const missing = ['python3', 'bash', 'getent', 'openssl', 'busybox'].filter((tool) => which(tool) === undefined);
if (missing.length > 0)
  console.warn(`probe rungs not run for lack of ${missing.join(', ')}; recorded outputs stand in`);
if (!canIsolate) console.warn('probe rungs not run: no mount namespaces here (Linux and root only)');

const rungs: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly rung: string; readonly path: () => string }>
> = {
  python3: { needs: ['python3'], rung: 'python3', path: () => toolBox(['sh', 'python3']) },
  'python3 without a shell': { needs: ['python3'], rung: 'python3', path: () => toolBox(['python3']) },
  node: { needs: ['node'], rung: 'node', path: () => toolBox(['sh', 'node']) },
  'node without a shell': { needs: ['node'], rung: 'node', path: () => toolBox(['node']) },
  bash: {
    needs: ['bash', 'getent', 'openssl'],
    rung: 'bash+getent',
    path: () => toolBox(['sh', 'bash', 'getent', 'timeout', 'dd', 'od', 'sleep', 'true', 'openssl']),
  },
  'bash without timeout': {
    needs: ['bash', 'getent'],
    rung: 'bash+getent',
    path: () => toolBox(['sh', 'bash', 'getent', 'dd', 'od', 'sleep', 'true']),
  },
  busybox: {
    needs: ['busybox'],
    rung: 'busybox',
    path: () => toolBox([], ['sh', 'nslookup', 'nc', 'timeout', 'sleep', 'true', 'busybox']),
  },
};
const runs = (name: string): boolean =>
  canIsolate && (rungs[name]?.needs ?? []).every((tool) => which(tool) !== undefined);

let dns: DnsServer;
let silentDns: DnsServer;
let hole: Awaited<ReturnType<typeof blackHole>>;
let refused: number;
let plain: Endpoint;
let reset: Endpoint;
const secure: Record<string, Endpoint> = {};
let trust: string;

beforeAll(async () => {
  if (!canIsolate) return;
  const good = selfSigned('good.test');
  const other = selfSigned('other.test');
  const old = selfSigned('old.test', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
  secure['good'] = await tls(good);
  secure['wrong'] = await tls(other);
  secure['old'] = await tls(old);
  secure['unknown'] = await tls(selfSigned('unknown.test'));
  trust = mkdtempSync(join(tmpdir(), 'probe-trust-'));
  writeFileSync(join(trust, 'ca.pem'), good.cert + other.cert + old.cert);
  [plain, reset, refused, hole] = await Promise.all([open(), resetting(), refusedPort(), blackHole()]);
  const here = { a: ['127.0.0.1'] };
  dns = await dnsServer(DNS, {
    'good.test': here,
    'wrong.test': here,
    'old.test': here,
    'unknown.test': here,
    'files.test': { cname: 'blob.store.test' },
    'blob.store.test': here,
    'denied.test': { rcode: 5 },
    'broken.test': { rcode: 2 },
    'empty.test': { a: [] },
    'big.test': { ...here, truncate: true },
    'db.shop.svc.cluster.test': here,
    'two.test': { a: ['127.0.0.1', '224.0.0.1'] },
    'meta.test': { a: ['169.254.169.254'] },
  });
  silentDns = await dnsServer(SILENT_DNS, { 'good.test': { silent: true } });
});

afterAll(() => {
  for (const endpoint of [plain, reset, ...Object.values(secure)]) endpoint?.close();
  hole?.close();
  dns?.close();
  silentDns?.close();
  if (trust !== undefined) rmSync(trust, { recursive: true, force: true });
});

const target = (id: string, host: string, port: number, withTls = false): ProbeTarget => ({
  id,
  host,
  port,
  tls: withTls,
});

interface Ran {
  readonly report: ProbeReport;
  readonly events: readonly ProbeEvent[];
}

async function probe(
  box: Box,
  targets: readonly ProbeTarget[],
  times: { connect?: number; lookup?: number } = {},
): Promise<Ran> {
  const kube = localKube(box);
  const events: ProbeEvent[] = [];
  const read = await createProbeRunner(kube, clock).run(
    {
      pod: POD,
      container: 'app',
      targets,
      connectTimeoutMs: times.connect ?? 2000,
      lookupTimeoutMs: times.lookup ?? 6000,
    },
    (event) => events.push(event),
    new AbortController().signal,
  );
  kube.cleanUp();
  if (!read.ok) throw new Error(JSON.stringify(read.notRead));
  return { report: read.value, events };
}

const byId = (report: ProbeReport, id: string) => {
  const found = report.targets.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no report on ${id}`);
  return found;
};

interface RungRun extends Ran {
  readonly silent: ProbeReport;
}

/** Three runs side by side, each within the guard's count of targets. */
async function runRung(path: string, withTls: boolean): Promise<RungRun> {
  const box: Box = {
    path,
    resolvConf: `nameserver ${DNS}\nsearch shop.svc.cluster.test svc.cluster.test\noptions ndots:5\n`,
    hosts: '127.0.0.1 localhost\n127.0.0.1 alias.test\n',
    env: {
      SSL_CERT_FILE: join(trust, 'ca.pem'),
      NODE_EXTRA_CA_CERTS: join(trust, 'ca.pem'),
      https_proxy: 'http://user:hunter2@proxy.test:3128',
      NO_PROXY: '.svc',
    },
  };
  const silentBox = { ...box, resolvConf: `nameserver ${SILENT_DNS}\noptions timeout:1 attempts:1\n` };
  const [one, other, silent] = await Promise.all([
    probe(box, connections()),
    probe(box, handshakes(withTls)),
    probe(silentBox, [target('silent', 'good.test', 443)], { lookup: 1500 }),
  ]);
  return {
    report: { ...one.report, targets: [...one.report.targets, ...other.report.targets] },
    events: [...one.events, ...other.events],
    silent: silent.report,
  };
}

const connections = (): ProbeTarget[] => [
  target('open', '127.0.0.1', plain.port),
  target('refused', '127.0.0.1', refused),
  target('dropped', '127.0.0.1', hole.port),
  target('two', 'two.test', plain.port),
  target('cname', 'files.test', plain.port),
  target('nxdomain', 'nosuch.test', 443),
  target('servfail', 'broken.test', 443),
  target('denied', 'denied.test', 443),
  target('nodata', 'empty.test', 443),
  target('hosts', 'alias.test', plain.port),
];

const checksTls = (rung: string): boolean => rung !== 'busybox' && rung !== 'bash without timeout';

const handshakes = (withTls: boolean): ProbeTarget[] => [
  target('good', 'good.test', secure['good']?.port ?? 0, true),
  ...(withTls ? badHandshakes() : []),
  target('big', 'big.test', plain.port),
  target('meta', 'meta.test', 80),
  target('search', 'db.shop', plain.port),
];

const badHandshakes = (): ProbeTarget[] => [
  target('wrong', 'wrong.test', secure['wrong']?.port ?? 0, true),
  target('old', 'old.test', secure['old']?.port ?? 0, true),
  target('unknown', 'unknown.test', secure['unknown']?.port ?? 0, true),
  target('reset', 'good.test', reset.port, true),
  target('stall', 'good.test', plain.port, true),
];

const running = new Map<string, Promise<RungRun>>();

for (const [name, rung] of Object.entries(rungs)) {
  describe.skipIf(!runs(name))(`the ${name} rung`, () => {
    let ran: RungRun;

    // The next rung starts with this one: two at a time, so that a busy machine does not stretch the time-outs.
    beforeAll(async () => {
      const names = Object.keys(rungs).filter(runs);
      for (const start of [name, names[names.indexOf(name) + 1] ?? name]) {
        if (running.has(start)) continue;
        const path = rungs[start]?.path() ?? '';
        const run = runRung(path, checksTls(start));
        running.set(start, run);
        void run.catch(() => undefined).finally(() => rmSync(path, { recursive: true, force: true }));
      }
      ran = (await running.get(name)) ?? (await runRung(rung.path(), checksTls(name)));
    }, FEW_SECONDS);

    it('names itself and reads the resolver and the proxies, without credentials', () => {
      expect(ran.report.rung).toBe(rung.rung);
      expect(ran.report.resolver).toEqual({
        nameservers: [DNS],
        search: ['shop.svc.cluster.test', 'svc.cluster.test'],
        ndots: 5,
      });
      expect(ran.report.proxyEnv).toEqual({ https_proxy: 'http://proxy.test:3128', NO_PROXY: '.svc' });
    });

    it.each([
      ['open', 'connected'],
      ['refused', 'refused'],
      ['dropped', 'timeout'],
    ])('tells a connection: %s is %s', (id, outcome) => {
      const report = byId(ran.report, id);
      expect(report.lookup).toEqual({ outcome: 'not_checked', addresses: ['127.0.0.1'], cnames: [] });
      expect(report.connects).toMatchObject([{ address: '127.0.0.1', outcome, ms: expect.any(Number) }]);
    });

    it('tries every address of a name', () => {
      const { lookup, connects } = byId(ran.report, 'two');
      expect(lookup.outcome).toBe('resolved');
      const outcomes = Object.fromEntries(connects.map((connect) => [connect.address, connect.outcome]));
      expect(outcomes).toEqual({ '127.0.0.1': 'connected', '224.0.0.1': 'unreachable' });
    });

    it('never contacts a metadata address, whatever name leads there', () => {
      expect(byId(ran.report, 'meta').connects).toMatchObject([{ address: '169.254.169.254', outcome: 'not_checked' }]);
    });

    it('follows a CNAME', () => {
      const { lookup, connects } = byId(ran.report, 'cname');
      expect(lookup).toMatchObject({ outcome: 'resolved', addresses: ['127.0.0.1'], cnames: ['blob.store.test'] });
      expect(connects).toMatchObject([{ outcome: 'connected' }]);
    });

    it.each([
      ['nxdomain', 'nxdomain'],
      ['servfail', 'servfail'],
      ['denied', 'refused'],
      ['nodata', 'nodata'],
    ])('tells a failed lookup: %s is %s', (id, outcome) => {
      const { lookup, connects } = byId(ran.report, id);
      expect(lookup).toMatchObject({ outcome, addresses: [] });
      expect(connects).toEqual([]);
    });

    it('reads /etc/hosts as the application does', () => {
      expect(byId(ran.report, 'hosts')).toMatchObject({
        lookup: { outcome: 'resolved', addresses: ['127.0.0.1'] },
        connects: [{ outcome: 'connected' }],
      });
    });

    it('follows the search list as the application does', () => {
      expect(byId(ran.report, 'search')).toMatchObject({
        lookup: { outcome: 'resolved', addresses: ['127.0.0.1'] },
        connects: [{ outcome: 'connected' }],
      });
    });

    it('resolves a truncated answer', () => {
      expect(byId(ran.report, 'big').lookup).toMatchObject({ outcome: 'resolved', addresses: ['127.0.0.1'] });
    });

    const withTls = checksTls(name);

    it.runIf(withTls).each([
      ['good', 'ok'],
      ['wrong', 'wrong_name'],
      ['old', 'expired'],
      ['unknown', 'untrusted'],
      ['reset', 'reset'],
      ['stall', 'timeout'],
    ])('tells a handshake: %s is %s', (id, outcome) => {
      const report = byId(ran.report, id);
      expect(report.tls).toMatchObject({ outcome });
      const answered = ['good', 'wrong', 'old', 'unknown'].includes(id);
      expect(report.tls.version).toBe(answered ? 'TLSv1.3' : undefined);
      const subject = id === 'wrong' ? 'other' : id;
      expect(report.tls.issuer).toBe(answered ? `CN=${subject}.test` : undefined);
    });

    it.runIf(!withTls)('says that it cannot check TLS', () => {
      expect(byId(ran.report, 'good').tls).toEqual({ outcome: 'not_checked' });
      expect(ran.report.limits.join()).toMatch(/TLS was not tried/);
    });

    it('sends no application data', () => {
      for (const endpoint of Object.values(secure)) expect(endpoint.received).toEqual([]);
    });

    it('tells each step as it comes, once', () => {
      const keys = ran.events.map((event) =>
        event.kind === 'connect' ? `${event.id} connect ${event.connect.address}` : `${event.id} ${event.kind}`,
      );
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys).toContain('dropped connect 127.0.0.1');
      expect(keys.indexOf('open connect 127.0.0.1')).toBeLessThan(keys.indexOf('dropped connect 127.0.0.1'));
    });

    it('comes to its end, and says what it cannot tell', () => {
      expect(ran.report.limits.join()).not.toMatch(/did not come to its end/);
      expect(/search list/.test(ran.report.limits.join())).toBe(name.startsWith('busybox'));
    });

    it('tells a name server that stays silent', () => {
      expect(byId(ran.silent, 'silent').lookup).toMatchObject({ outcome: 'timeout', addresses: [] });
    });
  });
}

describe.skipIf(!runs('python3'))('a probe that is ended early', () => {
  const path = canIsolate ? toolBox(['sh', 'python3']) : '';
  afterAll(() => rmSync(path, { recursive: true, force: true }));

  it('reports what was seen, and the program ends in the container', async () => {
    const kube = localKube({ path });
    const stop = new AbortController();
    const targets = [target('dropped', '127.0.0.1', hole.port), target('open', '127.0.0.1', plain.port)];
    const started = Date.now();
    const read = await createProbeRunner(kube, clock).run(
      { pod: POD, container: 'app', targets, connectTimeoutMs: 8000, lookupTimeoutMs: 1000 },
      (event) => {
        if (event.kind === 'connect') setTimeout(() => stop.abort(), 400);
      },
      stop.signal,
    );
    expect(Date.now() - started).toBeLessThan(4000);
    if (!read.ok) throw new Error(read.notRead.reason);
    expect(byId(read.value, 'open').connects).toMatchObject([{ outcome: 'connected' }]);
    expect(byId(read.value, 'dropped').connects).toEqual([{ address: '127.0.0.1', outcome: 'not_checked' }]);
    expect(read.value.limits.join()).toMatch(/wait was ended early/);
    kube.cleanUp();
    await expect.poll(() => kube.pids.some((pid) => existsSync(`/proc/${pid}`)), { timeout: 3000 }).toBe(false);
  }, 15_000);

  it('ends itself when its time is up, even if nobody cuts the stream', async () => {
    const { report } = await probe({ path }, [target('stall', '127.0.0.1', plain.port, true)], {
      connect: 300,
      lookup: 100,
    });
    expect(byId(report, 'stall').tls.outcome).toBe('timeout');
  }, 15_000);
});

describe('a container without anything', () => {
  it('is told apart, with the command to probe by hand', async () => {
    const path = mkdtempSync(join(tmpdir(), 'probe-empty-'));
    const kube = localKube({ path });
    const request = {
      pod: POD,
      container: 'app',
      targets: [target('a', 'api.vendor.test', 443)],
      connectTimeoutMs: 500,
      lookupTimeoutMs: 500,
    };
    const read = await createProbeRunner(kube, clock).run(request, () => undefined, new AbortController().signal);
    rmSync(path, { recursive: true });
    kube.cleanUp();
    expect(read).toMatchObject({ ok: false, notRead: { code: 'unsupported' } });
    expect(!read.ok && read.notRead.nextStep).toMatch(
      /kubectl debug -it -n shop checkout-1 --image=busybox --target=app -- .*api\.vendor\.test 443/,
    );
    expect(kube.execs.map((exec) => exec.argv[0])).toEqual(STARTS.map(({ argv }) => argv[0]));
  });
});
