/** The smallest policy change for a target, as a diff; wraps `diagnose/propose-fix.ts`. Writes nothing. */
import * as z from 'zod';
import { parseTarget } from '../core/net/host.ts';
import { proposeFix } from '../diagnose/propose-fix.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderFix } from '../render/fix-answer.ts';
import { answerOutput, checkedRepository, object, podInput, repositoryInput, targetInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

export const proposePolicyFixTool = defineTool({
  name: 'proposePolicyFix',
  title: 'Propose a policy fix',
  description:
    'The smallest policy change that lets the pod reach the target, as a diff proved by re-evaluation, or why none. Applies nothing.',
  hints: READS,
  input: z.strictObject({ ...podInput, target: targetInput, ...repositoryInput }),
  output: z.looseObject({ ...answerOutput, decision: z.string().optional(), fix: object }),
  untrusted: ['fix.diff', 'fix.history', 'fix.pullRequest.body'],
  async answer({ namespace, workload, target, repository, context }, { openDeps, run }) {
    const question = {
      workload: parseWorkload(namespace, workload),
      target: parseTarget(target),
      ...checkedRepository(repository),
    };
    return proposeFix(await openDeps(context), question, run);
  },
  text: renderFix,
});
