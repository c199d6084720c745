/** A live policy, its Git document and one GitOps controller, as the forecast's tables vary them. */
import type { JsonRecord } from '../../../src/core/drift/json.ts';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import { driftsOf, type GitPolicy } from '../../../src/core/drift/report.ts';
import { withForecast } from '../../../src/core/drift/with-forecast.ts';
import type { DriftReport, PolicyDrift } from '../../../src/core/model/drift.ts';
import type { FieldManager, ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { PatchablePolicy } from '../../../src/core/model/policy.ts';
import type { ArgoApplication, FluxHelmRelease, FluxKustomization, SyncState } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';

export const OLD = 'a'.repeat(40);
export const NEW = 'b'.repeat(40);
export const URL_HERE = 'https://git.vendor.example/org/fleet.git';
export const ID = 'shop_checkout_cilium.io_CiliumNetworkPolicy';
export const FLUX_LABELS = {
  'kustomize.toolkit.fluxcd.io/name': 'policies',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
};
export const TRACKING = 'shop:cilium.io/CiliumNetworkPolicy:shop/checkout';

export const kustomization = (more: Partial<FluxKustomization> = {}): FluxKustomization => ({
  tool: 'flux-kustomization',
  object: { kind: 'Kustomization', namespace: 'flux-system', name: 'policies' },
  suspended: false,
  deleting: false,
  intervalSeconds: 600,
  path: 'clusters/prod',
  appliedRevision: `main@sha1:${OLD}`,
  remoteCluster: false,
  source: {
    object: { kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' },
    kind: 'git',
    url: URL_HERE,
    ref: 'main',
    suspended: false,
    revision: `main@sha1:${OLD}`,
  },
  prune: true,
  force: false,
  inventory: [ID],
  transforms: [],
  substitute: {},
  ...more,
});

export const release = (more: Partial<FluxHelmRelease> = {}): FluxHelmRelease => ({
  tool: 'flux-helmrelease',
  object: { kind: 'HelmRelease', namespace: 'shop', name: 'shop' },
  suspended: false,
  deleting: false,
  intervalSeconds: 3600,
  remoteCluster: false,
  release: 'shop',
  releaseNamespace: 'shop',
  driftDetection: 'disabled',
  ...more,
});

export const application = (more: Partial<ArgoApplication> = {}): ArgoApplication => ({
  tool: 'argo-application',
  instance: 'shop',
  object: { kind: 'Application', namespace: 'argocd', name: 'shop' },
  suspended: false,
  deleting: false,
  path: 'clusters/prod',
  appliedRevision: OLD,
  remoteCluster: false,
  source: {
    object: { kind: 'Application', namespace: 'argocd', name: 'shop' },
    kind: 'git',
    url: URL_HERE,
    ref: 'main',
    suspended: false,
    revision: OLD,
  },
  project: 'default',
  automated: true,
  prune: true,
  selfHeal: true,
  allowEmpty: false,
  namesPaths: false,
  retrying: false,
  syncOptions: [],
  ignoreDifferences: [],
  directory: { recurse: false },
  rendering: 'directory',
  syncWindow: { denies: false, because: 'no window applies to it now' },
  tracking: 'annotation',
  ...more,
});

export interface SyncWorld {
  /** Names that the live policy allows; no live policy where undefined. */
  readonly live?: readonly string[];
  readonly git?: readonly string[];
  readonly labels?: ObjectMeta['labels'];
  readonly annotations?: ObjectMeta['annotations'];
  readonly managers?: readonly FieldManager[];
  /** Metadata and spec fields of the Git document. */
  readonly gitMeta?: JsonRecord;
  readonly gitSpec?: JsonRecord;
  readonly gitText?: string;
  readonly livePolicy?: PatchablePolicy;
  readonly file?: string;
  readonly controllers: SyncState['controllers'];
  readonly notRead?: SyncState['notRead'];
  readonly compared?: Partial<Pick<DriftReport, 'repository' | 'ref' | 'commit' | 'skipped' | 'asApplied'>>;
  /** Folder that was compared. */
  readonly path?: string;
}

export function driftIn(world: SyncWorld): PolicyDrift {
  const { live, git, labels = {}, annotations = {}, managers = [], file = 'clusters/prod/checkout.yaml' } = world;
  const policy = world.livePolicy ?? (live && cnp('checkout', [fqdnRule(live)], { labels, annotations, managers }));
  const documents = git === undefined ? [] : [document(git, world, file)];
  const policies = driftsOf(policy ? [policy] : [], documents, { namespace: 'shop', unread: 0 });
  const report: DriftReport = {
    repository: URL_HERE,
    ref: 'main',
    commit: OLD,
    skipped: [],
    ...world.compared,
    policies,
  };
  const sync = { controllers: world.controllers, notRead: world.notRead ?? [] };
  const [drift] = withForecast(report, { live: policy ? [policy] : [], sync, path: world.path ?? '' }).policies;
  if (drift === undefined) throw new Error('no policy on either side');
  return drift;
}

function document(names: readonly string[], { gitMeta, gitSpec, gitText }: SyncWorld, path: string): GitPolicy {
  const base = toManifest(cnp('checkout', [fqdnRule(names)])).manifest;
  const manifest = {
    ...base,
    metadata: { ...(base.metadata as JsonRecord), ...gitMeta },
    spec: { ...(base.spec as JsonRecord), ...gitSpec, ...(gitText === undefined ? {} : { description: gitText }) },
  };
  const normal = normalise('CiliumNetworkPolicy', manifest);
  if (!normal.ok) throw new Error(normal.reason);
  return {
    kind: 'CiliumNetworkPolicy',
    name: 'checkout',
    namespace: 'shop',
    file: { path, document: 0 },
    manifest,
    normal: normal.normal,
  };
}
