/** What the datapath reported; text of `observeFlows`. */
import type { FlowsAnswer } from '../core/model/answers.ts';
import { answerText, MAX_LINES, podWords } from './answer.ts';
import { oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFlows(answer: FlowsAnswer, style: RenderStyle): string {
  const { flows, source, truncated } = answer;
  const summaries = flows
    .slice(0, MAX_LINES)
    .map(
      ({ time, verdict, dropReason, summary }) =>
        `${time} ${verdict}${dropReason === undefined ? '' : ` (${dropReason})`} ${summary}`,
    );
  return answerText(answer, style, [
    oneLine(
      `${podWords(answer.subject)}: ${flows.length} flows${truncated ? ' (cut by a limit)' : ''}${source === undefined ? '' : ` from ${source}`}.`,
    ),
    ...section('Flows', summaries.length === 0 ? [] : [style.untrusted(summaries.join('\n'))]),
  ]);
}
