/** What a controller would apply from a folder, where that is more than its files: built kustomizations and charts. Used by `repository-reader.ts`. */
import { posix } from 'node:path';
import type { NotRead } from '../../core/model/cluster-state.ts';
import type { Rendering } from '../../ports/gitops-source.ts';
import { type Documents, type GitDocument, readDocuments } from '../documents.ts';
import type { Snapshot } from '../snapshot.ts';
import { buildKustomization, type Rendered } from './kustomize.ts';
import { KUSTOMIZATION_FILES } from './kustomize-closure.ts';
import { NotRendered } from './not-rendered.ts';
import { substitutionOf } from './substitute.ts';
import { createTreeView, type TreeView } from './tree-view.ts';

export interface RenderJob {
  readonly snapshot: Snapshot;
  /** From the repository's root. */
  readonly folder: string;
  readonly rendering: Rendering;
  /** Whether charts may be rendered. */
  readonly charts: boolean;
  readonly signal: AbortSignal;
}

export type RenderOutcome =
  | {
      readonly kind: 'rendered';
      readonly documents: Documents;
      readonly sources: ReadonlyMap<string, Buffer>;
      /** The policies once more, from other texts of the sources; absent for charts. @throws NotRendered */
      readonly rebuild?: (files: ReadonlyMap<string, Buffer>) => Promise<readonly GitDocument[]>;
      readonly limits: readonly NotRead[];
    }
  | { readonly kind: 'not rendered'; readonly path: string; readonly reason: string }
  | { readonly kind: 'plain' };

/** The file that makes a folder more than its manifests. */
interface Recipe {
  readonly path: string;
  readonly build: () => Promise<Rendered>;
  /** Of objects that name none. */
  readonly namespace?: string;
}

export async function renderFolder(job: RenderJob): Promise<RenderOutcome> {
  if (job.rendering.directory !== undefined) return { kind: 'plain' };
  const tree = createTreeView(job.snapshot, job.signal);
  const recipe = await recipeOf(tree, job);
  if (recipe === undefined) return { kind: 'plain' };
  try {
    const { yaml, sources, limits, sourceOf, rebuild } = await recipe.build();
    const values = substitutionOf(job.rendering);
    const documents = inNamespace(readDocuments([{ path: recipe.path, text: yaml }], values), recipe.namespace);
    const texts = [...sources].map(([path, content]) => ({ path, text: content.toString('utf8') }));
    const written = readDocuments(texts, values);
    return {
      kind: 'rendered',
      sources,
      ...(rebuild && {
        rebuild: async (edited) => readDocuments([{ path: recipe.path, text: await rebuild(edited) }], values).policies,
      }),
      limits,
      documents: {
        ...documents,
        policies: documents.policies.map((policy) => {
          const template = sourceOf?.(policy.file.document);
          return template !== undefined && sources.has(template)
            ? { ...policy, file: { path: template, document: 0 } }
            : atItsSource(policy, written.policies);
        }),
      },
    };
  } catch (error) {
    if (!(error instanceof NotRendered)) throw error;
    return { kind: 'not rendered', path: recipe.path, reason: `not rendered, read as written: ${error.message}` };
  }
}

async function recipeOf(tree: TreeView, job: RenderJob): Promise<Recipe | undefined> {
  const { folder, rendering, signal } = job;
  const names = (await tree.list(folder)).map(({ name }) => name);
  const kustomization = KUSTOMIZATION_FILES.find((name) => names.includes(name));
  if (kustomization !== undefined || rendering.overlay !== undefined) {
    const path = posix.join(folder, kustomization ?? KUSTOMIZATION_FILES[0]);
    return { path, build: () => buildKustomization(tree, folder, { overlay: rendering.overlay, signal }) };
  }
  if (!names.includes('Chart.yaml')) return undefined;
  const path = posix.join(folder, 'Chart.yaml');
  const { helm } = rendering;
  return { path, build: () => buildChart(tree, job, helm), ...(helm && { namespace: helm.namespace }) };
}

async function buildChart(tree: TreeView, job: RenderJob, helm: Rendering['helm']): Promise<Rendered> {
  if (!job.charts) throw new NotRendered('a chart, and this program was started without --git-render');
  if (helm === undefined) throw new NotRendered('a chart, and no release and namespace were given');
  const { renderChart } = await import('./helm.ts');
  return renderChart(tree, job.folder, { ...helm, signal: job.signal });
}

/** helm installs into the release's namespace what names none. */
function inNamespace(documents: Documents, namespace: string | undefined): Documents {
  if (namespace === undefined) return documents;
  const policies = documents.policies.map((policy) =>
    policy.namespace !== undefined || policy.kind === 'CiliumClusterwideNetworkPolicy'
      ? policy
      : { ...policy, namespace },
  );
  return { ...documents, policies };
}

/** The file that a rendered policy comes from, where one file alone holds its kind under this name, prefixes aside. */
function atItsSource(policy: GitDocument, written: readonly GitDocument[]): GitDocument {
  const candidates = written.filter(({ kind, name }) => kind === policy.kind && policy.name.includes(name));
  const exact = candidates.filter(({ name }) => name === policy.name);
  const [only, ...others] = exact.length > 0 ? exact : candidates;
  return only === undefined || others.length > 0 ? policy : { ...policy, file: only.file };
}
