/** The three streams as the command line uses them, so that commands can be run in a test as they run in a terminal. */

export interface Io {
  /** Results only. Resolves when the text is handed to the system, so that exiting loses nothing. */
  out(text: string): Promise<void>;
  /** Progress and errors only. */
  err(text: string): void;
  readonly errIsTerminal: boolean;
}
