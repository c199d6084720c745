/** What flows that Calico folds together say of one pod: who was denied what, and by which policy. Used by `diagnose/observe-flows.ts` and `findings-grouped.ts`. */
import type { NotRead } from '../model/cluster-state.ts';
import type { Evidence, Finding } from '../model/evidence.ts';
import type { FlowReport, GroupedFlow } from '../model/flow.ts';
import type { Pod } from '../model/workload.ts';
import { openAboutReport } from '../path/flow-gap.ts';
import { connectionText, deciderOf, groupedSummary, hitText, senderOf, stagedDenier } from '../path/grouped-flow.ts';

const MAX_GROUPS = 5;
const MAX_SHOWN = 3;

/** Flows that say the same of one connection and its policy, the newest first. */
export type Alike = readonly [GroupedFlow, ...GroupedFlow[]];

/** `by` tells what flows must have in common, beside both ends. */
export function alike(flows: readonly GroupedFlow[], by: (flow: GroupedFlow) => string): readonly Alike[] {
  const groups = new Map<string, [GroupedFlow, ...GroupedFlow[]]>();
  for (const flow of flows) {
    const { source, destination, reporter } = flow;
    const key = JSON.stringify([source, destination, reporter, by(flow)]);
    const group = groups.get(key);
    if (group) group.push(flow);
    else groups.set(key, [flow]);
  }
  return [...groups.values()];
}

export const deniedOf = ({ grouped = [] }: FlowReport, pod: Pod): readonly GroupedFlow[] =>
  grouped.filter((flow) => flow.action === 'denied' && senderOf(flow, pod) !== undefined);

export const denierText = (flow: GroupedFlow): string => {
  const decider = deciderOf(flow);
  return decider === undefined ? 'which policy denied is not told' : `denied by ${hitText(decider)}`;
};

export function groupEvidence(flows: Alike, where: string, what: string): Evidence {
  const packets = flows.reduce((sum, flow) => sum + flow.packets, 0);
  const from = flows.map((flow) => flow.from).toSorted()[0];
  const [newest] = flows;
  const side = newest.reporter === 'destination' ? ', on the receiver’s side' : '';
  return {
    source: 'flow',
    where,
    what: `${packets} packet(s) since about ${from}${side}; ${what}`,
    when: newest.to,
    untrusted: groupedSummary(newest),
  };
}

/** "The pod's packets were dropped" holds only where the flows can be of no other pod. */
export function foldedDropFinding(statement: string, report: FlowReport, pod: Pod): Finding {
  const id = 'flow-dropped';
  const denied = deniedOf(report, pod);
  const own = denied.filter((flow) => senderOf(flow, pod) === 'pod' && beganWith(pod, flow));
  if (own.length > 0) {
    const evidence = alike(own, denierText).slice(0, MAX_SHOWN);
    return {
      id,
      state: 'confirmed',
      statement,
      evidence: evidence.map((one) => groupEvidence(one, report.source, denierText(one[0]))),
    };
  }
  const notChecked = denied[0] === undefined ? nothingDenied(report, pod) : whoseOf(denied[0], pod);
  return { id, state: 'not_checked', statement, evidence: [], notChecked };
}

/** A flow may bear a time up to 7 s after its first packet: Felix waits for more of a connection before it counts (seen: 3.7 to 5.5 s). */
const LATE_MS = 10_000;

/** A pod of the same name may have been there before. */
function beganWith({ meta: { creationTimestamp } }: Pod, { from }: GroupedFlow): boolean {
  return creationTimestamp !== undefined && Date.parse(from) >= Date.parse(creationTimestamp) + LATE_MS;
}

function nothingDenied(report: FlowReport, pod: Pod): NotRead {
  const reason = openAboutReport(report, pod) ?? 'the report is not whole';
  return { what: 'all flows of the time', code: 'unsupported', reason };
}

function whoseOf(flow: GroupedFlow, pod: Pod): NotRead {
  const reason =
    senderOf(flow, pod) === 'pod'
      ? `packets of ${flow.source.namespace}/${flow.source.name} were denied, some perhaps of an earlier pod of that name: the flows begin before this one, or when it was created is not known`
      : `packets of pods ${flow.source.namespace}/${flow.source.name} were denied, of which this pod is one: Calico tells pods together whose names were generated alike`;
  const nextStep =
    'execProbe from this pod tells whether its own connection fails; a Calico rule with action Log before the deny logs each packet with its addresses.';
  return { what: 'which pod sent it', code: 'unsupported', reason, nextStep };
}

/** Who was denied what and by whom, and what staged policies would deny. */
export function groupFindings(report: FlowReport, pod: Pod): readonly Finding[] {
  const denied = alike(deniedOf(report, pod), denierText).slice(0, MAX_GROUPS);
  const staged = (report.grouped ?? []).filter(
    (flow) => senderOf(flow, pod) !== undefined && stagedDenier(flow) !== undefined,
  );
  return [
    ...denied.map((flows) => deniedFinding(flows, report, pod)),
    ...alike(staged, stagedText)
      .slice(0, MAX_GROUPS)
      .map((flows) => stagedFinding(flows, report)),
  ];
}

function deniedFinding(flows: Alike, { source }: FlowReport, pod: Pod): Finding {
  const id = senderOf(flows[0], pod) === 'pod' ? 'flow-denied-by' : 'flow-denied-group';
  const statement = `Calico denied ${connectionText(flows[0])}.`;
  return { id, state: 'confirmed', statement, evidence: [groupEvidence(flows, source, denierText(flows[0]))] };
}

function stagedText(flow: GroupedFlow): string {
  const hit = stagedDenier(flow);
  return hit === undefined ? '' : `staged: ${hitText(hit)}`;
}

/** What it is evaluated as is one trace for all connections of the flow, the last one's (felix/collector/flowlog, FlowPendingPolicySet). */
function stagedFinding(flows: Alike, { source }: FlowReport): Finding {
  const statement = `Calico lets through ${connectionText(flows[0])}, which would be denied if its staged policies were enforced.`;
  const what = `would be denied by ${stagedText(flows[0]).replace('staged: ', '')}, by the last connection that was evaluated`;
  return { id: 'flow-staged-deny', state: 'confirmed', statement, evidence: [groupEvidence(flows, source, what)] };
}
