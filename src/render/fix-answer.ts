/** A proposed change, or that there is none; text of `proposePolicyFix`. */
import type { FixAnswer } from '../core/model/answers.ts';
import { answerText, podWords } from './answer.ts';
import { fixSection } from './fix.ts';
import { oneLine } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFix(answer: FixAnswer, style: RenderStyle): string {
  const words = answer.fix === undefined ? 'No policy change is proposed' : 'A policy change is proposed';
  return answerText(answer, style, [
    oneLine(`${words}; as things stand the policies say ${answer.decision} for ${podWords(answer.subject)}.`),
    ...fixSection(answer.fix, style),
  ]);
}
