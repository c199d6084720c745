/** Puts the pods of all scenarios into the cluster: in each namespace the caller and a neighbour, and one stranger for all. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as k8s from '@kubernetes/client-node';
import { eventually, type TestCluster } from '../support/cluster.ts';
import { type PodName, placeOf, type Scenario } from './scenario.ts';

const run = promisify(execFile);

export const ELSEWHERE = 'loop-elsewhere';
const OWNER = { 'egress-e2e': 'fix-loop' };
const SELECTOR = 'egress-e2e=fix-loop';

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

/** Also what a run that was killed has left behind: the engine would still know the names that its pods looked up. */
export async function clear(cluster: TestCluster): Promise<void> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const { items } = await core.listNamespace({ labelSelector: SELECTOR });
  const names = items.flatMap(({ metadata }) => metadata?.name ?? []);
  await Promise.all(names.map((name) => core.deleteNamespace({ name }).catch(() => undefined)));
  await eventually('the namespaces of the scenarios are gone', 240_000, async () => {
    const left = await core.listNamespace({ labelSelector: SELECTOR });
    return left.items.length === 0 ? true : undefined;
  });
}

export async function raise(cluster: TestCluster, scenarios: readonly Scenario[]): Promise<void> {
  const spaces = [ELSEWHERE, ...scenarios.map((one) => placeOf(one).namespace)].map(namespace);
  await apply(cluster, spaces.join('---\n'));
  const objects = [sleeper(ELSEWHERE, 'stranger'), ...scenarios.flatMap(objectsOf)];
  await apply(cluster, objects.join('---\n'));
  const pods = 1 + scenarios.reduce((count, one) => count + podsOf(one), 0);
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await eventually(`${pods} pods of the scenarios are ready`, 240_000, async () => {
    const { items } = await core.listPodForAllNamespaces({ labelSelector: 'app' });
    const ready = items.filter((pod) => pod.metadata?.namespace?.startsWith('loop-') === true && isReady(pod));
    return ready.length >= pods ? true : undefined;
  });
}

function objectsOf(scenario: Scenario): readonly string[] {
  const at = placeOf(scenario);
  const caller = scenario.application?.(at) ?? sleeper(at.namespace, 'caller');
  return [caller, sleeper(at.namespace, 'neighbour'), ...(scenario.beside ? [scenario.beside(at)] : [])];
}

function podsOf({ beside }: Scenario): number {
  return beside === undefined ? 2 : 3;
}

const isReady = (pod: k8s.V1Pod): boolean =>
  (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

export async function podOf(cluster: TestCluster, scenario: Scenario, name: PodName): Promise<PodRef> {
  if (name === 'stranger') return { namespace: ELSEWHERE, name };
  const { namespace } = placeOf(scenario);
  if (name === 'neighbour' || scenario.application === undefined) return { namespace, name };
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=caller' });
  return { namespace, name: items[0]?.metadata?.name ?? '' };
}

export async function kubectl(cluster: TestCluster, args: readonly string[], input = ''): Promise<string> {
  const done = run(await kubectlPath(), ['--kubeconfig', cluster.kubeconfig, ...args], { maxBuffer: 16 * 1024 * 1024 });
  done.child.stdin?.end(input);
  return (await done).stdout;
}

let found: Promise<string> | undefined;

export function kubectlPath(): Promise<string> {
  found ??= run(process.execPath, ['test/lab/main.ts', 'status', '--json']).then(
    ({ stdout }) => (JSON.parse(stdout) as { kubectl: string }).kubectl,
  );
  return found;
}

async function apply(cluster: TestCluster, yaml: string): Promise<void> {
  await kubectl(cluster, ['apply', '--server-side', '--field-manager=egress-e2e', '-f', '-'], yaml);
}

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${JSON.stringify(OWNER)} }\n`;
}

function sleeper(inNamespace: string, name: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${inNamespace}, labels: { app: ${name} } }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: app, image: lab/python:1, imagePullPolicy: Never, command: [sleep, infinity] }]
`;
}
