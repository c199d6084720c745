/** Puts an HTTP refusal of the API server in words: what was refused, why, and what would allow it. Used by `connect.ts` and `exec.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import { clean } from '../core/text/clean.ts';
import { type ApiRequest, inWords } from './api-path.ts';

export interface StatusBody {
  readonly message: string;
  readonly reason?: string;
  /** True when the server names the object it did not find. */
  readonly namesObject: boolean;
}

/** A `v1 Status`, or whatever text came instead of one. */
export function readStatus(body: Buffer): StatusBody {
  const text = body.subarray(0, 64 * 1024).toString('utf8');
  const status = parse(text);
  if (status?.kind !== 'Status') return { message: clean(text, 300).trim(), namesObject: false };
  return {
    message: clean(typeof status.message === 'string' ? status.message : '', 500),
    ...(typeof status.reason === 'string' ? { reason: status.reason } : {}),
    namesObject: Boolean(status.details?.name),
  };
}

interface RawStatus {
  readonly kind?: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly details?: { readonly name?: unknown };
}

function parse(text: string): RawStatus | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The authorizer's sentence (k8s.io/apiserver, pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage). */
const NO_RIGHT =
  /^[\w./-]+ (?:"[^"\n]{0,253}" )?is forbidden: User "[^"\n]{0,253}" cannot [a-z]+ (?:resource "[\w./-]*"(?: in API group "[\w.-]*")?(?: in the namespace "[\w.-]*"| at the cluster scope)?|path "[^"\s]{0,253}")/;
const PLAIN_WORDS = /^(?:[\w./-]+ "[\w.:-]*" not found|Unauthorized|(?:404 )?page not found|Upgrade request required)$/;

/** The API server's own sentences are a reason; what webhooks, aggregated APIs and proxies add is theirs, and `ours` says it without them. */
function worded(message: string, ours: string): Pick<NotRead, 'reason' | 'said'> {
  const sentence = NO_RIGHT.exec(message)?.[0] ?? PLAIN_WORDS.exec(message)?.[0];
  const rest = message.slice(sentence?.length ?? 0).replace(/^[:\s]+/, '');
  return { reason: sentence ?? ours, ...(rest === '' ? {} : { said: rest }) };
}

/** `User "x" cannot create resource …` is the authorizer's sentence; admission (Pod Security, webhooks) answers 403, too, in words of its own. */
export function isByRights(reason: string): boolean {
  return /\bcannot [a-z]+ (?:resource|path)\b/.test(reason);
}

export function refusalOf(request: ApiRequest, httpStatus: number, status: StatusBody): NotRead {
  const what = inWords(request);
  if (httpStatus === 403) return forbidden(request, status);
  if (httpStatus === 404) return notFound(request, status);
  if (httpStatus === 504 || httpStatus === 408)
    return {
      what,
      code: 'timeout',
      ...worded(status.message, 'the API server gave up waiting'),
    };
  return {
    what,
    code: 'refused',
    ...worded(status.message, `the API server answered ${httpStatus}`),
    ...(httpStatus === 429 ? { nextStep: 'The API server is overloaded: try again in a minute.' } : {}),
  };
}

function forbidden(request: ApiRequest, status: StatusBody): NotRead {
  const where = request.namespace === undefined ? 'cluster-wide' : `in namespace ${request.namespace}`;
  const full = request.group === '' ? request.resource : `${request.resource}.${request.group}`;
  const flag = request.namespace === undefined ? '--all-namespaces' : `-n ${request.namespace}`;
  return {
    what: inWords(request),
    code: 'forbidden',
    ...worded(status.message, `not allowed to ${request.verb} ${full} ${where}`),
    nextStep: `Grant verb "${request.verb}" on "${full}" ${where}; kubectl auth can-i ${request.verb} ${full} ${flag} tells when it holds.`,
  };
}

/** An unknown kind is answered with plain text or a Status that names no object. */
function notFound(request: ApiRequest, status: StatusBody): NotRead {
  const what = inWords(request);
  if (request.name !== undefined && status.namesObject) {
    return {
      what,
      code: 'not_found',
      ...worded(status.message, `there is no ${what}`),
    };
  }
  return {
    what,
    code: 'kind_absent',
    reason: `the API server does not serve ${request.resource}${request.group ? `.${request.group}` : ''}`,
  };
}
