/**
 * What is foretold of policies that Flux applies, against what its controllers then do to them. Every case is a repository and a Kustomization
 * of its own, whose intervals are an hour: nothing happens between a question and the reconciliation that the suite asks for.
 */
import { delimiter } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDrift } from '../../src/core/model/drift.ts';
import { paths } from '../lab/paths.ts';
import { pooled } from './fix-loop/pooled.ts';
import { buildCases } from './flux-forecast/build-cases.ts';
import { type Case, type Expected, policyText } from './flux-forecast/case.ts';
import { gitCases } from './flux-forecast/git-cases.ts';
import {
  compare,
  type Look,
  look,
  type Result,
  seenAt,
  specsIn,
  verdictOf,
  writeTable,
} from './flux-forecast/judge.ts';
import { liveCases } from './flux-forecast/live-cases.ts';
import { ASKER, change, LANES, leave, policiesOf, raise, reconcileAll, type Staged } from './flux-forecast/stage.ts';
import { startClient, type TestClient } from './support/client.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';

const cases: readonly Case[] = [...liveCases, ...gitCases, ...buildCases];
const results = new Map<string, Result>();
let cluster: TestCluster;
let client: TestClient;
let staged: readonly Staged[] = [];

const keyOf = (one: Case, { policy = one.name }: Expected): string => `${one.name} ${policy}`;

beforeAll(async () => {
  cluster = await openCluster();
  // Overlays are built by the lab's kubectl.
  process.env['PATH'] = [paths.cluster, process.env['PATH']].join(delimiter);
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  staged = await timed('raised', () => raise(cluster, cases));
  await timed('changed', () => pooled(LANES, staged, (one) => change(cluster, one)));
  const asked = await timed('asked', () => pooled(4, staged, ask));
  const before = await Promise.all(staged.map(looks));
  await timed('reconciled', () => reconcileAll(cluster, staged));
  const after = await Promise.all(staged.map(looks));
  for (const [at, one] of staged.entries()) record(one, asked[at] ?? [], before[at] ?? [], after[at] ?? []);
}, 900_000);

afterAll(async () => {
  await client?.close();
  for (const { repo } of staged) repo.remove();
  if (cluster !== undefined && process.env['K8S_EGRESS_FLUX_KEEP'] === undefined) await leave(cluster);
}, 180_000);

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  process.stdout.write(`flux forecast: ${what} in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  return result;
}

async function ask({ one, place, repo, firstCommit }: Staged): Promise<readonly PolicyDrift[]> {
  const path = one.path ?? 'policies';
  const ref = one.atFirstCommit ? firstCommit : 'main';
  const { structured, isError, text } = await client.call('diffGitPolicies', {
    namespace: place.namespace,
    workload: ASKER,
    repository: { repository: repo.url, ref, ...(path === '' ? {} : { path }) },
  });
  // An answer that lacks a part would make of every policy one that it does not name.
  if (isError || structured.commit === undefined || structured.leftOut?.policies !== undefined)
    throw new Error(`${one.name}: ${text}`);
  return structured.policies;
}

const looks = (one: Staged): Promise<Look[]> => Promise.all(policiesOf(one).map((policy) => look(cluster, policy)));

function record(
  { one, applied, repo }: Staged,
  drifts: readonly PolicyDrift[],
  before: readonly Look[],
  after: readonly Look[],
): void {
  for (const [at, expected] of one.expect.entries()) {
    const policy = expected.policy ?? one.name;
    const replaced = expected.names && JSON.parse(policyText({ name: policy, names: expected.names })).spec;
    const wanted = [...applied, ...specsIn(repo.dir, policy), ...(replaced ? [replaced] : [])];
    results.set(keyOf(one, expected), {
      title: one.title,
      policy,
      expected,
      forecast: drifts.find((drift) => drift.policy.name === policy)?.forecast,
      seen: compare(before[at] ?? {}, after[at] ?? {}, wanted),
    });
  }
}

const rows = cases.flatMap((one) =>
  one.expect.map(
    (expected) =>
      [`${one.title}${expected.policy === undefined ? '' : `: ${expected.policy}`}`, one, expected] as const,
  ),
);

describe('foretold and seen', () => {
  it.each(rows)('%s', (_title, one, expected) => {
    const result = results.get(keyOf(one, expected));
    if (result === undefined) throw new Error('the case was not run');
    const { forecast, seen } = result;
    expect([forecast?.outcome ?? 'silent', forecast?.because ?? '']).toEqual([
      expected.outcome,
      expect.stringMatching(expected.says ?? /^/),
    ]);
    if (seenAt(expected).length > 0) expect(seenAt(expected)).toContain(seen);
    expect(verdictOf(result), JSON.stringify(forecast)).toBe(expected.outcome === 'not_checked' ? 'not told' : 'right');
  });
});

describe('the whole', () => {
  it('every prediction is right, and what is not told has its reason', () => {
    process.stdout.write(`\nflux forecast\n${writeTable([...results.values()])}`);
    const all = [...results.values()].map((one) => ({ one, verdict: verdictOf(one) }));
    expect(all.filter(({ verdict }) => verdict === 'wrong').map(({ one }) => one.title)).toEqual([]);
    expect(all.filter(({ verdict, one }) => verdict === 'not told' && one.expected.why === undefined)).toEqual([]);
    expect(all.length).toBe(rows.length);
  });
});
