/** From a `RepositoryRef` to the policies in it: grammar, open, files, documents; bounded in time. Used by `gitops-source.ts`. */
import type { Rendering, RepositoryRef } from '../ports/gitops-source.ts';
import { type GitAccess, NO_ACCESS } from './access/access.ts';
import { type Applied, appliedDocuments } from './applied-documents.ts';
import { DEFAULT_LIMITS, type Limits, readFiles } from './files.ts';
import { GitProblem } from './git-problem.ts';
import { displayOf, type Location, parseLocation } from './location.ts';
import { createBudget, type ObjectReader } from './objects/object.ts';
import type { Snapshot } from './snapshot.ts';

export interface RepositoryReaderOptions {
  /** Which hosts get credentials and are reached by ssh; none by default. */
  readonly access?: GitAccess;
  /** For opening and reading together. Default 30 000. */
  readonly timeoutMs?: number;
  /** Over the network, per repository. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes that the objects of one repository may inflate to. Default 1 GiB: more than 64 MiB of packed text do. */
  readonly maxInflated?: number;
  /** How long a fetched remote commit answers for its ref, as long as the remote still names it. Default 60 000. */
  readonly keepMs?: number;
  readonly limits?: Partial<Limits>;
}

export interface RepositoryContent extends Applied {
  readonly snapshot: Snapshot;
}

export interface RepositoryReader {
  /** Kustomizations are built, since patches are proved by building them again; `charts`: charts are rendered, too, for comparisons. */
  read(repo: RepositoryRef, charts: boolean, signal: AbortSignal): Promise<RepositoryContent>;
  /** Opens it once more at a commit that was read, for what is beside the files; bounded in time of its own. */
  reopen<T>(repo: RepositoryRef, commit: string, work: Work<T>, signal: AbortSignal): Promise<T>;
}

type Work<T> = (objects: ObjectReader, signal: AbortSignal) => Promise<T>;

/** History is beside the point of an answer, so it may take less than the files. */
const HISTORY_MS = 8000;

/** Remote commits are kept in memory, so only the last few. */
const MAX_KEPT = 2;

/** isomorphic-git takes 90 ms to load, so what needs it is imported when a repository is first read. */
export function createRepositoryReader(options: RepositoryReaderOptions): RepositoryReader {
  const { timeoutMs = 30_000, maxBytes = 64 * 1024 * 1024, keepMs = 60_000, access = NO_ACCESS } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const snapshots = createKept<Snapshot>(keepMs);
  /** Of ssh remotes, whose files are gone when they have been read. */
  const contents = createKept<RepositoryContent>(keepMs);

  async function open({ kind, target, ref }: Location, signal: AbortSignal): Promise<Snapshot> {
    const budget = createBudget(options);
    if (kind === 'local') return (await import('./local-repository.ts')).openLocal(target, ref, budget);
    const asked = { maxBytes, signal, access, budget };
    if (kind === 'ssh') return (await import('./ssh-repository.ts')).openSsh(target, ref, asked);
    const { openRemote } = await import('./remote-repository.ts');
    return snapshots.get(`${target}\n${ref}`, (known) => openRemote(target, ref, { ...asked, known }));
  }

  async function readContent(
    location: Location,
    { rendering, charts }: { readonly rendering: Rendering | undefined; readonly charts: boolean },
    signal: AbortSignal,
  ): Promise<RepositoryContent> {
    const snapshot = await open(location, signal);
    try {
      const { files, skipped } = await readFiles(snapshot, location.path, { signal, limits });
      const folder = location.path.join('/');
      const applied = await appliedDocuments({ snapshot, files, folder, rendering, charts, signal });
      return { snapshot, ...applied, skipped: [...skipped, ...applied.skipped] };
    } finally {
      // An http remote holds memory alone and is kept.
      if (location.kind !== 'remote') await snapshot.objects.close();
    }
  }

  return {
    async read(repo, wanted, signal) {
      const location = parseLocation(repo);
      // What is kept of an ssh remote is for both.
      const charts = access.render === true && (wanted || location.kind === 'ssh');
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const work = async (known?: RepositoryContent): Promise<RepositoryContent> =>
        (await stillNamed(location, known, { signal: bounded, access })) ??
        readContent(location, { rendering: repo.rendering, charts }, bounded);
      const key = JSON.stringify([location.target, location.ref, location.path, repo.rendering]);
      const reading = location.kind === 'ssh' ? contents.get(key, work) : work();
      return untilAborted(reading, bounded).catch((error: unknown) => {
        throw bounded.aborted ? stopped(displayOf(repo.repository), signal.aborted, timeoutMs) : error;
      });
    },
    async reopen(repo, commit, work, signal) {
      const location = parseLocation(repo);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(Math.min(HISTORY_MS, timeoutMs))]);
      // What is kept of a remote is found by the ref that it was read by, and was looked at a moment ago.
      const last = snapshots.last(`${location.target}\n${location.ref}`);
      const kept = location.kind === 'remote' ? (last ?? (await open(location, bounded))) : undefined;
      const snapshot = kept?.commit === commit ? kept : await open({ ...location, ref: commit }, bounded);
      try {
        return await work(snapshot.objects, bounded);
      } finally {
        if (location.kind !== 'remote') await snapshot.objects.close();
      }
    },
  };
}

/** What was read of an ssh remote, if it still names that commit. */
async function stillNamed(
  { target, ref }: Location,
  known: RepositoryContent | undefined,
  how: { readonly signal: AbortSignal; readonly access: GitAccess },
): Promise<RepositoryContent | undefined> {
  if (known === undefined || known.snapshot.commit === ref) return known;
  const { commitAt } = await import('./ssh-repository.ts');
  return (await commitAt(target, ref, how)) === known.snapshot.commit ? known : undefined;
}

interface Kept<V> {
  /** `make` gets what is known, and says whether it still holds by giving it back; how long it is kept counts from when it was made. */
  get(key: string, make: (known: V | undefined) => Promise<V>): Promise<V>;
  last(key: string): V | undefined;
}

/** Remembers the last few answers for a while; failures are not remembered. */
function createKept<V>(keepMs: number): Kept<V> {
  const kept = new Map<string, { readonly value: V; readonly until: number }>();
  const last = (key: string): V | undefined => {
    const entry = kept.get(key);
    return entry !== undefined && entry.until > Date.now() ? entry.value : undefined;
  };
  return {
    last,
    async get(key, make) {
      const known = last(key);
      const value = await make(known);
      if (known !== undefined && value === known) return value;
      kept.delete(key);
      kept.set(key, { value, until: Date.now() + keepMs });
      for (const oldest of [...kept.keys()].slice(0, -MAX_KEPT)) kept.delete(oldest);
      return value;
    },
  };
}

/** Nothing that hangs can hold the answer back: the signal ends the wait itself. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function stopped(display: string, cancelled: boolean, timeoutMs: number): GitProblem {
  return cancelled
    ? new GitProblem('timeout', `reading ${display} was cancelled`, 'Ask again.')
    : new GitProblem(
        'timeout',
        `${display} was not read within ${timeoutMs} ms`,
        'Give a narrower path, or a local clone.',
      );
}
