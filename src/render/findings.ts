/** Findings as text: what was seen, what was ruled out, and apart from both what nobody looked at. */
import type { Evidence, Finding } from '../core/model/evidence.ts';
import { indent, more, oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const MAX_FINDINGS = 14;
const MAX_EVIDENCE = 3;
const MAX_UNTRUSTED = 1200;

export function findingSections(findings: readonly Finding[], style: RenderStyle): string[] {
  const checked = findings.filter(({ state }) => state !== 'not_checked');
  const open = findings.filter(({ state }) => state === 'not_checked');
  return [
    ...section('Proof', [
      ...checked.slice(0, MAX_FINDINGS).map((finding) => checkedFinding(finding, style)),
      ...more(checked.length - MAX_FINDINGS, 'findings'),
    ]),
    ...section('Not checked', openGroups(open)),
  ];
}

function checkedFinding({ state, statement, evidence }: Finding, style: RenderStyle): string {
  const mark = state === 'confirmed' ? '[yes]' : '[no]';
  return [
    `${mark} ${oneLine(statement)}`,
    ...evidence.slice(0, MAX_EVIDENCE).map((seen) => indent(evidenceLines(seen, style), 6)),
    ...more(evidence.length - MAX_EVIDENCE, 'observations').map((line) => indent(line, 6)),
  ].join('\n');
}

function evidenceLines({ source, where, what, when, untrusted }: Evidence, style: RenderStyle): string {
  const line = `${source}: ${oneLine(what)} (${oneLine(where, 300)}, ${when})`;
  if (untrusted === undefined || untrusted === '') return line;
  return `${line}\n${style.untrusted(untrusted.slice(0, MAX_UNTRUSTED))}`;
}

/** What shares its reason is said together: one missing right leaves many questions open, and one step answers them all. */
function openGroups(findings: readonly Finding[]): string[] {
  const groups = new Map<string, { statements: string[]; reason: string; next: string }>();
  for (const { statement, notChecked } of findings) {
    const reason = oneLine(notChecked?.reason ?? 'the reason was not recorded', 400);
    const next = oneLine(notChecked?.nextStep ?? '', 400);
    const group = groups.get(`${reason}|${next}`) ?? { statements: [], reason, next };
    group.statements.push(oneLine(statement, 300));
    groups.set(`${reason}|${next}`, group);
  }
  const blocks = [...groups.values()].map(({ statements, reason, next }) =>
    [
      ...statements.map((statement) => `[?] ${statement}`),
      `      ${reason}`,
      ...(next === '' ? [] : [`      → ${next}`]),
    ].join('\n'),
  );
  return [...blocks.slice(0, MAX_FINDINGS), ...more(blocks.length - MAX_FINDINGS, 'reasons')];
}
