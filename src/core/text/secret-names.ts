/** Names whose values are secrets: the table behind `redact.ts`. */

/**
 * Names that make the value after `=` or `:` a secret wherever they end a word (`DB_PASSWORD`, `clientSecret`, `x-api-key`).
 * A name must touch its separator, so `max_tokens: 5`, `token_type` and `SharedAccessKeyName` are not meant.
 * `Expires`, `X-Amz-Date`, `se` and `sv` stay: they are no secrets and tell an expired link from a blocked one.
 */
const ANYWHERE = [
  'pass(?:word|wd|phrase|code)(?:[_-]?(?:\\d{1,2}|hash|old|new|confirm(?:ation)?))?',
  '(?<![a-z0-9])pass(?==|\\\\{0,7}["\'][ \\t]{0,4}:)',
  'pwd',
  'secret(?:[_-]?(?:access[_-]?)?(?:key(?:[_-]?base)?|id|value|string))?',
  'tokens?(?:[_-]?(?:secret|value))?(?<!tokens)',
  '(?:api|access|functions|account|shared[_-]?access|private|signing|encryption|auth|subscription|master|license|storage)[_-]?key(?:[_-]?id)?',
  'x-(?:amz|goog|oss|obs|cos|tos)-(?:signature|credential|security-token)',
  'credential(?==|%3d|["\'\\\\])',
  'key-pair-id',
  '(?<![a-z])(?:_auth|jwt)',
  'j?session[_-]?id',
  'client[_-]?assertion',
  'saml(?:request|response)',
  'signature(?:provided)?(?==|%3d|>|["\'\\\\])',
].join('|');

/** Names that are secrets only as a URL's query parameter, where they are too plain to be searched for in prose. */
const IN_QUERY =
  'sig|sign|signature|policy|hmac|hdnts|hdnea|__token__|authkey|auth|otp|jwt|assertion|q-signature|q-ak|code(?==[a-z0-9%_/+-]{20})|key(?==[a-z0-9_-]{20})';

/** Headers whose whole value is a secret, spaces included. */
export const SECRET_HEADERS = '(?:proxy-|x-forwarded-)?authorization|(?:set-)?cookie2?|x-amz-signature-headers';

/** What may stand before a query parameter: plain, percent-encoded (also twice), JSON-escaped or HTML-escaped. */
const QUERY_START = '[?&#]|%3f|%26|%253f|%2526|\\\\u0026|\\\\u003f|&amp;';

/** Name, closing quote if quoted, separator. Groups: 1 a header's name, 2 the separator. Every repetition is bounded. */
export const SECRET_NAME: RegExp = new RegExp(
  `(?:(?<![a-z0-9_])(${SECRET_HEADERS})|(?:${ANYWHERE})|(?<=${QUERY_START})(?:${IN_QUERY}))` +
    `\\\\{0,7}["'\`]?\\]?[ \\t]{0,4}(=>|:=|[:=]|%3d|%253d|\\\\u003d)[ \\t]{0,4}`,
  'gi',
);

/**
 * A name and its value as two texts: `["x-api-key", "…"]`, as Node prints raw headers, and `{"name": "x-api-key", "value": "…"}`. Group 1 is
 * all before the value.
 */
export const SECRET_PAIR: RegExp = new RegExp(
  `((?:[[,]\\s{0,6}|(?:name|key|header)\\\\{0,7}["']?\\s{0,4}:\\s{0,4})\\\\{0,7}["'](?:${SECRET_HEADERS}|[a-z0-9_-]{0,30}(?:${ANYWHERE}))\\\\{0,7}["'],\\s{0,4}(?:\\\\{0,7}["']value\\\\{0,7}["']\\s{0,4}:\\s{0,4})?\\\\{0,7}["'])[^"'\\\\\n]+`,
  'gi',
);

/** XML elements of the same names (S3 and STS answers). Groups: 1 the opening tag, 2 the value. */
export const SECRET_ELEMENT: RegExp = new RegExp(`(<(?:[a-z]{1,20}:)?[a-z_-]{0,20}(?:${ANYWHERE})>)([^<]+)`, 'gi');

/** Command-line flags with the value as the next word. */
export const SECRET_FLAG: RegExp =
  /((?<![a-z0-9-])--?(?:[a-z]{1,20}-)?(?:password|passwd|passphrase|token|secret|api-key|access-key|secret-key|secret-access-key)[ \t]{1,4})(?!-)[^\s"']+/gi;
