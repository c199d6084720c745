/**
 * Log lines as the kubelet sends them, the same in every run, mixed as in a busy pod: plain, JSON, logfmt and access lines, one entry in a
 * hundred about something that failed, half of those a connection; used by `../logs.ts`.
 */

/** Distinct lines before the text repeats, with later time stamps. */
const BLOCK_BYTES = 48 * 1024 * 1024;
export const STAMP = '2026-11-24T00:00:00.000000000Z ';

/** The same sequence in every run (Park and Miller's generator). */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

type Below = (below: number) => number;

const hex = (below: Below, digits: number): string =>
  Array.from({ length: digits / 4 }, () => below(65_536).toString(16).padStart(4, '0')).join('');
const id = (below: Below): string =>
  `${hex(below, 8)}-${hex(below, 4)}-4${hex(below, 4).slice(1)}-a${hex(below, 4).slice(1)}-${hex(below, 12)}`;
const pick = (below: Below, list: readonly string[]): string => list[below(list.length)] ?? '';

const WORDS = [
  'order',
  'cart',
  'payment',
  'session',
  'customer',
  'basket',
  'invoice',
  'shipment',
  'catalogue',
  'price',
];
const DONE = ['created', 'loaded', 'stored', 'queued for delivery', 'priced', 'checked', 'sent', 'closed by its owner'];
const PATHS = ['/v1/orders', '/v1/carts', '/healthz', '/v2/catalogue/search', '/metrics', '/v1/sessions'];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'kube-probe/1.33', 'Go-http-client/2.0', 'python-requests/2.32.3'];
const REFERERS = ['-', '-', '-', 'https://shop.example/checkout', 'https://www.shop.example/'];

const plain = (below: Below): string =>
  `2026-11-24 10:${10 + below(49)}:${10 + below(49)},${100 + below(899)} ${pick(below, ['INFO', 'INFO', 'DEBUG'])} [worker-${below(16)}] c.s.${pick(below, WORDS)}.Service - ${pick(below, WORDS)} ${id(below)} ${pick(below, DONE)} in ${below(900)} ms`;
const json = (below: Below): string =>
  `{"level":"info","ts":1764${below(900_000) + 100_000}.${below(900) + 100},"caller":"${pick(below, WORDS)}/handler.go:${below(400)}","msg":"${pick(below, WORDS)} ${pick(below, DONE)}","request_id":"${id(below)}","customer":${below(90_000)},"ms":${below(400)}}`;
const logfmt = (below: Below): string =>
  `time=2026-11-24T10:${10 + below(49)}:${10 + below(49)}Z level=info component=${pick(below, WORDS)} msg="${pick(below, WORDS)} ${pick(below, DONE)}" id=${hex(below, 16)} rows=${below(500)} duration=${below(90)}.${below(9)}ms`;
const access = (below: Below): string =>
  `10.0.${below(250)}.${below(250)} - - [24/Nov/2026:10:${10 + below(49)}:${10 + below(49)} +0000] "GET ${pick(below, PATHS)}?page=${below(40)} HTTP/1.1" ${pick(below, ['200', '200', '200', '304', '404'])} ${below(9000)} "${pick(below, REFERERS)}" "${pick(below, AGENTS)}" ${below(3)}.${100 + below(899)}`;
const sql = (below: Below): string =>
  `DEBUG select o.id, o.total, o.state from ${pick(below, WORDS)} o join customer c on c.id = o.customer_id where o.state = 'OPEN' and c.id = ${below(100_000)} order by o.created desc limit 50`;
const call = (below: Below): string =>
  `INFO  outbound GET https://api-${below(20)}.vendor.example/v1/${pick(below, WORDS)}/${below(10_000)} 200 ${below(900)}ms`;

const noise = (below: Below): string =>
  pick(below, [
    `WARN  retry budget is at ${below(100)}, request timeout set to ${below(60)}s`,
    `ERROR could not price ${pick(below, WORDS)} ${id(below)}: currency not found`,
    `INFO  0 errors, ${below(9)} warnings after ${below(100)} ms`,
  ]);

const javaTrace = (below: Below): string =>
  [
    `2026-11-24 10:${10 + below(49)}:${10 + below(49)},${100 + below(899)} ERROR [worker-${below(16)}] c.s.export.Job - export ${id(below)} failed`,
    'java.lang.RuntimeException: export failed',
    ...Array.from({ length: 12 }, (_, at) => `\tat c.s.export.Step${at}.run(Step${at}.java:${10 + at})`),
    'Caused by: java.net.SocketTimeoutException: Connect timed out',
    ...Array.from(
      { length: 18 },
      (_, at) => `\tat java.base/sun.nio.ch.NioSocketImpl.step${at}(NioSocketImpl.java:${100 + at})`,
    ),
    '\t... 12 more',
  ].join('\n');
const pythonTrace = (below: Below): string =>
  [
    'ERROR:export:upload failed',
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3.12/site-packages/urllib3/connection.py", line 198, in _new_conn',
    '    sock = connection.create_connection(',
    'TimeoutError: timed out',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    'Traceback (most recent call last):',
    '  File "/app/export.py", line 42, in upload',
    '    requests.put(url, data=body, timeout=3)',
    `requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='files.vendor.example', port=443): Max retries exceeded with url: /exports/${below(1000)}.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=${hex(below, 64)} (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f${hex(below, 8)}>, 'Connection to files.vendor.example timed out. (connect timeout=3)'))`,
  ].join('\n');
const failure = (below: Below): string =>
  [
    () => javaTrace(below),
    () => pythonTrace(below),
    () =>
      `{"level":"error","ts":1764${below(900_000) + 100_000},"msg":"call failed","request_id":"${id(below)}","error":"Get \\"https://api-${below(20)}.vendor.example/v1/prices\\": dial tcp 203.0.113.${below(20)}:443: i/o timeout"}`,
    () => `Error: connect ECONNREFUSED 203.0.113.${below(20)}:443`,
    () =>
      `time=2026-11-24T10:${10 + below(49)}:00Z level=error msg="lookup failed" err="lookup mail.vendor.example on 10.96.0.10:53: no such host" id=${hex(below, 16)}`,
    () =>
      `curl: (28) Failed to connect to files.vendor.example port 443 after ${1000 + below(3000)} ms: Connection timed out`,
  ][below(6)]?.() ?? '';

/** Of a thousand entries: what is said how often. */
const MIX: readonly (readonly [number, (below: Below) => string])[] = [
  [400, plain],
  [250, json],
  [120, logfmt],
  [120, access],
  [60, sql],
  [40, call],
  [5, noise],
  [5, failure],
];

function entry(below: Below): string {
  let at = below(1000);
  for (const [share, make] of MIX) {
    if (at < share) return make(below);
    at -= share;
  }
  return '';
}

/** Every line is stamped as by `timestamps=true`; `../logs-source.ts` moves the time on. */
export function linesBlock(): Buffer {
  const below = sequence(20_260_101);
  const text = Buffer.allocUnsafe(BLOCK_BYTES);
  let size = 0;
  while (size < BLOCK_BYTES - 64 * 1024) {
    for (const line of entry(below).split('\n')) size += text.write(`${STAMP}${line}\n`, size, 'latin1');
  }
  return text.subarray(0, size);
}
