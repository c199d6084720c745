/** Findings from flows that Calico folds together: they support a verdict on one endpoint and never make one. Part of `findings.ts`. */
import { endpointName } from '../causes/cause-rule.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import type { FlowReport, GroupedFlow } from '../model/flow.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { CalicoSet } from '../model/policies/calico.ts';
import { type Cidr, cidrContains, parseNetwork } from '../net/cidr.ts';
import { type IpAddress, parseIp } from '../net/ip.ts';
import { connectionText, deciderOf, isSamePolicy, policyOf } from '../path/grouped-flow.ts';
import { works } from '../path/phase.ts';
import { policyName } from '../policy/explain/sentences.ts';
import { findBackends } from '../policy/state/service-backends.ts';
import type { Case, EndpointCase } from './case.ts';
import { alike, deniedOf, denierText, groupEvidence } from './groups-explained.ts';
import { isAbout } from './log-failures.ts';

const MAX_SHOWN = 3;

export function groupedFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const failed = seen.logs.ok && seen.logs.value.failures.some((failure) => isAbout(failure, endpoint));
  return [
    // What another pod of the group was denied is no news of an endpoint that this one reaches.
    ...(seen.flows.ok && !works(endpoint)
      ? deniedFinding('engine-denies-group', seen, endpoint, seen.flows.value)
      : []),
    ...(failed && seen.pastFlows?.ok
      ? deniedFinding('group-denied-at-failure', seen, endpoint, seen.pastFlows.value)
      : []),
  ];
}

// oxlint-disable-next-line max-params -- which finding, of what, on what, by which report
function deniedFinding(
  id: 'engine-denies-group' | 'group-denied-at-failure',
  seen: Case,
  endpoint: EndpointCase,
  report: FlowReport,
): readonly Finding[] {
  const denied = deniedOf(report, seen.pod).filter((flow) => mayBe(seen, endpoint, flow));
  const [first] = denied;
  if (first === undefined) return [];
  const when = id === 'group-denied-at-failure' ? ' around the time when the logs last show a failure' : '';
  const evidence = alike(denied, denierText).slice(0, MAX_SHOWN);
  return [
    {
      id,
      state: 'confirmed',
      statement: `Calico denied ${connectionText(first)}${when}; connections to ${endpointName(endpoint)} may be among them, as may those to others.`,
      evidence: [
        ...evidence.map((one) => groupEvidence(one, report.source, denierText(one[0]))),
        besideOurs(seen, endpoint, denied),
      ],
    },
  ];
}

/** What our evaluation of the policies makes of the endpoint, beside the policy that Calico names. */
function besideOurs(seen: Case, endpoint: EndpointCase, denied: readonly GroupedFlow[]): Evidence {
  const { connect, isolatedBy } = endpoint.evaluation;
  const ours = [...connect.decidedBy.map(({ policy }) => policy), ...isolatedBy];
  const named = denied.flatMap((flow) => deciderOf(flow) ?? []).map(policyOf);
  const same = ours.find((ref) => named.some((hit) => isSamePolicy(hit, ref)));
  return {
    source: 'policy',
    where: same === undefined ? listOf(ours) : policyName(same),
    what: oursText(connect.decision, same !== undefined, endpointName(endpoint)),
    when: seen.asOf,
  };
}

const listOf = (refs: readonly ObjectRef[]): string =>
  refs.length === 0 ? 'the policies that select the pod' : refs.slice(0, MAX_SHOWN).map(policyName).join(', ');

function oursText(decision: EndpointCase['evaluation']['decision'], same: boolean, name: string): string {
  const evaluated = 'by our evaluation of the policies as they are now';
  if (decision === 'allowed')
    return `${evaluated}, ${name} is allowed: what was denied went elsewhere, or the policies have changed since, or Calico enforces others`;
  if (decision === 'unknown') return `${evaluated}, it is open whether ${name} is allowed`;
  return same
    ? `${evaluated}, this policy denies ${name}: Calico names the same`
    : `${evaluated}, ${name} is denied, too, though not by the policy that Calico names`;
}

/**
 * Whether a connection to the endpoint would be told as this flow. Felix names a destination by its pod, node or NetworkSet, and what
 * has none by its range (felix/collector: lookupEndpoint, GetMetadata). Ports are those behind a Service.
 */
function mayBe({ state, pod }: Case, { port, evaluation }: EndpointCase, { destination }: GroupedFlow): boolean {
  if (destination.protocol !== 'TCP') return false;
  const { addresses } = evaluation.destination;
  if (addresses.length === 0) return destination.port === port && destination.kind !== 'named';
  const ends = addresses.flatMap((address) => {
    const to = { address, port, protocol: 'TCP' as const };
    return [to, ...(findBackends(state, to) ?? [])];
  });
  return ends.some((end) => end.port === destination.port && isToldAs(end.address, destination, { state, pod }));
}

function isToldAs(
  address: string,
  { kind, name = '', namespace }: GroupedFlow['destination'],
  { state }: Pick<Case, 'state' | 'pod'>,
): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  const owner = state.pods.find(({ hostNetwork, podIPs }) => !hostNetwork && podIPs.includes(address));
  if (owner !== undefined) return kind === 'named' && owner.meta.namespace === namespace && fits(name, owner.meta.name);
  const sets = (state.calico?.sets ?? []).filter((set) => isIn(set, ip));
  if (sets.length > 0) return sets.some(({ meta }) => meta.name === name && meta.namespace === namespace);
  const node = state.nodes.find(({ addresses }) => addresses.includes(address));
  if (node !== undefined && kind === 'named') return node.meta.name === name;
  return kind === (isPrivate(ip) ? 'private' : 'public');
}

const fits = (told: string, name: string): boolean =>
  told.endsWith('*') ? name.startsWith(told.slice(0, -1)) : told === name;

const isIn = ({ kind, nets }: CalicoSet, ip: IpAddress): boolean =>
  kind !== 'HostEndpoint' && nets.some((net) => holds(parseNetwork(net), ip));

/** Felix knows no other private ranges, and none of IPv6 (felix/collector/types/endpoint, getSubnetType). */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(parseNetwork);

const isPrivate = (ip: IpAddress): boolean => PRIVATE.some((range) => holds(range, ip));

const holds = (range: Cidr | undefined, ip: IpAddress): boolean => range !== undefined && cidrContains(range, ip);
