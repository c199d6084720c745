/** A recorded log analysis: what was asked and the (already redacted) report. */
import { z } from 'zod';
import type { Read } from '../../core/model/cluster-state.ts';
import { FAILURE_CLASSES, LOG_ROLES, type LogReport, type LogRequest } from '../../core/model/logs.ts';
import { hostText, label, notRead, podRef, readOf, strings, text } from './common.ts';

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
  possible: z
    .looseObject({
      host: hostText.exactOptional(),
      port: z.number().exactOptional(),
      address: hostText.exactOptional(),
    })
    .exactOptional(),
  mayBeFirstHop: z.literal(true).exactOptional(),
  library: label.exactOptional(),
  libraryVersion: label.exactOptional(),
  frames: strings.exactOptional(),
  pod: podRef.exactOptional(),
  container: text,
  role: z.enum(LOG_ROLES).exactOptional(),
  previous: z.literal(true).exactOptional(),
  alsoIn: strings.exactOptional(),
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
  container: text.exactOptional(),
  firstSeen: text.exactOptional(),
  lastSeen: text.exactOptional(),
});

const window = z.looseObject({
  pod: podRef.exactOptional(),
  container: text,
  role: z.enum(LOG_ROLES).exactOptional(),
  previous: z.literal(true).exactOptional(),
  from: label.exactOptional(),
  to: label.exactOptional(),
  cutBy: z.enum(['since', 'lines', 'bytes', 'time']).exactOptional(),
});

const report: z.ZodType<LogReport> = z.looseObject({
  pod: podRef,
  containers: strings,
  linesRead: z.number(),
  truncated: z.boolean(),
  windows: z.array(window).exactOptional(),
  failures: z.array(failure),
  urls: z.array(url),
  urlsNotKept: z.number().exactOptional(),
  matches: z.array(
    z.looseObject({ pod: podRef.exactOptional(), container: text, when: text.exactOptional(), line: text }),
  ),
  notRead: z.array(notRead).exactOptional(),
});

export interface LogRecording {
  readonly request: LogRequest;
  readonly result: Read<LogReport>;
}

export const logRecordings: z.ZodType<readonly LogRecording[]> = z.array(z.object({ request, result: readOf(report) }));
