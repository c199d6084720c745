/** Git's packet lines (gitprotocol-common, "pkt-line Format") out of a stream and into a request; used by `smart-http.ts`. */
import { GitProblem } from '../git-problem.ts';

export type Packet =
  | { readonly type: 'data'; readonly data: Buffer }
  | { readonly type: 'flush' | 'delimiter' | 'end' };

export const FLUSH = '0000';
export const DELIMITER = '0001';

export function line(text: string): string {
  return (Buffer.byteLength(text) + 5).toString(16).padStart(4, '0') + text + '\n';
}

const SPECIAL: Readonly<Record<number, 'flush' | 'delimiter' | 'end'>> = { 0: 'flush', 1: 'delimiter', 2: 'end' };

/** gitprotocol-common: four digits give the length. */
const MAX_PACKET = 0xffff;

/** Data is to be used, or copied, before the next packet is asked for. @throws GitProblem on bytes that are no packets, or an early end. */
export async function* packets(stream: AsyncIterable<Buffer>): AsyncGenerator<Packet, void> {
  // Of a packet that comes in pieces, what has come: the one copy that is made here.
  const begun = Buffer.allocUnsafe(MAX_PACKET);
  let held = 0;
  for await (const chunk of stream) {
    let at = 0;
    while (at < chunk.length) {
      const wanted = held < 4 ? 4 : sizeOf(begun);
      if (held === 0 && chunk.length - at >= 4 && chunk.length - at >= sizeOf(chunk.subarray(at))) {
        const size = sizeOf(chunk.subarray(at));
        yield packetOf(chunk.subarray(at, at + size));
        at += size;
        continue;
      }
      const taken = chunk.copy(begun, held, at, at + wanted - held);
      held += taken;
      at += taken;
      if (held < 4 || held < sizeOf(begun)) continue;
      yield packetOf(begun.subarray(0, held));
      held = 0;
    }
  }
  if (held > 0) throw notGit();
}

/** With its four digits; special packets are nothing more. */
function sizeOf(bytes: Buffer): number {
  return Math.max(4, lengthOf(bytes.toString('latin1', 0, 4)));
}

function packetOf(whole: Buffer): Packet {
  const special = SPECIAL[lengthOf(whole.toString('latin1', 0, 4))];
  return special === undefined ? { type: 'data', data: whole.subarray(4) } : { type: special };
}

function lengthOf(hex: string): number {
  const length = /^[0-9a-f]{4}$/i.test(hex) ? Number.parseInt(hex, 16) : 3;
  if (length === 3) throw notGit();
  return length;
}

export function notGit(): GitProblem {
  const reason = 'it does not answer as a Git server (smart HTTP)';
  return new GitProblem('invalid', reason, 'Give the URL that `git clone` takes, not that of a web page.');
}

/** The text of a line without its newline; an error that the server sends in place of an answer is thrown. */
export function textOf(data: Buffer): string {
  const text = data.toString('utf8').replace(/\n$/, '');
  if (text.startsWith('ERR ')) throw new ServerError(text.slice(4));
  return text;
}

/** What a server said in words: untrusted; `remote-repository.ts` decides what it means. */
export class ServerError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ServerError';
  }
}
