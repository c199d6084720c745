/** Makes findings of the smaller use cases: a statement, its state, and the observation or the stated reason under it. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { Evidence, Finding } from '../core/model/evidence.ts';

export function confirmed(id: string, statement: string, ...evidence: readonly Evidence[]): Finding {
  return { id, state: 'confirmed', statement, evidence };
}

export function ruledOut(id: string, statement: string, ...evidence: readonly Evidence[]): Finding {
  return { id, state: 'ruled_out', statement, evidence };
}

export function notChecked(id: string, statement: string, because: NotRead): Finding {
  return { id, state: 'not_checked', statement, evidence: [], notChecked: because };
}

/** One finding an unread kind, bounded: a cluster that refuses everything would otherwise drown the answer. */
export function unreadFindings(notRead: readonly NotRead[], limit = 12): Finding[] {
  return notRead
    .slice(0, limit)
    .map((entry, index) => notChecked(`unread-${index + 1}`, `${entry.what} could not be read.`, entry));
}

/**
 * The first policy kind that could not be read, if any: then "no policy does X" is not known. A kind the cluster does not
 * have (`kind_absent`) hides nothing.
 */
export function unreadPolicies(notRead: readonly NotRead[], kinds = /polic/i): NotRead | undefined {
  return notRead.find(({ what, code }) => code !== 'kind_absent' && kinds.test(what) && !BESIDE.test(what));
}

/** Policies by name, which list no names and isolate no pod. */
const BESIDE =
  /^(?:ciliumegressgatewaypolicies|ciliumlocalredirectpolicies|tracingpolicies|securitygrouppolicies|multi-networkpolicies)/;
