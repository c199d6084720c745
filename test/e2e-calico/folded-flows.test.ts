/** Calico's flow log, read through a real Whisker: what Felix told of real packets, by whose policy, and what is never concluded from it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FlowReport, FlowRequest } from '../../src/core/model/flow.ts';
import { stagedDenier } from '../../src/core/path/grouped-flow.ts';
import { createFlowSource } from '../../src/flows/flow-source.ts';
import { openKube } from '../../src/kube/open.ts';
import { grant, type Rights, session, withdraw } from '../e2e/flows/rights.ts';
import { startClient, type TestClient } from '../e2e/support/client.ts';
import { deleteNamespace, eventually, openCluster, type TestCluster } from '../e2e/support/cluster.ts';
import { NS, raise } from './folded-flows/stage.ts';

const never = new AbortController().signal;
const POD = { namespace: NS, name: 'solo' };
const REQUEST: FlowRequest = { pod: POD, sinceSeconds: 300, verdicts: [], limit: 100 };

let cluster: TestCluster;
let client: TestClient;
const directory = mkdtempSync(join(tmpdir(), 'egress-whisker-'));

async function observed(kubeconfig: string, more: Partial<FlowRequest> = {}) {
  return createFlowSource(await openKube({ kubeconfig })).observe({ ...REQUEST, ...more }, never);
}

async function report(more: Partial<FlowRequest> = {}): Promise<FlowReport> {
  const read = await observed(cluster.kubeconfig, more);
  if (!read.ok) throw new Error(`${read.notRead.what}: ${read.notRead.reason}`);
  return read.value;
}

type Found = { id: string; state: string; statement: string; evidence: { what: string; where: string }[] };
const byId = (findings: readonly Found[], id: string) => findings.find((finding) => finding.id === id);

/** Shown where a verdict is another one: the suites share their cluster. */
const why = (findings: readonly Found[]): string => JSON.stringify(findings, undefined, 1);

const flowsOf = async (workload: string): Promise<readonly Found[]> =>
  ((await client.call('observeFlows', { namespace: NS, workload, since: '5m' })).structured as { findings: Found[] })
    .findings;

beforeAll(async () => {
  cluster = await openCluster();
  await raise(cluster);
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  // Felix waits 5 s for more of a connection, and evaluates staged policies now and then.
  await eventually('Whisker tells of the pods', 60_000, async () => {
    const { grouped = [] } = await report();
    const told = (is: (flow: (typeof grouped)[number]) => boolean) => grouped.some(is);
    return told(({ action }) => action === 'denied') && told((flow) => stagedDenier(flow) !== undefined)
      ? true
      : undefined;
  });
});

afterAll(async () => {
  await client?.close();
  if (cluster) await deleteNamespace(cluster, NS);
  rmSync(directory, { recursive: true, force: true });
});

it('a pod whose name is its own is told alone, with the policies that were asked in their order', async () => {
  const { flows, grouped = [], source } = await report();
  expect(flows).toEqual([]);
  expect(source).toMatch(/^Whisker calico-system\/whisker-/);
  expect(new Set(grouped.map(({ source: from }) => `${from.namespace}/${from.name}`))).toEqual(new Set([`${NS}/solo`]));
  const denied = grouped.filter(({ action }) => action === 'denied');
  expect(denied.length).toBeGreaterThan(0);
  for (const flow of denied)
    expect(flow).toMatchObject({
      reporter: 'source',
      destination: { kind: 'public', port: 443, protocol: 'TCP' },
      enforced: [
        { kind: 'EndOfTier', action: 'denied', trigger: { kind: 'CalicoNetworkPolicy', name: 'checkout-egress' } },
      ],
    });
  const one = (verdict: FlowRequest['verdicts'][number]) => report({ verdicts: [verdict] });
  expect((await one('dropped')).grouped?.every(({ action }) => action === 'denied')).toBe(true);
  expect((await one('forwarded')).grouped?.every(({ action }) => action === 'allowed')).toBe(true);
});

it('a time that is over has its own flows, and none of later ones', async () => {
  const before = await report({ sinceSeconds: 3500, untilSeconds: 3000 });
  expect(before.grouped).toEqual([]);
});

it('drops are confirmed for a pod that is told alone, and for one of a group only named as the group’s', async () => {
  const [own, group] = await Promise.all([flowsOf('solo'), flowsOf('deploy/checkout')]);
  const denier =
    /denied by the end of tier default: NetworkPolicy\.projectcalico\.org \S+\/checkout-egress selects the pod/;
  expect(byId(own, 'flow-denied-by')).toMatchObject({
    state: 'confirmed',
    statement: `Calico denied TCP/443 from pod ${NS}/solo to public addresses.`,
    evidence: [{ what: expect.stringMatching(denier) }],
  });
  expect(byId(group, 'flow-dropped')?.state).toBe('not_checked');
  expect(byId(group, 'flow-denied-group')).toMatchObject({
    state: 'confirmed',
    statement: expect.stringMatching(/from pods folded-\d+\/checkout-\w+-\* \(this pod is one of them\)/),
    evidence: [{ what: expect.stringMatching(denier) }],
  });
});

it('what a staged policy would deny is told apart from what is denied', async () => {
  expect(byId(await flowsOf('solo'), 'flow-staged-deny')).toMatchObject({
    state: 'confirmed',
    evidence: [{ what: expect.stringContaining(`would be denied by StagedNetworkPolicy ${NS}/tighten`) }],
  });
});

it('a diagnosis names the policy that Calico names, and proves nothing by it', async () => {
  const ask = async (target: string) =>
    (await client.call('diagnoseEgress', { namespace: NS, workload: 'deploy/checkout', target })).structured as {
      verdict: string;
      cause?: { class: string; confidence: string };
      findings: Found[];
    };
  const blocked = await ask('files.vendor.example');
  expect([blocked.verdict, blocked.cause?.class, blocked.cause?.confidence], why(blocked.findings)).toEqual([
    'blocked',
    'POLICY_EGRESS_NOT_ALLOWED',
    'likely',
  ]);
  const [flow, policy] = byId(blocked.findings, 'engine-denies-group')?.evidence ?? [];
  expect(flow?.where, why(blocked.findings)).toMatch(/^Whisker/);
  expect(policy?.what).toContain('Calico names the same');
  expect(byId(blocked.findings, 'engine-reports-drop')?.state).toBe('not_checked');

  const reached = await ask('api.vendor.example');
  expect(reached.verdict).toBe('reachable');
  expect(byId(reached.findings, 'engine-denies-group')).toBeUndefined();
});

it('needs a port-forward to Whisker and no other right of it, and says so where it is lacking', async () => {
  const read = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
  const rightsOf = (name: string, ...more: Rights['within'][string]): Rights => ({
    name: `${NS}-${name}`,
    within: { [NS]: [read], 'calico-system': [read, ...more] },
  });
  const [enough, lacking] = [rightsOf('enough', session('pods/portforward')), rightsOf('lacking')];
  const file = (name: string) => join(directory, name);
  await grant(cluster, NS, enough, file('enough'));
  await grant(cluster, NS, lacking, file('lacking'));
  try {
    await eventually('the rights hold', 10_000, async () => ((await observed(file('enough'))).ok ? true : undefined));
    expect(await observed(file('lacking'))).toMatchObject({
      ok: false,
      notRead: {
        what: expect.stringMatching(/^Whisker/),
        code: 'forbidden',
        nextStep: expect.stringContaining('pods/portforward'),
      },
    });
  } finally {
    await Promise.all([enough, lacking].map((rights) => withdraw(cluster, rights)));
  }
});
