/** Rules that were probably meant to match and the one change that would make them; asked by `evaluate.ts` when not allowed. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Decision, NearMiss } from '../model/evaluation.ts';
import type { Connect } from './connect-stage.ts';
import type { Lookup } from './lookup-stage.ts';
import { contextOf } from './near-miss/context.ts';
import { dnsMisses } from './near-miss/dns.ts';
import { nameMisses } from './near-miss/names.ts';
import { cidrMisses, portMisses } from './near-miss/ports.ts';
import { invalidPolicies, scopeMisses } from './near-miss/scope.ts';
import type { PodPolicy } from './pod-policy.ts';

const MOST = 12;

/** Most telling first. With an explicit deny no allow would help, so only invalid policies are named. */
export function nearMissesOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  stages: { decision: Decision; lookup: Lookup; connect: Connect },
): readonly NearMiss[] {
  const context = contextOf(state, policy, destination, stages);
  const invalid = invalidPolicies(context);
  const { reason, decision } = stages.connect.stage;
  if (stages.decision === 'allowed' || reason === 'explicit_deny') return invalid;
  const connect =
    decision === 'allowed' ? [] : [...nameMisses(context), ...portMisses(context), ...cidrMisses(context)];
  const found = [...invalid, ...dnsMisses(context), ...connect].slice(0, MOST);
  return decision === 'denied' ? [...found, ...scopeMisses(context, MOST - found.length)] : found;
}
