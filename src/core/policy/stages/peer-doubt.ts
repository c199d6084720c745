/** Whether an answer hangs on what stands behind an address, which an incomplete reading leaves open; asked by the stages. */
import type { ClusterState } from '../../model/cluster-state.ts';
import { isPrivateAddress } from '../../net/cidr.ts';
import type { IpAddress } from '../../net/ip.ts';
import type { Trace } from '../decide/decide.ts';
import type { RuleMatch } from '../decide/match.ts';
import { matchPorts } from '../decide/match.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import { gapFor, gapText } from '../state/gaps.ts';

export interface Known {
  /** Why a destination whose address is not known may lie inside the cluster. */
  readonly inside?: string | undefined;
  /** The address is a Service's backend, so its port is the one that is compared. */
  readonly backend?: boolean;
}

export function doubtAboutPeer(
  state: ClusterState,
  policy: PodPolicy,
  trace: Trace,
  { inside, backend }: Known,
): string | undefined {
  const { kind, service, ip } = trace.identity;
  if (kind !== 'world') return undefined;
  const mayBeService = !backend && !service && gapFor(state, 'services') !== undefined;
  const doubt = ip === undefined ? inside : whereabouts(state, ip);
  return doubt === undefined || holdsForEveryPeer(state, policy, trace, mayBeService) ? undefined : doubt;
}

/** A private address that is no known pod, node or Service may still be one that was not read. */
function whereabouts(state: ClusterState, ip: IpAddress): string | undefined {
  const gap = gapFor(state, 'pods') ?? gapFor(state, 'nodes') ?? gapFor(state, 'services');
  if (!gap || !isPrivateAddress(ip)) return undefined;
  return `whether the address belongs to a pod, node or Service cannot be told: ${gapText(gap)}`;
}

/**
 * Whoever is behind the address: what decides takes everybody, and no rule for some could decide before it.
 * @param anyPort the address may be a Service's, and the port behind it another than the asked one
 */
function holdsForEveryPeer(state: ClusterState, policy: PodPolicy, trace: Trace, anyPort: boolean): boolean {
  const { reason, decision, layer } = trace;
  if (reason === 'host_network' || reason === 'enforcement_off' || reason === 'not_applicable') return true;
  const forAll = trace.decidedBy.some((match) => takesAll(match) && (!anyPort || match.rule.ports === 'any'));
  if (!forAll && reason !== 'not_isolated' && reason !== 'default_deny') return false;
  // In a union a deny stands, whatever is allowed.
  if (reason === 'explicit_deny' && layer?.key.mode === 'union') return true;
  const own = decision === 'denied' ? 'deny' : 'allow';
  const others = policy.rules.filter(({ effect, peers }) => effect !== own && peers !== 'none');
  if (anyPort) return others.length === 0;
  return !others.some((rule) => typeof rule.peers !== 'string' && matchPorts(state, rule, trace.identity).tri !== 'no');
}

function takesAll({ peer }: RuleMatch): boolean {
  return !peer || (peer.match.kind === 'entity' && peer.match.entity === 'all');
}
