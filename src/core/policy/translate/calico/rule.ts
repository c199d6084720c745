/** One egress rule of a Calico policy into the internal rule; called by `policy.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type { CalicoEntity, CalicoRule } from '../../../model/policies/calico.ts';
import type { Pod } from '../../../model/workload.ts';
import type { Peer, PeerMatch, PeerSet, PolicyRule } from '../../rules/rule.ts';
import { NO_L7 } from '../../rules/rule.ts';
import type { EntityContext } from './entity.ts';
import {
  domainMatch,
  netPeers,
  ofFamily,
  selectorMatches,
  serviceMatch,
  setDomains,
  sourceAnswer,
  where,
} from './entity.ts';
import { excludedNames, familyOf, portSetOf } from './ports.ts';

export interface RuleContext {
  readonly state: ClusterState;
  readonly policy: ObjectRef;
  /** Of a namespaced policy. */
  readonly namespace: string | undefined;
  readonly path: string;
}

const EFFECTS: Readonly<Record<string, PolicyRule['effect']>> = { allow: 'allow', deny: 'deny', pass: 'pass' };

/** As it stands for every pod; undefined for an action that decides nothing (Log). */
export function calicoRule(rule: CalicoRule, context: RuleContext): PolicyRule | undefined {
  const effect = EFFECTS[rule.action.toLowerCase()];
  if (!effect) return undefined;
  const entity = { ...context, path: `${context.path}.destination` };
  return {
    policy: context.policy,
    effect,
    path: context.path,
    peers: peersOf(rule, entity),
    ports: portSetOf(rule),
    l7: NO_L7,
  };
}

/** The rule as it is for one pod, which is the source: undefined when its `source` leaves the pod out. */
export function ruleForPod(rule: PolicyRule, made: CalicoRule, context: RuleContext, pod: Pod) {
  if (!hasSource(made)) return rule;
  const { source } = made;
  const answer = sourceAnswer(source, { ...context, path: `${context.path}.source` }, pod);
  const known = [answer(4).tri, answer(6).tri];
  if (known.every((tri) => tri === 'no')) return undefined;
  if (known.every((tri) => tri === 'yes')) return rule;
  return {
    ...rule,
    peers: narrowed(
      rule.peers,
      where(({ ip }) => answer(ip?.family)),
      `${context.path}.source`,
    ),
  };
}

function narrowed(peers: PeerSet, match: PeerMatch, path: string): PeerSet {
  if (peers === 'none') return peers;
  if (peers === 'any') return [{ match, path, text: 'source' }];
  return peers.map((peer) => ({ ...peer, match: { kind: 'all', of: [peer.match, match] } }));
}

/** True when the rule says anything about the pods it is for. */
export function hasSource({ source }: CalicoRule): boolean {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = source;
  const lists = [source.nets, source.notNets, source.ports, source.notPorts];
  const selects = Boolean(selector || notSelector || namespaceSelector || serviceAccounts);
  return selects || lists.some((one) => one.length > 0);
}

/** The alternatives, each with everything else the rule demands. */
function peersOf(rule: CalicoRule, context: EntityContext): PeerSet {
  const { destination } = rule;
  const { path } = context;
  const demands = [
    ...familyMatches(rule),
    ...selectorMatches(destination, context),
    ...serviceMatch(destination, context),
    ...namedPortMatches(rule),
  ];
  const text = demandText(destination);
  const nets = netPeers(destination, path);
  const domains = destination.domains.map((domain, index) => domainPeer(domain, `${path}.domains[${index}]`, context));
  const plain = demands.length === 0 ? [] : [{ match: ALWAYS, path: textPath(destination, path), text: '' }];
  const alternatives = nets ?? (domains.length > 0 ? domains : plain);
  if (!nets && alternatives.length === 0) return 'any';
  if (alternatives.length === 0) return 'none';
  // Of a rule that does not allow, the sets' names are no part (docs.tigera.io Enterprise reference/resources/globalnetworkset).
  const named = rule.action.toLowerCase() === 'allow' ? setDomains(destination, context) : [];
  const sets = named.map((domain) => domainPeer(domain, path, context));
  return [...alternatives.map((one) => demanding(one, demands, text)), ...sets];
}

const ALWAYS: PeerMatch = { kind: 'all', of: [] };

function demanding({ match, path, text }: Peer, demands: readonly PeerMatch[], more: string): Peer {
  const words = [text, more].filter(Boolean).join(' and ') || 'any destination';
  if (demands.length === 0) return { match, path, text: words };
  // One demand alone stays what it is; the list form is for several.
  const of = match === ALWAYS ? demands : [match, ...demands];
  return { match: of.length === 1 && of[0] ? of[0] : { kind: 'all', of }, path, text: words };
}

/** `domains` exists in Calico Enterprise and Calico Cloud; the open-source API knows no such field. */
function domainPeer(domain: string, path: string, { state }: EntityContext): Peer {
  const text = `domains "${domain}"`;
  if (state.engine.edition === 'open-source')
    return {
      match: {
        kind: 'unknown',
        why: 'open-source Calico knows no domains: what the rule is without them cannot be told',
      },
      path,
      text,
    };
  return { match: domainMatch(domain), path, text };
}

function familyMatches(rule: CalicoRule): PeerMatch[] {
  const family = rule.ipVersion ?? familyOf(rule.protocol);
  const spared = familyOf(rule.notProtocol);
  return [
    ...(family === 4 || family === 6 ? [ofFamily(family)] : []),
    ...(spared
      ? [where(({ ip, protocol }) => ({ tri: protocol === 'ICMP' && (ip?.family ?? 4) === spared ? 'no' : 'yes' }))]
      : []),
    ...(rule.icmp?.type !== undefined || rule.notICMP?.type !== undefined ? [where(icmpAnswer)] : []),
  ];
}

function icmpAnswer({ protocol }: { readonly protocol: string }) {
  if (protocol !== 'ICMP') return { tri: 'yes' } as const;
  return { tri: 'unknown', why: 'the rule asks for an ICMP type, which the question does not name' } as const;
}

/** A port that goes by an excluded name on the destination pod. */
function namedPortMatches(rule: CalicoRule): PeerMatch[] {
  const names = excludedNames(rule);
  if (names.length === 0) return [];
  return [
    where(({ pod, port, protocol }) => {
      const ports = pod?.containers.flatMap((container) => container.ports) ?? [];
      const named = ports.some(
        (one) => names.includes(one.name?.toLowerCase() ?? '') && one.port === port && one.protocol === protocol,
      );
      return { tri: named ? 'no' : 'yes' };
    }),
  ];
}

function textPath(entity: CalicoEntity, path: string): string {
  const field = (['selector', 'namespaceSelector', 'notSelector', 'serviceAccounts', 'services'] as const).find(
    (one) => entity[one],
  );
  return field ? `${path}.${field}` : path;
}

function demandText(entity: CalicoEntity): string {
  const { selector, notSelector, namespaceSelector, serviceAccounts, services } = entity;
  const accounts = serviceAccounts && [...serviceAccounts.names, serviceAccounts.selector].filter(Boolean).join(', ');
  return [
    ...(namespaceSelector ? [`namespaceSelector "${namespaceSelector}"`] : []),
    ...(selector ? [`selector "${selector}"`] : []),
    ...(notSelector ? [`notSelector "${notSelector}"`] : []),
    ...(accounts ? [`serviceAccounts ${accounts}`] : []),
    ...(services ? [`services ${services.namespace ?? ''}/${services.name ?? ''}`] : []),
  ].join(' and ');
}
