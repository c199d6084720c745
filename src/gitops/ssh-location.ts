/** The two ways to write an ssh remote (git-clone(1), "GIT URLS"), narrowed to what cannot be read as an option or by a shell; from `location.ts`. */
import { isAddress, isHostName } from '../core/net/host.ts';
import { GitProblem } from './git-problem.ts';

export interface SshLocation {
  /** As it is given to git. */
  readonly target: string;
  /** For the question whether the operator named this host. */
  readonly url: URL;
}

const URL_FORM = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:/]*)(?::(\d{1,5}))?(\/.*)$/i;
const SHORT_FORM = /^([^@/:]*)@(\[[^\]/]*\]|[^:/[\]]*):(?!\/\/)(.*)$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** No quote, space or sign that a shell on the other side would read; `~` names a home there. */
const PATH = /^[A-Za-z0-9_/~][A-Za-z0-9._/~+@%-]*$/;

/** Undefined for anything that is not ssh. @throws GitProblem naming the part that is not accepted. */
export function parseSsh(text: string): SshLocation | undefined {
  const long = /^ssh:\/\//i.test(text);
  const match = (long ? URL_FORM : SHORT_FORM).exec(text);
  if (match === null) {
    if (long) throw refusal('invalid', 'the URL has no host or no path');
    return undefined;
  }
  const [, user, host = '', third, fourth] = match;
  const [port, path = ''] = long ? [third, fourth] : [undefined, third];
  checkParts({ user, host, port, path });
  const at = user === undefined ? '' : `${user}@`;
  const target = long ? `ssh://${at}${host}${port === undefined ? '' : `:${port}`}${path}` : text;
  return { target, url: new URL(`ssh://${host}${port === undefined ? '' : `:${port}`}`) };
}

interface Parts {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
  readonly path: string;
}

function checkParts({ user, host, port, path }: Parts): void {
  if (user?.includes(':') === true) throw refusal('refused', 'a password stands in the URL');
  if (user !== undefined && !USER.test(user)) throw refusal('invalid', 'the user name is not a plain one');
  const bare = host.replace(/^\[|\]$/g, '');
  if (!isHostName(bare) && !isAddress(bare)) throw refusal('invalid', 'the host is no host name or address');
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535))
    throw refusal('invalid', 'there is no such port');
  if (!PATH.test(path)) throw refusal('invalid', 'the path holds signs that are not accepted');
}

function refusal(code: 'invalid' | 'refused', why: string): GitProblem {
  const next = 'Give ssh://USER@HOST/PATH or USER@HOST:PATH, or the absolute path of a local clone.';
  return new GitProblem(code, `this ssh remote cannot be used: ${why}`, next);
}
