/** The figures of a run, and every disagreement in full. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import type { Comparison, Trial } from './trial.ts';

/** Lines such as `sets 40, probes 720, agree 702, unknown 18 (dns_not_proxied 18), disagree 0`. */
export function figures(trials: readonly Trial[]): string {
  const all = trials.flatMap(({ comparisons }) => comparisons);
  const unknown = all.filter(({ verdict }) => verdict === 'unknown');
  const shared = all.filter(({ prediction }) => prediction.sharedWith !== undefined).length;
  return [
    `sets ${trials.length}, probes ${all.length}, agree ${counted(all, 'agree')} (${shared} by a shared address)`,
    `unknown ${unknown.length} ${tally(unknown.map(({ prediction }) => prediction.reason))}`,
    `disagree ${counted(all, 'disagree')}`,
    `seen ${tally(all.map(({ seen, prediction }) => `${prediction.stage} ${seen}`))}`,
  ].join('; ');
}

function counted(all: readonly Comparison[], verdict: Comparison['verdict']): number {
  return all.filter((one) => one.verdict === verdict).length;
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return `(${[...counts]
    .map(([word, count]) => `${word} ${count}`)
    .toSorted()
    .join(', ')})`;
}

/** Each with its policies; what the agent knew is long and goes into a file that is named. */
export function disagreements(trials: readonly Trial[]): string[] {
  return trials.flatMap(({ set, comparisons, evidence }) => {
    const wrong = comparisons.filter(({ verdict }) => verdict === 'disagree');
    if (wrong.length === 0) return [];
    const file = join(tmpdir(), `policy-packets-set-${set.index}.txt`);
    const policies = set.manifests.map((manifest) => dump(manifest, { noRefs: true, flowLevel: 5 })).join('---\n');
    const text = [`set ${set.index} (the agent's state is in ${file}):`, ...wrong.map(inWords), policies].join('\n');
    writeFileSync(file, `${text}\n${evidence ?? ''}`);
    return [text];
  });
}

function inWords({ prediction, seen, detail }: Comparison): string {
  const { question, outcome, reason, explanation, target } = prediction;
  const where = `${target.host ?? ''} ${target.address}:${target.port}/${target.protocol}`;
  return `- ${question} (${where.trim()}): engine says ${outcome} (${reason}: ${explanation}); packets say ${seen} (${detail})`;
}
