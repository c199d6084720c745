/**
 * A checker for Stryker that lets a random sample of mutants through (`npm run mutation -- --sample 0.1`, see mutation.ts).
 * Stryker asks a checker about every mutant before it runs it and keeps out of the score what the checker refuses; its
 * report calls those "CompileError", with the reason below.
 */
import { createHash } from 'node:crypto';

interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: unknown;
}

interface Sample {
  /** Between 0 and 1. */
  readonly share: number;
  readonly seed: string;
}

type Answer = { readonly status: 'passed' } | { readonly status: 'compileError'; readonly reason: string };

/**
 * Each mutant is drawn by itself, by a hash of what and where it is: every mutant of every file has the same chance, and a
 * seed means the same sample on every machine, however Stryker numbers its mutants.
 */
function drawn({ fileName, mutatorName, replacement, location }: Mutant, { share, seed }: Sample): boolean {
  const file = fileName.slice(fileName.lastIndexOf('/src/'));
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, file, mutatorName, replacement, location]))
    .digest();
  return digest.readUInt32BE(0) < share * 2 ** 32;
}

function sampleChecker({ mutationSample }: { readonly mutationSample: Sample }) {
  const answer = (mutant: Mutant): Answer =>
    drawn(mutant, mutationSample)
      ? { status: 'passed' }
      : { status: 'compileError', reason: 'not in the sample (see test/tooling/mutation-sample.ts)' };
  return {
    init: async () => {},
    group: async (mutants: readonly Mutant[]) => [mutants.map(({ id }) => id)],
    check: async (mutants: readonly Mutant[]) =>
      Object.fromEntries(mutants.map((mutant) => [mutant.id, answer(mutant)])),
  };
}
sampleChecker.inject = ['options'] as const;

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', factory: sampleChecker }];

/** Without this Stryker warns of an option that it doesn't know. */
export const strykerValidationSchema = {
  properties: {
    mutationSample: { type: 'object', properties: { share: { type: 'number' }, seed: { type: 'string' } } },
  },
};
