/** Reports for a model: text of others between fences whose nonce is fresh for each answer, so that it cannot close its own. */
import { randomUUID } from 'node:crypto';
import { clean } from '../core/text/clean.ts';
import { fence } from '../core/text/fence.ts';
import type { RenderStyle } from '../render/style.ts';

const MAX_UNTRUSTED = 6000;
const MAX_QUOTED = 300;
/** Well inside what clients pass on to a model before they cut or spill to a file (25,000 tokens). */
const MAX_CHARS = 24_000;

export function fencedStyle(): RenderStyle {
  const nonce = randomUUID().replaceAll('-', '').slice(0, 16);
  return {
    untrusted: (text) => fence(clean(text, MAX_UNTRUSTED), nonce),
    quoted: (words) => fence(clean(words, MAX_QUOTED), nonce).replaceAll('\n', ''),
    patch: (text) => fence(text, nonce),
    maxChars: MAX_CHARS,
  };
}
