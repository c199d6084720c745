/** Near misses of the name: CNAME target listed, wildcard too short or too long, a typo, a sibling's rule (policy-semantics §1). */
import type { NearMiss } from '../../model/evaluation.ts';
import { editDistance, labelsOf, normaliseName } from '../../net/dns-name.ts';
import { addName } from '../changes.ts';
import { ruleRef } from '../explain.ts';
import { matchFqdn, selectorText } from '../fqdn/selector.ts';
import { selectorDomain, sharedParent } from '../name-family.ts';
import type { Peer, PolicyRule } from '../rule.ts';
import type { MissContext } from './context.ts';
import { namePeers } from './context.ts';

export function nameMisses(context: MissContext): NearMiss[] {
  const { host } = context.destination;
  if (host === undefined || context.identities.every((identity) => identity.kind !== 'world')) return [];
  const peers = namePeers(context.policy).filter(({ peer }) => !peer.match.matches(host));
  if (peers.length < namePeers(context.policy).length) return [];
  return [
    ...peers.flatMap(({ rule, peer }) => cnameListed(context, host, { rule, peer })),
    ...peers.flatMap(({ rule, peer }) => spelling(context, host, { rule, peer })),
    ...families(host, peers),
  ];
}

type NamePeer = ReturnType<typeof namePeers>[number];

function cnameListed({ destination }: MissContext, host: string, { rule, peer }: NamePeer): NearMiss[] {
  const target = destination.cnames.find((name) => peer.match.matches(name));
  if (target === undefined) return [];
  const statement = `${peer.text} is the CNAME target of "${host}" ("${target}"); Cilium compares only the name the pod asks for, so "${host}" itself must be listed`;
  return [{ rule: ruleRef(rule, peer), kind: 'cname_listed', statement, change: addName(rule, host) }];
}

function spelling({ state }: MissContext, host: string, { rule, peer }: NamePeer): NearMiss[] {
  const { selector } = peer.match;
  const kind = wildcardMiss(host, selector.matchPattern)
    ? 'wildcard_depth'
    : nameMiss(host, selector.matchName)
      ? 'name_similar'
      : undefined;
  if (!kind) return [];
  const { explanation } = matchFqdn(host, selector, state.engine.version);
  const statement = `${peer.text} does not match: ${explanation}`;
  return [{ rule: ruleRef(rule, peer), kind, statement, change: addName(rule, host) }];
}

/** Same domain behind the wildcard, another number of labels before it. */
function wildcardMiss(host: string, pattern: string | undefined): boolean {
  if (pattern === undefined || !pattern.includes('*')) return false;
  const domain = selectorDomain({ matchPattern: pattern });
  return labelsOf(domain).length >= 2 && (host === domain || host.endsWith(`.${domain}`));
}

// Two edits in a name of at least eight characters: short names differ by that much by chance.
function nameMiss(host: string, name: string | undefined): boolean {
  return name !== undefined && host.length >= 8 && editDistance(host, normaliseName(name), 2) <= 2;
}

/** One entry a rule: the rule where a sibling of the asked name is listed is where it belongs. */
function families(host: string, peers: readonly NamePeer[]): NearMiss[] {
  const seen = new Set<PolicyRule['path']>();
  return peers.flatMap(({ rule, peer }) => {
    const parent = sharedParent(host, selectorDomain(peer.match.selector));
    const key = `${rule.policy.namespace ?? ''}/${rule.policy.name} ${rule.path}`;
    if (parent === undefined || seen.has(key)) return [];
    seen.add(key);
    return [family(host, parent, { rule, peer })];
  });
}

function family(
  host: string,
  parent: string,
  { rule, peer }: { rule: PolicyRule; peer: Peer & { match: NamePeer['peer']['match'] } },
): NearMiss {
  const statement = `${selectorText(peer.match.selector)} of the same domain (${parent}) is listed here, "${host}" is not`;
  return { rule: ruleRef(rule, peer), kind: 'same_rule_family', statement, change: addName(rule, host) };
}
