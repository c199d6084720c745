/** Builds the connection that the adapters share, from a loaded kubeconfig; made by `open.ts`. */
import { setTimeout } from 'node:timers/promises';
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import { type ApiRequest, describePath, inWords } from './api-path.ts';
import type { LogOptions, LogStream, WritableConnection } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { ephemeralPatch, ephemeralPath, ephemeralRefusal } from './ephemeral.ts';
import { createExec } from './exec.ts';
import { createForward } from './forward.ts';
import { type Answer, httpRequest, type Patch, TransportError } from './http-request.ts';
import type { Client, LoadedConfig } from './kubeconfig.ts';
import { podProblem } from './pod-problem.ts';
import { readStatus, refusalOf } from './refusal.ts';
import { unauthorized, unreachable } from './unreachable.ts';

const IDLE_MS = 10_000;
const BUSY_RETRIES = 3;
const MAX_PAUSE_MS = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

type Get = (
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  more?: Asked,
) => Promise<Read<Answer>>;
/** What is sent, or that the answer is wanted as a stream. */
type Asked = { readonly patch: Patch } | { readonly streams: true };
type Ask = (url: string, request: ApiRequest, signal: AbortSignal, more?: Asked) => Promise<Read<Answer>>;

export function connect(client: Client, loaded: LoadedConfig, credentials: Credentials): WritableConnection {
  const server = withoutCredentials(loaded.server);
  const ask = createAsk(loaded, credentials, server);
  const get = createGet(loaded, ask);
  return {
    context: loaded.context,
    server,
    get: async (path, query, signal) => {
      const read = await get(path, query, signal);
      return read.ok ? parseJson(read.value, describePath(path)) : read;
    },
    readLog: (pod, options, signal) => readLog(get, pod, options, signal),
    exec: createExec({ client, loaded, credentials, server }),
    forward: createForward({ client, loaded, credentials, server }),
    addEphemeralContainer: async (pod, container, signal) => {
      const path = ephemeralPath(pod);
      const patch = { contentType: 'application/strategic-merge-patch+json', body: ephemeralPatch(container) };
      const request = { ...describePath(path), verb: 'patch' as const };
      const answer = await ask(`${loaded.server}${path}`, request, signal, { patch });
      return answer.ok ? { ok: true, value: undefined } : failure(ephemeralRefusal(answer.notRead, pod));
    },
  };
}

function withoutCredentials(server: string): string {
  const url = new URL(server);
  url.username = '';
  url.password = '';
  url.search = '';
  return url.href.replace(/\/$/, '');
}

function createGet(loaded: LoadedConfig, ask: Ask): Get {
  return (path, query, signal, more) => {
    const search = new URLSearchParams(query).toString();
    return ask(`${loaded.server}${path}${search === '' ? '' : `?${search}`}`, describePath(path), signal, more);
  };
}

function createAsk(loaded: LoadedConfig, credentials: Credentials, server: string): Ask {
  // oxlint-disable-next-line max-params -- where, what in words, how to stop, and what to send
  return async (url, request, signal, more) => {
    signal.throwIfAborted();
    const limits = { signal, idleMs: IDLE_MS, maxBytes: MAX_BYTES, ...(more && 'streams' in more && more) };
    const patch = more && 'patch' in more ? more.patch : undefined;
    const ask = async (): Promise<Answer> => {
      const options = await credentials.options();
      const answer = await httpRequest(url, options, limits, patch);
      if (answer.status === 401) credentials.forget(options);
      return answer;
    };
    try {
      const first = await askUntilTaken(ask, signal);
      // A token may have been revoked or have expired while it was shared; kubectl obtains a new one, too.
      const answer = first.status === 401 ? await ask() : first;
      return judge(answer, request, () => unauthorized(server, loaded.context));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.connected && error.code === 'TIMEOUT')
        return failure({ what: inWords(request), code: 'timeout', reason: error.message });
      throw unreachable(server, error);
    }
  };
}

/** Priority and fairness turns requests of a busy cluster away with 429 and Retry-After; kubectl and client-go ask again, too. */
async function askUntilTaken(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let left = BUSY_RETRIES; ; left--) {
    const answer = await ask();
    const { status, retryAfter } = answer;
    if (left === 0 || retryAfter === undefined || (status !== 429 && status !== 503)) return answer;
    await setTimeout(Math.min(retryAfter * 1000, MAX_PAUSE_MS), undefined, { signal });
  }
}

function judge(answer: Answer, request: ApiRequest, unauthorizedError: () => Error): Read<Answer> {
  if (answer.status === 401) throw unauthorizedError();
  if (answer.status !== 200) return failure(refusalOf(request, answer.status, readStatus(answer.body)));
  if (!answer.cut) return { ok: true, value: answer };
  return failure({
    what: inWords(request),
    code: 'refused',
    reason: `the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
  });
}

function failure(notRead: NotRead): { readonly ok: false; readonly notRead: NotRead } {
  return { ok: false, notRead };
}

function parseJson(answer: Answer, request: ApiRequest): Read<unknown> {
  try {
    return { ok: true, value: JSON.parse(answer.body.toString('utf8')) };
  } catch {
    return failure({
      what: inWords(request),
      code: 'invalid',
      reason: 'the answer is not JSON: something between here and the API server answered instead of it',
      nextStep: 'Check the server URL of this context.',
    });
  }
}

async function readLog(get: Get, pod: PodRef, options: LogOptions, signal: AbortSignal): Promise<Read<LogStream>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  const read = await get(path, logQuery(options), signal, { streams: true });
  if (read.ok) return { ok: true, value: read.value.stream ?? nothing() };
  const what = `log of container ${options.container} in pod ${pod.namespace}/${pod.name}${options.previous ? ' (previous instance)' : ''}`;
  return failure(podProblem({ ...read.notRead, what }));
}

async function* nothing(): LogStream {}

function logQuery(options: LogOptions): Record<string, string> {
  return {
    container: options.container,
    timestamps: 'true',
    ...(options.previous ? { previous: 'true' } : {}),
    ...(options.sinceSeconds === undefined ? {} : { sinceSeconds: String(options.sinceSeconds) }),
    ...(options.tailLines === undefined ? {} : { tailLines: String(options.tailLines) }),
  };
}
