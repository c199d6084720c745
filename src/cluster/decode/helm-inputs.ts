/** What a HelmRelease or an Application renders its chart with, as far as the object itself says; decoded for `flux.ts` and `argo.ts`. */
import { z } from 'zod';
import type { HelmInputs } from '../../core/model/sync.ts';
import { compact, filled, listOf, maybe, text } from './shapes.ts';

const tree = maybe(z.record(z.string(), z.unknown()));
const anything = z.unknown().optional();
const MAX_LISTED = 100;

/** Set by captures, which keep no values (`prune-gitops.ts`). */
const leftOut = maybe(z.boolean());

/** `spec.source.helm` of argo-cd pkg/apis/application/v1alpha1/types.go. */
const argoFields = z.object({
  releaseName: filled,
  namespace: filled,
  valueFiles: listOf(text),
  ignoreMissingValueFiles: maybe(z.boolean()),
  values: filled,
  valuesObject: tree,
  parameters: listOf(z.object({ name: text, value: maybe(text), forceString: maybe(z.boolean()) })),
  fileParameters: listOf(anything),
  apiVersions: listOf(anything),
  kubeVersion: filled,
  leftOut,
});
export const argoHelm = maybe(argoFields);
const NOTHING = argoFields.parse({});
type ArgoHelm = z.output<typeof argoHelm>;

interface Application {
  readonly name: string;
  readonly namespace: string;
  readonly folder: string;
}

/** In the order in which Argo CD merges them (helmTemplate in reposerver/repository/repository.go): files, values, parameters. */
export function argoInputs(given: ArgoHelm, { name, namespace, folder }: Application): HelmInputs {
  const helm = given ?? NOTHING;
  const inline = helm.valuesObject === undefined ? helm.values : JSON.stringify(helm.valuesObject);
  const files = helm.valueFiles.map((file) => resolved(folder, file));
  return {
    release: helm.releaseName ?? name,
    namespace: helm.namespace ?? namespace,
    valueFiles: files.flatMap((file) => file ?? []),
    missingFilesAllowed: helm.ignoreMissingValueFiles ?? false,
    values: inline === undefined ? [] : [inline],
    parameters: helm.parameters
      .slice(0, MAX_LISTED)
      .map((one) => ({ name: one.name, value: one.value ?? '', text: one.forceString ?? false })),
    readsCluster: false,
    unknown: unknownOf(helm, files),
  };
}

function unknownOf(helm: NonNullable<ArgoHelm>, files: readonly (string | undefined)[]): readonly string[] {
  const { parameters } = helm;
  const reasons: readonly [boolean | undefined, string][] = [
    [helm.leftOut, 'values, which a capture leaves out'],
    [files.includes(undefined), 'a file of values that is in no folder of this repository'],
    [helm.fileParameters.length > 0, 'fileParameters'],
    [helm.apiVersions.length > 0 || helm.kubeVersion !== undefined, 'apiVersions, kubeVersion'],
    [parameters.length > MAX_LISTED, `more than ${MAX_LISTED} parameters`],
    [parameters.some(({ value }) => value?.includes('$ARGOCD_')), "variables of Argo CD's build"],
  ];
  return reasons.flatMap(([holds, reason]) => (holds === true ? [reason] : []));
}

/** Relative to the application's folder, or to the repository's root with a slash; URLs, `$ref/…` and globs are none of these. */
function resolved(folder: string, file: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\/|^\$|[*?[\\\u0000-\u001f]/i.test(file)) return undefined;
  const segments: string[] = file.startsWith('/') ? [] : folder.split('/').filter((one) => one !== '');
  for (const segment of file.split('/').filter((one) => one !== '' && one !== '.')) {
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? undefined : segments.join('/');
}

const valuesSource = z
  .object({ kind: text, name: text, valuesKey: filled, targetPath: filled, optional: maybe(z.boolean()) })
  .transform(({ optional, valuesKey, ...rest }) =>
    compact({ ...rest, optional: optional ?? false, key: valuesKey ?? 'values.yaml' }),
  );

/** The part of `spec` of a HelmRelease that decides values (api/v2/helmrelease_types.go of helm-controller). */
export const fluxHelmFields = {
  values: tree,
  valuesFrom: listOf(valuesSource),
  postRenderers: listOf(anything),
  commonMetadata: anything,
  valuesLeftOut: leftOut,
  chart: maybe(
    z.object({
      spec: maybe(
        z.object({
          chart: filled,
          valuesFiles: listOf(text),
          ignoreMissingValuesFiles: maybe(z.boolean()),
          sourceRef: maybe(z.object({ kind: text, name: text, namespace: filled })),
        }),
      ),
    }),
  ),
};
const fluxHelm = z.object(fluxHelmFields);

interface Release {
  readonly release: string;
  readonly namespace: string;
}

/** Without what `spec.valuesFrom` names, which is read one by one (`read-values.ts`). */
export function fluxInputs(spec: z.output<typeof fluxHelm>, { release, namespace }: Release): HelmInputs {
  const files = chartFiles(spec);
  const unknown = [
    ...(spec.valuesLeftOut ? ['values, which a capture leaves out'] : []),
    ...(files.includes(undefined) ? ['a file of spec.chart.spec.valuesFiles that is in no folder'] : []),
    ...(spec.postRenderers.length > 0 ? ['spec.postRenderers'] : []),
  ];
  return {
    release,
    namespace,
    valueFiles: files.flatMap((file) => file ?? []),
    missingFilesAllowed: spec.chart?.spec?.ignoreMissingValuesFiles ?? false,
    ...(files.length > 0 && { replaceDefaults: true as const }),
    values: spec.values === undefined ? [] : [JSON.stringify(spec.values)],
    parameters: [],
    readsCluster: true,
    unknown,
  };
}

/**
 * From the repository's root, merged in the place of the chart's own values.yaml, which alone means nothing (GetValuesFiles and mergeFileValues in
 * source-controller internal/helm/chart).
 */
function chartFiles({ chart }: z.output<typeof fluxHelm>): readonly (string | undefined)[] {
  const files = (chart?.spec?.valuesFiles ?? []).map((file) => resolved('', file.replace(/^\/+/, '')));
  return files.length === 1 && files[0] === 'values.yaml' ? [] : files;
}

/** The chart's folder, where it stands in a Git repository; undefined for one of a registry. */
export function chartFolder({ chart }: z.output<typeof fluxHelm>): string | undefined {
  const { chart: name, sourceRef } = chart?.spec ?? {};
  if (name === undefined || sourceRef?.kind !== 'GitRepository') return undefined;
  return name
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}
