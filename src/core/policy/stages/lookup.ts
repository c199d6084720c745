/** The name lookup: may the pod ask its DNS server, may it ask for this name, and does Cilium learn the answer (policy-semantics §2)? */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import { normaliseName } from '../../net/dns-name.ts';
import { decide } from '../decide/decide.ts';
import { openQuestions } from '../decide/open-questions.ts';
import { learnsFrom, learnsWithoutRule } from '../engine/name-learning.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import { dnsServersOf } from '../state/dns-server.ts';
import type { Answer } from './name-filter.ts';
import { admittingRefs, filtered } from './name-filter.ts';
import { doubtAboutPeer } from './peer-doubt.ts';
import { audited, combine, stageOf } from './stage.ts';

export interface Lookup {
  readonly stage: StageVerdict;
  /** The name's addresses are learned by the pod's own lookups. */
  readonly learned: boolean;
  /** Why not, in words that continue "but …"; empty when learned. */
  readonly whyNot: string;
  /** Worked out for whoever explains the verdict. */
  readonly assumptions: () => readonly string[];
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
    assumptions: () => [
      ...(dns.assumption === undefined ? [] : [dns.assumption]),
      ...searchNote(policy, answers, host),
    ],
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

function notApplicable(explanation: string, whyNot: string): Lookup {
  const stage: StageVerdict = { decision: 'allowed', reason: 'not_applicable', decidedBy: [], explanation };
  return { stage, learned: false, whyNot, assumptions: () => [] };
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
    assumptions: () => (assumption === undefined ? [] : [assumption]),
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
