/** Finds in the Git document what a change's path names in the live object; `gitops/patch` edits there. */
import { isList, isRecord, type Json, type JsonRecord, type Path, pathText, setText } from './json.ts';
import { similarity } from './similarity.ts';

export type Located =
  | {
      readonly ok: true;
      readonly path: Path /** True when some index differs from the live one. */;
      readonly moved: boolean;
    }
  | { readonly ok: false; readonly reason: string };

/** Below this two rules share so little that taking one for the other would be a guess. */
const LEAST_SIMILARITY = 0.2;

/**
 * Walks `path` over the normal forms of both sides. Keys are taken as they are; an index is replaced by the index of the
 * Git member that says the same, or, on the way to the target only, of the one that is clearly the most similar.
 */
export function locate(live: JsonRecord, git: JsonRecord, path: Path): Located {
  const out: (string | number)[] = [];
  let [mine, theirs]: [Json | undefined, Json | undefined] = [live, git];
  for (const [at, step] of path.entries()) {
    const last = at === path.length - 1;
    if (step === '-') out.push(step);
    else if (typeof step === 'string') {
      out.push(step);
      [mine, theirs] = [memberOf(mine, step), memberOf(theirs, step)];
      const begins = mine === undefined && path[at + 1] === '-' && at === path.length - 2;
      if (!last && theirs === undefined && !begins) return absent(out, mine);
    } else {
      const found = matchIndex({ live: mine, git: theirs, index: step, exact: last });
      if (typeof found === 'string') return { ok: false, reason: `${pathText(path.slice(0, at + 1))}: ${found}` };
      out.push(found);
      [mine, theirs] = [elementOf(mine, step), elementOf(theirs, found)];
    }
  }
  return { ok: true, path: out, moved: out.some((step, at) => step !== path[at]) };
}

function absent(path: Path, live: Json | undefined): Located {
  const side =
    live === undefined ? 'neither the live object nor Git has' : 'live and Git differ: only the live object has';
  return { ok: false, reason: `${side} ${pathText(path)}` };
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function elementOf(value: Json | undefined, at: number): Json | undefined {
  return isList(value) ? value[at] : undefined;
}

interface IndexQuestion {
  readonly live: Json | undefined;
  readonly git: Json | undefined;
  readonly index: number;
  readonly exact: boolean;
}

/** The index in Git, or the reason why there is none. */
function matchIndex(question: IndexQuestion): number | string {
  const wanted = elementOf(question.live, question.index);
  if (wanted === undefined) return 'the live object has no such element';
  const items = isList(question.git) ? question.git : [];
  const same = items.flatMap((item, at) => (setText(item) === setText(wanted) ? [at] : []));
  if (same.includes(question.index)) return question.index;
  if (same[0] !== undefined) return same[0];
  if (question.exact) return 'live and Git differ: Git has no such element';
  return mostSimilar(items, wanted, question.index);
}

function mostSimilar(items: readonly Json[], wanted: Json, index: number): number | string {
  const scored = items
    .map((item, at) => ({ at, score: similarity(item, wanted) }))
    .sort((a, b) => b.score - a.score || Math.abs(a.at - index) - Math.abs(b.at - index));
  const [best, second] = scored;
  if (best === undefined || best.score < LEAST_SIMILARITY) return 'live and Git differ: Git has nothing like it';
  const tied = second !== undefined && second.score === best.score && best.at !== index;
  return tied ? 'live and Git differ: several elements in Git are equally like it' : best.at;
}
