/** Whose reach of the asked destination a change alters besides the pod's own, by workload, and who could not be asked; for `side-effects.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import { listed, policyName } from '../policy/explain/sentences.ts';
import { type FleetGroup, fleetEgress } from '../policy/fleet.ts';
import { gapFor, gapText, lacksInArchive } from '../policy/state/gaps.ts';

export interface States {
  readonly before: ClusterState;
  readonly after: ClusterState;
}

interface OtherPods {
  readonly told: readonly string[];
  /** Those of `told` that concern more than further pods of the same workload. */
  readonly strangers: readonly string[];
}

/** Asks for the whole fleet before and after. */
// oxlint-disable-next-line max-params -- the question and the two states it is asked in
export function otherPods(
  states: States,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): OtherPods {
  const was = decisions(states.before, destination);
  const differing = [...decisions(states.after, destination).values()].filter(
    (one) => nameOf(one.pod) !== nameOf(pod) && one.answer !== was.get(nameOf(one.pod))?.answer,
  );
  const refs = [...new Map(changes.map(({ policy }) => [policyName(policy), policy])).values()];
  const where = listed(refs.map(policyName));
  const lost = differing.filter(({ decision }) => decision === 'denied');
  const gained = differing.filter(({ decision }) => decision !== 'denied');
  const same =
    gained.length === 0 ? [] : [`the same for ${counted(gained)} that ${where} selects: ${workloads(gained)}`];
  const taken = lost.length === 0 ? [] : [`it takes the destination from ${counted(lost)}: ${workloads(lost)}`];
  const everywhere = refs.flatMap(ofCluster);
  const isOwn = gained.every((one) => one.pod.meta.owners.length > 0 && workloadOf(one.pod) === workloadOf(pod));
  return {
    told: [...same, ...taken, ...everywhere, ...refs.flatMap((ref) => unread(states.before, ref))],
    strangers: [...(isOwn ? [] : same), ...taken, ...everywhere],
  };
}

interface Answered {
  readonly pod: Pod;
  readonly decision: FleetGroup['verdict']['decision'];
  /** What is compared. */
  readonly answer: string;
}

function decisions(state: ClusterState, destination: Destination): Map<string, Answered> {
  const groups = fleetEgress(state, destination);
  return new Map(
    groups.flatMap(({ verdict, pods }) =>
      pods.map((pod) => [nameOf(pod), { pod, decision: verdict.decision, answer: byPolicies(verdict) }] as const),
    ),
  );
}

/** What is not known of a mesh must not hide that the policies change. */
function byPolicies({ decision, lookup, connect, mesh }: FleetGroup['verdict']): string {
  return mesh?.decision === 'unknown' ? `${lookup.decision} ${connect.decision}` : decision;
}

const nameOf = ({ meta }: Pod): string => `${meta.namespace ?? 'default'}/${meta.name}`;

function counted(pods: readonly unknown[]): string {
  return pods.length === 1 ? '1 other pod' : `${pods.length} other pods`;
}

/** `shop/Deployment cart (3), other/x`: the largest first. */
function workloads(pods: readonly Answered[]): string {
  const counts = new Map<string, number>();
  for (const { pod } of pods) counts.set(workloadOf(pod), (counts.get(workloadOf(pod)) ?? 0) + 1);
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return listed(sorted.map(([name, count]) => (count === 1 ? name : `${name} (${count})`)));
}

/** A Deployment names its ReplicaSets after itself and a hash that the pods carry as a label. */
function workloadOf({ meta }: Pod): string {
  const namespace = meta.namespace ?? 'default';
  const [owner] = meta.owners;
  if (owner === undefined) return `${namespace}/${meta.name}`;
  const hash = meta.labels['pod-template-hash'];
  const ofDeployment = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  return ofDeployment
    ? `${namespace}/Deployment ${owner.name.slice(0, -(hash.length + 1))}`
    : `${namespace}/${owner.kind} ${owner.name}`;
}

/** A clusterwide policy reaches into every namespace. */
function ofCluster(ref: ObjectRef): string[] {
  return ref.kind === 'CiliumClusterwideNetworkPolicy'
    ? [`the same for every pod of the cluster that ${policyName(ref)} selects`]
    : [];
}

/** Pods that were not read may be selected as well. */
function unread(state: ClusterState, ref: ObjectRef): string[] {
  const gap = gapFor(state, 'pods', ref.namespace);
  const partial = gap !== undefined || lacksInArchive(state, 'pods', ref.namespace);
  const why = gap === undefined ? 'the archive does not hold them' : gapText(gap);
  return partial ? [`pods that ${policyName(ref)} selects and that were not read were not evaluated: ${why}`] : [];
}
