/** Runs the installed git with a fixed environment, bounded and cancellable; used by `credential-helper.ts` and `ssh-repository.ts`. */
import { spawn } from 'node:child_process';
import { GitProblem } from '../git-problem.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly maxOutput: number;
}

/** What programs need to find themselves, their certificates and the user's keys; nothing that redirects git. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'XDG_CONFIG_HOME',
];

/** GIT_ASKPASS empty: nobody is there to be asked, by no window either (git-prompt looks at it before SSH_ASKPASS). */
const QUIET = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' };

export function passedEnvironment(names: readonly string[] = PASSED): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** @throws GitProblem when there is no such program. */
export function runGit(args: readonly string[], options: RunOptions): Promise<Ran> {
  return runProgram('git', args, { ...options, env: { ...passedEnvironment(), ...QUIET, ...options.env } });
}

/** In a process group of its own, so that what it started ends with it. The environment is only what is given. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  options.signal.throwIfAborted();
  const { cwd, env, input = '', maxOutput } = options;
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const kill = (): void => killGroup(child.pid);
  options.signal.addEventListener('abort', kill, { once: true });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject).on('close', resolve);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
      if (output[stream].length > maxOutput) kill();
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const code = await promise;
    options.signal.throwIfAborted();
    if (output.stdout.length > maxOutput) {
      throw new GitProblem('refused', `${program} printed more than is read`, 'Give a narrower path.');
    }
    return { code, ...output };
  } catch (error) {
    throw isMissing(error) ? notInstalled(program) : error;
  } finally {
    options.signal.removeEventListener('abort', kill);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT';
}

function notInstalled(program: string): GitProblem {
  const next = `Install ${program}, or give the absolute path of a local clone.`;
  return new GitProblem('unsupported', `this needs ${program}, which is not installed where this program runs`, next);
}
