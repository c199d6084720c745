/** The main tool: one call from symptom to verdict, proof and fix; wraps `diagnose/diagnose-egress.ts`. */
import * as z from 'zod';
import { parseTarget } from '../core/net/host.ts';
import { diagnoseEgress } from '../diagnose/diagnose-egress.ts';
import type { DiagnoseInput } from '../diagnose/diagnose-input.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderDiagnosis } from '../render/diagnosis.ts';
import {
  checkedRepository,
  containerInput,
  ephemeralInput,
  fullFinding,
  list,
  object,
  podInput,
  repositoryInput,
  secondsOf,
  sinceInput,
  targetInput,
} from './schema.ts';
import { defineTool, PROBES } from './tool.ts';

export const diagnoseEgressInput = z.strictObject({
  ...podInput,
  workload: podInput.workload.describe('POD, pod/NAME, deploy/NAME, sts/…, ds/…, job/…'),
  target: targetInput.describe('HOST[:PORT], IP or URL'),
  ...containerInput,
  repository: repositoryInput.repository.describe('with policies: http(s) URL or absolute path'),
  since: sinceInput.describe('log window'),
  probe: z.boolean().default(true).describe('false: run nothing in the pod'),
  allowEphemeral: ephemeralInput.allowEphemeral.describe(
    'if the user agrees: add a debug container, which stays, where no program in the pod can probe',
  ),
});

const output = z.looseObject({
  verdict: z.enum(['blocked', 'reachable', 'undetermined']),
  cause: z.looseObject({ class: z.string(), statement: z.string(), confidence: z.string() }).optional(),
  findings: z.array(fullFinding),
  hops: list,
  fix: object,
  nextSteps: z.array(z.string()),
});

export const diagnoseEgressTool = defineTool({
  name: 'diagnoseEgress',
  title: 'Diagnose egress',
  description:
    'Why can this pod not reach that endpoint? Start here for time-outs, DNS or TLS failures. Probes from the pod, evaluates policies, reads logs, flows and Git: verdict, cause, proof, smallest fix.',
  hints: PROBES,
  input: diagnoseEgressInput,
  output,
  untrusted: ['hops[].steps[].detail', 'fix.diff', 'fix.history', 'fix.pullRequest.body'],
  failed: (nextStep) => ({ verdict: 'undetermined', hops: [], nextSteps: [nextStep] }),
  async answer(given, { openDeps, run }) {
    const question = questionOf(given);
    return diagnoseEgress(await openDeps(given.context), question, run);
  },
  text: renderDiagnosis,
});

/** Everything a person wrote is checked here, before any cluster is opened. */
export function questionOf({
  namespace,
  workload,
  target,
  container,
  repository,
  since,
  probe,
  allowEphemeral,
}: z.output<typeof diagnoseEgressInput>): DiagnoseInput {
  return {
    workload: parseWorkload(namespace, workload),
    target: parseTarget(target),
    ...(container === undefined ? {} : { container }),
    ...checkedRepository(repository),
    sinceSeconds: secondsOf(since),
    probe,
    allowEphemeral,
  };
}
