/** Which policy dropped what the engine reports: the one it names, or else, said as ours, what the policies as they are now decide. Used by `diagnose/observe-flows.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { Pod } from '../model/workload.ts';
import { isHostName } from '../net/host.ts';
import { isPolicyDrop } from '../path/match-drop.ts';
import { decideEgress } from '../policy/evaluate.ts';

/** Drops of packets to one address and port, the newest first. */
export type DropsTo = readonly [Flow, ...Flow[]];

const MAX_DESTINATIONS = 5;

/** A refused lookup names no destination of its own: what was asked for stands in the flow. */
export function policyDropsByDestination(sent: readonly Flow[]): readonly DropsTo[] {
  const groups = new Map<string, [Flow, ...Flow[]]>();
  for (const flow of sent) {
    const { ip, port, protocol } = flow.destination;
    if (!isPolicyDrop(flow) || flow.dns !== undefined || ip === undefined || port === undefined) continue;
    const key = `${ip}|${port}|${protocol}`;
    const group = groups.get(key);
    if (group) group.push(flow);
    else groups.set(key, [flow]);
  }
  return [...groups.values()].slice(0, MAX_DESTINATIONS);
}

/** Cilium names the policy of a deny rule (since 1.18, `egress_denied_by`); for a default deny there is no rule to name. */
export const isNamed = ([latest]: DropsTo): boolean => latest.deniedBy.length > 0;

interface Asked {
  readonly pod: Pod;
  /** Absent where nothing had to be evaluated. */
  readonly state: ClusterState | undefined;
  /** Where the flows were read, and when now is. */
  readonly source: string;
  readonly asOf: string;
}

export function dropExplained(drops: DropsTo, asked: Asked): Finding {
  const [latest] = drops;
  const { ip, port, protocol = '?' } = latest.destination;
  const seen: Evidence = {
    source: 'flow',
    where: asked.source,
    what: `${latest.dropReason}, ${drops.length} time(s)`,
    when: latest.time,
    untrusted: latest.summary,
  };
  const statement = `Policy denied ${ip}:${port}/${protocol}.`;
  return { id: 'flow-denied-by', state: 'confirmed', statement, evidence: [seen, denierOf(latest, asked)] };
}

function denierOf(latest: Flow, { pod, state, source, asOf }: Asked): Evidence {
  const { deniedBy } = latest;
  if (deniedBy.length > 0 || state === undefined)
    return {
      source: 'flow',
      where: source,
      what: `the engine names ${deniedBy.join(', ') || 'no policy'}`,
      when: latest.time,
    };
  const { decision, explanation, isolated } = ours(state, pod, latest);
  const where = isolated.length === 0 ? 'the policies that select the pod' : isolated.join(', ');
  const said = `the engine names no policy; by our evaluation of the policies as they are now: ${explanation}`;
  const changed = ' So they have changed since, or the agent enforces something else.';
  return { source: 'policy', where, what: decision === 'allowed' ? said + changed : said, when: asOf };
}

function ours(state: ClusterState, pod: Pod, flow: Flow) {
  const { connect, isolatedBy } = decideEgress(state, pod, destinationOf(flow));
  const isolated = isolatedBy.map(
    ({ kind, namespace, name }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
  );
  return { decision: connect.decision, explanation: connect.explanation, isolated };
}

function destinationOf({ destination: { ip = '', port = 0, protocol = 'TCP', names } }: Flow): Destination {
  const [host, ...sharedWith] = names.filter(isHostName);
  return {
    ...(host === undefined ? {} : { host }),
    ...(sharedWith.length === 0 ? {} : { sharedWith }),
    cnames: [],
    addresses: [ip],
    port,
    protocol,
  };
}
