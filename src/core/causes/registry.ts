/** The cause rules in the order they are asked; the first that is supported names the class. Read by `core/verdict/judge.ts`. */
import type { CauseRule } from './cause-rule.ts';
import { engineDropsAgainstRules, engineDropsOtherwise } from './engine-drop.ts';
import { lookupFails } from './lookup.ts';
import { fqdnNotLearned, policyDeniesConnect } from './policy-denies.ts';
import { noIpv6Route, remoteRefuses } from './remote.ts';

/** Packet order: lookup, policy of the connection, then what lies beyond the pod. */
export const CAUSE_RULES: readonly CauseRule[] = [
  lookupFails,
  fqdnNotLearned,
  policyDeniesConnect,
  engineDropsAgainstRules,
  engineDropsOtherwise,
  remoteRefuses,
  noIpv6Route,
];
