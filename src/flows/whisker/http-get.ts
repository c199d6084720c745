/** One bounded HTTP GET over a connection that is handed in; used by `whisker-source.ts`. Redirects are never followed: they are an answer like any other. */
import { type IncomingMessage, request as startRequest } from 'node:http';
import type { Duplex } from 'node:stream';

/** A flow is some 1.2 KB; what is longer is cut off by breaking the connection. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  /** Without parameters, in lower case. */
  readonly type: string;
  readonly body: string;
}

export class BodyTooLong extends Error {
  constructor() {
    super(`more than ${MAX_BODY_BYTES / 1024 / 1024} MB`);
    this.name = 'BodyTooLong';
  }
}

/**
 * The connection is the call's own and ends with it.
 * @throws BodyTooLong; the connection's own error where it has one; the signal's reason; whatever Node says of broken HTTP.
 */
export async function httpGet(connection: Duplex, path: string, signal: AbortSignal): Promise<HttpAnswer> {
  const stop = (): void => void connection.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const response = await responseOf(connection, path);
    const [type = ''] = (response.headers['content-type'] ?? '').split(';');
    return {
      status: response.statusCode ?? 0,
      type: type.trim().toLowerCase(),
      body: await bodyOf(response, connection),
    };
  } catch (error) {
    signal.throwIfAborted();
    // What the kubelet says of the connection tells more than that the call broke off.
    throw error instanceof BodyTooLong ? error : (connection.errored ?? error);
  } finally {
    signal.removeEventListener('abort', stop);
    connection.destroy();
  }
}

function responseOf(connection: Duplex, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', connection: 'close', host: 'localhost' };
    const call = startRequest({ createConnection: () => connection, path, headers });
    const closed = (): void => reject(new Error('it ended without an answer'));
    call.once('response', resolve);
    call.once('upgrade', (_response, socket) => socket.destroy());
    call.on('error', reject);
    call.once('close', closed);
    // A connection that has ended before it was handed in tells nothing more.
    if (connection.destroyed) closed();
    call.end();
  });
}

async function bodyOf(response: IncomingMessage, connection: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      connection.destroy();
      throw new BodyTooLong();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
