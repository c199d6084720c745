/** Findings as text: what was seen, what was ruled out, and apart from both what nobody looked at. */
import type { Evidence, Finding, FindingState } from '../core/model/evidence.ts';
import { bound } from '../core/text/sanitise.ts';
import { indent, more, oneLine, seconds, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const MAX_FINDINGS = 14;
const MAX_EVIDENCE = 3;
/** Characters of one quotation; the shorter ones are for a report that would not fit otherwise. */
const QUOTATIONS = [1200, 300, 0] as const;

/**
 * @param room characters the sections may take. Quotations give way first, so that neither a fence is cut open nor the fix
 * behind it pushed out by a pod that writes a lot.
 */
export function findingSections(findings: readonly Finding[], style: RenderStyle, room = style.maxChars): string[] {
  const versions = QUOTATIONS.map((quotation) => sectionsWith(findings, { style, quotation }));
  const fits = (blocks: readonly string[]): boolean => blocks.join('\n').length <= room;
  return versions.find(fits) ?? [bound((versions.at(-1) ?? []).join('\n'), room)];
}

interface Quoting {
  readonly style: RenderStyle;
  readonly quotation: number;
}

function sectionsWith(findings: readonly Finding[], quoting: Quoting): string[] {
  const of = (state: FindingState): Finding[] => findings.filter((finding) => finding.state === state);
  return [
    ...section('Proof', checkedFindings(of('confirmed'), quoting)),
    ...section('Ruled out (looked at, and found not to be so)', checkedFindings(of('ruled_out'), quoting)),
    ...section('Not checked', openGroups(of('not_checked'), quoting.style)),
  ];
}

function checkedFindings(findings: readonly Finding[], quoting: Quoting): string[] {
  return [
    ...findings.slice(0, MAX_FINDINGS).map((finding) => checkedFinding(finding, quoting)),
    ...more(findings.length - MAX_FINDINGS, 'findings'),
  ];
}

function checkedFinding({ statement, evidence }: Finding, quoting: Quoting): string {
  const observations = sameTogether(evidence);
  return [
    `- ${oneLine(statement)}`,
    ...observations.slice(0, MAX_EVIDENCE).map((seen) => indent(evidenceLines(seen, quoting), 4)),
    ...more(observations.length - MAX_EVIDENCE, 'observations').map((line) => indent(line, 4)),
  ].join('\n');
}

/** What was seen again and again in one place is told once: a client that retries leaves a drop a second. */
function sameTogether(evidence: readonly Evidence[]): [Evidence, ...Evidence[]][] {
  const groups = new Map<string, [Evidence, ...Evidence[]]>();
  for (const seen of evidence) {
    const key = JSON.stringify([seen.source, seen.where, seen.what]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [seen]);
    else group.push(seen);
  }
  return [...groups.values()];
}

function evidenceLines(seen: readonly [Evidence, ...Evidence[]], { style, quotation }: Quoting): string {
  const [{ source, where, what, untrusted = '' }] = seen;
  const line = `${source}: ${oneLine(what)} (${oneLine(where, 300)}, ${timesOf(seen)})`;
  if (untrusted === '') return line;
  if (quotation === 0) return `${line} [its text is left out here]`;
  return `${line}\n${style.untrusted(untrusted.slice(0, quotation))}`;
}

function timesOf(seen: readonly Evidence[]): string {
  const times = seen.map(({ when }) => seconds(when)).sort();
  const [first = '', last = ''] = [times[0], times.at(-1)];
  if (times.length === 1) return first;
  return `${times.length} times, ${first === last ? first : `${first} to ${last}`}`;
}

/** One step often answers many questions: they stand together, each reason once, the step below them. */
function openGroups(findings: readonly Finding[], style: RenderStyle): string[] {
  const groups = new Map<string, Map<string, string[]>>();
  for (const { statement, notChecked } of findings) {
    const reasons = entryOf(groups, oneLine(notChecked?.nextStep ?? '', 400), () => new Map<string, string[]>());
    const why = oneLine(notChecked?.reason ?? 'the reason was not recorded', 400);
    const said = oneLine(notChecked?.said ?? '', 300);
    const reason = said === '' ? why : `${why}: ${style.quoted(said)}`;
    entryOf(reasons, reason, () => []).push(oneLine(statement, 300));
  }
  const blocks = [...groups].map(([next, reasons]) =>
    [...[...reasons].flatMap(openLines), ...(next === '' ? [] : [`    → ${next}`])].join('\n'),
  );
  return [...blocks.slice(0, MAX_FINDINGS), ...more(blocks.length - MAX_FINDINGS, 'steps')];
}

const openLines = ([reason, statements]: readonly [string, readonly string[]]): string[] => [
  ...statements.map((statement) => `? ${statement}`),
  `    ${reason}`,
];

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
