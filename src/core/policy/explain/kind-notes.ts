/** The premises that single kinds of policies bring along; collected by `assumptions.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { PolicyRule } from '../rules/rule.ts';
import type { Connect } from '../stages/connect.ts';
import type { Lookup } from '../stages/lookup.ts';
import { IMPLIED_DNS } from '../translate/gke.ts';
import { calicoNotes } from './calico-notes.ts';

interface Asked {
  readonly state: ClusterState;
  readonly policy: PodPolicy;
  readonly destination: Destination;
  readonly lookup: Lookup;
  readonly connect: Connect;
}

export function kindNotes(asked: Asked): string[] {
  const { state, policy, connect } = asked;
  return [...firewallNotes(asked), ...gkeNotes(asked), ...calicoNotes(policy, connect.traces, state.engine)];
}

/** policy-semantics §5.7. */
function firewallNotes({ policy, destination, connect }: Asked): string[] {
  const firewall = policy.rules.filter(({ policy: { kind } }) => FIREWALLS.has(kind));
  const kind = firewall[0]?.policy.kind;
  if (kind === undefined) return [];
  const pods = connect.traces.some(({ identity }) => identity.kind === 'pod');
  const named = destination.host !== undefined && firewall.some((rule) => hasNames(rule));
  return [
    ...(pods ? [`${kind} governs addresses outside the cluster only: pods are left out of its rules`] : []),
    ...(named
      ? [
          `${kind} compares addresses that the control plane has resolved for its dnsName rules: the pod may be given others for the name`,
        ]
      : []),
  ];
}

const FIREWALLS: ReadonlySet<string> = new Set(['EgressFirewall', 'EgressNetworkPolicy']);

function hasNames({ peers }: PolicyRule): boolean {
  return typeof peers !== 'string' && peers.some(({ match }) => match.kind === 'fqdn');
}

/** cloud.google.com kubernetes-engine/docs/how-to/fqdn-network-policies. */
function gkeNotes({ lookup, connect }: Asked): string[] {
  const implied = lookup.stage.decidedBy.some(({ policy, path }) => policy.kind === GKE && path === IMPLIED_DNS);
  const byName = connect.stage.decidedBy.some(({ policy }) => policy.kind === GKE);
  return [
    ...(implied
      ? ["a FQDNNetworkPolicy is taken to let lookups through to the cluster's DNS, as GKE's guide shows"]
      : []),
    ...(byName
      ? ['GKE keeps at most 50 addresses for a FQDNNetworkPolicy: a name with more may be dropped now and then']
      : []),
  ];
}

const GKE = 'FQDNNetworkPolicy';
