// Progress lines on stderr, each with the seconds since the command began, so that stdout stays free for results.

const began: number = performance.now();

export function elapsed(since: number = began): string {
  return `${((performance.now() - since) / 1000).toFixed(1)}s`;
}

export function say(text: string): void {
  process.stderr.write(`[${elapsed().padStart(7)}] ${text}\n`);
}

/** Says what is done and how long it took; a failure names the step it happened in. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  say(`${title} …`);
  try {
    const result = await work();
    say(`${title}: done in ${elapsed(start)}`);
    return result;
  } catch (error) {
    throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
