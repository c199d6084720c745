/** Near misses of TLS: rules that let the packet through for other server names only (policy-semantics §3.6). */
import type { NearMiss } from '../../model/evaluation.ts';
import { addServerName } from '../change/changes.ts';
import { listed, ruleRef } from '../explain/sentences.ts';
import type { MissContext } from './context.ts';

export function serverNameMisses({ connect, destination }: MissContext): NearMiss[] {
  const { sni } = destination;
  if (sni === undefined || connect.stage.reason !== 'server_name_refused') return [];
  const matches = connect.traces.flatMap(({ allows }) => allows).filter(({ rule }) => rule.l7.serverNames.length > 0);
  return matches.map(({ rule, peer }) => {
    const change = addServerName(rule, sni);
    const names = listed(rule.l7.serverNames.map((name) => `"${name}"`));
    const statement = `this rule lets TLS through for ${names} only, not for "${sni}"`;
    return { rule: ruleRef(rule, peer), kind: 'server_name_not_listed', statement, ...(change && { change }) };
  });
}
