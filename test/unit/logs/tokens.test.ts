import { describe, expect, it } from 'vitest';
import { literalsOf } from '../../../src/logs/literal.ts';
import { ALL_PATTERNS } from '../../../src/logs/patterns/all.ts';
import { FAILURE_TOKENS } from '../../../src/logs/tokens.ts';
import * as fc from '../support/fast-check.ts';

/** Without what only bounds or anchors, so that texts can be made from it. */
const generable = (source: string): RegExp =>
  new RegExp(
    source
      .replaceAll('\\b', '')
      .replace(/\(\?<?!(?:\[[^\]]*\]|[^()])*\)/g, '')
      .replace(/\(\?<[a-z]+>/g, '(?:')
      .replace(
        /\{(\d+),(\d+)\}/g,
        (_all, low: string, high: string) => `{${low},${Math.min(Number(high), Number(low) + 3)}}`,
      ),
  );

/** The failure tokens that stand in the expression word for word. */
function tokensOf(source: string): readonly string[] {
  const plain = source
    .replaceAll('\\', '')
    .toLowerCase()
    .replace(/\[([a-z])\1\]/g, '$1');
  return FAILURE_TOKENS.filter((token) => plain.includes(token));
}

/** As `classify.ts` cuts it. */
const MAX_TEXT = 32_768;

describe('tokens', () => {
  it.each(ALL_PATTERNS.map(({ expression }) => expression.source))(
    'every text that matches holds its words: %s',
    (source) => {
      const own = tokensOf(source);
      const literals = literalsOf(source) ?? [''];
      fc.assert(
        fc.property(fc.stringMatching(generable(source)), (text) => {
          const said = text.toLowerCase();
          expect({
            text,
            token: own.some((token) => said.includes(token)),
            literal: literals.some((one) => text.includes(one)),
          }).toEqual({ text, token: true, literal: true });
        }),
        { numRuns: 60 },
      );
    },
  );

  it('stay quick on text that begins like theirs over and over', () => {
    const slow: unknown[] = [];
    for (const expression of ALL_PATTERNS.flatMap((row) =>
      row.cause ? [row.expression, row.cause] : [row.expression],
    )) {
      const [sample = ''] = fc.sample(fc.stringMatching(generable(expression.source)), { numRuns: 1, seed: 7 });
      const beginnings = [0.3, 0.6, 0.9].map((share) =>
        sample.slice(0, Math.max(1, Math.floor(sample.length * share))),
      );
      for (const unit of [...beginnings, 'a', 'a.b', '1.1.1.1:1 ', ' ', '\n']) {
        const text = unit.repeat(Math.ceil(MAX_TEXT / unit.length)).slice(0, MAX_TEXT);
        const before = process.cpuUsage().user;
        expression.exec(text);
        const ms = (process.cpuUsage().user - before) / 1000;
        // A hundred rows may be tried on one event.
        if (ms > 150) slow.push({ source: expression.source, unit, ms });
      }
    }
    expect(slow).toEqual([]);
  });
});
