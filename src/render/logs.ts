/** Failures and endpoints in the logs of a pod, or of all pods of a workload; text of `grepPodLogs`. */

import { targetText } from '../core/logs/target-text.ts';
import type { LogsAnswer } from '../core/model/answers.ts';
import type { LogFailure, LogRole, LogWindow } from '../core/model/logs.ts';
import { answerText, podWords } from './answer.ts';
import { oneLine, seconds, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const ROLE_WORDS: Readonly<Record<LogRole, string>> = {
  init: ' (init)',
  ephemeral: ' (ephemeral)',
  sidecar: ' (sidecar)',
  mesh_proxy: ' (mesh proxy)',
};
const CUT_WORDS: Readonly<Record<NonNullable<LogWindow['cutBy']>, string>> = {
  since: '',
  lines: ', earlier lines left out',
  bytes: ', earlier lines left out (too many bytes)',
  time: ', later lines missing: the stream was too slow or broke off',
};
/** Frames are shown of the failures that matter most. */
const WITH_FRAMES = 3;

export function renderLogs(answer: LogsAnswer, style: RenderStyle): string {
  const { linesRead, truncated, failures, urls, matches, pods, windows = [] } = answer;
  const others = pods === undefined ? '' : ` and ${pods.length - 1} more pod(s)`;
  return answerText(answer, style, [
    oneLine(
      `${podWords(answer.subject)}${others}: ${linesRead === 0 ? 'no log line was read' : `${linesRead} log lines read${truncated ? ' (cut by a limit)' : ''}, ${failures.length} kinds of failure`}.`,
    ),
    ...section('Failures', failures.map(failureLine)),
    ...framesSection(failures, style),
    ...section(
      'Endpoints in the logs',
      urls.map(({ host, port, presigned, count }) =>
        oneLine(`${host}:${port}, ${count}×${presigned === undefined ? '' : `, presigned (${presigned})`}`),
      ),
    ),
    ...section('Read', windows.map(windowLine)),
    ...section(
      'Lines that match the pattern',
      matches.length === 0 ? [] : [style.untrusted(matches.map(matchLine).join('\n'))],
    ),
  ]);
}

function failureLine(failure: LogFailure): string {
  const { class: family, count, container, role, firstSeen, lastSeen, alsoIn } = failure;
  const target = targetText(failure);
  const place = `container ${container}${role === undefined ? '' : ROLE_WORDS[role]}${failure.previous ? ', previous instance' : ''}`;
  const pod = failure.pod === undefined ? '' : `, pod ${failure.pod.name}`;
  const also = alsoIn === undefined ? '' : `, also ${alsoIn.length} other place(s)`;
  const first = firstSeen === undefined || firstSeen === lastSeen ? '' : `, first ${seconds(firstSeen)}`;
  const last = lastSeen === undefined ? '' : `, last ${seconds(lastSeen)}`;
  return oneLine(
    `${family}${target === undefined ? '' : ` ${target}`}, ${count}×${libraryWords(failure)}${pod}, ${place}${also}${first}${last}`,
  );
}

/** The version is text of others; only what looks like one stands outside a fence. */
function libraryWords({ library, libraryVersion }: LogFailure): string {
  if (library === undefined) return '';
  const version = /^[\w.+-]{1,40}$/.test(libraryVersion ?? '') ? ` ${libraryVersion}` : '';
  return `, ${library}${version}`;
}

function framesSection(failures: readonly LogFailure[], style: RenderStyle): string[] {
  const shown = failures.filter(({ frames }) => (frames?.length ?? 0) > 0).slice(0, WITH_FRAMES);
  const text = shown.map((failure) =>
    [failureLine(failure), ...(failure.frames ?? []).map((frame) => `  ${frame}`)].join('\n'),
  );
  return section('Where in the code', shown.length === 0 ? [] : [style.untrusted(text.join('\n'))]);
}

function windowLine({ pod, container, role, previous, from, to, cutBy }: LogWindow): string {
  const where = `${pod === undefined ? '' : `${pod.name}/`}${container}${role === undefined ? '' : ROLE_WORDS[role]}${previous ? ', previous instance' : ''}`;
  const span = from === undefined || to === undefined ? 'nothing in that time' : `${seconds(from)} to ${seconds(to)}`;
  return oneLine(`${where}: ${span}${cutBy === undefined ? '' : CUT_WORDS[cutBy]}`);
}

function matchLine({ pod, container, when, line }: LogsAnswer['matches'][number]): string {
  return `${pod === undefined ? '' : `${pod.name}/`}${container}${when === undefined ? '' : ` ${when}`} ${line}`;
}
