/** Words that any program may print blame no host by standing beside its name. */
import { describe, expect, it } from 'vitest';
import { namedCall, placesNear } from '../../../src/logs/tie.ts';
import { analyse } from './support/analyse.ts';

const first = (text: string) => analyse(text, 'app').failures[0];

describe('a host that nothing ties to the failure', () => {
  it.each([
    ['the request that came in', 'GET https://shop.example/orders 500: upstream said Connection refused', undefined],
    ['a link in the message', 'cache: i/o timeout, see https://wiki.vendor.example/runbook', undefined],
    [
      'a record’s own address',
      '{"level":"error","url":"https://shop.example/cart","err":"connection reset by peer"}',
      undefined,
    ],
    ['a field of a record', 'level=error host=shop.example:8080 err="no route to host"', undefined],
    ['a context that ran out', 'job https://shop.example/nightly aborted: context deadline exceeded', undefined],
    ['a socket that hung up', 'Error: socket hang up (while serving https://shop.example/)', undefined],
    ['a place on the line', 'client 10.9.8.7:5123 waits; worker said Connection refused', '10.9.8.7'],
  ])('%s', (_name, text, address) => {
    const failure = first(text);
    expect(failure?.class).toBeDefined();
    expect(failure).not.toHaveProperty('host');
    expect(failure).not.toHaveProperty('address');
    expect(failure?.possible).toMatchObject(
      address === undefined ? { host: expect.stringMatching(/example$/) } : { address },
    );
  });

  it('is none where there are two of them', () => {
    const failure = first('https://a.example/ then https://b.example/: Connection refused, said a third');
    expect(failure).toMatchObject({ class: 'connect_refused' });
    expect(failure).not.toHaveProperty('host');
    expect(failure).not.toHaveProperty('possible');
  });

  it('counts apart what may be of different hosts', () => {
    const log = ['a', 'b'].map((name) => `GET https://${name}.example/ 500: Connection refused`).join('\n');
    expect(
      analyse(log, 'app')
        .failures.map(({ possible, count }) => [possible?.host, count])
        .toSorted(),
    ).toEqual([
      ['a.example', 1],
      ['b.example', 1],
    ]);
  });
});

describe('a host that is tied to the failure', () => {
  it.each([
    ['Go’s form', 'Get "https://a.example/x": context deadline exceeded', { host: 'a.example', port: 443 }],
    [
      'node-fetch’s form',
      'FetchError: request to https://a.example/x failed, reason: socket hang up',
      { host: 'a.example' },
    ],
    ['right before the words', 'redis: dialing a.example:6379: Connection refused', { host: 'a.example', port: 6379 }],
    ['right behind the words', 'timeout expired: connection timed out to a.example:6379', { host: 'a.example' }],
    ['in brackets', 'Connection refused (203.0.113.9:443)', { address: '203.0.113.9', port: 443 }],
    [
      'a strong word',
      'upload to https://a.example/x failed: Error: connect ETIMEDOUT 203.0.113.9:443',
      { host: 'a.example' },
    ],
    [
      'a library that is told',
      'AxiosError: socket hang up\n  url: "https://a.example/x"',
      { host: 'a.example', library: 'axios' },
    ],
  ])('%s', (_name, text, expected) => {
    expect(analyse(text, 'app').failures).toContainEqual(expect.objectContaining(expected));
  });
});

describe('the forms of a call', () => {
  it('are looked for in time in proportion to the text', () => {
    for (const unit of [
      'Get "https:a',
      'request to https:',
      'cURL error 1: ',
      'I/O error on GET request for "https:',
      'executing GET ',
      'A',
      'a.example:1 ',
    ]) {
      const text = unit.repeat(32_768 / unit.length);
      const started = process.cpuUsage().user;
      namedCall(text);
      placesNear(text, 16_000, 16_010);
      expect({ unit, slow: process.cpuUsage().user - started > 150_000 }).toEqual({ unit, slow: false });
    }
  });
});

describe('a URL that may be the first hop’s', () => {
  it.each([
    [
      'reqwest',
      'error sending request for url (https://a.example/v1): client error (Connect): tcp connect error: Connection refused (os error 111)',
      true,
    ],
    [
      'reqwest’s Debug',
      'reqwest::Error { kind: Request, url: "https://a.example/", source: hyper_util::client::legacy::Error(Connect, ConnectError("tcp connect error", 203.0.113.9:443, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })) }',
      true,
    ],
    [
      'PHP’s streams',
      'PHP Warning:  file_get_contents(http://a.example/x): Failed to open stream: Connection refused in /app/a.php on line 3',
      true,
    ],
    [
      'the only URL of the event',
      'upload to https://a.example/x failed: Error: connect ETIMEDOUT 203.0.113.9:443',
      true,
    ],
    ['Go', 'Get "https://a.example/x": dial tcp 203.0.113.9:443: i/o timeout', false],
    [
      'Guzzle',
      'cURL error 28: Operation timed out after 3001 milliseconds with 0 bytes received (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for https://a.example/x',
      false,
    ],
    [
      'requests',
      "HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: [Errno 111] Connection refused'))",
      false,
    ],
  ])('%s', (_name, text, may) => {
    const failure = analyse(text, 'app').failures.find(({ host }) => host === 'a.example');
    expect(failure?.mayBeFirstHop).toBe(may ? true : undefined);
  });

  it('is not the host where PHP names the one that it looked up (seen with PHP 8.2)', () => {
    const log = [
      'PHP Warning:  file_get_contents(): php_network_getaddresses: getaddrinfo for two.example failed: Name or service not known in /app/a.php on line 1',
      'PHP Warning:  file_get_contents(http://one.example/a): Failed to open stream: php_network_getaddresses: getaddrinfo for two.example failed: Name or service not known in /app/a.php on line 1',
    ].join('\n');
    for (const failure of analyse(log, 'app').failures)
      expect(failure).toMatchObject({ class: 'name_not_found', host: 'two.example' });
  });
});
