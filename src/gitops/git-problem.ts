/** Why a repository could not be used, as data; thrown inside `gitops/`, turned into a `Read` failure by `gitops-source.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import { sanitise } from '../core/text/sanitise.ts';

export class GitProblem extends Error {
  readonly code: NotRead['code'];
  readonly nextStep: string;

  constructor(code: NotRead['code'], reason: string, nextStep: string) {
    super(reason);
    this.name = 'GitProblem';
    this.code = code;
    this.nextStep = nextStep;
  }
}

const CLONE_LOCALLY = 'Clone it with git and give the absolute path of the clone instead.';

/** `display` is the repository without credentials. */
export function toNotRead(error: unknown, display: string): NotRead {
  const what = `Git repository ${display}`;
  const problem = error instanceof GitProblem ? error : translate(error, display);
  return { what, code: problem.code, reason: problem.message, nextStep: problem.nextStep };
}

function translate(error: unknown, display: string): GitProblem {
  return fromHttp(error, display) ?? fromNetwork(error, display) ?? fromGit(error, display);
}

/** isomorphic-git's HttpError carries the status in `data`. */
function fromHttp(error: unknown, display: string): GitProblem | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  if (status === 401 || status === 403) {
    const reason = `${display} answered ${status}: it asks for credentials or refuses them`;
    return new GitProblem('forbidden', reason, CLONE_LOCALLY);
  }
  if (status === 404) {
    const reason = `${display} answered 404: no repository at this URL, or one that is hidden without credentials`;
    return new GitProblem('not_found', reason, 'Check the URL: it must be what `git clone` takes.');
  }
  return new GitProblem('unreachable', `${display} answered HTTP ${status}`, `Try again later. ${CLONE_LOCALLY}`);
}

function statusOf(error: unknown): number | undefined {
  const data = isObject(error) ? error.data : undefined;
  const status = isObject(data) ? data.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name could not be resolved now',
  ECONNREFUSED: 'the host refuses the connection: nothing listens on that port',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  EPIPE: 'the connection was closed',
};

function fromNetwork(error: unknown, display: string): GitProblem | undefined {
  const code = isObject(error) && typeof error.code === 'string' ? error.code : '';
  const tls = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code) ? `its certificate is not accepted (${code})` : undefined;
  const why = NETWORK[code] ?? tls;
  if (why === undefined) return undefined;
  return new GitProblem('unreachable', `${display}: ${why}`, `Check the URL from this machine. ${CLONE_LOCALLY}`);
}

function fromGit(error: unknown, display: string): GitProblem {
  const code = isObject(error) && typeof error.code === 'string' ? error.code : '';
  const text = sanitise(error instanceof Error ? error.message : String(error), 200);
  if (code === 'SmartHttpError' || code === 'ParseError') {
    const reason = `${display} does not answer as a Git server (smart HTTP)`;
    return new GitProblem('invalid', reason, 'Give the URL that `git clone` takes, not that of a web page.');
  }
  if (code === 'UnsafeFilepathError') {
    const reason = `${display} holds a file name that would lead out of a checkout: ${text}`;
    return new GitProblem('refused', reason, 'Give another ref or a path that does not hold it.');
  }
  if (code === 'NotFoundError') {
    const reason = `${display} lacks an object that its own history names: ${text}`;
    return new GitProblem(
      'unsupported',
      reason,
      'Partial clones and clones with --reference are not read: use a full clone.',
    );
  }
  return new GitProblem('invalid', `${display} could not be read as a Git repository: ${text}`, CLONE_LOCALLY);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
