/** All tables in the order in which equal weights are preferred; used by `classify.ts`. */
import type { FailurePattern } from '../failure-pattern.ts';
import { COMMAND_LINE } from './command-line.ts';
import { DOTNET_RUST } from './dotnet-rust.ts';
import { GENERIC } from './generic.ts';
import { GO } from './go.ts';
import { JAVA } from './java.ts';
import { NODE } from './node.ts';
import { PYTHON } from './python.ts';

export const ALL_PATTERNS: readonly FailurePattern[] = [
  PYTHON,
  NODE,
  GO,
  JAVA,
  COMMAND_LINE,
  DOTNET_RUST,
  GENERIC,
].flat();
