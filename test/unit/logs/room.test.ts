import { describe, expect, it } from 'vitest';
import { createRoom } from '../../../src/logs/room.ts';
import { read } from './support/analyse.ts';

describe('a room', () => {
  it('gives up what came up once, the oldest first, and says how many', () => {
    const gone: string[] = [];
    const room = createRoom<string>(3, (value) => gone.push(value));
    for (const key of ['a', 'b', 'c']) room.add(key, key);
    room.touch('a');
    room.add('d', 'd');
    room.add('e', 'e');
    expect({ kept: room.values(), gone, count: room.givenUp() }).toEqual({
      kept: ['a', 'd', 'e'],
      gone: ['b', 'c'],
      count: 2,
    });
  });

  it('passes over what is worth more', () => {
    const room = createRoom<string>(2);
    room.add('a', 'a', 1);
    room.add('b', 'b');
    room.add('c', 'c');
    expect(room.values()).toEqual(['a', 'c']);
  });

  it('gives up something even where all came up again', () => {
    const room = createRoom<string>(2);
    for (const key of ['a', 'b']) room.add(key, key);
    for (let i = 0; i < 100; i++) for (const key of ['a', 'b']) room.touch(key);
    room.add('c', 'c');
    expect(room.values()).toContain('c');
    expect(room.values()).toHaveLength(2);
  });
});

describe('a flood of hosts that come up once', () => {
  const forged = (i: number): string => `dial tcp: lookup h${i}.evil.example: no such host https://u${i}.evil.example/`;
  const real = 'Get "https://files.vendor.example/a": dial tcp 203.0.113.9:443: i/o timeout';
  const signed = 'next: https://media.vendor.example/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=b';

  it.each([
    ['before it', (i: number) => i === 2999],
    ['around it', (i: number) => i % 300 === 7],
  ])('pushes out no failure that is new or comes again: %s', (_name, isReal) => {
    const lines = Array.from({ length: 3000 }, (_, i) => (isReal(i) ? `${real}\n${signed}` : forged(i)));
    const { failures, urls, more } = read(`${lines.join('\n')}\n`);
    expect(failures).toContainEqual(
      expect.objectContaining({ class: 'connect_timeout', host: 'files.vendor.example' }),
    );
    expect(urls).toContainEqual(expect.objectContaining({ host: 'media.vendor.example', presigned: 'aws-s3-v4' }));
    expect(more).toBe(true);
  });
});
