/** Near misses of the name: CNAME target listed, wildcard too short or too long, a typo, a sibling's rule (policy-semantics §1). */
import type { NearMiss, PolicyChange } from '../../model/evaluation.ts';
import { labelsOf, normaliseName } from '../../net/dns-name.ts';
import { addName, isCiliumKind } from '../change/changes.ts';
import { portsText, ruleRef } from '../explain/sentences.ts';
import { selectorDomain, sharedParent } from '../fqdn/name-family.ts';
import { dialectOf, matchFqdn, selectorText } from '../fqdn/selector.ts';
import type { Element, Listing, MissContext } from './context.ts';
import { carriesNames, namePeers, portsFit } from './context.ts';
import { allowPacket, homeOf } from './new-rule.ts';
import { isSlip } from './similar.ts';

export function nameMisses(context: MissContext): NearMiss[] {
  const { host } = context.destination;
  const outside = context.missed.some(carriesNames);
  if (host === undefined || !outside) return [];
  const listings = namePeers(context.elements);
  if (listings.some(({ peer }) => peer.match.matches(host))) return [];
  const close = listings.flatMap((one) => closeMiss(context, host, one));
  // Where one entry of a rule is nearly the name, its other entries say nothing more.
  const told = new Set(close.map(({ element }) => element));
  return [
    ...close.map(({ miss }) => miss),
    ...families(
      context,
      host,
      listings.filter(({ element }) => !told.has(element)),
    ),
  ];
}

/** The one change that makes the element take the name: an entry, or where its ports do not fit, an element of its own. */
export function listName(context: MissContext, element: Element, host: string): PolicyChange | undefined {
  if (!isCiliumKind(element.rule.policy)) return undefined;
  const misfit = context.missed.find((one) => carriesNames(one) && !portsFit(context.state, element, one));
  return misfit ? allowPacket(context.policy, homeOf(element), misfit, host) : addName(element.rule, host);
}

function closeMiss(context: MissContext, host: string, listing: Listing): { element: Element; miss: NearMiss }[] {
  const found = cnameListed(context, host, listing) ?? spelling(context, host, listing);
  if (!found) return [];
  const { element, peer } = listing;
  const change = listName(context, element, host);
  const miss = { rule: ruleRef(element.rule, peer), ...found, ...(change && { change }) };
  return [{ element, miss: { ...miss, statement: found.statement + portNote(context, element) } }];
}

function portNote(context: MissContext, element: Element): string {
  const misfit = context.missed.find((one) => carriesNames(one) && !portsFit(context.state, element, one));
  if (!misfit) return '';
  return `; the rule is for ${element.rules.map(portsText).join(', ')}, not ${misfit.port}/${misfit.protocol}`;
}

type Found = Pick<NearMiss, 'kind' | 'statement'>;

/** Calico follows aliases at the servers that it trusts (docs.tigera.io, domain-based-policy): there it would be no miss. */
function cnameListed({ destination }: MissContext, host: string, { peer }: Listing): Found | undefined {
  const target = destination.cnames.find((name) => peer.match.matches(name));
  const dialect = dialectOf(peer.match.selector);
  if (target === undefined || dialect === 'calico') return undefined;
  const rule =
    dialect === 'cilium'
      ? `Cilium compares only the name the pod asks for, so "${host}" itself must be listed`
      : `"${host}" itself is not listed`;
  return { kind: 'cname_listed', statement: `${peer.text} is the CNAME target of "${host}" ("${target}"); ${rule}` };
}

function spelling({ state }: MissContext, host: string, { peer }: Listing): Found | undefined {
  const { selector } = peer.match;
  const text = normaliseName(selector.matchName ?? selector.matchPattern ?? '');
  const kind = isDepthMiss(host, text) ? 'wildcard_depth' : isNearName(host, text) ? 'name_similar' : undefined;
  if (!kind) return undefined;
  return {
    kind,
    statement: `${peer.text} does not match: ${matchFqdn(host, selector, state.engine.version).explanation}`,
  };
}

/** Same domain behind the wildcard, another number of labels before it. */
function isDepthMiss(host: string, pattern: string): boolean {
  if (!pattern.includes('*')) return false;
  const domain = selectorDomain({ matchPattern: pattern });
  const inside = host === domain || host.endsWith(`.${domain}`);
  if (!inside || sharedParent(host, domain) === undefined) return false;
  return pattern.startsWith('**.') || labelsOf(host).length !== labelsOf(pattern).length;
}

/** A slip in one label, another last label (`.com` for `.io`), or a name cut short. Short names differ by that much by chance. */
function isNearName(host: string, name: string): boolean {
  if (name.includes('*') || name === '' || Math.min(host.length, name.length) < 8) return false;
  if (host.startsWith(`${name}.`) || name.startsWith(`${host}.`)) return name.includes('.') && host.includes('.');
  return labelsOf(host).length === labelsOf(name).length ? differsByOneLabel(host, name) : isSlip(host, name);
}

function differsByOneLabel(host: string, name: string): boolean {
  const asked = labelsOf(host);
  const listed = labelsOf(name);
  const differing = asked.flatMap((label, index) => (label === listed[index] ? [] : [index]));
  const [at = 0, ...more] = differing;
  if (more.length > 0) return false;
  return isSlip(asked[at] ?? '', listed[at] ?? '') || (at === asked.length - 1 && asked.length >= 3);
}

/** One entry a rule, the nearest: the rule where a sibling of the asked name is listed is where it belongs. */
function families(context: MissContext, host: string, listings: readonly Listing[]): NearMiss[] {
  const nearest = new Map<Element, { listing: Listing; parent: string }>();
  for (const listing of listings) {
    const parent = sharedParent(host, selectorDomain(listing.peer.match.selector));
    const known = nearest.get(listing.element);
    if (parent !== undefined && (!known || parent.length > known.parent.length))
      nearest.set(listing.element, { listing, parent });
  }
  const sorted = [...nearest.values()].sort((a, b) => b.parent.length - a.parent.length);
  return sorted.map(({ listing, parent }) => family(context, host, listing, parent));
}

function family(context: MissContext, host: string, { element, peer }: Listing, parent: string): NearMiss {
  const change = listName(context, element, host);
  const statement = `${selectorText(peer.match.selector)} of the same domain (${parent}) is listed here, "${host}" is not${portNote(context, element)}`;
  return { rule: ruleRef(element.rule, peer), kind: 'same_rule_family', statement, ...(change && { change }) };
}
