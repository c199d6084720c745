/** A diagnosis as the report a person reads: what failed and why, the path hop by hop, the proof, the fix, what to do next. */
import type { Diagnosis, Hop, HopStep } from '../core/model/diagnosis.ts';
import { findingSections } from './findings.ts';
import { fixSection } from './fix.ts';
import { columns, oneLine, report, seconds, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const VERDICT_WORDS: Readonly<Record<Diagnosis['verdict'], string>> = {
  blocked: 'BLOCKED',
  reachable: 'REACHABLE',
  undetermined: 'UNDETERMINED',
};

const OUTCOME_WORDS: Readonly<Record<HopStep['outcome'], string>> = {
  ok: 'ok',
  failed: 'FAILED',
  unknown: 'unknown',
  not_checked: 'not checked',
};

const ROLE_WORDS: Readonly<Record<Hop['role'], string>> = {
  asked: 'asked for',
  second_hop: 'second hop',
  comparison: 'comparison',
};

export function renderDiagnosis(diagnosis: Diagnosis, style: RenderStyle): string {
  const above = [
    verdictLine(diagnosis),
    ...causeLines(diagnosis),
    ...sinceSection(diagnosis),
    ...section('Path', pathBlocks(diagnosis.hops, style)),
  ];
  const below = [
    ...section(
      'Assumed',
      diagnosis.assumptions.map((premise) => oneLine(premise)),
    ),
    ...fixSection(diagnosis.fix, style),
    ...section(
      'Next',
      diagnosis.nextSteps.map((step, index) => `${index + 1}. ${oneLine(step)}`),
    ),
    '',
    footer(diagnosis),
  ];
  const room = style.maxChars - [...above, ...below].join('\n').length - 2;
  return report([...above, ...findingSections(diagnosis.findings, style, Math.max(0, room)), ...below], style.maxChars);
}

/** e.g. `BLOCKED: shop/checkout-7d9 cannot reach files.vendor.example:443/TCP`. */
export function verdictLine({ verdict, question, subject, about }: Diagnosis): string {
  const verb = { blocked: 'cannot reach', reachable: 'reaches', undetermined: '→' }[verdict];
  const pod = `${question.namespace}/${subject.pod}`;
  const asked = about.host === question.host ? '' : ` (asked about ${question.host}:${question.port})`;
  return oneLine(`${VERDICT_WORDS[verdict]}: ${pod} ${verb} ${about.host}:${about.port}/${question.protocol}${asked}`);
}

function causeLines({ cause, story }: Diagnosis): string[] {
  if (cause === undefined) return [];
  const underneath = cause.underlying === undefined ? '' : ` over ${cause.underlying}`;
  // The story tells what the statement does, line by line.
  const told = story === undefined ? [oneLine(cause.statement)] : story.map((line) => oneLine(line, 900));
  return [...told, `Cause: ${cause.class}${underneath} (${cause.confidence})`];
}

function sinceSection({ story, timeline }: Diagnosis): string[] {
  if (timeline === undefined) return [];
  const lines = story === undefined ? timeline.lines : timeline.lines.slice(2);
  return section(
    'Since when',
    lines.map((line) => oneLine(line)),
  );
}

function pathBlocks(hops: readonly Hop[], style: RenderStyle): string[] {
  const told = new Set<string>();
  return hops.map((hop) => {
    const rows = telling(hop).map((step): readonly [string, string] => {
      const again = step.outcome === 'not_checked' && told.has(step.detail);
      told.add(step.detail);
      return [`  ${step.layer.padEnd(7)} ${OUTCOME_WORDS[step.outcome]}`, again ? 'as above' : stepDetail(step, style)];
    });
    return [`${oneLine(hop.host)}:${hop.port} (${ROLE_WORDS[hop.role]})`, ...columns(rows)].join('\n');
  });
}

/**
 * What was seen, and the first layer that nobody looked at: those behind it are open for the same reason, and behind a failure
 * there is nothing to look at. That HTTP is not asked for is no news about a comparison.
 */
function telling({ role, steps }: Hop): HopStep[] {
  const seen = (step: HopStep): boolean => step.outcome !== 'not_checked';
  const open = steps.find((step) => !seen(step));
  const failed = steps.some(({ layer, outcome }) => layer !== 'policy' && outcome === 'failed');
  const silent = failed || (open?.layer === 'http' && role === 'comparison');
  return steps.filter((step) => seen(step) || (step === open && !silent));
}

/** A certificate's issuer and an answer's headers are whatever the other side wrote into them. */
function stepDetail({ layer, detail }: HopStep, style: RenderStyle): string {
  const text = oneLine(detail, 300);
  const foreign = (layer === 'tls' && text.includes('issuer ')) || (layer === 'http' && text.includes(', via '));
  return foreign ? style.quoted(text) : text;
}

function footer({ subject, asOf }: Diagnosis): string {
  const parts = [
    `as of ${seconds(asOf)}`,
    `context ${subject.context}`,
    `pod ${subject.pod}${subject.uid === undefined ? '' : ` (${subject.uid})`}`,
    subject.container === undefined ? '' : `container ${subject.container}`,
    subject.node === undefined ? '' : `node ${subject.node}`,
    subject.engine ?? '',
  ];
  return oneLine(parts.filter((part) => part !== '').join(', '));
}
