/** Asks the user's own Git credential helpers for one host, as `git fetch` would, and never a person; used by `access.ts` where the operator allowed it. */
import { dirname } from 'node:path';
import type { Credentials } from '../wire/http-client.ts';
import { passedEnvironment, runGit } from './git-command.ts';
import { createPrivateFolder } from './private-folder.ts';

const MAX_OUTPUT = 64 * 1024;
const PROXIES = ['http', 'https', 'all', 'no'].flatMap((name) => [`${name}_proxy`, `${name.toUpperCase()}_PROXY`]);

/** Undefined where no helper knows the host. In an empty folder, so that no repository's configuration names a helper. */
export async function askCredentialHelper(url: URL, signal: AbortSignal): Promise<Credentials | undefined> {
  const folder = await createPrivateFolder();
  try {
    const input = `protocol=${url.protocol.slice(0, -1)}\nhost=${url.host}\npath=${repositoryPath(url)}\n\n`;
    const { code, stdout } = await runGit(['credential', 'fill'], {
      cwd: folder.path,
      // A helper may have to ask the network itself.
      env: { ...passedEnvironment(PROXIES), GIT_CEILING_DIRECTORIES: dirname(folder.path) },
      input,
      signal,
      maxOutput: MAX_OUTPUT,
    });
    const value = (key: string): string | undefined => new RegExp(`^${key}=(.+)$`, 'm').exec(stdout)?.[1];
    const [username, password] = [value('username'), value('password')];
    if (code !== 0 || username === undefined || password === undefined) return undefined;
    return { username, password };
  } finally {
    await folder.remove();
  }
}

/** git-credential(1): without the leading slash; percent-encoded as it is, so that it holds no newline. */
function repositoryPath(url: URL): string {
  return url.pathname.replace(/^\/|\/(info\/refs|git-upload-pack)$/g, '');
}
