/** Semantic comparison of one live policy with its Git document; the heart of the drift report (`report.ts`). */
import type { FieldDifference } from '../model/drift.ts';
import { isList, isRecord, type Json, type JsonRecord, pathText, setText } from './json.ts';
import { similarity } from './similarity.ts';

/** Lists whose members are rules of their own: a changed member is shown as a change inside it, not as one gone and one new. */
const PAIRED_LISTS: ReadonlySet<string> = new Set(['egress', 'egressDeny', 'specs', 'toPorts']);

type Side = 'live' | 'git';
interface Indexed {
  readonly at: number;
  readonly value: Json;
}

/**
 * Differences between two normal forms (`normalise.ts`), none when they mean the same. Paths are those of the live object.
 * For a list, `live` holds the members only the live object has and `git` those only Git has; a side without any is absent.
 */
export function comparePolicies(live: JsonRecord, git: JsonRecord): readonly FieldDifference[] {
  return compareRecords([], live, git);
}

function compareValues(path: readonly (string | number)[], live: Json, git: Json): FieldDifference[] {
  if (setText(live) === setText(git)) return [];
  if (isRecord(live) && isRecord(git)) return compareRecords(path, live, git);
  if (isList(live) && isList(git)) return compareLists(path, live, git);
  return [{ path: pathText(path), live, git }];
}

function compareRecords(path: readonly (string | number)[], live: JsonRecord, git: JsonRecord): FieldDifference[] {
  const keys = [...new Set([...Object.keys(live), ...Object.keys(git)])];
  return keys.flatMap((key) => {
    const [mine, theirs] = [live[key], git[key]];
    if (mine !== undefined && theirs !== undefined) return compareValues([...path, key], mine, theirs);
    return [oneSided(pathText([...path, key]), mine, theirs)];
  });
}

function oneSided(path: string, live: Json | undefined, git: Json | undefined): FieldDifference {
  return { path, ...(live === undefined ? {} : { live }), ...(git === undefined ? {} : { git }) };
}

function compareLists(
  path: readonly (string | number)[],
  live: readonly Json[],
  git: readonly Json[],
): FieldDifference[] {
  const onlyLive = membersMissingIn(live, git);
  const onlyGit = membersMissingIn(git, live);
  if (!PAIRED_LISTS.has(String(path.at(-1)))) return [listDifference(path, onlyLive, onlyGit)];
  const { pairs, restLive, restGit } = pairUp(onlyLive, onlyGit);
  return [
    ...pairs.flatMap((pair) => compareValues([...path, pair.live.at], pair.live.value, pair.git.value)),
    ...restLive.map((item) => oneSided(pathText([...path, item.at]), item.value, undefined)),
    ...(restGit.length > 0 ? [listDifference(path, [], restGit)] : []),
  ];
}

function membersMissingIn(items: readonly Json[], others: readonly Json[]): Indexed[] {
  const known = new Set(others.map(setText));
  return items.map((value, at) => ({ at, value })).filter((item) => !known.has(setText(item.value)));
}

function listDifference(
  path: readonly (string | number)[],
  live: readonly Indexed[],
  git: readonly Indexed[],
): FieldDifference {
  const values = (items: readonly Indexed[]): Json[] | undefined =>
    items.length > 0 ? items.map((item) => item.value) : undefined;
  return oneSided(pathText(path), values(live), values(git));
}

/** Greedy, most similar first; ties go to the lower indices so that the answer is the same each time. */
function pairUp(
  live: readonly Indexed[],
  git: readonly Indexed[],
): { pairs: Record<Side, Indexed>[]; restLive: Indexed[]; restGit: Indexed[] } {
  const scored = live
    .flatMap((mine) => git.map((theirs) => ({ live: mine, git: theirs, score: similarity(mine.value, theirs.value) })))
    .filter((candidate) => candidate.score > 0)
    .sort((a, b) => b.score - a.score || a.live.at - b.live.at || a.git.at - b.git.at);
  const used = { live: new Set<number>(), git: new Set<number>() };
  const pairs = scored.filter((candidate) => {
    if (used.live.has(candidate.live.at) || used.git.has(candidate.git.at)) return false;
    used.live.add(candidate.live.at);
    used.git.add(candidate.git.at);
    return true;
  });
  return {
    pairs,
    restLive: live.filter((item) => !used.live.has(item.at)),
    restGit: git.filter((item) => !used.git.has(item.at)),
  };
}
