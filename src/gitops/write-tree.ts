/** Writes edited files into a working tree, all or none, never through a link; used by `patch-writer.ts`. */
import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { EditedFile } from './patch-changes.ts';
import { failed, refused, stuck } from './write-refusal.ts';

interface Staged {
  readonly file: EditedFile;
  readonly target: string;
  readonly temporary: string;
}

/** @throws DiagnoseError; the tree is then as it was. */
export async function writeInTree(root: string, files: readonly EditedFile[]): Promise<void> {
  const real = await realpath(root);
  for (const file of files) await checkTarget(real, file);
  const staged: Staged[] = [];
  const done: Staged[] = [];
  let current = '';
  try {
    for (const file of files) {
      current = file.path;
      staged.push(await stage(real, file));
    }
    for (const one of staged) {
      current = one.file.path;
      // Whoever edits the file meanwhile must not lose what they wrote.
      await checkTarget(real, one.file);
      await putInPlace(one);
      done.push(one);
    }
  } catch (error) {
    await takeBack(real, done);
    throw failed(current, error);
  } finally {
    for (const { temporary } of staged) await rm(temporary, { force: true });
  }
  for (const folder of new Set(staged.map(({ target }) => dirname(target)))) await sync(folder);
}

/** A regular file inside the tree, reached over real folders, that says what the commit says; or none for a new one. */
async function checkTarget(root: string, { path, before }: EditedFile): Promise<void> {
  await checkFolders(root, path);
  const target = join(root, path);
  const found = await lstat(target).catch(() => undefined);
  if (before === undefined) {
    if (found !== undefined)
      throw refused(`${path} is new to Git and there already`, 'Move it away, or commit it first.');
    return;
  }
  if (found === undefined) throw refused(`${path} is not in the working tree`, `Restore it: git restore ${path}`);
  if (!found.isFile()) throw refused(`${path} is a link or no regular file`, 'Edit what it leads to by hand.');
  if ((await readFile(target, 'utf8')) === before) return;
  throw refused(
    `${path} differs from the commit that was read (it was edited, or Git changes its line ends on checkout)`,
    'Commit or undo the edit and run this again, or name --branch, which leaves the working tree alone.',
  );
}

/** @throws DiagnoseError for `..`, Git's own folder, and folders that are links or not there. */
async function checkFolders(root: string, path: string): Promise<void> {
  const segments = path.split('/');
  if (segments.some(isUnsafe))
    throw refused(`${path} is no path inside a working tree`, 'Edit the repository by hand.');
  let folder = root;
  for (const segment of segments.slice(0, -1)) {
    folder = join(folder, segment);
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isDirectory()) continue;
    const shown = relative(root, folder);
    throw refused(
      `${shown} on the way to ${path} is ${found === undefined ? 'not in the working tree' : 'a link or no folder'}`,
      'Check out the whole tree, or name --branch, which leaves it alone.',
    );
  }
}

/** Git refuses the same names (verify_path in read-cache.c; `GIT~1` is `.git` on Windows). */
export function isUnsafe(segment: string): boolean {
  return ['', '.', '..'].includes(segment) || /[\\\u0000-\u001f]/.test(segment) || /^(\.git|git~\d+)$/i.test(segment);
}

/** Complete and on the disk before anything is replaced. */
async function stage(root: string, file: EditedFile): Promise<Staged> {
  const target = join(root, file.path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  const mode = file.before === undefined ? undefined : (await lstat(target)).mode & 0o777;
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(file.after);
    if (mode !== undefined) await chmod(temporary, mode);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return { file, target, temporary };
}

/** A rename replaces; a link fails where somebody was faster. */
async function putInPlace({ file, target, temporary }: Staged): Promise<void> {
  if (file.before === undefined) await link(temporary, target);
  else await rename(temporary, target);
}

async function takeBack(root: string, done: readonly Staged[]): Promise<void> {
  for (const { file, target } of done.toReversed()) {
    try {
      if (file.before === undefined) await rm(target, { force: true });
      else await rename((await stage(root, { ...file, after: file.before })).temporary, target);
    } catch {
      throw stuck(file.path);
    }
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch {
    // Some file systems sync no folders.
  } finally {
    await handle.close();
  }
}
