/** The row type of the tables in `rows/`: a service that sends its clients on to other names; asked by `hand-offs.ts`. */
import type { HostPattern } from './host-pattern.ts';

export interface Row {
  readonly from: HostPattern | readonly HostPattern[];
  readonly to: HostPattern | readonly HostPattern[];
  /** What is fetched there, e.g. `image layers`. */
  readonly what: string;
  /** Where it is said: the operator's document, or who saw it and wrote it down in public. */
  readonly source: string;
  /** Why nobody could be asked: told wherever the row is. */
  readonly unverified?: string;
  /** Names of that form are others' too, who hand them out or are called by them: such a name alone tells nothing of who sent a client there. */
  readonly alsoOthers?: true;
}
