/** Which commits last changed the file of a policy, and its rules for certain names: compared as policies, not as text. Used by `repository-reader.ts`. */
import { type Entries, entriesOf } from '../../core/drift/entries.ts';
import type { JsonRecord } from '../../core/drift/json.ts';
import type { EntryHistory, GitCommit, PolicyHistory } from '../../core/model/git-history.ts';
import { readDocuments } from '../documents.ts';
import type { ObjectReader } from '../objects/object.ts';
import { type Commit, type Commits, createCommits, shown } from './commits.ts';
import { createFileVersions, type FileVersions } from './file-versions.ts';
import { type Change, lastChange, type Value } from './last-change.ts';

export interface HistoryQuestion {
  /** From the repository's root. */
  readonly file: string;
  /** Absent where the file is not the policy as it is applied: then only the file is asked about. */
  readonly policy?: { readonly kind: string; readonly name: string; readonly namespace?: string };
  /** Hosts, patterns, CIDRs. */
  readonly names: readonly string[];
}

interface Reading {
  readonly commits: Commits;
  readonly versions: FileVersions;
  readonly read: PolicyReader;
}

/** A version of a policy's file is no larger than what is read of the present one (`files.ts`). */
const MAX_FILE = 1024 * 1024;

/** One answer a question; what stops one stops none of the others. */
export async function policyHistories(
  objects: ObjectReader,
  start: string,
  questions: readonly HistoryQuestion[],
  signal: AbortSignal,
): Promise<readonly PolicyHistory[]> {
  const commits = createCommits(objects, signal);
  const versions = createFileVersions(objects, commits, signal);
  const first = await commits.read(start);
  if (first === undefined) return [];
  const reading = { commits, versions, read: createPolicyReader(objects) };
  const answers: PolicyHistory[] = [];
  for (const question of questions) answers.push(await historyOf(reading, first, question));
  return answers;
}

async function historyOf(reading: Reading, first: Commit, question: HistoryQuestion): Promise<PolicyHistory> {
  const { file, policy, names } = question;
  const { commits, versions, read } = reading;
  const ahead = (commit: Commit): Promise<void> => versions.ahead(commit, file);
  const blobAt = (commit: Commit) => versions.blobAt(commit, file);
  const ofFile = await lastChange(first, { commits, valueAt: blobAt, same: (a, b) => a === b, ahead });
  const entries: EntryHistory[] = [];
  const limits: Change<unknown>[] = [ofFile];
  for (const name of policy === undefined ? [] : names) {
    const valueAt = async (commit: Commit): Promise<Value<Entries>> => {
      const blob = await blobAt(commit);
      if (!blob.known) return blob;
      const version = await read(blob.value, { file, ...policy });
      return version.known ? { known: true, value: entriesOf(version.value, name) } : version;
    };
    const change = await lastChange(first, { commits, valueAt, same: (a, b) => a.key === b.key, ahead });
    limits.push(change);
    const entry = change.found ? entryHistory(name, change) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  const limit = limits.find((change) => !change.found);
  return {
    file,
    ...(ofFile.found ? { fileChanged: shown(ofFile.commit) } : {}),
    entries,
    ...(limit?.found === false ? { notFurther: { back: shown(limit.back), because: limit.because } } : {}),
  };
}

/** Undefined where no version ever named it. */
function entryHistory(
  name: string,
  { commit, now, before }: Change<Entries> & { found: true },
): EntryHistory | undefined {
  const had = before.some((one) => isNamed(one));
  if (!had && !isNamed(now)) return undefined;
  const told: GitCommit = shown(commit);
  // That a deny came or went is no matter of "added" and "removed": the reader would take it the wrong way round.
  const denies = now.denies || before.some((one) => one.denies);
  if (!denies && !now.allows && before.some(({ allows }) => allows)) return { name, change: 'removed', commit: told };
  if (!denies && now.allows && !before.some(({ allows }) => allows)) return { name, change: 'added', commit: told };
  return { name, change: 'changed', commit: told };
}

const isNamed = ({ allows, denies, resolves }: Entries): boolean => allows || denies || resolves;

type Version = Value<JsonRecord | undefined>;
type PolicyReader = (
  blob: string | undefined,
  asked: { readonly file: string; readonly kind?: string; readonly name?: string; readonly namespace?: string },
) => Promise<Version>;

/** The policy's normal form in one version of the file; each version is parsed once. */
function createPolicyReader(objects: ObjectReader): PolicyReader {
  const known = new Map<string, Version>();
  return async (blob, asked) => {
    if (blob === undefined) return { known: true, value: undefined };
    const key = JSON.stringify([blob, asked]);
    const version = known.get(key) ?? (await parsed(objects, blob, asked));
    known.set(key, version);
    return version;
  };
}

async function parsed(objects: ObjectReader, blob: string, asked: Parameters<PolicyReader>[1]): Promise<Version> {
  const object = await objects.read(blob);
  const unread = {
    known: false,
    because: 'an earlier version of the file is not here, or larger than is read',
  } as const;
  if (object?.kind !== 'blob' || object.data.length > MAX_FILE) return unread;
  const { policies, skipped } = readDocuments([{ path: asked.file, text: object.data.toString('utf8') }]);
  const found = policies.find(
    ({ kind, name, namespace }) => kind === asked.kind && name === asked.name && namespace === asked.namespace,
  );
  if (found !== undefined) return { known: true, value: found.normal };
  // What could not be read may be the policy.
  if (skipped.length > 0) return { known: false, because: 'before that the file cannot be read as policies' };
  return { known: true, value: undefined };
}
