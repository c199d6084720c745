/** Objects of a repository on this machine: loose ones and packs with their indexes, read in place; used by `local-repository.ts`. */
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import { type Budget, broken, type GitObject, type ObjectKind, type ObjectReader, spend } from './object.ts';
import { createPackReader, type Pack } from './pack.ts';

const MAX_PACKS = 1000;
const LOOSE_HEAD = 64;
/** Objects whose id begins with one byte: of 200 million in all. */
const MAX_BUCKET = 1_000_000;

interface LocalPack extends Pack {
  close(): Promise<void>;
}

export function openLocalObjects(gitdir: string, budget: Budget): ObjectReader {
  const folder = join(gitdir, 'objects');
  const readPacked = createPackReader(budget);
  let packs: Promise<readonly LocalPack[]> | undefined;
  return {
    async read(oid) {
      packs ??= openPacks(join(folder, 'pack'));
      for (const pack of await packs) {
        const offset = await pack.find(oid);
        if (offset !== undefined) return readPacked(pack, offset);
      }
      return readLoose(join(folder, oid.slice(0, 2), oid.slice(2)), budget);
    },
    want: async () => undefined,
    async close() {
      for (const pack of (await packs) ?? []) await pack.close();
    },
  };
}

async function openPacks(folder: string): Promise<readonly LocalPack[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const indexes = names.filter((name) => /^pack-[0-9a-f]+\.idx$/.test(name)).slice(0, MAX_PACKS);
  return Promise.all(indexes.map((name) => openPack(join(folder, name))));
}

/** gitformat-pack, "Version 2 pack-*.idx files": a fan-out table, then sorted ids, checksums and offsets. */
const FANOUT_AT = 8;
const IDS_AT = FANOUT_AT + 256 * 4;

async function openPack(index: string): Promise<LocalPack> {
  const file = await open(index, 'r');
  const at = reader(file);
  const head = await at(0, IDS_AT);
  if (head.length < IDS_AT || head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2) {
    await file.close();
    throw broken('an index of a pack is not of version 2');
  }
  const fanout = (byte: number): number => (byte < 0 ? 0 : head.readUInt32BE(FANOUT_AT + byte * 4));
  const count = fanout(255);
  let data: Promise<FileHandle> | undefined;
  const opened = (): Promise<FileHandle> => (data ??= open(index.replace(/\.idx$/, '.pack'), 'r'));
  return {
    async find(oid) {
      const first = Number.parseInt(oid.slice(0, 2), 16);
      const [low, high] = [fanout(first - 1), fanout(first)];
      if (low > high || high - low > MAX_BUCKET)
        throw broken('an index of a pack is not sorted, or larger than is read');
      const ids = await at(IDS_AT + low * 20, (high - low) * 20);
      const place = search(ids, Buffer.from(oid, 'hex'));
      return place === undefined ? undefined : offsetOf(at, low + place, count);
    },
    bytes: { read: async (offset, length) => reader(await opened())(offset, length) },
    async close() {
      await file.close();
      await (await data)?.close();
    },
  };
}

type ReadAt = (offset: number, length: number) => Promise<Buffer>;

function reader(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.max(0, length)), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
}

function search(ids: Buffer, oid: Buffer): number | undefined {
  let [low, high] = [0, ids.length / 20];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = ids.compare(oid, 0, 20, middle * 20, middle * 20 + 20);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

/** 4 bytes; those with the highest bit set point into a table of 8-byte offsets. */
async function offsetOf(at: ReadAt, place: number, count: number): Promise<number> {
  const offsets = IDS_AT + count * 24;
  const small = (await at(offsets + place * 4, 4)).readUInt32BE(0);
  if (small < 0x80000000) return small;
  return Number((await at(offsets + count * 4 + (small - 0x80000000) * 8, 8)).readBigUInt64BE(0));
}

/** zlib around `KIND SIZE\0DATA`; the size is looked at before the rest is inflated. */
async function readLoose(path: string, budget: Budget): Promise<GitObject | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  // Bytes that do not compress grow by less than that.
  if (found.size > budget.maxObject * 1.01 + 1024) return { kind: 'too large' };
  const bytes = await readFile(path);
  const { kind, size, head } = looseHead(bytes);
  if (size > budget.maxObject) return { kind: 'too large' };
  spend(budget, size);
  const whole = inflateOrBreak(bytes, head + size);
  if (whole.length !== head + size) throw broken('a loose object has another size than it says');
  return { kind, data: whole.subarray(head) };
}

function looseHead(bytes: Buffer): { kind: ObjectKind; size: number; head: number } {
  const start = inflateStart(bytes);
  const [, kind, size] = /^(commit|tree|blob|tag) (\d{1,15})\0/.exec(start.toString('latin1')) ?? [];
  if (kind === undefined || size === undefined) throw broken('a loose object has no readable head');
  return { kind: kind as ObjectKind, size: Number(size), head: kind.length + size.length + 2 };
}

/** As much as one small chunk gives. */
function inflateStart(bytes: Buffer): Buffer {
  const compressed = bytes.subarray(0, LOOSE_HEAD * 4);
  try {
    const bounds = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024, chunkSize: 1024 };
    return inflateSync(compressed, bounds).subarray(0, LOOSE_HEAD);
  } catch {
    throw broken('a loose object does not inflate');
  }
}

function inflateOrBreak(bytes: Buffer, size: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: size });
  } catch {
    throw broken('a loose object does not inflate to the size it declares');
  }
}
