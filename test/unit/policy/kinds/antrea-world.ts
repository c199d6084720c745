/** Test support for Antrea's policies: rules in short, and one question asked of the small cluster. */
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { acnp, ask, on, verdict } from './foreign-world.ts';

export const ALL = 'appliedTo: [{ podSelector: {} }]';
export const OUT = '203.0.113.7:443';
export const rule = (action: string, rest = '') => `{ action: ${action}${rest === '' ? '' : `, ${rest}`} }`;
export const spec = (rules: readonly string[], more = '') =>
  `{ priority: 5, ${ALL}${more}, egress: [${rules.join(', ')}] }`;

export const state = (policies: readonly Policy[], more: Partial<ClusterState> = {}) => on('antrea', policies, more);
export const decided = (policies: readonly Policy[], to = OUT, more: Partial<ClusterState> = {}) =>
  verdict(ask(state(policies, more), to));
/** One clusterwide policy of these rules, asked about one destination. */
export const one = (rules: readonly string[], to = OUT, more: Partial<ClusterState> = {}) =>
  decided([acnp('a', spec(rules))], to, more);

export const ALLOWED = 'allowed | not_isolated';
export const first = (effect: 'allow' | 'deny', rest = '') =>
  `${effect === 'allow' ? 'allowed | allowed_by_rule' : 'denied | explicit_deny'} | a spec.egress[0]${rest}`;
