/** A recorded log analysis: what was asked and the (already redacted) report. */
import { z } from 'zod';
import type { Read } from '../../core/model/cluster-state.ts';
import { FAILURE_CLASSES, type LogReport, type LogRequest } from '../../core/model/logs.ts';
import { hostText, label, podRef, readOf, strings, text } from './common.ts';

const request: z.ZodType<LogRequest> = z.looseObject({
  pod: podRef,
  container: text.exactOptional(),
  pattern: text.exactOptional(),
  sinceSeconds: z.number(),
  tailLines: z.number(),
  previous: z.boolean(),
});

const failure = z.looseObject({
  class: z.enum(FAILURE_CLASSES),
  host: hostText.exactOptional(),
  port: z.number().exactOptional(),
  address: hostText.exactOptional(),
  library: label.exactOptional(),
  container: text,
  count: z.number(),
  firstSeen: text.exactOptional(),
  lastSeen: text.exactOptional(),
  excerpt: text,
});

const url = z.looseObject({
  host: hostText,
  port: z.number(),
  presigned: label.exactOptional(),
  display: text,
  count: z.number(),
});

const report: z.ZodType<LogReport> = z.looseObject({
  pod: podRef,
  containers: strings,
  linesRead: z.number(),
  truncated: z.boolean(),
  failures: z.array(failure),
  urls: z.array(url),
  matches: z.array(z.looseObject({ container: text, when: text.exactOptional(), line: text })),
});

export interface LogRecording {
  readonly request: LogRequest;
  readonly result: Read<LogReport>;
}

export const logRecordings: z.ZodType<readonly LogRecording[]> = z.array(z.object({ request, result: readOf(report) }));
