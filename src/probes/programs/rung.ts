/** What a rung of the ladder is: one interpreter with its fixed program; each is one file beside this one, listed in `ladder.ts`. */

export interface Rung {
  /** As in the `need` record and in `rung-name.ts`. */
  readonly name: string;
  /** Shell command, constant, that succeeds where this rung can run; its output is dropped, its input is empty. */
  readonly detect: string;
  /**
   * Starts the interpreter with a loader that reads the program from standard input up to `END_OF_PROGRAM` and runs it; the values
   * follow as further arguments. Absent: the shell that found out runs the program itself.
   */
  readonly start?: readonly string[];
  /** The same without a shell (distroless images), in the order tried. */
  readonly direct?: readonly (readonly string[])[];
  /** Constant text in plain ASCII; values come in as arguments only. */
  readonly program: string;
}

/** The line after a program; no program has one like it. */
export const END_OF_PROGRAM = '#end-of-program';

/** What goes to standard input for a program. */
export const asInput = (program: string): string =>
  `${program}${program.endsWith('\n') ? '' : '\n'}${END_OF_PROGRAM}\n`;

/** Reads a program in a POSIX shell and runs it there; the positional parameters are the values. */
export const SHELL_LOADER = `program=
while IFS= read -r line && [ "$line" != '${END_OF_PROGRAM}' ]; do program="$program$line
"; done
eval "$program"`;
