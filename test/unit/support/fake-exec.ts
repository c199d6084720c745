/** Test support: the exec endpoint of the fake API server: WebSocket frames and the v4/v5 channel protocol over a real child process. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface ExecCall {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  /** Standard input received so far. */
  input: string;
  /** Set when the client closed standard input (v5) or the socket. */
  inputClosed: boolean;
  socketClosed: boolean;
}

export type ExecPlan =
  /** Runs for real, with the call's standard input. */
  | { readonly spawn: readonly string[]; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string }
  /** Answers with these texts after `delayMs`; `hang` never ends it, `cut` drops the connection without a status. */
  | {
      readonly stdout?: string;
      readonly stderr?: string;
      readonly exitCode?: number;
      readonly delayMs?: number;
      readonly end?: 'hang' | 'cut';
    }
  /** The kubelet's own failure on the status channel, e.g. `container not found ("app")`. */
  | { readonly internalError: string };

interface ExecOptions {
  readonly plan: (call: ExecCall) => ExecPlan;
  readonly protocols: readonly string[] | undefined;
  readonly execs: ExecCall[];
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;

export function serveExec(request: IncomingMessage, socket: Socket, options: ExecOptions): void {
  acceptChannels(request, socket, options.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io']);
  const call = callOf(request);
  options.execs.push(call);
  socket.on('close', () => {
    call.socketClosed = true;
    call.inputClosed = true;
  });
  run(options.plan(call), call, socket);
}

/** Answers the WebSocket handshake with the first of `protocols` that the client offers. */
export function acceptChannels(request: IncomingMessage, socket: Socket, protocols: readonly string[]): void {
  const wanted = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
  const protocol = protocols.find((name) => wanted.includes(name));
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
      `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
  socket.on('error', () => undefined);
}

function callOf(request: IncomingMessage): ExecCall {
  const url = new URL(request.url ?? '/', 'http://fake');
  const [, , , , namespace = '', , pod = ''] = url.pathname.split('/');
  return {
    namespace,
    pod,
    container: url.searchParams.get('container') ?? '',
    command: url.searchParams.getAll('command'),
    stdin: url.searchParams.get('stdin') === 'true',
    input: '',
    inputClosed: false,
    socketClosed: false,
  };
}

function run(plan: ExecPlan, call: ExecCall, socket: Socket): void {
  if ('internalError' in plan) {
    onFrames(socket, () => undefined);
    finish(socket, { status: 'Failure', reason: 'InternalError', message: plan.internalError, code: 500 });
    return;
  }
  if ('spawn' in plan) return runChild(plan, call, socket);
  onFrames(socket, (channel, data) => noteInput(call, channel, data));
  setTimeout(() => {
    if (plan.stdout !== undefined) sendChannel(socket, STDOUT, Buffer.from(plan.stdout));
    if (plan.stderr !== undefined) sendChannel(socket, STDERR, Buffer.from(plan.stderr));
    if (plan.end === 'hang') return;
    if (plan.end === 'cut') return void socket.destroy();
    finish(socket, exitStatus(plan.exitCode ?? 0));
  }, plan.delayMs ?? 0);
}

function runChild(plan: Extract<ExecPlan, { spawn: readonly string[] }>, call: ExecCall, socket: Socket): void {
  const [command = '', ...args] = plan.spawn;
  const child = spawn(command, args, { cwd: plan.cwd, env: { ...process.env, ...plan.env }, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  if (!call.stdin) child.stdin.end();
  onFrames(socket, (channel, data) => {
    if (noteInput(call, channel, data)) child.stdin.write(data);
    if (call.inputClosed) child.stdin.end();
  });
  socket.on('close', () => child.kill('SIGKILL'));
  child.stdout.on('data', (data: Buffer) => sendChannel(socket, STDOUT, data));
  child.stderr.on('data', (data: Buffer) => sendChannel(socket, STDERR, data));
  child.on('error', () =>
    finish(socket, {
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
      message: `error executing command in container: failed to exec in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": executable file not found in $PATH: unknown`,
    }),
  );
  child.on('close', (code) => finish(socket, exitStatus(code ?? 137)));
}

function noteInput(call: ExecCall, channel: number, data: Buffer): boolean {
  if (channel === CLOSE && data[0] === STDIN) call.inputClosed = true;
  if (channel !== STDIN) return false;
  call.input += data.toString('utf8');
  return true;
}

function exitStatus(code: number): unknown {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function finish(socket: Socket, status: unknown): void {
  if (socket.destroyed) return;
  sendChannel(socket, STATUS, Buffer.from(JSON.stringify(status)));
  socket.write(frame(8, Buffer.from([3, 232])));
  socket.end();
}

export function sendChannel(socket: Socket, channel: number, data: Buffer): void {
  if (!socket.destroyed) socket.write(frame(2, Buffer.concat([Buffer.from([channel]), data])));
}

function frame(opcode: number, payload: Buffer): Buffer {
  const long = payload.length >= 126;
  const header = Buffer.alloc(long ? 10 : 2);
  header[0] = 0x80 | opcode;
  header[1] = long ? 127 : payload.length;
  if (long) header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

/** Calls `on` for every binary message; answers close frames. Clients of these tests never fragment. */
export function onFrames(socket: Socket, on: (channel: number, data: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let next = readFrame(pending); next; next = readFrame(pending)) {
      pending = Buffer.from(pending.subarray(next.size));
      if (next.opcode === 8) socket.end(frame(8, next.payload));
      else if (next.opcode === 2) on(next.payload[0] ?? STDIN, next.payload.subarray(1));
    }
  });
}

function readFrame(buffer: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (buffer.length < 6) return undefined;
  const short = (buffer[1] ?? 0) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (buffer.length < 6 + extra) return undefined;
  const length = extra === 2 ? buffer.readUInt16BE(2) : extra === 8 ? Number(buffer.readBigUInt64BE(2)) : short;
  const start = 6 + extra;
  if (buffer.length < start + length) return undefined;
  const mask = buffer.subarray(2 + extra, start);
  const payload = Buffer.from(
    buffer.subarray(start, start + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  );
  return { opcode: (buffer[0] ?? 0) & 0x0f, payload, size: start + length };
}
