/** Asks this project's engine the questions of a policy case, from raw objects on: the decoders are part of what is compared. */
import { createClusterSource } from '../../src/cluster/cluster-source.ts';
import type { RawObject } from '../../src/cluster/object-reader.ts';
import type { ClusterState, NotRead } from '../../src/core/model/cluster-state.ts';
import type { Decision } from '../../src/core/model/evaluation.ts';
import type { Pod } from '../../src/core/model/workload.ts';
import { decideEgress } from '../../src/core/policy/evaluate.ts';
import { selectingPolicies } from '../../src/core/policy/selecting.ts';
import type { PolicyCase, Query, World } from './case.ts';
import { memoryReader } from './kinds/reader.ts';

interface Stage {
  readonly decision: Decision;
  readonly reason: string;
  readonly explanation: string;
}

export interface OurAnswer {
  readonly lookup: Stage;
  readonly connect: Stage;
}

export interface OurPolicy {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly invalidReason: string | undefined;
}

export interface OurCase {
  readonly answers: readonly OurAnswer[];
  /** Those that select a pod that was asked about, once each. */
  readonly policies: readonly OurPolicy[];
}

export async function askOurs(world: World, asked: PolicyCase): Promise<OurCase> {
  const states = new Map<string, ClusterState>();
  const subjects = new Map<string, Pod>();
  const policies = new Map<string, OurPolicy>();
  const answers: OurAnswer[] = [];
  for (const query of asked.queries) {
    const [namespace = '', name = ''] = query.pod.split('/');
    const state = states.get(namespace) ?? (await stateOf(world, asked, namespace));
    states.set(namespace, state);
    const pod = state.pods.find((one) => one.meta.namespace === namespace && one.meta.name === name);
    if (!pod) throw new Error(`no pod ${query.pod} in the world ${world.id}`);
    if (!subjects.has(query.pod)) for (const one of policiesOf(state, pod)) policies.set(keyOf(one), one);
    subjects.set(query.pod, pod);
    answers.push(decide(state, pod, query));
  }
  return { answers, policies: [...policies.values()] };
}

const surroundings = new WeakMap<World, Map<string, Promise<ClusterState>>>();

/** The world is read once for all its cases, and the policies of each case as if nothing else were there. */
export async function stateOf(world: World, asked: PolicyCase, namespace: string): Promise<ClusterState> {
  const known = surroundings.get(world) ?? new Map<string, Promise<ClusterState>>();
  surroundings.set(world, known);
  const around = known.get(namespace) ?? read(world.objects, namespace);
  known.set(namespace, around);
  const [surrounding, own] = await Promise.all([around, read(asked.objects, namespace)]);
  const { policies, cidrGroups } = own;
  return { ...surrounding, policies, cidrGroups, notRead: [...surrounding.notRead, ...own.notRead.filter(isMisfit)] };
}

function read(objects: readonly RawObject[], namespace: string): Promise<ClusterState> {
  const source = createClusterSource(memoryReader(objects));
  return source.readState({ namespace, name: '' }, new AbortController().signal);
}

/** An object that the decoders could not take; that a set of policies holds no pods is no gap. */
function isMisfit(gap: NotRead): boolean {
  return gap.code === 'invalid';
}

function decide(state: ClusterState, pod: Pod, query: Query): OurAnswer {
  const { host, addresses, port, protocol } = query;
  const destination = { ...(host !== undefined && { host }), cnames: [], addresses, port, protocol };
  const { lookup, connect } = decideEgress(state, pod, destination);
  return { lookup, connect };
}

function policiesOf(state: ClusterState, pod: Pod): OurPolicy[] {
  return selectingPolicies(state, pod).map((one) => ({
    kind: one.policy.kind,
    namespace: one.policy.namespace ?? '',
    name: one.policy.name,
    invalidReason: one.valid ? undefined : (one.invalidReason ?? 'no reason given'),
  }));
}

/** Names a policy in the way that the case's own objects can be looked up by. */
export function keyOf(policy: Pick<OurPolicy, 'kind' | 'namespace' | 'name'>): string {
  return `${policy.kind} ${policy.namespace}/${policy.name}`;
}
