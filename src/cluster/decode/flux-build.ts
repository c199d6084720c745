/** Decodes what a Kustomization of Flux does to its files before it applies them; a part of `flux.ts`. */
import { z } from 'zod';
import { controlsOf } from '../../core/drift/controls.ts';
import { API_VERSIONS } from '../../core/drift/manifest.ts';
import type { FluxOverlay } from '../../core/model/sync.ts';
import { compact, filled, listOf, maybe, stringMap, text } from './shapes.ts';

export const patchTarget = z.object({
  group: filled,
  kind: filled,
  name: filled,
  namespace: filled,
  version: filled,
  labelSelector: filled,
  annotationSelector: filled,
});
const patch = z.object({ target: maybe(patchTarget), patch: filled });

/** Of a rule of `spec.ignore`; no target is any object. */
const ignoreTarget = maybe(patchTarget).transform((given) => {
  const { version, labelSelector, annotationSelector, ...rest } = given ?? {};
  return compact({ ...rest, selects: (version ?? labelSelector ?? annotationSelector) !== undefined });
});

const variableSource = z
  .object({ kind: text, name: text, optional: maybe(z.boolean()) })
  .transform(({ optional, ...rest }) => ({ ...rest, optional: optional ?? false }));

/** Fields that change names, namespaces or content of what the files say. */
const TRANSFORMS = {
  patchesStrategicMerge: z.unknown().optional(),
  patchesJson6902: z.unknown().optional(),
  images: z.unknown().optional(),
  components: listOf(text),
  commonMetadata: maybe(z.object({ labels: stringMap, annotations: stringMap })),
  namePrefix: filled,
  nameSuffix: filled,
};

export const buildFields = {
  ...TRANSFORMS,
  patches: listOf(patch),
  ignore: listOf(z.object({ paths: listOf(text), target: ignoreTarget })),
  ignoreMissingComponents: maybe(z.boolean()),
  postBuild: maybe(
    z.object({ substitute: stringMap, substituteFrom: listOf(variableSource), substituteStrategy: filled }),
  ),
};

type Build = z.output<z.ZodObject<typeof buildFields>>;

/** Those that may concern a policy. */
export function transformsOf(spec: Build): string[] {
  const set = (Object.keys(TRANSFORMS) as (keyof typeof TRANSFORMS)[]).filter((field) => {
    const value = spec[field];
    return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  });
  const build = spec.postBuild;
  return [
    ...(spec.patches.some(mayPatchPolicies) ? ['patches'] : []),
    ...set,
    ...(build !== undefined && Object.keys(build.substitute).length > 0 ? ['postBuild.substitute'] : []),
    ...(build !== undefined && build.substituteFrom.length > 0 ? ['postBuild.substituteFrom'] : []),
    ...(isAlways(spec) ? ['postBuild.substituteStrategy'] : []),
  ];
}

/** SetCommonMetadata in fluxcd/pkg ssa/utils: over what an object has of the same key. */
export function commonControls({ commonMetadata }: Build): Readonly<Record<string, string>> | undefined {
  const { labels = {}, annotations = {} } = commonMetadata ?? {};
  const found = controlsOf(labels, annotations);
  return Object.keys(found).length > 0 ? found : undefined;
}

export function variableFields(spec: Build) {
  const { substitute = {}, substituteFrom = [] } = spec.postBuild ?? {};
  return compact({
    substitute,
    substituteFrom: substituteFrom.length > 0 ? substituteFrom : undefined,
    substituteAlways: isAlways(spec) ? (true as const) : undefined,
  });
}

const isAlways = ({ postBuild }: Build): boolean => postBuild?.substituteStrategy === 'Always';

const WHOLE = ['patchesStrategicMerge', 'patchesJson6902'] as const;

/** Only where all that changes policies is known: nothing of it is of the older kinds, and a capture keeps no text of patches. */
export function overlayOf(spec: Build): FluxOverlay | undefined {
  const { patches, namePrefix, nameSuffix, components, ignoreMissingComponents } = spec;
  const texts = patches.flatMap(({ patch, target }) =>
    patch === undefined ? [] : [{ patch, ...(target && { target: compact(target) as Record<string, string> }) }],
  );
  if (texts.length < patches.length || WHOLE.some((field) => spec[field] !== undefined)) return undefined;
  const isPlain = !patches.some(mayPatchPolicies) && namePrefix === undefined && nameSuffix === undefined;
  if (isPlain && components.length === 0) return undefined;
  return compact({
    patches: texts,
    namePrefix,
    nameSuffix,
    components: components.length > 0 ? components : undefined,
    ignoreMissingComponents: ignoreMissingComponents ? (true as const) : undefined,
  });
}

/** A target's kind is a regular expression; a patch without a target is of the kind that it writes. A capture keeps targets alone. */
function mayPatchPolicies(one: z.output<typeof patch>): boolean {
  const kind =
    one.target === undefined ? /^kind: *["']?(\w+)["']?[ \t\r]*$/m.exec(one.patch ?? '')?.[1] : one.target.kind;
  return kind === undefined || !/^\w+$/.test(kind) || Object.hasOwn(API_VERSIONS, kind);
}
