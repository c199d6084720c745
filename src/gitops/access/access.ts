/** What the operator lets this program do towards Git servers, and which host gets credentials; from flags and environment by `compose.ts`. */
import { GitProblem } from '../git-problem.ts';
import type { Credentials } from '../wire/http-client.ts';

export interface GitAccess {
  /** `HOST` for its usual port, or `HOST:PORT`; only these get credentials, and only these are reached by ssh. */
  readonly hosts: readonly string[];
  /** For those hosts, over https. Never shown. */
  readonly token?: string;
  /** Whether the installed git's credential helpers are asked for those hosts. */
  readonly credentialHelper?: boolean;
  /** Whether Helm charts are rendered: their templates are programs of the repository. */
  readonly render?: boolean;
}

export const NO_ACCESS: GitAccess = { hosts: [] };

const USUAL_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ssh:': '22' };

/** The repository's URL comes from a model or a person; who gets a secret is the operator's word alone. */
export function isNamedHost(access: GitAccess, url: URL): boolean {
  const usual = USUAL_PORTS[url.protocol] ?? '';
  const port = url.port === '' ? usual : url.port;
  return access.hosts.some((named) => {
    const [, host = '', namedPort = usual] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(named.toLowerCase()) ?? [];
    return host === url.hostname.toLowerCase() && namedPort === port;
  });
}

/**
 * @returns undefined where the host was not named or nothing is there to give.
 * @throws GitProblem where credentials would go over the network in clear text.
 */
export async function credentialsFor(
  access: GitAccess,
  url: URL,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const { token, credentialHelper = false } = access;
  if (!isNamedHost(access, url) || (token === undefined && !credentialHelper)) return undefined;
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    throw new GitProblem('refused', `credentials would go in clear text to ${url.hostname}`, 'Give the https URL.');
  }
  // GitHub and GitLab take any user name beside a token; this one is GitHub's own for installations.
  if (token !== undefined) return { username: 'x-access-token', password: token };
  const { askCredentialHelper } = await import('./credential-helper.ts');
  return askCredentialHelper(url, signal);
}

/** By address only: a name could resolve to anything. `localhost` is loopback by RFC 6761. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What an operator can do about a server that asks for credentials. */
export function howToAuthorise(access: GitAccess, url: URL): string {
  const named = isNamedHost(access, url);
  if (named && (access.token !== undefined || access.credentialHelper === true)) {
    return 'Check that the token or the stored credentials may read this repository.';
  }
  const host = url.port === '' ? url.hostname : url.host;
  const flag = named ? '' : `--git-host ${host} and `;
  return `Start this program with ${flag}EGRESS_DIAGNOSE_GIT_TOKEN (or --git-credentials, for git's credential helper), or clone it with git and give the absolute path of the clone.`;
}
