/** Allowed by accident: the address is also that of a name that is listed (policy-semantics §1, "Name → identity"). */
import type { NearMiss } from '../../model/evaluation.ts';
import { ruleRef } from '../explain/sentences.ts';
import { accidentOf } from '../stages/shared-address.ts';
import type { MissContext } from './context.ts';
import { allowElements } from './context.ts';
import { listName } from './names.ts';

export function sharedMisses(context: MissContext): NearMiss[] {
  const { policy, destination, connect } = context;
  const elements = allowElements(policy.rules);
  return connect.traces.flatMap((trace) => {
    const accident = accidentOf(trace, destination);
    return (accident?.matches ?? []).map(({ rule, peer }) => {
      const element = elements.find((one) => one.rules.includes(rule));
      const { host } = destination;
      const change = element && host !== undefined ? listName(context, element, host) : undefined;
      return {
        rule: ruleRef(rule, peer),
        kind: 'shared_address',
        statement: accident?.text ?? '',
        ...(change && { change }),
      };
    });
  });
}
