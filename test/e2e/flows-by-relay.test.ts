/** Where nothing but Hubble Relay can be asked: one that speaks TLS, one that wants a client certificate, and a whole diagnosis without exec into the agent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow, FlowRequest } from '../../src/core/model/flow.ts';
import { createRelaySource } from '../../src/flows/relay/relay-source.ts';
import type { WritableConnection } from '../../src/kube/connection.ts';
import { openKube } from '../../src/kube/open.ts';
import { grant, type Rights, session, withdraw } from './flows/rights.ts';
import { onlyRelay, type Security, startRelay } from './flows/secured-relays.ts';
import { knock, UNNAMED } from './flows/stage.ts';
import { stageCaller } from './support/caller.ts';
import { startClient, type TestClient } from './support/client.ts';
import { deleteNamespace, eventually, openCluster, type TestCluster } from './support/cluster.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'relay-only';
const folder = mkdtempSync(join(tmpdir(), 'relay-only-'));
const never = new AbortController().signal;
let cluster: TestCluster;
let kube: WritableConnection;
let request: FlowRequest;

beforeAll(async () => {
  cluster = await openCluster();
  kube = await openKube({ kubeconfig: cluster.kubeconfig });
  const pod = await stageCaller(
    cluster,
    NS,
    egressPolicy({ namespace: NS, names: ['relay-only.example'], dns: ['*'] }),
  );
  const started: readonly Security[] = ['server', 'mutual'];
  const [read] = await Promise.all([
    cluster.config.makeApiClient(k8s.CoreV1Api).readNamespacedPod(pod),
    ...started.map((security) => startRelay(cluster, NS, security)),
  ]);
  request = { pod, nodeName: read.spec?.nodeName ?? '', sinceSeconds: 60, verdicts: ['dropped'], limit: 50 };
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await withdraw(cluster, RELAY_ALONE);
  await deleteNamespace(cluster, NS);
});

describe('a relay with TLS', () => {
  const relay = () => createRelaySource(onlyRelay(kube, NS, 'server'));

  it('tells what was', async () => {
    const report = await eventually('the drop is told', 30_000, async () => {
      await knock(cluster, request.pod, UNNAMED.address);
      const read = await relay().observe(request, never);
      if (!read.ok) throw new Error(JSON.stringify(read.notRead));
      return read.value.flows.length > 0 ? read.value : undefined;
    });
    expect(report.source).toBe(`Hubble Relay ${NS}/relay-server`);
    expect(report.flows[0]).toMatchObject({ dropReason: 'POLICY_DENIED', destination: { ip: UNNAMED.address } });
  });

  it('tells what happens now', async () => {
    const stop = new AbortController();
    const heard: Flow[] = [];
    const attached = Promise.withResolvers<void>();
    const on = { ready: () => attached.resolve(), flow: (flow: Flow) => heard.push(flow) };
    const ended = relay().follow(request, on, stop.signal);
    await Promise.race([attached.promise, ended]);
    await knock(cluster, request.pod, UNNAMED.address);
    await eventually('the drop is heard', 5000, async () => heard[0]);
    stop.abort();
    expect(await ended).toMatchObject({ ok: true });
  });
});

it('a relay that wants a client certificate: that, in words, and what its side said of it', async () => {
  const read = await createRelaySource(onlyRelay(kube, NS, 'mutual')).observe(request, never);
  expect(read).toEqual({
    ok: false,
    notRead: {
      what: `Hubble Relay ${NS}/relay-mutual`,
      code: 'unsupported',
      reason: 'it asks for a client certificate (mutual TLS), which is never used here',
      said: 'tlsv13 alert certificate required',
      nextStep: expect.stringContaining('pods/exec'),
    },
  });
});

const reads = (apiGroups: string[], ...resources: string[]) => ({ apiGroups, resources, verbs: ['get', 'list'] });

/** What the README grants for reading, the probe's exec where the application is, and the relay's port: no exec into the agent. */
const RELAY_ALONE: Rights = {
  name: 'e2e-relay-alone',
  everywhere: [
    reads([''], 'pods', 'pods/log', 'namespaces', 'services', 'nodes', 'configmaps'),
    reads(['apps', 'discovery.k8s.io'], 'daemonsets', 'deployments', 'replicasets', 'endpointslices'),
    reads(['networking.k8s.io', 'cilium.io'], 'networkpolicies', 'ciliumnetworkpolicies'),
    reads(['cilium.io'], 'ciliumclusterwidenetworkpolicies', 'ciliumcidrgroups'),
  ],
  within: { [NS]: [session('pods/exec')], 'kube-system': [session('pods/portforward')] },
};

describe('a diagnosis by somebody who may forward to the relay, and not exec into the agent', () => {
  let client: TestClient;

  beforeAll(async () => {
    const file = join(folder, 'relay-alone');
    await grant(cluster, NS, RELAY_ALONE, file);
    client = await startClient(['--kubeconfig', file]);
  });

  afterAll(() => client?.close());

  it('ends with the relay’s drop, long before the connection would time out', async () => {
    const started = performance.now();
    const { structured } = await client.call('diagnoseEgress', {
      namespace: NS,
      workload: 'pod/caller',
      target: UNNAMED.host,
    });
    const tookMs = performance.now() - started;
    expect(structured.verdict).toBe('blocked');
    expect(structured.cause).toMatchObject({ class: 'POLICY_EGRESS_NOT_ALLOWED', confidence: 'proven' });
    const finding = (id: string) => structured.findings.find((one: { id: string }) => one.id === id);
    expect(finding('engine-reports-drop')).toMatchObject({
      state: 'confirmed',
      evidence: expect.arrayContaining([expect.objectContaining({ what: expect.stringContaining('POLICY_DENIED') })]),
    });
    expect(JSON.stringify(finding('engine-reports-drop').evidence)).toContain('Hubble Relay');
    // Said only of an attempt that was still waiting when the drop was heard.
    expect(finding('connect-silent').evidence[0].what).toContain('dropped (reported by the policy engine)');
    console.log(`a diagnosis by the relay alone: ${Math.round(tookMs)} ms`);
  });
});
