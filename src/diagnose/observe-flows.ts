/** What the datapath reported about the pod's connections: `observeFlows`. */
import type { FlowsAnswer } from '../core/model/answers.ts';
import type { Finding } from '../core/model/evidence.ts';
import type { Flow, FlowReport, FlowVerdict } from '../core/model/flow.ts';
import type { Pod } from '../core/model/workload.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';

export interface ObserveFlowsInput {
  readonly workload: WorkloadRef;
  readonly sinceSeconds: number;
  readonly verdicts: readonly FlowVerdict[];
  readonly limit: number;
}

const STATEMENT = 'The datapath dropped packets the pod sent.';

export async function observeFlows(deps: Deps, input: ObserveFlowsInput, run: Run): Promise<FlowsAnswer> {
  const pod = await requirePod(deps, input.workload, run);
  const subject = subjectOf(deps, pod);

  run.progress(`Asking Hubble on node ${pod.nodeName ?? '?'} for the flows of ${pod.meta.name}`);
  const { sinceSeconds, verdicts, limit } = input;
  const node = pod.nodeName === undefined ? {} : { nodeName: pod.nodeName };
  const read = await deps.flows.observe({ pod: podRef(pod), ...node, sinceSeconds, verdicts, limit }, run.signal);

  if (!read.ok)
    return { subject, truncated: false, flows: [], findings: [notChecked('flow-dropped', STATEMENT, read.notRead)] };
  const flows = bounded(read.value.flows, limit);
  return {
    subject,
    source: read.value.source,
    truncated: read.value.truncated,
    flows: flows.kept,
    findings: [dropFinding(read.value, { pod, input }, deps.clock.now().toISOString())],
    ...leftOutOf({ flows }),
  };
}

interface Asked {
  readonly pod: Pod;
  readonly input: ObserveFlowsInput;
}

/** A drop on another pod's way out, towards this one, is nothing this pod sent. */
function isSentBy({ verdict, direction, source }: Flow, { meta }: Pod): boolean {
  return verdict === 'dropped' && direction !== 'ingress' && (source.pod ?? meta.name) === meta.name;
}

function dropFinding(report: FlowReport, { pod, input }: Asked, when: string): Finding {
  const { verdicts, sinceSeconds } = input;
  const drops = report.flows.filter((flow) => isSentBy(flow, pod));
  if (drops.length > 0) {
    const shown = drops.slice(0, 3).map((flow) => dropEvidence(flow, report.source));
    return confirmed('flow-dropped', STATEMENT, ...shown);
  }
  if (verdicts.length > 0 && !verdicts.includes('dropped')) {
    const reason = `only ${verdicts.join(', ')} flows were asked for`;
    return notChecked('flow-dropped', STATEMENT, { what: 'dropped flows', code: 'not_asked', reason });
  }
  if (report.truncated) {
    const reason = 'the report was cut short by its limit, or the engine lost some flows';
    return notChecked('flow-dropped', STATEMENT, { what: 'all flows of the time', code: 'unsupported', reason });
  }
  const what = `${report.flows.length} flows in the last ${sinceSeconds} s, none dropped on the way out`;
  return ruledOut('flow-dropped', STATEMENT, { source: 'flow', where: report.source, what, when });
}

function dropEvidence({ dropReason, destination, time, summary }: Flow, where: string) {
  const to = `${destination.ip ?? '?'}:${destination.port ?? '?'}/${destination.protocol ?? '?'}`;
  const what = `dropped${dropReason === undefined ? '' : ` (${dropReason})`} to ${to}`;
  return { source: 'flow' as const, where, what, when: time, untrusted: summary };
}
