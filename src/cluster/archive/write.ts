/** Writes recorded objects and their index into a capture; `reader.ts` reads them back. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { nameOf, namespaceOf } from '../raw-meta.ts';
import type { RecordedObjects } from '../recording-reader.ts';
import { INDEX_FILE, OBJECTS } from './load.ts';

/** `dir` exists; objects of one resource go into one folder, as `NAMESPACE__NAME.yaml`. */
export async function writeObjects(dir: string, recorded: RecordedObjects): Promise<void> {
  const root = join(dir, OBJECTS);
  await mkdir(root, { recursive: true });
  for (const [key, objects] of recorded.objects) {
    await mkdir(join(root, key), { recursive: true });
    for (const object of objects) {
      const text = dump(object, { noRefs: true, lineWidth: -1 });
      await writeFile(join(root, key, fileName(namespaceOf(object), nameOf(object))), text);
    }
  }
  await writeFile(join(root, INDEX_FILE), `${JSON.stringify(recorded.index, undefined, 2)}\n`);
}

/** File systems take 255 bytes; namespace and name may have 318 together. */
const LONGEST = 200;

/** Names of objects are no paths, but nothing here relies on that. */
function fileName(namespace: string | undefined, name: string): string {
  const full = `${namespace === undefined ? '' : `${encodeURIComponent(namespace)}__`}${encodeURIComponent(name)}`;
  if (full.length <= LONGEST) return `${full}.yaml`;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 16);
  return `${full.slice(0, LONGEST - hash.length - 1)}-${hash}.yaml`;
}
