/** What else the pods that a change is for may reach by it: names, ports, peers, lookups; for `side-effects.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { normaliseName } from '../net/dns-name.ts';
import { decide } from '../policy/decide/decide.ts';
import { listed, policyName, ruleRef } from '../policy/explain/sentences.ts';
import { unknownAddress } from '../policy/identity/identity.ts';
import { isDnsPort } from '../policy/near-miss/ports.ts';
import { type PodPolicy, podPolicyOf } from '../policy/rules/pod-policy.ts';
import type { PolicyRule } from '../policy/rules/rule.ts';
import type { States } from './other-pods.ts';

// oxlint-disable-next-line max-params -- the question, the two states it is asked in, and what lies between them
export function otherReach(
  { before, after }: States,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): readonly string[] {
  const was = podPolicyOf(before, pod);
  const now = podPolicyOf(after, pod);
  return [
    ...newlySelecting(was, now, changes),
    ...otherNames({ before, was, after, now }, destination),
    ...changes.flatMap((change) => effectOf(change, now)),
  ];
}

/** A policy that takes the pod by the change brings all its rules along. */
function newlySelecting(was: PodPolicy, now: PodPolicy, changes: readonly PolicyChange[]): string[] {
  const known = new Set(was.selecting.map(({ translated }) => policyName(translated.ref)));
  const created = new Set(changes.filter(({ path }) => path.length === 0).map(({ policy }) => policyName(policy)));
  return now.selecting.flatMap(({ translated, sections }) => {
    const name = policyName(translated.ref);
    if (known.has(name) || created.has(name)) return [];
    const allowed = sections.flatMap(({ rules }) => rules.filter(({ effect }) => effect === 'allow').flatMap(refTexts));
    return [`all that ${name} allows its pods: ${listed(allowed)}`];
  });
}

function refTexts(rule: PolicyRule): string[] {
  if (typeof rule.peers === 'string') return [ruleRef(rule, undefined).text];
  return rule.peers.map((peer) => ruleRef(rule, peer).text);
}

interface Policies {
  readonly before: ClusterState;
  readonly was: PodPolicy;
  readonly after: ClusterState;
  readonly now: PodPolicy;
}

/** What any rule for names takes along: no way out of its own. */
const LOOKUPS = "lookups of every name at the cluster's DNS";
export const isLookup = (line: string): boolean => line.startsWith(LOOKUPS);

/** Names of the pod's rules whose verdict on this port changes. */
function otherNames({ before, was, after, now }: Policies, { host, port, protocol }: Destination): string[] {
  const opened = namesOf(now).filter((name) => {
    const identity = unknownAddress(after, port, protocol, { names: [name], maybeNames: [] });
    return (
      name !== host &&
      decide(before, was, identity).decision === 'denied' &&
      decide(after, now, identity).decision !== 'denied'
    );
  });
  return opened.length === 0 ? [] : [`${listed(opened)} on ${port}/${protocol}`];
}

function namesOf(policy: PodPolicy): string[] {
  const peers = policy.rules.flatMap((rule) => (typeof rule.peers === 'string' ? [] : rule.peers));
  const names = peers.flatMap(({ match }) =>
    match.kind === 'fqdn' && match.selector.matchName ? [normaliseName(match.selector.matchName)] : [],
  );
  return [...new Set(names)];
}

function effectOf(change: PolicyChange, now: PodPolicy): readonly string[] {
  const { op, path } = change;
  if (path.includes('egressDeny')) return op === 'add' ? [exceptionText(change)] : [];
  if (path.at(-2) === 'ports') return otherPeers(change, now);
  const corrects = op === 'replace' && path.some((key) => key === 'toEndpoints' || key === 'to');
  if (corrects) return ['every pod that the corrected selector takes, on the ports of its rule'];
  return addedRules(change).flatMap(besideRule);
}

/** Whole egress elements that the change adds, in a policy of their own too. */
function addedRules({ path, value }: PolicyChange): readonly unknown[] {
  if (path.length === 0) return (value as { readonly spec: { readonly egress: readonly unknown[] } }).spec.egress;
  return path.at(-1) === '-' && path.at(-2) === 'egress' ? [value] : [];
}

function besideRule(rule: unknown): string[] {
  if (JSON.stringify(rule).includes('"dns"')) return [`${LOOKUPS}, through the proxy`];
  return isPlainDns(rule) ? [LOOKUPS] : peersBeside(rule);
}

/** As `networkDnsRuleFor` makes it: pods, on the port that answers lookups. */
function isPlainDns(rule: unknown): boolean {
  const { to = [], ports = [] } = rule as {
    readonly to?: readonly { readonly podSelector?: unknown }[];
    readonly ports?: readonly { readonly port?: number }[];
  };
  const pods = to.length > 0 && to.every(({ podSelector }) => podSelector !== undefined);
  return pods && ports.length > 0 && ports.every(({ port }) => port !== undefined && isDnsPort(port));
}

function exceptionText({ policy, value }: PolicyChange): string {
  const address = typeof value === 'string' ? value : 'the excepted address';
  return `${address} on every port of that deny, for every pod that ${policyName(policy)} selects, where something allows it`;
}

/** A port that a rule takes is for all its destinations. */
function otherPeers({ policy, path, value }: PolicyChange, now: PodPolicy): string[] {
  const at = path.indexOf('egress');
  const element = `${pathText(path.slice(0, at))}.egress[${path[at + 1]}]`;
  const rule = now.rules.find((one) => policyName(one.policy) === policyName(policy) && one.path === element);
  if (rule === undefined || typeof rule.peers === 'string' || rule.peers.length < 2) return [];
  const { port, protocol = 'TCP' } = value as { readonly port: string | number; readonly protocol?: string };
  return [`${port}/${protocol} to every destination of the rule: ${listed(rule.peers.map((peer) => peer.text))}`];
}

function pathText(path: readonly (string | number)[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : key)).join('');
}

/** A new rule for a node or a pod names it by what it shares with others. */
function peersBeside(value: unknown): string[] {
  const { toEntities, toEndpoints, to } =
    ((typeof value === 'object' ? value : null) as {
      toEntities?: readonly string[];
      toEndpoints?: readonly unknown[];
      to?: readonly { readonly podSelector?: unknown }[];
    }) ?? {};
  const pods = toEndpoints ?? to?.filter(({ podSelector }) => podSelector !== undefined) ?? [];
  return [
    ...(toEntities?.includes('remote-node') ? ['the same port on every other node of the cluster'] : []),
    ...(pods.length > 0 ? [`the same port of every pod with ${JSON.stringify(pods)}`] : []),
  ];
}
