/** The cause rules in the order they are asked; the first that is supported names the class. Read by `core/verdict/judge.ts`. */
import type { CauseRule } from './cause-rule.ts';
import { engineDropsAgainstRules, engineDropsOtherwise } from './engine-drop.ts';
import { clockIsWrong, largePacketsLost } from './handshake.ts';
import { lookupFails } from './lookup.ts';
import { meshBlocks } from './mesh.ts';
import { fqdnNotLearned, policyDeniesConnect } from './policy-denies.ts';
import { proxyRefuses } from './proxy.ts';
import { noIpv6Route, remoteRefuses } from './remote.ts';
import { searchListCaptures } from './resolver.ts';
import { serverNameRefused } from './server-name.ts';

/** Packet order: lookup, the mesh's proxy in the pod, policy of the connection, then what lies beyond the pod. */
export const CAUSE_RULES: readonly CauseRule[] = [
  lookupFails,
  searchListCaptures,
  meshBlocks,
  fqdnNotLearned,
  serverNameRefused,
  policyDeniesConnect,
  engineDropsAgainstRules,
  engineDropsOtherwise,
  remoteRefuses,
  noIpv6Route,
  proxyRefuses,
];

/** For a connection that opened and a handshake that failed. */
export const HANDSHAKE_RULES: readonly CauseRule[] = [
  serverNameRefused,
  searchListCaptures,
  largePacketsLost,
  clockIsWrong,
];
