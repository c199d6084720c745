/** What was foretold against what was seen, and the table of both. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as k8s from '@kubernetes/client-node';
import type { SyncForecast } from '../../../src/core/model/sync.ts';
import type { TestCluster } from '../support/cluster.ts';
import { type Expected, metadataOf, type Outcome, type Place, type PolicyKind, type Seen, VERSIONS } from './case.ts';

export interface Look {
  readonly uid?: string;
  readonly isBeingDeleted?: boolean;
  readonly spec?: unknown;
}

export interface Result {
  readonly title: string;
  readonly policy: string;
  readonly expected: Expected;
  readonly forecast: SyncForecast | undefined;
  readonly seen: Seen;
}

type Policy = k8s.KubernetesObject & { readonly spec?: unknown };

export async function look(cluster: TestCluster, policy: Place): Promise<Look> {
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  for (const kind of Object.keys(VERSIONS) as PolicyKind[]) {
    const found = await api
      .read<Policy>({ apiVersion: VERSIONS[kind], kind, metadata: metadataOf(kind, policy) })
      .catch(absent);
    if (found === undefined) continue;
    const { uid, deletionTimestamp } = found.metadata ?? {};
    return { ...(uid && { uid }), isBeingDeleted: deletionTimestamp !== undefined, spec: found.spec };
  }
  return {};
}

function absent(error: unknown): undefined {
  if (error instanceof k8s.ApiException && error.code === 404) return undefined;
  throw error;
}

/** `wanted`: what Git makes of it, by itself or as it was applied before. */
export function compare(before: Look, after: Look, wanted: readonly unknown[]): Seen {
  if (after.uid === undefined) return before.uid === undefined ? 'unchanged' : 'deleted';
  if (before.uid === undefined) return 'created';
  if (after.isBeingDeleted && !before.isBeingDeleted) return 'being deleted';
  if (after.uid === before.uid && isDeepStrictEqual(after.spec, before.spec)) return 'unchanged';
  const asWanted = after.uid === before.uid && wanted.some((spec) => isDeepStrictEqual(after.spec, spec));
  return asWanted ? 'as in Git' : 'changed otherwise';
}

/** Of the files that are written as JSON, which are all that no overlay changes. */
export function specsIn(folder: string, policy: string): readonly unknown[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const texts = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n---\n'));
  const objects = texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text));
  return objects.flatMap(({ metadata, spec }) => (metadata.name === policy ? [spec] : []));
}

const OUTCOMES: Readonly<Record<Outcome | 'silent', readonly Seen[]>> = {
  reverted: ['as in Git'],
  pruned: ['deleted'],
  created: ['created'],
  kept: ['unchanged'],
  not_tracked: ['unchanged'],
  silent: ['unchanged'],
  not_checked: [],
};

export function seenAt({ outcome, seen }: Expected): readonly Seen[] {
  return seen === undefined ? OUTCOMES[outcome] : [seen];
}

export type Verdict = 'right' | 'wrong' | 'not told';

/** Of the prediction alone, against what was seen, whatever the case expects. */
export function verdictOf({ forecast, seen }: Result): Verdict {
  const told = forecast?.outcome ?? 'silent';
  if (told === 'not_checked') return 'not told';
  if (told === 'reverted' && seen === 'changed otherwise') return 'right';
  if (told === 'pruned' && seen === 'being deleted') return 'right';
  return OUTCOMES[told].includes(seen) ? 'right' : 'wrong';
}

export function writeTable(results: readonly Result[]): string {
  const rows = results.map((one) => {
    const { title, policy, forecast, seen, expected } = one;
    const when = forecast?.when === undefined ? '' : ` (${forecast.when})`;
    const verdict = verdictOf(one);
    const why = verdict === 'not told' ? `: ${expected.why ?? 'no reason'}` : '';
    return [title, policy, `${forecast?.outcome ?? '-'}${when}`, seen, `${verdict}${why}`];
  });
  const lines = [['case', 'policy', 'foretold', 'seen', ''], ['---', '---', '---', '---', '---'], ...rows];
  const text = `${lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;
  mkdirSync('.reports', { recursive: true });
  writeFileSync(join('.reports', 'flux-forecast.md'), text);
  return text;
}
