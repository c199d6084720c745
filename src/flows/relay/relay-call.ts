/** `GetFlows` of Hubble's observer over a connection into Hubble Relay; used by `relay-session.ts`, which loads it on first use. */
import type { Duplex } from 'node:stream';
import { connect as startTls, type TLSSocket } from 'node:tls';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { objectOf, type RawObject } from '../raw-flow.ts';
import { CallFailed } from './call-failed.ts';
import { serverStreams } from './grpc-call.ts';
import { GET_FLOWS_PATH, GetFlowsRequest, GetFlowsResponse } from './observer-schema.ts';

/** A relay says at once which nodes it is connected to. */
const FIRST_WORD_MS = 4000;
/** For a server that sends no session: two ways through an API server far away. */
const HANDSHAKE_MS = 500;
/** In a kubelet's words. Whatever else it says, the connection stood, and broke off as it does where TLS is not spoken to a server that wants it. */
const NOTHING_LISTENS = /connection refused/i;
const SAID_NOTHING = 'nothing was said in time';

/**
 * The answers to each request in turn, as the JSON that `hubble observe -o json` prints. The connection is the call's own and ends with it.
 * @throws CallFailed.
 */
export async function* callGetFlows(
  connection: Duplex,
  requests: AsyncIterable<RawObject>,
  { tls }: { readonly tls: boolean },
  signal: AbortSignal,
): AsyncGenerator<RawObject> {
  const silence = createSilence(connection);
  const stop = (): void => void connection.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted || connection.destroyed) throw new Error('the connection ended');
    const over = tls ? await overTls(connection) : connection;
    const messages = encoded(requests, () => silence.begins());
    for await (const answer of serverStreams(over, { path: GET_FLOWS_PATH, messages })) {
      silence.ends();
      yield objectOf(toJson(GetFlowsResponse, fromBinary(GetFlowsResponse, answer)));
    }
  } catch (error) {
    throw failureOf(error, connection);
  } finally {
    silence.ends();
    signal.removeEventListener('abort', stop);
    connection.destroy();
  }
}

async function* encoded(requests: AsyncIterable<RawObject>, onEach: () => void): AsyncGenerator<Uint8Array> {
  for await (const request of requests) {
    onEach();
    yield toBinary(GetFlowsRequest, fromJson(GetFlowsRequest, request as never));
  }
}

/** Ends the connection when a request gets no first answer. */
function createSilence(connection: Duplex): { begins(): void; ends(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    begins: () => {
      timer = setTimeout(() => connection.destroy(new Error(SAID_NOTHING)), FIRST_WORD_MS);
    },
    ends: () => clearTimeout(timer),
  };
}

/**
 * The certificate is not checked: it bears a name of Cilium's own (`*.hubble-relay.cilium.io`) by an authority that lies in a Secret,
 * and the API server has led us into this very pod, which is also all that vouches for a relay without TLS (the chart's default).
 *
 * Nothing is sent until the server has taken our side of the handshake (it sends a session then, as Go does; others get a moment):
 * one that wants a certificate says so and hangs up, and a request on its way to it would come back as a reset, which loses what it said.
 */
async function overTls(connection: Duplex): Promise<TLSSocket> {
  const socket = startTls({ socket: connection, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  connection.once('close', () => socket.destroy(connection.errored ?? undefined));
  const refused = new Promise<never>((_resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection ended')));
  });
  refused.catch(() => undefined);
  socket.on('error', () => undefined);
  const taken = Promise.withResolvers<void>();
  const moment = setTimeout(taken.resolve, HANDSHAKE_MS);
  socket.once('session', taken.resolve);
  await Promise.race([taken.promise, refused]).finally(() => clearTimeout(moment));
  return socket;
}

/** What TLS says tells most; then what the kubelet says of the connection, rather than that the call broke off. */
function failureOf(error: unknown, { errored }: Duplex): CallFailed {
  if (error instanceof CallFailed && error.reached === 'relay') return error;
  const alert = alertOf(error);
  if (alert !== undefined) return new CallFailed(alert, 'unknown', 'connection');
  if (errored === null) {
    if (error instanceof CallFailed) return error;
    return new CallFailed(error instanceof Error ? error.message : String(error), 'unknown', 'connection');
  }
  if (errored.message === SAID_NOTHING) return new CallFailed(SAID_NOTHING, 'deadline_exceeded', 'nothing');
  const reached = NOTHING_LISTENS.test(errored.message) ? 'nothing' : 'connection';
  return new CallFailed(errored.message, 'unavailable', reached);
}

/** OpenSSL's own words, without where in its source they stand. */
function alertOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_SSL_'))) return undefined;
  return 'reason' in error ? String(error.reason) : error.message;
}
