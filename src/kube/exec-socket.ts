/** Opens a pod's WebSocket (exec, port-forward) through the Kubernetes client and keeps the body of a refused handshake; used by `exec.ts` and `forward.ts`. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Credentials } from './credentials.ts';
import { isStale } from './http-request.ts';
import type { Client, LoadedConfig } from './kubeconfig.ts';

/** The part of `ws` that is used; its types are not published with it. */
export interface ExecSocket {
  readonly protocol: string;
  send(data: Buffer): void;
  close(code?: number): void;
  terminate(): void;
  /** No more messages are taken from the network until `resume`. */
  pause(): void;
  resume(): void;
  on(event: 'unexpected-response', listener: (request: ClientRequest, response: IncomingMessage) => void): void;
  addEventListener(event: 'close' | 'error', listener: () => void): void;
}

export interface Handshake {
  readonly client: Client;
  readonly loaded: LoadedConfig;
  readonly credentials: Credentials;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly maxMessageBytes: number;
  /** Returns false when nothing more is wanted; the socket is then closed. */
  readonly onMessage: (channel: number, data: Buffer) => boolean;
}

/** The API server answered the handshake with something else than 101. */
export class HandshakeRefused extends Error {
  readonly status: number;
  readonly body: Buffer;

  constructor(status: number, body: Buffer) {
    super(`the API server answered ${status}`);
    this.name = 'HandshakeRefused';
    this.status = status;
    this.body = body;
  }
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * Nothing has been started in the pod before the handshake succeeds, so a kept connection that proves closed is tried anew once.
 * @throws HandshakeRefused, or an error with the system's `code`.
 */
export async function openExecSocket(handshake: Handshake): Promise<ExecSocket> {
  try {
    return await shakeHands(handshake);
  } catch (error) {
    if (!isStale(error) || handshake.signal.aborted) throw error;
    return shakeHands(handshake);
  }
}

/** The closing handshake is given half a second; the server may be gone. */
export function closeSocket(socket: ExecSocket): void {
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), 500);
  timer.unref();
  socket.addEventListener('close', () => clearTimeout(timer));
}

async function shakeHands(handshake: Handshake): Promise<ExecSocket> {
  let refused: Promise<HandshakeRefused> | undefined;
  const options = {
    ...(await handshake.credentials.options()),
    signal: handshake.signal,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: handshake.maxMessageBytes,
    perMessageDeflate: false,
    finishRequest: (request: ClientRequest, socket: ExecSocket) => {
      socket.on('unexpected-response', (_request, response) => {
        refused = readRefusal(response).finally(() => socket.terminate());
      });
      request.end();
    },
  };
  const { handler } = new handshake.client.Exec(configWith(handshake.loaded, options));
  Object.assign(handler, { streams: deadStreams() });
  try {
    return (await handler.connect(handshake.path, null, handshake.onMessage)) as ExecSocket;
  } catch (event) {
    if (refused) throw await refused;
    throw (event as { error?: unknown }).error ?? event;
  }
}

/** The handler asks its configuration for the cluster and for the options of the socket, and for nothing else. */
function configWith(loaded: LoadedConfig, options: object): never {
  return {
    getCurrentCluster: () => ({ ...loaded.config.getCurrentCluster(), server: loaded.server }),
    applyToHTTPSOptions: async (target: object) => {
      Object.assign(target, options);
    },
  } as never;
}

/** By default the handler ends the process's own standard streams when the server closes a channel. */
function deadStreams(): { stdin: PassThrough; stdout: PassThrough; stderr: PassThrough } {
  return { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
}

async function readRefusal(response: IncomingMessage): Promise<HandshakeRefused> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // A refusal whose body breaks off is still a refusal; its status says enough.
  }
  return new HandshakeRefused(response.statusCode ?? 0, Buffer.concat(chunks));
}
