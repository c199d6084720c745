/** A node selector as a peer: the addresses of the nodes that carry the labels; used by the translators of kinds that have one. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { LabelSelector } from '../../model/selector.ts';
import { formatIp } from '../../net/ip.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Requirements } from '../rules/label-selector.ts';
import { k8sRequirements, matchRequirements } from '../rules/label-selector.ts';
import type { PeerAnswer, PeerMatch } from '../rules/rule.ts';
import { indexOf } from '../state/state-index.ts';

export function nodesMatch(selector: LabelSelector, state: ClusterState): PeerMatch {
  const requirements = k8sRequirements(selector);
  return { kind: 'where', test: (identity) => nodeAnswer(requirements, state, identity) };
}

function nodeAnswer(requirements: Requirements, state: ClusterState, identity: PeerIdentity): PeerAnswer {
  if (identity.kind !== 'host' && identity.kind !== 'remote-node') return { tri: 'no' };
  if (requirements.length === 0) return { tri: 'yes' };
  const node = identity.ip && indexOf(state).nodesByIp.get(formatIp(identity.ip))?.node;
  if (!node) return { tri: 'unknown', why: `the labels of ${identity.text} are not in the cluster state` };
  const sources = new Map([['k8s', new Map(Object.entries(node.meta.labels))]]);
  return { tri: matchRequirements(requirements, { sources, namespaceLabelsKnown: true }) };
}
