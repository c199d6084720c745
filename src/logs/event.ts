/** One thing a program said, over as many lines as it took; between `lines.ts` and `fold-failures.ts`. */

export interface LogLine {
  /** RFC 3339 as the kubelet stamped it; absent where it did not. */
  readonly when?: string;
  readonly text: string;
}

export interface LogEvent {
  readonly when?: string;
  readonly lines: readonly string[];
  /** The line that stood above the first. */
  readonly above?: string;
}
