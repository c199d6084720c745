/** Makes text of others safe to show: used by the adapters that read logs, flows and probes, and by `render/`. */

/**
 * Terminal control sequences: CSI, then the string sequences OSC/DCS/SOS/PM/APC with their terminator, then the short escapes
 * (ECMA-48). A string sequence stops at the next ESC or C1, so that a text full of unterminated ones is still read once.
 */
const ESCAPES =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\n\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-Z\\^-~]/g;

/** Code points that show nothing or reorder text, as ranges. */
const INVISIBLE_RANGES: readonly string[] = [
  // C0 and C1 controls but tab and newline.
  '\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f',
  // Soft hyphen, grapheme joiner, fillers of Hangul, Khmer and Mongolian.
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0',
  // Zero width; bidi marks, embeddings, overrides and isolates (CVE-2021-42574); line separators.
  '\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb',
  // Variation selectors, shorthand and music controls, the tags block: carriers of text hidden from people.
  '\\ufe00-\\ufe0f\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}',
];

const INVISIBLE = new RegExp(`[${INVISIBLE_RANGES.join('')}]`, 'gu');

/** Removes everything that shows nothing, moves the cursor or reorders text; keeps `\n` and `\t`; unbounded. */
export function stripInvisible(text: string): string {
  return text.replace(ESCAPES, '').toWellFormed().replace(INVISIBLE, '');
}

/** Cuts at `maxChars` (UTF-16 units, mark included where it fits) and says visibly how much is missing. */
export function bound(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const room = Math.max(0, maxChars - `… (${text.length} more characters)`.length);
  const kept = text.slice(0, room).toWellFormed();
  const whole = kept.endsWith('\ufffd') && !text.slice(0, room).endsWith('\ufffd') ? kept.slice(0, -1) : kept;
  return `${whole}… (${text.length - whole.length} more characters)`;
}

/** {@link stripInvisible}, then {@link bound}. Applying it twice changes nothing more. */
export function sanitise(text: string, maxChars: number): string {
  return bound(stripInvisible(text), maxChars);
}
