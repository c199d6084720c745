import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeTarget } from '../../../src/core/model/probe.ts';
import { createProbeRunner } from '../../../src/probes/exec-runner.ts';
import { BASH } from '../../../src/probes/programs/bash.ts';
import { SHELL } from '../../../src/probes/programs/busybox.ts';
import { asInput, SHELL_LOADER } from '../../../src/probes/programs/rung.ts';
import { dnsServer } from './support/dns-server.ts';
import { blackHole, open } from './support/endpoints.ts';
import { type Box, canIsolate, localKube, toolBox, which } from './support/local-kube.ts';
import { clock, POD, target, within } from './support/world.ts';

/** A shell starts many processes; when the caller is gone, or time is up, none may be left. */
const SILENT = within(55);

const shells: Readonly<Record<string, { readonly needs: readonly string[]; readonly path: () => string }>> = {
  bash: {
    needs: ['bash', 'getent', 'openssl'],
    path: () => toolBox(['sh', 'bash', 'getent', 'dd', 'od', 'openssl']),
  },
  'bash alone': { needs: ['bash'], path: () => toolBox(['bash']) },
  'a shell whose read has no time-out': {
    needs: ['dash', 'busybox', 'getent', 'openssl'],
    path: () => toolBox(['sh', 'getent', 'openssl'], ['nslookup', 'nc', 'true', 'sleep']),
  },
  'such a shell with curl alone': { needs: ['dash', 'curl'], path: () => toolBox(['sh', 'curl']) },
  busybox: { needs: ['busybox'], path: () => toolBox([], ['sh', 'nslookup', 'nc', 'true', 'busybox']) },
};

let hole: Awaited<ReturnType<typeof blackHole>>;
let mute: Awaited<ReturnType<typeof open>>;
let dns: Awaited<ReturnType<typeof dnsServer>>;
beforeAll(async () => {
  if (!canIsolate) return;
  [hole, mute, dns] = await Promise.all([
    blackHole(),
    open(),
    dnsServer(SILENT, { 'mute.test': { silent: true }, 'good.test': { a: ['127.0.0.1'] } }),
  ]);
});
afterAll(() => {
  hole?.close();
  mute?.close();
  dns?.close();
});

/** One of each step that can hang. */
const targets = (): readonly ProbeTarget[] => [
  target('connect', '127.0.0.1', hole.port),
  target('lookup', 'mute.test', 443, { tls: true }),
  target('tls', '127.0.0.1', mute.port, { tls: true }),
  target('named', 'good.test', mute.port, { tls: true, path: '/' }),
  target('http', '127.0.0.1', mute.port, { path: '/' }),
];

/** Processes with this word in the environment they were started with. */
function started(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
}

const sessions = [
  ['in a session of its own', true],
  ['in the session of others', false],
] as const;

for (const [name, shell] of Object.entries(shells)) {
  const runs = canIsolate && shell.needs.every((tool) => which(tool) !== undefined);
  describe.skipIf(!runs)(`the probe of ${name}`, () => {
    let path = '';
    beforeAll(() => {
      path = shell.path();
    });
    afterAll(() => rmSync(path, { recursive: true, force: true }));

    const boxOf = (mark: string, session: boolean): Box => ({
      path,
      session,
      resolvConf: `nameserver ${SILENT}\n`,
      env: { MARK: mark, all_proxy: `http://127.0.0.1:${mute.port}` },
    });

    it.each(sessions)(
      'ends with all it started once nobody listens, %s',
      async (_where, session) => {
        const mark = `ends-${process.pid}-${name.length}-${session}`;
        const kube = localKube(boxOf(mark, session));
        const stop = new AbortController();
        let most = 0;
        const read = await createProbeRunner(kube, clock).run(
          { pod: POD, container: 'app', targets: targets(), connectTimeoutMs: 15_000, lookupTimeoutMs: 15_000 },
          (event) => {
            if (event.kind !== 'connect' || stop.signal.aborted) return;
            setTimeout(() => {
              most = Math.max(most, started(mark).length);
              stop.abort();
            }, 500);
          },
          stop.signal,
        );
        expect(read.ok).toBe(true);
        // The shell, its watchers, and something for each target.
        expect(most).toBeGreaterThan(6);
        await expect.poll(() => started(mark), { timeout: 4000, interval: 20 }).toEqual([]);
        kube.cleanUp();
      },
      30_000,
    );
  });
}

/** The programs as they are, with less time in all than each step has. */
const programs = [
  ['bash', BASH.start ?? [], BASH.program],
  ['busybox', ['sh', '-c', SHELL_LOADER, 'k8s-egress-probe'], SHELL.program],
] as const;

describe.skipIf(!canIsolate || which('busybox') === undefined || which('bash') === undefined)(
  'a shell whose time is up',
  () => {
    it.each(programs)(
      '%s ends what hangs',
      async (name, start, program) => {
        const path = shells[name]?.path() ?? '';
        const mark = `over-${process.pid}-${name}`;
        const kube = localKube({ path, session: true, env: { MARK: mark } });
        const values = ['N0', '15000', '15000', '1000', 't0', '127.0.0.1', String(mute.port), '0', '/'];
        const request = {
          pod: POD,
          container: 'app',
          argv: [...start, ...values],
          stdin: asInput(program),
          holdStdin: true,
          timeoutMs: 10_000,
          maxOutputBytes: 100_000,
        };
        const read = await kube.exec(request, new AbortController().signal);
        expect(read).toMatchObject({ ok: true, value: { ended: 'exited', exitCode: 143 } });
        expect(read.ok && read.value.stdout).toMatch(/^N0\tconnect\tt0/m);
        await expect.poll(() => started(mark), { timeout: 2000 }).toEqual([]);
        kube.cleanUp();
        rmSync(path, { recursive: true, force: true });
      },
      20_000,
    );
  },
);
