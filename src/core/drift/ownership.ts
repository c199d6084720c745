/** What the live object itself says about who writes it and what tracks it; evidence for the consequence in a drift report. */
import type { PolicyDrift } from '../model/drift.ts';
import type { FieldManager, ObjectMeta } from '../model/object-meta.ts';

/** Cilium's operator and agents write only `status`; a sync or an edit never comes from them. */
const STATUS_WRITERS = /^cilium(-operator|-agent)?(-|$)/;

/** The manager with the latest time, entries without a time last. */
export function lastWriter(managers: readonly FieldManager[]): PolicyDrift['lastWriter'] {
  const writers = managers.filter((entry) => !STATUS_WRITERS.test(entry.manager));
  const latest = writers.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  if (latest === undefined) return undefined;
  return { manager: latest.manager, ...(latest.time === undefined ? {} : { time: latest.time }) };
}

function timeOf(entry: FieldManager): number {
  const time = entry.time === undefined ? Number.NaN : Date.parse(entry.time);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/**
 * The tracking marks of Flux (kustomize- and helm-controller labels), Argo CD (label or tracking-id annotation) and Helm,
 * quoted as they stand on the object. `app.kubernetes.io/instance` is left out: charts set it without any controller.
 */
export function trackingMarks(meta: ObjectMeta): readonly string[] {
  const { labels, annotations } = meta;
  return [
    ...mark(labels, 'kustomize.toolkit.fluxcd.io/name', 'Flux Kustomization'),
    ...mark(labels, 'helm.toolkit.fluxcd.io/name', 'Flux HelmRelease'),
    ...mark(labels, 'argocd.argoproj.io/instance', 'Argo CD Application'),
    ...mark(annotations, 'argocd.argoproj.io/tracking-id', 'Argo CD'),
    ...mark(annotations, 'meta.helm.sh/release-name', 'Helm release'),
  ];
}

function mark(values: Readonly<Record<string, string>>, key: string, owner: string): string[] {
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return value === undefined ? [] : [`${owner} (${key}: ${value})`];
}
