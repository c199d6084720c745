/** Fetches one commit of an http(s) repository into memory: shallow, one branch, bounded in time and bytes. */

import type { HttpClient } from 'isomorphic-git';
import * as git from 'isomorphic-git';
import { GitProblem } from './git-problem.ts';
import { createHttpClient } from './http-client.ts';
import { createMemoryFs } from './memory-fs.ts';
import { type Snapshot, similarNames } from './snapshot.ts';

export interface RemoteOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Sent only to the host of the URL, and only when it asks for credentials. */
  readonly token?: string;
}

const GITDIR = '/repository';

/** @throws GitProblem, or what isomorphic-git and the network throw (`git-problem.ts` translates it). */
export async function openRemote(url: string, ref: string, options: RemoteOptions): Promise<Snapshot> {
  const http = createHttpClient(options);
  const auth = authOf(url, options.token);
  const store = await emptyStore(url);
  try {
    const fetched = await git.fetch({ ...store, ...auth, ...wantedOf(ref), http, url, ...SHALLOW });
    if (fetched.fetchHead === null)
      throw new GitProblem('not_found', `${url} has no commit yet`, 'Push a commit first.');
    const { oid: commit } = await git.readCommit({ ...store, oid: fetched.fetchHead });
    return { ...store, commit, ref: ref === 'HEAD' ? shortName(fetched.defaultBranch) : ref };
  } catch (error) {
    throw await refProblem(error, ref, () => listNames(http, url, auth));
  }
}

const SHALLOW = { remote: 'origin', depth: 1, singleBranch: true, tags: false } as const;

function wantedOf(ref: string): { ref?: string; remoteRef?: string } {
  return ref === 'HEAD' ? {} : { ref, remoteRef: ref };
}

async function emptyStore(url: string): Promise<Pick<Snapshot, 'fs' | 'gitdir' | 'cache'>> {
  const store = { fs: createMemoryFs(), gitdir: GITDIR, cache: {} };
  await git.init({ fs: store.fs, gitdir: GITDIR, bare: true });
  await git.addRemote({ ...store, remote: 'origin', url });
  return store;
}

function shortName(branch: string | null): string {
  return branch?.replace(/^refs\/heads\//, '') ?? 'HEAD';
}

interface Auth {
  readonly onAuth?: () => { username: string; password: string };
}

function authOf(url: string, token: string | undefined): Auth {
  if (token === undefined) return {};
  const { protocol, hostname } = new URL(url);
  const clear = protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (clear) throw new GitProblem('refused', `a token would go in clear text to ${hostname}`, 'Give the https URL.');
  return { onAuth: () => ({ username: 'x-access-token', password: token }) };
}

/** A missing ref, or a commit that the server did not hand out, is said with the names that are there; anything else stays what it was. */
async function refProblem(error: unknown, ref: string, names: () => Promise<readonly string[]>): Promise<unknown> {
  const code = (error as { code?: unknown }).code;
  if (code !== 'NotFoundError') return error;
  const near = similarNames(ref, await names());
  const next = near.length > 0 ? `Closest there: ${near.join(', ')}.` : 'Check the name.';
  return new GitProblem('not_found', `the repository has no branch, tag or fetchable commit ${ref}`, next);
}

async function listNames(http: HttpClient, url: string, auth: Auth): Promise<readonly string[]> {
  const refs = await git.listServerRefs({ http, url, ...auth, protocolVersion: 1 });
  return refs
    .map((entry) => /^refs\/(?:heads|tags)\/(.+?)(?:\^\{\})?$/.exec(entry.ref)?.[1] ?? '')
    .filter((name) => name !== '');
}
