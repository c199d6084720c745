/** What an Application adds to the kustomization of its folder (`spec.source.kustomize`; Build in argo-cd util/kustomize/kustomize.go); decoded for `argo.ts`. */
import { z } from 'zod';
import type { KustomizeOptions } from '../../core/model/sync.ts';
import { patchTarget } from './flux-build.ts';
import { compact, filled, listOf, maybe, stringMap, text } from './shapes.ts';

/** Images and replicas touch no policy, annotations only metadata. */
const options = z.object({
  namePrefix: filled,
  nameSuffix: filled,
  namespace: filled,
  patches: listOf(
    z.object({ patch: filled, path: filled, target: maybe(patchTarget), options: z.unknown().optional() }),
  ),
  components: listOf(text),
  ignoreMissingComponents: maybe(z.boolean()),
  commonLabels: stringMap,
  labelWithoutSelector: maybe(z.boolean()),
});
export const argoKustomize = maybe(options);

export function kustomizeOptions(given: z.output<typeof argoKustomize>): KustomizeOptions | undefined {
  if (given === undefined) return undefined;
  const { namePrefix, nameSuffix, namespace, components, patches } = given;
  // Labels go into selectors of policies as well, unless they are kept from that.
  const labels = Object.keys(given.commonLabels).length > 0 && given.labelWithoutSelector !== true;
  const set: readonly [string, boolean][] = [
    ['namePrefix', namePrefix !== undefined],
    ['nameSuffix', nameSuffix !== undefined],
    ['namespace', namespace !== undefined],
    ['components', components.length > 0],
    ['patches', patches.length > 0],
    ['commonLabels', labels],
  ];
  const fields = set.flatMap(([field, isSet]) => (isSet ? [field] : []));
  if (fields.length === 0) return undefined;
  const texts = patches.flatMap(({ patch, path, target, options: more }) =>
    patch === undefined || path !== undefined || more !== undefined
      ? []
      : [compact({ patch, target: target && (compact(target) as Record<string, string>) })],
  );
  const unknown = [...(texts.length < patches.length ? ['patches'] : []), ...(labels ? ['commonLabels'] : [])];
  const overlay = compact({
    patches: texts,
    namePrefix,
    nameSuffix,
    components: components.length > 0 ? components : undefined,
    ignoreMissingComponents: given.ignoreMissingComponents ? (true as const) : undefined,
  });
  return compact({ fields, unknown, overlay, namespace });
}
