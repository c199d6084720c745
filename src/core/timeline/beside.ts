/** What decides beside the policies that select the pod, or is named by them, and when it was last written; for `build.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import type { Policy } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { KINDS } from '../policy/translate/registry.ts';
import { engineStarts } from './engine-starts.ts';
import { timeOf } from './failures.ts';
import { meshObjects } from './mesh-objects.ts';
import { type BesideWrite, countsGenerations, lastWrite, refOf } from './writes.ts';

export interface Beside {
  /** Latest first. */
  readonly writes: readonly BesideWrite[];
  /** Of which no time is on record. */
  readonly undated: readonly ObjectRef[];
  /** All that was looked at, by kind. */
  readonly looked: readonly ObjectRef[];
}

interface Candidate {
  readonly kind: string;
  readonly meta: ObjectMeta;
  readonly why: string;
  readonly isEngine?: true;
}

/** Their generation is not counted, or not with their labels. */
const UNCOUNTED: ReadonlySet<string> = new Set(['ConfigMap', 'Namespace', 'Service']);

export function besideOf(state: ClusterState, pod: Pod, about: About): Beside {
  const found = candidates(state, pod, about).map((one) => ({
    ...one,
    object: refOf(one.kind, one.meta),
    write: lastWrite(one.meta, !UNCOUNTED.has(one.kind) && countsGenerations(one.kind)),
  }));
  const dated = found.flatMap(({ object, why, isEngine, write }) =>
    write === undefined ? [] : [{ object, why, ...(isEngine && { isEngine }), ...write }],
  );
  const starts = engineStarts(state, pod);
  return {
    writes: [...dated, ...relabelled(pod), ...starts].toSorted((a, b) => timeOf(b.at) - timeOf(a.at)),
    undated: found.filter(({ write, isEngine }) => write === undefined && !isEngine).map(({ object }) => object),
    looked: [...found.map(({ object }) => object), ...starts.map(({ object }) => object)],
  };
}

export interface About {
  /** The policies that select the pod. */
  readonly selecting: readonly Policy[];
  readonly host: string;
}

function candidates(state: ClusterState, pod: Pod, { selecting, host }: About): readonly Candidate[] {
  return [
    ...state.unsupported.map(({ kind, meta }) => ({ kind, meta, why: 'of a kind that is not evaluated' })),
    ...referred(state, selecting).map((one) => ({ ...one, why: 'which policies refer to' })),
    ...meshObjects(state, pod, host).map((one) => ({ ...one, why: 'which the mesh decides by' })),
    ...namespaceOf(state, pod),
    ...engineObjects(state),
  ];
}

type Referred = Pick<Candidate, 'kind' | 'meta'>;

/** Whether a policy names it is asked of its text: which field does matters to nobody here. Sets, tiers and groups are found by labels and by each other. */
function referred(state: ClusterState, selecting: readonly Policy[]): readonly Referred[] {
  const texts = selecting.map(({ meta: _meta, ...rest }) => JSON.stringify(rest));
  const names = (text: string): boolean => texts.some((one) => one.includes(text));
  const uses = (group: string): boolean => selecting.some(({ kind }) => kind.endsWith(group));
  const groups = state.cidrGroups.filter(
    ({ meta }) => names(`"cidrGroupRef":"${meta.name}"`) || names('"cidrGroupSelector"'),
  );
  const services = state.services.filter(
    ({ meta }) => names('"k8sServiceSelector"') || names(`"serviceName":"${meta.name}"`),
  );
  const of = (kind: string, metas: readonly { readonly meta: ObjectMeta }[] = []): Referred[] =>
    metas.map(({ meta }) => ({ kind, meta }));
  const calico = uses('.projectcalico.org') ? state.calico : undefined;
  // Its groups say which pods a policy applies to as well: one that selects the pod no more is among the others.
  const antrea = state.policies.some(({ kind }) => kind.endsWith('.antrea.io')) ? state.antrea : undefined;
  return [
    ...of('CiliumCIDRGroup', groups),
    ...of('Service', services),
    ...of('Tier.projectcalico.org', calico?.tiers),
    ...(calico?.sets ?? []).map(({ kind, meta }) => ({ kind: `${kind}.projectcalico.org`, meta })),
    ...of('Tier.crd.antrea.io', antrea?.tiers),
    ...(antrea?.groups ?? []).map(({ meta }) => ({
      kind: meta.namespace === undefined ? 'ClusterGroup' : 'Group',
      meta,
    })),
    ...of('NodeClass', state.nodeClasses),
  ];
}

/** Its labels say which policies of the whole cluster select its pods; those of the namespace itself select by labels of pods. */
function namespaceOf(state: ClusterState, pod: Pod): readonly Candidate[] {
  if (!state.policies.some(({ kind }) => KINDS[kind].clusterwide)) return [];
  const name = pod.meta.namespace ?? 'default';
  const own = state.namespaces.find(({ meta }) => meta.name === name);
  const meta = own?.meta ?? { name, labels: {}, annotations: {}, owners: [], managers: [] };
  return [{ kind: 'Namespace', meta, why: 'by whose labels policies select' }];
}

function engineObjects({ engineObjects = [] }: ClusterState): readonly Candidate[] {
  return engineObjects.flatMap(({ kind, meta }): Candidate[] => {
    if (kind === 'ConfigMap') return [{ kind, meta, why: 'the settings of the engine' }];
    return kind === 'DaemonSet' ? [{ kind, meta, why: 'the agents of the engine', isEngine: true }] : [];
  });
}

/** Whoever admits and starts a pod writes it as well. */
const STARTING = 2 * 60_000;

/** By its labels policies select it. */
function relabelled({ meta }: Pod): readonly BesideWrite[] {
  const write = lastWrite(meta, false);
  if (write === undefined || !(timeOf(write.at) - timeOf(meta.creationTimestamp) > STARTING)) return [];
  return [{ ...write, object: refOf('Pod', meta), why: 'by whose labels policies select' }];
}
