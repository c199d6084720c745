/** What the datapath reported about the pod's connections: `observeFlows`. */
import type { FlowsAnswer } from '../core/model/answers.ts';
import type { ClusterState } from '../core/model/cluster-state.ts';
import type { Finding } from '../core/model/evidence.ts';
import type { Flow, FlowReport, FlowVerdict } from '../core/model/flow.ts';
import type { Pod } from '../core/model/workload.ts';
import { flowGapText, openAboutReport } from '../core/path/flow-gap.ts';
import { dropExplained, isNamed, policyDropsByDestination } from '../core/verdict/drops-explained.ts';
import { foldedDropFinding, groupFindings } from '../core/verdict/groups-explained.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';

export interface ObserveFlowsInput {
  readonly workload: WorkloadRef;
  readonly sinceSeconds: number;
  /** RFC 3339: the time around it, in place of `sinceSeconds` until now. */
  readonly at?: string;
  readonly verdicts: readonly FlowVerdict[];
  readonly limit: number;
}

const DROPPED = 'The datapath dropped packets the pod sent.';
const AUDITED = 'Policy would have denied what the pod sent; policy audit mode let it through.';
/** To each side of a given time: what logs tell is when a client gave up, which is some time-outs after the packet. */
const AROUND_SECONDS = 60;

export async function observeFlows(deps: Deps, input: ObserveFlowsInput, run: Run): Promise<FlowsAnswer> {
  const pod = await requirePod(deps, input.workload, run);
  const subject = subjectOf(deps, pod);
  const asOf = deps.clock.now();

  run.progress(`Asking the policy engine for the flows of ${pod.meta.name} on node ${pod.nodeName ?? '?'}`);
  const { verdicts, limit } = input;
  const node = pod.nodeName === undefined ? {} : { nodeName: pod.nodeName };
  const window = windowOf(input, asOf);
  const read = await deps.flows.observe({ pod: podRef(pod), ...node, ...window, verdicts, limit }, run.signal);

  if (!read.ok)
    return { subject, truncated: false, flows: [], findings: [notChecked('flow-dropped', DROPPED, read.notRead)] };
  const flows = bounded(read.value.flows, limit);
  const grouped = read.value.grouped && bounded(read.value.grouped, limit);
  const asked = { pod, verdicts, window: windowText(window), when: asOf.toISOString() };
  return {
    subject,
    source: read.value.source,
    truncated: read.value.truncated,
    ...(read.value.missing && { missing: read.value.missing.map(flowGapText) }),
    ...(read.value.notUsed && { notUsed: read.value.notUsed }),
    flows: flows.kept,
    ...(grouped && { grouped: grouped.kept }),
    findings: [
      dropFinding(read.value, asked),
      ...(await deniers(deps, read.value, asked, run)),
      ...auditFinding(read.value, asked),
      ...groupFindings(read.value, pod),
    ],
    ...leftOutOf({ flows, ...(grouped && { grouped }) }),
  };
}

interface Window {
  readonly sinceSeconds: number;
  readonly untilSeconds?: number;
}

/** Around a time that is not over yet, until now. */
function windowOf({ sinceSeconds, at }: ObserveFlowsInput, now: Date): Window {
  if (at === undefined) return { sinceSeconds };
  const ago = (now.getTime() - Date.parse(at)) / 1000;
  const untilSeconds = Math.floor(ago - AROUND_SECONDS);
  return { sinceSeconds: Math.max(1, Math.ceil(ago + AROUND_SECONDS)), ...(untilSeconds >= 1 && { untilSeconds }) };
}

function windowText({ sinceSeconds, untilSeconds }: Window): string {
  return untilSeconds === undefined ? `the last ${sinceSeconds} s` : `${sinceSeconds} s to ${untilSeconds} s ago`;
}

interface Asked {
  readonly pod: Pod;
  readonly verdicts: readonly FlowVerdict[];
  readonly window: string;
  readonly when: string;
}

/** What comes towards this pod, also if it is dropped on another pod's way out, is nothing this pod sent. */
function isSentBy({ direction, source }: Flow, { meta }: Pod): boolean {
  return direction !== 'ingress' && (source.pod ?? meta.name) === meta.name;
}

function sentDrops({ flows }: FlowReport, pod: Pod): readonly Flow[] {
  return flows.filter((flow) => flow.verdict === 'dropped' && isSentBy(flow, pod));
}

function dropFinding(report: FlowReport, { pod, verdicts, window, when }: Asked): Finding {
  const drops = sentDrops(report, pod);
  if (drops.length > 0) {
    const shown = drops.slice(0, 3).map((flow) => dropEvidence(flow, report.source));
    return confirmed('flow-dropped', DROPPED, ...shown);
  }
  if (verdicts.length > 0 && !verdicts.includes('dropped')) {
    const reason = `only ${verdicts.join(', ')} flows were asked for`;
    return notChecked('flow-dropped', DROPPED, { what: 'dropped flows', code: 'not_asked', reason });
  }
  if (report.grouped !== undefined) return foldedDropFinding(DROPPED, report, pod);
  const open = openAboutReport(report, pod);
  if (open !== undefined)
    return notChecked('flow-dropped', DROPPED, { what: 'all flows of the time', code: 'unsupported', reason: open });
  const what = `${report.flows.length} flows in ${window}, none dropped on the way out`;
  return ruledOut('flow-dropped', DROPPED, { source: 'flow', where: report.source, what, when });
}

function dropEvidence({ dropReason, destination, dns, time, summary }: Flow, where: string) {
  const to = `${destination.ip ?? '?'}:${destination.port ?? '?'}/${destination.protocol ?? '?'}`;
  const lookup = dns === undefined ? '' : ', a lookup that the DNS proxy refused';
  const what = `dropped${dropReason === undefined ? '' : ` (${dropReason})`} to ${to}${lookup}`;
  return { source: 'flow' as const, where, what, when: time, untrusted: summary };
}

/** Policies are read only where the engine names none. */
async function deniers(deps: Deps, report: FlowReport, asked: Asked, run: Run): Promise<readonly Finding[]> {
  const groups = policyDropsByDestination(sentDrops(report, asked.pod));
  const state: ClusterState | undefined = groups.every(isNamed)
    ? undefined
    : await deps.cluster.readState(podRef(asked.pod), run.signal);
  const about = { pod: asked.pod, state, source: report.source, asOf: asked.when };
  return groups.map((drops) => dropExplained(drops, about));
}

function auditFinding(report: FlowReport, { pod }: Asked): readonly Finding[] {
  const audited = report.flows.filter((flow) => flow.verdict === 'audit' && isSentBy(flow, pod));
  if (audited.length === 0) return [];
  const shown = audited.slice(0, 3).map(({ time, destination, summary }) => ({
    source: 'flow' as const,
    where: report.source,
    what: `would be denied: ${destination.ip ?? '?'}:${destination.port ?? '?'}/${destination.protocol ?? '?'}`,
    when: time,
    untrusted: summary,
  }));
  return [confirmed('flow-audited', AUDITED, ...shown)];
}
