/** What the texts of all smaller tools share: their frame, and how pods and policies are named. */
import type { Answer } from '../core/model/answers.ts';
import type { Subject } from '../core/model/diagnosis.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import { findingSections } from './findings.ts';
import { oneLine, report, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export const MAX_LINES = 40;

/** The lines of an answer, then its findings, what was cut, and which pod it is about. */
export function answerText(answer: Answer, style: RenderStyle, lines: readonly string[]): string {
  const cut = Object.entries(answer.leftOut ?? {}).map(([name, count]) => `${count} more ${name} left out`);
  const below = [...section('Cut', cut), ...subjectLine(answer.subject)];
  const room = style.maxChars - [...lines, ...below].join('\n').length - 2;
  return report([...lines, ...findingSections(answer.findings, style, Math.max(0, room)), ...below], style.maxChars);
}

function subjectLine(subject: Subject | undefined): string[] {
  if (subject === undefined) return [];
  const { context, node, engine } = subject;
  return [
    '',
    oneLine(
      [
        `context ${context}`,
        podWords(subject),
        ...(node === undefined ? [] : [`node ${node}`]),
        ...(engine === undefined ? [] : [engine]),
      ].join(', '),
    ),
  ];
}

export function podWords({ namespace, pod, container }: Subject): string {
  return `pod ${namespace}/${pod}${container === undefined ? '' : ` container ${container}`}`;
}

export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
