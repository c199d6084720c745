/**
 * The ConfigMaps that Kustomizations and HelmReleases of Flux take values from, by name and no others; a step of `read-sync.ts`. Secrets are never
 * read, and what was not read says so where its value is asked for: who applies what is known without it.
 */
import type {
  FluxHelmRelease,
  FluxKustomization,
  HelmValuesSource,
  SyncController,
  VariableSource,
} from '../core/model/sync.ts';
import { configDataSchema } from './decode/engine-objects.ts';
import type { Gatherer } from './gather.ts';
import { CONFIG_MAPS } from './resources.ts';

const MAX_READ = 60;

type Reader = (namespace: string, name: string) => Promise<Pick<VariableSource, 'values' | 'notRead'>>;

export async function withNamedValues(
  gather: Gatherer,
  controllers: readonly SyncController[],
): Promise<readonly SyncController[]> {
  const read = once(gather);
  return Promise.all(controllers.map((one) => withValues(one, read)));
}

async function withValues(one: SyncController, read: Reader): Promise<SyncController> {
  // What another cluster gets is not compared.
  if (one.remoteCluster) return one;
  if (one.tool === 'flux-kustomization') return withVariables(one, read);
  return one.tool === 'flux-helmrelease' ? withHelmValues(one, read) : one;
}

/** Many take them from the same few. */
function once(gather: Gatherer): Reader {
  const known = new Map<string, ReturnType<Reader>>();
  return (namespace, name) => {
    const key = `${namespace}/${name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer =
      known.size < MAX_READ
        ? readOne(gather, { namespace, name })
        : Promise.resolve({ notRead: `which is not read: ${MAX_READ} others were` });
    known.set(key, answer);
    return answer;
  };
}

async function readOne(gather: Gatherer, at: { readonly namespace: string; readonly name: string }) {
  const { values, notRead } = await gather.one(CONFIG_MAPS, configDataSchema, at);
  const [data] = values;
  if (data !== undefined) return { values: data };
  const [gap] = notRead;
  if (gap?.code === 'not_found') return { notRead: NOT_THERE };
  return { notRead: `which could not be read: ${gap?.reason ?? 'no answer'}` };
}

const NOT_THERE = 'which does not exist';

async function resolved<S extends VariableSource>(sources: readonly S[], namespace: string, read: Reader) {
  return Promise.all(
    sources.map(async (source): Promise<S> => {
      if (source.kind !== 'ConfigMap') return source;
      const found = await read(namespace, source.name);
      return { ...source, ...(found.notRead === NOT_THERE && source.optional ? { values: {} } : found) };
    }),
  );
}

async function withVariables(one: FluxKustomization, read: Reader): Promise<FluxKustomization> {
  const { substituteFrom, object } = one;
  if (substituteFrom === undefined) return one;
  return { ...one, substituteFrom: await resolved(substituteFrom, object.namespace ?? 'default', read) };
}

/** In their order, later over earlier, and the object's own over all (ChartValuesFromReferences in fluxcd/pkg chartutil/values.go). */
async function withHelmValues(one: FluxHelmRelease, read: Reader): Promise<FluxHelmRelease> {
  const { helm, object, valuesFrom: named } = one;
  if (helm === undefined || named === undefined) return one;
  const valuesFrom = await resolved(named, object.namespace ?? 'default', read);
  const texts = valuesFrom.flatMap((source) => source.values?.[source.key] ?? []);
  const unknown = valuesFrom.flatMap((source) => unknownOf(source) ?? []);
  return {
    ...one,
    valuesFrom,
    helm: { ...helm, values: [...texts, ...helm.values], unknown: [...helm.unknown, ...unknown.slice(0, 3)] },
  };
}

function unknownOf({ kind, name, values, notRead, key, targetPath, optional }: HelmValuesSource): string | undefined {
  const label = `${kind} ${name} (spec.valuesFrom)`;
  if (values === undefined) return `${label}, ${notRead ?? 'which is not read'}`;
  const isThere = values[key] !== undefined;
  if (!isThere) return optional ? undefined : `${label}, which lacks the key ${key}`;
  return targetPath === undefined ? undefined : `${label} with a targetPath`;
}
