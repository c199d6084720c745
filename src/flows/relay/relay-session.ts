/** Connections to one relay: which pod, whether it speaks TLS, and how far its clock is from ours; used by `relay-source.ts`. */
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { ForwardingConnection } from '../../kube/connection.ts';
import { type RawObject, textOf } from '../raw-flow.ts';
import { CallFailed, refusalOf, timeoutOf } from './call-failed.ts';
import { findRelay, type Relay } from './relay-pod.ts';

/** Begun anew where the relay turns out to speak TLS. */
export type Requests = () => AsyncIterable<RawObject>;

export interface RelaySession {
  /** For people. */
  readonly name: string;
  /** The cluster's clock, as far as the relay has told it; ours before that. */
  now(): number;
  /** Every answer goes to `on`; ends with the answers or with the signal. */
  call(request: RawObject, signal: AbortSignal, on: (event: RawObject) => void): Promise<Read<undefined>>;
  /** As `call`, for one request after the other over one connection; that it breaks off says nothing of the relay. */
  callEach(requests: Requests, signal: AbortSignal, on: (event: RawObject) => void): Promise<Read<undefined>>;
}

/** Relays are replaced when Cilium is upgraded. */
const KEPT_MS = 30_000;
/** One that does not answer costs seconds, and a diagnosis asks several times. */
const FAILED_KEPT_MS = 10_000;

/** One diagnosis asks several times; what was found is kept for a while, also that there is none. */
export function openRelay(kube: ForwardingConnection): (signal: AbortSignal) => Promise<Read<RelaySession>> {
  let kept: { readonly until: number; readonly session: Read<RelaySession> } | undefined;
  return async (signal) => {
    if (kept && performance.now() < kept.until) return kept.session;
    const found = await findRelay(kube, signal);
    const failed = (notRead: NotRead) => {
      kept = { until: performance.now() + FAILED_KEPT_MS, session: { ok: false, notRead } };
    };
    const session = found.ok ? { ok: true as const, value: createSession(kube, found.value, failed) } : found;
    kept = { until: performance.now() + KEPT_MS, session };
    return session;
  };
}

type Attempt = (
  tls: boolean,
  requests: Requests,
  signal: AbortSignal,
  on: (event: RawObject) => void,
) => Promise<NotRead | undefined>;

function createSession(kube: ForwardingConnection, relay: Relay, onFailure: (notRead: NotRead) => void): RelaySession {
  const name = `Hubble Relay ${relay.pod.namespace}/${relay.pod.name}`;
  let skew = 0;
  let known: boolean | undefined;
  const attempt: Attempt = async (tls, requests, signal, on) => {
    const { callGetFlows } = await import('./relay-call.ts');
    const opened = await kube.forward(relay, signal);
    if (!opened.ok) return { ...opened.notRead, what: name };
    for await (const event of callGetFlows(opened.value, requests(), { tls }, signal)) {
      known = tls;
      // Answers of the relay itself bear its time; those about flows bear the flow's.
      if ('node_status' in event) skew = skewOf(event) ?? skew;
      on(event);
    }
    return undefined;
  };
  const callEach: RelaySession['callEach'] = async (requests, signal, on) => {
    const failed = await tryBoth(attempt, known, [requests, signal, on]).catch((error: unknown) =>
      failureOf(name, relay, error, signal),
    );
    return failed === undefined ? { ok: true, value: undefined } : { ok: false, notRead: failed };
  };
  const call: RelaySession['call'] = async (request, signal, on) => {
    const read = await callEach(() => one(request), signal, on);
    if (!read.ok) onFailure(read.notRead);
    return read;
  };
  return { name, now: () => Date.now() + skew, call, callEach };
}

async function* one(request: RawObject): AsyncGenerator<RawObject> {
  yield request;
}

type Rest<T> = T extends (first: boolean, ...rest: infer R) => unknown ? R : never;

/** The chart leaves TLS between clients and relay off unless asked; nothing but trying tells. */
async function tryBoth(attempt: Attempt, known: boolean | undefined, rest: Rest<Attempt>) {
  if (known !== undefined) return attempt(known, ...rest);
  try {
    return await attempt(false, ...rest);
  } catch (error) {
    if (!(error instanceof CallFailed) || error.reached !== 'connection' || rest[1].aborted) throw error;
    return attempt(true, ...rest);
  }
}

/** Undefined where the caller ended it; what came until then counts. */
function failureOf(name: string, relay: Relay, error: unknown, signal: AbortSignal): NotRead | undefined {
  if (signal.aborted) return (signal.reason as Error).name === 'TimeoutError' ? timeoutOf(name) : undefined;
  if (error instanceof CallFailed) return refusalOf(name, relay, error);
  throw error;
}

function skewOf(event: RawObject): number | undefined {
  const time = Date.parse(textOf(event.time) ?? '');
  return Number.isNaN(time) ? undefined : time - Date.now();
}
