/** Test support: a KubeConnection whose exec runs the command on this machine, with only the tools and the DNS that a "container" has. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Read } from '../../../../src/core/model/cluster-state.ts';
import type { ExecRequest, ExecResult, KubeConnection } from '../../../../src/kube/connection.ts';

export interface Box {
  /** PATH of the container. */
  readonly path: string;
  /** resolv.conf text; bound over the real one in a mount namespace of its own. */
  readonly resolvConf?: string;
  readonly hosts?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** In a session of its own, as container runtimes start an exec. */
  readonly session?: boolean;
}

export interface LocalKube extends KubeConnection {
  readonly execs: ExecRequest[];
  /** Process ids started, to see that nothing is left. */
  readonly pids: number[];
  cleanUp(): void;
}

/** Root on Linux can give a process files of its own over /etc/resolv.conf. */
export const canIsolate: boolean =
  process.platform === 'linux' && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0;

/** The program itself, not a version manager's wrapper. */
export function which(tool: string): string | undefined {
  if (tool === 'python3' || tool === 'python2') {
    const real = spawnSync(tool, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
    return real.status === 0 ? real.stdout.trim() : undefined;
  }
  const found = spawnSync('sh', ['-c', 'command -v "$1"', '_', tool], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** A folder with links to exactly these tools; applets link to the program that has them all, busybox unless told. */
export function toolBox(tools: readonly string[], applets: readonly string[] = [], all = 'busybox'): string {
  const folder = mkdtempSync(join(tmpdir(), 'probe-box-'));
  for (const tool of tools) link(which(tool), join(folder, tool));
  for (const applet of applets) link(which(all), join(folder, applet));
  return folder;
}

function link(from: string | undefined, to: string): void {
  if (from === undefined) throw new Error(`${to}: no such tool on this machine`);
  symlinkSync(from, to);
}

const ENTER =
  'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/hosts && export PATH="$3" && shift 3 && exec "$@"';

export function localKube(box: Box): LocalKube {
  const folder = mkdtempSync(join(tmpdir(), 'probe-kube-'));
  writeFileSync(join(folder, 'resolv.conf'), box.resolvConf ?? '');
  writeFileSync(join(folder, 'hosts'), box.hosts ?? '127.0.0.1 localhost\n');
  const execs: ExecRequest[] = [];
  const pids: number[] = [];
  return {
    context: 'local',
    server: 'https://local.test',
    execs,
    pids,
    get: () => Promise.reject(new Error('not used')),
    readLog: () => Promise.reject(new Error('not used')),
    exec: (request, signal) => {
      execs.push(request);
      return run(request, signal, { box, folder, pids });
    },
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Place {
  readonly box: Box;
  readonly folder: string;
  readonly pids: number[];
}

function commandOf(request: ExecRequest, { box, folder }: Place): readonly string[] {
  if (box.resolvConf === undefined) return request.argv;
  const files = [join(folder, 'resolv.conf'), join(folder, 'hosts')];
  return ['/usr/bin/unshare', '-m', '/bin/sh', '-c', ENTER, '_', ...files, box.path, ...request.argv];
}

/** A box has what its PATH names: a program of this machine that is asked for by its full path is not in it. */
const isOutside = ({ argv }: ExecRequest): boolean => argv[0]?.startsWith('/') === true;

function run(request: ExecRequest, signal: AbortSignal, place: Place): Promise<Read<ExecResult>> {
  if (isOutside(request)) {
    const nothing = { stdout: '', stderr: '', truncated: false } as const;
    return Promise.resolve({ ok: true, value: { ...nothing, ended: 'exited', exitCode: 127 } });
  }
  const [command = '', ...args] = commandOf(request, place);
  const path = place.box.resolvConf === undefined ? place.box.path : '/usr/sbin:/usr/bin:/sbin:/bin';
  const { promise, resolve } = Promise.withResolvers<Read<ExecResult>>();
  const child = spawn(command, args, {
    env: { ...place.box.env, PATH: path },
    cwd: place.box.cwd ?? '/',
    stdio: 'pipe',
    detached: place.box.session === true,
  });
  if (child.pid !== undefined) place.pids.push(child.pid);
  const out = { stdout: '', stderr: '' };
  const end = (result: Pick<ExecResult, 'ended' | 'exitCode'>, truncated = false): void =>
    resolve({ ok: true, value: { ...out, truncated, ...result } });
  child.stdin.on('error', () => undefined);
  child.stdin.write(request.stdin ?? '');
  if (request.holdStdin !== true) child.stdin.end();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.stdout += text;
    request.onStdout?.(text, (more) => child.stdin.write(more));
    if (out.stdout.length <= request.maxOutputBytes) return;
    child.kill('SIGKILL');
    end({ ended: 'output_limit' }, true);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out.stderr += text;
  });
  child.on('error', () => end({ ended: 'exited', exitCode: 127 }));
  child.on('close', (code) => end({ ended: 'exited', exitCode: code ?? 137 }));
  // Like a cut stream: the process is not killed, it only loses its input and its reader.
  const cut = (ended: 'aborted' | 'timeout'): void => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    end({ ended });
  };
  signal.addEventListener('abort', () => cut('aborted'), { once: true });
  const timer = setTimeout(() => cut('timeout'), request.timeoutMs);
  void promise.finally(() => clearTimeout(timer));
  return promise;
}
