/** Endpoints the pod is allowed to reach by name: the control group of a probe that is expected to fail. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Pod } from '../model/workload.ts';
import { normaliseName } from '../net/dns-name.ts';
import { isMetadataName } from '../net/metadata.ts';
import { decide } from './decide/decide.ts';
import { decideUnder } from './evaluate.ts';
import { policyName } from './explain/sentences.ts';
import { unknownAddress } from './identity/identity.ts';
import type { PodPolicy } from './rules/pod-policy.ts';
import { podPolicyOf } from './rules/pod-policy.ts';
import type { PolicyRule } from './rules/rule.ts';
import { numericRange } from './rules/rule.ts';
import { lookupStage } from './stages/lookup.ts';
import { serverNamePasses } from './stages/server-names.ts';

export interface ComparisonTarget {
  readonly host: string;
  readonly port: number;
  readonly because: string;
}

const WANTED = 3;

/**
 * At most three exact names other than the destination, best first: its own port, then 443, then whatever the rule allows. Where no
 * rule names one: the API server, if the rules let the pod go there.
 */
export function comparisonTargets(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
): readonly ComparisonTarget[] {
  const policy = podPolicyOf(state, pod);
  const candidates = policy.rules.flatMap((rule) => candidatesOf(rule, destination));
  const sorted = candidates.toSorted((a, b) => rank(a.port, destination) - rank(b.port, destination));
  const distinct = sorted.filter((one, index) => sorted.findIndex((other) => other.host === one.host) === index);
  const allowed = distinct.filter((one) => isAllowed(state, policy, one)).slice(0, WANTED);
  return allowed.length > 0 ? allowed : apiServer(state, policy, destination);
}

const API_SERVER = 'kubernetes.default.svc';

/** Every cluster has this Service, and its name is known to the cluster's DNS; it shows that the pod can look up and connect at all. */
function apiServer(state: ClusterState, policy: PodPolicy, destination: Destination): readonly ComparisonTarget[] {
  const service = state.services.find(({ meta }) => meta.namespace === 'default' && meta.name === 'kubernetes');
  const port = service?.ports[0]?.port;
  if (
    service === undefined ||
    port === undefined ||
    service.clusterIPs.some((ip) => destination.addresses.includes(ip))
  )
    return [];
  const question: Destination = { host: API_SERVER, cnames: [], addresses: service.clusterIPs, port, protocol: 'TCP' };
  if (decideUnder(state, policy, question).decision !== 'allowed') return [];
  const because = 'the API server, which the rules let this pod reach';
  return destination.host === API_SERVER ? [] : [{ host: API_SERVER, port, because }];
}

function candidatesOf(rule: PolicyRule, destination: Destination): ComparisonTarget[] {
  if (rule.effect !== 'allow' || typeof rule.peers === 'string') return [];
  const port = portOf(rule, destination.port);
  if (port === undefined) return [];
  return rule.peers.flatMap((peer) => {
    const name = peer.match.kind === 'fqdn' ? peer.match.selector.matchName : undefined;
    const host = name === undefined ? '' : normaliseName(name);
    if (host === '' || isMetadataName(host)) return [];
    if (host === destination.host || destination.cnames.includes(host)) return [];
    return [{ host, port, because: `allowed by ${policyName(rule.policy)} ${peer.path} (${peer.text})` }];
  });
}

/** The destination's own port where the rule has it, else 443, else the first single TCP port. */
function portOf(rule: PolicyRule, wanted: number): number | undefined {
  if (rule.ports === 'any') return wanted;
  if (rule.ports === 'none') return undefined;
  const ranges = rule.ports.flatMap((one) => (one.protocols.includes('TCP') ? (numericRange(one) ?? []) : []));
  const has = (port: number) => ranges.some((range) => range.from <= port && port <= range.to);
  if (has(wanted)) return wanted;
  return has(443) ? 443 : ranges.find((range) => range.from > 0)?.from;
}

function rank(port: number, destination: Destination): number {
  if (port === destination.port) return 0;
  return port === 443 ? 1 : 2;
}

function isAllowed(state: ClusterState, policy: PodPolicy, target: ComparisonTarget): boolean {
  const question: Destination = { host: target.host, cnames: [], addresses: [], port: target.port, protocol: 'TCP' };
  const lookup = lookupStage(state, policy, question);
  if (lookup.stage.decision === 'denied') return false;
  const identity = unknownAddress(state, target.port, 'TCP', { names: [target.host], maybeNames: [] });
  const { decision, allows } = decide(state, policy, identity);
  // A name that the rule's own list of server names cuts off would look like a failure of the network.
  const cut = allows.length > 0 && serverNamePasses(allows, target.host, policy.settings.minor) === 'no';
  return decision !== 'denied' && !cut;
}
