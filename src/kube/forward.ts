/** A TCP connection into a pod through the API server's port-forward (WebSocket channels); the `forward` of `connect.ts`. */
import { Duplex } from 'node:stream';
import type { Read } from '../core/model/cluster-state.ts';
import { clean } from '../core/text/clean.ts';
import type { ForwardRequest } from './connection.ts';
import type { ExecContext } from './exec.ts';
import { closeSocket, type ExecSocket, openExecSocket } from './exec-socket.ts';
import { type Upgrade, upgradeRefusal } from './upgrade-refusal.ts';

const DATA = 0;
const ERROR = 1;
/** Each channel begins with the port's number (kubelet, portforward/websocket.go). */
const PORT_BYTES = 2;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_CHARS = 300;

export function createForward(
  context: ExecContext,
): (request: ForwardRequest, signal: AbortSignal) => Promise<Read<Duplex>> {
  return async (request, signal) => {
    const { namespace, name } = request.pod;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward?ports=${request.port}`;
    const stream = new ForwardedStream();
    try {
      const socket = await openExecSocket({
        ...context,
        path,
        signal,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        onMessage: (channel, data) => stream.receive(channel, data),
      });
      stream.attach(socket, signal);
      return { ok: true, value: stream };
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, notRead: upgradeRefusal(context, upgradeOf(request), error) };
    }
  };
}

function upgradeOf({ pod, port }: ForwardRequest): Upgrade {
  const what = `port ${port} of pod ${pod.namespace}/${pod.name}`;
  return { what, pod, resource: 'pods/portforward', role: 'egress-flows' };
}

/** Ends with an error that says what the kubelet said when nothing listens on the port. */
class ForwardedStream extends Duplex {
  #socket: ExecSocket | undefined;
  readonly #headLeft: [number, number] = [PORT_BYTES, PORT_BYTES];

  constructor() {
    super();
    // It may fail before anybody listens, which must not end the process; `errored` keeps why.
    this.on('error', () => undefined);
  }

  attach(socket: ExecSocket, signal: AbortSignal): void {
    this.#socket = socket;
    const stop = (): void => void this.destroy();
    socket.addEventListener('close', () => this.push(null));
    socket.addEventListener('error', () => this.destroy(new Error('the forwarded connection broke off')));
    signal.addEventListener('abort', stop, { once: true });
    this.once('close', () => signal.removeEventListener('abort', stop));
    if (signal.aborted || this.destroyed) closeSocket(socket);
  }

  /** Messages may come before the socket is attached. False when nothing more is wanted. */
  receive(channel: number, message: Buffer): boolean {
    if (channel !== DATA && channel !== ERROR) return true;
    const head = Math.min(this.#headLeft[channel], message.length);
    this.#headLeft[channel] -= head;
    const data = message.subarray(head);
    if (data.length === 0 || this.destroyed) return !this.destroyed;
    if (channel === ERROR) {
      this.destroy(new Error(clean(data.subarray(0, 4096).toString('utf8'), MAX_ERROR_CHARS).trim()));
      return false;
    }
    if (!this.push(data)) this.#socket?.pause();
    return true;
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#socket?.send(Buffer.concat([Buffer.from([DATA]), chunk]));
    done();
  }

  override _final(done: () => void): void {
    this.#close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#close();
    done(error);
  }

  #close(): void {
    if (this.#socket !== undefined) closeSocket(this.#socket);
  }
}
