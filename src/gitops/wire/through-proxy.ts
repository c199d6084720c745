/** The way through a proxy: a tunnel for https, whole URLs for http (RFC 9110 §9.3.6, RFC 9112 §3.2.2); used by `http-client.ts`. */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { GitProblem } from '../git-problem.ts';
import type { Proxy } from './proxy.ts';

export interface Way {
  readonly proxy: Proxy;
  /** For the proxy's own name. */
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

/** What is sent to the origin; it alone sees `headers`, but for http, where the proxy sees all. */
export interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request to the origin, not yet ended. @throws GitProblem when the proxy refuses or cannot be reached. */
export async function requestThrough(url: URL, sent: Sent, way: Way): Promise<ClientRequest> {
  if (url.protocol === 'http:') return absoluteRequest(url, sent, way);
  const socket = await tunnel(url, way);
  const servername = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: url.hostname } : {};
  const createConnection = () => tlsConnect({ socket, host: url.hostname, ALPNProtocols: ['http/1.1'], ...servername });
  return httpsRequest(url, { ...sent, signal: way.signal, createConnection });
}

function absoluteRequest(url: URL, { method, headers }: Sent, way: Way): ClientRequest {
  return open(way, { method, path: url.href, headers: { ...headers, host: url.host } });
}

/** Of a request that failed: behind a tunnel the origin is meant, else the proxy. */
export function explained(way: Way, error: unknown, url: URL): unknown {
  return url.protocol === 'https:' ? error : ofProxy(way, error as NodeJS.ErrnoException);
}

function ofProxy({ proxy: { shown }, signal }: Way, error: NodeJS.ErrnoException): Error {
  if (signal.aborted || error instanceof GitProblem) return error;
  const why = error.code ?? 'the connection failed';
  return new GitProblem('unreachable', `the proxy of ${shown} cannot be reached (${why})`, 'Check that variable.');
}

async function tunnel(url: URL, way: Way): Promise<Socket> {
  const place = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request = open(way, { method: 'CONNECT', path: place, headers: { host: place } });
  request.on('error', (error) => reject(ofProxy(way, error)));
  request.on('connect', (response, socket, head) => {
    if (response.statusCode === 200 && head.length === 0) return resolve(socket);
    socket.destroy();
    reject(refused(way.proxy, response.statusCode ?? 0, place));
  });
  request.end();
  return promise;
}

function open({ proxy, lookup, signal }: Way, options: RequestOptions): ClientRequest {
  const { url, authorization } = proxy;
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = {
    ...(options.headers as Record<string, string>),
    ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
  };
  return ask({
    ...options,
    headers,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    lookup,
    signal,
    agent: false,
  });
}

/** An answer of the proxy in the origin's place. */
export function checkProxyAnswer({ proxy }: Way, { statusCode }: IncomingMessage, url: URL): void {
  if (statusCode === 407) throw refused(proxy, 407, url.host);
}

function refused({ shown, authorization }: Proxy, status: number, place: string): GitProblem {
  if (status !== 407)
    return new GitProblem(
      'unreachable',
      `the proxy of ${shown} answered ${status} for ${place}`,
      'Ask who runs the proxy, or except the Git server in NO_PROXY.',
    );
  const what = authorization === undefined ? 'asks for credentials' : 'refuses the credentials in that variable';
  return new GitProblem('forbidden', `the proxy of ${shown} ${what}`, 'Check user and password in that variable.');
}
