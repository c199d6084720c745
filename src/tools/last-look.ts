/** The last look at an outcome before it is sent: every string in it goes past the library of known secrets. Called by `run-tool.ts`. */

/** The outcome with every string of `structured` and the text looked through at once, which costs a few milliseconds. */
export async function lastLook<T extends { readonly text: string; readonly structured: object }>(
  outcome: T,
): Promise<T> {
  const texts: string[] = [outcome.text];
  forEachString(outcome.structured, (text) => texts.push(text));
  const { withoutKnownSecrets } = await import('../secrets/known-secrets.ts');
  const [text = '', ...rest] = await withoutKnownSecrets(texts);
  let next = 0;
  return { ...outcome, text, structured: replaced(outcome.structured, () => rest[next++] ?? '') };
}

function forEachString(value: unknown, hear: (text: string) => void): void {
  if (typeof value === 'string') hear(value);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) forEachString(item, hear);
}

/** Strings in the order in which {@link forEachString} hears them. */
function replaced(value: object, take: () => string): object;
function replaced(value: unknown, take: () => string): unknown;
function replaced(value: unknown, take: () => string): unknown {
  if (typeof value === 'string') return take();
  if (Array.isArray(value)) return value.map((item) => replaced(item, take));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, take)]));
}
