/** Policies that select the pod, would decide about the connection, and are enforced by nobody here: not seen, that is a riddle. */
import type { NearMiss } from '../../model/evaluation.ts';
import type { RuleMatch } from '../decide/match.ts';
import { matchRule } from '../decide/match.ts';
import { ruleRef } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Selecting } from '../rules/pod-policy.ts';
import type { PolicyRule } from '../rules/rule.ts';
import type { MissContext } from './context.ts';

/** Reported whatever the verdict: an open door that a policy was meant to close matters as much as a closed one. */
export function unenforcedPolicies(context: MissContext): NearMiss[] {
  const { destination, connect } = context;
  const names = destination.host === undefined ? [] : [destination.host];
  const identities = connect.traces.map(({ identity }) => ({ ...identity, names, maybeNames: [] }));
  return context.policy.selecting
    .filter((one) => one.enforcement.enforced === 'no' && one.selects === 'yes' && one.translated.valid)
    .flatMap((one) => identities.flatMap((identity) => effectOf(context, one, identity) ?? []).slice(0, 1));
}

function effectOf(context: MissContext, one: Selecting, identity: PeerIdentity): NearMiss | undefined {
  const { decision } = context.connect.stage;
  const rules = one.sections.flatMap((section) => section.rules);
  const deciding = firstMatch(context, one, { rules, identity });
  const effect = deciding?.rule.effect ?? (one.sections.some(({ isolates }) => isolates) ? 'drops' : undefined);
  // What changes nothing is no news.
  if (effect === undefined || effect === 'pass' || (effect === 'allow') === (decision === 'allowed')) return undefined;
  const would =
    effect === 'allow' ? 'would allow it' : deciding ? 'would deny it' : 'would isolate the pod and allows it nowhere';
  const rule = deciding
    ? ruleRef(deciding.rule, deciding.peer)
    : { policy: one.translated.ref, path: 'spec', effect: 'deny' as const, text: 'what no rule allows' };
  return {
    rule,
    kind: 'policy_not_enforced',
    statement: `this policy ${would}, but nobody enforces it here: ${one.enforcement.why}`,
  };
}

function firstMatch(
  { state }: MissContext,
  { translated }: Selecting,
  { rules, identity }: { readonly rules: readonly PolicyRule[]; readonly identity: PeerIdentity },
): RuleMatch | undefined {
  const matches = rules.flatMap((rule) => matchRule(state, rule, identity) ?? []).filter(({ tri }) => tri === 'yes');
  if (translated.layer.mode === 'ordered') return matches[0];
  return matches.find(({ rule }) => rule.effect === 'deny') ?? matches[0];
}
