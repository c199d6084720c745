/** What the pod's logs say about failing connections; wraps `diagnose/grep-logs.ts`. */
import * as z from 'zod';
import { grepLogs } from '../diagnose/grep-logs.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderLogs } from '../render/logs.ts';
import { answerOutput, containerInput, list, podInput, secondsOf, sinceInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

const input = z.strictObject({
  ...podInput,
  ...containerInput,
  pattern: z.string().min(1).max(200).optional(),
  since: sinceInput,
  previous: z.boolean().default(false),
});

export const grepPodLogsTool = defineTool({
  name: 'grepPodLogs',
  title: 'Search pod logs',
  description:
    'Failing connections, hosts and (presigned) URLs in the pod’s logs, redacted; plus lines that match pattern.',
  hints: READS,
  input,
  output: z.looseObject({ ...answerOutput, failures: list, urls: list, matches: list }),
  untrusted: [
    'failures[].excerpt',
    'failures[].frames[]',
    'failures[].libraryVersion',
    'failures[].host',
    'failures[].possible.host',
    'urls[].host',
    'urls[].display',
    'matches[].line',
  ],
  async answer({ namespace, workload, container, pattern, since, previous, context }, { openDeps, run }) {
    const question = {
      workload: parseWorkload(namespace, workload),
      ...(container === undefined ? {} : { container }),
      ...(pattern === undefined ? {} : { pattern }),
      sinceSeconds: secondsOf(since),
      previous,
    };
    return grepLogs(await openDeps(context), question, run);
  },
  text: renderLogs,
});
