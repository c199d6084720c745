/** What the datapath reported; text of `observeFlows`. */
import type { FlowsAnswer } from '../core/model/answers.ts';
import { answerText, MAX_LINES, podWords } from './answer.ts';
import { oneLine, seconds, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFlows(answer: FlowsAnswer, style: RenderStyle): string {
  const { flows, source, truncated, missing = [], notUsed = [] } = answer;
  const summaries = flows
    .slice(0, MAX_LINES)
    // The summary begins with the verdict and its reason.
    .map(({ time, summary }) => `${seconds(time)} ${summary}`);
  const count = `${flows.length} flow${flows.length === 1 ? '' : 's'}${truncated ? ' (cut by a limit)' : ''} from ${source}`;
  return answerText(answer, style, [
    oneLine(`${podWords(answer.subject)}: ${source === undefined ? 'no flows were read' : count}.`),
    ...section('Flows', summaries.length === 0 ? [] : [style.untrusted(summaries.join('\n'))]),
    ...section(
      'Not in it',
      missing.map((gap) => oneLine(gap)),
    ),
    ...section(
      'Not used',
      notUsed.map(({ what, reason, nextStep = '' }) => oneLine(`${what}: ${reason}. ${nextStep}`.trim())),
    ),
  ]);
}
