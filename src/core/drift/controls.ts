/** Labels and annotations by which an object tells Flux or Argo CD how to treat it; read by the forecasts and kept of Git documents by `report.ts`. */
import type { ObjectMeta } from '../model/object-meta.ts';

type Texts = Readonly<Record<string, string>>;

const TOOLS = /^(?:kustomize\.toolkit\.fluxcd\.io|helm\.toolkit\.fluxcd\.io|argocd\.argoproj\.io)\//;

/** Those of an object that a tool acts on; annotations win over labels of the same key. */
export function controlsOf(labels: Texts, annotations: Texts): Texts {
  return Object.fromEntries(Object.entries({ ...labels, ...annotations }).filter(([key]) => TOOLS.test(key)));
}

export interface Switch {
  readonly key: string;
  readonly value: string;
}

/**
 * The first of these switches that is set, as a label or an annotation, whatever its letter case (AnyInMetadata in
 * fluxcd/pkg ssa/utils/meta.go).
 */
export function switchOn(
  wanted: readonly Switch[],
  live: Pick<ObjectMeta, 'labels' | 'annotations'> | undefined,
  git: Texts = {},
): Switch | undefined {
  const places = [live?.labels ?? {}, live?.annotations ?? {}, git];
  return wanted.find(({ key, value }) => places.some((place) => place[key]?.toLowerCase() === value.toLowerCase()));
}

const FLUX = 'kustomize.toolkit.fluxcd.io';
export const FLUX_NAME = `${FLUX}/name`;
export const FLUX_NAMESPACE = `${FLUX}/namespace`;
export const NOT_APPLIED: readonly Switch[] = [
  { key: `${FLUX}/reconcile`, value: 'disabled' },
  { key: `${FLUX}/ssa`, value: 'Ignore' },
];
/** Deletion is spared by these (deleteObjects in kustomize-controller internal/controller/kustomization_controller.go). */
export const NOT_DELETED: readonly Switch[] = [{ key: `${FLUX}/prune`, value: 'disabled' }, ...NOT_APPLIED];
export const CREATED_ONCE: readonly Switch[] = [{ key: `${FLUX}/ssa`, value: 'IfNotPresent' }];
export const MERGED: readonly Switch[] = [{ key: `${FLUX}/ssa`, value: 'Merge' }];
export const DRIFT_LEFT: readonly Switch[] = [{ key: 'helm.toolkit.fluxcd.io/driftDetection', value: 'disabled' }];

export const switchText = ({ key, value }: Switch): string => `${key}: ${value}`;

/** The value of one option of a comma-separated list such as argocd.argoproj.io/sync-options; gitops-engine pkg/sync/resource/annotations.go. */
export function optionValue(list: readonly string[], option: string): string | undefined {
  return list
    .map((item) => item.trim())
    .find((item) => item.startsWith(`${option}=`))
    ?.slice(option.length + 1);
}

export const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
export const COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options';
export const TRACKING_ID = 'argocd.argoproj.io/tracking-id';
export const INSTALLATION_ID = 'argocd.argoproj.io/installation-id';
