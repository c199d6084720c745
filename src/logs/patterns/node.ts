/** Error texts of Node's core, undici (`fetch`), axios and TLS; taken from real runs where the machine could make them. */
import { ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf, URL_TEXT } from '../failure-pattern.ts';

const node = rowsOf('node');
const nodeFetch = rowsOf('node fetch');
const axios = rowsOf('axios');
const got = rowsOf('got');
const npm = rowsOf('npm');
const nodeRedis = rowsOf('node-redis');
const bun = rowsOf('bun');
const awsSdk = rowsOf('aws-sdk-js');

const AT = `(?:\\s{1,3}${ADDRESS_PORT})?`;
const NAME = `\\s{1,3}${HOST}(?::${PORT})?`;

export const NODE: readonly FailurePattern[] = [
  node('name_not_found', 3, `(?:getaddrinfo|query[A-Z]{1,5}) ENOTFOUND${NAME}`),
  node('name_not_found', 3, `query[A-Z]{1,5} ENODATA${NAME}`),
  node(
    'lookup_failed',
    3,
    `(?:getaddrinfo|query[A-Z]{1,5}) (?:EAI_AGAIN|EAI_FAIL|ETIMEOUT|ESERVFAIL|EREFUSED|ECONNREFUSED)${NAME}`,
  ),
  node('connect_refused', 3, `connect ECONNREFUSED${AT}`),
  node('connect_timeout', 3, `connect ETIMEDOUT${AT}`),
  node('connection_reset', 3, `connect ECONNRESET${AT}`),
  node('http_denied', 3, `Failed to establish tunnel to ${HOST}:${PORT} via [^\\n]{1,300} 40[37]`),
  node(
    'connection_reset',
    3,
    `code: 'ECONNRESET',\\s{1,20}path: undefined,\\s{1,20}host: '${HOST}',\\s{1,20}port: ${PORT}`,
  ),
  nodeFetch('http_denied', 3, `Proxy response \\(40[37]\\) !== 200 when HTTP Tunneling`),
  // The caller's own clock over the whole request.
  nodeFetch('other', 2, `The operation was aborted due to timeout`),
  awsSdk('connect_timeout', 3, `Socket timed out without establishing a connection within \\d{1,9} ms`),
  awsSdk('connect_timeout', 3, `did not establish a connection with the server within the configured timeout`),
  awsSdk('other', 3, `a request has exceeded the configured \\d{1,9} ms requestTimeout`),
  node('unreachable', 2, `connect (?:ENETUNREACH|EHOSTUNREACH)${AT}`),
  nodeFetch('connect_timeout', 3, `Connect Timeout Error \\(attempted address(?:es)?: ${ADDRESS_PORT}`),
  nodeFetch('connect_timeout', 3, `Connect Timeout Error \\(attempted address(?:es)?: ${HOST}:${PORT}`),
  nodeFetch('connect_timeout', 2, `ConnectTimeoutError|UND_ERR_CONNECT_TIMEOUT`),
  nodeFetch('read_timeout', 3, `UND_ERR_(?:HEADERS|BODY)_TIMEOUT|(?:Headers|Body)TimeoutError`),
  node('tls_failed', 3, `Hostname/IP does not match certificate's altnames: Host: ${HOST}\\.`),
  node(
    'tls_failed',
    3,
    `ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_[A-Z_]{3,60}|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|SELF_SIGNED_CERT_IN_CHAIN|CERT_HAS_EXPIRED`,
  ),
  node('tls_failed', 2, `unable to verify the first certificate|self[- ]signed certificate`),
  node('connection_reset', 3, `Client network socket disconnected before secure TLS connection`),
  node('connection_reset', 2, `(?:read|write) ECONNRESET|socket hang up|UND_ERR_SOCKET|other side closed`),
  got('lookup_failed', 3, `Timeout awaiting 'lookup' for \\d{1,9}ms`),
  got('connect_timeout', 3, `Timeout awaiting 'connect' for \\d{1,9}ms`),
  got('tls_failed', 3, `Timeout awaiting 'secureConnect' for \\d{1,9}ms`),
  got('read_timeout', 3, `Timeout awaiting '(?:response|read)' for \\d{1,9}ms`),
  got('other', 2, `Timeout awaiting '(?:request|socket|send)' for \\d{1,9}ms`),
  npm('http_denied', 3, ` 40[37] (?:Forbidden|Proxy Authentication Required) - [A-Z]{3,6} ${URL_TEXT}`),
  npm('other', 2, `network timeout at: ${URL_TEXT}`),
  axios('http_denied', 2, `Request failed with status code 40[37]`),
  // Where a redirect led stands far below in axios' dump.
  axios('other', 2, `timeout of \\d{1,9}ms exceeded[\\s\\S]{0,30000}?_currentUrl: '${URL_TEXT}`),
  // axios counts connecting and answering together: it cannot be told which of them failed.
  axios('other', 2, `timeout of \\d{1,9}ms exceeded`),
  // node-redis, errors.ts.
  nodeRedis('connect_timeout', 3, `ConnectionTimeoutError: Connection timeout`),
  nodeRedis('connection_reset', 3, `SocketClosedUnexpectedlyError: Socket closed unexpectedly`),
  // Bun says no more of any failure to connect.
  bun('other', 2, `Unable to connect\\. Is the computer able to access the url\\?`),
  nodeFetch('other', 1, `TypeError: fetch failed`),
];
