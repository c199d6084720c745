/** One gRPC call of Hubble's observer over a connection into Hubble Relay; used by `relay-source.ts`, which loads it on first use. */
import type { Duplex } from 'node:stream';
import { connect as startTls } from 'node:tls';
import { fromJson, toJson } from '@bufbuild/protobuf';
import { Code, ConnectError, createContextValues } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { objectOf, type RawObject } from '../raw-flow.ts';
import { CallFailed } from './call-failed.ts';
import { GetFlowsRequest, GetFlowsResponse, getFlows } from './observer-schema.ts';

/** A flow is some 2 KB; a relay that sends more than this in one message is not believed. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const CONNECT_MS = 4000;
/** A relay says at once which nodes it is connected to. */
const FIRST_WORD_MS = 4000;
const SAID_NOTHING = 'nothing was said in time';

/**
 * Answers of `GetFlows` as the JSON that `hubble observe -o json` prints. The connection is the call's own and ends with it.
 * @throws CallFailed.
 */
export async function* callGetFlows(
  connection: Duplex,
  request: RawObject,
  { tls }: { readonly tls: boolean },
  signal: AbortSignal,
): AsyncGenerator<RawObject> {
  const session = new Http2SessionManager(
    tls ? 'https://hubble-relay' : 'http://hubble-relay',
    { connectTimeoutMs: CONNECT_MS },
    { createConnection: () => (tls ? overTls(connection) : connection) },
  );
  const transport = createGrpcTransport({
    baseUrl: tls ? 'https://hubble-relay' : 'http://hubble-relay',
    sessionManager: session,
    readMaxBytes: MAX_MESSAGE_BYTES,
    // What is not compressed cannot be a bomb.
    acceptCompression: [],
  });
  // Over a connection that ends before the handshake, the session would wait for it.
  const onClose = () => session.abort(new ConnectError('the connection ended', Code.Unavailable));
  connection.once('close', onClose);
  const silence = setTimeout(() => connection.destroy(new Error(SAID_NOTHING)), FIRST_WORD_MS);
  try {
    if (connection.destroyed) throw new ConnectError('the connection ended', Code.Unavailable);
    const answer = await transport.stream(getFlows, signal, undefined, undefined, once(request), createContextValues());
    for await (const message of answer.message) {
      clearTimeout(silence);
      yield objectOf(toJson(GetFlowsResponse, message));
    }
  } catch (error) {
    throw failureOf(error, connection);
  } finally {
    clearTimeout(silence);
    connection.off('close', onClose);
    session.abort();
    connection.destroy();
  }
}

async function* once(request: RawObject) {
  yield fromJson(GetFlowsRequest, request as never);
}

/**
 * The certificate is not checked: it bears a name of Cilium's own (`*.hubble-relay.cilium.io`) by an authority that lies in a Secret,
 * and the API server has led us into this very pod, which is also all that vouches for a relay without TLS (the chart's default).
 */
function overTls(connection: Duplex) {
  // oxlint-disable-next-line no-unsafe-tls -- see above
  return startTls({ socket: connection, ALPNProtocols: ['h2'], rejectUnauthorized: false });
}

/** What the kubelet says of the connection tells more than that the call broke off; a status comes from a relay. */
function failureOf(error: unknown, { errored }: Duplex): CallFailed {
  const how = errored?.message === SAID_NOTHING ? 'deadline_exceeded' : 'unavailable';
  if (errored) return new CallFailed(errored.message, how, 'nothing');
  const { code, rawMessage, metadata } = ConnectError.from(error);
  return new CallFailed(rawMessage, codeName(code), metadata.has('grpc-status') ? 'relay' : 'connection');
}

function codeName(code: Code): string {
  return (Code[code] ?? 'unknown').replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
