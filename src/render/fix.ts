/** A proposed policy change as text: what, the diff, its proof by re-evaluation, and what else it lets through. */
import type { Fix } from '../core/model/diagnosis.ts';
import { oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function fixSection(fix: Fix | undefined, style: RenderStyle): string[] {
  if (fix === undefined) return [];
  const place = fix.inGit ? `${fix.file} in Git` : fix.file;
  return [
    ...section(`Fix: ${oneLine(fix.summary)}`, [
      `Where  ${oneLine(place)} (${fix.policy.kind} ${oneLine(fix.policy.name)})`,
      `Proof  re-evaluated with the change: ${fix.before} → ${fix.after}`,
      ...fix.alsoAllows.map((text) => `Also allows  ${oneLine(text)}`),
      ...fix.warnings.map((text) => `Mind  ${oneLine(text)}`),
    ]),
    ...(fix.diff === '' ? [] : ['', style.patch(fix.diff.trimEnd())]),
  ];
}
