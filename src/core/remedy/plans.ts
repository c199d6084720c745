/** Ways to a remedy, the most preferred first: each names the next change from what still stands in the way; tried by `propose.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Evaluation, NearMiss, PolicyChange } from '../model/evaluation.ts';
import type { Trace } from '../policy/decide/decide.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import { connectStage } from '../policy/stages/connect.ts';
import { lookupStage } from '../policy/stages/lookup.ts';
import { connectChange } from './connect-change.ts';
import { consentFor, exceptFromDeny } from './deny-change.ts';
import { admitName, openDns } from './lookup-change.ts';
import { ruleInOwnPolicy } from './new-policy.ts';

/** What the change before it left behind. */
export interface Step {
  readonly state: ClusterState;
  readonly policy: PodPolicy;
  readonly destination: Destination;
  readonly now: Evaluation;
  readonly changes: readonly PolicyChange[];
}

/** Empty when the way leads no further. */
export type Plan = (step: Step) => readonly PolicyChange[];

type Next = (step: Step) => PolicyChange | undefined;

/** A slip of the pen is corrected where it is; else a rule is made; else a near miss says what it lacks; else the pod gets a policy. */
export const PLANS: readonly Plan[] = [first(correction), first(ordinary), nearest, first(ownPolicy)].map(afterDenies);

/** A deny beats every allow (Cilium), so it comes first, whatever else is missing. */
function afterDenies(plan: Plan): Plan {
  return (step) => {
    // A denied lookup is a matter of the whole DNS, not of one name.
    if (step.now.lookup.reason === 'explicit_deny') return [];
    // Of several addresses one may be denied and the others lack an allow.
    const trace = traceOf(step, 'explicit_deny');
    if (trace === undefined) return plan(step);
    const excepted = exceptFromDeny(step.state, trace);
    return excepted.length > 0 ? excepted : removed(step);
  };
}

/** A deny of this very destination and of nothing else goes as a whole. */
function removed({ state, now }: Step): readonly PolicyChange[] {
  const change = now.nearMisses.find((miss) => miss.kind === 'deny_wins' && miss.change !== undefined)?.change;
  return change !== undefined && consentFor(state, [change]) !== undefined ? [change] : [];
}

/** The plan's own change for what is dropped first, and after it what ordinarily follows. */
function first(next: Next): Plan {
  return (step) => {
    const started = step.changes.some((change) => !isException(change));
    const change = started ? ordinary(step) : next(step);
    return change === undefined ? [] : [change];
  };
}

function isException({ path }: PolicyChange): boolean {
  return path.includes('egressDeny');
}

function correction({ now }: Step): PolicyChange | undefined {
  return now.nearMisses.find(({ kind, change }) => kind === 'label_similar' && change !== undefined)?.change;
}

function ordinary({ state, policy, destination, now, changes }: Step): PolicyChange | undefined {
  const near = changes[0]?.policy;
  if (now.connect.reason === 'default_deny') {
    const dropped = traceOf({ state, policy, destination }, 'default_deny');
    return dropped && connectChange(state, policy, destination, dropped.identity);
  }
  if (now.connect.reason === 'server_name_refused')
    return now.nearMisses.find(({ kind }) => kind === 'server_name_not_listed')?.change;
  if (now.lookup.reason === 'dns_name_refused') return admitName(state, policy, destination.host ?? '', near);
  return asksDns(now) ? openDns(state, policy, near ?? now.connect.decidedBy[0]?.policy) : undefined;
}

/** The lookup is dropped, or passes by the proxy that would learn from it. */
function asksDns({ lookup, connect }: Evaluation): boolean {
  const bypassed = connect.reason === 'dns_not_proxied' && lookup.reason !== 'not_applicable';
  return lookup.reason === 'default_deny' || bypassed;
}

/** Not those that take a policy to a pod it was never for, nor those that undo a deny. */
const PROVABLE: ReadonlySet<NearMiss['kind']> = new Set([
  'dns_rule_missing',
  'dns_target_mismatch',
  'dns_rule_without_l7',
  'dns_name_not_listed',
  'cidr_cannot_match',
  'protocol_missing',
  'port_missing',
  'server_name_not_listed',
]);

function nearest(step: Step): readonly PolicyChange[] {
  const miss = step.now.nearMisses.find(({ kind, change }) => change !== undefined && PROVABLE.has(kind));
  const change = miss?.change ?? ordinary(step);
  return change === undefined ? [] : [change];
}

function ownPolicy(step: Step): PolicyChange | undefined {
  const { state, policy, destination, now } = step;
  if (now.connect.reason === 'default_deny') {
    const dropped = traceOf(step, 'default_deny');
    return dropped && ruleInOwnPolicy(state, policy, { identity: dropped.identity, host: destination.host });
  }
  return ordinary(step);
}

function traceOf(
  { state, policy, destination }: Pick<Step, 'state' | 'policy' | 'destination'>,
  reason: Trace['reason'],
): Trace | undefined {
  const { traces } = connectStage(state, policy, destination, lookupStage(state, policy, destination));
  return traces.find((trace) => trace.reason === reason);
}
