/** One bounded request against the API server, for `connect.ts`: time-outs, cancellation, size limit, gzip; a log is handed on as it comes. */
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';

export interface Limits {
  readonly signal: AbortSignal;
  /** To the connection, then to the first byte, then between bytes. */
  readonly idleMs: number;
  readonly maxBytes: number;
  /** Of an answer with status 200 the body is not read but handed on in `stream`. */
  readonly streams?: true;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** Fails with TransportError; whoever stops reading before the end closes the connection by that. */
  readonly stream?: AsyncIterable<Buffer>;
  /** True when the answer was longer than `maxBytes`; `body` is its beginning. */
  readonly cut: boolean;
  /** Seconds after which an overloaded server wants to be asked again. */
  readonly retryAfter?: number;
}

/** The request failed below HTTP. `connected` tells a server that is slow from one that is not there. */
export class TransportError extends Error {
  readonly code: string;
  readonly connected: boolean;

  constructor(code: string, message: string, connected: boolean) {
    super(message);
    this.name = 'TransportError';
    this.code = code;
    this.connected = connected;
  }
}

/** A kept connection that the other side had closed meanwhile says nothing about the server. */
const STALE_CODES = new Set(['ECONNRESET', 'EPIPE']);
const ATTEMPTS = 3;

export function isStale(error: unknown): boolean {
  return STALE_CODES.has((error as { code?: string }).code ?? '');
}

/** A change that does the same when it comes twice: a connection that broke may have carried it or not. */
export interface Patch {
  readonly contentType: string;
  readonly body: string;
}

/**
 * GET, or PATCH where there is something to send.
 * @throws TransportError with the system's error code, or TIMEOUT.
 * @throws the signal's reason when aborted.
 */
export async function httpRequest(
  url: string,
  options: RequestOptions,
  limits: Limits,
  patch?: Patch,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryRequest(url, options, limits, patch);
    } catch (error) {
      if (!(error instanceof TransportError && error.connected && isStale(error)) || attempt >= ATTEMPTS) throw error;
    }
  }
}

function tryRequest(url: string, options: RequestOptions, limits: Limits, patch: Patch | undefined): Promise<Answer> {
  const method = patch === undefined ? 'GET' : 'PATCH';
  const headers = {
    ...(options.headers as OutgoingHttpHeaders | undefined),
    accept: 'application/json, */*;q=0.5',
    'accept-encoding': limits.streams ? 'identity' : 'gzip',
    ...(patch === undefined ? {} : { 'content-type': patch.contentType }),
  };
  const send = url.startsWith('https:') ? tlsRequest : plainRequest;
  let connected = false;
  let answered = false;
  return new Promise<Answer>((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(limits.signal.aborted ? limits.signal.reason : asTransportError(error, connected));
    const request = begin(() => send(url, { ...options, method, headers, signal: limits.signal }));
    request.setTimeout(limits.idleMs, () => request.destroy(timeoutError(limits.idleMs)));
    request.on('socket', (socket) => {
      connected = request.reusedSocket;
      // A kept connection never fires again: listeners would pile up on it.
      if (connected) return;
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    request.on('error', fail);
    // A server that speaks another protocol (101, or none at all) gives neither a response nor an error.
    request.on('close', () => {
      if (!answered) fail(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' }));
    });
    request.on('response', (response) => {
      connected = true;
      answered = true;
      const status = response.statusCode ?? 0;
      if (limits.streams && status === 200) {
        // The request's own time-out would end the stream as if the other side had gone.
        request.removeAllListeners('timeout');
        response.setTimeout(limits.idleMs, () => response.destroy(timeoutError(limits.idleMs)));
        resolve({ status, body: Buffer.alloc(0), cut: false, stream: streamOf(response, limits.signal) });
        return;
      }
      readBody(response, limits.maxBytes).then(
        (read) => resolve({ status, ...read, ...retryAfterOf(response) }),
        (error: unknown) => fail(error),
      );
    });
    request.end(patch?.body);
  });
}

/** Node refuses unusable headers, certificates and keys at once, before anything is sent. */
function begin(send: () => ClientRequest): ClientRequest {
  try {
    return send();
  } catch (error) {
    throw asTransportError(error, false);
  }
}

function retryAfterOf({ headers }: IncomingMessage): Pick<Answer, 'retryAfter'> {
  const seconds = headers['retry-after'] ?? '';
  return /^\d{1,4}$/.test(seconds) ? { retryAfter: Number(seconds) } : {};
}

function timeoutError(ms: number): Error {
  return Object.assign(new Error(`no answer for ${ms / 1000} s`), { code: 'TIMEOUT' });
}

/** Pulled by its reader: what is not asked for stays in the socket, and the server waits. */
async function* streamOf(response: IncomingMessage, signal: AbortSignal): AsyncIterable<Buffer> {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw signal.aborted ? signal.reason : asTransportError(error, true);
  } finally {
    response.destroy();
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<{ body: Buffer; cut: boolean }> {
  const zipped = response.headers['content-encoding'] === 'gzip';
  const source = zipped ? response.pipe(createGunzip()) : response;
  if (zipped) response.on('error', (error) => source.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    if (size <= maxBytes) continue;
    response.destroy();
    return { body: Buffer.concat(chunks), cut: true };
  }
  return { body: Buffer.concat(chunks), cut: false };
}

/** Happy eyeballs reports the attempts on several addresses as one error that only holds the list. */
function asTransportError(error: unknown, connected: boolean): TransportError {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code, message } = inner as { code?: string; message?: string };
  return new TransportError(code ?? 'UNKNOWN', message ?? String(inner), connected);
}
