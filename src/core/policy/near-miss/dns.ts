/** Near misses of the lookup: a name allowed for one of lookup and connection, DNS past the proxy, no DNS rule at all (policy-semantics §2). */
import type { NearMiss } from '../../model/evaluation.ts';
import { addDnsFilter, addDnsName, isCiliumKind } from '../change/changes.ts';
import type { Trace } from '../decide/decide.ts';
import { dnsRef, listed, packetText, refText, ruleRef } from '../explain/sentences.ts';
import { selectorDomain, sharedParent } from '../fqdn/name-family.ts';
import { selectorText } from '../fqdn/selector.ts';
import type { DnsFilter, PolicyRule } from '../rules/rule.ts';
import { numericRange } from '../rules/rule.ts';
import type { Element, Listing, MissContext } from './context.ts';
import { carriesNames, lacksAllow, namePeers } from './context.ts';
import { isForDns, targetMisses } from './dns-target.ts';
import { listName } from './names.ts';
import type { Home } from './new-rule.ts';
import { allowDns, allowPacket, homeOf } from './new-rule.ts';
import { isDnsPort } from './ports.ts';
import { WHOLE_POLICY } from './scope.ts';

export function dnsMisses(context: MissContext): NearMiss[] {
  const { host } = context.destination;
  if (host === undefined) return [];
  const { elements, dnsElements } = context;
  const listing = namePeers(elements).find(({ peer }) => peer.match.matches(host));
  const dropped = context.questions.filter(lacksAllow);
  return [
    ...nameNotListed(context, host, listing),
    ...dropped.flatMap((question) => unanswered(context, dnsElements, { question, listing })),
    ...(listing ? withoutProxy(context, listing) : lookupOnly(context, elements, host)),
  ];
}

/** The proxy refuses the name. */
function nameNotListed({ lookup, questions }: MissContext, host: string, listing: Listing | undefined): NearMiss[] {
  if (lookup.stage.reason !== 'dns_name_refused') return [];
  const rules = [...new Set(questions.flatMap(({ allows }) => allows.map(({ rule }) => rule)))].filter(
    ({ l7 }) => l7.dns,
  );
  const near = rules.toSorted((a, b) => Number(isOf(b, listing)) - Number(isOf(a, listing)));
  const what = listing
    ? `${refText(ruleRef(listing.element.rule, listing.peer))} lets the pod connect to "${host}", but not look it up: `
    : '';
  return near.map((rule) => ({
    rule: ruleRef(rule, undefined),
    kind: 'dns_name_not_listed',
    statement: `${what}the pod's DNS is filtered by this rule, whose rules.dns does not list "${host}" (only ${filterText(rule)})`,
    ...(isCiliumKind(rule.policy) && { change: addDnsName(rule, host) }),
  }));
}

function isOf({ policy }: PolicyRule, listing: Listing | undefined): boolean {
  return policy === listing?.element.rule.policy;
}

function filterText({ l7 }: PolicyRule): string {
  return listed((l7.dns ?? []).map(({ selector }) => selectorText(selector)));
}

interface Unanswered {
  readonly question: Trace;
  readonly listing: Listing | undefined;
}

/** A server that the pod may not ask: a rule that was meant for it, else none at all. */
function unanswered(context: MissContext, elements: readonly Element[], { question, listing }: Unanswered): NearMiss[] {
  const { identity: server } = question;
  const targets = targetMisses(context, elements, server);
  if (targets.length > 0 || elements.some(isForDns)) return targets;
  const home = homeFor(context, elements, listing);
  const owner = context.policy.selecting.find(({ translated }) => translated.ref === home?.policy);
  if (!home || (owner && !context.dnsAsks(owner.translated.layer))) return [];
  const { rule, peer } = home;
  const change = allowDns(context.policy, home, server);
  const statement = `no rule allows the pod's DNS queries (${packetText(server)})`;
  const ref = rule
    ? ruleRef(rule, peer)
    : { policy: home.policy, path: home.section, effect: 'allow' as const, text: WHOLE_POLICY };
  return [{ rule: ref, kind: 'dns_rule_missing', statement, ...(change && { change }) }];
}

type DnsHome = Home & { readonly rule?: PolicyRule; readonly peer?: Listing['peer'] };

/** The policy that lists the name, else Cilium's before others, else one that isolates the pod. */
function homeFor(
  { policy }: MissContext,
  elements: readonly Element[],
  listing: Listing | undefined,
): DnsHome | undefined {
  if (listing) return { ...homeOf(listing.element), rule: listing.element.rule, peer: listing.peer };
  const element = elements.find(({ rule }) => isCiliumKind(rule.policy)) ?? elements[0];
  if (element) return { ...homeOf(element), rule: element.rule };
  const isolating = policy.selecting.find(({ translated }) => policy.isolatedBy.includes(translated.ref));
  const section = isolating?.sections.find(({ isolates }) => isolates);
  return isolating && section && { policy: isolating.translated.ref, section: section.path };
}

/** The name is listed and DNS works, but past the proxy: Cilium learns nothing from this pod (§2.1). */
function withoutProxy(context: MissContext, { element, peer }: Listing): NearMiss[] {
  const { lookup, connect, questions, policy } = context;
  const [question] = questions;
  const hangs = connect.traces.some(({ reason }) => reason === 'dns_not_proxied');
  if (!question || !hangs || lookup.learned || lookup.stage.decision !== 'allowed') return [];
  const statement = `${peer.text} needs the pod's DNS to pass Cilium's proxy, and no rules.dns rule covers ${packetText(question.identity)}`;
  const kind = 'dns_rule_without_l7';
  const plain = question.allows.map((match) => match.rule).find(takesFilter);
  if (plain) return [{ rule: ruleRef(plain, undefined), kind, statement, change: addDnsFilter(plain) }];
  const change = allowDns(policy, homeOf(element), question.identity);
  return [{ rule: ruleRef(element.rule, peer), kind, statement, ...(change && { change }) }];
}

/** Only a list of exact DNS ports, with no other filter, can take rules.dns (policy-semantics §2.2). */
function takesFilter({ policy, portsPath, ports, l7 }: PolicyRule): boolean {
  if (!isCiliumKind(policy) || portsPath === undefined || typeof ports === 'string') return false;
  if (l7.dns || l7.http || l7.other || l7.serverNames.length > 0) return false;
  return ports.every((port) => {
    const range = numericRange(port);
    return range !== undefined && range.from === range.to && isDnsPort(range.from);
  });
}

/** Listed for the lookup, by name or by a pattern of its domain, but in no toFQDNs. */
function lookupOnly(context: MissContext, elements: readonly Element[], host: string): NearMiss[] {
  const outside = context.missed.find(carriesNames);
  if (!outside) return [];
  return elements.flatMap((element) =>
    element.rules.flatMap((rule) => {
      const filter = rule.l7.dns?.find((one) => one.matches(host) && isAbout(one, host));
      if (!filter) return [];
      const names = namePeers(elements).find((one) => one.element.rule.policy === rule.policy)?.element;
      const change = names
        ? listName(context, names, host)
        : allowPacket(context.policy, homeOf(element), outside, host);
      const statement = `this rule lets the pod look "${host}" up, but no toFQDNs rule lets it connect there`;
      return [{ rule: dnsRef(rule, filter), kind: 'lookup_only' as const, statement, ...(change && { change }) }];
    }),
  );
}

function isAbout({ selector }: DnsFilter, host: string): boolean {
  return sharedParent(host, selectorDomain(selector)) !== undefined;
}
