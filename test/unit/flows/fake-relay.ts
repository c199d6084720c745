/** Test support: a gRPC server that answers GetFlows as a test writes it down; HTTP/2 and framing by hand, so that the client has a second opinion. */

import { constants, createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as dial } from 'node:net';
import type { Duplex } from 'node:stream';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import { GetFlowsRequest, GetFlowsResponse } from '../../../src/flows/relay/observer-schema.ts';
import { selfSigned } from '../support/self-signed.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a test does with one call. */
export interface Call {
  readonly request: Json;
  send(...answers: readonly Json[]): void;
  sendRaw(frame: Buffer): void;
  /** gRPC status; 0 is OK. */
  end(status?: number, message?: string): void;
  /** The call ends with this HTTP/2 code, without a status. */
  reset(code: number): void;
  /** The connection ends, without a status. */
  breakOff(): void;
  readonly closed: Promise<void>;
}

export interface FakeRelay {
  readonly requests: readonly Json[];
  /** Connections so far. */
  readonly dialled: () => number;
  readonly forward: (request: { readonly port: number }, signal: AbortSignal) => Promise<Read<Duplex>>;
  close(): void;
}

export interface RelayOptions {
  readonly tls?: 'server' | 'mutual';
}

export async function startRelay(answer: (call: Call) => void, { tls }: RelayOptions = {}): Promise<FakeRelay> {
  const requests: Json[] = [];
  const identity = tls === undefined ? undefined : selfSigned('ui.hubble-relay.cilium.io');
  const server: Http2Server =
    identity === undefined
      ? createServer()
      : (createSecureServer({
          ...identity,
          requestCert: tls === 'mutual',
          rejectUnauthorized: tls === 'mutual',
        }) as never);
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.once('data', (data: Buffer) => {
      const request = toJson(GetFlowsRequest, fromBinary(GetFlowsRequest, data.subarray(5))) as Json;
      requests.push(request);
      answer(callOf(stream, request));
    });
  });
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { requests, ...dialling(port), close: () => void server.close() };
}

/** A `forward` that leads to this port of this machine, whatever was asked for. */
export function dialling(port: number): Pick<FakeRelay, 'dialled' | 'forward'> {
  let dialled = 0;
  return {
    dialled: () => dialled,
    forward: async (_request, signal) => {
      dialled++;
      const socket = dial(port, '127.0.0.1');
      socket.on('error', () => undefined);
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      return { ok: true, value: socket };
    },
  };
}

function callOf(stream: ServerHttp2Stream, request: Json): Call {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  let trailers: Record<string, string> = { 'grpc-status': '0' };
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailers);
    // As gRPC for Go does where it has answered before the request has ended.
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  });
  return {
    request,
    send: (...answers) => {
      for (const one of answers) stream.write(frameOfAnswer(one));
    },
    sendRaw: (frame) => void stream.write(frame),
    end: (status = 0, message = '') => {
      trailers = { 'grpc-status': String(status), ...(message && { 'grpc-message': encodeURIComponent(message) }) };
      stream.end();
    },
    reset: (code) => stream.close(code),
    breakOff: () => stream.session?.destroy(),
    closed: new Promise((resolve) => stream.once('close', () => resolve())),
  };
}

export function frameOfAnswer(answer: Json): Buffer {
  return frameOf(Buffer.from(toBinary(GetFlowsResponse, fromJson(GetFlowsResponse, answer as never))));
}

export function frameOf(message: Buffer, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}
