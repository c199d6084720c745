/** A diagnosis as the report a person reads: what failed and why, the path hop by hop, the proof, the fix, what to do next. */
import type { Diagnosis, Hop, HopStep } from '../core/model/diagnosis.ts';
import { findingSections } from './findings.ts';
import { fixSection } from './fix.ts';
import { columns, oneLine, report, section } from './lines.ts';
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
  return report(
    [
      verdictLine(diagnosis),
      ...causeLines(diagnosis),
      ...section('Path', diagnosis.hops.map(hopBlock)),
      ...findingSections(diagnosis.findings, style),
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
    ],
    style.maxChars,
  );
}

/** e.g. `BLOCKED: shop/checkout-7d9 cannot reach files.vendor.example:443/TCP`. */
export function verdictLine({ verdict, question, subject, about }: Diagnosis): string {
  const verb = { blocked: 'cannot reach', reachable: 'reaches', undetermined: '→' }[verdict];
  const pod = `${question.namespace}/${subject.pod}`;
  const asked = about.host === question.host ? '' : ` (asked about ${question.host}:${question.port})`;
  return oneLine(`${VERDICT_WORDS[verdict]}: ${pod} ${verb} ${about.host}:${about.port}/${question.protocol}${asked}`);
}

function causeLines({ cause }: Diagnosis): string[] {
  if (cause === undefined) return [];
  const underneath = cause.underlying === undefined ? '' : ` over ${cause.underlying}`;
  return [oneLine(cause.statement), `Cause: ${cause.class}${underneath} (${cause.confidence})`];
}

function hopBlock({ role, host, port, steps }: Hop): string {
  const rows = steps.map(({ layer, outcome, detail }): readonly [string, string] => [
    `  ${layer.padEnd(7)} ${OUTCOME_WORDS[outcome]}`,
    oneLine(detail, 300),
  ]);
  return [`${oneLine(host)}:${port} (${ROLE_WORDS[role]})`, ...columns(rows)].join('\n');
}

function footer({ subject, asOf }: Diagnosis): string {
  const parts = [
    `as of ${asOf}`,
    `context ${subject.context}`,
    `pod ${subject.pod}${subject.uid === undefined ? '' : ` (${subject.uid})`}`,
    subject.container === undefined ? '' : `container ${subject.container}`,
    subject.node === undefined ? '' : `node ${subject.node}`,
    subject.engine,
  ];
  return oneLine(parts.filter((part) => part !== '').join(', '));
}
