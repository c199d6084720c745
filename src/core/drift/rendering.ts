/** How the one controller that applies a folder turns it into objects; given to `gitops` beside the repository, so that both sides of a comparison mean the same. */
import type {
  ArgoApplication,
  FluxKustomization,
  FluxOverlay,
  HelmInputs,
  KustomizeOptions,
  SyncSource,
  SyncState,
} from '../model/sync.ts';
import { commitOf, repositoryPath } from './same-source.ts';
import { variablesOf } from './variables.ts';

/** As `Rendering` of `ports/gitops-source.ts`. */
export interface FolderRendering {
  readonly substitute?: Readonly<Record<string, string>>;
  readonly substituteAll?: true;
  readonly substituteUnread?: string;
  readonly targetNamespace?: string;
  readonly overlay?: FluxOverlay;
  readonly directory?: NonNullable<ArgoApplication['directory']>;
  readonly helm?: HelmInputs;
}

export interface Asked {
  readonly repository: string;
  readonly path?: string;
  readonly ref?: string;
}

/** Undefined where none applies exactly this folder, or several do: then files are read as they are written. */
export function renderingFor(sync: SyncState, { repository, path = '', ref }: Asked): FolderRendering | undefined {
  const here = repositoryPath(repository);
  const folder = folderOf(path);
  const [only, ...others] = sync.controllers.filter(({ source, path: own, remoteCluster }) => {
    if (remoteCluster || source?.kind !== 'git' || own !== folder || !isOf(source, ref)) return false;
    return here === undefined || source.url === undefined || repositoryPath(source.url) === here;
  });
  if (only === undefined || others.length > 0) return undefined;
  if (only.tool === 'flux-kustomization') return asFluxBuilds(only);
  if (only.helm !== undefined) return { helm: only.helm };
  return only.tool === 'argo-application' ? asArgoBuilds(only) : undefined;
}

function asArgoBuilds({ rendering, directory, kustomize }: ArgoApplication): FolderRendering | undefined {
  if (rendering === 'directory') return { directory: directory ?? { recurse: false } };
  if (rendering !== 'kustomize') return undefined;
  const { overlay, namespace }: Partial<KustomizeOptions> = kustomize ?? {};
  return { ...(overlay && { overlay }), ...(namespace !== undefined && { targetNamespace: namespace }) };
}

/** Another branch of the same repository is another controller's. */
function isOf({ ref: followed = 'HEAD' }: SyncSource, ref = 'HEAD'): boolean {
  return ref === 'HEAD' || followed === 'HEAD' || followed === ref || commitOf(ref) !== undefined;
}

/** Nothing more to say still means that the folder is built as it is, and that what its kustomization does not list is not applied. */
function asFluxBuilds(kustomization: FluxKustomization): FolderRendering {
  const { targetNamespace, overlay, substituteAlways } = kustomization;
  const { values, unread } = variablesOf(kustomization);
  const all = unread === undefined ? { substituteAll: true as const } : { substituteUnread: unread };
  // Without any variable nothing is replaced, not even by defaults (SubstituteVariables in fluxcd/pkg kustomize/kustomize_varsub.go).
  const replaces = Object.keys(values).length > 0 || unread !== undefined || substituteAlways;
  return {
    ...(replaces && { substitute: values, ...all }),
    ...(targetNamespace !== undefined && { targetNamespace }),
    ...(overlay && { overlay }),
  };
}

/** `./clusters/prod/` as controllers are decoded. */
export function folderOf(path: string): string {
  return path
    .split('/')
    .filter((one) => one !== '' && one !== '.')
    .join('/');
}
