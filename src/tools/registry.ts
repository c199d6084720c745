/** All tools, in the order clients see them: the one list behind tools/list, `call`, README and the skill. */
import { diagnoseEgressTool } from './diagnose-egress.ts';
import { diffGitPoliciesTool } from './diff-git-policies.ts';
import { execProbeTool } from './exec-probe.ts';
import { grepPodLogsTool } from './grep-pod-logs.ts';
import { listEgressPoliciesTool } from './list-egress-policies.ts';
import { matchFqdnTool } from './match-fqdn.ts';
import { observeFlowsTool } from './observe-flows.ts';
import { proposePolicyFixTool } from './propose-policy-fix.ts';
import type { Tool } from './tool.ts';

export const TOOLS: readonly Tool[] = [
  diagnoseEgressTool,
  execProbeTool,
  listEgressPoliciesTool,
  matchFqdnTool,
  diffGitPoliciesTool,
  grepPodLogsTool,
  proposePolicyFixTool,
  observeFlowsTool,
];
