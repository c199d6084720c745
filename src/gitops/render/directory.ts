/** Which files of a folder Argo CD takes as manifests (findManifests in reposerver/repository/repository.go); a pure filter, asked by `repository-reader.ts`. */
import type { DirectoryOptions } from '../../ports/gitops-source.ts';
import type { RepositoryFile, Skipped } from '../files.ts';
import { compileGlob, type Glob } from './glob.ts';

const MARKER = '+argocd:skip-file-rendering';

export interface Selected {
  readonly files: readonly RepositoryFile[];
  readonly skipped: readonly Skipped[];
}

/** `root` is the application's path; patterns apply to what stands below it. Exclude wins over include. */
export function selectFiles(files: readonly RepositoryFile[], root: string, options: DirectoryOptions): Selected {
  const [include, exclude] = [globOf(options.include), globOf(options.exclude)];
  if (include === 'broken' || exclude === 'broken') {
    const pattern = include === 'broken' ? options.include : options.exclude;
    const reason = `the pattern ${JSON.stringify(pattern?.slice(0, 80))} is not read: all files were taken`;
    return { files, skipped: [{ path: root || '.', reason }] };
  }
  const below = (path: string): string => (root === '' ? path : path.slice(root.length + 1));
  const taken = files.filter(({ path, text }) => {
    const relative = below(path);
    if (!options.recurse && relative.includes('/')) return false;
    if (exclude?.(relative) === true || include?.(relative) === false) return false;
    return !text.includes(MARKER);
  });
  return { files: taken, skipped: [] };
}

function globOf(pattern: string | undefined): Glob | 'broken' | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  return compileGlob(pattern) ?? 'broken';
}
