/** Runs a fixed program in a container over WebSocket (v4/v5 channel protocol); the `exec` of `connect.ts`. */
import { DiagnoseError } from '../core/errors.ts';
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import { clean } from '../core/text/clean.ts';
import type { ExecRequest, ExecResult } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { createExecOutput, type ExecOutput } from './exec-output.ts';
import { type ExecSocket, HandshakeRefused, openExecSocket } from './exec-socket.ts';
import { type ExecStatus, parseExecStatus } from './exec-status.ts';
import { TransportError } from './http-request.ts';
import type { Client, LoadedConfig } from './kubeconfig.ts';
import { podProblem } from './pod-problem.ts';
import { isByRights, readStatus, refusalOf } from './refusal.ts';
import { unauthorized, unreachable } from './unreachable.ts';

export interface ExecContext {
  readonly client: Client;
  readonly loaded: LoadedConfig;
  readonly credentials: Credentials;
  readonly server: string;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** The text of `ws`, which gives this error no code. */
const HANDSHAKE_TIMED_OUT = 'Opening handshake has timed out';
/** A shell's own code for a command that does not exist. */
const NOT_FOUND_EXIT = 127;

export function createExec(
  context: ExecContext,
): (request: ExecRequest, signal: AbortSignal) => Promise<Read<ExecResult>> {
  return async (request, signal) => {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const session = createSession(request, AbortSignal.any([signal, timeout]), () =>
      signal.aborted ? 'aborted' : 'timeout',
    );
    if (signal.aborted) return session.stopped('aborted');
    try {
      const socket = await open(context, request, session);
      return await session.run(socket);
    } catch (error) {
      if (signal.aborted) return session.stopped('aborted');
      if (timeout.aborted)
        return failure(request, { code: 'timeout', reason: `no exec session within ${request.timeoutMs} ms` });
      return refusal(context, request, error);
    }
  };
}

function open(context: ExecContext, request: ExecRequest, session: Session): Promise<ExecSocket> {
  const { client, loaded, credentials } = context;
  const { signal, onMessage } = session;
  return openExecSocket({
    client,
    loaded,
    credentials,
    path: execPath(request),
    signal,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    onMessage,
  });
}

function execPath(request: ExecRequest): string {
  const query = new URLSearchParams({ container: request.container, stdout: 'true', stderr: 'true', tty: 'false' });
  query.set('stdin', String(request.stdin !== undefined));
  for (const argument of request.argv) query.append('command', argument);
  const { namespace, name } = request.pod;
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/exec?${query.toString()}`;
}

interface Session {
  readonly signal: AbortSignal;
  readonly onMessage: (channel: number, data: Buffer) => boolean;
  run(socket: ExecSocket): Promise<Read<ExecResult>>;
  stopped(ended: ExecResult['ended']): Read<ExecResult>;
}

/** Messages may arrive before the caller holds the socket, so what they say is kept here rather than in `run`. */
function createSession(request: ExecRequest, signal: AbortSignal, why: () => 'aborted' | 'timeout'): Session {
  const input = createInput();
  const output = createExecOutput(request.maxOutputBytes, (chunk) =>
    request.onStdout?.(chunk, (text) => input.send(text)),
  );
  const ended = Promise.withResolvers<ExecStatus | 'output_limit' | 'stream_closed' | 'aborted' | 'timeout'>();
  signal.addEventListener('abort', () => ended.resolve(why()), { once: true });
  return {
    signal,
    onMessage: (channel, data) => {
      if (channel === STATUS) ended.resolve(parseExecStatus(data));
      if (channel !== STDOUT && channel !== STDERR) return channel !== STATUS;
      const wanted = output.write(channel === STDOUT ? 'stdout' : 'stderr', data);
      if (!wanted) ended.resolve('output_limit');
      return wanted;
    },
    run: async (socket) => {
      socket.addEventListener('close', () => ended.resolve('stream_closed'));
      socket.addEventListener('error', () => ended.resolve('stream_closed'));
      request.onOpen?.();
      const unsendable = sendStdin(socket, request);
      if (unsendable) return failure(request, unsendable);
      input.attach(socket);
      const end = await ended.promise;
      input.detach();
      closeSocket(socket);
      return resultOf(request, output, end);
    },
    stopped: (reason) => ({ ok: true, value: { ...output.finish(), ended: reason } }),
  };
}

interface Input {
  readonly send: (text: string) => void;
  attach(socket: ExecSocket): void;
  detach(): void;
}

/** What is to be sent before the caller holds the socket waits for it; after the end it is dropped. */
function createInput(): Input {
  let waiting: string[] = [];
  let send = (text: string): void => {
    waiting.push(text);
  };
  return {
    send: (text) => send(text),
    attach: (socket) => {
      send = (text) => sendText(socket, text);
      for (const text of waiting) send(text);
      waiting = [];
    },
    detach: () => {
      send = () => undefined;
    },
  };
}

function sendText(socket: ExecSocket, text: string): void {
  socket.send(Buffer.concat([Buffer.from([STDIN]), Buffer.from(text)]));
}

/** Only v5 of the protocol can end standard input alone; a program that reads to its end would wait for ever on v4. */
function sendStdin(socket: ExecSocket, request: ExecRequest): Pick<NotRead, 'code' | 'reason'> | undefined {
  if (request.stdin === undefined) return undefined;
  if (request.holdStdin !== true && socket.protocol !== 'v5.channel.k8s.io') {
    closeSocket(socket);
    return {
      code: 'unsupported',
      reason: `the API server speaks ${socket.protocol}, which cannot end standard input (Kubernetes 1.30 and later can)`,
    };
  }
  sendText(socket, request.stdin);
  if (request.holdStdin !== true) socket.send(Buffer.from([CLOSE, STDIN]));
  return undefined;
}

/** The closing handshake is given half a second; the server may be gone. */
function closeSocket(socket: ExecSocket): void {
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), 500);
  timer.unref();
  socket.addEventListener('close', () => clearTimeout(timer));
}

function resultOf(request: ExecRequest, output: ExecOutput, end: ExecStatus | ExecResult['ended']): Read<ExecResult> {
  const texts = output.finish();
  if (typeof end === 'string') return { ok: true, value: { ...texts, ended: end } };
  if (end.kind === 'exited') return { ok: true, value: { ...texts, exitCode: end.exitCode, ended: 'exited' } };
  if (end.kind === 'failed') return failure(request, { code: 'refused', reason: end.message });
  return {
    ok: true,
    value: { ...texts, stderr: texts.stderr + end.message, exitCode: NOT_FOUND_EXIT, ended: 'exited' },
  };
}

function whatOf(request: ExecRequest): string {
  return `exec in pod ${request.pod.namespace}/${request.pod.name} container ${request.container}`;
}

function failure(request: ExecRequest, problem: Omit<NotRead, 'what'>): Read<ExecResult> {
  return { ok: false, notRead: podProblem({ ...problem, what: whatOf(request) }) };
}

/** @throws DiagnoseError API_UNREACHABLE, API_UNAUTHORIZED, CREDENTIALS_FAILED. */
function refusal(context: ExecContext, request: ExecRequest, error: unknown): Read<ExecResult> {
  if (error instanceof DiagnoseError) throw error;
  if (error instanceof HandshakeRefused) return handshakeRefusal(context, request, error);
  const { code, message = String(error) } = error as { code?: string; message?: string };
  if (code === undefined && message !== HANDSHAKE_TIMED_OUT) return failure(request, brokenHandshake(message));
  throw unreachable(context.server, new TransportError(code ?? 'TIMEOUT', message, false));
}

/** `ws` gives no code to an answer that is no proper WebSocket handshake. */
function brokenHandshake(message: string): Omit<NotRead, 'what'> {
  return {
    code: 'refused',
    reason: `the WebSocket handshake failed: ${clean(message, 200)}`,
    nextStep: 'A proxy in front of the API server may not pass WebSockets on: ask the API server directly.',
  };
}

function handshakeRefusal(context: ExecContext, request: ExecRequest, refused: HandshakeRefused): Read<ExecResult> {
  if (refused.status === 401) {
    context.credentials.forget();
    throw unauthorized(context.server, context.loaded.context);
  }
  const { namespace, name } = request.pod;
  const notRead = refusalOf(
    { verb: 'get', group: '', resource: 'pods/exec', namespace, name },
    refused.status,
    readStatus(refused.body),
  );
  if (notRead.code !== 'forbidden') return failure(request, notRead);
  return failure(request, isByRights(notRead.reason) ? withRule(notRead, namespace) : notAdmitted(notRead));
}

function withRule(notRead: NotRead, namespace: string): NotRead {
  const role = `kubectl create role egress-probe -n ${namespace} --verb=get,create --resource=pods/exec`;
  return {
    ...notRead,
    nextStep: `Grant verbs "create" and "get" on "pods/exec" in namespace ${namespace} (exec over WebSocket is a GET, newer API servers also ask for create): ${role}, and bind it.`,
  };
}

/** Rights are there: a policy of the cluster keeps exec out of this pod, or of pods like it. */
function notAdmitted(notRead: NotRead): NotRead {
  return {
    ...notRead,
    code: 'refused',
    nextStep: "A rule of the cluster's admission does not let anybody exec into this pod: ask whoever keeps it.",
  };
}
