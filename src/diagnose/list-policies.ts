/** Which policies select a pod, what they allow, and (given a destination) what the engine decides: `listEgressPolicies`, without any probe. */
import type { PoliciesAnswer } from '../core/model/answers.ts';
import type { ClusterState } from '../core/model/cluster-state.ts';
import type { Destination } from '../core/model/destination.ts';
import type { Subject } from '../core/model/diagnosis.ts';
import type { Evaluation, SelectingPolicy } from '../core/model/evaluation.ts';
import type { Evidence, Finding } from '../core/model/evidence.ts';
import type { Pod } from '../core/model/workload.ts';
import { openQuestions } from '../core/policy/decide/open-questions.ts';
import { evaluateEgress } from '../core/policy/evaluate.ts';
import { policiesInReach } from '../core/policy/in-reach.ts';
import { podPolicyOf } from '../core/policy/rules/pod-policy.ts';
import { selectingPolicies } from '../core/policy/selecting.ts';
import { whatDrops } from '../core/policy/stages/stage.ts';
import { unevaluatedFindings } from '../core/verdict/unevaluated.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut, unreadFindings, unreadPolicies } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';

export interface ListPoliciesInput {
  readonly workload: WorkloadRef;
  readonly to?: Destination;
}

const MAX_POLICIES = 30;

export async function listPolicies(deps: Deps, input: ListPoliciesInput, run: Run): Promise<PoliciesAnswer> {
  run.progress('Reading the pod and the policies around it');
  const pod = await requirePod(deps, input.workload, run);
  const state = await deps.cluster.readState(podRef(pod), run.signal);

  const selecting = selectingPolicies(state, pod);
  const evaluation = input.to === undefined ? undefined : evaluateEgress(state, pod, input.to);

  const policies = bounded(selecting, MAX_POLICIES);
  const subject = subjectOf(deps, pod, { state });
  const when = deps.clock.now().toISOString();
  return {
    subject,
    isolated: selecting.some(({ isolatesEgress, valid }) => isolatesEgress && valid),
    policies: policies.kept,
    notSelecting: Math.max(0, policiesInReach(state, subject.namespace).length - selecting.length),
    ...(evaluation === undefined ? {} : { evaluation }),
    findings: [
      isolationFinding({ state, pod, selecting, subject }, when),
      ...selecting.filter(({ valid }) => !valid).map((entry) => invalidFinding(entry, when)),
      ...(evaluation === undefined ? [] : [evaluationFinding(evaluation, subject, when)]),
      ...unreadFindings(state.notRead),
      ...unevaluatedFindings(state.unsupported),
    ],
    ...leftOutOf({ policies }),
  };
}

interface Listed {
  readonly state: ClusterState;
  readonly pod: Pod;
  readonly selecting: readonly SelectingPolicy[];
  readonly subject: Subject;
}

function isolationFinding({ state, pod, selecting, subject }: Listed, when: string): Finding {
  const statement = 'Some policy puts the pod in egress default-deny.';
  const isolating = selecting.filter(({ isolatesEgress, valid }) => isolatesEgress && valid);
  const where = `pod ${subject.namespace}/${subject.pod}`;
  if (isolating.length > 0) {
    const names = isolating.map(({ policy }) => `${policy.kind} ${policy.name}`).join(', ');
    return confirmed('egress-isolated', statement, { source: 'policy', where, what: `selected by ${names}`, when });
  }
  const unread = unreadPolicies(state.notRead);
  // A policy that was not read may isolate the pod: only a complete reading rules it out.
  if (unread !== undefined) return notChecked('egress-isolated', statement, unread);
  const reason = openQuestions(state, podPolicyOf(state, pod), {
    power: 'may_isolate',
    gate: 'policy',
    layer: undefined,
  });
  if (reason !== undefined && !pod.hostNetwork)
    return notChecked('egress-isolated', statement, {
      what: 'every policy that may isolate it',
      code: 'unsupported',
      reason,
    });
  const policy = podPolicyOf(state, pod);
  const all =
    policy.defaultDeny && !pod.hostNetwork ? `; what no rule allows is dropped all the same: ${whatDrops(policy)}` : '';
  const what = `none of the ${policiesInReach(state, subject.namespace).length} policies read isolates it${all}`;
  return ruledOut('egress-isolated', statement, { source: 'policy', where, what, when });
}

function invalidFinding({ policy, invalidReason }: SelectingPolicy, when: string): Finding {
  const where = `${policy.kind} ${policy.namespace === undefined ? '' : `${policy.namespace}/`}${policy.name}`;
  const what = invalidReason ?? 'marked invalid by the engine';
  return confirmed('policy-invalid', `${where} is not enforced.`, { source: 'policy', where, what, when });
}

export function evaluationFinding(evaluation: Evaluation, subject: Subject, when: string): Finding {
  const { destination, decision } = evaluation;
  const name = destination.host ?? destination.addresses[0] ?? 'the destination';
  const statement = `Egress policies let the pod reach ${name}:${destination.port}/${destination.protocol}.`;
  const { lookup, connect, mesh } = evaluation;
  const stages = `lookup: ${lookup.explanation} connect: ${connect.explanation}${mesh === undefined ? '' : ` mesh: ${mesh.explanation}`}`;
  const evidence: Evidence = {
    source: 'policy',
    where: `pod ${subject.namespace}/${subject.pod}`,
    what: stages,
    when,
  };
  if (decision === 'allowed') return confirmed('policy-allows', statement, evidence);
  if (decision === 'denied') return ruledOut('policy-allows', statement, evidence);
  // Much may be unread that has no part in it: only what the verdict names is the reason.
  const gap = evaluation.notEvaluated.find(({ what }) => stages.includes(what));
  const unread = {
    what: 'the engine’s decision',
    code: gap?.code ?? ('unsupported' as const),
    reason: stages,
    ...(gap?.nextStep !== undefined && { nextStep: gap.nextStep }),
  };
  return { ...notChecked('policy-allows', statement, unread), evidence: [evidence] };
}
