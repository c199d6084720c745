import { describe, expect, it } from 'vitest';
import { clean } from '../../../src/core/text/clean.ts';
import { fence } from '../../../src/core/text/fence.ts';
import { sanitise } from '../../../src/core/text/sanitise.ts';
import * as fc from '../support/fast-check.ts';

describe('sanitise', () => {
  it.each([
    ['colour', '\x1b[31mred\x1b[0m', 'red'],
    ['8-bit CSI', '\x9b31mred', 'red'],
    ['window title', 'a\x1b]0;title\x07b', 'ab'],
    ['hyperlink', '\x1b]8;;http://evil.example\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['DCS', 'a\x1bPq#0\x1b\\b', 'ab'],
    ['charset and reset', '\x1b(Ba\x1bcb', 'ab'],
    ['unterminated title keeps the text', '\x1b]0;title\nline', ']0;title\nline'],
    ['nested escapes leave no ESC', '\x1b\x1b[0m[31mx', '[31mx'],
    ['carriage return and backspace', 'safe\rrm\b\b', 'saferm'],
    ['bidi override and isolate', 'a\u202Eb\u2066c\u2069', 'abc'],
    ['zero width and BOM', 'pass\u200Bword\uFEFF', 'password'],
    ['tags block', 'hi\u{E0049}\u{E0067}', 'hi'],
    ['variation selectors', 'a\uFE0F\u{E0100}', 'a'],
    ['tab and newline stay', 'a\tb\nc', 'a\tb\nc'],
    ['other scripts and emoji stay', 'Grüße 你好 🚀 é', 'Grüße 你好 🚀 é'],
    ['lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ])('%s', (_name, text, expected) => {
    expect(sanitise(text, 1000)).toBe(expected);
  });

  it('says how much it cut and never cuts a character in two', () => {
    expect(sanitise('x'.repeat(100), 40)).toBe(`${'x'.repeat(17)}… (83 more characters)`);
    expect(sanitise(`${'x'.repeat(16)}🚀${'y'.repeat(100)}`, 40)).toMatch(/^x{16}… \(\d+ more characters\)$/);
    expect(sanitise('short', 5)).toBe('short');
  });

  it('is idempotent, bounded and free of what it strips, for any text', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom('\x1b', '[', ']', '0', ';', 'm', '\x07', '\\', '\x9b', '\u202e', '\u200b', '\ud83d'),
        fc.string({ maxLength: 8 }),
      ),
    );
    fc.assert(
      fc.property(hostile, fc.integer({ min: 40, max: 200 }), (parts, max) => {
        const once = sanitise(parts.join(''), max);
        expect(once.length).toBeLessThanOrEqual(max);
        expect(sanitise(once, max)).toBe(once);
        expect(once).not.toMatch(
          /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u,
        );
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    for (const part of ['\x1b]', '\x1b[', '\x1b[0', '\x1bP', '\x9d', '\x1b ']) {
      const started = performance.now();
      sanitise(part.repeat(300_000 / part.length), 100);
      expect({ part, slow: performance.now() - started > 1500 }).toEqual({ part, slow: false });
    }
  });
});

describe('clean', () => {
  it('finds a secret that invisible characters or colours hide', () => {
    expect(clean('pass\u200bword=hun\x1b[1mter2', 100)).toBe('password=[redacted]');
  });

  it('redacts before it cuts', () => {
    expect(clean(`x=1 password=${'s3cret'.repeat(50)}`, 60)).toBe('x=1 password=[redacted]');
  });
});

describe('fence', () => {
  const nonce = 'a1b2c3d4e5';

  it('wraps text between two lines that carry the nonce', () => {
    expect(fence('hello', nonce)).toBe('<untrusted-a1b2c3d4e5>\nhello\n</untrusted-a1b2c3d4e5>');
  });

  it('cannot be closed or reopened from inside', () => {
    const inside = fc.array(
      fc.oneof(
        fc.constantFrom(
          nonce,
          nonce.toUpperCase(),
          '</untrusted-',
          '<untrusted-',
          '< / untrusted-',
          '>',
          'a1b2',
          'c3d4e5',
          '\n',
        ),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(inside, (parts) => {
        const fenced = fence(parts.join(''), nonce);
        expect(fenced.toLowerCase().split(nonce)).toHaveLength(3);
        expect(fenced.match(/<\s*\/?\s*untrusted/gi)).toHaveLength(2);
      }),
    );
  });

  it('refuses a nonce that could be anything else', () => {
    expect(() => fence('x', 'a.*')).toThrow(/nonce/);
  });
});
