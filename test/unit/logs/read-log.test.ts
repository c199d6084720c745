import { describe, expect, it } from 'vitest';
import { joinEvents } from '../../../src/logs/events.ts';
import * as fc from '../support/fast-check.ts';
import { read } from './support/analyse.ts';

const REFUSED = 'Error: connect ECONNREFUSED 203.0.113.9:443';
const stamp = (second: number): string => `2026-11-24T10:00:${String(second % 60).padStart(2, '0')}.5Z`;
const stamped = (...lines: readonly string[]): string => lines.map((line, i) => `${stamp(i)} ${line}\n`).join('');

/** One trace of each language, whose deciding words stand in its middle or at its end. */
const TRACES: Readonly<Record<string, string>> = {
  python: [
    'ERROR:app:export failed',
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3.12/site-packages/urllib3/connection.py", line 198, in _new_conn',
    '    sock = connection.create_connection(',
    'TimeoutError: timed out',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    'Traceback (most recent call last):',
    '  File "/app/export.py", line 42, in upload',
    '    requests.put(url)',
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='files.vendor.example', port=443): Max retries exceeded with url: /a (Caused by ConnectTimeoutError(<x>, 'Connection to files.vendor.example timed out. (connect timeout=3)'))",
  ].join('\n'),
  java: [
    '2026-11-24 10:00:00,001 ERROR [worker-3] c.v.Export - export failed',
    'java.lang.RuntimeException: export failed',
    '\tat com.vendor.Export.run(Export.java:12)',
    'Caused by: java.net.ConnectException: Connection refused',
    '\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)',
    '\tat com.vendor.Client.call(Client.java:88)',
    '\t... 3 more',
  ].join('\n'),
  go: [
    'panic: Get "https://files.vendor.example/a": dial tcp 203.0.113.9:443: connect: connection refused',
    '',
    'goroutine 1 [running]:',
    'main.export(0x1400012a000)',
    '\t/src/export/main.go:41 +0x1c4',
    'main.main()',
    '\t/src/export/main.go:12 +0x20',
  ].join('\n'),
  node: [
    'export failed: TypeError: fetch failed',
    '    at node:internal/deps/undici/undici:13510:13',
    '    at async Exporter.put (file:///app/src/exporter.js:31:9) {',
    '  [cause]: Error: connect ECONNREFUSED 203.0.113.9:443',
    '      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1636:16) {',
    "    code: 'ECONNREFUSED',",
    "    address: '203.0.113.9',",
    '    port: 443',
    '  }',
    '}',
  ].join('\n'),
  dotnet: [
    'fail: Shop.Export[0] export failed',
    'System.Net.Http.HttpRequestException: Connection refused (files.vendor.example:443)',
    ' ---> System.Net.Sockets.SocketException (111): Connection refused',
    '   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error)',
    '   --- End of inner exception stack trace ---',
    '   at Shop.Export.Run(String url) in /src/Export.cs:line 31',
  ].join('\n'),
  ruby: [
    '/usr/lib/ruby/3.3.0/net/http.rb:1603:in `initialize\': Failed to open TCP connection to files.vendor.example:443 (Connection refused - connect(2) for "files.vendor.example" port 443) (Errno::ECONNREFUSED)',
    "\tfrom /usr/lib/ruby/3.3.0/net/http.rb:1603:in `connect'",
    "\tfrom /app/export.rb:12:in `upload'",
  ].join('\n'),
  rust: [
    'Error: export failed',
    '',
    'Caused by:',
    '    0: error sending request for url (https://files.vendor.example/a)',
    '    1: client error (Connect)',
    '    2: tcp connect error: Connection refused (os error 111)',
  ].join('\n'),
  php: [
    'PHP Fatal error:  Uncaught GuzzleHttp\\Exception\\ConnectException: cURL error 28: Connection timed out after 3001 milliseconds (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for https://files.vendor.example/a in /app/vendor/guzzlehttp/guzzle/src/Handler/CurlFactory.php:210',
    'Stack trace:',
    '#0 /app/vendor/guzzlehttp/guzzle/src/Handler/CurlFactory.php(158): GuzzleHttp\\Handler\\CurlFactory::createRejection()',
    '#1 /app/src/Export.php(31): Shop\\Export->put()',
    '#2 {main}',
    '  thrown in /app/vendor/guzzlehttp/guzzle/src/Handler/CurlFactory.php on line 210',
  ].join('\n'),
};

const OWN_FRAME: Readonly<Record<string, string>> = {
  python: 'File "/app/export.py", line 42, in upload',
  java: 'com.vendor.Client.call(Client.java:88)',
  go: '/src/export/main.go:41',
  node: 'async Exporter.put (file:///app/src/exporter.js:31:9) {',
  dotnet: 'Shop.Export.Run(String url) in /src/Export.cs:line 31',
  ruby: "/app/export.rb:12:in `upload'",
  php: '/app/src/Export.php(31): Shop\\Export->put()',
};

const essence = (text: string, chunk?: number) =>
  read(text, chunk).failures.map(({ class: kind, host, address, port, count, firstSeen, lastSeen }) => ({
    kind,
    host,
    address,
    port,
    count,
    firstSeen,
    lastSeen,
  }));

describe('traces', () => {
  it.each(Object.keys(TRACES))('%s: one failure, whatever the number of lines', (language) => {
    const { failures } = read(stamped('INFO up', ...(TRACES[language] ?? '').split('\n'), 'INFO next'));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.count).toBe(1);
  });

  it.each(Object.keys(OWN_FRAME))('%s: the application’s own frame comes first', (language) => {
    expect(read(stamped(...(TRACES[language] ?? '').split('\n'))).failures[0]?.frames?.[0]).toBe(OWN_FRAME[language]);
  });

  it('has library frames only where there are no others', () => {
    const trace = [
      'java.net.ConnectException: Connection refused',
      '\tat java.base/sun.nio.ch.Net.connect(Net.java:1)',
    ];
    expect(read(stamped(...trace)).failures[0]?.frames).toEqual(['java.base/sun.nio.ch.Net.connect(Net.java:1)']);
  });

  it.each(Object.keys(TRACES))('%s: lines of other threads between do not break it', (language) => {
    const lines = (TRACES[language] ?? '').split('\n');
    const mixed = lines.flatMap((line, at) =>
      at % 2 === 1 && line !== '' ? [`2026-11-24 10:00:01 INFO [http-${at}] served /v1/items`, line] : [line],
    );
    const { failures } = read(stamped(...mixed));
    expect(failures.map(({ class: kind, count }) => `${kind} ${count}`)).toHaveLength(1);
    expect(failures[0]?.count).toBe(1);
    if (OWN_FRAME[language]) expect(failures[0]?.frames).toContain(OWN_FRAME[language]);
  });

  it.each([
    ['a record of JSON', '{"level":"info","msg":"GET https://works.example/x"}'],
    ['a plain line', 'GET https://works.example/ok 200'],
  ])('the rest of a trace blames no host that %s of another thread names', (_name, line) => {
    const { failures } = read(
      stamped(
        'TypeError: fetch failed',
        '    at async main (/app/index.js:3:1) {',
        '  [cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: files.vendor.example:443, timeout: 10000ms)',
        line,
        "  code: 'UND_ERR_CONNECT_TIMEOUT'",
        '}',
      ),
    );
    expect(failures.map(({ host, count }) => [host, count])).toEqual([['files.vendor.example', 1]]);
  });

  it('a name that could not be looked up is not the one that did not answer', () => {
    const mixed = [
      'java.io.IOException: upload failed',
      '\tat b.B.call(B.java:1)',
      'Caused by: java.net.ConnectException: HTTP connect timed out',
      'Caused by: java.net.UnknownHostException: two.example',
    ];
    expect(read(stamped(...mixed)).failures.map(({ class: kind, host }) => [kind, host])).toEqual([
      ['connect_timeout', undefined],
    ]);
  });

  it('ends no trace of Python with what another thread prints', () => {
    const mixed = [
      'Traceback (most recent call last):',
      '  File "/app/a.py", line 3, in z',
      '    connect()',
      'GET https://works.example/ok 200',
      'socket.gaierror: [Errno -2] Name or service not known',
    ];
    const [start, frame, code, other, end] = mixed;
    expect(joinEvents(mixed.map((text) => ({ text }))).map(({ lines }) => lines)).toEqual([
      [start, frame, code, end],
      [other],
    ]);
  });

  it('gives an exception to neither of two messages that wait for theirs and name different hosts', () => {
    const mixed = [
      '2026-11-24 12:00:01 ERROR [t1] Request to https://one.example/a failed',
      '2026-11-24 12:00:01 ERROR [t2] Request to https://two.example/b failed',
      'java.net.SocketTimeoutException: Connect timed out',
      '\tat a.A.call(A.java:1)',
      'java.net.ConnectException: Connection refused',
      '\tat b.B.call(B.java:1)',
    ];
    expect(read(stamped(...mixed)).failures.map(({ class: kind, host }) => [kind, host])).toEqual([
      ['connect_timeout', undefined],
      ['connect_refused', undefined],
    ]);
    const [, second, head, frame] = mixed;
    const alone = read(
      stamped('2026-11-24 12:00:01 ERROR upload failed: Connection reset by peer', second!, head!, frame!),
    );
    expect(alone.failures.map(({ host }) => host)).toContain('two.example');
  });

  it('keeps two failures apart whose lines interleave', () => {
    const one = (TRACES['java'] ?? '').split('\n');
    const other = (TRACES['python'] ?? '').split('\n');
    const mixed = Array.from({ length: Math.max(one.length, other.length) }, (_, at) => [one[at], other[at]])
      .flat()
      .filter((line): line is string => line !== undefined && line !== '');
    const kinds = read(stamped(...mixed)).failures.map(({ class: kind }) => kind);
    expect(kinds.toSorted()).toEqual(['connect_refused', 'connect_timeout']);
  });
});

describe('structured logs', () => {
  const message = 'Get "https://files.vendor.example/a": dial tcp 203.0.113.9:443: i/o timeout';
  const stack =
    'Error: connect ETIMEDOUT 203.0.113.9:443\n    at Exporter.put (/app/src/exporter.js:31:9)\n    at node:net:1:1';
  it.each<[string, unknown, Record<string, unknown>]>([
    [
      'zap',
      {
        level: 'error',
        ts: 1.5,
        caller: 'x/y.go:1',
        msg: 'failed',
        error: message,
        stacktrace: 'main.export\n\t/src/main.go:41',
      },
      { host: 'files.vendor.example' },
    ],
    [
      'logrus',
      { time: '2026-11-24T10:00:00Z', level: 'error', msg: 'failed', error: message },
      { host: 'files.vendor.example' },
    ],
    [
      'pino',
      {
        level: 50,
        time: 1,
        msg: 'failed',
        err: { type: 'Error', message: 'connect ETIMEDOUT 203.0.113.9:443', stack },
      },
      { frames: ['Exporter.put (/app/src/exporter.js:31:9)'] },
    ],
    [
      'bunyan',
      {
        name: 'app',
        level: 50,
        err: { message: 'connect ETIMEDOUT 203.0.113.9:443', name: 'Error', stack },
        msg: 'x',
        v: 0,
      },
      { address: '203.0.113.9' },
    ],
    [
      'logback',
      {
        '@timestamp': 'x',
        level: 'ERROR',
        message: 'failed',
        stack_trace:
          'java.net.SocketTimeoutException: Connect timed out\n\tat com.vendor.Client.call(Client.java:88)\n',
      },
      { frames: ['com.vendor.Client.call(Client.java:88)'] },
    ],
    [
      'structlog',
      { event: 'failed', level: 'error', exception: TRACES['python'] },
      { host: 'files.vendor.example', library: 'requests' },
    ],
    [
      'ecs',
      {
        '@timestamp': 'x',
        'log.level': 'error',
        message: 'failed',
        'error.message': message,
        'error.stack_trace': 'x',
      },
      { host: 'files.vendor.example' },
    ],
    ['ecs nested', { message: 'failed', error: { message, stack_trace: 'x' } }, { host: 'files.vendor.example' }],
    [
      'gcp',
      { severity: 'ERROR', jsonPayload: { message: 'failed', error: { cause: { message } } } },
      { host: 'files.vendor.example' },
    ],
    [
      'serilog',
      {
        '@t': 'x',
        '@mt': 'failed {url}',
        '@x': 'System.Net.Http.HttpRequestException: Connection timed out (files.vendor.example:443)\n   at Shop.Export.Run(String url) in /src/Export.cs:line 31',
      },
      { host: 'files.vendor.example', frames: ['Shop.Export.Run(String url) in /src/Export.cs:line 31'] },
    ],
    ['json in json', { log: JSON.stringify({ msg: 'failed', err: message }) }, { host: 'files.vendor.example' }],
  ])('%s', (_name, record, expected) => {
    expect(read(stamped(JSON.stringify(record))).failures).toMatchObject([
      { class: 'connect_timeout', count: 1, ...expected },
    ]);
  });

  it.each([
    'time=2026-11-24T10:00:00Z level=error msg="export failed" err="Get \\"https://files.vendor.example/a\\": dial tcp 203.0.113.9:443: i/o timeout"',
    'level=error ts=1 msg=failed error="dial tcp 203.0.113.9:443: i/o timeout" url=https://files.vendor.example/a',
    'ts=1 level=error err="wrapped\\n\\tdial tcp 203.0.113.9:443: i/o timeout" host=x',
  ])('logfmt: %s', (line) => {
    expect(read(stamped(line)).failures).toMatchObject([{ class: 'connect_timeout', address: '203.0.113.9' }]);
  });
});

describe('reading as it comes', () => {
  const log = [...Object.values(TRACES), REFUSED, 'INFO https://api.vendor.example/v1'].flatMap((text) =>
    text.split('\n'),
  );
  const whole = stamped(...log, ...log);

  it('finds the same whatever the chunks', () => {
    const expected = essence(whole);
    for (const chunk of [1, 7, 64, 1000])
      expect({ chunk, found: essence(whole, chunk) }).toEqual({ chunk, found: expected });
  });

  it('finds the same where traces go over the borders of pages', () => {
    const filler = Array.from({ length: 60 }, (_, i) => `INFO request ${i} served to customer 4711 in 12 ms`);
    const busy = Array.from({ length: 300 }, () => [...filler, ...log]).flat();
    const expected = essence(stamped(...log)).map(({ kind, host, address, count }) => ({
      kind,
      host,
      address,
      count: count * 300,
    }));
    const found = essence(stamped(...busy)).map(({ kind, host, address, count }) => ({ kind, host, address, count }));
    expect(found).toEqual(expected);
  });

  it('counts lines, with and without an end, and tells the span', () => {
    expect(read('')).toMatchObject({ lines: 0, bytes: 0 });
    expect(read('one')).toMatchObject({ lines: 1 });
    expect(read(stamped('one', 'two'))).toMatchObject({ lines: 2, from: stamp(0), to: stamp(1) });
    const many = 'x\n'.repeat(1_000_000);
    expect(read(many)).toMatchObject({ lines: 1_000_000 });
  });

  it.each([
    ['CRLF', `INFO up\r\n${REFUSED}\r\nINFO next\r\n`],
    ['a progress bar before it', `loading 1%\rloading 50%\rloading 99%\r${REFUSED}\n`],
    ['NUL', `\0\0${REFUSED}\0\n`],
    [
      'no UTF-8',
      Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(`${REFUSED} `), Buffer.from([0xe2, 0x80])]),
    ],
    ['colours', `\u001b[31mERROR\u001b[0m ${REFUSED}\n`],
    [
      'partial lines of a runtime',
      `${stamp(0)} stdout P Error: connect ECONNREF\n${stamp(0)} stdout F USED 203.0.113.9:443\n`
        .replace('ECONNREF\n', 'ECONNREFUSED \n')
        .replace('USED ', ''),
    ],
  ])('%s', (_name, text) => {
    expect(read(text).failures).toMatchObject([{ class: 'connect_refused', address: '203.0.113.9', port: 443 }]);
  });

  it.each([300_000, 1_100_000, 3_000_000])('finds what stands far behind in a line of %i bytes', (length) => {
    const pad = 'abcdefgh '.repeat(length / 9);
    const { failures, lines } = read(stamped(`${pad}${REFUSED} ${pad}`, 'INFO next'));
    expect(lines).toBe(2);
    expect(failures).toMatchObject([{ class: 'connect_refused', address: '203.0.113.9', count: 1 }]);
    expect(failures[0]?.excerpt.length).toBeLessThanOrEqual(800);
  });

  it('finds it in a line of 1 MB without a space, too', () => {
    const record = JSON.stringify({ blob: 'QUJD'.repeat(300_000), err: 'connect ECONNREFUSED 203.0.113.9:443' });
    expect(read(stamped(record)).failures).toMatchObject([{ class: 'connect_refused', count: 1 }]);
  });

  it('never grows beyond its bounds in kinds of failures and places', () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `dial tcp: lookup h${i}.vendor.example: no such host https://u${i}.vendor.example/`,
    );
    const { failures, urls, urlsNotKept, more } = read(stamped(...lines));
    expect(failures.length).toBeLessThanOrEqual(500);
    expect(urls.length).toBe(1000);
    expect(urlsNotKept).toBe(2000);
    expect(more).toBe(true);
    expect(read(stamped(...lines.slice(0, 1000)))).toMatchObject({ urlsNotKept: 0 });
  });

  it('lets no piece of a log break it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 50 }), (bytes, chunk) => {
        expect(read(Buffer.from(bytes), chunk).bytes).toBe(bytes.length);
      }),
    );
  });
});

describe('lines that the caller looks for', () => {
  it('are the newest, in order', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `request ${i} slow`);
    const { matches, more } = read(stamped(...lines), undefined, '/request \\d+ slow/');
    expect(matches).toHaveLength(200);
    expect(matches.at(0)?.line).toBe('request 4800 slow');
    expect(matches.at(-1)).toEqual({ when: stamp(4999), line: 'request 4999 slow' });
    expect(more).toBe(true);
  });

  it.each([
    ['/slow|SLOW/', 1],
    ['SLOW', 1],
    ['/s.ow$/', 1],
    ['/^request/', 2],
    ['/\\d/', 2],
    ['/./', 3],
    ['naïve', 1],
  ])('%s finds %i', (pattern, count) => {
    const log = stamped('request 1 is slow', 'request 2', 'a naïve one');
    expect(read(log, undefined, pattern).matches).toHaveLength(count);
  });

  it('sees through colours, also without a word that every line must hold', () => {
    const log = stamped('\u001b[31msl\u001b[0mow', 'fast');
    for (const pattern of ['slow', '/slow/', '/^s.o/']) expect(read(log, undefined, pattern).matches).toHaveLength(1);
  });

  it('tell nothing of a secret, whatever is guessed', () => {
    const log = stamped('login password=hunter2 ok');
    const shown = (pattern: string) => read(log, undefined, pattern).matches.length;
    for (const pattern of [
      'hunter2',
      '/password=h/',
      '/redacted|password=h/',
      '/\\[redacted\\]/',
      '/password=......./',
    ])
      expect({ pattern, shown: shown(pattern) }).toEqual({ pattern, shown: 0 });
    expect(shown('/(password=x|ok)/')).toBe(1);
    expect(shown('/(password=h|ok)/')).toBe(1);
  });

  it('tell nothing of a private key, also where its beginning was cut off or a page ends in it', () => {
    const body = Array.from(
      { length: 60 },
      (_, i) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDabcdefgh${i % 10}k`,
    );
    const filler = Array.from({ length: 7000 }, (_, i) => `INFO request ${i} served to customer 4711 in 12 ms`);
    for (let shift = 0; shift < 60; shift += 7) {
      const key = ['-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----'];
      const log = stamped(...filler.slice(shift * 8), ...key, 'after');
      expect(JSON.stringify(read(log, undefined, '/MII|after/').matches)).not.toContain('MII');
      expect(JSON.stringify(read(stamped(...key.slice(20), 'after'), undefined, '/MII|after/').matches)).not.toContain(
        'MII',
      );
    }
  });
});
