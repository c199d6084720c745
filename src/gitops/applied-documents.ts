/** From the files of a folder to the policies that they stand for: as written, for patches, and as a controller applies them, for comparisons; used by `repository-reader.ts`. */
import { isRecord } from '../core/drift/json.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { Rendering } from '../ports/gitops-source.ts';
import { type Documents, type GitDocument, readDocuments } from './documents.ts';
import type { RepositoryFile, Skipped } from './files.ts';
import type { Built } from './patch-proof.ts';
import { selectFiles } from './render/directory.ts';
import { renderFolder } from './render/rendered-documents.ts';
import { type Substitution, substitutionOf } from './render/substitute.ts';
import type { Snapshot } from './snapshot.ts';

export interface Applied {
  /** Policies as the files hold them, variables of Flux replaced. */
  readonly documents: readonly GitDocument[];
  readonly kustomizations: Documents['kustomizations'];
  /** Policies as they are applied: rendered where that is known, else as written. */
  readonly applied: readonly GitDocument[];
  readonly skipped: readonly Skipped[];
  /** What could not be made sure of about programs that rendered. */
  readonly limits: readonly NotRead[];
  /** Whether `applied` was built. */
  readonly rendered: boolean;
  /** How, where it can be once more. */
  readonly built?: Built;
}

export interface AppliedInput {
  readonly snapshot: Snapshot;
  readonly files: readonly RepositoryFile[];
  /** From the repository's root. */
  readonly folder: string;
  /** Undefined where nobody said how the folder is applied. */
  readonly rendering: Rendering | undefined;
  /** Whether charts may be rendered. */
  readonly charts: boolean;
  readonly signal: AbortSignal;
}

export async function appliedDocuments(input: AppliedInput): Promise<Applied> {
  const { files, folder, rendering = {} } = input;
  const inItsNamespace = movedTo(rendering.targetNamespace);
  const selected = rendering.directory === undefined ? undefined : selectFiles(files, folder, rendering.directory);
  const taken = selected?.files ?? files;
  const values = substitutionOf(rendering);
  const plain = readDocuments(taken, values);
  const asWritten = { documents: plain.policies, kustomizations: plain.kustomizations };
  const outcome = await renderFolder({ ...input, rendering });
  if (outcome.kind !== 'rendered') {
    const why = outcome.kind === 'plain' ? [] : [{ path: outcome.path, reason: outcome.reason }];
    const others = plain.skipped.filter(({ path }) => outcome.kind === 'plain' || path !== outcome.path);
    return {
      ...asWritten,
      applied: plain.policies.map(inItsNamespace),
      skipped: [...(selected?.skipped ?? []), ...why, ...others],
      limits: [],
      rendered: false,
    };
  }
  // Where nobody said what is applied, files that the kustomization leaves out may be applied by something else.
  const beside = <T>(all: readonly T[], pathOf: (entry: T) => string): readonly T[] =>
    input.rendering === undefined ? all.filter((entry) => !outcome.sources.has(pathOf(entry))) : [];
  const { sources, rebuild } = outcome;
  return {
    ...withSources(asWritten, sources, values),
    ...(rebuild && {
      built: { folder, sources, rebuild: async (texts) => (await rebuild(texts)).map(inItsNamespace) },
    }),
    applied: [...outcome.documents.policies.map(inItsNamespace), ...beside(plain.policies, ({ file }) => file.path)],
    skipped: [...outcome.documents.skipped, ...beside(plain.skipped, ({ path }) => path)],
    limits: outcome.limits,
    rendered: true,
  };
}

/** A kustomization builds on files beside the folder, and what it applies is changed where it is written. */
function withSources(
  { documents, kustomizations }: Pick<Applied, 'documents' | 'kustomizations'>,
  sources: ReadonlyMap<string, Buffer>,
  values: Substitution | undefined,
): Pick<Applied, 'documents' | 'kustomizations'> {
  const known = new Set([...documents.map(({ file }) => file.path), ...kustomizations.map(({ path }) => path)]);
  const others = [...sources].filter(([path]) => !known.has(path));
  const found = readDocuments(
    others.map(([path, content]) => ({ path, text: content.toString('utf8') })),
    values,
  );
  return {
    documents: [...documents, ...found.policies],
    kustomizations: [...kustomizations, ...found.kustomizations],
  };
}

/** Cluster-wide policies have no namespace to be moved to. */
function movedTo(namespace: string | undefined): (policy: GitDocument) => GitDocument {
  return (policy) => {
    if (namespace === undefined || policy.kind === 'CiliumClusterwideNetworkPolicy') return policy;
    const { metadata } = policy.manifest;
    const moved = { ...(isRecord(metadata) ? metadata : {}), namespace };
    return { ...policy, namespace, manifest: { ...policy.manifest, metadata: moved } };
  };
}
