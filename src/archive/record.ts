/** Ports that pass through and remember, for `capture`; `replay.ts` answers from what `write` wrote. */
import type { FlowSource } from '../ports/flow-source.ts';
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import type { CaptureMeta, Recordings } from './layout.ts';
import { createOrder } from './order.ts';
import { recordFlows } from './record-flows.ts';
import { recordGitops, recordLogs } from './record-plain.ts';
import { recordProbes } from './record-probes.ts';
import { writeCapture } from './write.ts';

export interface RecordablePorts {
  readonly probes: ProbeRunner;
  readonly logs: LogSource;
  readonly flows: FlowSource;
  readonly gitops: GitopsSource;
}

export interface PortRecorder {
  readonly ports: RecordablePorts;
  /**
   * Writes the capture as a whole or not at all. `writeObjects` puts the cluster's objects into the directory it is given.
   * @throws DiagnoseError (usage) CAPTURE_DIR_NOT_EMPTY, CAPTURE_NOT_WRITTEN.
   */
  write(dir: string, meta: CaptureMeta, writeObjects: (dir: string) => Promise<void>): Promise<void>;
}

export function recordPorts(inner: RecordablePorts): PortRecorder {
  const order = createOrder();
  const probes = recordProbes(inner.probes, order);
  const logs = recordLogs(inner.logs);
  const flows = recordFlows(inner.flows, order);
  const gitops = recordGitops(inner.gitops);
  const recorded = (): Recordings => ({
    probes: probes.recorded(),
    logs: logs.recorded(),
    flows: flows.recorded(),
    gitops: gitops.recorded(),
  });
  return {
    ports: { probes: probes.port, logs: logs.port, flows: flows.port, gitops: gitops.port },
    write: (dir, meta, writeObjects) => writeCapture({ dir, meta, recordings: recorded(), writeObjects }),
  };
}
