/** A whole log through the reader, in chunks as small as asked for. */
import type { LogFailure, SeenUrl } from '../../../../src/core/model/logs.ts';
import { createLogReader, type LogFindings } from '../../../../src/logs/read-log.ts';
import { compilePattern } from '../../../../src/logs/safe-pattern/compile.ts';

export function read(text: string | Buffer, chunk = 65_536, pattern?: string): LogFindings {
  const reader = createLogReader({ container: 'app' }, pattern === undefined ? undefined : compilePattern(pattern));
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
  return reader.finish();
}

/** The latest failure first, signed URLs first. */
export function analyse(
  text: string,
  container: string,
): { failures: readonly LogFailure[]; urls: readonly SeenUrl[] } {
  const { failures, urls } = read(text);
  return {
    failures: failures.map((failure) => ({ ...failure, container })),
    urls: urls.toSorted(
      (a, b) => Number(b.presigned !== undefined) - Number(a.presigned !== undefined) || b.count - a.count,
    ),
  };
}
