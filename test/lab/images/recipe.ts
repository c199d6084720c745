// What a container image of the lab is made of, and the making of its archive in the cache.
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { paths } from '../paths.ts';
import { hashOf, makeOnce } from '../tools/atomic.ts';
import { step } from '../tools/progress.ts';
import { archiveImage, type ImageSettings } from './archive.ts';

export interface ImageRecipe extends ImageSettings {
  /** What the image's cache entry is hashed from, besides its settings: texts and versions, e.g. of the file that fills it. */
  readonly madeFrom: readonly string[];
  readonly fill: (root: string) => Promise<void>;
}

export async function put(root: string, source: string, place: string): Promise<void> {
  await mkdir(dirname(join(root, place)), { recursive: true });
  await copyFile(source, join(root, place));
}

/** The text of a source file in this folder. */
export async function sourceText(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}

async function buildImage(recipe: ImageRecipe): Promise<string> {
  const { fill, madeFrom, ...settings } = recipe;
  const hash = hashOf(JSON.stringify(settings), ...madeFrom, await sourceText('archive.ts'));
  const archive = join(paths.images, `${recipe.name.replaceAll(/[/:]/g, '-')}-${hash}.tar`);
  return makeOnce(archive, (temporary) =>
    step(`building image ${recipe.name}`, async () => {
      const root = `${temporary}.root`;
      await mkdir(root);
      await fill(root);
      await archiveImage(root, temporary, settings);
      await rm(root, { recursive: true });
    }),
  );
}

/** Paths of the images' archives. */
export async function buildImages(recipes: readonly ImageRecipe[]): Promise<string[]> {
  const archives: string[] = [];
  // One after the other: two debootstraps would write into one cache of packages.
  for (const recipe of recipes) archives.push(await buildImage(recipe));
  return archives;
}
