/** Near misses of policies that select the pod and are not in force; reported whatever the verdict. */
import type { NearMiss } from '../../model/evaluation.ts';
import type { Selecting } from '../rules/pod-policy.ts';
import type { MissContext } from './context.ts';
import { allowing } from './selection.ts';

/** Stands for the rule where no rule of the policy would have helped. */
export const WHOLE_POLICY = 'the whole policy';

/** Policies that the engine does not take. */
export function invalidPolicies(context: MissContext): NearMiss[] {
  return context.policy.selecting
    .filter((one) => one.enforcement.enforced !== 'no' && !one.translated.valid)
    .map((one) => invalid(context, one));
}

function invalid(context: MissContext, { translated, sections }: Selecting): NearMiss {
  const { ref, invalidReason, uncertain } = translated;
  const packets = [...context.missed, ...context.questions.map(({ identity }) => identity)];
  const helping = sections.map((section) => allowing(context, section, packets)).find((rule) => rule !== undefined);
  const rule = helping ?? { policy: ref, path: 'spec', effect: 'allow' as const, text: WHOLE_POLICY };
  const who = context.policy.settings.cilium ? 'Cilium' : 'the engine';
  const nothing = helping ? 'the rule that would allow this is therefore not in force' : 'nothing of it is in force';
  const effect = uncertain === undefined ? nothing : 'at most the version before its last edit is in force';
  const statement = `${who} does not enforce this policy (${invalidReason ?? 'invalid'}); ${effect}`;
  return { rule, kind: 'policy_invalid', statement };
}
