/** Builds the kustomization of a folder with the installed kustomize or kubectl; used by `rendered-documents.ts`. */
import type { NotRead } from '../../core/model/cluster-state.ts';
import type { FluxOverlay } from '../../core/model/sync.ts';
import { componentsOf, manifestsOf, withOverlay } from './flux-overlay.ts';
import { closureOf, KUSTOMIZATION_FILES } from './kustomize-closure.ts';
import { runTool } from './run-tool.ts';
import type { TreeView } from './tree-view.ts';

/** Plugins, chart inflation and functions are off without their flags, and files outside of a kustomization's own folder are refused. */
const TOOLS = [
  { name: 'kustomize', args: ['build', '{}'] },
  { name: 'kubectl', args: ['kustomize', '{}'] },
] as const;

export interface Rendered {
  /** Once more, from other texts of the sources. @throws NotRendered */
  readonly rebuild?: (files: ReadonlyMap<string, Buffer>) => Promise<string>;
  readonly yaml: string;
  readonly limits: readonly NotRead[];
  /** The files that went into it. */
  readonly sources: ReadonlyMap<string, Buffer>;
  /** Which of them a document of the output comes from, where the program says so. */
  readonly sourceOf?: (document: number) => string | undefined;
}

/** @throws NotRendered */
export async function buildKustomization(
  tree: TreeView,
  folder: string,
  { overlay, signal }: { readonly overlay: FluxOverlay | undefined; readonly signal: AbortSignal },
): Promise<Rendered> {
  const own = (await tree.list(folder)).some(({ name }) => KUSTOMIZATION_FILES.some((known) => known === name));
  const components = await componentsOf(tree, folder, overlay);
  const beside = await closureOf(tree, [...components.values()]);
  const base = own ? await closureOf(tree, [folder]) : await manifestsOf(tree, folder);
  const files = new Map([...beside, ...base]);
  const added = { ...overlay, components: [...components.keys()] };
  const run = (texts: ReadonlyMap<string, Buffer>) =>
    runTool(TOOLS, { files: overlay ? withOverlay(texts, { folder, overlay: added, beside }) : texts, folder, signal });
  const { text, limits } = await run(files);
  const rebuild = async (edited: ReadonlyMap<string, Buffer>): Promise<string> => (await run(edited)).text;
  return { yaml: text, limits, sources: files, rebuild };
}
