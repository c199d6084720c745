/** Pods in which no program can probe, on a real kubelet: refusal by default, one ephemeral container with consent, and what it leaves. */
import { dirname, join } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClient, type TestClient } from './support/client.ts';
import { applyYaml, deleteNamespace, eventually, openCluster, type TestCluster, waitReady } from './support/cluster.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'ephemeral';
const IMAGE = process.env['E2E_EPHEMERAL_IMAGE'] ?? 'lab/busybox:1';
const ALLOWED = 'login.idp.example';

/** A pod that the `restricted` Pod Security level admits; so must be what is added to it. */
const pod = (name: string, image: string, command = ''): string => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: ${NS}
  labels: { app: caller, pod: ${name} }
spec:
  terminationGracePeriodSeconds: 30
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: app
      image: ${image}
      imagePullPolicy: Never
      ${command}
      securityContext: { runAsUser: 1001, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

const WORLD = `
apiVersion: v1
kind: Namespace
metadata:
  name: ${NS}
  labels: { pod-security.kubernetes.io/enforce: restricted }
---${pod('distroless', 'lab/distroless:1')}---${pod('declined', 'lab/distroless:1')}---${pod('unpullable', 'lab/distroless:1')}---${pod(
  'crashing',
  'lab/busybox:1',
  'command: ["sh", "-c", "exit 3"]',
)}---${pod('plain', 'lab/busybox:1', 'command: ["sleep", "infinity"]')}`;

let cluster: TestCluster;
let core: k8s.CoreV1Api;
const clients: TestClient[] = [];

async function start(args: readonly string[], answer?: Parameters<typeof startClient>[1], kubeconfig?: string) {
  const client = await startClient(['--kubeconfig', kubeconfig ?? cluster.kubeconfig, ...args], answer);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  cluster = await openCluster();
  core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await deleteNamespace(cluster, NS);
  await applyYaml(cluster, WORLD);
  await applyYaml(cluster, egressPolicy({ namespace: NS, names: [ALLOWED], dns: ['*'] }));
  for (const name of ['distroless', 'declined', 'unpullable', 'plain']) await waitReady(cluster, NS, `pod=${name}`);
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await deleteNamespace(cluster, NS);
});

const ephemeralOf = async (name: string) => (await core.readNamespacedPod({ namespace: NS, name })).spec;
const countOf = async (name: string): Promise<number> => ((await ephemeralOf(name))?.ephemeralContainers ?? []).length;

const probe = (client: TestClient, workload: string, more: object = {}) =>
  client.call('execProbe', { namespace: NS, workload, target: ALLOWED, compare: 'other-f.example', ...more });

describe('by default', () => {
  it('nothing is added: not checked, with the command to do it by hand', async () => {
    const client = await start([]);
    for (const more of [{}, { allowEphemeral: true }]) {
      const { structured } = await probe(client, 'distroless', more);
      const [{ state, notChecked }] = structured.findings;
      expect(state).toBe('not_checked');
      expect(notChecked.nextStep).toContain(`kubectl debug -it -n ${NS} distroless --image=`);
      if ('allowEphemeral' in more) expect(notChecked.reason).toContain('--allow-ephemeral');
    }
    expect(await countOf('distroless')).toBe(0);
  });

  it('the diagnosis rests on policies', async () => {
    const client = await start([]);
    const { structured } = await client.call('diagnoseEgress', {
      namespace: NS,
      workload: 'distroless',
      target: 'other-f.example',
    });
    expect([structured.verdict, structured.cause.class]).toEqual(['blocked', 'POLICY_EGRESS_NOT_ALLOWED']);
    expect(structured.cause.confidence).toBe('likely');
  });

  it('a no of the user is a no', async () => {
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE], { action: 'decline' });
    const { structured } = await probe(client, 'declined', { allowEphemeral: true });
    expect(structured.findings[0].notChecked.reason).toContain('declined');
    expect(await countOf('declined')).toBe(0);
  });
});

describe('with flag, argument and consent', () => {
  it('one container without privileges is added, the ladder runs in it, and it is used again', async () => {
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE], {
      action: 'accept',
      content: { add: true },
    });
    const { structured } = await probe(client, 'distroless', { allowEphemeral: true });
    const [asked, other] = structured.targets;
    expect([asked.reached, other.reached], JSON.stringify(structured)).toEqual([true, false]);
    expect(structured.subject.container).toMatch(/^egress-diagnose-/);
    expect(structured.limits[0]).toMatch(/ephemeral container .*stays listed in the pod/);

    const spec = (await ephemeralOf('distroless'))?.ephemeralContainers ?? [];
    expect(spec).toHaveLength(1);
    expect(spec[0]?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1001,
      allowPrivilegeEscalation: false,
    });
    expect(spec[0]?.targetContainerName).toBeUndefined();

    const diagnosis = await client.call('diagnoseEgress', {
      namespace: NS,
      workload: 'distroless',
      target: 'other-f.example',
      allowEphemeral: true,
    });
    expect(diagnosis.structured.cause.confidence).toBe('proven');
    expect(await countOf('distroless')).toBe(1);
  });

  it('no longer asks once it runs', async () => {
    const client = await start([]);
    const { structured } = await probe(client, 'distroless');
    expect(structured.subject.container).toMatch(/^egress-diagnose-/);
  });

  it('an app that crashes has its network, too', async () => {
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE]);
    await eventually('the app has crashed', 60_000, async () => {
      const { status } = await core.readNamespacedPod({ namespace: NS, name: 'crashing' });
      return status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff' ? true : undefined;
    });
    const { structured } = await probe(client, 'crashing', { allowEphemeral: true });
    expect(structured.targets[0].reached, JSON.stringify(structured)).toBe(true);
    expect(structured.limits[0]).toMatch(/app is (?:waiting \(CrashLoopBackOff\)|terminated \(Error\))/);
  });

  it('a pod that can be probed is left as it is', async () => {
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE]);
    const { structured } = await probe(client, 'plain', { allowEphemeral: true });
    expect([structured.targets[0].reached, structured.subject.container]).toEqual([true, 'app']);
    expect(await countOf('plain')).toBe(0);
  });

  it('an image that is nowhere is named, and asked for once', async () => {
    const client = await start(['--allow-ephemeral', '--ephemeral-image', 'registry.vendor.example/none:1']);
    for (let turn = 0; turn < 2; turn++) {
      const { structured } = await probe(client, 'unpullable', { allowEphemeral: true });
      const { reason, nextStep } = structured.findings[0].notChecked;
      expect(reason).toMatch(/does not start: (?:ErrImagePull|ImagePullBackOff)/);
      expect(nextStep).toContain('--ephemeral-image');
    }
    expect(await countOf('unpullable')).toBe(1);
  });

  it('does not hold up the end of the pod', async () => {
    const began = Date.now();
    await core.deleteNamespacedPod({ namespace: NS, name: 'crashing' });
    await eventually('the pod is gone', 60_000, async () =>
      core.readNamespacedPod({ namespace: NS, name: 'crashing' }).then(
        () => undefined,
        () => true,
      ),
    );
    expect(Date.now() - began).toBeLessThan(15_000);
  });
});

describe('rights', () => {
  const name = 'e2e-ephemeral';
  const observer = () => join(dirname(cluster.kubeconfig), 'kubeconfig-observer');

  async function grant(rules: k8s.V1PolicyRule[]): Promise<void> {
    const rbac = cluster.config.makeApiClient(k8s.RbacAuthorizationV1Api);
    await rbac.deleteClusterRole({ name }).catch(() => undefined);
    await rbac.deleteClusterRoleBinding({ name }).catch(() => undefined);
    if (rules.length === 0) return;
    await rbac.createClusterRole({ body: { metadata: { name }, rules } });
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'observer' }],
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 500)); // the API server's authorizer follows by watch
  }

  const READ: k8s.V1PolicyRule = {
    apiGroups: ['', 'cilium.io', 'networking.k8s.io'],
    resources: ['*'],
    verbs: ['get', 'list'],
  };
  const EXEC: k8s.V1PolicyRule = { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] };

  afterAll(() => grant([]));

  it('without patch on pods/ephemeralcontainers: the verb is named', async () => {
    await grant([READ, EXEC]);
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE], undefined, observer());
    const { structured } = await probe(client, 'declined', { allowEphemeral: true });
    const { code, nextStep } = structured.findings[0].notChecked;
    expect(code).toBe('forbidden');
    expect(nextStep).toContain('"patch" on "pods/ephemeralcontainers"');
    expect(await countOf('declined')).toBe(0);
  });

  it('without exec: nothing is added, whatever is allowed', async () => {
    const patch = { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] };
    await grant([{ ...READ, resources: ['pods', 'namespaces', 'nodes', 'services'] }, patch]);
    const client = await start(['--allow-ephemeral', '--ephemeral-image', IMAGE], undefined, observer());
    const { structured } = await probe(client, 'declined', { allowEphemeral: true });
    const { code, nextStep } = structured.findings[0].notChecked;
    expect(code).toBe('forbidden');
    expect(nextStep).toContain('--resource=pods/exec');
    expect(await countOf('declined')).toBe(0);
  });
});
