/** Label selectors in words, for the texts of peers; used by the translators. */
import type { LabelSelector } from '../../model/selector.ts';

/** `{app: dns}`-style text of a selector. */
export function labelsText(selector: LabelSelector): string {
  const exact = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = selector.matchExpressions.map((one) => `${one.key} ${one.operator} ${one.values.join('|')}`.trim());
  return `{${[...exact, ...others].join(', ')}}`;
}
