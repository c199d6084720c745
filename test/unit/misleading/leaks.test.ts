/** What must not leave by way of a diagnosis, however the program that wrote it breaks or escapes it. */
import { expect, it } from 'vitest';
import { app, at, diagnosed, FILES, history, LONG_AGO, revision, signed, textOf, timedOut } from './world.ts';

const SECRET = 'hunter2hunter2';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl';
const failed = timedOut(FILES);
const withQuery = (query: string): string => failed.replace('url: /x', `url: /x?${query}`);

it.each<[string, string, readonly string[]]>([
  ['the signature of a URL', '0123456789abcdef0123456789abcdef', [signed(FILES), failed]],
  ['the key id of a signed URL', 'AKIAIOSFODNN7EXAMPLE', [`${failed} ${signed(FILES)}`]],
  ['credentials in a URL', SECRET, [`GET https://bob:${SECRET}@${FILES}/x`, failed]],
  ['credentials in a URL of the failure', SECRET, [`fetch https://bob:${SECRET}@${FILES}/x: ${failed}`]],
  ['a bearer token beside it', JWT, [`${failed} headers={'Authorization': 'Bearer ${JWT}'}`]],
  ['a bearer token on the line before', JWT, [`Authorization: Bearer ${JWT}`, failed]],
  ['a password in JSON', SECRET, [JSON.stringify({ msg: failed, password: SECRET })]],
  [
    'a password in JSON inside JSON',
    SECRET,
    [JSON.stringify({ msg: failed, body: JSON.stringify({ password: SECRET }) })],
  ],
  [
    'credentials below a telling name',
    SECRET,
    [JSON.stringify({ msg: failed, credentials: { user: 'bob', pass: SECRET } })],
  ],
  ['a secret in an object of its own', SECRET, [JSON.stringify({ msg: failed, secret: { value: SECRET } })]],
  [
    'headers as lists',
    SECRET,
    [JSON.stringify({ msg: failed, headers: { 'X-Api-Key': [SECRET], Authorization: [`Basic ${SECRET}`] } })],
  ],
  [
    'headers as names and values',
    SECRET,
    [JSON.stringify({ msg: failed, headers: [{ name: 'X-Api-Key', value: SECRET }] })],
  ],
  [
    'headers one after the other',
    SECRET,
    [JSON.stringify({ msg: failed, rawHeaders: ['Host', FILES, 'X-Api-Key', SECRET] })],
  ],
  [
    'headers one after the other, as Node prints them',
    SECRET,
    [`${failed} rawHeaders: [ 'Host', 'x', 'X-Api-Key', '${SECRET}' ]`],
  ],
  ['a list of tokens as text', SECRET, [`${failed} {"token":["${SECRET}"]}`]],
  ['a token in the path’s query', 'tok9f8e7d6c5b4a', [withQuery('access_token=tok9f8e7d6c5b4a')]],
  ['an encoded token in the query', 'tok9f8e7d6c5b4a', [withQuery('next=%2Fy%3Faccess_token%3Dtok9f8e7d6c5b4a')]],
  ['a session cookie', 'abcdef0123456789sess', [`Cookie: session=abcdef0123456789sess`, failed]],
  [
    'a connection string',
    SECRET,
    [
      `OperationalError: connection to server at "${FILES}" (203.0.113.20), port 443 failed: timeout expired dsn=postgresql://shop:${SECRET}@${FILES}:443/db`,
    ],
  ],
  [
    'a private key over lines',
    'MIIEowIBAAKCAQEAmore',
    ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEowIBAAKCAQEAmore', '-----END RSA PRIVATE KEY-----', failed],
  ],
  [
    'a frame of a trace',
    SECRET,
    [
      'Traceback (most recent call last):',
      '  File "/app/x.py", line 3, in <module>',
      `    get("https://x", password="${SECRET}")`,
      failed,
    ],
  ],
])('%s', async (_name, secret, lines) => {
  const diagnosis = await diagnosed(
    { logs: app(...lines.map((text, index) => [`11:30:0${index}`, text] as const), ['11:59:00', 'tick']) },
    FILES,
  );
  // It was read at all.
  expect(diagnosis.findings.find(({ id }) => id === 'logs-name-host')?.state).toBe('confirmed');
  expect(textOf(diagnosis)).not.toContain(secret);
});

it('values of the environment that changed with a rollout', async () => {
  const revisions = history(
    revision(1, LONG_AGO, 'a:1', { env: { API_TOKEN: 'first-of-them' } }),
    revision(2, at('11:29:00'), 'a:1', { env: { API_TOKEN: 'second-of-them' } }),
  );
  const text = textOf(await diagnosed({ history: revisions, logs: app(['11:30:00', failed]) }, FILES));
  expect(text).toContain('API_TOKEN');
  expect(text).not.toMatch(/first-of-them|second-of-them/);
});
