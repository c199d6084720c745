/**
 * Test support: everything a rung is asked about, as servers on the loopback, and one run of a rung against all of it. Names are
 * looked up through the machine's own C library with a resolv.conf of the test's, which takes a mount namespace (root on Linux).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeEvent, ProbeReport, ProbeTarget, TargetReport } from '../../../../src/core/model/probe.ts';
import { createProbeRunner } from '../../../../src/probes/exec-runner.ts';
import { type CertificateOptions, issued, selfSigned } from '../../support/self-signed.ts';
import { type Answer, dnsServer } from './dns-server.ts';
import { blackHole, open, proxy, refusedPort, resetting, stallsOnce, tls, web } from './endpoints.ts';
import { type Box, localKube } from './local-kube.ts';

/** Of this process alone: several runs of the tests may share a machine. */
export const within = (block: number): string => `127.${block}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
export const DNS = within(53);
const SILENT_DNS = within(54);
const ELSEWHERE = '127.0.0.9';

export const clock = { now: () => new Date() };
export const POD = { namespace: 'shop', name: 'checkout-1' };
/** The programs must not send it, the reports not show it. */
export const PASSWORD = 'hunter2';
const SIGNED = `https://user:${PASSWORD}@files.store.test/bucket/key?X-Amz-Algorithm=A&X-Amz-Signature=${'ab'.repeat(300)}#part`;

const HERE: Answer = { a: ['127.0.0.1'] };
const ZONE: Readonly<Record<string, Answer>> = {
  'good.test': HERE,
  'wrong.test': HERE,
  'old.test': HERE,
  'unknown.test': HERE,
  'files.test': { cname: 'blob.store.test', ttl: 300 },
  'blob.store.test': { ...HERE, ttl: 20 },
  'denied.test': { rcode: 5 },
  'broken.test': { rcode: 2 },
  'empty.test': { a: [] },
  'big.test': { a: ['127.0.0.1', '127.0.0.2'], truncate: true },
  'db.shop.svc.cluster.test': HERE,
  'two.test': { a: ['127.0.0.1', '224.0.0.1'] },
  'meta.test': { a: ['169.254.169.254'] },
  'taken.test': HERE,
  'taken.test.svc.cluster.test': { a: [ELSEWHERE] },
  'half.test': { ...HERE, silentAaaa: true },
  'stream.test': { ...HERE, tcpOnly: true },
};

const ANSWERS: Readonly<Record<string, string>> = {
  '/health': 'HTTP/1.1 204 No Content\r\nServer: edge.test\r\nVia: 1.1 gate.test\r\nConnection: close\r\n\r\n',
  '/moved': `HTTP/1.1 302 Found\r\nlocation: ${SIGNED}\r\n\r\n`,
};

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld() {
  // Not self-signed where trust is what is tested: some runtimes take no such certificate, or take it without its dates.
  const authority = selfSigned('authority.test');
  const by = (host: string, options?: CertificateOptions) => issued(host, 'authority.test', authority, options);
  const good = by('good.test');
  const other = by('other.test');
  const old = by('old.test', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
  const trust = mkdtempSync(join(tmpdir(), 'probe-trust-'));
  writeFileSync(join(trust, 'ca.pem'), authority.cert);
  const secure = {
    good: await tls(good),
    wrong: await tls(other),
    old: await tls(old),
    unknown: await tls(selfSigned('unknown.test')),
  };
  const [plain, reset, refused, hole] = await Promise.all([open(), resetting(), refusedPort(), blackHole()]);
  const site = await web(ANSWERS);
  const secureSite = await web(ANSWERS, good);
  const opening = await proxy('200 Connection established');
  const asking = await proxy('407 Proxy Authentication Required');
  const dns = await dnsServer(DNS, ZONE);
  const silentDns = await dnsServer(SILENT_DNS, { 'good.test': { silent: true } });
  const all = [plain, reset, site, secureSite, opening, asking, hole, dns, silentDns, ...Object.values(secure)];
  return {
    good,
    secure,
    plain,
    reset,
    refused,
    hole,
    site,
    secureSite,
    opening,
    asking,
    dns,
    ca: join(trust, 'ca.pem'),
    javaTrust: javaTrust(trust),
    close: () => {
      for (const endpoint of all) endpoint.close();
      rmSync(trust, { recursive: true, force: true });
    },
  };
}

/** Java reads no PEM. The agent beside it, as an operator injects one into a pod, must not run in the probe: it would not start. */
function javaTrust(folder: string): string {
  const store = join(folder, 'trust.p12');
  const keytool = [
    '-importcert',
    '-noprompt',
    '-file',
    join(folder, 'ca.pem'),
    '-alias',
    'a',
    '-storepass',
    'changeit',
  ];
  spawnSync('keytool', [...keytool, '-keystore', store], { stdio: 'ignore' });
  const own = `-Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStorePassword=changeit`;
  return `-javaagent:/nonexistent/agent.jar ${own}`;
}

export interface Ran {
  readonly report: ProbeReport;
  readonly events: readonly ProbeEvent[];
}

export async function probe(
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

export const target = (id: string, host: string, port: number, rest: Partial<ProbeTarget> = {}): ProbeTarget => ({
  id,
  host,
  port,
  tls: false,
  ...rest,
});

export function byId(report: ProbeReport, id: string): TargetReport {
  const found = report.targets.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no report on ${id}`);
  return found;
}

export interface RungRun extends Ran {
  /** Where the name server never answers; its only proxy is a port on which nothing listens. */
  readonly silent: ProbeReport;
  /** Of each run its limits. */
  readonly limits: string;
}

/** Runs side by side, each within the guard's count of targets. */
export async function runRung(world: World, path: string): Promise<RungRun> {
  const box: Box = {
    path,
    resolvConf: `nameserver ${DNS}\nsearch shop.svc.cluster.test svc.cluster.test\noptions ndots:5 timeout:2 attempts:2\n`,
    hosts: '127.0.0.1 localhost\n127.0.0.1 alias.test\n',
    env: {
      SSL_CERT_FILE: world.ca,
      NODE_EXTRA_CA_CERTS: world.ca,
      DENO_CERT: world.ca,
      JAVA_TOOL_OPTIONS: world.javaTrust,
      https_proxy: `http://user:${PASSWORD}@127.0.0.1:${world.opening.port}`,
      http_proxy: `http://user:${PASSWORD}@127.0.0.1:${world.asking.port}/`,
      NO_PROXY: '.svc',
    },
  };
  const silentBox = {
    ...box,
    resolvConf: `nameserver ${SILENT_DNS}\noptions timeout:1 attempts:1\n`,
    env: { SSL_CERT_FILE: world.ca, ALL_PROXY: `http://127.0.0.1:${world.refused}` },
  };
  const sized = await stallsOnce(world.good);
  const [one, two, three, silent] = await Promise.all([
    probe(box, connections(world)),
    probe(box, handshakes(world, sized.port)),
    probe(box, questions(world)),
    probe(silentBox, [target('silent', 'good.test', 443)], { lookup: 1500 }),
  ]);
  sized.close();
  const together = [one, two, three];
  return {
    report: { ...one.report, targets: together.flatMap(({ report }) => report.targets) },
    events: together.flatMap(({ events }) => events),
    silent: silent.report,
    limits: [...together.flatMap(({ report }) => report.limits), ...silent.report.limits].join('\n'),
  };
}

const connections = ({ plain, refused, hole }: World): ProbeTarget[] => [
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

const handshakes = ({ secure, reset, plain, site, secureSite }: World, sized: number): ProbeTarget[] => [
  target('good', 'good.test', secure.good.port, { tls: true }),
  target('wrong', 'wrong.test', secure.wrong.port, { tls: true }),
  target('old', 'old.test', secure.old.port, { tls: true, path: '/health' }),
  target('unknown', 'unknown.test', secure.unknown.port, { tls: true }),
  target('reset', 'good.test', reset.port, { tls: true }),
  target('stall', 'good.test', plain.port, { tls: true }),
  target('sized', 'good.test', sized, { tls: true }),
  target('http', 'good.test', site.port, { path: '/health' }),
  target('moved', 'good.test', site.port, { path: '/moved' }),
  target('https', 'good.test', secureSite.port, { tls: true, path: '/health' }),
];

const questions = ({ plain, hole, refused }: World): ProbeTarget[] => [
  target('big', 'big.test', plain.port),
  target('meta', 'meta.test', 80),
  target('search', 'db.shop', plain.port),
  target('taken', 'taken.test', plain.port),
  target('half', 'half.test', plain.port),
  target('stream', 'stream.test', plain.port),
  target('mute', '127.0.0.1', plain.port, { path: '/health' }),
  target('shut', '127.0.0.1', refused, { path: '/health' }),
  target('lost', '127.0.0.1', hole.port, { path: '/health' }),
];
