/** One sample by source: what is printed, where that is written, and what a reader can learn from it. */
import type { LogFailure } from '../../../../src/core/model/logs.ts';

export interface SourceSample {
  readonly what: string;
  /** `owner/repository: path, what prints it`. The words were read in that file, unless `unverified` says what was not. */
  readonly source: string;
  /** What could not be read there, and what stands for it. */
  readonly unverified?: string;
  readonly lines: readonly string[];
  /** No host: none may be told. */
  readonly expected: Partial<Pick<LogFailure, 'class' | 'host' | 'port' | 'address' | 'library' | 'mayBeFirstHop'>>;
}
