/** Logs that tempt into blaming the wrong host, or a host that nobody wants: what a careful engineer would say instead. */
import { describe, expect, it } from 'vitest';
import type { DiagnoseInput } from '../../../src/diagnose/diagnose-input.ts';
import {
  API,
  allowing,
  app,
  cluster,
  diagnosed,
  type Expected,
  FILES,
  logged,
  type Misleading,
  NETWORK,
  outcomeOf,
  signed,
  textOf,
  timedOut,
  unresolved,
} from './world.ts';

const READY = ['09:00:00', 'ready'] as const;
const TICK = ['11:59:00', 'tick'] as const;
const WORKS = { verdict: 'reachable', about: API, cause: 'none', fix: false } as const;
const URL: Partial<DiagnoseInput> = { target: { host: API, port: 443, scheme: 'https', path: '/v1/x' } };

const told = (...lines: readonly (readonly [string, string])[]) => app(READY, ...lines, TICK);

interface Row {
  readonly name: string;
  readonly seen: Misleading;
  readonly expected: Expected;
  readonly says?: RegExp;
  readonly never?: RegExp;
  readonly host?: string;
  readonly more?: Partial<DiagnoseInput>;
}

const OTHER_HOSTS: readonly Row[] = [
  {
    name: 'another host fails, of which nothing says that it belongs to the one asked about',
    seen: { logs: told(['11:30:00', timedOut(FILES)]) },
    expected: { verdict: 'blocked', about: FILES, cause: 'SECOND_HOP_HOST', confidence: 'likely' },
    says: /may be a second hop/,
    never: /is a second hop/,
  },
  {
    name: 'another host fails, and works now',
    seen: {
      logs: told(['11:30:00', timedOut(FILES)]),
      state: cluster(allowing([API, FILES])),
      network: { ...NETWORK, [FILES]: 'connects' },
    },
    expected: WORKS,
  },
  {
    name: 'only a sidecar fails on another host',
    seen: {
      logs: logged(
        { lines: [READY, TICK] },
        { container: 'shipper', role: 'sidecar', lines: [['11:30:00', timedOut(FILES)]] },
      ),
    },
    expected: WORKS,
    says: /if the application is meant to call it/,
    never: /the application failing on files/,
  },
  {
    name: "only the mesh's proxy fails on another host",
    seen: {
      logs: logged(
        { lines: [READY, TICK] },
        { container: 'istio-proxy', role: 'mesh_proxy', lines: [['11:30:00', timedOut(FILES)]] },
      ),
    },
    expected: WORKS,
  },
  {
    name: 'a sidecar and the application both fail on it',
    seen: {
      logs: logged(
        { lines: [READY, ['11:31:00', timedOut(FILES)], TICK] },
        { container: 'shipper', role: 'sidecar', lines: [['11:30:00', unresolved(FILES)]] },
      ),
    },
    expected: { verdict: 'blocked', about: FILES },
  },
  {
    name: 'a URL that was signed for somebody else to follow',
    seen: { logs: told(['11:30:00', `created download link ${signed(FILES)}`]) },
    expected: { verdict: 'undetermined', about: FILES, cause: 'SECOND_HOP_HOST', confidence: 'possible', fix: false },
    says: /whether the application itself calls files\.vendor\.example:443/,
  },
  {
    name: 'a signed URL that was fetched with success',
    seen: { logs: told(['11:30:00', `GET ${signed(FILES)} 200 OK`]) },
    expected: { verdict: 'undetermined', confidence: 'possible', fix: false },
  },
  {
    name: 'a signed URL, and a failure of the same container that names no host',
    seen: {
      logs: told(['11:30:00', `INFO fetching ${signed(FILES)}`], ['11:30:11', 'ERROR connection timed out']),
    },
    expected: { verdict: 'blocked', about: FILES, confidence: 'likely' },
  },
  {
    name: 'a signed URL, and a failure of another container that names no host',
    seen: {
      logs: logged(
        { lines: [READY, ['11:30:00', `INFO fetching ${signed(FILES)}`], TICK] },
        { container: 'worker', lines: [['11:30:11', 'ERROR connection timed out']] },
      ),
    },
    expected: { verdict: 'undetermined', confidence: 'possible', fix: false },
  },
  {
    name: 'a signed URL on a host that is allowed and works',
    seen: {
      logs: told(['11:30:00', `GET ${signed(FILES)}`]),
      state: cluster(allowing([API, FILES])),
      network: { ...NETWORK, [FILES]: 'connects' },
    },
    expected: WORKS,
  },
  {
    name: "somebody's words that look like a failure, of which the engine saw nothing",
    seen: {
      logs: told(['11:30:00', `user wrote: ${timedOut('attacker.example')}`]),
      network: { ...NETWORK, 'attacker.example': 'silent' },
      drops: [],
      past: {},
    },
    expected: WORKS,
  },
  {
    name: 'the same where the engine forgot that time',
    seen: {
      logs: told(['11:30:00', timedOut(FILES)]),
      drops: [],
      past: { truncated: true, missing: [{ kind: 'buffer_begins', at: '2026-11-24T11:50:00Z', seconds: 1300 }] },
    },
    expected: { verdict: 'blocked', about: FILES, confidence: 'likely' },
  },
  {
    name: 'the same where the clock of the node is another',
    seen: { logs: told(['11:30:00', timedOut(FILES)]), drops: [], past: {}, skew: 90 },
    expected: { verdict: 'blocked', about: FILES, confidence: 'likely' },
  },
  {
    name: "a Host header in a server's log of what failed behind it",
    seen: {
      logs: told([
        '11:30:00',
        `2026/11/24 11:30:00 [error] 7#7: *1 upstream timed out (110: Connection timed out) while connecting to upstream, client: 10.0.0.7, server: shop.example, request: "GET / HTTP/1.1", upstream: "http://10.0.0.9:8080/", host: "${FILES}"`,
      ]),
    },
    expected: WORKS,
  },
  {
    name: 'a signed URL in the address that a client asked the application for',
    seen: {
      logs: told([
        '11:30:00',
        `10.0.0.7 - - [24/Nov/2026:11:30:00 +0000] "GET /?u=${signed('attacker.example')} HTTP/1.1" 404 12 "-" "curl/8"`,
      ]),
      network: { ...NETWORK, 'attacker.example': 'silent' },
    },
    expected: WORKS,
    never: /second_hop/,
  },
  {
    name: 'the same in a log of requests in JSON',
    seen: {
      logs: told([
        '11:30:00',
        JSON.stringify({ level: 'info', msg: 'request', req: { url: `/cb?next=${signed('attacker.example')}` } }),
      ]),
      network: { ...NETWORK, 'attacker.example': 'silent' },
    },
    expected: { verdict: 'undetermined', confidence: 'possible', fix: false },
  },
  {
    name: 'a name that a user part makes look like another',
    seen: {
      logs: told(['11:30:00', `requests.exceptions.ConnectTimeout: https://${API}@attacker.example/x timed out`]),
    },
    expected: WORKS,
  },
  {
    name: 'names of documents and tests',
    seen: {
      logs: told(
        ['11:30:00', timedOut('example.com')],
        ['11:30:01', timedOut('www.example.org')],
        ['11:30:02', timedOut('host.invalid')],
        ['11:30:03', unresolved('mock.test')],
      ),
    },
    expected: WORKS,
  },
  {
    name: 'localhost, a name without dots and a Service',
    seen: {
      logs: told(
        ['11:30:00', timedOut('localhost')],
        ['11:30:01', unresolved('postgres')],
        ['11:30:02', timedOut('db.shop.svc.cluster.local')],
      ),
    },
    expected: WORKS,
  },
  {
    name: 'the metadata service, by name and address',
    seen: {
      logs: told(
        ['11:30:00', timedOut('metadata.google.internal')],
        ['11:30:01', 'Error: connect ETIMEDOUT 169.254.169.254:80'],
      ),
    },
    expected: WORKS,
  },
  {
    name: 'a server outside redirects to a Service of the cluster',
    seen: {
      redirects: { [API]: 'vault.vault.svc.cluster.local' },
      network: { ...NETWORK, 'vault.vault.svc.cluster.local': 'silent' },
    },
    more: URL,
    expected: WORKS,
    never: /second_hop/,
  },
  {
    name: 'a server outside redirects to a name of the cloud inside',
    seen: {
      redirects: { [API]: 'ip-10-0-0-5.ec2.internal' },
      network: { ...NETWORK, 'ip-10-0-0-5.ec2.internal': 'connects' },
    },
    more: URL,
    expected: WORKS,
    never: /second_hop/,
  },
  {
    name: 'a server outside redirects to another one outside, which is blocked',
    seen: { redirects: { [API]: FILES } },
    more: URL,
    expected: { verdict: 'blocked', about: FILES, confidence: 'proven', fix: true },
    says: /Before the fix: files\.vendor\.example:443 is named by the answer of api\.vendor\.example:443 alone/,
  },
];

const SAME_HOST: readonly Row[] = [
  {
    name: 'it failed before, and works now',
    seen: { logs: told(['11:30:00', timedOut(API)]) },
    expected: { ...WORKS, logs: 'confirmed', changed: 'open' },
    says: /it connects now, with all that is there now/,
  },
  {
    name: 'a retry that then succeeded',
    seen: {
      logs: told(
        [
          '11:30:00',
          `WARNING Retrying (Retry(total=2)) after connection broken by 'ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f>, 'Connection to ${API} timed out. (connect timeout=5)')': /x`,
        ],
        ['11:30:05', `DEBUG urllib3.connectionpool https://${API}:443 "GET /x HTTP/1.1" 200 None`],
      ),
    },
    expected: { ...WORKS, changed: 'open' },
    says: /none in the 29 min of log after it/,
  },
  {
    name: 'only the instance before the last restart failed',
    seen: {
      logs: logged(
        {
          previous: true,
          lines: [
            ['10:41:00', 'ready'],
            ['10:42:00', timedOut(API)],
          ],
        },
        { lines: [['10:45:00', 'ready'], TICK] },
      ),
    },
    expected: { ...WORKS, logs: 'confirmed', changed: 'open' },
    says: /the instance before its last restart/,
  },
  {
    name: 'it fails at another port',
    seen: { logs: told(['11:30:00', timedOut(API, 8443)]) },
    expected: { ...WORKS, logs: 'not_checked', changed: 'none' },
    says: /Ask diagnoseEgress about api\.vendor\.example:8443/,
  },
  {
    name: 'an address fails that it has not now',
    seen: { logs: told(['11:30:00', 'Error: connect ETIMEDOUT 203.0.113.99:443']) },
    expected: { ...WORKS, logs: 'not_checked' },
    says: /may have been what was called at 203\.0\.113\.99/,
  },
  {
    name: 'an address of its own fails, at another port',
    seen: { logs: told(['11:30:00', 'Error: connect ETIMEDOUT 203.0.113.18:5432']) },
    expected: { ...WORKS, logs: 'ruled_out' },
  },
  {
    name: 'only the loopback and a Service fail',
    seen: {
      logs: told(
        ['11:30:00', 'Error: connect ECONNREFUSED 127.0.0.1:443'],
        ['11:30:01', 'Error: connect ETIMEDOUT 10.96.0.10:443'],
      ),
    },
    expected: { ...WORKS, logs: 'ruled_out' },
  },
  {
    name: 'a proxy in the pod alone fails on it',
    seen: {
      logs: logged(
        { lines: [READY, TICK] },
        { container: 'istio-proxy', role: 'mesh_proxy', lines: [['11:30:00', timedOut(API)], TICK] },
      ),
    },
    expected: { ...WORKS, logs: 'confirmed' },
    says: /show istio-proxy, beside the application, failing on/,
    never: /the application failing on/,
  },
  {
    name: 'it answers 403',
    seen: {
      logs: told([
        '11:30:00',
        `requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://${API}/v1/x`,
      ]),
    },
    expected: WORKS,
  },
  {
    name: 'written in capitals and with the final dot',
    host: FILES,
    seen: { logs: told(['11:30:00', timedOut('FILES.Vendor.Example.')]) },
    expected: { verdict: 'blocked', about: FILES, logs: 'confirmed' },
  },
  {
    name: 'a name that only begins like it',
    seen: {
      logs: told(['11:30:00', timedOut(`${API}.attacker.example`)]),
      network: { ...NETWORK, [`${API}.attacker.example`]: 'connects' },
    },
    expected: { ...WORKS, logs: 'ruled_out' },
  },
  {
    name: 'a proxy that no variable names, by what the client says',
    host: FILES,
    seen: {
      logs: told([
        '11:30:00',
        `requests.exceptions.ProxyError: HTTPSConnectionPool(host='${FILES}', port=443): Max retries exceeded with url: / (Caused by ProxyError('Unable to connect to proxy', NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')))`,
      ]),
    },
    expected: { verdict: 'blocked', confidence: 'likely', fix: false },
    says: /The logs show the application calling files\.vendor\.example:443 by a proxy/,
  },
  {
    name: 'a host that is called a proxy',
    host: 'proxy.vendor.example',
    seen: {
      logs: told(['11:30:00', timedOut('proxy.vendor.example')]),
      network: { ...NETWORK, 'proxy.vendor.example': 'silent' },
    },
    expected: { verdict: 'blocked', confidence: 'proven', fix: true },
  },
  {
    name: 'a proxy is the way out, and the direct way is blocked',
    host: FILES,
    seen: { proxyEnv: { HTTPS_PROXY: 'http://proxy.corp.example:3128' }, logs: told(['11:30:00', timedOut(FILES)]) },
    expected: { verdict: 'blocked', confidence: 'likely', fix: false },
    says: /diagnose the way to that proxy/,
  },
];

describe.each([
  ['another host', OTHER_HOSTS],
  ['the host that was asked about', SAME_HOST],
])('logs about %s', (_about, rows) => {
  it.each(rows)('$name', async ({ seen, expected, says = /./, never = /(?!)/, host = API, more = {} }) => {
    const diagnosis = await diagnosed(seen, host, more);
    expect(outcomeOf(diagnosis, expected)).toEqual(expected);
    expect(textOf(diagnosis)).toMatch(says);
    expect(textOf(diagnosis)).not.toMatch(never);
  });
});

it('of many hosts that fail, those are looked at that fail most', async () => {
  const flood = Array.from({ length: 20 }, (_, index) => ['11:20:00', timedOut(`a${index}.vendor.example`)] as const);
  const often = Array.from({ length: 3 }, () => ['11:30:00', timedOut('z.vendor.example')] as const);
  const { hops } = await diagnosed({ logs: told(...flood, ...often) });
  expect(hops.filter(({ role }) => role === 'second_hop').map(({ host }) => host)).toEqual([
    'z.vendor.example',
    'a0.vendor.example',
  ]);
});
