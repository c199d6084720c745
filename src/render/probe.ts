/** What a probe from the pod reached, target beside comparison; text of `execProbe`. */
import type { ProbeAnswer, ProbedTarget } from '../core/model/answers.ts';
import type { HttpReport } from '../core/model/probe.ts';
import { answerText, podWords } from './answer.ts';
import { more, oneLine, section } from './lines.ts';
import type { RenderStyle } from './style.ts';

const MOST_LIMITS = 12;

export function renderProbe(answer: ProbeAnswer, style: RenderStyle): string {
  const ran = answer.rung === undefined ? 'no probe ran' : `ran ${answer.rung}`;
  return answerText(answer, style, [
    ...answer.targets.map(targetLine),
    oneLine(`${podWords(answer.subject)}: ${ran}`),
    ...section('What this probe cannot tell', [
      ...answer.limits.slice(0, MOST_LIMITS).map((limit) => oneLine(limit)),
      ...more(answer.limits.length - MOST_LIMITS, 'limits'),
    ]),
  ]);
}

/** A step that did not come to its end is no failure, and a connection that a mesh proxy opened is neither. */
function reachWords({ reached, lookup, connects }: ProbedTarget): string {
  if (reached) return 'REACHED';
  const lookupFailed = !['resolved', 'not_checked'].includes(lookup.outcome);
  const open = connects.some(({ outcome }) => outcome === 'not_checked' || outcome === 'connected');
  return lookupFailed || (connects.length > 0 && !open) ? 'NOT REACHED' : 'NOT CHECKED';
}

function httpWords({ outcome, status, redirect }: HttpReport): string {
  if (outcome !== 'answered') return `HTTP ${outcome}`;
  const where = redirect === undefined ? '' : ` → ${redirect.host}:${redirect.port}`;
  return `HTTP ${status ?? 'answered'}${where}`;
}

function targetLine(answered: ProbedTarget): string {
  const { role, host, port, lookup, connects, tls, http, proxy, because } = answered;
  const outcomes = connects.slice(0, 4).map(({ address, outcome }) => `${address} ${outcome}`);
  const why = because === undefined ? '' : ` [${because}]`;
  const steps = [
    `lookup ${lookup.outcome}`,
    ...outcomes,
    `TLS ${tls.outcome}${tls.smallSegments === undefined ? '' : ` (small segments: ${tls.smallSegments})`}`,
    ...(http === undefined ? [] : [httpWords(http)]),
    ...(proxy === undefined ? [] : [`proxy ${proxy.outcome}${proxy.status === undefined ? '' : ` (${proxy.status})`}`]),
  ].join(', ');
  return oneLine(`${reachWords(answered)}: ${host}:${port} (${role})${why}: ${steps}`);
}
