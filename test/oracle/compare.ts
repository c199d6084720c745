/** Holds our answers to a policy case against Cilium's. */
import type { RawObject } from '../../src/cluster/object-reader.ts';
import { asRecord, nameOf, namespaceOf, textOf } from '../../src/cluster/raw-meta.ts';
import type { Answer, CaseAnswer, PolicyAnswer, PolicyCase } from './case.ts';
import type { OurAnswer, OurCase } from './ours.ts';
import { keyOf } from './ours.ts';

export interface Disagreement {
  /** `policy`: whether it is valid; `lookup` and `connect`: of the query with this index. */
  readonly about: 'policy' | 'lookup' | 'connect';
  readonly index: number;
  readonly cilium: string;
  readonly ours: string;
}

interface Comparison {
  readonly disagreements: readonly Disagreement[];
  /** Answers of ours that stay open where Cilium's engine has one, by reason. */
  readonly unknown: readonly string[];
  /** Stages that were held against each other. */
  readonly stages: number;
}

export function compareCase(asked: PolicyCase, cilium: CaseAnswer, ours: OurCase): Comparison {
  const found: Disagreement[] = [...comparePolicies(asked, cilium, ours)];
  const unknown: string[] = [];
  let stages = 0;
  for (const [index, theirs] of cilium.answers.entries()) {
    const mine = ours.answers[index];
    if (!mine) throw new Error(`case ${asked.id}: no answer to query ${index}`);
    if (theirs.error?.startsWith('unstable')) continue;
    for (const about of ['lookup', 'connect'] as const) {
      const result = about === 'lookup' ? lookupVerdict(theirs, mine) : connectVerdict(theirs, mine);
      if (result === 'not_asked') continue;
      stages += 1;
      if (result === 'open') unknown.push(reasonOf(about, mine));
      else if (result === 'differs')
        found.push({ about, index, cilium: JSON.stringify(theirs), ours: textOfOurs(mine[about]) });
    }
  }
  return { disagreements: found, unknown, stages };
}

type Result = 'agrees' | 'open' | 'differs' | 'not_asked';

/** A policy that cannot be worked out leaves the endpoint with its previous one, which nobody can tell from the state. */
function lookupVerdict(cilium: Answer, { lookup }: OurAnswer): Result {
  if (cilium.error !== undefined)
    return lookup.decision === 'unknown' || lookup.reason === 'not_applicable' ? 'agrees' : 'differs';
  if (cilium.lookup === undefined) return 'not_asked';
  if (cilium.lookup === 'depends') return lookup.decision === 'unknown' ? 'agrees' : 'not_asked';
  if (lookup.decision === 'unknown') return 'open';
  const refused = lookup.decision === 'denied' && lookup.reason === 'dns_name_refused';
  const mine = refused ? 'refused' : lookup.decision;
  return mine === cilium.lookup ? 'agrees' : 'differs';
}

function connectVerdict(cilium: Answer, { connect }: OurAnswer): Result {
  if (cilium.error !== undefined || cilium.connect === 'depends')
    return connect.decision === 'unknown' ? 'agrees' : 'differs';
  if (connect.decision === 'unknown') return 'open';
  return matches(cilium.connect, connect) ? 'agrees' : 'differs';
}

function matches(cilium: Answer['connect'], { decision, reason }: OurAnswer['connect']): boolean {
  if (cilium === 'allowed') return decision === 'allowed';
  if (decision !== 'denied') return false;
  if (cilium === 'denied') return true;
  return (reason === 'explicit_deny') === (cilium === 'explicit');
}

function comparePolicies(asked: PolicyCase, cilium: CaseAnswer, ours: OurCase): Disagreement[] {
  const answers = byKey(asked, cilium.policies);
  return ours.policies.flatMap((policy): Disagreement[] => {
    const entry = answers.get(keyOf(policy));
    if (!entry) throw new Error(`case ${asked.id}: Cilium did not answer about ${keyOf(policy)}`);
    if ((entry.answer.error === undefined) === (policy.invalidReason === undefined)) return [];
    return [
      {
        about: 'policy',
        index: entry.index,
        cilium: JSON.stringify(entry.answer),
        ours: policy.invalidReason ?? 'valid',
      },
    ];
  });
}

function byKey(
  asked: PolicyCase,
  answers: readonly PolicyAnswer[],
): Map<string, { index: number; answer: PolicyAnswer }> {
  const policies = asked.objects.filter((object) => object['kind'] !== 'CiliumCIDRGroup');
  return new Map(
    policies.map((object, index) => {
      const key = keyOf({
        kind: kindOf(object),
        namespace: namespaceOf(object) ?? '',
        name: nameOf(object),
      });
      return [key, { index, answer: answers[index] ?? {} }];
    }),
  );
}

/** As this project tells the kinds of one name apart. */
function kindOf(object: RawObject): string {
  const kind = textOf(asRecord(object)['kind']) ?? '';
  return kind === 'ClusterNetworkPolicy' ? 'ClusterNetworkPolicy.policy.networking.k8s.io' : kind;
}

function reasonOf(about: 'lookup' | 'connect', mine: OurAnswer): string {
  return `${about} ${mine[about].reason}: ${mine[about].explanation.replaceAll(/"[^"]*"|\S*\d\S*/g, '…').slice(0, 140)}`;
}

function textOfOurs({ decision, reason, explanation }: OurAnswer['connect']): string {
  return `${decision} (${reason}): ${explanation}`;
}
