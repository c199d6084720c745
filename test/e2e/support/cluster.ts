/** The cluster under test as the end-to-end suite uses it: any cluster that a kubeconfig names, by default the lab's. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import * as k8s from '@kubernetes/client-node';
import { loadAll } from 'js-yaml';

const run = promisify(execFile);

export interface TestCluster {
  readonly kubeconfig: string;
  readonly config: k8s.KubeConfig;
}

/** E2E_KUBECONFIG names another cluster (it needs the lab's internet names); otherwise the running lab says where its own is. */
export async function openCluster(): Promise<TestCluster> {
  const kubeconfig = process.env['E2E_KUBECONFIG'] ?? (await labKubeconfig());
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  return { kubeconfig, config };
}

async function labKubeconfig(): Promise<string> {
  const { stdout } = await run(process.execPath, ['test/lab/main.ts', 'status', '--json']);
  const status = JSON.parse(stdout) as { up: boolean; kubeconfig: string };
  if (!status.up) throw new Error('the lab is down: npm run lab up');
  return status.kubeconfig;
}

export async function applyFile(
  cluster: TestCluster,
  file: string,
  replace: Readonly<Record<string, string>> = {},
): Promise<void> {
  await applyYaml(cluster, await readFile(file, 'utf8'), replace);
}

/** Server-side apply of every document; `replace` fills placeholders such as NAMESPACE. */
export async function applyYaml(
  cluster: TestCluster,
  yaml: string,
  replace: Readonly<Record<string, string>> = {},
): Promise<void> {
  let text = yaml;
  for (const [from, to] of Object.entries(replace)) text = text.replaceAll(from, to);
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  for (const document of loadAll(text)) {
    if (document === null || document === undefined) continue;
    await api.patch(document, undefined, undefined, 'egress-e2e', true, k8s.PatchStrategy.ServerSideApply);
  }
}

export async function deleteNamespace(cluster: TestCluster, name: string): Promise<void> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await core.deleteNamespace({ name, gracePeriodSeconds: 0 }).catch(() => undefined);
  await eventually(`namespace ${name} is gone`, 60_000, async () => {
    const gone = await core.readNamespace({ name }).then(
      () => false,
      () => true,
    );
    return gone ? true : undefined;
  });
}

export async function waitReady(cluster: TestCluster, namespace: string, selector: string): Promise<string> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  return eventually(`pod ${selector} in ${namespace} is ready`, 90_000, async () => {
    const pods = await core.listNamespacedPod({ namespace, labelSelector: selector });
    return pods.items.find(isReady)?.metadata?.name;
  });
}

const isReady = (pod: k8s.V1Pod): boolean =>
  pod.metadata?.deletionTimestamp === undefined &&
  (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

/** Repeats until a value comes; the error names what was awaited. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export async function podLog(cluster: TestCluster, pod: { namespace: string; name: string }): Promise<string> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  return core.readNamespacedPodLog({ ...pod, tailLines: 2000 });
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | undefined;
}

/** Runs argv in a pod; the suite's own hands, apart from the product's probe. */
export async function execIn(
  cluster: TestCluster,
  pod: { namespace: string; name: string; container?: string },
  argv: string[],
): Promise<Ran> {
  const out = sink();
  const err = sink();
  const status = await new Promise<k8s.V1Status>((resolve, reject) => {
    new k8s.Exec(cluster.config)
      .exec(pod.namespace, pod.name, pod.container ?? '', argv, out.stream, err.stream, null, false, resolve)
      .catch(reject);
  });
  const code =
    status.status === 'Success'
      ? 0
      : Number(status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message);
  return { stdout: out.text(), stderr: err.text(), code: Number.isNaN(code) ? undefined : code };
}

function sink() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

const CONNECT = `
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3]))
s.close()
`;

/** True when a TCP connection from the pod (python image) opens; the suite's yardstick for real packets. */
export async function connects(
  cluster: TestCluster,
  pod: { namespace: string; name: string },
  host: string,
  port = 443,
  seconds = 2,
): Promise<boolean> {
  const ran = await execIn(cluster, pod, ['python3', '-c', CONNECT, host, String(port), String(seconds)]);
  return ran.code === 0;
}
