/**
 * Every image of the lab against every endpoint of its internet, through the product's own probe: a matrix of what is seen, of
 * which every cell is right or is owned up to. And what probes must never do: leave traces, take long, or believe a hostile pod.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeRunner } from '../../src/ports/probe-runner.ts';
import { CONNECT_MS, type Column, openRunner, probe, probeFrom, requestFor } from './probe-matrix/bench.ts';
import { endpoints } from './probe-matrix/endpoints.ts';
import { type Image, images } from './probe-matrix/images.ts';
import { clear, hostileWays, NAMESPACE, raise } from './probe-matrix/stage.ts';
import { shortTable, writeReport, wrongCells } from './probe-matrix/table.ts';
import { containerIds, ENDED, type Inside, lookInside } from './probe-matrix/watcher.ts';
import { startClient } from './support/client.ts';
import { eventually, openCluster, type TestCluster } from './support/cluster.ts';

/** Probes mostly wait; but two processors share the pods, and this process, among them, which time would show. */
const AT_ONCE = 6;
const TIMED_AT_ONCE = 3;
/** For the start of ten times as many processes. */
const MARGIN_MS = 2000;
const able = images.filter(({ rung }) => rung !== undefined);
const open = { host: 'open.matrix.example', port: 443, tls: true };
const blackHole = { host: 'silent.matrix.example', port: 443, tls: true };

/** A shell that is ended between a fork and what it was to do cannot wait for it: of some hundred probes this may befall a few. */
const MOST_UNCOLLECTED = 3;

let cluster: TestCluster;
let runner: ProbeRunner;
let ids: ReadonlyMap<string, string>;
let before: ReadonlyMap<string, Inside>;

beforeAll(async () => {
  cluster = await openCluster();
  await raise(cluster);
  runner = await openRunner(cluster);
  ids = await containerIds(cluster);
  before = await lookInside(cluster, ids);
}, 300_000);

afterAll(async () => {
  if (cluster && process.env['K8S_EGRESS_MATRIX_KEEP'] === undefined) await clear(cluster);
});

async function overImages<T>(
  some: readonly Image[],
  work: (image: Image) => Promise<T>,
  atOnce = AT_ONCE,
): Promise<Map<Image, T>> {
  const waiting = [...some];
  const results: [Image, T][] = [];
  const worker = async (): Promise<void> => {
    for (let image = waiting.shift(); image !== undefined; image = waiting.shift())
      results.push([image, await work(image)]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return new Map(results.toSorted(([a], [b]) => some.indexOf(a) - some.indexOf(b)));
}

// Before the matrix, whose name servers that stay silent keep the cluster's DNS busy for a while.
describe('time', () => {
  it('a blocked endpoint is answered half a second after the time-out, and ten take no longer than one', {
    timeout: 400_000,
  }, async () => {
    const times = await overImages(able, ({ name }) => oneAndTen(name), TIMED_AT_ONCE);
    const inWords = [...times].map(([{ name }, { one, ten }]) => `${name} ${one.total}/${ten.total} ms`);
    process.stdout.write(`one black hole, ten of them: ${inWords.join(', ')}\n`);
    for (const [{ name }, { one, ten }] of times) {
      expect([one.outcomes, ten.outcomes], name).toEqual([['timeout'], Array.from({ length: 10 }, () => 'timeout')]);
      expect(Math.max(one.slowest, ten.slowest), name).toBeLessThanOrEqual(CONNECT_MS + 500);
      expect(ten.total, `${name}: ten against one (${one.total} ms)`).toBeLessThanOrEqual(one.total + MARGIN_MS);
    }
  });
});

describe('the matrix', () => {
  let columns: ReadonlyMap<Image, Column>;

  it('every cell is right, or its report says what cannot be told', { timeout: 400_000 }, async () => {
    columns = await overImages(images, (image) => probeFrom(runner, image));
    const matrix = new Map([...columns].map(([image, { cells }]) => [image, cells]));
    writeReport(matrix, endpoints, new Map([...columns].map(([image, { milliseconds }]) => [image, milliseconds])));
    process.stdout.write(`\nprobe matrix\n${shortTable(matrix, endpoints)}`);
    const again = [...columns].flatMap(([{ name }, { askedAgain }]) => askedAgain.map((title) => `${name} × ${title}`));
    process.stdout.write(`asked again: ${again.join(', ') || 'nothing'}\n`);
    expect(wrongCells(matrix)).toEqual([]);
  });

  it('the rung is the one that the image has; where there is none, the refusal says so', () => {
    const ran = [...columns].map(([{ name }, { rungs, refusals }]) => [
      name,
      [...rungs, ...new Set(refusals)].join('; '),
    ]);
    const expected = images.map(({ name, rung }) => [
      name,
      rung ?? expect.stringMatching(/^unsupported: .*distroless/),
    ]);
    expect(Object.fromEntries(ran)).toEqual(Object.fromEntries(expected));
  });
});

interface OneAndTen {
  readonly one: Timed;
  readonly ten: Timed;
}

/** Tried again where it took too long: a machine that is busy with something else says nothing about the probe. */
async function oneAndTen(pod: string, tries = 3): Promise<OneAndTen> {
  const one = await timed(requestFor(pod, 'app', [blackHole]));
  const ten = await timed(
    requestFor(
      pod,
      'app',
      Array.from({ length: 10 }, () => blackHole),
    ),
  );
  const isGood = Math.max(one.slowest, ten.slowest) <= CONNECT_MS + 500 && ten.total <= one.total + MARGIN_MS;
  return isGood || tries === 1 ? { one, ten } : oneAndTen(pod, tries - 1);
}

interface Timed {
  readonly total: number;
  readonly slowest: number;
  readonly outcomes: readonly string[];
}

async function timed(request: ReturnType<typeof requestFor>): Promise<Timed> {
  const began = performance.now();
  const read = await probe(runner, request);
  const total = Math.round(performance.now() - began);
  const connects = read.ok ? read.value.targets.flatMap((target) => target.connects) : [];
  return {
    total,
    slowest: Math.max(...connects.map(({ ms }) => ms ?? 0)),
    outcomes: connects.map(({ outcome }) => outcome),
  };
}

describe('the pod is left as it was found', () => {
  it('an aborted probe ends its program', { timeout: 120_000 }, async () => {
    await overImages(able, async ({ name }) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 1500);
      await probe(runner, requestFor(name, 'app', [blackHole]), abort.signal);
    });
    const began = performance.now();
    // A JVM that is only starting up hears of it once it has.
    const left = await eventually('a look after the aborted programs', 30_000, async () => {
      const now = await lookInside(cluster, ids, 'processes');
      const more = able
        .flatMap(({ name }) => moreProcesses(`${name}/app`, now))
        .filter((line) => !line.endsWith(ENDED));
      return more.length === 0 || performance.now() - began > 20_000 ? more : undefined;
    });
    expect(left).toEqual([]);
  });

  it('no process and no file more than before, and none changed', { timeout: 60_000 }, async () => {
    const after = await lookInside(cluster, ids);
    const left = [...before]
      .filter(([place]) => !place.startsWith('hostile/'))
      .flatMap(([place, { files }]) => [
        ...moreProcesses(place, after),
        ...differences(files, after.get(place)?.files ?? []).map((line) => `${place}: ${line}`),
      ]);
    expect(left.filter((line) => !line.endsWith(ENDED))).toEqual([]);
    expect(left.length, left.join()).toBeLessThanOrEqual(MOST_UNCOLLECTED);
    // A look that sees nothing would agree with any other.
    expect(before.get('python/app')?.files.length).toBeGreaterThan(1000);
    expect(before.get('bash/app')?.processes).toEqual(['/usr/bin/wait']);
  });
});

function moreProcesses(place: string, now: ReadonlyMap<string, Inside>): readonly string[] {
  const was = before.get(place)?.processes ?? [];
  return (now.get(place)?.processes ?? [])
    .filter((line) => !was.includes(line))
    .map((line) => `${place}: ${line.slice(0, 100)}`);
}

function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [was, is] = [new Set(before), new Set(after)];
  return [
    ...before.filter((one) => !is.has(one)).map((one) => `- ${one}`),
    ...after.filter((one) => !was.has(one)).map((one) => `+ ${one}`),
  ];
}

describe('hostile pods', () => {
  const request = (way: string) => ({
    ...requestFor('hostile', way, [open]),
    connectTimeoutMs: 500,
    lookupTimeoutMs: 500,
  });

  it.concurrent.each(hostileWays)('%s: bounded, and nothing is believed', { timeout: 60_000 }, async (way) => {
    const began = performance.now();
    const read = await probe(runner, request(way));
    expect(performance.now() - began).toBeLessThan(20_000);
    const claims = read.ok ? read.value.targets.flatMap(({ connects, tls }) => [...connects, tls]) : [];
    expect(claims.filter(({ outcome }) => outcome === 'connected' || outcome === 'ok')).toEqual([]);
  });

  it('a flood does not fill the server', { timeout: 60_000 }, async () => {
    const client = await startClient(['--kubeconfig', cluster.kubeconfig]);
    const ask = (container: string) =>
      client.call('execProbe', {
        namespace: NAMESPACE,
        workload: 'pod/hostile',
        container,
        target: 'open.matrix.example:443',
      });
    await ask('json');
    const before = peakMemory(client.pid());
    for (const way of ['flood', 'flood-lines', 'binary']) await ask(way);
    expect(peakMemory(client.pid()) - before).toBeLessThan(64);
    await client.close();
  });

  it('none of their text reaches the answer of the tool as it is', { timeout: 120_000 }, async () => {
    const client = await startClient(['--kubeconfig', cluster.kubeconfig]);
    for (const way of ['ansi', 'json', 'instructions', 'forged', 'forged-with-mark']) {
      const answer = await client.call('execProbe', {
        namespace: NAMESPACE,
        workload: 'pod/hostile',
        container: way,
        target: 'https://open.matrix.example/',
      });
      const all = `${answer.text}\n${JSON.stringify(answer.structured)}`;
      expect(all, way).not.toMatch(/[\u001b\u009b\u202e]|previous instructions|"verdict":"reachable"|unheard-of/);
      expect(JSON.stringify(answer.structured), way).not.toContain('"reached":true');
    }
    await client.close();
  });
});

/** In MB, of all the time that the process has lived. */
function peakMemory(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1000;
}

describe('through the tool', () => {
  it('an image with any rung tells the allowed from the blocked', { timeout: 240_000 }, async () => {
    const client = await startClient(['--kubeconfig', cluster.kubeconfig]);
    await overImages(able, async ({ name }) => {
      const answer = await client.call('execProbe', {
        namespace: NAMESPACE,
        workload: `pod/${name}`,
        container: 'app',
        target: 'blocked.elsewhere.example:443',
        compare: 'open.matrix.example:443',
      });
      const reached = (answer.structured.targets as { role: string; reached: boolean }[]).map((one) => [
        one.role,
        one.reached,
      ]);
      expect(Object.fromEntries(reached), `${name}: ${answer.text}`).toEqual({ asked: false, comparison: true });
    });
    await client.close();
  });
});
