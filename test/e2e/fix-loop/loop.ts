/** One scenario's way around: measured, diagnosed, changed in Git, delivered, measured again, asked again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestClient, ToolAnswer } from '../support/client.ts';
import { eventually, podLog, type TestCluster } from '../support/cluster.ts';
import { createRepo, type PolicyRepo } from '../support/git.ts';
import { appliedFolder, deliver, folderOf } from './deliver.ts';
import { type Reach, reachOf, short } from './measure.ts';
import { pooled } from './pooled.ts';
import { askedBy, placeOf, type Scenario } from './scenario.ts';
import { podOf } from './stage.ts';

const run = promisify(execFile);

/** Probes and lookups of so many scenarios at a time. */
const AT_A_TIME = 5;

export interface Trip {
  readonly scenario: Scenario;
  readonly before: Reach;
  readonly diagnosis: ToolAnswer;
  /** Why the change did not get into the repository. */
  readonly refusal?: string;
  readonly after: Reach;
  readonly again: ToolAnswer;
  /** From the delivery to the packet that got through. */
  readonly seconds: number;
}

export interface Bench {
  readonly cluster: TestCluster;
  readonly client: TestClient;
}

export async function roundTrips(bench: Bench, scenarios: readonly Scenario[]): Promise<Trip[]> {
  const { cluster } = bench;
  const repo = createRepo(Object.fromEntries(scenarios.flatMap(filesOf)));
  try {
    await deliver(cluster, repo, scenarios);
    await pooled(AT_A_TIME, scenarios, (one) => untilBlocked(cluster, one));
    const before = await pooled(AT_A_TIME, scenarios, (one) => reachOf(cluster, one));
    const diagnoses = await pooled(AT_A_TIME, scenarios, (one) => diagnose(bench, repo, one));
    const refusals: (string | undefined)[] = [];
    // One after the other: they share the repository.
    for (const [at, one] of scenarios.entries()) refusals.push(await change(bench, repo, one, diagnoses[at]));
    const started = Date.now();
    await deliver(cluster, repo, scenarios);
    const times = await pooled(AT_A_TIME, scenarios, (one) => untilOpen(cluster, one, started));
    const after = await pooled(AT_A_TIME, scenarios, (one) => reachOf(cluster, one));
    const again = await pooled(AT_A_TIME, scenarios, (one) => diagnose(bench, repo, one));
    return scenarios.map((scenario, at) => ({
      scenario,
      before: before[at] as Reach,
      diagnosis: diagnoses[at] as ToolAnswer,
      ...(refusals[at] === undefined ? {} : { refusal: refusals[at] }),
      after: after[at] as Reach,
      again: again[at] as ToolAnswer,
      seconds: times[at] as number,
    }));
  } finally {
    repo.remove();
  }
}

function filesOf(scenario: Scenario): [string, string][] {
  const files = Object.entries(scenario.files(placeOf(scenario)));
  return files.map(([file, text]) => [`${folderOf(scenario)}/${file}`, text]);
}

/** Policies take a moment to get from the API server into the datapath; an application needs one to run into them. */
async function untilBlocked(cluster: TestCluster, scenario: Scenario): Promise<void> {
  const asked = askedOf(scenario);
  if (scenario.application === undefined) {
    await eventually(`${scenario.name}: it is blocked`, 30_000, async () =>
      (await reachOf(cluster, scenario)).has(`caller ${asked}`) ? undefined : true,
    );
    return;
  }
  const pod = await podOf(cluster, scenario, 'caller');
  await eventually(`${scenario.name}: the application has logged its failure`, 60_000, async () =>
    (await podLog(cluster, pod)).includes(`HTTPSConnectionPool(host='${placeOf(scenario).files}'`) ? true : undefined,
  );
}

/** As measured. What the application fails on is the second hop, whoever is asked about. */
export function askedOf(scenario: Scenario): string {
  const at = placeOf(scenario);
  const { host, port } = scenario.application === undefined ? askedBy(scenario, at) : { host: at.files, port: 443 };
  return `${short(at, host)}:${port}`;
}

/** Seconds; those of a scenario that stays blocked are all that were waited. */
async function untilOpen(cluster: TestCluster, scenario: Scenario, started: number): Promise<number> {
  await eventually(scenario.name, 25_000, async () =>
    (await reachOf(cluster, scenario)).has(`caller ${askedOf(scenario)}`) ? true : undefined,
  ).catch(() => undefined);
  return (Date.now() - started) / 1000;
}

function targetOf(scenario: Scenario): string {
  const { host, port } = askedBy(scenario, placeOf(scenario));
  return `${host}:${port}`;
}

function workloadOf({ application }: Scenario): string {
  return application === undefined ? 'pod/caller' : 'deploy/checkout';
}

function diagnose({ client }: Bench, repo: PolicyRepo, scenario: Scenario): Promise<ToolAnswer> {
  return client.call('diagnoseEgress', {
    namespace: placeOf(scenario).namespace,
    workload: workloadOf(scenario),
    target: targetOf(scenario),
    repository: { repository: repo.dir, path: appliedFolder(scenario) },
  });
}

async function change(
  { cluster }: Bench,
  repo: PolicyRepo,
  scenario: Scenario,
  diagnosis: ToolAnswer | undefined,
): Promise<string | undefined> {
  try {
    if (scenario.by === undefined) repo.apply(diagnosis?.structured.fix.diff);
    else await changeByCommand(cluster, repo, scenario);
    return undefined;
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error);
  }
}

async function changeByCommand(cluster: TestCluster, repo: PolicyRepo, scenario: Scenario): Promise<void> {
  const how = scenario.by === 'branch' ? ['--branch', `fix-${scenario.name}`] : ['--write'];
  await run(process.execPath, [
    ...['dist/main.js', 'fix', '--kubeconfig', cluster.kubeconfig, '-n', placeOf(scenario).namespace],
    ...[workloadOf(scenario), targetOf(scenario), '--repo', repo.dir, '--repo-path', appliedFolder(scenario), ...how],
  ]);
  const git = (...args: readonly string[]): Promise<unknown> =>
    run('git', ['-C', repo.dir, '-c', 'user.name=e2e', '-c', 'user.email=e2e@example.invalid', ...args]);
  if (scenario.by === 'branch') return void (await git('merge', '-q', `fix-${scenario.name}`));
  await git('add', '-A');
  await git('commit', '-q', '-m', `fix ${scenario.name}`);
}
