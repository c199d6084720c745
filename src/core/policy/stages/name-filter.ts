/** The name filter of Cilium's DNS proxy: which entries admit the question, and what lifts the filter (policy-semantics §2.2); for `lookup.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { RuleRef, StageVerdict } from '../../model/evaluation.ts';
import type { Trace } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { openQuestions } from '../decide/open-questions.ts';
import { dnsRef, listed, matchRef, packetText, refText } from '../explain/sentences.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { L4Protocol, PortMatch } from '../rules/rule.ts';
import { stageOf } from './stage.ts';

/** What one server makes of the question. */
export interface Answer {
  readonly stage: StageVerdict;
  readonly learned: boolean;
  readonly whyNot: string;
  /** The rules whose names the proxy holds questions against; none where another rule lifts the filter. */
  readonly filters: readonly RuleMatch[];
}

interface Asked {
  readonly host: string;
  readonly filters: readonly RuleMatch[];
}

/** The proxy's name filter: rules of all policies for the port are united; a plain rule for exactly that port lifts it. */
export function filtered(state: ClusterState, policy: PodPolicy, trace: Trace, { host, filters }: Asked): Answer {
  const lifted = trace.allows.find(
    (match) => !match.rule.l7.dns && filters.some((filter) => lists(match, filter, trace.identity.protocol)),
  );
  const admitting = filters.flatMap((match) => admittingRefs(match, host));
  const certain = admitting.length > 0 || lifted !== undefined;
  const passes = certain || !policy.defaultDeny;
  const packet = packetText(trace.identity);
  const whyNot = passes ? '' : NOT_ADMITTED;
  if (trace.decision === 'unknown') return { stage: stageOf(policy, trace), learned: passes, whyNot, filters };
  const open = certain ? undefined : openAboutFilter(state, policy, trace);
  if (open !== undefined) return { stage: undecidedFilter({ host, packet, open }), learned: passes, whyNot, filters };
  if (!passes) return { stage: refused(policy, filters, { host, packet }), learned: false, whyNot, filters };
  const refs = admitting.length > 0 ? admitting : trace.decidedBy.map(matchRef);
  const why =
    admitting.length > 0
      ? ''
      : lifted
        ? `, and ${refText(matchRef(lifted))} lifts its name filter`
        : ', which filters no name because no policy isolates the pod';
  const explanation = `${listed(refs.map(refText))} lets the pod ask for "${host}" (${packet}) through Cilium's DNS proxy${why}.`;
  return {
    stage: { decision: 'allowed', reason: 'allowed_by_rule', decidedBy: refs, explanation },
    learned: true,
    whyNot: '',
    filters: lifted ? [] : filters,
  };
}

function undecidedFilter({ host, packet, open }: { host: string; packet: string; open: string }): StageVerdict {
  const explanation = `Undecided about the lookup: no entry admits "${host}" (${packet} through Cilium's DNS proxy), and whether its names are filtered cannot be told: ${open}.`;
  return { decision: 'unknown', reason: 'incomplete_state', decidedBy: [], explanation };
}

const NOT_ADMITTED =
  'no rules.dns entry of the pod admits the name, so the proxy refuses the lookup and Cilium learns nothing';

/** The entries of the rule that let the name be asked. */
export function admittingRefs(match: RuleMatch, host: string): RuleRef[] {
  return (match.rule.l7.dns ?? []).filter((filter) => filter.matches(host)).map((filter) => dnsRef(match.rule, filter));
}

/**
 * Does the rule list the filter's port, perhaps among others that match too? Cilium joins rules whose port and end are written alike; `53`
 * and `53` to `53` stay apart (pkg/policy/l4.go, L4PolicyMap).
 */
function lists({ rule }: RuleMatch, { port }: RuleMatch, protocol: L4Protocol): boolean {
  if (port === undefined || typeof rule.ports === 'string') return false;
  return rule.ports.some((one) => one.protocols.includes(protocol) && numbersOf(one) === numbersOf(port));
}

function numbersOf({ text }: PortMatch): string {
  return text.split('/')[0] ?? '';
}

function refused(
  policy: PodPolicy,
  filters: readonly RuleMatch[],
  ask: { host: string; packet: string },
): StageVerdict {
  const refs = filters.flatMap((match) => (match.rule.l7.dns ?? []).map((filter) => dnsRef(match.rule, filter)));
  const code = policy.settings.dnsRejectCode === 'nameError' ? 'NXDOMAIN' : 'REFUSED';
  const explanation = `DNS (${ask.packet}) passes Cilium's proxy, and none of ${listed(refs.map(refText))} admits "${ask.host}": the proxy answers ${code}.`;
  return { decision: 'denied', reason: 'dns_name_refused', decidedBy: refs, explanation };
}

/** What was not read and could make the proxy filter names, or lift its filter. */
function openAboutFilter(state: ClusterState, policy: PodPolicy, { layer }: Trace): string | undefined {
  const power = policy.defaultDeny ? 'may_allow' : 'may_isolate';
  return openQuestions(state, policy, { power, gate: 'policy', layer: policy.defaultDeny ? layer?.key : undefined });
}
