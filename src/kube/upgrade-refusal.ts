/** Says in words why a pod's session (exec, port-forward) could not be opened over WebSocket; used by `exec.ts` and `forward.ts`. */
import { DiagnoseError } from '../core/errors.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import type { Credentials } from './credentials.ts';
import { HandshakeRefused } from './exec-socket.ts';
import { TransportError } from './http-request.ts';
import type { LoadedConfig } from './kubeconfig.ts';
import { podProblem } from './pod-problem.ts';
import { isByRights, readStatus, refusalOf } from './refusal.ts';
import { unauthorized, unreachable } from './unreachable.ts';

/** What was to be opened, in words and as the API calls it. */
export interface Upgrade {
  readonly what: string;
  readonly pod: PodRef;
  readonly resource: 'pods/exec' | 'pods/portforward';
  /** What the role is called that would allow it. */
  readonly role: string;
}

export interface UpgradeContext {
  readonly loaded: LoadedConfig;
  readonly credentials: Credentials;
  readonly server: string;
}

/** The text of `ws`, which gives this error no code. */
const HANDSHAKE_TIMED_OUT = 'Opening handshake has timed out';

/** @throws DiagnoseError API_UNREACHABLE, API_UNAUTHORIZED, CREDENTIALS_FAILED. */
export function upgradeRefusal(context: UpgradeContext, upgrade: Upgrade, error: unknown): NotRead {
  if (error instanceof DiagnoseError) throw error;
  if (error instanceof HandshakeRefused) return handshakeRefusal(context, upgrade, error);
  const { code, message = String(error) } = error as { code?: string; message?: string };
  if (code === undefined && message !== HANDSHAKE_TIMED_OUT) return named(upgrade, brokenHandshake(message));
  throw unreachable(context.server, new TransportError(code ?? 'TIMEOUT', message, false));
}

function named({ what }: Upgrade, problem: Omit<NotRead, 'what'>): NotRead {
  return podProblem({ ...problem, what });
}

/** `ws` gives no code to an answer that is no proper WebSocket handshake. */
function brokenHandshake(message: string): Omit<NotRead, 'what'> {
  return {
    code: 'refused',
    reason: `the WebSocket handshake failed: ${clean(message, 200)}`,
    nextStep: 'A proxy in front of the API server may not pass WebSockets on: ask the API server directly.',
  };
}

function handshakeRefusal(context: UpgradeContext, upgrade: Upgrade, refused: HandshakeRefused): NotRead {
  if (refused.status === 401) {
    context.credentials.forget();
    throw unauthorized(context.server, context.loaded.context);
  }
  const { pod, resource } = upgrade;
  const notRead = refusalOf({ verb: 'get', group: '', resource, ...pod }, refused.status, readStatus(refused.body));
  if (notRead.code !== 'forbidden') return named(upgrade, notRead);
  return named(upgrade, isByRights(notRead.reason) ? withRule(notRead, upgrade) : notAdmitted(notRead, upgrade));
}

function withRule(notRead: NotRead, { pod: { namespace }, resource, role }: Upgrade): NotRead {
  const command = `kubectl create role ${role} -n ${namespace} --verb=get,create --resource=${resource}`;
  return {
    ...notRead,
    nextStep: `Grant verbs "create" and "get" on "${resource}" in namespace ${namespace} (${resource.slice(5)} over WebSocket is a GET, newer API servers also ask for create): ${command}, and bind it.`,
  };
}

/** Rights are there: a policy of the cluster keeps such sessions out of this pod, or of pods like it. */
function notAdmitted(notRead: NotRead, { resource }: Upgrade): NotRead {
  const session = resource === 'pods/exec' ? 'exec into this pod' : 'forward a port of this pod';
  return {
    ...notRead,
    code: 'refused',
    nextStep: `A rule of the cluster's admission does not let anybody ${session}: ask whoever keeps it.`,
  };
}
