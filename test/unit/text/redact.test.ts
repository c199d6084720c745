import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/core/text/redact.ts';
import * as fc from '../support/fast-check.ts';

const R = '[redacted]';
const HEX64 = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

const TABLE: readonly (readonly [string, string, string])[] = [
  [
    'AWS v4',
    `https://files.vendor.example/exports/42.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261124%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261124T000000Z&X-Amz-Expires=300&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJr%2F&X-Amz-SignedHeaders=host&X-Amz-Signature=${HEX64}`,
    `https://files.vendor.example/exports/42.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${R}&X-Amz-Date=20261124T000000Z&X-Amz-Expires=300&X-Amz-Security-Token=${R}&X-Amz-SignedHeaders=host&X-Amz-Signature=${R}`,
  ],
  [
    'AWS v2',
    'https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1141889120&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D',
    `https://b.s3.amazonaws.com/k?AWSAccessKeyId=${R}&Expires=1141889120&Signature=${R}`,
  ],
  [
    'GCS v4',
    `https://storage.googleapis.com/b/o?X-Goog-Credential=x%40p.iam.gserviceaccount.com%2F20261124&X-Goog-Signature=${HEX64}`,
    `https://storage.googleapis.com/b/o?X-Goog-Credential=${R}&X-Goog-Signature=${R}`,
  ],
  [
    'Azure SAS',
    'https://a.blob.core.windows.net/c/b?sv=2022-11-02&se=2026-11-25&sr=b&sp=r&sig=ab%2Bc%2Fd%3D',
    `https://a.blob.core.windows.net/c/b?sv=2022-11-02&se=2026-11-25&sr=b&sp=r&sig=${R}`,
  ],
  [
    'CloudFront',
    'https://d1.cloudfront.net/x?Policy=eyJTdGF0ZW1lbnQiOlt7~_&Signature=abc~-def_&Key-Pair-Id=K2JCJMDEHXQW5F',
    `https://d1.cloudfront.net/x?Policy=${R}&Signature=${R}&Key-Pair-Id=${R}`,
  ],
  [
    'Alibaba OSS',
    'https://b.oss-cn-hangzhou.aliyuncs.com/o?OSSAccessKeyId=LTAI5tAbCd&Expires=1&Signature=q%2Fw%3D',
    `https://b.oss-cn-hangzhou.aliyuncs.com/o?OSSAccessKeyId=${R}&Expires=1&Signature=${R}`,
  ],
  ['a list in JSON', '{"token":["abc]1","d\\"2"],"host":"a"}', `{"token":${R},"host":"a"}`],
  ['a list in JSON in JSON', '{\\"token\\":[\\"abc1\\"],\\"host\\":\\"a\\"}', `{\\"token\\":${R},\\"host\\":\\"a\\"}`],
  ['an object below a telling name', '{"secret":{"id":"abc1","value":"d2"},"host":"a"}', `{"secret":${R},"host":"a"}`],
  [
    'a name and its value',
    '[{"name":"X-Api-Key","value":"abc1"},{"name":"host","value":"a"}]',
    `[{"name":"X-Api-Key","value":"${R}"},{"name":"host","value":"a"}]`,
  ],
  [
    'names and values in turn',
    "[ 'host', 'a', 'authorization', 'Basic abc1', 'accept', '*/*' ]",
    `[ 'host', 'a', 'authorization', '${R}', 'accept', '*/*' ]`,
  ],
  [
    'a list that is no secret',
    '{"tokens":["abc"],"fields":["max_tokens","host"]}',
    '{"tokens":["abc"],"fields":["max_tokens","host"]}',
  ],
  [
    'a value that ends like a name',
    "{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', '$metadata': { attempts: 1 } }",
    "{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', '$metadata': { attempts: 1 } }",
  ],
  ['pass as a field', '{"user":"bob","pass":"abc1"}', `{"user":"bob","pass":"${R}"}`],
  ['query tokens', 'GET /v1?access_token=abc123&api_key=k-9&x=1', `GET /v1?access_token=${R}&api_key=${R}&x=1`],
  [
    'JSON-escaped &',
    '"u":"https://a/?a=1\\u0026Signature=zzz\\u0026Expires=5"',
    `"u":"https://a/?a=1\\u0026Signature=${R}\\u0026Expires=5"`,
  ],
  [
    'URL in a URL',
    'u=https%3A%2F%2Fa%3FX-Amz-Signature%3Dabc%26v%3D1',
    `u=https%3A%2F%2Fa%3FX-Amz-Signature%3D${R}%26v%3D1`,
  ],
  ['twice encoded', 'u=a%253Fsig%253Dabc%2526v%253D1', `u=a%253Fsig%253D${R}%2526v%253D1`],
  ['HTML-escaped', '?a=1&amp;sig=abc&amp;b=2', `?a=1&amp;sig=${R}&amp;b=2`],
  ['wrapped signature', 'X-Amz-Signature=aeeed9bbccd4d02e\n  e5c0109b86d86835&x=1', `X-Amz-Signature=${R}\n${R}&x=1`],
  ['wrapped inside the name', `?X-Amz-Sig\nnature=${HEX64}&x=1`, `?X-Amz-Sig\nnature=${R}&x=1`],
  ['long parameters', '?code=abcdefghij0123456789%3D%3D&v=1&key=exports/42.csv', `?code=${R}&v=1&key=exports/42.csv`],
  [
    'names with an ending',
    'SECRET_KEY_BASE=ab12 password_2: cd34 jwt=ef56',
    `SECRET_KEY_BASE=${R} password_2: ${R} jwt=${R}`,
  ],
  ['header', '> Authorization: Basic dXNlcjpwYXNz\n> Host: a.example', `> Authorization: ${R}\n> Host: a.example`],
  [
    'header in quotes',
    `curl -H 'Authorization: Digest a b c' https://h.example`,
    `curl -H 'Authorization: ${R}' https://h.example`,
  ],
  [
    'AWS header',
    `Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=${HEX64}`,
    `Authorization: ${R}`,
  ],
  [
    'header in raw bytes',
    String.raw`b'GET / HTTP/1.1\r\nProxy-Authorization: Basic YTpi\r\nHost: a\r\n'`,
    String.raw`b'GET / HTTP/1.1\r\nProxy-Authorization: [redacted]\r\nHost: a\r\n'`,
  ],
  ['cookies', 'Cookie: a=b; sid=c\nSet-Cookie: id=9; Path=/', `Cookie: ${R}\nSet-Cookie: ${R}`],
  ['Go header map', 'map[Authorization:[Bearer abc] Host:[x]]', `map[Authorization:[${R}] Host:[x]]`],
  ['Bearer alone', 'sent Bearer abcDEF123456 to host', `sent Bearer ${R} to host`],
  ['JWT', `got ${JWT}.`, `got ${R}`],
  ['URL user', 'https://bob:hunter2@git.example/r.git', `https://${R}@git.example/r.git`],
  [
    'URL user, JSON-escaped',
    String.raw`"https:\/\/bob:hunter2@git.example\/r"`,
    String.raw`"https:\/\/[redacted]@git.example\/r"`,
  ],
  ['URL user, encoded', 'u=https%3A%2F%2Fbob%3Ahunter2%40git.example%2F', `u=https%3A%2F%2F${R}%40git.example%2F`],
  ['database URL', 'postgres://u:p/a@ss@db.example:5432/x', `postgres://${R}@db.example:5432/x`],
  [
    'connection string',
    'Server=db.example;User Id=sa;Password=p@ss w;Encrypt=true',
    `Server=db.example;User Id=sa;Password=${R} w;Encrypt=true`,
  ],
  [
    'storage key',
    'AccountName=acc;AccountKey=abc+/==;EndpointSuffix=core.windows.net',
    `AccountName=acc;AccountKey=${R};EndpointSuffix=core.windows.net`,
  ],
  [
    'service bus',
    'Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=abc=',
    `Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${R}`,
  ],
  ['JSON', '{"password": "x y \\" z", "host":"h"}', `{"password": "${R}", "host":"h"}`],
  [
    'JSON in JSON',
    String.raw`{"m":"{\"clientSecret\":\"a\\\"b\",\"k\":1}"}`,
    String.raw`{"m":"{\"clientSecret\":\"[redacted]\",\"k\":1}"}`,
  ],
  ['Python dict', `{'api_key': 'abc', 'host': 'h'}`, `{'api_key': '${R}', 'host': 'h'}`],
  ['cut-off quote', '"token": "abc def', `"token": "${R}`],
  ['AWS secret', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', `aws_secret_access_key = ${R}`],
  [
    'XML',
    '<SecretAccessKey>abc</SecretAccessKey><Host>h</Host>',
    `<SecretAccessKey>${R}</SecretAccessKey><Host>h</Host>`,
  ],
  [
    'flags',
    'mysql --password hunter2 -h db; curl -u bob:pw https://h',
    `mysql --password ${R} -h db; curl -u ${R} https://h`,
  ],
  ['Slack webhook', 'https://hooks.slack.com/services/T0/B0/xyz', `https://hooks.slack.com/services/${R}`],
  [
    'private key',
    'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabcd\nefgh\n-----END RSA PRIVATE KEY-----\nb',
    `a\n${R}\n\n\n\nb`,
  ],
  [
    'private key, escaped',
    String.raw`"key":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"`,
    String.raw`"key":"[redacted]\n"`,
  ],
  [
    'private key without end',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nconnect failed',
    `${R}\n\nconnect failed`,
  ],
  [
    'private key without begin',
    'retry\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nabc=\n-----END PRIVATE KEY-----',
    `retry\n${R}\n\n`,
  ],
];

describe('redact', () => {
  it.each(TABLE)('%s', (_name, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'ASIAIOSFODNN7EXAMPLE',
    `ghp_${'a1B2'.repeat(9)}`,
    `github_pat_${'a1B2'.repeat(9)}`,
    `glpat-${'a1B2'.repeat(5)}`,
    `xoxb-${'1234'.repeat(5)}`,
    `npm_${'a1B2'.repeat(9)}`,
    `AIza${'a1B2'.repeat(9)}`,
    `hvs.${'a1B2'.repeat(9)}`,
  ])('knows %s by its shape', (token) => {
    expect(redact(`failed with ${token} at`)).toBe(`failed with ${R} at`);
  });

  it.each([
    'max_tokens: 5, tokens=3, token_type=bearer',
    'SyntaxError: Unexpected token < in JSON at position 0',
    'password authentication failed for user "bob"',
    'PWD=/app PATH=/usr/bin',
    'dial tcp: lookup vault-token on 10.96.0.10:53: no such host; http://vault-token:8200/v1',
    'npm ERR! https://registry.example/@scope/pkg git@github.com:a/b.git ssh://git@github.com/a',
    'image sha256:aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    'Basic authentication required; bearer authentication scheme',
    '/download?code=404&key=exports/42.csv name=e size=3',
    'compass: 3 bypass=1 author: bob keyboard=1 policy=default sign=in',
    'token: null, "password": true',
    'files.vendor.example:443 connect timed out after 3000ms uid=7b6d1c1e-8f6e-4d43-9a0b-0d9d3f1a2b3c',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

const SECRET = fc.stringMatching(/^[A-Za-z0-9]{4}[A-Za-z0-9+/=_.~-]{12,40}[A-Za-z0-9]$/);
const NAMES = [
  'password',
  'DB_PASSWORD',
  'clientSecret',
  'api_key',
  'access_token',
  'X-Amz-Signature',
  'AccountKey',
  'refreshToken',
  'aws_secret_access_key',
  'pwd',
];
const WRAPPERS: readonly ((name: string, secret: string) => string)[] = [
  (n, s) => `${n}=${s}`,
  (n, s) => `${n}: ${s}`,
  (n, s) => `{"${n}":"${s}","host":"h.example"}`,
  (n, s) => JSON.stringify({ message: JSON.stringify({ [n]: s }) }),
  (n, s) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ [n]: s }) }) }),
  (n, s) => `{'${n}': '${s}'}`,
  (n, s) => `https://h.example/p?a=1&${n}=${encodeURIComponent(s)}&b=2`,
  (n, s) => encodeURIComponent(`https://h.example/p?a=1&${n}=${encodeURIComponent(s)}&b=2`),
  (n, s) => `https://h.example/p?a=1\\u0026${n}=${s}\\u0026b=2`,
  (n, s) => `<${n}>${s}</${n}>`,
  (n, s) => `export ${n}='${s}'`,
  (_n, s) => `Authorization: Bearer ${s}`,
  (_n, s) => `{"headers":{"cookie":"sid=${s}"}}`,
  (_n, s) => `amqp://user:${encodeURIComponent(s)}@mq.example:5672/`,
];
const NOISE = fc.constantFrom(
  'GET /v1/items 200',
  'Traceback (most recent call last):',
  '"',
  "'",
  '{',
  '\n',
  ' ',
  '[redacted]',
  '=',
  '&',
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  'password',
  ':',
  '\\',
  ',',
  '[',
  '@',
  '://',
);

describe('redact, for any text', () => {
  it('lets no generated secret through', () => {
    const around = fc.constantFrom(
      '',
      'ERROR ',
      '2026-11-24T10:00:00Z {"level":"warn"} ',
      'retrying… ',
      '\n\t at x:1\n',
    );
    fc.assert(
      fc.property(
        SECRET,
        fc.constantFrom(...NAMES),
        fc.constantFrom(...WRAPPERS),
        around,
        (secret, name, wrap, prefix) => {
          const out = redact(`${prefix}${wrap(name, secret)}\nnext line`);
          expect(out).not.toContain(secret);
          expect(out).not.toContain(encodeURIComponent(secret));
          expect(out).toContain(R);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('is idempotent and keeps the number of lines', () => {
    const piece = fc.oneof(
      NOISE,
      fc.tuple(fc.constantFrom(...WRAPPERS), fc.constantFrom(...NAMES), SECRET).map(([w, n, s]) => w(n, s)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const once = redact(text);
        expect(redact(once)).toBe(once);
        expect(once.split('\n').length).toBe(text.split('\n').length);
      }),
      { numRuns: 600 },
    );
  });

  it('takes time in proportion to the text', () => {
    const parts = [
      'eyJ',
      'password=',
      '://',
      'Bearer a',
      '-----BEGIN PRIVATE KEY-----\n',
      '-----END PRIVATE KEY-----\n',
      'a',
      '\\',
      'postgres://a:',
      'token: "\\',
      '<a',
      'AKIA',
      'Signature=a,b',
      'x-amz-signature=aaaaaaaaaa\naaaaaa',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n',
    ];
    for (const part of parts) {
      const started = performance.now();
      redact(part.repeat(200_000 / part.length));
      expect({ part, slow: performance.now() - started > 2000 }).toEqual({ part, slow: false });
    }
  });
});
