/** Names the files of a capture; `objects/` beside them is written and read by `cluster/archive`. */
import type { FlowRecordings } from './schemas/flow-recording.ts';
import type { GitopsRecordings } from './schemas/gitops-recording.ts';
import type { LogRecording } from './schemas/log-recording.ts';
import type { ProbeRecording } from './schemas/probe-recording.ts';

export { type CaptureMeta, FORMAT_VERSION } from './schemas/capture-meta.ts';

export const FILES = {
  meta: 'capture.json',
  probes: 'probes.json',
  logs: 'logs.json',
  flows: 'flows.json',
  gitops: 'gitops.json',
} as const;

/** Everything the ports answered during one run. */
export interface Recordings {
  readonly probes: readonly ProbeRecording[];
  readonly logs: readonly LogRecording[];
  readonly flows: FlowRecordings;
  readonly gitops: GitopsRecordings;
}
