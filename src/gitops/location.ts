/** The grammar of `RepositoryRef`: what a user may name as repository, ref and path; first step of `gitops-source.ts`. */
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RepositoryRef } from '../ports/gitops-source.ts';
import { GitProblem } from './git-problem.ts';
import { parseSsh } from './ssh-location.ts';

export interface Location {
  readonly kind: 'local' | 'remote' | 'ssh';
  /** Absolute directory, URL without trailing slash, or ssh's short form as git takes it. */
  readonly target: string;
  /** `HEAD` when none was asked for. */
  readonly ref: string;
  /** Segments of the folder; empty for the whole repository. */
  readonly path: readonly string[];
}

const FORMS = 'Give an http(s) or ssh URL or the absolute path of a local working tree or bare repository.';

/** @throws GitProblem naming the input and the rule it breaks. */
export function parseLocation(repo: RepositoryRef): Location {
  return { ...parseRepository(repo.repository.trim()), ref: parseRef(repo.ref), path: parsePath(repo.path) };
}

/** The folder that is read, as paths in a repository are written. */
export function folderOf(repo: RepositoryRef): string {
  return parsePath(repo.path).join('/');
}

/** Whether the repository is a clone on this machine. */
export function isLocal(repo: RepositoryRef): boolean {
  return parseLocation(repo).kind === 'local';
}

/** The repository for reports and errors: no user, no password, no query, no control characters. */
export function displayOf(repository: string): string {
  const text = repository.trim().replace(/[\u0000-\u001f\u007f]/g, '');
  const bare = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/, '');
  return bare.slice(0, 300);
}

function parseRepository(text: string): Pick<Location, 'kind' | 'target'> {
  const shown = displayOf(text);
  if (/[\u0000-\u001f\u007f]/.test(text) || text.length > 2000) {
    throw new GitProblem('invalid', `${shown} holds control characters or is too long`, FORMS);
  }
  if (/^https?:\/\//i.test(text)) return { kind: 'remote', target: parseUrl(text, shown) };
  if (/^file:\/\//i.test(text)) return { kind: 'local', target: parseFileUrl(text, shown) };
  const ssh = parseSsh(text);
  if (ssh !== undefined) return { kind: 'ssh', target: ssh.target };
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || /^[^/\\]+@[^/\\]+:/.test(text)) {
    const reason = `${shown} is neither http(s) nor ssh: other transports are not read`;
    throw new GitProblem('unsupported', reason, 'Clone it with git and give the absolute path of the clone instead.');
  }
  if (!isAbsolute(text)) throw new GitProblem('invalid', `${shown} is neither a URL nor an absolute path`, FORMS);
  return { kind: 'local', target: text };
}

function parseUrl(text: string, shown: string): string {
  if (!URL.canParse(text)) throw new GitProblem('invalid', `${shown} is not a valid URL`, FORMS);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    const reason = `the URL of ${shown} carries credentials, which would end up in logs and reports`;
    throw new GitProblem(
      'refused',
      reason,
      'Give the URL without them; for a private repository, clone it and give the path of the clone.',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new GitProblem('invalid', `${shown} was given with a query or fragment`, FORMS);
  }
  return url.href.replace(/\/+$/, '');
}

function parseFileUrl(text: string, shown: string): string {
  try {
    return fileURLToPath(text);
  } catch {
    throw new GitProblem('invalid', `${shown} is not a local file URL`, FORMS);
  }
}

/** git-check-ref-format, narrowed: no leading dash, no `..`, `@{`, `//`, trailing dot, slash or .lock. */
const REF = /^(?!.*(\.\.|@\{|\/\/|\/\.|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9._/+@#-]*(?<![./])$/;

function parseRef(ref: string | undefined): string {
  if (ref === undefined || ref === '') return 'HEAD';
  if (ref.length <= 250 && REF.test(ref)) return ref;
  const shown = JSON.stringify(ref.slice(0, 80));
  throw new GitProblem(
    'invalid',
    `${shown} is not a branch, tag or commit name`,
    'Give e.g. main, v1.2.3 or a commit id.',
  );
}

function parsePath(path: string | undefined): readonly string[] {
  const segments = (path ?? '').split('/').filter((segment) => segment !== '' && segment !== '.');
  const bad = segments.some(
    (segment) => segment === '..' || segment === '.git' || /[\u0000-\u001f\u007f\\]/.test(segment),
  );
  if (!bad) return segments;
  const shown = JSON.stringify((path ?? '').slice(0, 120));
  throw new GitProblem(
    'invalid',
    `path ${shown} leaves the repository or is malformed`,
    'Give a folder inside it, e.g. clusters/prod.',
  );
}
