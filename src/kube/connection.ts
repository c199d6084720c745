/** The thin transport to one API server that adapters share; the Kubernetes client itself is loaded in `kube/open.ts` on first use. */
import type { Duplex } from 'node:stream';
import type { Read } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';

export interface ExecRequest {
  readonly pod: PodRef;
  readonly container: string;
  /** Never built from text of others beyond grammar-checked arguments; never a shell string with values in it. */
  readonly argv: readonly string[];
  readonly stdin?: string;
  /**
   * Leaves standard input open after `stdin` was sent, until the session ends: the program knows by itself where its input
   * ends, and a later end of input tells it that the caller is gone. (So it works over v4 of the channel protocol too.)
   */
  readonly holdStdin?: boolean;
  readonly timeoutMs: number;
  /** Standard output and error together; the rest is dropped and `truncated` set. */
  readonly maxOutputBytes: number;
  /**
   * Hears standard output as it comes (already UTF-8 safe, not yet line-split). `send` adds to standard input, where `stdin` was
   * given and is held open; after the session has ended it does nothing.
   */
  readonly onStdout?: (chunk: string, send: (text: string) => void) => void;
  /** Hears once that the exec session is attached, before any output; a follower that prints nothing yet is ready then. */
  readonly onOpen?: () => void;
}

export interface ExecResult {
  /** Absent when the stream ended without a status (cut off, aborted, timed out). */
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly ended: 'exited' | 'timeout' | 'aborted' | 'output_limit' | 'stream_closed';
}

export interface LogOptions {
  readonly container: string;
  readonly previous: boolean;
  readonly sinceSeconds?: number;
  /** The newest lines; `limitBytes` of the API is not offered, since it cuts exactly those. */
  readonly tailLines?: number;
}

/**
 * A log as it comes, oldest line first; each chunk is read from the server only when it is asked for. Stopping early closes the
 * connection. Fails with the signal's reason, or with an error whose `code` is TIMEOUT or the system's where the stream breaks off.
 */
export type LogStream = AsyncIterable<Buffer>;

/** What an ephemeral container of ours is; its security settings are not the caller's to choose (`ephemeral.ts`). */
export interface EphemeralContainer {
  readonly name: string;
  /** Checked by the grammar of image references. */
  readonly image: string;
  /** A program that ends by itself: nothing else ends it. */
  readonly argv: readonly string[];
  /** The user to run as, where neither image nor pod is known to name one that is not root. */
  readonly runAsUser?: number;
}

export interface KubeConnection {
  readonly context: string;
  /** Server URL without credentials. */
  readonly server: string;
  /**
   * GET of an API path such as `/api/v1/namespaces/shop/pods/checkout`. HTTP refusals become `Read` failures
   * (403 → forbidden, 404 → not_found or kind_absent); an unreachable server throws DiagnoseError API_UNREACHABLE.
   */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Read<unknown>>;
  /** Log text with kubelet timestamps (`timestamps=true`). */
  readLog(pod: PodRef, options: LogOptions, signal: AbortSignal): Promise<Read<LogStream>>;
  exec(request: ExecRequest, signal: AbortSignal): Promise<Read<ExecResult>>;
}

export interface ForwardRequest {
  readonly pod: PodRef;
  /** Of the pod, not of a service. */
  readonly port: number;
}

/** The same with connections into pods; only who is given this can open one. */
export interface ForwardingConnection extends KubeConnection {
  /**
   * A TCP connection to a port of the pod, through the API server. It ends with `signal`, or when it is destroyed; that nothing
   * listens there is told by its `error`. Who holds it speaks the protocol and bounds what is read.
   */
  forward(request: ForwardRequest, signal: AbortSignal): Promise<Read<Duplex>>;
}

/** The same with the only write there is; an adapter that is given a `KubeConnection` cannot reach it. */
export interface WritableConnection extends ForwardingConnection {
  /**
   * Adds one container to the pod's `ephemeralcontainers`, without privileges. It cannot be removed from the pod again, so whoever
   * calls has consent for it. Resolves once the API server has taken it, not once it runs.
   */
  addEphemeralContainer(pod: PodRef, container: EphemeralContainer, signal: AbortSignal): Promise<Read<undefined>>;
}
