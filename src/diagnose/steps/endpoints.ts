/** Step 4: each planned endpoint with its probe, its policy evaluation and the drops that concern it. */
import type { ClusterState, Read } from '../../core/model/cluster-state.ts';
import type { Destination } from '../../core/model/destination.ts';
import type { Flow, FlowReport } from '../../core/model/flow.ts';
import type { ProbeReport, TargetReport } from '../../core/model/probe.ts';
import type { Pod } from '../../core/model/workload.ts';
import { isAddress } from '../../core/net/host.ts';
import { isSentDrop, matchDrop } from '../../core/path/match-drop.ts';
import { interceptorOn } from '../../core/path/mesh.ts';
import type { PlannedTarget } from '../../core/path/plan-targets.ts';
import { namesOfAddresses } from '../../core/path/shared-names.ts';
import { evaluateEgress } from '../../core/policy/evaluate.ts';
import type { Endpoint } from '../../core/policy/identity/identity.ts';
import { findBackends } from '../../core/policy/state/service-backends.ts';
import type { EndpointCase } from '../../core/verdict/case.ts';

export interface Observed {
  readonly state: ClusterState;
  readonly pod: Pod;
  readonly probe: Read<ProbeReport>;
  readonly flows: Read<FlowReport>;
  readonly pastFlows?: Read<FlowReport>;
}

export const targetId = (target: PlannedTarget): string => `${target.host}|${target.port}`;

export function endpointCase(target: PlannedTarget, seen: Observed): EndpointCase {
  const probe = probeOf(target, seen.probe);
  const destination = withSharedNames(destinationOf(target, probe), seen);
  const namespace = seen.state.namespaces.find(({ meta }) => meta.name === seen.pod.meta.namespace);
  const interceptor = interceptorOn(seen.pod, { namespace, addresses: destination.addresses, port: target.port });
  const ends = endpointsOf(seen.state, destination);
  return {
    role: target.role,
    host: target.host,
    port: target.port,
    because: target.because,
    ...(target.redirectedFrom === undefined ? {} : { redirectedFrom: target.redirectedFrom }),
    ...(interceptor === undefined ? {} : { interceptedBy: interceptor }),
    probe,
    evaluation: evaluateEgress(seen.state, seen.pod, destination),
    drops: dropsOf(seen.flows, destination, ends),
    ...(seen.pastFlows === undefined ? {} : { pastDrops: pastDropsOf(seen.pastFlows, destination, ends) }),
  };
}

function probeOf(target: PlannedTarget, probe: Read<ProbeReport>): Read<TargetReport> {
  if (!probe.ok) return probe;
  const report = probe.value.targets.find((candidate) => candidate.id === targetId(target));
  if (report !== undefined) return { ok: true, value: report };
  return {
    ok: false,
    notRead: {
      what: `probe of ${target.host}`,
      code: 'not_asked',
      reason: 'the probe ended before this endpoint was tried',
    },
  };
}

/** The probe's own answers are what the pod connects to; without a probe only the name (or literal address) is known. */
export function destinationOf(target: PlannedTarget, probe: Read<TargetReport>): Destination {
  const literal = isAddress(target.host);
  const lookup = probe.ok ? probe.value.lookup : undefined;
  return {
    ...(literal ? {} : { host: target.host }),
    cnames: lookup?.cnames ?? [],
    addresses: literal ? [target.host] : (lookup?.addresses ?? []),
    port: target.port,
    protocol: 'TCP',
    ...(literal || !speaksTls(probe) ? {} : { sni: target.host }),
  };
}

/** The probe's handshake sends the name as SNI; where none was tried, what a client would send is not known. */
const speaksTls = (probe: Read<TargetReport>): boolean => probe.ok && probe.value.tls.outcome !== 'not_checked';

function withSharedNames(destination: Destination, { probe, flows }: Observed): Destination {
  const targets = probe.ok ? probe.value.targets : [];
  const sharedWith = namesOfAddresses(destination, targets, flows.ok ? flows.value.flows : []);
  return sharedWith.length === 0 ? destination : { ...destination, sharedWith };
}

/** Where the packets go: the addresses, and behind that of a Service its backends, which the engine's reports name. */
function endpointsOf(state: ClusterState, { addresses, port, protocol }: Destination): readonly Endpoint[] {
  return addresses.flatMap((address) => {
    const to = { address, port, protocol };
    return [to, ...(findBackends(state, to) ?? [])];
  });
}

function dropsOf(flows: Read<FlowReport>, destination: Destination, ends: readonly Endpoint[]): readonly Flow[] {
  return flows.ok ? flows.value.flows.filter((flow) => concerns(flow, destination, ends)) : [];
}

/** The name may have had other addresses then: a drop that bears it counts, whatever they are now. */
function pastDropsOf(flows: Read<FlowReport>, destination: Destination, ends: readonly Endpoint[]): readonly Flow[] {
  return flows.ok
    ? flows.value.flows.filter((flow) => concerns(flow, destination, ends) || concerns(flow, destination, []))
    : [];
}

function concerns(flow: Flow, destination: Destination, ends: readonly Endpoint[]): boolean {
  if (ends.length > 0) return ends.some(({ address, port }) => matchDrop(flow, address, port));
  return (
    isSentDrop(flow) &&
    flow.destination.port === destination.port &&
    destination.host !== undefined &&
    flow.destination.names.includes(destination.host)
  );
}
