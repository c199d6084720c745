/** Failures and endpoints in the logs of a pod; text of `grepPodLogs`. */
import type { LogsAnswer } from '../core/model/answers.ts';
import { answerText, podWords } from './answer.ts';
import { oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderLogs(answer: LogsAnswer, style: RenderStyle): string {
  const { linesRead, truncated, failures, urls, matches } = answer;
  return answerText(answer, style, [
    oneLine(
      `${podWords(answer.subject)}: ${linesRead === 0 ? 'no log line was read' : `${linesRead} log lines read${truncated ? ' (cut by a limit)' : ''}, ${failures.length} kinds of failure`}.`,
    ),
    ...section(
      'Failures',
      failures.map(({ class: family, host, address, port, count, container, lastSeen }) => {
        const to = host ?? address;
        const target = to === undefined ? '' : ` ${to}${port === undefined ? '' : `:${port}`}`;
        return oneLine(
          `${family}${target}, ${count}×, container ${container}${lastSeen === undefined ? '' : `, last ${lastSeen}`}`,
        );
      }),
    ),
    ...section(
      'Endpoints in the logs',
      urls.map(({ host, port, presigned, count }) =>
        oneLine(`${host}:${port}, ${count}×${presigned === undefined ? '' : `, presigned (${presigned})`}`),
      ),
    ),
    ...section(
      'Lines that match the pattern',
      matches.length === 0 ? [] : [style.untrusted(matches.map(matchLine).join('\n'))],
    ),
  ]);
}

function matchLine({ container, when, line }: LogsAnswer['matches'][number]): string {
  return `${container}${when === undefined ? '' : ` ${when}`} ${line}`;
}
