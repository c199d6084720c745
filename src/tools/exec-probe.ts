/** Probe one endpoint and a comparison from inside the pod; wraps `diagnose/probe-pod.ts`. */
import * as z from 'zod';
import { parseTarget } from '../core/net/host.ts';
import { probePod } from '../diagnose/probe-pod.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderProbe } from '../render/probe.ts';
import { answerOutput, containerInput, ephemeralInput, list, podInput, targetInput } from './schema.ts';
import { defineTool, PROBES } from './tool.ts';

const input = z.strictObject({
  ...podInput,
  target: targetInput,
  compare: z.string().max(4096).optional(),
  ...containerInput,
  ...ephemeralInput,
});

const output = z.looseObject({
  ...answerOutput,
  rung: z.string().optional(),
  targets: list,
});

export const execProbeTool = defineTool({
  name: 'execProbe',
  title: 'Probe from the pod',
  description:
    'Fixed lookup, TCP, TLS and (for a URL) HEAD probe in the pod, to the target and to an endpoint its policies allow.',
  hints: PROBES,
  input,
  output,
  untrusted: [
    'targets[].lookup.cnames',
    'targets[].lookup.error',
    'targets[].lookup.answers[].cnames',
    'targets[].lookup.absolute.error',
    'targets[].connects[].error',
    'targets[].tls.error',
    'targets[].tls.issuer',
    'targets[].tls.names',
    'targets[].http',
    'targets[].proxy',
  ],
  async answer({ namespace, workload, target, compare, container, allowEphemeral, context }, { openDeps, run }) {
    const question = {
      workload: parseWorkload(namespace, workload),
      target: parseTarget(target),
      ...(compare === undefined ? {} : { compare: parseTarget(compare) }),
      ...(container === undefined ? {} : { container }),
      allowEphemeral,
    };
    return probePod(await openDeps(context), question, run);
  },
  text: renderProbe,
});
