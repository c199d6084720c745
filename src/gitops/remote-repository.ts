/** One commit of an http(s) repository in memory: shallow, files only when they are asked for, bounded in time and bytes. */

import { credentialsFor, type GitAccess, howToAuthorise } from './access/access.ts';
import { GitProblem } from './git-problem.ts';
import { type Budget, broken, type ObjectReader } from './objects/object.ts';
import { createPackReader, type Pack } from './objects/pack.ts';
import { indexPack } from './objects/pack-index.ts';
import type { PackIndex } from './objects/pack-table.ts';
import { readCommit } from './objects/parse.ts';
import { type Snapshot, similarNames } from './snapshot.ts';
import { type Credentials, createHttpClient } from './wire/http-client.ts';
import { ServerError } from './wire/pkt-line.ts';
import { greet, HttpFailure, type Ref, type Server } from './wire/smart-http.ts';

export interface RemoteOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly access: GitAccess;
  readonly budget: Budget;
  /** Fetched before: it is given back where the ref still names its commit. */
  readonly known?: Snapshot | undefined;
}

/** Ids in one request: 50 bytes each, and servers bound what they take. */
const MAX_WANTED = 10_000;

/** @throws GitProblem, or what the network throws (`git-problem.ts` translates it). */
export async function openRemote(url: string, ref: string, options: RemoteOptions): Promise<Snapshot> {
  const { access, maxBytes, signal, known } = options;
  if (known !== undefined && known.commit === ref) return known;
  const secrets: Credentials[] = [];
  const http = createHttpClient({
    maxBytes,
    credentialsFor: async (asked, until) => {
      const credentials = await credentialsFor(access, asked, until);
      if (credentials !== undefined) secrets.push(credentials);
      return credentials;
    },
  });
  const explain = (error: unknown): unknown => explained(withoutSecrets(error, secrets), access, url);
  try {
    const server = await greet(http, url, signal);
    const wanted = await resolveRef(server, url, { ref, signal });
    if (known?.commit === wanted.oid) return known;
    const store = createStore({ server, budget: options.budget, oid: wanted.oid });
    await store.start(signal);
    const commit = await readCommit(store, wanted.oid);
    if (commit === undefined) throw broken('the server did not send the commit that was asked for');
    return { ...commit, ref: wanted.name, objects: explaining(store, explain) };
  } catch (error) {
    throw explain(error);
  }
}

/** The same reader, with errors of later requests in words and without secrets. */
function explaining(store: RemoteStore, explain: (error: unknown) => unknown): ObjectReader {
  const told =
    <A extends readonly unknown[]>(ask: (...asked: A) => Promise<void>) =>
    (...asked: A): Promise<void> =>
      ask(...asked).catch((error: unknown) => {
        throw explain(error);
      });
  return { ...store, want: told(store.want), deepen: told(store.deepen), wantTrees: told(store.wantTrees) };
}

/** Who may read is the operator's to settle, so an answer about rights says how. */
function explained(error: unknown, access: GitAccess, url: string): unknown {
  if (!(error instanceof HttpFailure) || (error.status !== 401 && error.status !== 403)) return error;
  const reason = `${url} answered ${error.status}: it asks for credentials or refuses them`;
  return new GitProblem('forbidden', reason, howToAuthorise(access, new URL(url)));
}

/** A server may repeat what it was sent; nobody shall read it in an error. */
function withoutSecrets(error: unknown, secrets: readonly Credentials[]): unknown {
  if (!(error instanceof Error) || secrets.length === 0) return error;
  const told = secrets.flatMap(({ username, password }) => [
    password,
    Buffer.from(`${username}:${password}`).toString('base64'),
  ]);
  const clean = told.reduce((text, secret) => text.replaceAll(secret, '[credentials]'), error.message);
  if (clean === error.message) return error;
  return error instanceof GitProblem ? new GitProblem(error.code, clean, error.nextStep) : new ServerError(clean);
}

interface Wanted {
  readonly ref: string;
  readonly signal: AbortSignal;
}

/** Branches before tags, as `git clone --branch` looks; a whole commit id is taken at its word. */
async function resolveRef(
  server: Server,
  url: string,
  { ref, signal }: Wanted,
): Promise<{ oid: string; name: string }> {
  const refs = await server.refs(['HEAD', `refs/heads/${ref}`, `refs/tags/${ref}`, ref], signal);
  const named = (name: string): Ref | undefined => refs.find((candidate) => candidate.name === name);
  if (ref === 'HEAD') {
    const head = named('HEAD');
    if (head === undefined) throw await noHead(server, url, signal);
    return { oid: head.oid, name: head.target?.replace(/^refs\/heads\//, '') ?? 'HEAD' };
  }
  const found = named(`refs/heads/${ref}`) ?? named(`refs/tags/${ref}`) ?? named(ref);
  if (found !== undefined) return { oid: found.peeled ?? found.oid, name: ref };
  if (/^[0-9a-f]{40}$/.test(ref)) return { oid: ref, name: ref };
  throw await refNotFound(server, ref, signal);
}

async function noHead(server: Server, url: string, signal: AbortSignal): Promise<GitProblem> {
  const names = await namesOf(server, signal);
  if (names.length === 0) return new GitProblem('not_found', `${url} has no commit yet`, 'Push a commit first.');
  const next = `Give a ref; there is: ${names.slice(0, 5).join(', ')}.`;
  return new GitProblem('not_found', `${url} names no default branch (HEAD)`, next);
}

async function refNotFound(server: Server, ref: string, signal: AbortSignal): Promise<GitProblem> {
  const near = similarNames(ref, await namesOf(server, signal));
  const next = near.length > 0 ? `Closest there: ${near.join(', ')}.` : 'Check the name.';
  return new GitProblem('not_found', `the repository has no branch, tag or fetchable commit ${ref}`, next);
}

async function namesOf(server: Server, signal: AbortSignal): Promise<readonly string[]> {
  const refs = await server.refs(['refs/heads/', 'refs/tags/'], signal);
  return refs.flatMap(({ name }) => /^refs\/(?:heads|tags)\/(.+)$/.exec(name)?.[1] ?? []);
}

interface StoreOptions {
  readonly server: Server;
  readonly budget: Budget;
  /** The commit. */
  readonly oid: string;
}

interface RemoteStore extends Required<ObjectReader> {
  /** Brings the commit and its trees. */
  start(signal: AbortSignal): Promise<void>;
}

function createStore({ server, budget, oid: commit }: StoreOptions): RemoteStore {
  const packs: Pack[] = [];
  const indexes: PackIndex[] = [];
  const readPacked = createPackReader(budget);
  const add = async (bytes: Buffer, signal: AbortSignal): Promise<void> => {
    const index = await indexPack(bytes, budget, signal);
    indexes.push(index);
    packs.push({
      bytes: { read: async (offset, length) => bytes.subarray(offset, offset + length) },
      find: async (oid) => index.find(oid),
    });
  };
  const bringCommit = async (withFiles: boolean, signal: AbortSignal): Promise<void> =>
    add(await server.fetchCommit(commit, withFiles, signal), signal);
  /** A server that leaves files out and then hands out none by id is asked for all. */
  const bring = async (oids: readonly string[], signal: AbortSignal): Promise<void> => {
    try {
      if (server.fetchObjects !== undefined) await add(await server.fetchObjects(oids, signal), signal);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      await bringCommit(true, signal);
    }
  };
  const missing = (oids: readonly string[]): readonly string[] =>
    [...new Set(oids)].filter((oid) => indexes.every((index) => index.find(oid) === undefined));
  return {
    async deepen(generations, signal) {
      if (server.fetchHistory === undefined) throw noHistory();
      await add(await server.fetchHistory(commit, generations, signal), signal);
    },
    async wantTrees(oids, signal) {
      const wanted = server.fetchTrees === undefined ? [] : missing(oids);
      for (let at = 0; at < wanted.length; at += MAX_WANTED) {
        const pack = await server.fetchTrees?.(wanted.slice(at, at + MAX_WANTED), signal);
        if (pack !== undefined) await add(pack, signal);
      }
    },
    async start(signal) {
      await bringCommit(server.fetchObjects === undefined, signal).catch(async (error: unknown) => {
        throw isRefusedCommit(error) ? await refNotFound(server, commit, signal) : error;
      });
    },
    async want(oids, signal) {
      const wanted = missing(oids);
      for (let at = 0; at < wanted.length; at += MAX_WANTED) await bring(wanted.slice(at, at + MAX_WANTED), signal);
    },
    async read(oid) {
      for (const pack of packs) {
        const offset = await pack.find(oid);
        if (offset !== undefined) return readPacked(pack, offset);
      }
      return undefined;
    },
    close: async () => undefined,
  };
}

function noHistory(): GitProblem {
  const next = 'Clone it with git and give the absolute path of the clone.';
  return new GitProblem('unsupported', 'the server speaks an older protocol, over which no history is read', next);
}

/** `not our ref ID`, `no such ref`: what servers say of a commit that they do not have or do not hand out. */
function isRefusedCommit(error: unknown): boolean {
  return error instanceof ServerError && /not our ref|no such|not found/i.test(error.message);
}
