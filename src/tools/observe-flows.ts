/** What the datapath saw of the pod's connections; wraps `diagnose/observe-flows.ts`. */
import * as z from 'zod';
import { observeFlows } from '../diagnose/observe-flows.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderFlows } from '../render/flows.ts';
import { answerOutput, list, podInput, secondsOf, sinceInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

const input = z.strictObject({
  ...podInput,
  since: sinceInput,
  at: z.iso.datetime({ offset: true }).optional(),
  verdicts: z.array(z.enum(['forwarded', 'dropped', 'redirected', 'audit', 'error'])).default([]),
  limit: z.int().min(1).max(200).default(50),
});

export const observeFlowsTool = defineTool({
  name: 'observeFlows',
  title: 'Observe flows',
  description: 'The pod’s packets as the engine saw them: drops, DNS, policies.',
  hints: READS,
  input,
  output: z.looseObject({ ...answerOutput, flows: list }),
  untrusted: [
    'flows[].summary',
    'flows[].source',
    'flows[].destination',
    'flows[].allowedBy',
    'flows[].deniedBy',
    'flows[].dns',
    'grouped[].source',
    'grouped[].destination',
    'grouped[].enforced',
    'grouped[].staged',
    'notUsed[].said',
  ],
  async answer({ namespace, workload, since, at, verdicts, limit, context }, { openDeps, run }) {
    const question = {
      workload: parseWorkload(namespace, workload),
      sinceSeconds: secondsOf(since),
      ...(at === undefined ? {} : { at }),
      verdicts,
      limit,
    };
    return observeFlows(await openDeps(context), question, run);
  },
  text: renderFlows,
});
