/** What the datapath reported; text of `observeFlows`. */
import type { FlowsAnswer } from '../core/model/answers.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { GroupedFlow } from '../core/model/flow.ts';
import { groupedSummary } from '../core/path/grouped-flow.ts';
import { answerText, MAX_LINES, podWords } from './answer.ts';
import { oneLine, seconds, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFlows(answer: FlowsAnswer, style: RenderStyle): string {
  const { flows, source, grouped, missing = [], notUsed = [] } = answer;
  const summaries = flows
    .slice(0, MAX_LINES)
    // The summary begins with the verdict and its reason.
    .map(({ time, summary }) => `${seconds(time)} ${summary}`);
  return answerText(answer, style, [
    oneLine(
      `${podWords(answer.subject)}: ${source === undefined ? 'no flows were read' : `${countText(answer)} from ${source}`}.`,
    ),
    ...section('Flows', summaries.length === 0 ? [] : [style.untrusted(summaries.join('\n'))]),
    ...section(
      'Flows, folded together by Calico (of this pod or of pods named like it, in about that time)',
      grouped === undefined || grouped.length === 0
        ? []
        : [style.untrusted(grouped.slice(0, MAX_LINES).map(lineOf).join('\n'))],
    ),
    ...section(
      'Not in it',
      missing.map((gap) => oneLine(gap)),
    ),
    ...section(
      'Not used',
      notUsed.map((one) => notUsedLine(one, style)),
    ),
  ]);
}

function notUsedLine({ what, reason, said, nextStep = '' }: NotRead, style: RenderStyle): string {
  const why = oneLine(`${what}: ${reason}`);
  const quoted = said === undefined ? '' : `: ${style.quoted(oneLine(said, 300))}`;
  return `${why}${quoted}. ${oneLine(nextStep)}`.trim();
}

function countText({ flows, grouped, truncated }: FlowsAnswer): string {
  const cut = truncated ? ' (cut by a limit)' : '';
  const [count, what] = grouped === undefined ? [flows.length, 'flow'] : [grouped.length, 'folded flow'];
  return `${count} ${what}${count === 1 ? '' : 's'}${cut}`;
}

const lineOf = (flow: GroupedFlow): string => `${seconds(flow.from)} to ${seconds(flow.to)} ${groupedSummary(flow)}`;
