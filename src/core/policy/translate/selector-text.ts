/** Label selectors in words, for the texts of peers; used by the translators. */
import type { LabelSelector } from '../../model/selector.ts';

/** `{app: dns}`-style text of a selector. */
export function labelsText({ matchLabels, matchExpressions }: LabelSelector): string {
  const parts = Object.keys(matchLabels).map((key) => `${key}=${matchLabels[key] ?? ''}`);
  for (const { key, operator, values } of matchExpressions) parts.push(`${key} ${operator} ${values.join('|')}`.trim());
  return `{${parts.join(', ')}}`;
}
