/** The name lookup: may the pod ask its DNS server, may it ask for this name, and does Cilium learn the answer (policy-semantics §2)? */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { RuleRef, StageVerdict } from '../../model/evaluation.ts';
import { normaliseName } from '../../net/dns-name.ts';
import type { Trace } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { openQuestions } from '../decide/open-questions.ts';
import { learnsFrom, learnsWithoutRule } from '../engine/name-learning.ts';
import { dnsRef, listed, matchRef, packetText, refText } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { L4Protocol, PortMatch } from '../rules/rule.ts';
import { dnsServersOf } from '../state/dns-server.ts';
import { doubtAboutPeer } from './peer-doubt.ts';
import { audited, combine, stageOf } from './stage.ts';

export interface Lookup {
  readonly stage: StageVerdict;
  /** The name's addresses are learned by the pod's own lookups. */
  readonly learned: boolean;
  /** Why not, in words that continue "but …"; empty when learned. */
  readonly whyNot: string;
  readonly assumptions: readonly string[];
}

export function lookupStage(state: ClusterState, policy: PodPolicy, destination: Destination): Lookup {
  const { host } = destination;
  if (host === undefined)
    return notApplicable('An address was given, so no name is looked up.', 'no name was asked for');
  if (hasAlias(policy, host))
    return notApplicable(
      `hostAliases of the pod answer "${host}", so no DNS server is asked.`,
      "the pod's hostAliases answer the name, so no lookup teaches it to the engine",
    );
  const dns = dnsServersOf(state, policy.pod);
  if (dns.unknown !== undefined) return unknownServer(state, policy, { host, reason: dns.unknown });
  const reason = doubtAboutServers(state, policy, dns.servers);
  if (reason !== undefined) return unknownServer(state, policy, { host, reason });
  const answers = dns.servers.map((server) => askServer(state, policy, server, host));
  const learned = answers.length > 0 && answers.every((one) => one.learned);
  return {
    stage: audited(policy, combine(answers.map((one) => one.stage)) ?? NO_SERVER),
    learned,
    whyNot: learned ? '' : (answers.find((one) => !one.learned)?.whyNot ?? ''),
    assumptions: [...(dns.assumption === undefined ? [] : [dns.assumption]), ...searchNote(policy, answers, host)],
  };
}

/** A server that is no known pod or node may be one that was not read. */
function doubtAboutServers(
  state: ClusterState,
  policy: PodPolicy,
  servers: readonly PeerIdentity[],
): string | undefined {
  const doubts = servers.map((server) => {
    if (server.kind !== 'world') return undefined;
    return doubtAboutPeer(state, policy, decide(state, policy, server), { backend: true });
  });
  const doubt = doubts.find((one) => one !== undefined);
  return doubt && `who answers for the cluster's DNS is not known: ${doubt}`;
}

interface Answer {
  readonly stage: StageVerdict;
  readonly learned: boolean;
  readonly whyNot: string;
  /** The rules whose names the proxy holds questions against; none where another rule lifts the filter. */
  readonly filters: readonly RuleMatch[];
}

function askServer(state: ClusterState, policy: PodPolicy, server: PeerIdentity, host: string): Answer {
  const trace = decide(state, policy, server);
  const filters = trace.decision === 'denied' ? [] : trace.allows.filter((match) => match.rule.l7.dns);
  // Where no rule is needed, a dropped lookup is a matter of the lookup's own verdict.
  if (filters.length === 0 && learnsWithoutRule(policy.settings))
    return { stage: stageOf(policy, trace), learned: true, whyNot: '', filters };
  if (filters.length === 0) {
    const whyNot = trace.decision === 'denied' ? 'its DNS queries are dropped, so Cilium learns nothing' : NOT_PROXIED;
    return { stage: stageOf(policy, trace), learned: false, whyNot, filters };
  }
  return filtered(state, policy, trace, { filters, host });
}

const NOT_PROXIED =
  "the pod's DNS does not pass Cilium's proxy (no rules.dns rule covers its DNS server), so Cilium learns no addresses from it";

/** What was not read and could make the proxy filter names, or lift its filter. */
function openAboutFilter(state: ClusterState, policy: PodPolicy, { layer }: Trace): string | undefined {
  const power = policy.defaultDeny ? 'may_allow' : 'may_isolate';
  return openQuestions(state, policy, { power, gate: 'policy', layer: policy.defaultDeny ? layer?.key : undefined });
}

interface Asked {
  readonly host: string;
  readonly filters: readonly RuleMatch[];
}

/** The proxy's name filter: rules of all policies for the port are united; a plain rule for exactly that port lifts it. */
function filtered(state: ClusterState, policy: PodPolicy, trace: Trace, { host, filters }: Asked): Answer {
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

function admittingRefs(match: RuleMatch, host: string): RuleRef[] {
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

function notApplicable(explanation: string, whyNot: string): Lookup {
  const stage: StageVerdict = { decision: 'allowed', reason: 'not_applicable', decidedBy: [], explanation };
  return { stage, learned: false, whyNot, assumptions: [] };
}

const NO_SERVER: StageVerdict = {
  decision: 'unknown',
  reason: 'incomplete_state',
  decidedBy: [],
  explanation: 'Undecided about the lookup: the cluster DNS has no backend in the cluster state.',
};

function hasAlias(policy: PodPolicy, host: string): boolean {
  return policy.pod.hostAliases.some((alias) => alias.hostnames.some((name) => normaliseName(name) === host));
}

/** Without knowing the server, only what holds for every server can be said. */
function unknownServer(
  state: ClusterState,
  policy: PodPolicy,
  { host, reason }: { readonly host: string; readonly reason: string },
): Lookup {
  const free = policy.pod.hostNetwork || isFree(state, policy);
  const teaching = policy.rules.filter((rule) => rule.l7.dns?.some((filter) => filter.matches(host)));
  const assumption = teaching[0] && `the DNS server is not known: ${policyNameOf(teaching[0])} is taken to cover it`;
  const stage: StageVerdict = free
    ? {
        decision: 'allowed',
        reason: policy.pod.hostNetwork ? 'host_network' : 'not_isolated',
        decidedBy: [],
        explanation: `No policy isolates the pod's egress: it may ask any DNS server.`,
      }
    : {
        decision: 'unknown',
        reason: 'incomplete_state',
        decidedBy: [],
        explanation: `Undecided about the lookup: ${reason}.`,
      };
  const learned = teaching.length > 0 || learnsFrom(policy.settings, policy.pod.dnsPolicy);
  return {
    stage,
    learned,
    whyNot: learned ? '' : notTaught(policy),
    assumptions: assumption === undefined ? [] : [assumption],
  };
}

/** Nothing that was read, or may exist unread, keeps the pod from any server. */
function isFree(state: ClusterState, policy: PodPolicy): boolean {
  if (policy.defaultDeny || policy.doubts.length > 0 || policy.rules.some(({ effect }) => effect !== 'allow'))
    return false;
  return (['policy', 'firewall'] as const).every(
    (gate) => openQuestions(state, policy, { power: 'may_isolate', gate, layer: undefined }) === undefined,
  );
}

function notTaught({ settings }: PodPolicy): string {
  return settings.engine === 'gke-dataplane-v2'
    ? "GKE learns names from the cluster's DNS only, and the pod asks another server"
    : 'no rules.dns rule of the pod admits the name, so its lookups teach Cilium nothing';
}

function policyNameOf(rule: { policy: { name: string }; path: string }): string {
  return `the rules.dns of ${rule.policy.name} ${rule.path}`;
}

/** With ndots:5 short names are first asked with each search suffix; the proxy refuses those it does not list (§1, §2.4). */
function searchNote(policy: PodPolicy, answers: readonly Answer[], host: string): string[] {
  const filters = answers.flatMap((one) => one.filters);
  if (filters.length === 0 || !answers.every((one) => one.learned) || host.split('.').length > 5) return [];
  const expanded = `${host}.${policy.pod.meta.namespace ?? 'default'}.svc.cluster.local`;
  if (filters.some((match) => admittingRefs(match, expanded).length > 0) || !policy.defaultDeny) return [];
  return [
    `with the usual search list the resolver first asks for "${expanded}", which the DNS proxy rejects: glibc goes on to "${host}", musl (Alpine) gives up unless the name is written with a final dot`,
  ];
}
