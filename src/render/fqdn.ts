/** Names against FQDN selectors, matches and misses with their reasons; text of `matchFqdn`. */
import type { FqdnAnswer } from '../core/model/answers.ts';
import { answerText, MAX_LINES, nameOf } from './answer.ts';
import { indent, oneLine } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFqdn(answer: FqdnAnswer, style: RenderStyle): string {
  return answerText(
    answer,
    style,
    answer.names.flatMap(({ name, matched, selectors }) => [
      oneLine(`${matched ? 'MATCHED' : 'NOT MATCHED'}: ${name}`),
      ...selectors.slice(0, MAX_LINES).map(({ matches, selector, explanation, rule, use }) => {
        const place =
          rule === undefined ? '' : ` (${nameOf(rule.policy)} ${rule.path}${use === undefined ? '' : `, ${use}`})`;
        return indent(oneLine(`${matches ? '[yes]' : '[no]'} ${selector}${place}: ${explanation}`), 2);
      }),
    ]),
  );
}
