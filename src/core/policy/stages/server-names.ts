/** TLS server names that a Cilium rule lets through (policy-semantics §3.6): TCP connects, then TLS is reset; called by `connect.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import { normaliseName } from '../../net/dns-name.ts';
import type { Trace } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { matchRule } from '../decide/match.ts';
import { openQuestions } from '../decide/open-questions.ts';
import { listed, matchRef, packetText, refText } from '../explain/sentences.ts';
import { patternMatcher } from '../fqdn/dialects.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { Tri } from '../tri.ts';
import { triAny, triOf } from '../tri.ts';

/**
 * Is the name let through by some rule that allows the packet? One without a list filters nothing for its peers
 * (cilium/proxy cilium/network_policy.cc, PortNetworkPolicyRule::allowed).
 */
export function serverNamePasses(allows: readonly RuleMatch[], name: string, minor: number): Tri {
  return triAny(allows.map(({ rule }) => passes(rule.l7.serverNames, name, minor)));
}

function passes(list: readonly string[], name: string, minor: number): Tri {
  return list.length === 0 ? 'yes' : triAny(list.map((pattern) => isNamed(pattern, normaliseName(name), minor)));
}

/**
 * cilium/cilium pkg/policy/api/l4.go (ServerName): `*.` and `**.` in front in 1.18 and 1.19, the grammar of names from 1.20 on, which
 * agrees with it. How older versions read a star is not known.
 */
function isNamed(pattern: string, name: string, minor: number): Tri {
  if (!pattern.includes('*')) return triOf(normaliseName(pattern) === name);
  return minor < 18 ? 'unknown' : triOf(patternMatcher(pattern, 'cilium', { minor: Math.max(minor, 19) })(name));
}

/** The verdict where the rules let the packet through, but not the server name that the client sends; undefined elsewhere. */
export function serverNameRefusal(
  state: ClusterState,
  policy: PodPolicy,
  trace: Trace,
  { sni, protocol }: Destination,
): StageVerdict | undefined {
  const { allows, decision } = trace;
  if (sni === undefined || protocol !== 'TCP' || decision !== 'allowed' || allows.length === 0) return undefined;
  const { minor } = policy.settings;
  if (serverNamePasses(allows, sni, minor) !== 'no') return undefined;
  const decidedBy = allows.map(matchRef);
  const packet = packetText(trace.identity);
  const why = mayPass(state, policy, trace, sni);
  if (why !== undefined) {
    const explanation = `Undecided about TLS for "${sni}" on ${packet}: ${why}.`;
    return { decision: 'unknown', reason: 'incomplete_state', decidedBy, explanation };
  }
  const rules = listed(decidedBy.map(refText));
  const names = listed(allows.flatMap(({ rule }) => rule.l7.serverNames.map((name) => `"${name}"`)));
  const explanation = `${rules} allows ${packet} only for the TLS server names ${names}: TCP connects, TLS for "${sni}" is reset.`;
  return { decision: 'denied', reason: 'server_name_refused', decidedBy, explanation };
}

/** What was not read, or only may match, could let the name through. */
function mayPass(state: ClusterState, policy: PodPolicy, { identity, layer }: Trace, sni: string): string | undefined {
  const question = openQuestions(state, policy, { power: 'may_allow', gate: 'policy', layer: layer?.key });
  if (question !== undefined) return question;
  const open = policy.rules.flatMap((rule) =>
    rule.effect === 'allow' ? (matchRule(state, rule, identity) ?? []) : [],
  );
  const lifting = open.find(
    (one) => one.tri === 'unknown' && serverNamePasses([one], sni, policy.settings.minor) !== 'no',
  );
  return (
    lifting && `${refText(matchRef(lifting))} may lift the filter${lifting.why === undefined ? '' : `: ${lifting.why}`}`
  );
}
