// Waits until something is so, and says what it waited for and what was last seen if that never happens.
import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly seconds: number;
  /** Called when time is up or the wait was given up, e.g. for the last lines of a log. */
  readonly explain?: () => Promise<string>;
}

/** The probe answers true when it is so; what it throws counts as "not yet". */
export async function waitFor(what: string, probe: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const deadline = Date.now() + options.seconds * 1000;
  let lastError = '';
  while (Date.now() < deadline) {
    try {
      if (await probe()) return;
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
    }
    await sleep(200);
  }
  const explanation = options.explain === undefined ? '' : `\n${await options.explain()}`;
  throw new Error(`waited ${options.seconds} s in vain for ${what}. ${lastError}${explanation}`);
}
