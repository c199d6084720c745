/** All tables in the order in which equal weights are preferred; used by `classify.ts`. */
import type { FailurePattern } from '../failure-pattern.ts';
import { BROKERS } from './brokers.ts';
import { COMMAND_LINE } from './command-line.ts';
import { DATABASES } from './databases.ts';
import { DOTNET_RUST } from './dotnet-rust.ts';
import { GENERIC } from './generic.ts';
import { GO } from './go.ts';
import { GRPC } from './grpc.ts';
import { JAVA } from './java.ts';
import { NODE } from './node.ts';
import { PROXIES } from './proxies.ts';
import { PYTHON } from './python.ts';
import { RUBY_PHP } from './ruby-php.ts';
import { SERVICES } from './services.ts';

export const ALL_PATTERNS: readonly FailurePattern[] = [
  PROXIES,
  BROKERS,
  SERVICES,
  DATABASES,
  GRPC,
  PYTHON,
  NODE,
  GO,
  JAVA,
  COMMAND_LINE,
  RUBY_PHP,
  DOTNET_RUST,
  GENERIC,
].flat();
