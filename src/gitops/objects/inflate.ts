/** zlib under a bound: never more output than was declared, whatever the bytes say; under `pack.ts` and `local-objects.ts`. */
import { createInflate, inflateSync } from 'node:zlib';
import { type Budget, broken, spend } from './object.ts';

interface Inflated {
  readonly data: Buffer;
  /** Compressed bytes that were read: where the next entry of a pack begins. */
  readonly consumed: number;
}

const MAX_CHUNK = 64 * 1024;

/** Of the stream at the start of `bytes`, what follows it is left alone. @throws GitProblem unless it holds exactly `size` bytes. */
export function inflateExactly(bytes: Uint8Array, size: number, budget: Budget): Inflated {
  spend(budget, size);
  const chunkSize = Math.max(64, Math.min(size + 1, MAX_CHUNK));
  try {
    const options = { info: true, maxOutputLength: Math.max(1, size), chunkSize } as const;
    // With `info` the answer is this pair, which @types/node does not know.
    const { buffer, engine } = inflateSync(bytes, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (buffer.length === size) return { data: buffer, consumed: engine.bytesWritten };
  } catch {
    throw broken('an object does not inflate to the size it declares');
  }
  throw broken('an object does not inflate to the size it declares');
}

/** Where a stream ends that is too large to be held; `take` sees it pass by. */
export async function passOver(
  bytes: Uint8Array,
  size: number,
  budget: Budget,
  take: (chunk: Buffer) => void,
): Promise<number> {
  spend(budget, size);
  const inflate = createInflate({ chunkSize: MAX_CHUNK });
  inflate.end(bytes);
  let seen = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      seen += chunk.length;
      if (seen > size) break;
      take(chunk);
    }
  } catch {
    throw broken('a large object does not inflate');
  } finally {
    inflate.destroy();
  }
  if (seen !== size) throw broken('a large object does not inflate to the size it declares');
  return inflate.bytesWritten;
}
