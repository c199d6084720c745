/** The skill's commands for plain kubectl: they parse, the probes tell layers apart, and a hostile host stays an argument. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocks, skillFiles } from './skill-files.ts';

/** Runs what stands behind `--` on this machine: the pod of these tests. */
const KUBECTL = `#!/bin/sh
while [ $# -gt 0 ] && [ "$1" != "--" ]; do shift; done
shift
exec "$@"
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;
const shell = skillFiles().flatMap(({ path, text }) =>
  blocks(text, 'sh').map((code, index) => ({ path, index, code })),
);
const probes = [
  { name: 'python3', program: 'python3 -c', skip: !hasPython },
  { name: 'node', program: 'node -e', skip: false },
].flatMap(({ program, ...rest }) =>
  shell.filter(({ code }) => code.includes(`-- ${program} `)).map(({ code, path }) => ({ ...rest, code, path })),
);

let bin: string;
let listening: Server;
let open: number;
let closed: number;

beforeAll(async () => {
  bin = mkdtempSync(join(tmpdir(), 'skill-commands-'));
  writeFileSync(join(bin, 'kubectl'), KUBECTL);
  chmodSync(join(bin, 'kubectl'), 0o755);
  listening = await listen();
  open = portOf(listening);
  const gone = await listen();
  closed = portOf(gone);
  await new Promise((resolve) => gone.close(resolve));
});

afterAll(() => {
  listening.close();
  rmSync(bin, { recursive: true, force: true });
});

const listen = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** Asynchronous, because the server that the probe talks to lives in this process. */
function run(code: string, host: string, port: number): Promise<string> {
  const values = { CTX: 'c', NS: 'shop', POD: 'checkout-1', C: 'app', HOST: host, PORT: String(port) };
  const path = `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  const child = spawn('sh', ['-c', code], { cwd: bin, env: { PATH: path, ...values } });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => child.on('close', () => resolve(Buffer.concat(output).toString('utf8'))));
}

describe('every command block', () => {
  it.each(shell)('$path block $index is valid for a POSIX shell', ({ code }) => {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('only reads: get, logs, exec of a probe, and the marked ephemeral container', () => {
    const call = /(?:\bkubectl|\bk)(?: --context "\$CTX")?(?: -n (?:"\$\w+"|[\w-]+))? ([a-z][a-z-]*)/g;
    const verbs = shell.flatMap(({ code }) => [...code.matchAll(call)].map(([, verb]) => verb));
    expect(new Set(verbs)).toEqual(new Set(['get', 'api-resources', 'auth', 'logs', 'exec', 'debug']));
    expect(verbs.filter((verb) => verb === 'debug')).toHaveLength(1);
  });

  it('never puts the host or another value inside program text', () => {
    const pasted = shell.filter(({ code }) => /'[^']*\$\{?(HOST|PORT|POD|NS)\b[^']*'/.test(withoutQuoteBreaks(code)));
    expect(pasted).toEqual([]);
  });
});

/** Values in double quotes are arguments; only single-quoted program text is looked at. */
const withoutQuoteBreaks = (code: string): string => code.replaceAll(/"[^"\n]*"/g, '""');

describe('probes', () => {
  it('are there for both interpreters', () => {
    expect(new Set(probes.map(({ name }) => name))).toEqual(new Set(['python3', 'node']));
  });

  for (const { name, path, code, skip } of probes) {
    describe.skipIf(skip)(`${name} in ${path}`, () => {
      it('sees an open port', async () => {
        expect(await run(code, '127.0.0.1', open)).toMatch(/127\.0\.0\.1.*(ok|connected)/);
      });

      it('sees a refusal', async () => {
        expect(await run(code, '127.0.0.1', closed)).toMatch(/127\.0\.0\.1.*failed.*refused/i);
      });

      it('sees a failed lookup, and runs nothing that a hostile host holds', async () => {
        const before = readdirSync(bin);
        const hostile = `x$(touch owned)\`touch owned\`";'; touch owned #`;
        expect(await run(code, hostile, open)).toMatch(/lookup failed/i);
        expect(readdirSync(bin)).toEqual(before);
      });
    });
  }
});

describe('the redaction of log lines', () => {
  const pipeline = shell.find(({ code }) => code.includes(' logs "$POD"'))?.code ?? '';
  const [, sed = ''] = /(sed -E '[\s\S]*?') \|\n/.exec(pipeline) ?? [];
  const gnu = /GNU/.test(String(spawnSync('sed', ['--version']).stdout));

  it.skipIf(!gnu).each([
    ['https://f.example/x?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=deadbeef timed out', ['AKIA', 'deadbeef']],
    ['https://b.example/c?sv=2022&sig=abc%3D&se=1', ['abc%3D']],
    ['https://s.example/o?X-Goog-Signature=cafe01', ['cafe01']],
    ['Authorization: Bearer eyJh.bGci.x-y', ['eyJh']],
    ['postgres://user:hunter2@db.example:5432/x', ['hunter2']],
  ])('cuts the secret out of %s', (line, secrets) => {
    const { stdout, status } = spawnSync('sh', ['-c', sed], { input: line, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('[redacted]');
    for (const secret of secrets) expect(stdout).not.toContain(secret);
  });
});
