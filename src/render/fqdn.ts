/** Names against FQDN selectors, matches and misses with their reasons; text of `matchFqdn`. */
import type { FqdnAnswer } from '../core/model/answers.ts';
import { answerText, MAX_LINES, nameOf } from './answer.ts';
import { indent, oneLine } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function renderFqdn(answer: FqdnAnswer, style: RenderStyle): string {
  return answerText(
    { ...answer, findings: answer.findings.filter(({ state }) => state === 'not_checked') },
    style,
    answer.names.flatMap(({ name, matched, selectors }) => [
      oneLine(headline(name, matched, selectors)),
      ...dialects(selectors),
      ...selectors.slice(0, MAX_LINES).map(({ matches, selector, dialect, explanation, rule, use }) => {
        const field = isFiltered(dialect, use) ? `, ${use}` : '';
        const place = rule === undefined ? '' : ` (${nameOf(rule.policy)} ${rule.path}${field})`;
        return indent(oneLine(`${matches ? 'match   ' : 'no match'} ${selector}${place}: ${explanation}`), 2);
      }),
    ]),
  );
}

/** Which wildcards mean what depends on it; in the words that the tool takes. */
function dialects(selectors: FqdnAnswer['names'][number]['selectors']): readonly string[] {
  const used = [...new Set(selectors.map(({ dialect }) => dialect))];
  return used.length === 0 ? [] : [indent(`patterns read as: ${used.join(', ')}`, 2)];
}

type Line = FqdnAnswer['names'][number]['selectors'][number];

/** Only Cilium filters lookups by name, and has a field for each of the two uses. */
function isFiltered(dialect: Line['dialect'], use: Line['use']): boolean {
  return dialect === 'cilium' && use !== undefined;
}

/** A name that may be looked up is not yet one that may be connected to: the two uses are told apart. */
function headline(name: string, matched: boolean, selectors: FqdnAnswer['names'][number]['selectors']): string {
  const words = (hit: boolean): string => (hit ? 'MATCHED' : 'NOT MATCHED');
  if (!selectors.some(({ dialect, use }) => isFiltered(dialect, use))) return `${words(matched)}: ${name}`;
  const hit = (wanted: 'dns' | 'toFQDNs'): boolean => selectors.some(({ use, matches }) => use === wanted && matches);
  return `${name}: lookup (rules.dns) ${words(hit('dns'))}, connection (toFQDNs) ${words(hit('toFQDNs'))}`;
}
