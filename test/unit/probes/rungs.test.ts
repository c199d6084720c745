import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NameAnswer } from '../../../src/core/model/probe.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import { STARTS } from '../../../src/probes/programs/ladder.ts';
import { canIsolate, localKube, toolBox } from './support/local-kube.ts';
import { can, FEATURES, OWNED_TO, ROWS, runs } from './support/rungs.ts';
import {
  byId,
  clock,
  createWorld,
  DNS,
  PASSWORD,
  POD,
  probe,
  type RungRun,
  runRung,
  target,
  type World,
} from './support/world.ts';

/** The real programs in real processes against real servers, one run of all endpoints for each rung. */
const FEW_SECONDS = 40_000;

let world: World;

beforeAll(async () => {
  if (canIsolate) world = await createWorld();
});
afterAll(() => world?.close());

const running = new Map<string, Promise<RungRun>>();

for (const [name, row] of Object.entries(ROWS)) {
  describe.skipIf(!runs(name))(`the ${name} rung`, () => {
    let ran: RungRun;

    // The next rung starts with this one: two at a time, so that a busy machine does not stretch the time-outs.
    beforeAll(async () => {
      const names = Object.keys(ROWS).filter(runs);
      for (const start of [name, names[names.indexOf(name) + 1] ?? name]) {
        if (running.has(start)) continue;
        const path = ROWS[start]?.path() ?? '';
        const run = runRung(world, path);
        running.set(start, run);
        void run.catch(() => undefined).finally(() => rmSync(path, { recursive: true, force: true }));
      }
      ran = (await running.get(name)) ?? (await runRung(world, row.path()));
    }, FEW_SECONDS);

    /** What the name servers said of a target, by name and question. */
    const answersOn = (id: string, question: 'A' | 'AAAA'): readonly NameAnswer[] =>
      (byId(ran.report, id).lookup.answers ?? []).filter((answer) => answer.question === question);
    const ownAnswers = (id: string, question: 'A' | 'AAAA', via: 'udp' | 'tcp'): readonly NameAnswer[] =>
      answersOn(id, question).filter((answer) => answer.via === via && answer.name === byId(ran.report, id).host);

    it('names itself and reads the resolver and the proxies, without credentials', () => {
      expect(ran.report.rung).toBe(row.rung);
      expect(ran.report.resolver).toMatchObject({
        nameservers: [DNS],
        search: ['shop.svc.cluster.test', 'svc.cluster.test'],
        ndots: 5,
      });
      expect(ran.report.proxyEnv).toEqual({
        https_proxy: `http://127.0.0.1:${world.opening.port}`,
        http_proxy: expect.stringMatching(new RegExp(`^http://127.0.0.1:${world.asking.port}/?$`)),
        NO_PROXY: '.svc',
      });
      // The container has this machine's clock.
      expect(ran.report.clockSkewSeconds).toBeUndefined();
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

    it.runIf(can(name, 'reasons'))('follows a CNAME', () => {
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
      expect(lookup).toMatchObject({ outcome: can(name, 'reasons') ? outcome : 'failed', addresses: [] });
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
      expect(byId(ran.report, 'big').lookup).toMatchObject({
        outcome: 'resolved',
        addresses: expect.arrayContaining(['127.0.0.1']),
      });
    });

    it.each(FEATURES.filter((feature) => !can(name, feature)))('says that it cannot do this: %s', (feature) => {
      expect(ran.limits).toMatch(OWNED_TO[feature]);
    });

    it.runIf(can(name, 'answers'))('shows what the name server said, with the shortest time to live', () => {
      expect(ownAnswers('cname', 'A', 'udp')).toMatchObject([
        { server: DNS, outcome: 'resolved', cnames: ['blob.store.test'], addresses: ['127.0.0.1'], ttlSeconds: 20 },
      ]);
      expect(ownAnswers('denied', 'A', 'udp')).toMatchObject([{ server: DNS, outcome: 'refused', cnames: [] }]);
    });

    it.runIf(can(name, 'aaaa'))('tells a server that answers A and keeps silent on AAAA', () => {
      expect(ownAnswers('half', 'A', 'udp')).toMatchObject([{ outcome: 'resolved' }]);
      expect(ownAnswers('half', 'AAAA', 'udp')).toMatchObject([{ outcome: 'timeout', addresses: [] }]);
    });

    it.runIf(can(name, 'dns_tcp'))('asks over TCP what was cut short or not answered over UDP', () => {
      expect(ownAnswers('big', 'A', 'udp')).toMatchObject([{ truncated: true, addresses: ['127.0.0.1'] }]);
      const [whole] = ownAnswers('big', 'A', 'tcp');
      expect(whole).toMatchObject({ outcome: 'resolved', addresses: ['127.0.0.1', '127.0.0.2'] });
      expect(whole?.truncated).toBeUndefined();
      expect(ownAnswers('stream', 'A', 'udp')).toMatchObject([{ outcome: 'timeout' }]);
      expect(ownAnswers('stream', 'A', 'tcp')).toMatchObject([{ outcome: 'resolved', addresses: ['127.0.0.1'] }]);
    });

    it.runIf(can(name, 'search'))('shows that a search domain takes the name away', () => {
      const { lookup, connects } = byId(ran.report, 'taken');
      expect(lookup).toMatchObject({ outcome: 'resolved', addresses: ['127.0.0.9'] });
      expect(connects).toMatchObject([{ address: '127.0.0.9', outcome: 'refused' }]);
      const said = (lookup.answers ?? []).map((answer) => [answer.name, answer.outcome, ...answer.addresses]);
      expect(said).toContainEqual(['taken.test', 'resolved', '127.0.0.1']);
      expect(said).toContainEqual(['taken.test.svc.cluster.test', 'resolved', '127.0.0.9']);
      expect(said).toContainEqual(['taken.test.shop.svc.cluster.test', 'nxdomain']);
    });

    it.runIf(can(name, 'tls')).each([
      ['good', 'ok'],
      ['wrong', 'wrong_name'],
      ['old', 'expired'],
      ['unknown', 'untrusted'],
      ['reset', 'reset'],
      ['stall', 'timeout'],
      ['sized', 'timeout'],
    ])('tells a handshake: %s is %s', (id, outcome) => {
      const report = byId(ran.report, id);
      expect(report.tls).toMatchObject({ outcome });
      const answered = ['good', 'wrong', 'old', 'unknown'].includes(id);
      expect(report.tls.version).toBe(answered ? 'TLSv1.3' : undefined);
    });

    it.runIf(!can(name, 'tls'))('checks no TLS', () => {
      expect(byId(ran.report, 'good').tls).toEqual({ outcome: 'not_checked' });
    });

    it.runIf(can(name, 'certificate'))('reads the certificate that was shown', () => {
      const { tls } = byId(ran.report, 'old');
      expect(tls).toMatchObject({
        issuer: 'CN=authority.test',
        names: ['old.test'],
        notBefore: '2020-01-01T00:00:00.000Z',
        notAfter: '2021-01-01T00:00:00.000Z',
      });
      expect(byId(ran.report, 'wrong').tls).toMatchObject({ issuer: 'CN=authority.test', names: ['other.test'] });
      expect(byId(ran.report, 'reset').tls.issuer).toBeUndefined();
    });

    it.runIf(can(name, 'received'))('counts what came back before a handshake broke', () => {
      for (const id of ['reset', 'stall']) expect(byId(ran.report, id).tls.receivedBytes).toBe(0);
    });

    it.runIf(can(name, 'segment'))('tries a stalled handshake with small segments', () => {
      expect(byId(ran.report, 'sized').tls.smallSegments).toBe('ok');
      expect(byId(ran.report, 'stall').tls.smallSegments).toBe('timeout');
      expect(byId(ran.report, 'reset').tls.smallSegments).toBeUndefined();
    });

    it.runIf(can(name, 'http'))('asks for the path and reduces where a redirect points', () => {
      expect(byId(ran.report, 'http').http).toMatchObject({
        outcome: 'answered',
        status: 204,
        server: 'edge.test',
        via: '1.1 gate.test',
      });
      expect(byId(ran.report, 'moved').http).toMatchObject({
        outcome: 'answered',
        status: 302,
        redirect: { scheme: 'https', host: 'files.store.test', port: 443, pathClass: 'presigned' },
      });
      expect(byId(ran.report, 'mute').http).toMatchObject({ outcome: 'timeout' });
      expect(byId(ran.report, 'mute').http?.ms).toBeGreaterThan(1000);
      for (const id of ['shut', 'lost']) expect(byId(ran.report, id).http).toEqual({ outcome: 'not_checked' });
    });

    it.runIf(can(name, 'https'))('asks over TLS only whom it trusts', () => {
      expect(byId(ran.report, 'https')).toMatchObject({
        tls: { outcome: 'ok' },
        http: { outcome: 'answered', status: 204 },
      });
      expect(byId(ran.report, 'old').http).toEqual({ outcome: 'not_checked' });
    });

    it.runIf(can(name, 'proxy'))('asks the proxy of the environment for a way', () => {
      expect(byId(ran.report, 'good').proxy).toMatchObject({
        variable: 'https_proxy',
        host: '127.0.0.1',
        port: world.opening.port,
        outcome: 'tunnel',
        status: 200,
        via: '1.1 gate.test (squid)',
      });
      expect(byId(ran.report, 'open').proxy).toMatchObject({
        variable: 'http_proxy',
        outcome: 'refused_by_proxy',
        status: 407,
      });
      expect(byId(ran.silent, 'silent').proxy).toMatchObject({ variable: 'ALL_PROXY', outcome: 'not_reached' });
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
      expect(ran.limits).not.toMatch(/did not come to its end/);
    });

    it('tells a name server that stays silent', () => {
      const outcome = can(name, 'reasons') ? 'timeout' : 'failed';
      expect(byId(ran.silent, 'silent').lookup).toMatchObject({ outcome, addresses: [] });
    });
  });
}

describe.each(['python3', 'node', 'perl', 'ruby', 'php', 'java', 'bash'])(
  'name servers of a resolv.conf, to %s',
  (name) => {
    it.skipIf(!runs(name))(
      'are asked by plain addresses alone, and at no metadata address',
      async () => {
        const path = ROWS[name]?.path() ?? '';
        const nat64 = '64:ff9b::a9fe:a9fe';
        const resolvConf = `nameserver 0x7f000001\nnameserver ${nat64}\nnameserver ${DNS}\noptions timeout:1 attempts:1\n`;
        const { report } = await probe({ path, resolvConf }, [target('a', 'two.test', world.plain.port)]);
        rmSync(path, { recursive: true, force: true });
        const { answers = [] } = byId(report, 'a').lookup;
        const asked = answers.filter(({ outcome }) => outcome === 'resolved' || outcome === 'timeout');
        expect([...new Set(asked.map(({ server }) => server))]).toEqual([DNS]);
        expect(answers.filter(({ server }) => server === nat64).map(({ outcome }) => outcome)).toContain('not_checked');
      },
      20_000,
    );
  },
);

/** After all rungs: what the servers received from any of them. */
describe.skipIf(!canIsolate)('what goes out', () => {
  it('is no application data but the one request', () => {
    for (const endpoint of Object.values(world.secure)) expect(endpoint.received).toEqual([]);
    for (const { received } of [world.site, world.secureSite])
      for (const request of received) {
        expect(request.toString('latin1')).toMatch(/^(?:HEAD|GET) \/(?:health|moved) HTTP\/1\.[01]\r\n/);
        expect(request.toString('latin1')).not.toMatch(/^(?:cookie|authorization|content-|referer)/im);
      }
  });

  it('holds no credentials, also for a proxy', () => {
    const sent = [world.opening, world.asking, world.site, world.secureSite].flatMap(({ received }) => received);
    const text = Buffer.concat(sent).toString('latin1');
    expect(text).not.toMatch(/authorization/i);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(Buffer.from(`user:${PASSWORD}`).toString('base64'));
  });
});

describe.skipIf(!runs('python3'))('a probe that is ended early', () => {
  const path = canIsolate ? toolBox(['sh', 'python3']) : '';
  afterAll(() => rmSync(path, { recursive: true, force: true }));

  it('reports what was seen, and the program ends in the container', async () => {
    const kube = localKube({ path });
    const stop = new AbortController();
    const targets = [target('dropped', '127.0.0.1', world.hole.port), target('open', '127.0.0.1', world.plain.port)];
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
    const stall = target('stall', '127.0.0.1', world.plain.port, { tls: true });
    const { report } = await probe({ path }, [stall], { connect: 300, lookup: 100 });
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
      /kubectl debug -it -n shop checkout-1 --image=busybox\S* -- .*api\.vendor\.test 443/,
    );
    expect(kube.execs.map((exec) => exec.argv[0])).toEqual(STARTS.map(({ argv }) => argv[0]));
  });
});
