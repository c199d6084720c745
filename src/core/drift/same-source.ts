/** Whether what was compared is what a controller applies: by commit, else by repository, branch and freshness; asked by the forecasts. */
import type { DriftReport } from '../model/drift.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { SyncController, SyncSource, SyncState } from '../model/sync.ts';
import { plain, reasonOf } from './plain.ts';

/** What was compared with the live policies. */
export interface Compared {
  /** As `DriftReport.repository`. */
  readonly repository: string;
  readonly ref: string;
  readonly commit: string;
  /** Only this folder was read; empty for all. */
  readonly path: string;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** As `DriftReport.rendered`. */
  readonly rendered?: true;
  /** As `DriftReport.asApplied`. */
  readonly asApplied?: true;
  /** As `DriftReport.relations`. */
  readonly relations?: DriftReport['relations'];
}

export type Basis =
  /** The controller applied exactly this commit. */
  | { readonly state: 'applied' }
  /** Its source has fetched it, and it is not applied yet. */
  | { readonly state: 'fetched' }
  /** Its source will fetch it: same repository, same branch. What only a clone has, it has to be pushed for. */
  | { readonly state: 'coming'; readonly unpushed?: true }
  /** What it applies was not compared, or that is not known. */
  | { readonly state: 'other'; readonly because: string; readonly different: boolean };

export function basisOf({ source, noSource, appliedRevision }: SyncController, compared: Compared): Basis {
  if (source === undefined) return other(noSource ?? 'which source it has is not known');
  const fetched = commitOf(source.revision);
  const applied = commitOf(appliedRevision);
  if (sameCommit(fetched ?? applied, compared.commit))
    return { state: sameCommit(applied, compared.commit) ? 'applied' : 'fetched' };
  if (source.kind !== 'git')
    return other(`it applies ${refText(source.object)}, which is no Git repository`, source.kind === 'helm');
  if (sameCommit(applied, compared.commit))
    return other(
      `its source has fetched ${plain(source.revision)}, another commit than the one compared (${short(compared)})`,
    );
  return byRepository(source, { has: fetched ?? applied, compared });
}

interface Place {
  /** The commit that the controller or its source has. */
  readonly has: string | undefined;
  readonly compared: Compared;
}

function byRepository(source: SyncSource, { has, compared }: Place): Basis {
  const { url } = source;
  if (url === undefined) return other(`${refText(source.object)} was not read`);
  const mine = repositoryPath(compared.repository);
  if (mine === undefined) return ofClone(source, { has, compared });
  if (mine !== repositoryPath(url))
    return other(`it applies ${describe(source)}, which is another repository than ${compared.repository}`, true);
  return notFollowed(source, compared) ?? { state: 'coming' };
}

/** A clone has the history in which its commit and the controller's stand, if it is one of the same repository. */
function ofClone(source: SyncSource, { has, compared }: Place): Basis {
  const clone = `the clone ${compared.repository} at ${short(compared)}`;
  const its = `${refText(source.object)} has ${has === undefined ? 'nothing fetched' : `commit ${has.slice(0, 12)}`}`;
  const relation = has === undefined ? undefined : compared.relations?.[has];
  if (relation === 'ancestor') return notFollowed(source, compared) ?? { state: 'coming', unpushed: true };
  if (relation === 'descendant')
    return other(`${clone} is behind: ${its}; pull there first, or give ref ${has}, which the clone has`);
  if (relation === 'diverged')
    return other(`${clone} has diverged: ${its}, and neither contains the other; give ref ${has} to compare that one`);
  return other(
    `whether ${clone} is newer is not known: ${its}, which the clone does not have or does not reach; run \`git fetch\` there and compare again, or give repository ${plain(source.url)}`,
  );
}

/** Why its source will not come to this commit by itself. */
function notFollowed(source: SyncSource, compared: Compared): Basis | undefined {
  if ((source.ref ?? 'HEAD') !== compared.ref && source.ref !== 'HEAD')
    return other(`it follows ${plain(source.ref)}, and ${compared.ref} was compared`);
  const held = commitOf(source.revision);
  const instead = held === undefined ? '' : `; give ref ${held} to compare what it has`;
  if (source.suspended)
    return other(
      `${refText(source.object)} is suspended at ${source.revision === undefined ? 'no revision' : plain(source.revision)}, and ${short(compared)} was compared${instead}`,
    );
  if (source.failing !== undefined)
    return other(
      `${refText(source.object)} cannot fetch (${reasonOf(source.failing)}), and ${short(compared)} was compared${instead}`,
    );
  return undefined;
}

function other(because: string, different = false): Basis {
  return { state: 'other', because, different };
}

const short = ({ ref, commit }: Compared): string => `${ref}@${commit.slice(0, 12)}`;

/** `main@sha1:ID`, `sha1:ID`, the older `main/ID`, or the bare id that Argo CD writes. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[@/:])(?:sha(?:1|256):)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision ?? '')?.[1];
}

const MOST_REVISIONS = 12;

/** Commits that controllers of Git sources have fetched or applied. */
export function revisionsOf({ controllers }: SyncState): readonly string[] {
  const found = controllers
    .filter(({ source }) => source?.kind === 'git')
    .flatMap(({ source, appliedRevision }) => [commitOf(source?.revision), commitOf(appliedRevision)]);
  return [...new Set(found)].flatMap((one) => one ?? []).slice(0, MOST_REVISIONS);
}

function sameCommit(a: string | undefined, b: string): boolean {
  return a !== undefined && a === b;
}

/**
 * A repository's path on its host: a cluster often names the same host in another way than people do, so hosts are not compared. Undefined for
 * a path on this machine, which names no repository.
 */
export function repositoryPath(url: string): string | undefined {
  const match = /^(?:(?:https?|ssh|git):\/\/[^/]+\/|[^/@\s]+@[^/:\s]+:)(.+)$/i.exec(url);
  return match?.[1]
    ?.replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^\/+/, '');
}

/** `https://… ref main`, as a finding tells what to give. */
export function describe({ url, ref, object }: SyncSource): string {
  return `${url === undefined ? refText(object) : plain(url)}${ref === undefined ? '' : ` (ref ${plain(ref)})`}`;
}

export function refText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Whether a file is in a controller's folder. */
export function covers(folder: string, file: string): boolean {
  return folder === '' || file === folder || file.startsWith(`${folder}/`);
}

/** Entries that were not read, or not as they are applied, where this controller may take something from. */
export function unreadNear(compared: Compared, folder: string, file?: string): Compared['skipped'] {
  return compared.skipped.filter(({ path }) => {
    const place = path === '…' ? '' : path.split('/').slice(0, -1).join('/');
    return covers(folder, path) || covers(place, folder) || (file !== undefined && covers(place, file));
  });
}

/**
 * Whether files are not applied as they are written; reasons as `gitops` gives them. The folder itself is built where it was what was read. In a
 * larger one its kustomization may take a base from anywhere, and any other on the way may change it.
 */
export function notAsWritten(compared: Compared, folder: string, file?: string): string | undefined {
  const whole = compared.path === folder;
  const entries = whole ? unreadNear(compared, folder, file) : compared.skipped;
  const entry = entries.find(({ reason }) => /^(?:kustomize |not rendered)/.test(reason));
  if (entry === undefined) return undefined;
  const help = whole ? '' : `; give path ${plain(folder)}, so that this folder is built`;
  return `${plain(entry.path)} changes what files say, and they were compared as written (${entry.reason.slice(0, 100)})${help}`;
}

/**
 * A file of the controller's folder that could not be read. A build that fails on it applies nothing at all, so of a commit that is not applied
 * yet it is not known whether it ever will be.
 */
export function mayNotBuild(compared: Compared, basis: Basis, folder: string): string | undefined {
  if (basis.state === 'applied') return undefined;
  const broken = compared.skipped.find(
    ({ path, reason }) =>
      covers(folder, path) &&
      !/^(?:kustomize |a symbolic link|a submodule|document \d+, .* names no namespace|document \d+, \w+: not rendered: the value of )/.test(
        reason,
      ),
  );
  return broken === undefined
    ? undefined
    : `${broken.path} could not be read (${broken.reason}); if its controller cannot either, nothing of this commit is applied`;
}
