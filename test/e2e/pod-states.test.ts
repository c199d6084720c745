/** Pods in states that a real kubelet gives them: from which container each is probed, or why not, and what could be asked instead. */
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClient, type TestClient } from './support/client.ts';
import { applyYaml, deleteNamespace, eventually, openCluster, type TestCluster, waitReady } from './support/cluster.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'pod-states';
const ALLOWED = 'login.idp.example';
const SLEEP = '["sleep", "infinity"]';

interface Part {
  readonly name: string;
  readonly image?: string;
  readonly command?: string;
  readonly restartPolicy?: string;
}

const part = ({ name, image = 'lab/busybox:1', command = SLEEP, restartPolicy }: Part): string =>
  `{ name: ${name}, image: ${image}, imagePullPolicy: Never${image.includes('distroless') ? '' : `, command: ${command}`}${
    restartPolicy === undefined ? '' : `, restartPolicy: ${restartPolicy}`
  } }`;

const pod = (name: string, containers: readonly Part[], more = '', init: readonly Part[] = []): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${NS}, labels: { app: caller } }
spec:
  terminationGracePeriodSeconds: 0
  ${more}
  initContainers: [${init.map(part).join(', ')}]
  containers: [${containers.map(part).join(', ')}]
`;

const APP = { name: 'app' };
const CRASHING = { name: 'app', command: '["sh", "-c", "exit 3"]' };
/** A crash loop is one or the other, from second to second. */
const CRASHED = String.raw`container app is (?:waiting \(CrashLoopBackOff\)|terminated \(Error\))`;
const PODS = [
  pod('running', [APP]),
  pod('completed', [{ name: 'app', command: '["true"]' }], 'restartPolicy: Never'),
  pod('unplaced', [APP], 'nodeSelector: { disk: none }'),
  pod('starting', [APP], '', [{ name: 'migrate' }]),
  pod('native', [CRASHING], '', [{ name: 'cache', restartPolicy: 'Always' }]),
  pod('on-node', [APP], 'hostNetwork: true'),
  pod('windows', [APP], 'os: { name: windows }'),
  pod('mixed', [{ name: 'app', image: 'lab/distroless:1' }, { name: 'fluent-bit' }]),
];

let cluster: TestCluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await openCluster();
  await deleteNamespace(cluster, NS);
  await applyYaml(cluster, `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${NS} }\n`);
  await applyYaml(cluster, egressPolicy({ namespace: NS, names: [ALLOWED], dns: ['*'] }));
  await applyYaml(cluster, PODS.join('---'));
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  await waitReady(cluster, NS, 'app=caller');
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await eventually('each pod is in its state', 90_000, async () => {
    const { items } = await core.listNamespacedPod({ namespace: NS });
    const status = (name: string) => items.find(({ metadata }) => metadata?.name === name)?.status;
    const states = [
      status('completed')?.phase === 'Succeeded',
      status('unplaced')?.conditions?.some(({ reason }) => reason === 'Unschedulable'),
      status('starting')?.initContainerStatuses?.[0]?.state?.running !== undefined,
      status('native')?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      status('on-node')?.containerStatuses?.[0]?.ready,
      status('mixed')?.containerStatuses?.every(({ ready }) => ready),
    ];
    return states.every((held) => held === true) ? true : undefined;
  });
});

afterAll(async () => {
  await client?.close();
  await deleteNamespace(cluster, NS);
});

const probe = async (workload: string, more: object = {}) => {
  const { structured } = await client.call('execProbe', {
    namespace: NS,
    workload,
    target: ALLOWED,
    compare: ALLOWED,
    ...more,
  });
  return structured;
};

describe('probed', () => {
  it.each([
    ['running', {}, 'app', undefined],
    ['starting', { container: 'migrate' }, 'migrate', /before the app has started/],
    ['native', {}, 'cache', new RegExp(`because ${CRASHED}`)],
    ['mixed', {}, 'fluent-bit', /because no probe can run in container app/],
    ['on-node', {}, 'app', /said of the node/],
  ] as const)('%s %j from container %s', async (workload, more, container, note) => {
    const answer = await probe(workload, more);
    expect(answer.targets[0]?.reached, JSON.stringify(answer)).toBe(true);
    expect(answer.subject.container).toBe(container);
    if (note !== undefined) expect(answer.limits[0]).toMatch(note);
  });
});

describe('not probed', () => {
  it.each([
    [
      'completed',
      {},
      /has ended \(phase Succeeded\)/,
      /Ask about pod\/(?:running|native|mixed), which runs on the same node/,
    ],
    ['unplaced', {}, /not been placed on a node yet \(Unschedulable\)/, /Ask about pod\//],
    ['starting', {}, /init container migrate still runs/, /container migrate.*Ask about pod\//],
    ['native', { container: 'app' }, new RegExp(CRASHED), /leave the container out .* cache/],
    ['mixed', { container: 'app' }, /neither a shell nor an interpreter/, /kubectl debug/],
    ['windows', {}, /programs are for Linux.*another engine/, /powershell/],
  ] as const)('%s %j', async (workload, more, reason, nextStep) => {
    const answer = await probe(workload, more);
    const [{ state, notChecked }] = answer.findings;
    expect([state, notChecked.code]).toEqual(['not_checked', 'unsupported']);
    expect(notChecked.reason).toMatch(reason);
    expect(notChecked.nextStep).toMatch(nextStep);
  });

  it('the diagnosis still says what the policies decide, and passes the next step on', async () => {
    const { structured } = await client.call('diagnoseEgress', {
      namespace: NS,
      workload: 'completed',
      target: 'other-f.example',
    });
    expect([structured.verdict, structured.cause.class]).toEqual(['blocked', 'POLICY_EGRESS_NOT_ALLOWED']);
    expect(structured.nextSteps.join('\n')).toMatch(/Ask about pod\//);
  });
});
