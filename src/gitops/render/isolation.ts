/** Keeps a program of a repository's making from the network: namespaces of its own, where the system lets this user have them; used by `run-tool.ts`. */
import type { NotRead } from '../../core/model/cluster-state.ts';
import { runProgram } from '../access/git-command.ts';
import { installed } from './installed.ts';

/** What stands before the program and its arguments; or why there is nothing. */
export type Isolation = { readonly command: readonly [string, ...string[]] } | { readonly without: NotRead };

/**
 * A network namespace holds no interface that is up, not even loopback (network_namespaces(7)). Making one takes CAP_SYS_ADMIN, which a user
 * namespace of one's own gives (user_namespaces(7)); where those are forbidden, only root may.
 */
const WAYS = [
  ['--user', '--map-root-user', '--net', '--'],
  ['--net', '--'],
] as const;

const tried = new Map<string, Promise<Isolation>>();

/** Tried once for each `unshare` that is found. */
export async function isolation(signal: AbortSignal): Promise<Isolation> {
  const path = process.platform === 'linux' ? await installed('unshare') : undefined;
  if (path === undefined) return none('unshare of util-linux, which does it on Linux, is not installed');
  const known = tried.get(path) ?? attempt(path, signal);
  tried.set(path, known);
  return known.catch((error: unknown) => {
    tried.delete(path);
    throw error;
  });
}

async function attempt(path: string, signal: AbortSignal): Promise<Isolation> {
  for (const way of WAYS) {
    const options = { cwd: '/', env: {}, signal, maxOutput: 10_000 };
    const ran = await runProgram(path, [...way, path, '--version'], options).catch((error: unknown) => {
      signal.throwIfAborted();
      return { code: -1, error };
    });
    if (ran.code === 0) return { command: [path, ...way] };
  }
  return none('the system lets this user have no network namespace (unshare --user --net is not permitted)');
}

function none(reason: string): Isolation {
  return {
    without: {
      what: 'a network of its own for the program that renders',
      code: 'unsupported',
      reason: `${reason}; proxies that lead nowhere, an empty home and a closed list of files were all that kept it in`,
    },
  };
}
