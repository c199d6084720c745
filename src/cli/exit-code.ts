/** What a script learns from the exit code, beside the result on standard output. */
import type { ToolOutcome } from '../tools/run-tool.ts';

export const EXIT = { reachable: 0, causeFound: 1, undetermined: 2, usage: 64, bug: 70 } as const;

export function exitCodeOf({ error, structured }: ToolOutcome): number {
  if (error !== undefined) return exitCodeOfError(error.kind);
  switch (structured['verdict']) {
    case 'blocked':
      return EXIT.causeFound;
    case 'undetermined':
      return EXIT.undetermined;
    default:
      return EXIT.reachable;
  }
}

/** A cluster that refuses or cannot be reached leaves the question undetermined. */
export function exitCodeOfError(kind: 'usage' | 'cluster' | 'bug'): number {
  return { usage: EXIT.usage, cluster: EXIT.undetermined, bug: EXIT.bug }[kind];
}
