/** Reads and analyses pod logs. Implemented by `logs/` over the API server's log endpoint or an archive. */
import type { Read } from '../core/model/cluster-state.ts';
import type { LogReport, LogRequest } from '../core/model/logs.ts';

export interface LogSource {
  grep(request: LogRequest, signal: AbortSignal): Promise<Read<LogReport>>;
}
