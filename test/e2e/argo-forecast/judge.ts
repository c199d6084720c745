/** What was foretold against what was seen, and the table of both. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as k8s from '@kubernetes/client-node';
import type { SyncForecast } from '../../../src/core/model/sync.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Expected, named, Seen } from './case.ts';
import type { Files } from './repository.ts';

export interface Look {
  readonly uid?: string | undefined;
  readonly spec?: unknown;
}

export interface Result {
  readonly title: string;
  readonly policy: string;
  readonly expected: Expected;
  readonly forecast: SyncForecast | undefined;
  /** After the sync. */
  readonly seen: Seen;
  /** After one more commit. */
  readonly later?: Seen;
}

export async function look(cluster: TestCluster, policy: ReturnType<typeof named>): Promise<Look> {
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  try {
    const { metadata, spec } = await api.read<k8s.KubernetesObject & { spec?: unknown }>(policy);
    return { uid: metadata?.uid, spec };
  } catch {
    return {};
  }
}

export function compare(before: Look, after: Look, policy: ReturnType<typeof named>, files: Files): Seen {
  if (after.uid === undefined) return before.uid === undefined ? 'unchanged' : 'deleted';
  if (before.uid === undefined) return 'created';
  if (after.uid === before.uid && isDeepStrictEqual(after.spec, before.spec)) return 'unchanged';
  return isDeepStrictEqual(after.spec, specIn(policy, files)) ? 'as in Git' : 'changed otherwise';
}

function specIn(policy: ReturnType<typeof named>, files: Files): unknown {
  const documents = Object.values(files).flatMap((text) => (text.startsWith('{') ? [JSON.parse(text)] : []));
  return documents.find(({ kind, metadata }) => kind === policy.kind && metadata.name === policy.metadata.name)?.spec;
}

const OUTCOMES: Readonly<Record<SyncForecast['outcome'], Seen | undefined>> = {
  reverted: 'as in Git',
  pruned: 'deleted',
  created: 'created',
  kept: 'unchanged',
  not_tracked: 'unchanged',
  not_checked: undefined,
};

/** What the case expects to be seen at first: a change that only a later sync brings is none yet. */
export function seenAt({ outcome, seen, later }: Expected): Seen | undefined {
  if (seen !== undefined) return seen;
  if (outcome === 'silent') return 'unchanged';
  const told = OUTCOMES[outcome];
  return later !== undefined && told === later ? 'unchanged' : told;
}

export type Verdict = 'right' | 'wrong' | 'not told';

/** Of the prediction alone, against what was seen, whatever the case expects. */
export function verdictOf({ forecast, seen, later }: Result): Verdict {
  if (forecast === undefined) return seen === 'unchanged' ? 'right' : 'wrong';
  const told = OUTCOMES[forecast.outcome];
  if (told === undefined) return 'not told';
  if (seen === told || (told === 'as in Git' && seen === 'changed otherwise')) return 'right';
  return seen === 'unchanged' && later === told ? 'right' : 'wrong';
}

export function writeTable(results: readonly Result[]): string {
  const rows = results.map((one) => {
    const { title, policy, forecast, seen, later, expected } = one;
    const told =
      forecast === undefined ? '-' : `${forecast.outcome}${forecast.when === undefined ? '' : `: ${forecast.when}`}`;
    const verdict = verdictOf(one);
    const why = verdict === 'not told' ? ` (${expected.why ?? 'no reason'})` : '';
    return [
      title,
      policy,
      told,
      later === undefined ? seen : `${seen}; after one more commit ${later}`,
      `${verdict}${why}`,
    ];
  });
  const lines = [['case', 'policy', 'foretold', 'seen', ''], ['---', '---', '---', '---', '---'], ...rows];
  const text = `${lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;
  mkdirSync('.reports', { recursive: true });
  writeFileSync(join('.reports', 'argo-forecast.md'), text);
  return text;
}
