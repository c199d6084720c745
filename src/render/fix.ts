/** A proposed policy change as text: what, the diff, its proof by re-evaluation, and what else it lets through. */
import type { Fix } from '../core/model/diagnosis.ts';
import { columns, oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

export function fixSection(fix: Fix | undefined, style: RenderStyle): string[] {
  if (fix === undefined) return [];
  const place = fix.inGit ? `${fix.file} in Git` : fix.file;
  return [
    ...section(`Fix: ${oneLine(fix.summary)}`, [
      ...columns([
        ['Where', `${oneLine(place)} (${fix.policy.kind} ${oneLine(fix.policy.name)})`],
        ...(fix.consent === undefined ? [] : [['Consent', oneLine(fix.consent)] as const]),
        ['Effect', `policies evaluated again with the change: ${fix.before} → ${fix.after}`],
        ...fix.alsoAllows.map((text): readonly [string, string] => ['Also allows', oneLine(text)]),
        ...fix.warnings.map((text): readonly [string, string] => ['Mind', oneLine(text)]),
      ]),
    ]),
    ...(fix.diff === '' ? [] : ['', style.patch(fix.diff.trimEnd())]),
  ];
}
