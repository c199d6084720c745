/** The answers of the smaller tools as text: the answer first, then its lines, then findings. */
import type {
  Answer,
  DriftAnswer,
  FixAnswer,
  FlowsAnswer,
  FqdnAnswer,
  LogsAnswer,
  PoliciesAnswer,
  ProbeAnswer,
  ProbedTarget,
  Subject,
} from '../core/model/answers.ts';
import type { Evaluation, SelectingPolicy } from '../core/model/evaluation.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import { findingSections } from './findings.ts';
import { fixSection } from './fix.ts';
import { indent, oneLine, report, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const MAX_LINES = 40;

export function renderPolicies(answer: PoliciesAnswer, style: RenderStyle): string {
  const { policies, isolated, notSelecting, evaluation } = answer;
  const state = isolated
    ? 'is in egress default-deny'
    : 'is not put in egress default-deny by any policy that was read';
  return whole(answer, style, [
    ...(evaluation === undefined ? [] : evaluationLines(evaluation)),
    oneLine(
      `${podWords(answer.subject)} ${state}; ${policies.length} policies select it, ${notSelecting} others do not.`,
    ),
    ...section('Policies that select the pod', policies.map(policyBlock)),
  ]);
}

function evaluationLines({ decision, destination, lookup, connect, nearMisses, assumptions }: Evaluation): string[] {
  const to = `${destination.host ?? destination.addresses.join(', ')}:${destination.port}/${destination.protocol}`;
  return [
    oneLine(`${decision.toUpperCase()}: ${to}`),
    oneLine(`lookup   ${lookup.decision} (${lookup.reason}): ${lookup.explanation}`),
    oneLine(`connect  ${connect.decision} (${connect.reason}): ${connect.explanation}`),
    ...nearMisses.slice(0, 5).map(({ statement }) => oneLine(`near miss: ${statement}`)),
    ...assumptions.slice(0, 5).map((text) => oneLine(`assumed: ${text}`)),
    '',
  ];
}

function policyBlock({ policy, rules, valid, invalidReason, isolatesEgress }: SelectingPolicy): string {
  const notes = [
    isolatesEgress ? '' : 'does not isolate egress',
    valid ? '' : `NOT ENFORCED: ${invalidReason ?? 'invalid'}`,
  ];
  const suffix = notes.filter((note) => note !== '').join('; ');
  return [
    oneLine(`${nameOf(policy)}${suffix === '' ? '' : ` (${suffix})`}`),
    ...rules.slice(0, MAX_LINES).map(({ path, effect, text }) => indent(oneLine(`${effect} ${path}: ${text}`), 2)),
  ].join('\n');
}

export function renderFqdn(answer: FqdnAnswer, style: RenderStyle): string {
  return whole(
    answer,
    style,
    answer.names.flatMap(({ name, matched, selectors }) => [
      oneLine(`${matched ? 'MATCHED' : 'NOT MATCHED'}: ${name}`),
      ...selectors.slice(0, MAX_LINES).map(({ matches, selector, explanation, rule, use }) => {
        const place =
          rule === undefined ? '' : ` (${nameOf(rule.policy)} ${rule.path}${use === undefined ? '' : `, ${use}`})`;
        return indent(oneLine(`${matches ? '[yes]' : '[no]'} ${selector}${place}: ${explanation}`), 2);
      }),
    ]),
  );
}

export function renderProbe(answer: ProbeAnswer, style: RenderStyle): string {
  const ran = answer.rung === undefined ? 'nothing could run in the container' : `ran ${answer.rung}`;
  return whole(answer, style, [
    ...answer.targets.map(targetLine),
    oneLine(`${podWords(answer.subject)}: ${ran}`),
    ...section(
      'What this probe cannot tell',
      answer.limits.map((limit) => oneLine(limit)),
    ),
  ]);
}

function targetLine({ role, host, port, reached, lookup, connects, tls, because }: ProbedTarget): string {
  const outcomes = connects.slice(0, 4).map(({ address, outcome }) => `${address} ${outcome}`);
  const why = because === undefined ? '' : ` [${because}]`;
  const steps = [`lookup ${lookup.outcome}`, ...outcomes, `TLS ${tls.outcome}`].join(', ');
  return oneLine(`${reached ? 'REACHED' : 'NOT REACHED'}: ${host}:${port} (${role})${why}: ${steps}`);
}

export function renderLogs(answer: LogsAnswer, style: RenderStyle): string {
  const { linesRead, truncated, failures, urls, matches } = answer;
  return whole(answer, style, [
    oneLine(
      `${podWords(answer.subject)}: ${linesRead} log lines read${truncated ? ' (cut by a limit)' : ''}, ${failures.length} kinds of failure.`,
    ),
    ...section(
      'Failures',
      failures.map(({ class: family, host, address, port, count, container, lastSeen }) => {
        const to = host ?? address;
        const target = to === undefined ? '' : ` ${to}${port === undefined ? '' : `:${port}`}`;
        return oneLine(
          `${family}${target}, ${count}×, container ${container}${lastSeen === undefined ? '' : `, last ${lastSeen}`}`,
        );
      }),
    ),
    ...section(
      'Endpoints in the logs',
      urls.map(({ host, port, presigned, count }) =>
        oneLine(`${host}:${port}, ${count}×${presigned === undefined ? '' : `, presigned (${presigned})`}`),
      ),
    ),
    ...section(
      'Lines that match the pattern',
      matches.length === 0 ? [] : [style.untrusted(matches.map(matchLine).join('\n'))],
    ),
  ]);
}

function matchLine({ container, when, line }: LogsAnswer['matches'][number]): string {
  return `${container}${when === undefined ? '' : ` ${when}`} ${line}`;
}

export function renderFlows(answer: FlowsAnswer, style: RenderStyle): string {
  const { flows, source, truncated } = answer;
  const summaries = flows
    .slice(0, MAX_LINES)
    .map(
      ({ time, verdict, dropReason, summary }) =>
        `${time} ${verdict}${dropReason === undefined ? '' : ` (${dropReason})`} ${summary}`,
    );
  return whole(answer, style, [
    oneLine(
      `${podWords(answer.subject)}: ${flows.length} flows${truncated ? ' (cut by a limit)' : ''}${source === undefined ? '' : ` from ${source}`}.`,
    ),
    ...section('Flows', summaries.length === 0 ? [] : [style.untrusted(summaries.join('\n'))]),
  ]);
}

export function renderDrift(answer: DriftAnswer, style: RenderStyle): string {
  const { repository, ref, commit, policies, skipped } = answer;
  const different = policies.filter(({ kind }) => kind !== 'same').length;
  const place =
    repository === undefined
      ? 'No repository was compared.'
      : `${different} of ${policies.length} policies differ from ${repository} at ${ref ?? 'HEAD'} (${commit?.slice(0, 12) ?? '?'}).`;
  return whole(answer, style, [
    oneLine(place),
    ...section(
      'Policies',
      policies.map(({ policy, kind, file, differences, consequence }) =>
        [
          oneLine(`${kind}: ${nameOf(policy)}${file === undefined ? '' : ` (${file.path}#${file.document})`}`),
          ...differences.slice(0, 10).map((difference) => indent(oneLine(differenceLine(difference), 300), 2)),
          ...(kind === 'same' ? [] : [indent(oneLine(`then: ${consequence}`), 2)]),
        ].join('\n'),
      ),
    ),
    ...section(
      'Files not read as policies',
      skipped.map(({ path, reason }) => oneLine(`${path}: ${reason}`)),
    ),
  ]);
}

function differenceLine({ path, live, git }: DriftAnswer['policies'][number]['differences'][number]): string {
  return `${path}: live ${JSON.stringify(live) ?? 'absent'}, Git ${JSON.stringify(git) ?? 'absent'}`;
}

export function renderFix(answer: FixAnswer, style: RenderStyle): string {
  const words = answer.fix === undefined ? 'No policy change is proposed' : 'A policy change is proposed';
  return whole(answer, style, [
    oneLine(`${words}; as things stand the policies say ${answer.decision} for ${podWords(answer.subject)}.`),
    ...fixSection(answer.fix, style),
  ]);
}

function whole(answer: Answer, style: RenderStyle, lines: readonly string[]): string {
  const cut = Object.entries(answer.leftOut ?? {}).map(([name, count]) => `${count} more ${name} left out`);
  return report(
    [...lines, ...findingSections(answer.findings, style), ...section('Cut', cut), ...subjectLine(answer.subject)],
    style.maxChars,
  );
}

function subjectLine(subject: Subject | undefined): string[] {
  if (subject === undefined) return [];
  const { context, node, engine } = subject;
  return [
    '',
    oneLine(
      [
        `context ${context}`,
        podWords(subject),
        ...(node === undefined ? [] : [`node ${node}`]),
        ...(engine === undefined ? [] : [engine]),
      ].join(', '),
    ),
  ];
}

function podWords({ namespace, pod, container }: Subject): string {
  return `pod ${namespace}/${pod}${container === undefined ? '' : ` container ${container}`}`;
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
