/** Near misses of precedence: a rule that allows the packet and a deny that beats it. */
import type { NearMiss, PolicyChange, RuleRef } from '../../model/evaluation.ts';
import { widthOf } from '../../net/cidr.ts';
import { isCiliumKind, jsonPath } from '../change/changes.ts';
import type { Trace } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { matchRule } from '../decide/match.ts';
import { listed, matchRef, packetText, refText, ruleRef } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { PolicyRule } from '../rules/rule.ts';
import type { MissContext } from './context.ts';
import { isSingle } from './ports.ts';

export function denyMisses(context: MissContext): NearMiss[] {
  const traces = [...context.questions, ...context.connect.traces];
  return traces.filter(({ reason }) => reason === 'explicit_deny').flatMap((trace) => denied(context, trace));
}

function denied(context: MissContext, trace: Trace): NearMiss[] {
  const by = listed(trace.decidedBy.map((match) => refText(matchRef(match))));
  const how = trace.layer?.key.mode === 'ordered' ? `comes first in ${trace.layer.key.name}` : 'beats every allow';
  const change = removal(context, trace);
  return beaten(context, trace).map((rule) => {
    const statement = `this rule allows ${packetText(trace.identity)}, but ${by} denies it and ${how}`;
    return { rule, kind: 'deny_wins', statement, ...(change && { change }) };
  });
}

/** Rules that allow the packet for certain, wherever they stand. */
function beaten({ state, policy }: MissContext, { identity }: Trace): RuleRef[] {
  return policy.rules.flatMap((rule) => {
    const match = rule.effect === 'allow' ? matchRule(state, rule, identity) : undefined;
    return match?.tri === 'yes' ? [ruleRef(rule, match.peer)] : [];
  });
}

/** Only a deny that is about this very address and port, and the only one, is offered to be taken out. */
function removal({ policy }: MissContext, { decidedBy, identity, layer }: Trace): PolicyChange | undefined {
  const [deny, ...others] = decidedBy;
  if (!deny || others.length > 0 || layer?.key.mode === 'ordered' || !isExactly(deny, identity)) return undefined;
  const { rule } = deny;
  const section = rule.path.replace(/\.egressDeny\[\d+\]$/, '');
  const rest = policy.rules.filter((one) => one.policy === rule.policy && one.path.startsWith(`${section}.`));
  // A section without any element would void the policy.
  if (!isCiliumKind(rule.policy) || rest.every((one) => one.path === rule.path)) return undefined;
  return {
    policy: rule.policy,
    op: 'remove',
    path: jsonPath(rule.path),
    why: 'takes out the deny of this very destination',
  };
}

function isExactly({ rule, peer }: RuleMatch, { port, protocol }: PeerIdentity): boolean {
  if (peer?.match.kind !== 'cidr' || rule.peers.length !== 1) return false;
  const { prefix, family } = peer.match.cidr;
  return prefix === widthOf(family) && isThisPort(rule, port, protocol);
}

function isThisPort({ ports }: PolicyRule, number: number, protocol: PeerIdentity['protocol']): boolean {
  if (typeof ports === 'string' || ports.length !== 1) return false;
  return ports.every((only) => isSingle(only, number) && only.protocols.join() === protocol);
}
