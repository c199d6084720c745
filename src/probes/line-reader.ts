/** Cuts a stream into lines with bounded memory; between the transport's chunks and `record.ts`. */

export interface LineReader {
  push(chunk: string): void;
}

/** Lines longer than `maxChars` are dropped whole; the rest of the stream is still read. */
export function createLineReader(maxChars: number, onLine: (line: string) => void): LineReader {
  let pending = '';
  let skipping = false;
  const piece = (text: string, ended: boolean): void => {
    if (!skipping && pending.length + text.length <= maxChars) pending += text;
    else skipping = true;
    if (!ended) return;
    if (!skipping) onLine(pending.endsWith('\r') ? pending.slice(0, -1) : pending);
    pending = '';
    skipping = false;
  };
  return {
    push: (chunk) => {
      const parts = chunk.split('\n');
      for (const [index, part] of parts.entries()) piece(part, index < parts.length - 1);
    },
  };
}
