/** What keeps a label selector from taking an identity, and the one label that would fix it; used for DNS rules. */
import type { PeerIdentity } from '../identity.ts';
import type { Requirement } from '../label-selector.ts';
import { matchRequirements } from '../label-selector.ts';
import { NAMESPACE_KEY } from '../labels.ts';
import type { Peer } from '../rule.ts';

interface SelectorDifference {
  readonly text: string;
  /** Set when one exact label is all that differs. */
  readonly edit?: { readonly op: 'add' | 'replace'; readonly key: string; readonly value: string };
}

export function selectorDifference(peer: Peer, identity: PeerIdentity): SelectorDifference {
  const { match } = peer;
  if (match.kind !== 'labels') return { text: `it allows ${peer.text}` };
  const failing = match.requirements.filter((one) => matchRequirements([one], identity.labels) === 'no');
  const text = failing.map((one) => difference(one, identity)).join('; ') || 'its selector does not match';
  const only = failing.length === 1 ? failing[0] : undefined;
  const value = only && valueOf(only, identity);
  if (!only || value === undefined || only.operator !== 'In') return { text };
  // An unwritten namespace is what Cilium adds on its own; a written key is replaced as it is spelled.
  if (only.key === NAMESPACE_KEY && only.source === 'k8s')
    return { text, edit: { op: 'add', key: `k8s:${NAMESPACE_KEY}`, value } };
  return { text, edit: { op: 'replace', key: only.source === 'any' ? only.key : `${only.source}:${only.key}`, value } };
}

function difference(requirement: Requirement, identity: PeerIdentity): string {
  const value = valueOf(requirement, identity);
  const is = value === undefined ? 'have no such label' : `have ${value}`;
  const what = requirement.key === NAMESPACE_KEY ? 'namespace' : requirement.key;
  return `it wants ${what} ${requirement.values.join(' or ') || requirement.operator}, the DNS pods ${is}`;
}

function valueOf(requirement: Requirement, identity: PeerIdentity): string | undefined {
  return identity.labels.sources.get('k8s')?.get(requirement.key);
}
