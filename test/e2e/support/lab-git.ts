/** Repositories on the lab's Git server, which Flux and Argo CD in the cluster fetch, and which this machine reads at another host of the same path. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gitSite } from '../../lab/internet/zone.ts';
import { paths } from '../../lab/paths.ts';

/** What a file holds from now on; null removes it. */
export type Files = Readonly<Record<string, string | null>>;

export interface LabRepo {
  /** For objects of the cluster. */
  readonly clusterUrl: string;
  /** For programs on this machine. */
  readonly url: string;
  /** Working tree of branch `main`, in which nothing is uncommitted. */
  readonly dir: string;
  /** Id of the last commit on `main`. */
  head(): string;
  /** One commit on `main`, pushed; its id. */
  commit(files: Files): string;
  /** A unified diff, applied by git, committed and pushed; the commit's id. */
  apply(diff: string): string;
  remove(): void;
}

function git(dir: string, args: readonly string[], input = ''): string {
  const who = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.invalid'];
  return execFileSync('git', ['-C', dir, ...who, ...args], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A bare repository NAME.git, made anew, with one commit of these files. */
export function createLabRepo(name: string, files: Files): LabRepo {
  const bare = join(paths.git, `${name}.git`);
  const dir = mkdtempSync(join(tmpdir(), 'egress-lab-git-'));
  rmSync(bare, { recursive: true, force: true });
  git(dir, ['init', '-q', '--bare', '-b', 'main', bare]);
  git(dir, ['init', '-q', '-b', 'main']);
  git(dir, ['remote', 'add', 'origin', bare]);
  const head = (): string => git(dir, ['rev-parse', 'HEAD']).trim();
  const push = (): string => {
    git(dir, ['push', '-q', 'origin', 'main']);
    return head();
  };
  const commit = (changed: Files): string => {
    for (const [file, text] of Object.entries(changed)) put(join(dir, file), text);
    git(dir, ['add', '-A']);
    git(dir, ['commit', '-q', '--allow-empty', '-m', `set ${Object.keys(changed).join(', ')}`]);
    return push();
  };
  commit(files);
  return {
    clusterUrl: `http://${gitSite.name}/${name}.git`,
    url: `http://${gitSite.address}/${name}.git`,
    dir,
    head,
    commit,
    apply: (diff) => {
      git(dir, ['apply', '--index', '-'], diff);
      git(dir, ['commit', '-q', '-m', 'apply a diff']);
      return push();
    },
    remove: () => [bare, dir].forEach((folder) => rmSync(folder, { recursive: true, force: true })),
  };
}

function put(file: string, text: string | null): void {
  if (text === null) return rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
