/** The first thing that is wrong in a list; used by the files of the validation, which go over every policy of a cluster. */

export function firstProblemOf<T>(
  items: readonly T[] | undefined,
  problemOf: (item: T) => string | undefined,
): string | undefined {
  if (items === undefined) return undefined;
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
