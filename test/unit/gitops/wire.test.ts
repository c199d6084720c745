/** Packet lines and packs, however the network cuts them. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/gitops/objects/object.ts';
import { indexPack } from '../../../src/gitops/objects/pack-index.ts';
import { createGrowing } from '../../../src/gitops/wire/growing.ts';
import { packets } from '../../../src/gitops/wire/pkt-line.ts';
import * as fc from '../support/fast-check.ts';

const packet = (data: Buffer): Buffer =>
  Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, '0')), data]);

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function read(bytes: Buffer, sizes: readonly number[]): Promise<string[]> {
  const found: string[] = [];
  for await (const one of packets(cut(bytes, sizes)))
    found.push(one.type === 'data' ? `data ${one.data.toString('hex')}` : one.type);
  return found;
}

describe('packet lines', () => {
  it('are the same wherever the stream is cut', async () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('0000', '0001', '0002'));
    const property = fc.asyncProperty(fc.array(piece), fc.array(fc.nat({ max: 30 })), async (pieces, sizes) => {
      const bytes = Buffer.concat(
        pieces.map((one) => (typeof one === 'string' ? Buffer.from(one) : packet(Buffer.from(one)))),
      );
      const names = { '0000': 'flush', '0001': 'delimiter', '0002': 'end' } as const;
      const expected = pieces.map((one) =>
        typeof one === 'string' ? names[one] : `data ${Buffer.from(one).toString('hex')}`,
      );
      expect(await read(bytes, sizes)).toEqual(expected);
    });
    await fc.assert(property);
  });

  it('of the largest size come whole, in one piece and in two', async () => {
    const bytes = packet(Buffer.alloc(0xffff - 4, 7));
    for (const sizes of [[], [1], [40_000]]) expect(await read(bytes, sizes)).toHaveLength(1);
  });

  it.each([['001'], ['0009abc'], ['zzzz'], ['0003'], ['0000000']])(
    'that are none or end early are refused: %s',
    async (text) => {
      await expect(read(Buffer.from(text), [])).rejects.toThrow(/does not answer as a Git server/);
      await expect(read(Buffer.from(text), [1, 1, 1])).rejects.toThrow(/does not answer as a Git server/);
    },
  );
});

describe('bytes that come piece by piece', () => {
  it('are all there, few or many, and never more than were let in', () => {
    const growing = createGrowing(20 * 1024 * 1024);
    const piece = Buffer.from(Array.from({ length: 65_536 }, (_, at) => at % 251));
    for (let at = 0; at < 200; at += 1) growing.add(piece);
    const whole = growing.whole();
    expect(whole).toHaveLength(200 * 65_536);
    expect(whole.subarray(-65_536).equals(piece)).toBe(true);
    const few = createGrowing(100);
    few.add(Buffer.from('ab'));
    expect(few.whole().toString()).toBe('ab');
    expect(() => few.add(Buffer.alloc(99))).toThrow(RangeError);
  });
});

describe('a pack', () => {
  it('that says to hold more objects than its bytes could is refused before room is made for them', async () => {
    const head = Buffer.from('PACK\0\0\0\x02\xff\xff\xff\xff', 'latin1');
    const bytes = Buffer.concat([head, createHash('sha1').update(head).digest()]);
    await expect(indexPack(bytes, createBudget(), new AbortController().signal)).rejects.toThrow(/fewer objects/);
  });
});

describe('a pack that holds an object twice', () => {
  it('has what is made from it once, and all of it', async () => {
    const base = Buffer.from('hello');
    // Copies nothing of its base and writes 3 bytes.
    const delta = Buffer.from([base.length, 3, 3, 0x61, 0x62, 0x63]);
    const entry = (kind: number, size: number, rest: Buffer): Buffer =>
      Buffer.concat([Buffer.from([(kind << 4) | size]), rest]);
    const id = createHash('sha1')
      .update(Buffer.concat([Buffer.from(`blob ${base.length}\0`), base]))
      .digest();
    const whole = entry(3, base.length, deflateSync(base));
    const made = entry(7, delta.length, Buffer.concat([id, deflateSync(delta)]));
    const body = Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x03', 'latin1'), whole, whole, made]);
    const bytes = Buffer.concat([body, createHash('sha1').update(body).digest()]);
    const index = await indexPack(bytes, createBudget(), new AbortController().signal);
    const child = createHash('sha1').update('blob 3\0abc').digest('hex');
    expect(index.find(child)).toBe(12 + 2 * whole.length);
    expect(index.find(id.toString('hex'))).toBeGreaterThanOrEqual(12);
  });
});
