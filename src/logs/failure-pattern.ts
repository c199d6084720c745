/** The row type of the pattern tables in `patterns/`; `classify.ts` runs them over one log event. */
import type { FailureClass } from '../core/model/logs.ts';

export interface FailurePattern {
  /** What printed this text; absent where several libraries share it. */
  readonly library?: string;
  readonly class: FailureClass;
  /** 3: names the failure itself. 2: an errno or exception with a place. 1: words many programs share. */
  readonly weight: 1 | 2 | 3;
  /** Groups `host`, `port`, `address`, `url` where the text has them. Bounded repetitions only: the text is hostile. */
  readonly expression: RegExp;
  /**
   * Must also be found behind the match. Two searches in a row stay linear where one expression with a gap in it would try every
   * pair of places. Groups as in `expression`.
   */
  readonly cause?: RegExp;
  /** A `host:port` or `address:port` beside the match is its place. */
  readonly placeNear?: true;
  /** The URL is the one that the caller asked for, also where an answer sent the client on. */
  readonly firstHop?: true;
  /** It tells the place as far as the text does: what else is named there is another's, as who asked a proxy. */
  readonly placeWhole?: true;
}

/** Pieces of the tables' expressions; what they catch is checked against the real grammar afterwards. */
export const HOST = '(?<host>[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})';
/** Begins a row that begins with a host or an address: otherwise each letter of a long word would be tried as its first. */
export const START = '(?<![A-Za-z0-9_.:-])';
export const PORT = '(?<port>\\d{1,5})';
export const ADDRESS = '(?<address>\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F:.]{2,45})';
/** A place in square brackets or not, as Go, Node and Java print it. */
export const ADDRESS_PORT = `\\[?${ADDRESS}\\]?:${PORT}`;
export const URL_TEXT = '(?<url>https?://[^\\s"\'<>]{1,4096})';

export interface PatternOptions {
  readonly cause?: string;
  readonly placeNear?: true;
  readonly firstHop?: true;
  readonly placeWhole?: true;
}

/** Builds the rows of one library: class, weight, expression, options. */
export function rowsOf(library: string | undefined) {
  return (
    failure: FailurePattern['class'],
    weight: FailurePattern['weight'],
    source: string,
    options: PatternOptions = {},
  ): FailurePattern => ({
    ...(library && { library }),
    class: failure,
    weight,
    expression: new RegExp(source),
    ...(options.cause && { cause: new RegExp(options.cause) }),
    ...(options.placeNear && { placeNear: true }),
    ...(options.firstHop && { firstHop: true }),
    ...(options.placeWhole && { placeWhole: true }),
  });
}
