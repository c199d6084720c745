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
      .replace(/\(\?!(?:\[[^\]]*\]|[^()])*\)/g, '')
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
});
