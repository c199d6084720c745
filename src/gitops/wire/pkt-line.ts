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

/** @throws GitProblem on bytes that are no packets, and on a packet that ends early. */
export async function* packets(stream: AsyncIterable<Buffer>): AsyncGenerator<Packet, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = lengthOf(rest.toString('latin1', at, at + 4));
      const special = SPECIAL[length];
      if (special === undefined && rest.length - at < length) break;
      yield special === undefined ? { type: 'data', data: rest.subarray(at + 4, at + length) } : { type: special };
      at += special === undefined ? length : 4;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw notGit();
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
