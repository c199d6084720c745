/** Which commits last changed the file of a policy, and its rules for certain names: compared as policies, not as text. Used by `repository-reader.ts`. */
import { type Entries, entriesOf } from '../../core/drift/entries.ts';
import type { EntryHistory, GitCommit, PolicyHistory } from '../../core/model/git-history.ts';
import type { ObjectReader } from '../objects/object.ts';
import { type Commit, createCommits, shown } from './commits.ts';
import { createFileVersions } from './file-versions.ts';
import { type Change, lastChange, type Value } from './last-change.ts';
import { movedFrom, type Reading, removalOf } from './other-file.ts';
import { createPolicyReader, type PolicyName } from './policy-versions.ts';

interface FileQuestion {
  /** From the repository's root. */
  readonly file: string;
  /** Absent where the file is not the policy as it is applied: then only the file is asked about. */
  readonly policy?: PolicyName;
  /** Hosts, patterns, CIDRs. */
  readonly names: readonly string[];
}

/** About a policy that no file holds any more. */
interface RemovalQuestion {
  readonly policy: PolicyName;
  readonly folder: string;
}

export type HistoryQuestion = FileQuestion | RemovalQuestion;

/** Files that a policy is followed through. */
const MAX_MOVES = 3;

/** One answer a question, in order; what stops one stops none of the others. */
export async function policyHistories(
  objects: ObjectReader,
  start: string,
  questions: readonly HistoryQuestion[],
  signal: AbortSignal,
): Promise<readonly (PolicyHistory | undefined)[]> {
  const commits = createCommits(objects, signal);
  const versions = createFileVersions(objects, commits, signal);
  const first = await commits.read(start);
  if (first === undefined) return [];
  const reading = { objects, commits, versions, read: createPolicyReader(objects), signal };
  const answers: (PolicyHistory | undefined)[] = [];
  for (const question of questions)
    answers.push(
      'folder' in question
        ? await removalOf(reading, first, question)
        : await historyOf(reading, { first, question, moves: 0 }),
    );
  return answers;
}

interface Asked {
  readonly first: Commit;
  readonly question: FileQuestion;
  readonly moves: number;
}

async function historyOf(reading: Reading, asked: Asked): Promise<PolicyHistory> {
  const { first, question } = asked;
  const { file, policy, names } = question;
  const { commits, versions } = reading;
  const ahead = (commit: Commit): Promise<void> => versions.ahead(commit, file);
  const blobAt = (commit: Commit) => versions.blobAt(commit, file);
  const ofFile = await lastChange(first, { commits, valueAt: blobAt, same: (a, b) => a === b, ahead });
  const changes: NamedChange[] = [];
  for (const name of policy === undefined ? [] : names) {
    const valueAt = async (commit: Commit): Promise<Value<Entries>> => {
      const blob = await blobAt(commit);
      return blob.known && policy !== undefined ? entriesAt(reading, blob.value, { policy, name }) : unread(blob);
    };
    changes.push({
      name,
      change: await lastChange(first, { commits, valueAt, same: (a, b) => a.key === b.key, ahead }),
    });
  }
  const limit = [ofFile, ...changes.map(({ change }) => change)].find((change) => !change.found);
  const own: PolicyHistory = {
    file,
    ...(ofFile.found ? { fileChanged: shown(ofFile.commit) } : {}),
    entries: changes.flatMap(({ name, change }) => (change.found ? (entryHistory(name, change) ?? []) : [])),
    ...(limit?.found === false ? { notFurther: { back: shown(limit.back), because: limit.because } } : {}),
  };
  return throughMoves(reading, asked, { own, changes });
}

interface NamedChange {
  readonly name: string;
  readonly change: Change<Entries>;
}

const unread = (blob: Value<string | undefined>): Value<Entries> =>
  blob.known ? { known: true, value: entriesOf(undefined, '') } : blob;

async function entriesAt(
  { read }: Reading,
  blob: string | undefined,
  { policy, name }: { readonly policy: PolicyName; readonly name: string },
): Promise<Value<Entries>> {
  const version = await read(blob, policy);
  return version.known ? { known: true, value: entriesOf(version.value, name) } : version;
}

/** Rules that seem to be added with the file itself may have come from another one: then its history counts. */
async function throughMoves(
  reading: Reading,
  { question, moves }: Asked,
  { own, changes }: { readonly own: PolicyHistory; readonly changes: readonly NamedChange[] },
): Promise<PolicyHistory> {
  const { policy } = question;
  const made = changes.flatMap(({ name, change }) => (change.found && isMade(change) ? [{ name, change }] : []));
  const [first] = made;
  if (policy === undefined || first === undefined || moves >= MAX_MOVES) return own;
  const { commit } = first.change;
  const origin = await movedFrom(reading, commit, policy).catch(() => undefined);
  if (origin === undefined) return own;
  const carried: string[] = [];
  for (const { name, change } of made.filter((one) => one.change.commit.id === commit.id)) {
    const before = await entriesAt(reading, origin.blob, { policy, name });
    if (before.known && before.value.key === change.now.key) carried.push(name);
  }
  if (carried.length === 0) return own;
  const asked = { first: origin.commit, question: { file: origin.file, policy, names: carried }, moves: moves + 1 };
  const { entries, notFurther } = await historyOf(reading, asked);
  const kept = own.entries.filter(({ name }) => !carried.includes(name));
  const limit = own.notFurther ?? notFurther;
  return { ...own, entries: [...kept, ...entries], ...(limit && { notFurther: limit }) };
}

/** The first version that has any of it: no parent's file named it. */
const isMade = ({ now, before }: Change<Entries> & { found: true }): boolean =>
  isNamed(now) && before.length > 0 && !before.some(isNamed);

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
