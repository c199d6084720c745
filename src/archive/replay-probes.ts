/** Answers probes from a capture; a part of what was probed together may be asked for by itself. */
import type { Read } from '../core/model/cluster-state.ts';
import type { ProbeReport, ProbeRequest, ProbeTarget } from '../core/model/probe.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import { samePod } from './keys.ts';
import { notRecorded } from './not-recorded.ts';
import type { ProbeRecording } from './schemas/probe-recording.ts';
import type { Timeline } from './timeline.ts';

export function replayProbes(
  recordings: readonly ProbeRecording[],
  timeline: Timeline,
  onBegin: () => void,
): ProbeRunner {
  return {
    run: (request, onEvent) => {
      const recording = findRecording(recordings, request);
      if (!recording) return Promise.resolve(missing(recordings, request));
      onBegin();
      const ids = idsOf(recording, request);
      return new Promise((resolve) => {
        const events = recording.events.flatMap(({ order, event }) => {
          const id = ids.get(event.id);
          return id === undefined ? [] : [{ order, action: () => onEvent({ ...event, id }) }];
        });
        timeline.play([...events, { order: recording.ended, action: () => resolve(select(recording.result, ids)) }]);
      });
    },
  };
}

const address = ({ host, port }: Pick<ProbeTarget, 'host' | 'port'>): string => `${host}:${port}`;

/** Time-outs do not matter; of several that hold all targets, the one that holds the least besides. */
function findRecording(recordings: readonly ProbeRecording[], request: ProbeRequest): ProbeRecording | undefined {
  const wanted = request.targets.map(address);
  const fitting = recordings.filter((recording) => {
    if (!samePod(recording.request.pod, request.pod) || recording.request.container !== request.container) return false;
    const held = new Set(recording.request.targets.map(address));
    return wanted.every((target) => held.has(target));
  });
  return fitting.toSorted((a, b) => a.request.targets.length - b.request.targets.length)[0];
}

function missing(recordings: readonly ProbeRecording[], request: ProbeRequest): Read<ProbeReport> {
  const { pod, container, targets } = request;
  const held = recordings.flatMap((recording) =>
    recording.request.targets.map(
      (target) => `${address(target)} from ${recording.request.pod.name}/${recording.request.container}`,
    ),
  );
  return notRecorded(
    `probe of ${targets.map(address).join(', ')} from pod ${pod.namespace}/${pod.name} container ${container}`,
    held,
  );
}

/** Recorded id → the caller's id of the same target. */
function idsOf(recording: ProbeRecording, request: ProbeRequest): ReadonlyMap<string, string> {
  const wanted = new Map(request.targets.map((target) => [address(target), target.id]));
  return new Map(
    recording.request.targets.flatMap((target) => {
      const id = wanted.get(address(target));
      return id === undefined ? [] : [[target.id, id] as const];
    }),
  );
}

function select(result: Read<ProbeReport>, ids: ReadonlyMap<string, string>): Read<ProbeReport> {
  if (!result.ok) return result;
  const targets = result.value.targets.flatMap((target) => {
    const id = ids.get(target.id);
    return id === undefined ? [] : [{ ...target, id }];
  });
  return { ok: true, value: { ...result.value, targets } };
}
