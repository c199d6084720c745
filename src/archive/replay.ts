/** Ports that answer from a capture, the other side of `record.ts`; a plain directory of manifests answers "not in archive" to each. */
import type { Clock } from '../ports/clock.ts';
import type { FlowSource } from '../ports/flow-source.ts';
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import type { CaptureMeta } from './layout.ts';
import { loadCapture } from './load.ts';
import { replayFlows } from './replay-flows.ts';
import { replayGitops, replayLogs } from './replay-plain.ts';
import { replayProbes } from './replay-probes.ts';
import { createTimeline } from './timeline.ts';

export interface Replay {
  readonly probes: ProbeRunner;
  readonly logs: LogSource;
  readonly flows: FlowSource;
  readonly gitops: GitopsSource;
  /** Stands at the time of the capture; absent for a plain directory, which has no time of its own. */
  readonly clock?: Clock;
  readonly meta?: CaptureMeta;
}

export interface ReplayOptions {
  /** Asked where the capture holds no answer about Git; without it such questions are `not_in_archive`. */
  readonly gitops?: GitopsSource;
}

/** @throws DiagnoseError (usage) ARCHIVE_NOT_FOUND, ARCHIVE_INVALID naming file and place. */
export async function openReplay(dir: string, options: ReplayOptions = {}): Promise<Replay> {
  const { meta, recordings } = await loadCapture(dir);
  const timeline = createTimeline();
  let probesBegun = 0;
  const onBegin = () => {
    probesBegun += 1;
    timeline.poke();
  };
  const ports = {
    probes: replayProbes(recordings.probes, timeline, onBegin),
    logs: replayLogs(recordings.logs),
    flows: replayFlows(recordings.flows, timeline, () => probesBegun),
    gitops: replayGitops(recordings.gitops, options.gitops),
  };
  if (!meta) return ports;
  const capturedAt = meta.capturedAt;
  return { ...ports, clock: { now: () => new Date(capturedAt) }, meta };
}
