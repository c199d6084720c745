/**
 * Server-streaming gRPC calls, one after the other over a connection that is handed in; used by `relay-call.ts`. Hand-made, since the libraries end a
 * request only after its message has been written: a relay that has answered by then resets the stream, and they report a broken call
 * (seen with @connectrpc/connect-node on a busy machine). Protocol: grpc/grpc, doc/PROTOCOL-HTTP2.md.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { CallFailed } from './call-failed.ts';

/** A flow is some 2 KB; a relay that sends more than this in one message is not believed. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const HEAD_BYTES = 5;

/** In the order of their numbers (grpc/grpc, doc/statuscodes.md). */
const STATUS_NAMES = [
  'ok',
  'canceled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
];

/**
 * The answers' bytes, one a message, to each request in turn. The caller ends the connection.
 * @throws CallFailed where the status is not OK, or there is none.
 */
export async function* serverStreams(
  connection: Duplex,
  { path, messages }: { readonly path: string; readonly messages: AsyncIterable<Uint8Array> },
): AsyncGenerator<Buffer> {
  const session = connect('http://hubble-relay', {
    createConnection: () => connection,
    settings: { enablePush: false },
  });
  session.on('error', () => undefined);
  try {
    for await (const message of messages) yield* serverStream(session, path, message);
  } finally {
    session.destroy();
  }
}

async function* serverStream(session: ClientHttp2Session, path: string, message: Uint8Array): AsyncGenerator<Buffer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const status = statusOf(stream);
  stream.end(framed(message));
  yield* messagesOf(stream);
  throwUnlessOk(status());
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Comes with the trailers, or with the headers where there is no answer. */
function statusOf(stream: ClientHttp2Stream): () => IncomingHttpHeaders {
  const told: IncomingHttpHeaders = {};
  stream.on('response', (headers) => Object.assign(told, headers));
  stream.on('trailers', (trailers) => Object.assign(told, trailers));
  // Whoever reads it hears the error; one that comes before must not end the process.
  stream.on('error', () => undefined);
  return () => told;
}

async function* messagesOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (let length = lengthOf(rest); length !== undefined; length = lengthOf(rest)) {
      yield rest.subarray(HEAD_BYTES, HEAD_BYTES + length);
      rest = rest.subarray(HEAD_BYTES + length);
    }
  }
}

/** Of the first message, once all of it is there. Compression was not offered, so none may come. */
function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const length = bytes.readUInt32BE(1);
  if (bytes[0] !== 0) throw new CallFailed('it sent a compressed message', 'internal', 'relay');
  if (length > MAX_MESSAGE_BYTES)
    throw new CallFailed(`it announced a message of ${length} bytes`, 'resource_exhausted', 'relay');
  return bytes.length < HEAD_BYTES + length ? undefined : length;
}

function throwUnlessOk(told: IncomingHttpHeaders): void {
  const status = told['grpc-status'];
  if (status === undefined) throw new CallFailed('it ended without a status', 'unknown', 'connection');
  if (status === '0') return;
  const name = STATUS_NAMES[Number(status)] ?? 'unknown';
  throw new CallFailed(messageIn(told), name, 'relay');
}

/** Percent-encoded UTF-8. */
function messageIn(told: IncomingHttpHeaders): string {
  const text = String(told['grpc-message'] ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
