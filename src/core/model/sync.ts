/** Who applies manifests to this cluster and from where: GitOps controllers as the cluster's own objects tell them. Decoded by `cluster/decode`. */
import type { NotRead } from './cluster-state.ts';
import type { ObjectRef } from './object-meta.ts';

/** Where a controller takes its manifests from, as its source object says; nothing here has been contacted. */
export interface SyncSource {
  /** The object that says it (GitRepository, OCIRepository, Bucket, HelmRepository, or the Argo CD Application itself). */
  readonly object: ObjectRef;
  readonly kind: 'git' | 'oci' | 'bucket' | 'helm';
  /** Credentials removed; absent where the source object could not be read. */
  readonly url?: string;
  /** Branch, tag, semver range or commit, as written. */
  readonly ref?: string;
  readonly suspended: boolean;
  /** Revision it last fetched, e.g. `main@sha1:…`. */
  readonly revision?: string;
  /** It cannot fetch at present: the reason and message it gives (untrusted text, cleaned). What it fetched before stays in use. */
  readonly failing?: string;
}

interface Controller {
  readonly object: ObjectRef;
  readonly suspended: boolean;
  /** It is being deleted itself; what it applied goes or stays by rules of its own. */
  readonly deleting: boolean;
  /** What has to be done before it is gone, where it says so. */
  readonly finalizers?: readonly string[];
  /** Between two reconciliations without a change of the source; seconds. */
  readonly intervalSeconds?: number;
  readonly source?: SyncSource;
  /** Why no one source is told, where there is more than a plain one. */
  readonly noSource?: string;
  /** Folder in the source; empty for its root. */
  readonly path?: string;
  /** What it last applied. */
  readonly appliedRevision?: string;
  /** The last reconciliation failed: `REASON: message` as it says them (untrusted text, cleaned). */
  readonly failing?: string;
  /** It applies to another cluster than this one. */
  readonly remoteCluster: boolean;
}

export interface FluxKustomization extends Controller {
  readonly tool: 'flux-kustomization';
  readonly prune: boolean;
  /** `spec.deletionPolicy`: what its own deletion does to what it applied; as `prune` says where it is absent. */
  readonly deletionPolicy?: string;
  /** It applies and deletes as this one. */
  readonly serviceAccount?: string;
  /** What it last tried to apply, good or bad. */
  readonly attemptedRevision?: string;
  readonly force: boolean;
  readonly targetNamespace?: string;
  /** Ids of what it applied last (`NAMESPACE_NAME_GROUP_KIND`, kustomize-controller's inventory); absent before the first apply. */
  readonly inventory?: readonly string[];
  /** Fields that change what the files say: patches, images, namePrefix, postBuild… */
  readonly transforms: readonly string[];
  /** `spec.ignore`: what it leaves as it is, by JSON pointer; of objects that the target's patterns fit. */
  readonly ignore?: readonly {
    readonly paths: readonly string[];
    readonly target: {
      readonly group?: string;
      readonly kind?: string;
      readonly name?: string;
      readonly namespace?: string;
      /** It selects by version, label or annotation as well. */
      readonly selects: boolean;
    };
  }[];
  /** Of `spec.commonMetadata`: labels and annotations that Flux acts on, which it puts on all that it applies. */
  readonly controls?: Readonly<Record<string, string>>;
  /** What of `transforms` can be built with the folder; absent where there is none, or not all of it is known. */
  readonly overlay?: FluxOverlay;
  /** Values of `postBuild.substitute`. */
  readonly substitute: Readonly<Record<string, string>>;
  /** What `postBuild.substituteFrom` names, in its order; absent where it names nothing. */
  readonly substituteFrom?: readonly VariableSource[];
  /** `postBuild.substituteStrategy: Always`: defaults stand where there is no variable at all, too. */
  readonly substituteAlways?: true;
}

/** An object of values, which lies in its controller's namespace. */
export interface VariableSource {
  /** `ConfigMap` or `Secret`; Secrets are never read. */
  readonly kind: string;
  readonly name: string;
  /** It may be missing. */
  readonly optional: boolean;
  /** What a ConfigMap holds; absent where it was not read. */
  readonly values?: Readonly<Record<string, string>>;
  /** Why it was not, as a part of a sentence about it: `which is not read`. */
  readonly notRead?: string;
}

/** What a Kustomization adds to the kustomization of its folder. */
export interface FluxOverlay {
  readonly patches: readonly { readonly patch: string; readonly target?: Readonly<Record<string, string>> }[];
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  /** Folders, as written: from the Kustomization's own. */
  readonly components?: readonly string[];
  /** Those that are not there are left out. */
  readonly ignoreMissingComponents?: true;
}

/** `spec.source.kustomize` of an Application, as far as it may concern a policy. */
export interface KustomizeOptions {
  /** All that are set. */
  readonly fields: readonly string[];
  /** Those that are not built. */
  readonly unknown: readonly string[];
  readonly overlay?: FluxOverlay;
  readonly namespace?: string;
}

/** What a chart is rendered with, as far as the object that installs it says. Values may be secrets: they go to helm and nowhere else. */
export interface HelmInputs {
  readonly release: string;
  readonly namespace: string;
  /** From the repository's root; later ones win, and `values` over all of them. */
  readonly valueFiles: readonly string[];
  readonly missingFilesAllowed: boolean;
  /** They stand in the place of the chart's own values.yaml, and not over it. */
  readonly replaceDefaults?: true;
  /** YAML texts. */
  readonly values: readonly string[];
  /** Over all values; `text`: never read as a number or a list. */
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly text: boolean }[];
  /** Whether templates may look up objects of the cluster, which rendering here cannot. */
  readonly readsCluster: boolean;
  /** What else decides the outcome and was not read: then it is not rendered. */
  readonly unknown: readonly string[];
}

export interface FluxHelmRelease extends Controller {
  readonly tool: 'flux-helmrelease';
  readonly release: string;
  readonly releaseNamespace: string;
  readonly targetNamespace?: string;
  /** Ids of what the release holds, in the form of a Kustomization's; absent where the controller is older than that field. */
  readonly inventory?: readonly string[];
  /** `enabled`, `warn` or `disabled`: whether drift is corrected between upgrades (HelmRelease spec.driftDetection.mode). */
  readonly driftDetection: 'enabled' | 'warn' | 'disabled';
  /** Where its chart is a folder of a Git repository. */
  readonly helm?: HelmInputs;
  /** What `spec.valuesFrom` of such a one names, in its order; what was read of it is in `helm`. */
  readonly valuesFrom?: readonly HelmValuesSource[];
}

export interface HelmValuesSource extends VariableSource {
  /** Key of its data. */
  readonly key: string;
  /** One value of the chart that it sets, instead of all. */
  readonly targetPath?: string;
}

export interface ArgoApplication extends Controller {
  readonly tool: 'argo-application';
  /** How its objects name it: `NAME`, or `NAMESPACE_NAME` outside of Argo CD's own namespace. */
  readonly instance: string;
  readonly project: string;
  readonly destinationNamespace?: string;
  readonly automated: boolean;
  readonly prune: boolean;
  readonly selfHeal: boolean;
  /** It may prune all that it has (`automated.allowEmpty`). */
  readonly allowEmpty: boolean;
  /** A sync that failed is being tried again. */
  readonly retrying: boolean;
  /** It names the paths whose changes count (`argocd.argoproj.io/manifest-generate-paths`): other commits set off nothing. */
  readonly namesPaths: boolean;
  /** When it last compared with Git (`status.reconciledAt`); looks that only a change in the cluster sets off do not move it. */
  readonly comparedAt?: string;
  /** `spec.syncPolicy.syncOptions`, e.g. `Prune=false`. */
  readonly syncOptions: readonly string[];
  readonly ignoreDifferences: readonly {
    readonly group: string;
    readonly kind: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly jsonPointers: readonly string[];
    readonly jqPathExpressions: readonly string[];
    readonly managers: readonly string[];
  }[];
  /** Directory options of a plain folder: recurse, include, exclude; absent for kustomize, Helm and plugins. */
  readonly directory?: { readonly recurse: boolean; readonly include?: string; readonly exclude?: string };
  readonly rendering: 'directory' | 'kustomize' | 'helm' | 'plugin' | 'unknown';
  /** Where that is helm, and the chart is a folder of a Git repository. */
  readonly helm?: HelmInputs;
  /** Where that is kustomize, and it adds something to the kustomization of its folder. */
  readonly kustomize?: KustomizeOptions;
  /** Where it has several: those of Git. */
  readonly sources?: readonly { readonly url: string; readonly ref?: string; readonly path: string }[];
  /** `status.resources`: what it takes for its own. */
  readonly resources?: readonly {
    readonly group: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly status?: string;
    readonly requiresPruning: boolean;
    readonly requiresDeletionConfirmation?: true;
  }[];
  /** Windows of its AppProject that deny a sync now, or that leave it without an allowing one; absent where the project was not read. */
  readonly syncWindow?: { readonly denies: boolean; readonly because: string };
  /** How it marks its objects: by label (and which key) or by annotation (application.resourceTrackingMethod); absent where not read. */
  readonly tracking?: 'label' | 'annotation' | 'annotation+label';
  /** Key of the label that tracks, where it is used (application.instanceLabelKey). */
  readonly trackingLabel?: string;
  /** Only objects with this annotation belong to this Argo CD (installationID). */
  readonly installationId?: string;
}

export type SyncController = FluxKustomization | FluxHelmRelease | ArgoApplication;

export interface SyncState {
  readonly controllers: readonly SyncController[];
  /** Kinds that are there and could not be read: then "no controller" is never said. A kind that the cluster does not have is no gap. */
  readonly notRead: readonly NotRead[];
}

/** What the next reconciliation does to one policy, as far as the objects tell. */
export interface SyncForecast {
  readonly outcome: /** Its content is set back to what the source says. */
    | 'reverted'
    /** It is deleted. */
    | 'pruned'
    /** It is created from the source. */
    | 'created'
    /** A controller tracks it and leaves it as it is. */
    | 'kept'
    /** No controller tracks it: none that was read does, and where some could not be read, it lacks the marks without which they change nothing. */
    | 'not_tracked'
    /** Something that decides was not read; `because` says what. */
    | 'not_checked';
  readonly by?: ObjectRef;
  /** Words for when: `within 10 m (interval)`, `at the next change of the source`, `never while suspended`. */
  readonly when?: string;
  /** One sentence with the fields it rests on. */
  readonly because: string;
}
