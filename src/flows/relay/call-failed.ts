/** Why a call of the relay gave nothing, in words: thrown by `relay-call.ts`, put into a report by `relay-session.ts`. */
import type { NotRead } from '../../core/model/cluster-state.ts';
import { clean } from '../../core/text/clean.ts';
import type { Relay } from './relay-pod.ts';

/** How far the call came: the port could not be reached; the connection stood and no gRPC was spoken; the relay answered. */
export type Reached = 'nothing' | 'connection' | 'relay';

export class CallFailed extends Error {
  /** In gRPC's words, e.g. `unimplemented`. */
  readonly code: string;
  readonly reached: Reached;

  constructor(message: string, code: string, reached: Reached) {
    super(message);
    this.name = 'CallFailed';
    this.code = code;
    this.reached = reached;
  }
}

interface Known {
  readonly text: RegExp;
  readonly reason: string;
  readonly nextStep: string;
}

const KNOWN: readonly Known[] = [
  {
    text: /connection refused/i,
    reason: 'nothing listens on its port',
    nextStep: 'kubectl logs of the relay tells whether it has started; flows are read from the agent meanwhile.',
  },
  {
    text: /certificate.?required|bad certificate|handshake failure|unknown ca/i,
    reason: 'it asks for a client certificate (mutual TLS), which is never used here',
    nextStep:
      'Grant get and create on pods/exec where Cilium’s agents run, and flows are read there; or ask the relay with `hubble observe --tls --tls-client-cert-file … --tls-client-key-file …` (Helm’s hubble.relay.tls.server.mtls demands it).',
  },
  {
    text: /unimplemented|unknown service/i,
    reason: 'it does not know Hubble’s observer API',
    nextStep: 'Check that the pod with label k8s-app=hubble-relay is Hubble Relay of Cilium 1.10 or later.',
  },
];

export function refusalOf(name: string, { port }: Relay, { message, code, reached }: CallFailed): NotRead {
  if (code === 'deadline_exceeded') return timeoutOf(name);
  const text = clean(message, 300).replaceAll('\n', ' ').trim();
  const said = text === '' ? {} : { said: text };
  const known = KNOWN.find(({ text: pattern }) => pattern.test(`${code} ${message}`));
  if (known) return { what: name, code: 'unsupported', reason: known.reason, ...said, nextStep: known.nextStep };
  const reason = reached === 'relay' ? `it answered ${code}` : `no gRPC on port ${port}`;
  return { what: name, code: 'refused', reason, ...said };
}

export function timeoutOf(name: string): NotRead {
  const nextStep = 'The relay waits for agents that do not answer: its log names them.';
  return { what: name, code: 'timeout', reason: 'it did not answer in time', nextStep };
}
