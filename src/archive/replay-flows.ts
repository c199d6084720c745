/** Answers flow questions from a capture; a follower hears what was heard then, in the same order with the probe's events. */
import type { Read } from '../core/model/cluster-state.ts';
import type { FlowReport, FlowRequest } from '../core/model/flow.ts';
import { isAskedFor } from '../core/path/grouped-flow.ts';
import type { FlowSource } from '../ports/flow-source.ts';
import { canonical, samePod } from './keys.ts';
import { notRecorded } from './not-recorded.ts';
import type { FlowRecordings, FollowRecording, ObserveRecording } from './schemas/flow-recording.ts';
import type { Step, Timeline } from './timeline.ts';

export function replayFlows(recordings: FlowRecordings, timeline: Timeline, probesBegun: () => number): FlowSource {
  return {
    observe: async (request) => {
      const found = closest(recordings.observe, request);
      return found ? answerTo(request, found) : notRecorded(`flows of ${podOf(request)}`);
    },
    fqdnCache: async (request) => {
      const found = recordings.fqdnCache.find((recording) => samePod(recording.request.pod, request.pod));
      return found?.result ?? notRecorded(`FQDN cache on the node of ${podOf(request)}`);
    },
    follow: (request, on, signal) => {
      const recording = closest(recordings.follow, request);
      if (!recording) return Promise.resolve(notRecorded(`flows of ${podOf(request)}`));
      return new Promise((resolve) => {
        const steps = stepsOf(recording, on, { over: () => signal.aborted, probesBegun });
        const end = () => resolve(recording.result);
        if (!recording.aborted) return timeline.play([...steps, { order: recording.ended, action: end }]);
        timeline.play(steps);
        if (signal.aborted) return end();
        signal.addEventListener('abort', end, { once: true });
      });
    },
  };
}

const podOf = (request: Pick<FlowRequest, 'pod'>): string => `pod ${request.pod.namespace}/${request.pod.name}`;

/** What was recorded over a shorter time shows the drops it has, never that there were none. */
function answerTo(request: FlowRequest, { request: held, result }: ObserveRecording): Read<FlowReport> {
  if (!result.ok) return result;
  const value = wantedOf(result.value, request.verdicts);
  if (request.sinceSeconds <= held.sinceSeconds) return { ok: true, value };
  if (showsDrop(value)) return { ok: true, value: { ...value, truncated: true } };
  return notRecorded(`flows of ${podOf(request)} over ${request.sinceSeconds} s`, [`the last ${held.sinceSeconds} s`]);
}

function wantedOf(report: FlowReport, verdicts: FlowRequest['verdicts']): FlowReport {
  const flows = report.flows.filter(({ verdict }) => verdicts.length === 0 || verdicts.includes(verdict));
  if (report.grouped === undefined) return { ...report, flows };
  return { ...report, flows, grouped: report.grouped.filter((flow) => isAskedFor(flow, verdicts)) };
}

const showsDrop = ({ flows, grouped = [] }: FlowReport): boolean =>
  flows.some(({ verdict }) => verdict === 'dropped') || grouped.some(({ action }) => action === 'denied');

/** The very same question, else one about the same verdicts, else one about all verdicts of the pod. */
function closest<T extends { readonly request: FlowRequest }>(
  recordings: readonly T[],
  request: FlowRequest,
): T | undefined {
  const ofPod = recordings.filter(
    (recording) => samePod(recording.request.pod, request.pod) && sameKind(recording.request, request),
  );
  const verdicts = (one: FlowRequest) => one.verdicts.toSorted().join();
  return (
    ofPod.findLast((recording) => canonical(recording.request) === canonical(request)) ??
    ofPod.findLast((recording) => verdicts(recording.request) === verdicts(request)) ??
    ofPod.findLast((recording) => recording.request.verdicts.length === 0)
  );
}

/** A window that ended before now is another question than one that reaches until now: it must have been all of it. */
function sameKind(held: FlowRequest, asked: FlowRequest): boolean {
  if (held.untilSeconds === undefined || asked.untilSeconds === undefined)
    return held.untilSeconds === asked.untilSeconds;
  return held.sinceSeconds === asked.sinceSeconds && held.untilSeconds === asked.untilSeconds;
}

interface Gate {
  readonly over: () => boolean;
  readonly probesBegun: () => number;
}

function stepsOf(recording: FollowRecording, on: Parameters<FlowSource['follow']>[1], gate: Gate): readonly Step[] {
  const ready = recording.ready === undefined ? [] : [{ order: recording.ready, action: on.ready }];
  const before = gate.probesBegun();
  const flows = recording.flows.map(({ order, probes, flow }) => ({
    order,
    action: () => {
      if (!gate.over()) on.flow(flow);
    },
    mayRun: () => gate.over() || gate.probesBegun() - before >= probes,
  }));
  return [...ready, ...flows];
}
