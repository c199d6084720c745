/** Why Whisker gave no flows, in words; used by `whisker-source.ts`. */
import type { NotRead } from '../../core/model/cluster-state.ts';
import type { PodRef } from '../../core/model/probe.ts';
import { clean } from '../../core/text/clean.ts';
import { objectOf, textOf } from '../raw-flow.ts';
import { BodyTooLong, type HttpAnswer } from './http-get.ts';

type Problem = Omit<NotRead, 'what'>;

/** The connection broke off, or what came is no HTTP. */
export function brokenOff({ namespace, name }: PodRef, error: unknown): NotRead {
  return { what: `Whisker ${namespace}/${name}`, ...problemOf(namespace, error) };
}

function problemOf(namespace: string, error: unknown): Problem {
  const { name = '', message = String(error) } = error as { name?: string; message?: string };
  if (name === 'TimeoutError')
    return { code: 'timeout', reason: 'it did not answer in time', nextStep: backendLog(namespace) };
  if (error instanceof BodyTooLong)
    return {
      code: 'refused',
      reason: `it answered with ${message}, of which nothing was used`,
      nextStep: 'Ask for a shorter time or for fewer verdicts.',
    };
  const said = clean(message, 200).replaceAll('\n', ' ');
  if (/connection refused/i.test(message))
    return {
      code: 'unsupported',
      reason: 'nothing listens on its port 8081',
      said,
      nextStep: `kubectl -n ${namespace} logs -l k8s-app=whisker -c whisker tells whether it has started.`,
    };
  return { code: 'refused', reason: 'the connection broke off, or no HTTP came', said };
}

const backendLog = (namespace: string): string =>
  `kubectl -n ${namespace} logs -l k8s-app=whisker -c whisker-backend tells whether it reaches Goldmane.`;

/** An answer that is no list of flows. */
export function answerProblem({ namespace, name }: PodRef, answer: HttpAnswer): NotRead {
  return { what: `Whisker ${namespace}/${name}`, ...problemIn(namespace, answer) };
}

function problemIn(namespace: string, { status, type, body }: HttpAnswer): Problem {
  const said = errorIn(body);
  const quoted = said === undefined ? {} : { said };
  // nginx answers so where whisker-backend is away. Where Goldmane is, whisker-backend leaves the status at 200 (seen with 3.31).
  if (status >= 500 || (status === 200 && said !== undefined))
    return {
      code: 'refused',
      reason: `what is behind it does not answer (HTTP ${status})`,
      ...quoted,
      nextStep: backendLog(namespace),
    };
  if (status >= 300 && status < 400)
    return { code: 'refused', reason: `it answered with a redirect (HTTP ${status}), which is not followed` };
  if (status !== 200) return { code: 'refused', reason: `it refused the question (HTTP ${status})`, ...quoted };
  // Whatever its nginx does not find is answered with the console's page.
  if (type === 'text/html')
    return {
      code: 'unsupported',
      reason: 'it answers with a web page where its API should be',
      nextStep: 'Check that the pod with label k8s-app=whisker is Whisker of Calico 3.30 or later.',
    };
  return { code: 'invalid', reason: 'its answer is not the expected JSON' };
}

/** The backend's own words, as `{"error": "…"}` (lib/httpmachinery, apiutil). */
function errorIn(body: string): string | undefined {
  try {
    const said = clean(textOf(objectOf(JSON.parse(body)).error) ?? '', 200).replaceAll('\n', ' ');
    return said === '' ? undefined : said;
  } catch {
    return undefined;
  }
}
