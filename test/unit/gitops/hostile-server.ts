/** Packs that git would not make, and a smart-HTTP server (protocol version 2) that hands out one; for `hostile.test.ts`. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type GitServer, serve } from './repositories.ts';

export const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, ofsDelta: 6, refDelta: 7 } as const;

export function oidOf(kind: string, data: Buffer): string {
  return createHash('sha1').update(`${kind} ${data.length}\0`).update(data).digest('hex');
}

/** Size of an entry or of a delta's sides. */
function varint(size: number, firstBits = 7, type = 0): Buffer {
  const bytes: number[] = [];
  let rest = size;
  const first = rest % 2 ** firstBits;
  rest = Math.floor(rest / 2 ** firstBits);
  bytes.push((type << 4) | first | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(low | (rest > 0 ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}

function distance(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (--rest & 0x7f));
  return Buffer.from(bytes);
}

export function delta(from: number, to: number, ops: readonly Buffer[]): Buffer {
  return Buffer.concat([varint(from), varint(to), ...ops]);
}

export function copy(offset: number, size: number): Buffer {
  const field = Buffer.alloc(7);
  field.writeUInt32LE(offset, 0);
  field.writeUIntLE(size === 0x10000 ? 0 : size, 4, 3);
  return Buffer.concat([Buffer.from([0xff]), field]);
}

export function insert(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

export class PackMaker {
  private readonly parts: Buffer[] = [];
  private length = 12;
  private count = 0;

  /** Returns the entry's offset; `declared` may lie. */
  add(type: number, data: Buffer, more: { declared?: number; base?: number | string; packed?: Buffer } = {}): number {
    const offset = this.length;
    const { base, declared = data.length, packed = deflateSync(data) } = more;
    const named =
      base === undefined ? [] : [typeof base === 'number' ? distance(offset - base) : Buffer.from(base, 'hex')];
    const entry = Buffer.concat([varint(declared, 4, type), ...named, packed]);
    this.parts.push(entry);
    this.length += entry.length;
    this.count += 1;
    return offset;
  }

  object(kind: 'commit' | 'tree' | 'blob', data: Buffer | string): string {
    const bytes = Buffer.from(data);
    this.add(TYPES[kind], bytes);
    return oidOf(kind, bytes);
  }

  tree(entries: readonly (readonly [string, string])[]): string {
    const data = Buffer.concat(
      entries.flatMap(([name, oid]) => [
        Buffer.from(`${name.startsWith('D') ? '40000' : '100644'} ${name}\0`),
        Buffer.from(oid, 'hex'),
      ]),
    );
    return this.object('tree', data);
  }

  commit(tree: string): string {
    return this.object(
      'commit',
      `tree ${tree}\nauthor t <t@example.com> 0 +0000\ncommitter t <t@example.com> 0 +0000\n\nc\n`,
    );
  }

  bytes(count = this.count): Buffer {
    const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
    head.writeUInt32BE(count, 8);
    const body = Buffer.concat([head, ...this.parts]);
    return Buffer.concat([body, createHash('sha1').update(body).digest()]);
  }
}

export function packet(data: Buffer | string): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

const FLUSH = Buffer.from('0000');
export const GREETING = Buffer.concat([
  packet('version 2\n'),
  packet('ls-refs\n'),
  packet('fetch=shallow filter\n'),
  FLUSH,
]);

/** Answers each fetch with the same pack, whatever is wanted. */
export function servePack(commit: string, pack: Buffer): Promise<GitServer> {
  return serve((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end(GREETING);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      if (Buffer.concat(chunks).includes('command=ls-refs')) {
        response.end(Buffer.concat([packet(`${commit} HEAD symref-target:refs/heads/main\n`), FLUSH]));
        return;
      }
      response.write(packet('packfile\n'));
      for (let at = 0; at < pack.length; at += 65_000) {
        response.write(packet(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 65_000)])));
      }
      response.end(FLUSH);
    });
  });
}
