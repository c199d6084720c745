/** Live policies against Git; wraps `diagnose/diff-git.ts`. */
import * as z from 'zod';
import { diffGit } from '../diagnose/diff-git.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderDrift } from '../render/drift.ts';
import { answerOutput, checkedRepository, list, podInput, repositoryInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

export const diffGitPoliciesTool = defineTool({
  name: 'diffGitPolicies',
  title: 'Compare policies with Git',
  description: 'How live policies around the pod differ from a Git repository, and what the next sync would do.',
  hints: READS,
  input: z.strictObject({ ...podInput, ...repositoryInput }),
  output: z.looseObject({ ...answerOutput, policies: list }),
  untrusted: ['policies[].differences[]', 'policies[].git', 'policies[].history', 'skipped[]'],
  async answer({ namespace, workload, repository, context }, { openDeps, run }) {
    const question = { workload: parseWorkload(namespace, workload), ...checkedRepository(repository) };
    return diffGit(() => openDeps(context), question, run);
  },
  text: renderDrift,
});
