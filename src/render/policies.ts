/** The policies that select a pod and, where a destination was given, what they decide; text of `listEgressPolicies`. */
import type { PoliciesAnswer } from '../core/model/answers.ts';
import type { Evaluation, NearMiss, SelectingPolicy } from '../core/model/evaluation.ts';
import type { Finding } from '../core/model/evidence.ts';
import { changeText } from '../core/remedy/summary.ts';
import { answerText, MAX_LINES, nameOf, podWords } from './answer.ts';
import { indent, oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderPolicies(answer: PoliciesAnswer, style: RenderStyle): string {
  const { policies, isolated, notSelecting, evaluation } = answer;
  const state = isolated
    ? 'is in egress default-deny'
    : 'is not put in egress default-deny by any policy that was read';
  return answerText({ ...answer, findings: answer.findings.filter(untold) }, style, [
    ...(evaluation === undefined ? [] : evaluationLines(evaluation)),
    oneLine(
      `${podWords(answer.subject)} ${state}; ${policies.length} ${policies.length === 1 ? 'policy selects' : 'policies select'} it, ${notSelecting} of those read ${notSelecting === 1 ? 'does' : 'do'} not.`,
    ),
    ...section('Policies that select the pod', policies.map(policyBlock)),
  ]);
}

/** The decision stands at the top already, with the same words under it. */
function untold({ id, state }: Finding): boolean {
  return id !== 'policy-allows' || state === 'not_checked';
}

function evaluationLines({
  decision,
  destination,
  lookup,
  connect,
  mesh,
  nearMisses,
  assumptions,
}: Evaluation): string[] {
  const to = `${destination.host ?? destination.addresses.join(', ')}:${destination.port}/${destination.protocol}`;
  return [
    oneLine(`${decision.toUpperCase()}: ${to}`),
    oneLine(`lookup   ${lookup.decision} (${lookup.reason}): ${lookup.explanation}`),
    oneLine(`connect  ${connect.decision} (${connect.reason}): ${connect.explanation}`),
    ...(mesh === undefined ? [] : [oneLine(`mesh     ${mesh.decision} (${mesh.reason}): ${mesh.explanation}`)]),
    ...nearMisses.slice(0, 5).flatMap(nearMissLines),
    ...assumptions.slice(0, 5).map((text) => oneLine(`assumed: ${text}`)),
    '',
  ];
}

/** With the rule's place, and the one change that would make it match where there is one. */
function nearMissLines({ rule, statement, change }: NearMiss): string[] {
  return [
    oneLine(`near miss: ${nameOf(rule.policy)} ${rule.path}: ${statement}`),
    ...(change === undefined ? [] : [indent(oneLine(`change: ${changeText(change)}`), 2)]),
  ];
}

function policyBlock({ policy, rules, valid, invalidReason, isolatesEgress }: SelectingPolicy): string {
  const notes = [
    isolatesEgress ? '' : 'does not isolate egress',
    valid ? '' : `NOT ENFORCED: ${invalidReason ?? 'invalid'}`,
  ];
  const suffix = notes.filter((note) => note !== '').join('; ');
  return [
    oneLine(`${nameOf(policy)}${suffix === '' ? '' : ` (${suffix})`}`),
    ...rules.slice(0, MAX_LINES).map(({ path, effect, text }) => indent(oneLine(`${effect} ${path}: ${text}`), 2)),
  ].join('\n');
}
