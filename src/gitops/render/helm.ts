/** Renders the chart of a folder with the installed helm and the chart's own values, only where the operator allows it; used by `rendered-documents.ts`. */
import { posix } from 'node:path';
import type { TreeEntry } from '../objects/parse.ts';
import type { Rendered } from './kustomize.ts';
import { NotRendered } from './not-rendered.ts';
import { runTool } from './run-tool.ts';
import type { TreeView } from './tree-view.ts';

const MAX_FILES = 1000;
const MAX_BYTES = 16 * 1024 * 1024;
/** RFC 1123 labels, as Kubernetes takes them: none begins with a dash. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/;

export interface Release {
  readonly release: string;
  readonly namespace: string;
}

/** `helm template` contacts neither cluster nor repository; a dependency that is not in `charts/` makes it fail. @throws NotRendered */
export async function renderChart(
  tree: TreeView,
  folder: string,
  { release, namespace, signal }: Release & { readonly signal: AbortSignal },
): Promise<Rendered> {
  if (!NAME.test(release) || !NAME.test(namespace)) throw new NotRendered('the name of the release or its namespace');
  const files = await chartFiles(tree, folder);
  const args = ['template', release, '{}', '--namespace', namespace];
  const { text, limits } = await runTool([{ name: 'helm', args }], { files, folder, signal });
  return { yaml: text, limits, sources: files };
}

async function chartFiles(tree: TreeView, folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const found: [string, TreeEntry][] = [];
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await tree.list(at)) {
      if (/^\.{1,2}$|^\.git$|[\u0000-\u001f\u007f/\\]/i.test(entry.name)) continue;
      const path = posix.join(at, entry.name);
      if (entry.type === 'tree') pending.push(path);
      else if (entry.type === 'file') found.push([path, entry]);
      if (found.length + pending.length > MAX_FILES) throw new NotRendered(`a chart of more than ${MAX_FILES} files`);
    }
  }
  const contents = await tree.read(found.map(([, entry]) => entry));
  const files = new Map(found.map(([path], at) => [path, contents[at] ?? Buffer.alloc(0)]));
  const bytes = [...files.values()].reduce((sum, content) => sum + content.length, 0);
  if (bytes > MAX_BYTES) throw new NotRendered('a chart that is larger than is read');
  return files;
}
