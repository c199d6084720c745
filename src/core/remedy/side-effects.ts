/** What a change lets through besides, and what to mind; measured on the state before and after it. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { normaliseName } from '../net/dns-name.ts';
import { decide } from '../policy/decide/decide.ts';
import { listed, policyName } from '../policy/explain/sentences.ts';
import { type FleetGroup, fleetEgress } from '../policy/fleet.ts';
import { unknownAddress } from '../policy/identity/identity.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import { podPolicyOf } from '../policy/rules/pod-policy.ts';
import { gapFor, lacksInArchive } from '../policy/state/gaps.ts';
import { knownHost } from './known-hosts.ts';

interface Effects {
  readonly alsoAllows: readonly string[];
  readonly warnings: readonly string[];
}

export function sideEffects(
  states: States,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): Effects {
  return {
    alsoAllows: [
      ...otherPods(states, pod, destination, changes),
      ...otherNames(states, pod, destination),
      ...valueEffects(changes),
    ],
    warnings: warningsOf(states.before, pod, destination, changes),
  };
}

interface States {
  readonly before: ClusterState;
  readonly after: ClusterState;
}

/** Pods whose own answer changes, by asking for the whole fleet before and after. */
// oxlint-disable-next-line max-params -- the question and the two states it is asked in
function otherPods(states: States, pod: Pod, destination: Destination, changes: readonly PolicyChange[]): string[] {
  const { before } = states;
  const refs = [...new Map(changes.map((change) => [policyName(change.policy), change.policy])).values()];
  const was = decisions(before, destination);
  const opened = [...decisions(states.after, destination)].flatMap(([name, decision]) =>
    name !== podName(pod) && decision !== was.get(name) ? [name] : [],
  );
  const who = listed(refs.map(policyName));
  return [
    ...(opened.length === 0 ? [] : [`the same for the other pods that ${who} selects: ${listed(opened)}`]),
    ...refs.flatMap((ref) => uncounted(before, ref)),
  ];
}

function decisions(state: ClusterState, destination: Destination): Map<string, string> {
  const groups = fleetEgress(state, destination);
  return new Map(
    groups.flatMap(({ verdict, pods }) => pods.map((one) => [podName(one), byPolicies(verdict)] as const)),
  );
}

/** What is not known of a mesh must not hide that the policies change. */
function byPolicies({ decision, lookup, connect, mesh }: FleetGroup['verdict']): string {
  return mesh?.decision === 'unknown' ? `${lookup.decision} ${connect.decision}` : decision;
}

const podName = ({ meta }: Pod): string => `${meta.namespace ?? 'default'}/${meta.name}`;

/** Pods that were not read may be selected as well, and a clusterwide policy reaches into every namespace. */
function uncounted(state: ClusterState, ref: PolicyChange['policy']): string[] {
  const gap = gapFor(state, 'pods', ref.namespace);
  const partial = gap !== undefined || lacksInArchive(state, 'pods', ref.namespace);
  if (ref.kind === 'CiliumClusterwideNetworkPolicy')
    return [
      `the same for every pod of the cluster that ${policyName(ref)} selects${partial ? '; not all pods were read' : ''}`,
    ];
  return partial ? [`the same for pods that ${policyName(ref)} selects and that were not read`] : [];
}

/** Names of the pod's rules whose verdict on this port changes. */
function otherNames({ before, after }: States, pod: Pod, { host, port, protocol }: Destination): string[] {
  const old = podPolicyOf(before, pod);
  const now = podPolicyOf(after, pod);
  const opened = namesOf(now).filter((name) => {
    const identity = unknownAddress(after, port, protocol, { names: [name], maybeNames: [] });
    return (
      name !== host &&
      decide(before, old, identity).decision === 'denied' &&
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

function valueEffects(changes: readonly PolicyChange[]): string[] {
  const opensDns = changes.some(
    (change) =>
      change.path.at(-1) === '-' && change.path.at(-2) === 'egress' && JSON.stringify(change.value).includes('"dns"'),
  );
  return [
    ...(opensDns ? ["lookups of every name at the cluster's DNS, through the proxy"] : []),
    ...changes.flatMap(({ value }) => peersBeside(value)),
  ];
}

/** A new rule for a node or a pod names it by what it shares with others. */
function peersBeside(value: unknown): string[] {
  const { toEntities, toEndpoints } =
    ((typeof value === 'object' ? value : null) as {
      toEntities?: readonly string[];
      toEndpoints?: readonly unknown[];
    }) ?? {};
  const isDns = JSON.stringify(value)?.includes('"dns"');
  return [
    ...(toEntities?.includes('remote-node') ? ['the same port on every other node of the cluster'] : []),
    ...(toEndpoints !== undefined && !isDns ? [`the same port of every pod with ${JSON.stringify(toEndpoints)}`] : []),
  ];
}

function warningsOf(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  changes: readonly PolicyChange[],
): string[] {
  const { host, cnames } = destination;
  const network = changes.some((change) => change.policy.kind === 'NetworkPolicy');
  const invalid = podPolicyOf(state, pod).selecting.filter(
    (one) => one.enforcement.enforced !== 'no' && !one.translated.valid,
  );
  const names = changes.some((change) => JSON.stringify(change.value).includes('matchName'));
  return [
    ...(names && host !== undefined && (cnames.length > 0 || knownHost(host) !== undefined)
      ? [sharedWarning(host, cnames)]
      : []),
    ...(network
      ? [
          'a NetworkPolicy knows addresses only: when the addresses of the name change, the rule must follow; a CiliumNetworkPolicy with toFQDNs would follow by itself (on Cilium)',
        ]
      : []),
    ...invalid.map(
      (one) =>
        `${policyName(one.translated.ref)} also selects the pod and is not enforced (${one.translated.invalidReason ?? 'invalid'}); once repaired it may change the answer`,
    ),
  ];
}

function sharedWarning(host: string, cnames: readonly string[]): string {
  const via = cnames.length > 0 ? `, an alias of ${cnames.at(-1)},` : '';
  return `"${host}"${via} shares its servers with other names: by address they are let through too, on this port`;
}
