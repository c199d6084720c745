/** What is being done, while it is done: one line rewritten in place on a terminal, a line a step in a pipe. */
import type { Io } from './io.ts';

export interface Progress {
  readonly step: (message: string) => void;
  /** Leaves the terminal clean for what follows. */
  readonly done: () => void;
}

const REWRITE = '\r\u001b[2K';

export function createProgress(io: Io): Progress {
  if (!io.errIsTerminal) return { step: (message) => io.err(`· ${message}\n`), done: () => {} };
  return {
    step: (message) => io.err(`${REWRITE}… ${message.slice(0, 100)}`),
    done: () => io.err(REWRITE),
  };
}
