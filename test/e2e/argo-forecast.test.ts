/**
 * What is foretold of policies that Argo CD syncs, against what its application controller then does to them. Every case is an Application
 * of its own. The projects' sync windows hold syncs back until all questions are answered, so that each is asked before anything happens.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDrift } from '../../src/core/model/drift.ts';
import type { SyncForecast } from '../../src/core/model/sync.ts';
import { anchor, type Case, type Expected, named } from './argo-forecast/case.ts';
import { existenceCases, labelCases } from './argo-forecast/existence-cases.ts';
import { gitCases } from './argo-forecast/git-cases.ts';
import { compare, type Look, look, type Result, seenAt, verdictOf, writeTable } from './argo-forecast/judge.ts';
import { liveCases } from './argo-forecast/live-cases.ts';
import { createRepository, MACHINE_URL, removeRepository } from './argo-forecast/repository.ts';
import {
  ASKER,
  change,
  clear,
  commitTo,
  letGo,
  raise,
  release,
  type Staged,
  setWindows,
} from './argo-forecast/stage.ts';
import { ARGO, mergePatch, refresh, startArgo, stopArgo } from './support/argocd.ts';
import { startClient, type TestClient } from './support/client.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';

/** Names of the cases to run; all where nothing is said. */
const ASKED = new RegExp(process.env['K8S_EGRESS_ARGO_CASES'] ?? '');
const byAnnotation = [...liveCases, ...existenceCases, ...gitCases].filter(({ name }) => ASKED.test(name));
const byLabel = labelCases.filter(({ name }) => ASKED.test(name));
const results = new Map<string, Result>();
let cluster: TestCluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await openCluster();
  createRepository();
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  await startArgo(cluster);
}, 300_000);

afterAll(async () => {
  await client?.close();
  if (cluster === undefined || process.env['K8S_EGRESS_ARGO_KEEP'] !== undefined) return;
  await clear(cluster);
  await stopArgo(cluster);
  removeRepository();
}, 180_000);

const keyOf = (one: Case, expected: Expected): string => `${one.name} ${expected.policy ?? ''}`;

async function ask({ one, place }: Staged): Promise<Answer> {
  const { structured, isError, text } = await client.call('diffGitPolicies', {
    namespace: place.namespace,
    workload: ASKER,
    repository: { repository: MACHINE_URL, ref: one.name, path: one.path ?? 'policies' },
  });
  if (isError) throw new Error(`${one.name}: ${text}`);
  return structured;
}

interface Answer {
  readonly policies: readonly PolicyDrift[];
  readonly findings: readonly { readonly id: string; readonly notChecked?: { readonly reason: string } }[];
}

/** A folder that cannot be compared leaves everything in it not checked. */
function forecastIn({ policies, findings }: Answer, name: string): SyncForecast | undefined {
  const unread = findings.find(({ id }) => id === 'git-drift')?.notChecked;
  if (unread !== undefined && policies.length === 0) return { outcome: 'not_checked', because: unread.reason };
  return policies.find(({ policy }) => policy.name === name)?.forecast;
}

interface Asked {
  readonly staged: Staged;
  readonly expected: Expected;
  readonly policy: ReturnType<typeof named>;
  readonly forecast: SyncForecast | undefined;
  readonly before: Look;
}

/** A few at a time: each answer waits for the API server more than it computes. */
const AT_ONCE = 4;

async function askAll(all: readonly Staged[]): Promise<readonly Asked[]> {
  const waiting = [...all];
  const asked: Asked[] = [];
  const worker = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) asked.push(...(await asksOf(one)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return asked.toSorted((a, b) => all.indexOf(a.staged) - all.indexOf(b.staged));
}

async function asksOf(staged: Staged): Promise<readonly Asked[]> {
  const answer = await ask(staged);
  return Promise.all(
    staged.one.expect.map(async (expected) => {
      const name = expected.policy ?? staged.one.name;
      const policy = named(staged.one.kind ?? 'CiliumNetworkPolicy', { ...staged.place, name });
      const forecast = forecastIn(answer, name);
      return { staged, expected, policy, forecast, before: await look(cluster, policy) };
    }),
  );
}

/** Runs all cases at once; what a case shows is left in `results`. */
async function run(cases: readonly Case[]): Promise<void> {
  const began = Date.now();
  const times: string[] = [];
  const done = (what: string): number => times.push(`${what} ${Math.round((Date.now() - began) / 1000)} s`);
  const staged = await raise(cluster, cases);
  done('raised');
  const awake = staged.filter(({ one }) => !one.frozen && !one.isDeletedItself);
  const names = awake.flatMap(({ one }) => [one.name, ...(one.others ?? [])]);
  await Promise.all(staged.map((one) => change(cluster, one)));
  // Times in objects are whole seconds: a look in the second of a change may have been before it.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await refresh(
    cluster,
    awake.filter(({ one }) => !one.unseen).flatMap(({ one }) => [one.name, ...(one.others ?? [])]),
  );
  done('changed');
  const asked = await askAll(staged);
  done('asked');
  await release(cluster);
  await Promise.all(staged.filter(({ one }) => one.isDeletedItself).map((one) => letGo(cluster, one)));
  await refresh(cluster, names);
  const first = await Promise.all(asked.map(async (one) => seen(one, await look(cluster, one.policy))));
  done('seen');
  await setWindows(cluster, 'open');
  const again = awake.filter(({ one }) => one.expect.some(({ later }) => later !== undefined));
  for (const { one, place, files } of again)
    commitTo(one.name, { ...files(), ...(one.elsewhere ? { 'README.md': 'more\n' } : anchor(place, '2')) });
  await refresh(
    cluster,
    again.map(({ one }) => one.name),
  );
  for (const [at, one] of asked.entries()) {
    const after = one.expected.later === undefined ? undefined : seen(one, await look(cluster, one.policy));
    record(one, first[at] ?? 'unchanged', after);
  }
  done('seen again');
  process.stdout.write(`argo forecast, ${cases.length} Applications: ${times.join(', ')}\n`);
}

function seen({ before, policy, staged }: Asked, after: Look): Result['seen'] {
  return compare(before, after, policy, staged.files());
}

function record(
  { staged: { one }, expected, policy, forecast }: Asked,
  atFirst: Result['seen'],
  later?: Result['seen'],
): void {
  results.set(keyOf(one, expected), {
    title: one.title,
    policy: policy.metadata.name,
    expected,
    forecast,
    seen: atFirst,
    ...(later === undefined ? {} : { later }),
  });
}

const rowsOf = (cases: readonly Case[]) =>
  cases.flatMap((one) =>
    one.expect.map(
      (expected) =>
        [`${one.title}${expected.policy === undefined ? '' : `: ${expected.policy}`}`, one, expected] as const,
    ),
  );

/** Foretold, seen, seen after one more commit, and whether that fits together. */
function told(one: Case, expected: Expected): object {
  const result = results.get(keyOf(one, expected));
  if (result === undefined) throw new Error('the case was not run');
  const { forecast, seen: atFirst, later } = result;
  const { outcome = 'silent', because = '' } = forecast ?? {};
  return { outcome, because, seen: atFirst, later, verdict: verdictOf(result) };
}

const wanted = (expected: Expected): object => ({
  outcome: expected.outcome,
  because: expect.any(String),
  seen: seenAt(expected),
  later: expected.later,
  verdict: expected.outcome === 'not_checked' ? 'not told' : 'right',
});

describe('tracked by annotation', () => {
  beforeAll(() => run(byAnnotation), 900_000);
  it.each(rowsOf(byAnnotation))('%s', (_title, one, expected) => expect(told(one, expected)).toEqual(wanted(expected)));
});

describe('tracked by label', () => {
  const method = async (value: string | null): Promise<void> => {
    const data = { 'application.resourceTrackingMethod': value };
    await mergePatch(
      cluster,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: ARGO }, data },
      'e2e',
    );
  };
  beforeAll(async () => {
    await method('label');
    await run(byLabel);
  }, 600_000);
  afterAll(async () => {
    await method(null);
  });
  it.each(rowsOf(byLabel))('%s', (_title, one, expected) => expect(told(one, expected)).toEqual(wanted(expected)));
});

describe('the whole', () => {
  it('every prediction is right, and what is not told has its reason', () => {
    process.stdout.write(`\nargo forecast\n${writeTable([...results.values()])}`);
    const all = [...results.values()].map((one) => ({ one, verdict: verdictOf(one) }));
    expect(all.filter(({ verdict }) => verdict === 'wrong').map(({ one }) => one.title)).toEqual([]);
    expect(all.filter(({ verdict, one }) => verdict === 'not told' && one.expected.why === undefined)).toEqual([]);
    expect(all.length).toBeGreaterThanOrEqual(rowsOf([...byAnnotation, ...byLabel]).length);
  });
});
