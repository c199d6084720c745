/** Reads one container's log within its bounds, so that what is missing is the oldest of it; used by `log-source.ts`. */
import type { Read } from '../core/model/cluster-state.ts';
import type { LogRequest, LogWindow } from '../core/model/logs.ts';
import type { KubeConnection, LogStream } from '../kube/connection.ts';
import type { LogJob } from './log-jobs.ts';
import { createLogReader, type LogFindings, type LogReader } from './read-log.ts';
import type { Pattern } from './safe-pattern/compile.ts';

/** What one log may cost the API server. */
const BOUNDS = { bytes: 64 * 1024 * 1024, ms: 20_000 };
type Bounds = typeof BOUNDS;
/** Lines that fitted once fit again only if they are not longer. */
const ASK_AGAIN = 3;
const SHARE = 0.8;

export interface LogPart {
  readonly job: LogJob;
  readonly findings: LogFindings;
  readonly cutBy?: NonNullable<LogWindow['cutBy']>;
}

interface Asked {
  readonly request: LogRequest;
  readonly job: LogJob;
  readonly pattern: Pattern | undefined;
}

type End = 'whole' | 'bytes' | 'time';

/**
 * The server sends the oldest of the asked lines first. Where they are too many bytes, it is asked for as many of the newest as did
 * fit, because the last failure is worth more than the first.
 */
export async function followLog(
  kube: KubeConnection,
  asked: Asked,
  signal: AbortSignal,
  bounds: Bounds = BOUNDS,
): Promise<Read<LogPart>> {
  const { request, job, pattern } = asked;
  const until = { bytes: bounds.bytes, deadline: performance.now() + bounds.ms };
  let tailLines = request.tailLines;
  for (let left = ASK_AGAIN; ; left--) {
    const options = { container: job.container, previous: job.previous, sinceSeconds: request.sinceSeconds, tailLines };
    const stream = await kube.readLog(request.pod, options, signal);
    if (!stream.ok) return stream;
    const { container, role, previous } = job;
    const reader = createLogReader({ container, ...(role && { role }), ...(previous && { previous }) }, pattern);
    const end = await drain(stream.value, reader, until, signal);
    const findings = reader.finish();
    if (end !== 'bytes' || left === 0) return { ok: true, value: partOf(asked, findings, { end, tailLines }) };
    tailLines = Math.max(1, Math.floor(findings.lines * SHARE));
  }
}

async function drain(
  stream: LogStream,
  reader: LogReader,
  until: { readonly bytes: number; readonly deadline: number },
  signal: AbortSignal,
): Promise<End> {
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      reader.push(chunk);
      bytes += chunk.length;
      if (bytes > until.bytes) return 'bytes';
      if (performance.now() > until.deadline) return 'time';
    }
    return 'whole';
  } catch (error) {
    signal.throwIfAborted();
    if (typeof (error as { code?: unknown }).code !== 'string') throw error;
    // The stream broke off or stalled: what came before is still true.
    return 'time';
  }
}

function partOf({ request, job }: Asked, findings: LogFindings, read: { end: End; tailLines: number }): LogPart {
  const part = { job, findings };
  if (read.end !== 'whole') return { ...part, cutBy: read.end };
  if (read.tailLines < request.tailLines) return { ...part, cutBy: 'bytes' };
  return { ...part, cutBy: findings.lines >= read.tailLines ? 'lines' : 'since' };
}
