/** The second look for secrets, by a library that follows the vendors' token formats; `tools/run-tool.ts` has it look at every whole answer. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';

const MARK = '[redacted]';
/** Stands between two texts: no token format has a line's end in it. */
const BETWEEN = '\n';

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The texts, in the same order, with what the library takes for a secret replaced. `core/text/redact.ts` was there before, where
 * each text was read: it knows names (`password=`), encodings and cut lines, which the library does not.
 */
export async function withoutKnownSecrets(texts: readonly string[]): Promise<readonly string[]> {
  const spans = await secretsIn(texts.join(BETWEEN));
  if (spans.length === 0) return texts;
  let start = 0;
  return texts.map((text) => {
    const here = spans.map(({ from, to }) => ({ from: from - start, to: to - start }));
    start += text.length + BETWEEN.length;
    return blanked(text, here);
  });
}

async function secretsIn(content: string): Promise<readonly Span[]> {
  const { messages } = await lintSource({
    source: { content, filePath: 'answer.txt', ext: '.txt', contentType: 'text' },
    options: {
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
      noPhysicFilePath: true,
    },
  });
  return messages.map(({ range: [from, to] }) => ({ from, to })).toSorted((a, b) => b.from - a.from);
}

/** `spans` are sorted from the last to the first, so that a replacement moves none that is still to come. */
function blanked(text: string, spans: readonly Span[]): string {
  let left = text;
  let floor = text.length;
  for (const span of spans) {
    const from = Math.max(0, span.from);
    const to = Math.min(floor, span.to);
    if (from >= to) continue;
    left = left.slice(0, from) + MARK + left.slice(to);
    floor = from;
  }
  return left;
}
