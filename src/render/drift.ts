/** How live policies differ from Git; text of `diffGitPolicies`. */
import { historySentences } from '../core/drift/history-text.ts';
import type { DriftAnswer } from '../core/model/answers.ts';
import { answerText, nameOf } from './answer.ts';
import { indent, oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderDrift(answer: DriftAnswer, style: RenderStyle): string {
  const { repository, ref, commit, policies, skipped } = answer;
  const different = policies.filter(({ kind }) => kind !== 'same').length;
  const place =
    repository === undefined
      ? 'No repository was compared.'
      : `${different} of ${policies.length} policies differ from ${repository} at ${ref ?? 'HEAD'} (${commit?.slice(0, 12) ?? '?'}).`;
  return answerText(answer, style, [
    oneLine(place),
    ...section(
      'Policies',
      policies.map(({ policy, kind, file, differences, history, consequence }) =>
        [
          oneLine(`${kind}: ${nameOf(policy)}${file === undefined ? '' : ` (${file.path}#${file.document})`}`),
          ...differences.slice(0, 10).map((difference) => indent(oneLine(differenceLine(difference), 300), 2)),
          ...(history === undefined ? [] : historySentences(history)).map((text) =>
            indent(oneLine(`history: ${text}`), 2),
          ),
          ...(kind === 'same' ? [] : [indent(oneLine(`then: ${consequence}`), 2)]),
        ].join('\n'),
      ),
    ),
    ...section(
      'Files not read as policies',
      skipped.map(({ path, reason }) => oneLine(`${path}: ${reason}`)),
    ),
  ]);
}

function differenceLine({ path, live, git }: DriftAnswer['policies'][number]['differences'][number]): string {
  return `${path}: live ${JSON.stringify(live) ?? 'absent'}, Git ${JSON.stringify(git) ?? 'absent'}`;
}
