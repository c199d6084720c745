/** Runs a fixed program in a container over WebSocket (v4/v5 channel protocol); the `exec` of `connect.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ExecRequest, ExecResult } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { createExecOutput, type ExecOutput } from './exec-output.ts';
import { closeSocket, type ExecSocket, openExecSocket } from './exec-socket.ts';
import { type ExecStatus, parseExecStatus } from './exec-status.ts';
import type { Client, LoadedConfig } from './kubeconfig.ts';
import { podProblem } from './pod-problem.ts';
import { type Upgrade, upgradeRefusal } from './upgrade-refusal.ts';

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
      return { ok: false, notRead: upgradeRefusal(context, upgradeOf(request), error) };
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

function upgradeOf(request: ExecRequest): Upgrade {
  return { what: whatOf(request), pod: request.pod, resource: 'pods/exec', role: 'egress-probe' };
}

function failure(request: ExecRequest, problem: Omit<NotRead, 'what'>): Read<ExecResult> {
  return { ok: false, notRead: podProblem({ ...problem, what: whatOf(request) }) };
}
