/** Envoy, nginx and HAProxy. */
import type { SourceSample } from './sample.ts';

const ROUTER = 'envoyproxy/envoy: source/common/router/router.cc, and source/common/http/utility.cc for the reasons';
const ISTIO =
  'istio/istio: pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat; envoyproxy/envoy: source/common/stream_info/utility.h for the flags, source/common/router/router.cc for the details';
const FLAGS_AS_PRINTED =
  'the order of the flags and the bar in the details: as newer proxies printed them, not read in Envoy';
const FIELDS = 'src/http/ngx_http_request.c for the fields';
const UPSTREAM = `nginx/nginx: src/http/ngx_http_upstream.c, with ${FIELDS}`;
const HANDSHAKE = `nginx/nginx: src/event/ngx_event_openssl.c, ngx_ssl_handshake, with ${FIELDS}`;
const RECEIVED = `nginx/nginx: src/os/unix/ngx_recv.c, with ${FIELDS}`;
const RESOLVER = `nginx/nginx: src/core/ngx_resolver.c, ngx_resolver_strerror, with src/http/ngx_http_upstream.c for the sentence`;
const HAPROXY = 'haproxy/haproxy: doc/configuration.txt, session state at disconnection';
const CHECKS =
  'haproxy/haproxy: src/check.c, with src/server.c for the sentence and src/connection.c for its own words';

const answer = (reason: string): string =>
  `requests.exceptions.HTTPError: 503: upstream connect error or disconnect/reset before headers. ${reason}`;
const access = (flags: string, details: string, failure: string, upstream: string): string =>
  `[2026-11-24T10:00:00.000Z] "GET /v1/items HTTP/1.1" 503 ${flags} ${details} - "${failure}" 0 159 3001 - "-" "exporter/2.4" "5c7d" "api.vendor.example" ${upstream}`;
const OUT = '"203.0.113.9:443" outbound|443||api.vendor.example - 203.0.113.9:443 10.0.0.4:41234 - default';
const nginx = (what: string, scheme = 'https'): string =>
  `2026/11/24 10:00:00 [error] 29#29: *7 ${what}, client: 10.0.0.9, server: shop.example, request: "GET /cart HTTP/1.1", upstream: "${scheme}://203.0.113.9:443/v1", host: "shop.example", referrer: "https://portal.example/"`;
const unresolved = (reason: string): string =>
  `2026/11/24 10:00:00 [error] 29#29: *7 files.vendor.example could not be resolved (${reason}), client: 10.0.0.9, server: shop.example, request: "GET / HTTP/1.1", host: "shop.example"`;
const down = (reason: string): string =>
  `Server vendor/srv1 is DOWN, reason: ${reason}, check duration: 5ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`;

const VENDOR = { host: 'api.vendor.example', port: 443, library: 'envoy' } as const;
const PLACE = { address: '203.0.113.9', port: 443, library: 'nginx' } as const;

export const PROXY_SAMPLES: readonly SourceSample[] = [
  {
    what: 'Envoy’s answer: connect time-out',
    source: ROUTER,
    lines: [answer('reset reason: connection timeout')],
    expected: { class: 'connect_timeout', library: 'requests' },
  },
  {
    what: 'Envoy’s answer: retried, refused',
    source: ROUTER,
    lines: [
      'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: 111',
    ],
    expected: { class: 'connect_refused', library: 'envoy' },
  },
  {
    what: 'Envoy’s answer: refused, in words',
    source: ROUTER,
    lines: [
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
    ],
    expected: { class: 'connect_refused', library: 'envoy' },
  },
  {
    what: 'Envoy’s answer: TLS',
    source: ROUTER,
    lines: [
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end',
    ],
    expected: { class: 'tls_failed', library: 'envoy' },
  },
  {
    what: 'Envoy’s answer: ended',
    source: ROUTER,
    lines: ['upstream connect error or disconnect/reset before headers. reset reason: connection termination'],
    expected: { class: 'connection_reset', library: 'envoy' },
  },
  {
    what: 'Istio’s access log: connect time-out',
    source: ISTIO,
    lines: [access('UF,URX', 'upstream_reset_before_response_started{connection_timeout}', '-', OUT)],
    expected: { class: 'connect_timeout', ...VENDOR },
  },
  {
    what: 'Istio’s access log: refused',
    source: ISTIO,
    lines: [
      access(
        'UF,URX',
        'upstream_reset_before_response_started{remote_connection_failure,delayed_connect_error:_111}',
        'delayed_connect_error:_111',
        OUT,
      ),
    ],
    expected: { class: 'connect_refused', ...VENDOR },
  },
  {
    what: 'Istio’s access log of newer versions: refused',
    source: ISTIO,
    unverified: FLAGS_AS_PRINTED,
    lines: [
      access(
        'URX,UF',
        'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
        'delayed_connect_error:_Connection_refused',
        OUT,
      ),
    ],
    expected: { class: 'connect_refused', ...VENDOR },
  },
  {
    what: 'Istio’s access log of TCP, passed through',
    source: ISTIO,
    lines: [
      '[2026-11-24T10:00:00.000Z] "- - -" 0 UF,URX - - "delayed_connect_error:_113" 0 0 3055 - "-" "-" "-" "-" "203.0.113.9:443" PassthroughCluster - 203.0.113.9:443 10.0.0.4:41234 files.vendor.example -',
    ],
    expected: { class: 'unreachable', address: '203.0.113.9', port: 443, library: 'envoy' },
  },
  {
    what: 'Istio’s access log of TCP without a reason',
    source: ISTIO,
    lines: [
      '[2026-11-24T10:00:00.000Z] "- - -" 0 UF,URX - - "-" 0 0 10002 - "-" "-" "-" "-" "203.0.113.9:443" outbound|443||api.vendor.example - 203.0.113.9:443 10.0.0.4:41234 api.vendor.example -',
    ],
    expected: { class: 'other', ...VENDOR },
  },
  {
    what: 'Istio’s access log: TLS',
    source: ISTIO,
    unverified: FLAGS_AS_PRINTED,
    lines: [
      access(
        'URX,UF',
        'upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end}',
        'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end',
        OUT,
      ),
    ],
    expected: { class: 'tls_failed', ...VENDOR },
  },
  {
    what: 'Istio’s access log: ended',
    source: ISTIO,
    lines: [access('UC', 'upstream_reset_before_response_started{connection_termination}', '-', OUT)],
    expected: { class: 'connection_reset', ...VENDOR },
  },
  {
    what: 'Istio’s access log: the name was not found',
    source: `${ISTIO}, source/extensions/filters/http/dynamic_forward_proxy/proxy_filter.cc for theirs of a name`,
    unverified: 'the flag and the details were read, no whole line with both was seen',
    lines: [access('DF', 'dns_resolution_failure', '-', '"-" outbound|443||api.vendor.example - - 10.0.0.4:41234 - -')],
    expected: { class: 'lookup_failed', ...VENDOR },
  },
  {
    what: 'Istio’s access log as JSON',
    source: 'istio/istio: pilot/pkg/model/telemetry_logging.go, EnvoyJSONLogFormatIstio',
    unverified: FLAGS_AS_PRINTED,
    lines: [
      JSON.stringify({
        authority: 'api.vendor.example',
        method: 'GET',
        path: '/v1/items',
        response_code: 503,
        response_code_details:
          'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111}',
        response_flags: 'URX,UF',
        upstream_cluster: 'outbound|443||api.vendor.example',
        upstream_host: '203.0.113.9:443',
        upstream_transport_failure_reason: 'delayed_connect_error:_111',
      }),
    ],
    expected: { class: 'connect_refused', ...VENDOR },
  },
  {
    what: 'nginx: connect time-out',
    source: UPSTREAM,
    lines: [nginx('upstream timed out (110: Connection timed out) while connecting to upstream')],
    expected: { class: 'connect_timeout', ...PLACE },
  },
  {
    what: 'nginx on musl: connect time-out',
    source: UPSTREAM,
    lines: [nginx('upstream timed out (110: Operation timed out) while connecting to upstream', 'http')],
    expected: { class: 'connect_timeout', ...PLACE },
  },
  {
    what: 'nginx: refused',
    source: UPSTREAM,
    lines: [nginx('connect() failed (111: Connection refused) while connecting to upstream', 'grpc')],
    expected: { class: 'connect_refused', ...PLACE },
  },
  {
    what: 'nginx: no route',
    source: UPSTREAM,
    lines: [nginx('connect() failed (113: Host is unreachable) while connecting to upstream')],
    expected: { class: 'unreachable', ...PLACE },
  },
  {
    what: 'nginx: silent in the handshake',
    source: UPSTREAM,
    lines: [nginx('upstream timed out (110: Connection timed out) while SSL handshaking to upstream')],
    expected: { class: 'tls_failed', ...PLACE },
  },
  {
    what: 'nginx: certificate',
    source: UPSTREAM,
    lines: [
      nginx(
        'upstream SSL certificate verify error: (20:unable to get local issuer certificate) while SSL handshaking to upstream',
      ),
    ],
    expected: { class: 'tls_failed', ...PLACE },
  },
  {
    what: 'nginx: reset in the handshake',
    source: HANDSHAKE,
    lines: [
      nginx(
        'peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking to upstream',
      ),
    ],
    expected: { class: 'connection_reset', ...PLACE },
  },
  {
    what: 'nginx: no answer',
    source: UPSTREAM,
    lines: [nginx('upstream timed out (110: Connection timed out) while reading response header from upstream')],
    expected: { class: 'read_timeout', ...PLACE },
  },
  {
    what: 'nginx: reset',
    source: RECEIVED,
    lines: [nginx('recv() failed (104: Connection reset by peer) while reading response header from upstream')],
    expected: { class: 'connection_reset', ...PLACE },
  },
  {
    what: 'nginx: closed',
    source: UPSTREAM,
    lines: [nginx('upstream prematurely closed connection while reading response header from upstream')],
    expected: { class: 'connection_reset', ...PLACE },
  },
  {
    what: 'nginx’s resolver: not found',
    source: RESOLVER,
    lines: [unresolved('3: Host not found')],
    expected: { class: 'name_not_found', host: 'files.vendor.example', library: 'nginx' },
  },
  {
    what: 'nginx’s resolver: no answer',
    source: RESOLVER,
    lines: [unresolved('110: Operation timed out')],
    expected: { class: 'lookup_failed', host: 'files.vendor.example', library: 'nginx' },
  },
  {
    what: 'nginx does not start',
    source: 'nginx/nginx: src/http/ngx_http_upstream.c, ngx_http_upstream_add, with src/core/ngx_inet.c for the reason',
    lines: ['nginx: [emerg] host not found in upstream "files.vendor.example" in /etc/nginx/conf.d/default.conf:7'],
    expected: { class: 'lookup_failed', host: 'files.vendor.example', library: 'nginx' },
  },
  {
    what: 'HAProxy: connect time-out (HTTP)',
    source: HAPROXY,
    lines: [
      'haproxy[8]: 10.0.0.9:41234 [24/Nov/2026:10:00:00.123] web vendor/srv1 0/0/-1/-1/3001 504 217 - - sC-- 1/1/0/0/3 0/0 "GET /v1 HTTP/1.1"',
    ],
    expected: { class: 'connect_timeout', library: 'haproxy' },
  },
  {
    what: 'HAProxy: connect time-out (TCP)',
    source: HAPROXY,
    lines: ['haproxy[8]: 10.0.0.9:41234 [24/Nov/2026:10:00:00.123] tls vendor/srv1 1/-1/5007 0 sC 1/1/0/0/3 0/0'],
    expected: { class: 'connect_timeout', library: 'haproxy' },
  },
  {
    what: 'HAProxy: refused or unreachable, or no server',
    source: HAPROXY,
    lines: [
      'haproxy[8]: 10.0.0.9:41234 [24/Nov/2026:10:00:00.123] web vendor/srv1 0/0/-1/-1/4 503 217 - - SC-- 1/1/0/0/3 0/0 "GET /v1 HTTP/1.1"',
    ],
    expected: { class: 'other', library: 'haproxy' },
  },
  {
    what: 'HAProxy’s check: silent',
    source: CHECKS,
    lines: [down('Layer4 timeout')],
    expected: { class: 'connect_timeout', library: 'haproxy' },
  },
  {
    what: 'HAProxy’s check: refused',
    source: CHECKS,
    lines: [
      'Health check for server vendor/srv1 failed, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms, status: 0/2 DOWN.',
    ],
    expected: { class: 'connect_refused', library: 'haproxy' },
  },
  {
    what: 'HAProxy’s check of newer versions: refused',
    source: CHECKS,
    lines: [down('Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)"')],
    expected: { class: 'connect_refused', library: 'haproxy' },
  },
  {
    what: 'HAProxy’s check: handshake',
    source: CHECKS,
    lines: [down('Layer6 invalid response, info: "SSL handshake failure"')],
    expected: { class: 'tls_failed', library: 'haproxy' },
  },
];
