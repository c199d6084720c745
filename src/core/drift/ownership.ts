/** What the live object itself says about who writes it and what tracks it; evidence for the consequence in a drift report. */
import type { PolicyDrift } from '../model/drift.ts';
import type { FieldManager, ObjectMeta } from '../model/object-meta.ts';

/** Cilium's operator and agents write only `status`; a sync or an edit never comes from them. */
const STATUS_WRITERS = /^cilium(-operator|-agent)?(-|$)/;

/** The manager with the latest time, entries without a time last. */
export function lastWriter(managers: readonly FieldManager[]): PolicyDrift['lastWriter'] {
  return writersOf(managers)[0];
}

/** All of them, latest first, each once with its latest time. */
export function writersOf(managers: readonly FieldManager[]): NonNullable<PolicyDrift['writers']> {
  const writers = managers.filter((entry) => !STATUS_WRITERS.test(entry.manager));
  const latestFirst = writers.toSorted((a, b) => timeOf(b) - timeOf(a));
  const once = new Map(latestFirst.toReversed().map((entry) => [entry.manager, entry]));
  return latestFirst
    .filter((entry) => once.get(entry.manager) === entry)
    .map(({ manager, time }) => ({ manager, ...(time === undefined ? {} : { time }) }));
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
