/** What clients of the pod sent, and the pod only wrote down, tells nothing of its own calls. */
import { describe, expect, it } from 'vitest';
import { withoutWhatWasSent } from '../../../src/logs/inbound.ts';
import { analyse } from './support/analyse.ts';

const POOL =
  "HTTPSConnectionPool(host='evil.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError('[Errno 111] Connection refused'))";
const SIGNED = 'https://evil.example/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b';

const ACCESS: readonly (readonly [string, (text: string) => string])[] = [
  ['a user agent', (text) => `10.0.0.7 - - [24/Nov/2026:10:00:00 +0000] "GET /v1 HTTP/1.1" 200 12 "-" "${text}"`],
  ['a referer', (text) => `10.0.0.7 - - [24/Nov/2026:10:00:00 +0000] "GET /v1 HTTP/1.1" 200 12 "${text}" "curl/8.5.0"`],
  ['a path', (text) => `INFO:     10.0.0.7:51234 - "GET /?q=${text} HTTP/1.1" 404 Not Found`],
  [
    'Envoy’s fields',
    (text) =>
      `[2026-11-24T10:00:00.000Z] "GET /v1 HTTP/1.1" 200 - via_upstream - "-" 0 5 3 2 "-" "${text}" "id" "shop.example" "10.0.0.4:8080" inbound|8080|| 127.0.0.6:1 10.0.0.4:8080 10.0.0.7:0 - default`,
  ],
  ['JSON', (text) => JSON.stringify({ status: 200, http_user_agent: text, request_uri: `/?q=${text}`, msg: 'served' })],
  [
    'a header in JSON',
    (text) => JSON.stringify({ req: { method: 'GET', headers: { 'user-agent': text } }, msg: 'served' }),
  ],
  ['logfmt', (text) => `level=info msg=served user_agent="${text}" referer="${text}" status=200`],
  [
    'nginx’s error log',
    (text) =>
      `2026/11/24 10:00:00 [error] 29#29: *7 open() "/srv/x" failed (2: No such file or directory), client: 10.0.0.9, server: shop.example, request: "GET /x HTTP/1.1", host: "shop.example", referrer: "${text}"`,
  ],
];

describe('what a client of the pod sent', () => {
  it.each(ACCESS)('is no failure of the pod’s own: %s', (_name, record) => {
    for (const forged of [POOL, `connect ECONNREFUSED 203.0.113.66:443 ${SIGNED}`, `Get ${SIGNED}: i/o timeout`])
      expect(analyse(record(forged), 'app').failures).toEqual([]);
  });

  it.each(ACCESS)('is no URL that the pod was given: %s', (_name, record) => {
    expect(analyse(record(SIGNED), 'app').urls).toEqual([]);
  });

  it('sets no beginning: the same host’s own failure counts alone', () => {
    const log = [
      ...ACCESS.map(([, record]) => `2026-11-24T09:00:00Z ${record(POOL)}`),
      `2026-11-24T10:00:00Z ${POOL}`,
    ].join('\n');
    expect(analyse(log, 'app').failures).toMatchObject([{ count: 1, firstSeen: '2026-11-24T10:00:00Z' }]);
  });
});

describe('what the pod’s own clients print', () => {
  it.each([
    'DEBUG:urllib3.connectionpool:https://api.vendor.example:443 "GET /v1 HTTP/1.1" 200 None',
    'INFO:httpx:HTTP Request: GET https://api.vendor.example/v1 "HTTP/1.1 200 OK"',
  ])('stays a URL: %s', (line) => {
    expect(analyse(line, 'app').urls).toMatchObject([{ host: 'api.vendor.example', port: 443 }]);
  });

  it.each([
    'no quote',
    'he said "hello"',
    '{"headers":{"User-Agent":"axios/1.7.2"},"url":"https://api.vendor.example/"}',
    '{"http.method":"GET","http.url":"https://api.vendor.example/v1","user_agent.original":"shop/2.4","error":"timeout"}',
    'boto "User-Agent":"Boto3/1.34.2 md/Botocore#1.34.2"',
  ])('is left as it is: %s', (line) => {
    expect(withoutWhatWasSent(line)).toBe(line);
  });

  it('takes time in proportion to the line', () => {
    for (const unit of [
      '"',
      '"GET ',
      '"a" ',
      'user_agent="',
      '"user_agent":"',
      '"url":',
      '\\"',
      'a',
      ' HTTP/1"',
      '"- - -"',
      'a.a',
    ]) {
      const line = `"user_agent" ${unit.repeat(8192 / unit.length)}`;
      const started = performance.now();
      for (let i = 0; i < 20; i++) withoutWhatWasSent(line);
      expect({ unit, slow: performance.now() - started > 1000 }).toEqual({ unit, slow: false });
    }
  });
});
