/** Writes recorded objects and their index into a capture; `reader.ts` reads them back. */
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

/** Names of objects are no paths, but nothing here relies on that. */
function fileName(namespace: string | undefined, name: string): string {
  const safe = (text: string) => encodeURIComponent(text).slice(0, 240);
  return `${namespace === undefined ? '' : `${safe(namespace)}__`}${safe(name)}.yaml`;
}
