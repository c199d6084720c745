/** `GetFlows` of Hubble's observer over a connection into Hubble Relay; used by `relay-session.ts`, which loads it on first use. */
import type { Duplex } from 'node:stream';
import { connect as startTls } from 'node:tls';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { objectOf, type RawObject } from '../raw-flow.ts';
import { CallFailed } from './call-failed.ts';
import { serverStreams } from './grpc-call.ts';
import { GET_FLOWS_PATH, GetFlowsRequest, GetFlowsResponse } from './observer-schema.ts';

/** A relay says at once which nodes it is connected to. */
const FIRST_WORD_MS = 4000;
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
    const messages = encoded(requests, () => silence.begins());
    for await (const answer of serverStreams(tls ? overTls(connection) : connection, {
      path: GET_FLOWS_PATH,
      messages,
    })) {
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
 */
function overTls(connection: Duplex) {
  const socket = startTls({ socket: connection, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  connection.once('close', () => socket.destroy(connection.errored ?? undefined));
  return socket.on('error', () => undefined);
}

/** What the kubelet says of the connection tells more than that the call broke off. */
function failureOf(error: unknown, { errored }: Duplex): CallFailed {
  const how = errored?.message === SAID_NOTHING ? 'deadline_exceeded' : 'unavailable';
  if (errored) return new CallFailed(errored.message, how, 'nothing');
  if (error instanceof CallFailed) return error;
  return new CallFailed(error instanceof Error ? error.message : String(error), 'unknown', 'connection');
}
