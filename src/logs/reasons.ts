/** Words of the C library for what went wrong, which most programs pass on behind a prefix of their own; used by the tables in `patterns/`. */
import type { FailureClass } from '../core/model/logs.ts';
import type { FailurePattern, PatternOptions } from './failure-pattern.ts';

/** strerror(3) and gai_strerror(3) of glibc, musl and macOS, and what c-ares says (ares_strerror(3)). */
export const REASONS: readonly (readonly [FailureClass, string])[] = [
  ['connect_refused', '[Cc]onnection refused'],
  ['connect_timeout', '(?:(?:[Cc]onnection|[Oo]peration) timed out|[Tt]imeout expired)'],
  ['unreachable', '(?:[Nn]o route to host|[Nn]etwork is unreachable|[Hh]ost is unreachable)'],
  ['connection_reset', '[Cc]onnection reset(?: by peer)?'],
  [
    'name_not_found',
    '(?:[Nn]ame or service not known|[Nn]ame does not resolve|[Nn]o address associated with hostname|[Nn]o such host is known|nodename nor servname provided|[Dd]omain name not found|[Nn]ame has no usable address)',
  ],
  [
    'lookup_failed',
    '(?:[Tt]emporary failure in name resolution|[Tt]ry again|[Cc]ould not contact DNS servers|[Tt]imeout while contacting DNS servers|DNS server (?:returned general failure|refused query)|[Nn]on-recoverable failure in name resolution)',
  ],
];

/** Error numbers of Linux, and of getaddrinfo. */
const NUMBERS: readonly (readonly [FailureClass, string])[] = [
  ['connect_refused', '111'],
  ['connect_timeout', '110'],
  ['unreachable', '(?:101|113)'],
  ['connection_reset', '104'],
  ['name_not_found', '-[25]'],
  ['lookup_failed', '-3'],
];

type Row = (
  failure: FailureClass,
  weight: FailurePattern['weight'],
  source: string,
  options?: PatternOptions,
) => FailurePattern;

/** One row for each reason behind `before`. */
export function forReasons(row: Row, before: string, after = ''): readonly FailurePattern[] {
  return REASONS.map(([failure, words]) => row(failure, 3, `${before}${words}${after}`));
}

/** One row for each error number between the two. */
export function forNumbers(row: Row, before: string, after: string): readonly FailurePattern[] {
  return NUMBERS.map(([failure, number]) => row(failure, 3, `${before}${number}${after}`));
}
