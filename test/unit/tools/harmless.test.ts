import { describe, expect, it } from 'vitest';
import { harmless } from '../../../src/tools/harmless.ts';

describe('an answer before it is sent', () => {
  it('has no control or invisible character anywhere, and no endless string', () => {
    const hostile = { a: ['x\u001b[2J\u202e', { b: '\u200by' }], n: 1, no: undefined, long: 'z'.repeat(9000) };
    const { long, ...rest } = harmless(hostile);
    expect(rest).toEqual({ a: ['x', { b: 'y' }], n: 1, no: undefined });
    expect(long.length).toBeLessThanOrEqual(4000);
  });

  it('leaves a patch as long as it is, with the line ends of its file', () => {
    const diff = `+${'a'.repeat(9000)}\r\n-b\n`;
    expect(harmless({ fix: { diff } })).toEqual({ fix: { diff } });
    expect(harmless({ fix: { diff: '+hidden\r-shown\u001b[1A\n' } })).toEqual({ fix: { diff: '+hidden-shown\n' } });
  });
});
