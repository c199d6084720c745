/** Takes secrets out of text before it leaves the server: last step of every adapter that reads text of others. */
import { redactPrivateKeys } from './private-keys.ts';
import { SECRET_ELEMENT, SECRET_FLAG, SECRET_NAME, SECRET_PAIR } from './secret-names.ts';
import { redactTokens } from './secret-tokens.ts';
import { headerValue, plainValue, type ValueSpan } from './secret-values.ts';

const MARK = '[redacted]';
/** Enough for one replacement to uncover another; a text that is not stable by then does not occur in tests. */
const MAX_ROUNDS = 4;

/** Values that say there is no secret, which is worth knowing. */
const NO_SECRET = /^(?:null|none|nil|undefined|true|false|\*{2,})$/i;

/** `http://vault-token:8200/`: a host's port and a shell's PWD are no secrets. */
function isHarmless(text: string, nameAt: number, span: ValueSpan): boolean {
  const value = text.slice(span.start, span.end);
  if (NO_SECRET.test(value)) return true;
  if (/^(?:\/|~)/.test(value) && text.startsWith('PWD=', nameAt)) return true;
  return /^\d{1,5}(?:[/?#)\]:]|$)/.test(value) && /:\/\/[^\s/]*$/.test(text.slice(Math.max(0, nameAt - 80), nameAt));
}

/** A wrapped line cuts a signature in two: its rest is the run of signature characters that begins the next line. */
const WRAPPED = /\\?\r?\n[ \t]{0,8}(?=[A-Za-z0-9%+/=_-]{0,600}[0-9%+/=])[A-Za-z0-9%+/=_-]{6,600}(?=[&"'\\\s]|$)/y;

function wrappedTail(text: string, name: string, span: ValueSpan): string | undefined {
  if (!/sig|token|credential/i.test(name) || span.end - span.start < 8) return undefined;
  WRAPPED.lastIndex = span.end;
  return WRAPPED.exec(text)?.[0];
}

/** Whether what a field or a variable of that name holds is a secret: for values that are shown without their name. */
export function namesSecret(name: string): boolean {
  SECRET_NAME.lastIndex = 0;
  return SECRET_NAME.test(`"${name}":`);
}

/** Replaces the value after each secret name; every character is visited a bounded number of times. */
function redactNamed(text: string): string {
  let out = '';
  let done = 0;
  SECRET_NAME.lastIndex = 0;
  for (let match = SECRET_NAME.exec(text); match; match = SECRET_NAME.exec(text)) {
    const at = SECRET_NAME.lastIndex;
    const span = match[1] ? headerValue(text, at, match.index) : plainValue(text, at, match[2] ?? '=');
    if (span.end <= span.start || isHarmless(text, match.index, span)) continue;
    out += text.slice(done, span.start) + MARK;
    const tail = wrappedTail(text, match[0], span);
    if (tail) out += `\n${MARK}`;
    done = span.end + (tail?.length ?? 0);
    SECRET_NAME.lastIndex = done;
  }
  return out + text.slice(done);
}

function round(text: string): string {
  const named = redactNamed(redactPrivateKeys(text));
  const told = [SECRET_PAIR, SECRET_ELEMENT, SECRET_FLAG].reduce((now, form) => now.replace(form, `$1${MARK}`), named);
  return redactTokens(told);
}

/**
 * Replaces secrets by `[redacted]`: presigned URLs' signatures and credentials, tokens, passwords, cookies, authorization headers,
 * private keys, connection strings' keys, user parts of URLs; also JSON-escaped, percent-encoded or wrapped to a second line.
 * Hosts, paths and harmless parameters stay. Pure, idempotent, linear in the text's length; keeps the number of lines.
 */
export function redact(text: string): string {
  let now = text;
  for (let i = 0; i < MAX_ROUNDS; i++) {
    const next = round(now);
    if (next === now) return now;
    now = next;
  }
  return now;
}
