/** Names that share the destination's addresses: engines that learn names by address cannot tell them apart; used by `connect.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { Trace } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { listed } from '../explain/sentences.ts';
import type { KnownNames } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { PeerMatch } from '../rules/rule.ts';
import { lookupStage } from './lookup.ts';

// Each costs a lookup's verdict; a content network puts thousands of names behind one address.
const MOST = 20;

/** The other names of the addresses: on record for certain where the pod's own lookup of them teaches the engine. */
export function sharedNames(state: ClusterState, policy: PodPolicy, destination: Destination): KnownNames {
  const others = (destination.sharedWith ?? []).filter((name) => name !== destination.host).slice(0, MOST);
  const { sharedWith: _, ...alone } = destination;
  const learned = others.filter((host) => lookupStage(state, policy, { ...alone, host, cnames: [] }).learned);
  return { names: learned, maybeNames: others.filter((name) => !learned.includes(name)) };
}

interface Accident {
  readonly matches: readonly RuleMatch[];
  /** One clause. */
  readonly text: string;
}

/** Set where the packet passes by names that the pod did not ask for, and by nothing else. */
export function accidentOf(trace: Trace, { host, sharedWith = [] }: Destination): Accident | undefined {
  const { decision, decidedBy } = trace;
  if (sharedWith.length === 0 || decision !== 'allowed' || !restsOnOthers(decidedBy, host)) return undefined;
  const names = sharedWith.filter((name) => decidedBy.some(({ peer }) => peer && takes(peer.match, name)));
  const asked = host === undefined ? 'the address' : `"${host}"`;
  const text = `${asked} is allowed by accident: the rules list ${listed(names.map((name) => `"${name}"`))}, which has the same address, and it ends when the addresses change`;
  return { matches: decidedBy, text };
}

/** Do the matches hang on names other than the one asked for? */
export function restsOnOthers(matches: readonly RuleMatch[], host: string | undefined): boolean {
  return (
    matches.length > 0 &&
    matches.every(({ rule, peer }) => {
      const lists = Array.isArray(rule.peers) && host !== undefined && rule.peers.some((one) => takes(one.match, host));
      return peer !== undefined && isByName(peer.match) && !lists;
    })
  );
}

function isByName(match: PeerMatch): boolean {
  return match.kind === 'fqdn' || (match.kind === 'all' && match.of.some(isByName));
}

function takes(match: PeerMatch, name: string): boolean {
  if (match.kind === 'fqdn') return match.matches(name);
  return match.kind === 'all' && match.of.some((part) => takes(part, name));
}
