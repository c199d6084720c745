/** What `namespaces` of an administrators' policy take on Calico beside pods; asked by `translate/admin/peers.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { LabelRequirement, LabelSelector } from '../../../model/selector.ts';
import type { PeerMatch } from '../../rules/rule.ts';
import { selects } from './endpoints.ts';
import { where } from './entity.ts';
import { entityTests } from './rule-selectors.ts';

/**
 * Calico makes a `namespaceSelector` of them and, unlike with `pods` and with NetworkPolicy, does not ask for pods: the NetworkSets of
 * those namespaces are meant too (libcalico-go/lib/backend/k8s/conversion/conversion.go, combinePortsWithANPEgressPeers and
 * k8sSelectorToCalico). Seen with packets of Calico 3.31 (test/e2e-calico).
 */
export function setsOfNamespaces(namespaces: LabelSelector, state: ClusterState): PeerMatch {
  const lists = { nets: [], notNets: [], ports: [], notPorts: [], domains: [] };
  const { takes } = entityTests({ ...lists, namespaceSelector: textOf(namespaces) }, undefined);
  return where((identity) => (takes ? selects(state, takes, identity) : { tri: 'no' }));
}

function textOf({ matchLabels, matchExpressions }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key} == "${value}"`);
  return [...equal, ...matchExpressions.map(expression)].join(' && ') || 'all()';
}

function expression({ key, operator, values }: LabelRequirement): string {
  if (operator === 'Exists') return `has(${key})`;
  if (operator === 'DoesNotExist') return `!has(${key})`;
  const list = values.map((value) => `"${value}"`).join(', ');
  return `${key} ${operator === 'In' ? 'in' : 'not in'} { ${list} }`;
}
