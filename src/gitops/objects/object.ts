/** Git objects as the readers hand them out, and the bounds under which they are inflated; used by every file of this room. */
import { GitProblem } from '../git-problem.ts';

export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag';

export type GitObject =
  | { readonly kind: ObjectKind; readonly data: Buffer }
  /** Declared, or found out, to be larger than {@link Budget.maxObject}; never held in memory. */
  | { readonly kind: 'too large' };

export interface ObjectReader {
  /** Undefined where the repository does not hold it. @throws GitProblem when a bound is passed or the bytes are broken. */
  read(oid: string): Promise<GitObject | undefined>;
  /** Brings these objects here in one go, where they are still at the remote. */
  want(oids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Brings this many generations of commits before the one that was opened; absent where all that can be had is here. */
  readonly deepen?: (generations: number, signal: AbortSignal) => Promise<void>;
  /** Brings these trees without what they name; absent where all that can be had is here. */
  readonly wantTrees?: (oids: readonly string[], signal: AbortSignal) => Promise<void>;
  close(): Promise<void>;
}

/** What a hostile pack may cost: everything that is inflated or rebuilt from deltas counts. */
export interface Budget {
  /** Bytes that may still be inflated. */
  left: number;
  readonly maxObject: number;
}

/** A shallow pack of 64 MiB inflates to some hundred MiB; a bomb to a thousand times its size. */
const MAX_INFLATED = 1024 * 1024 * 1024;
const MAX_OBJECT = 16 * 1024 * 1024;

export function createBudget(limits: { readonly maxInflated?: number } = {}): Budget {
  return { left: limits.maxInflated ?? MAX_INFLATED, maxObject: MAX_OBJECT };
}

/** @throws GitProblem when nothing is left. */
export function spend(budget: Budget, bytes: number): void {
  budget.left -= bytes;
  if (budget.left >= 0) return;
  const reason = 'its objects inflate to more than is read: it is very large, or made to exhaust readers';
  throw new GitProblem('refused', reason, 'Give a narrower path or another ref.');
}

export function broken(what: string): GitProblem {
  return new GitProblem('invalid', `its objects are damaged: ${what}`, 'Check it with `git fsck`.');
}
