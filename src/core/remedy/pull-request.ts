/** A proposed change as the text of a pull request: what fails, proof, change, what else it lets in, how to verify; made by the use cases. */

import { commitSubjects, historySentences } from '../drift/history-text.ts';
import type { PullRequest, Remedy, Subject } from '../model/diagnosis.ts';
import type { Finding } from '../model/evidence.ts';
import type { PolicyHistory } from '../model/git-history.ts';
import { clean } from '../text/clean.ts';

export interface PullRequestFacts {
  readonly remedy: Remedy;
  /** Where the change is made, as the answer names it. */
  readonly file: string;
  readonly subject: Subject;
  /** Already through the grammar of hosts. */
  readonly target: { readonly host: string; readonly port: number };
  /** One sentence a stage, from the evaluation. */
  readonly why: readonly string[];
  readonly findings: readonly Finding[];
  /** Of the file that is changed. */
  readonly history?: PolicyHistory;
}

const MAX_TITLE = 100;
const MAX_LINES = 8;
const MAX_LINE = 220;
const MAX_BLOCK = 460;

/**
 * The same facts give the same text: no time, no link, nothing that a forge turns into one (names stand in code, sentences that hold
 * names of the cluster in fences).
 */
export function pullRequestOf(facts: PullRequestFacts): PullRequest {
  const { remedy, subject, target, file } = facts;
  const who = `${subject.namespace}/${subject.pod}`;
  const where = `${target.host}:${target.port}`;
  const verb = remedy.consent === undefined ? 'Allow' : 'Except from a deny:';
  const place = `${remedy.policy.kind} ${remedy.policy.name}`;
  const sections = [
    `Pod ${code(who)}${subject.engine === undefined ? '' : ` (${code(subject.engine)})`} cannot reach ${code(where)}.`,
    fenced(facts.why),
    ...(remedy.consent === undefined ? [] : ['## Consent needed', fenced([remedy.consent])]),
    '## Proof',
    ...proof(facts),
    '## Change',
    `In ${code(file === '' ? place : file)}:`,
    fenced(remedy.summary.split('; then ')),
    ...earlier(facts.history),
    '## What else it lets in',
    remedy.alsoAllows.length === 0 ? 'Nothing else that was evaluated changes.' : fenced(remedy.alsoAllows),
    ...(remedy.warnings.length === 0 ? [] : ['## Mind', fenced(remedy.warnings)]),
    '## After the sync',
    ...verification(subject, where),
  ];
  return { title: clean(`${verb} ${where} in ${place}`, MAX_TITLE), body: `${sections.join('\n\n')}\n` };
}

/** What was seen to hold, by the ids that the answer gives it; the observer's own words, without what others wrote. */
function proof({ remedy, findings }: PullRequestFacts): readonly string[] {
  const confirmed = findings.filter(({ state, evidence }) => state === 'confirmed' && evidence.length > 0);
  const lines = confirmed.map(({ id, statement, evidence }) => {
    const sources = [...new Set(evidence.map(({ source }) => source))].join(', ');
    return `${id} (${sources}): ${statement} ${evidence[0]?.what ?? ''}`;
  });
  const evaluated = `The policies were evaluated before and after the change: ${code(remedy.before)}, then ${code(remedy.after)}.`;
  return lines.length === 0 ? [evaluated] : [fenced(lines), evaluated];
}

/** Whoever reviews it asks whether somebody took the rule out on purpose. Subjects are words of others, each behind its commit. */
function earlier(history: PolicyHistory | undefined): readonly string[] {
  const sentences = history === undefined ? [] : historySentences(history);
  if (history === undefined || sentences.length === 0) return [];
  return ['## History', fenced([...sentences, ...commitSubjects(history)])];
}

function verification({ namespace, pod }: Subject, where: string): readonly string[] {
  const ask = `k8s-egress-diagnose diagnose -n ${namespace} pod/${pod}`;
  return [
    `1. ${code(`${ask} ${where}`)} ends with exit code 0 (reachable).`,
    `2. ${code(`${ask} HOST`)} with a host that must stay blocked still ends with exit code 1.`,
    '3. If the application keeps old connections or addresses, restart it.',
  ];
}

/** A code span that its content cannot close. */
function code(text: string): string {
  const inner = line(text);
  const ticks = '`'.repeat(longestRun(inner) + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${inner}${pad}${ticks}`;
}

/** A code block that its content cannot close; cut by lines, never inside the fence. */
function fenced(texts: readonly string[]): string {
  const lines: string[] = [];
  for (const text of texts.map(line)) {
    const size = lines.join('\n').length + text.length;
    if (lines.length === MAX_LINES || size > MAX_BLOCK) break;
    lines.push(text);
  }
  const left = texts.length - lines.length;
  const body = [...lines, ...(left > 0 ? [`… ${left} more`] : [])].join('\n');
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${ticks}text\n${body}\n${ticks}`;
}

function line(text: string): string {
  return clean(text.replace(/\s+/g, ' ').trim(), MAX_LINE);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
