/** One scenario's way around: measured, diagnosed, changed in Git, delivered, measured again, asked again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestClient, ToolAnswer } from '../support/client.ts';
import { eventually, podLog, type TestCluster } from '../support/cluster.ts';
import type { LabRepo } from '../support/lab-git.ts';
import { appliedFolder, deliver, openRepository } from './deliver.ts';
import { isOpen, type Reach, reachOf } from './measure.ts';
import { pooled } from './pooled.ts';
import { askedBy, placeOf, type Scenario } from './scenario.ts';
import { podOf } from './stage.ts';

const run = promisify(execFile);

/** Probes and lookups of so many scenarios at a time. */
const AT_A_TIME = 6;

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
  const each = <R>(work: (scenario: Scenario) => Promise<R>): Promise<R[]> => pooled(AT_A_TIME, scenarios, work);
  const repo = await timed('staged', openRepository(cluster, scenarios));
  try {
    await timed(
      'blocked',
      each((one) => untilBlocked(cluster, one)),
    );
    const before = await timed(
      'measured',
      each((one) => reachOf(cluster, one)),
    );
    const diagnoses = await timed(
      'diagnosed',
      each((one) => decided(bench, repo, one)),
    );
    const refusals: (string | undefined)[] = [];
    // One after the other: they share the repository.
    for (const [at, one] of scenarios.entries()) refusals.push(await change(bench, repo, one, diagnoses[at]));
    const started = Date.now();
    await timed('delivered', deliver(cluster, repo.commit({}), scenarios));
    const times = await timed(
      'open',
      each((one) => untilOpen(cluster, one, started)),
    );
    const after = await timed(
      'measured again',
      each((one) => reachOf(cluster, one)),
    );
    const again = await timed(
      'asked again',
      each((one) => decided(bench, repo, one)),
    );
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

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const done = await work;
  process.stdout.write(`fix loop: ${what} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return done;
}

/** Policies take a moment to get from the API server into the datapath; an application needs one to run into them. */
async function untilBlocked(cluster: TestCluster, scenario: Scenario): Promise<void> {
  if (scenario.application === undefined) {
    await eventually(`${scenario.name}: it is blocked`, 90_000, async () =>
      (await isOpen(cluster, scenario)) ? undefined : true,
    );
    return;
  }
  const pod = await podOf(cluster, scenario, 'caller');
  await eventually(`${scenario.name}: the application has logged its failure`, 60_000, async () =>
    (await podLog(cluster, pod)).includes(`HTTPSConnectionPool(host='${placeOf(scenario).files}'`) ? true : undefined,
  );
}

/** Seconds; those of a scenario that stays blocked are all that were waited. */
async function untilOpen(cluster: TestCluster, scenario: Scenario, started: number): Promise<number> {
  if (scenario.expects.noFix !== undefined) return 0;
  await eventually(scenario.name, 60_000, async () => ((await isOpen(cluster, scenario)) ? true : undefined)).catch(
    () => undefined,
  );
  return (Date.now() - started) / 1000;
}

function targetOf(scenario: Scenario): string {
  const { host, port } = askedBy(scenario, placeOf(scenario));
  return `${host}:${port}`;
}

function workloadOf({ application }: Scenario): string {
  return application === undefined ? 'pod/caller' : 'deploy/checkout';
}

function diagnose({ client }: Bench, repo: LabRepo, scenario: Scenario): Promise<ToolAnswer> {
  return client.call('diagnoseEgress', {
    namespace: placeOf(scenario).namespace,
    workload: workloadOf(scenario),
    target: targetOf(scenario),
    repository: { repository: repo.url, path: appliedFolder(scenario) },
  });
}

/** What a starved machine leaves open is asked once more; an accusation never is. */
async function decided(bench: Bench, repo: LabRepo, scenario: Scenario): Promise<ToolAnswer> {
  const answer = await diagnose(bench, repo, scenario);
  return answer.structured.verdict === 'undetermined' ? diagnose(bench, repo, scenario) : answer;
}

async function change(
  { cluster }: Bench,
  repo: LabRepo,
  scenario: Scenario,
  diagnosis: ToolAnswer | undefined,
): Promise<string | undefined> {
  try {
    if (scenario.expects.noFix !== undefined) return undefined;
    if (scenario.by === undefined) repo.apply(diagnosis?.structured.fix.diff);
    else await changeByCommand(cluster, repo, scenario);
    return undefined;
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error);
  }
}

async function changeByCommand(cluster: TestCluster, repo: LabRepo, scenario: Scenario): Promise<void> {
  const how = scenario.by === 'branch' ? ['--write', '--branch', `fix-${scenario.name}`] : ['--write'];
  const about = ['-n', placeOf(scenario).namespace, workloadOf(scenario), targetOf(scenario)];
  const where = ['--kubeconfig', cluster.kubeconfig, '--repo', repo.dir, '--repo-path', appliedFolder(scenario)];
  await run(process.execPath, ['dist/main.js', 'fix', ...about, ...where, ...how]);
  if (scenario.by === 'branch') await run('git', ['-C', repo.dir, 'merge', '-q', `fix-${scenario.name}`]);
  repo.commit({});
}
