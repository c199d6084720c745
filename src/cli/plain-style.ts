/** Reports in a terminal: text of others behind a bar, diffs bare so that they can be copied into `git apply`. */
import { clean } from '../core/text/clean.ts';
import type { RenderStyle } from '../render/style.ts';

const MAX_UNTRUSTED = 8000;

export const PLAIN: RenderStyle = {
  untrusted: (text) =>
    clean(text, MAX_UNTRUSTED)
      .split('\n')
      .map((line) => `│ ${line}`)
      .join('\n'),
  quoted: (words) => words,
  patch: (text) => text,
  maxChars: 60_000,
};
