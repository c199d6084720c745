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

function fromHttp(error: unknown, display: string): GitProblem | undefined {
  const status = isObject(error) && error.name === 'HttpFailure' ? error.status : undefined;
  if (typeof status !== 'number') return undefined;
  if (status === 404) {
    const reason = `${display} answered 404: no repository at this URL, or one that is hidden without credentials`;
    return new GitProblem('not_found', reason, 'Check the URL: it must be what `git clone` takes.');
  }
  return new GitProblem('unreachable', `${display} answered HTTP ${status}`, `Try again later. ${CLONE_LOCALLY}`);
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
  if (isObject(error) && error.name === 'ServerError') {
    return new GitProblem('invalid', `${display} answered with an error of its own: ${text}`, CLONE_LOCALLY);
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
