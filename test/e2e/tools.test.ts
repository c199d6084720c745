/** Every other tool on the real cluster, each for what it alone can say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageCaller } from './support/caller.ts';
import { startClient, type TestClient } from './support/client.ts';
import { connects, openCluster, type TestCluster } from './support/cluster.ts';
import { createRepo, type PolicyRepo } from './support/git.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'tools';
const POD = { namespace: NS, workload: 'caller' };
const NAMES = ['api-a.vendor.example', '*.idp.example'];
let cluster: TestCluster;
let client: TestClient;
let repo: PolicyRepo;

beforeAll(async () => {
  cluster = await openCluster();
  await stageCaller(cluster, NS, egressPolicy({ namespace: NS, names: NAMES, dns: ['*'] }));
  repo = createRepo({ 'caller.yaml': egressPolicy({ namespace: NS, names: NAMES, dns: ['*'] }) });
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
});

afterAll(async () => {
  await client?.close();
  repo?.remove();
});

describe('tools', () => {
  it('execProbe: the asked endpoint is silent while a comparison connects', async () => {
    const { structured } = await client.call('execProbe', {
      ...POD,
      target: 'other-a.example',
      compare: 'login.idp.example',
    });
    const [asked, other] = structured.targets;
    expect([asked.reached, other.reached]).toEqual([false, true]);
    expect(asked.lookup.outcome).toBe('resolved');
    expect(structured.rung).toBe('python3');
  });

  it('listEgressPolicies: what selects the pod, and what the engine says of a destination', async () => {
    const evaluate = async (to: Record<string, unknown>) =>
      (await client.call('listEgressPolicies', { ...POD, to })).structured;
    const allowed = await evaluate({ host: 'login.idp.example', port: 443 });
    expect(allowed.policies.map((entry: { policy: { name: string } }) => entry.policy.name)).toEqual(['caller-egress']);
    expect(allowed.evaluation.decision).toBe('allowed');
    expect(JSON.stringify(allowed.evaluation)).toContain('spec.egress[1].toFQDNs[1]');
    expect((await evaluate({ host: 'other-a.example', port: 443 })).evaluation.decision).toBe('denied');
    expect((await evaluate({ host: 'login.idp.example', port: 8443 })).evaluation.decision).toBe('denied');
  });

  it('listEgressPolicies agrees with packets, host by host', async () => {
    for (const host of ['api-a.vendor.example', 'files-a.vendor.example', 'login.idp.example', 'other-a.example']) {
      const { structured } = await client.call('listEgressPolicies', { ...POD, to: { host, port: 443 } });
      const open = await connects(cluster, { namespace: NS, name: 'caller' }, host);
      expect([host, structured.evaluation.decision]).toEqual([host, open ? 'allowed' : 'denied']);
    }
  });

  it("matchFqdn: against the pod's own selectors", async () => {
    const { structured } = await client.call('matchFqdn', { ...POD, names: ['login.idp.example', 'a.b.idp.example'] });
    const [login, deep] = structured.names;
    const opens = (entry: { selectors: { use: string; matches: boolean }[] }) =>
      entry.selectors.some((selector) => selector.use === 'toFQDNs' && selector.matches);
    expect([opens(login), opens(deep)]).toEqual([true, false]);
  });

  it('diffGitPolicies: same as Git; without a repository it asks for one', async () => {
    const same = await client.call('diffGitPolicies', {
      namespace: NS,
      workload: 'caller',
      repository: { repository: repo.dir },
    });
    expect(same.structured.policies.map((entry: { kind: string }) => entry.kind)).toEqual(['same']);
    const asks = await client.call('diffGitPolicies', { namespace: NS, workload: 'caller' });
    expect(asks.structured.findings[0].state).toBe('not_checked');
    expect(asks.text).toMatch(/repository/);
  });

  it('proposePolicyFix: a diff of the Git file without any probe', async () => {
    const { structured } = await client.call('proposePolicyFix', {
      ...POD,
      target: 'files-a.vendor.example',
      repository: { repository: repo.dir },
    });
    expect(structured.fix.diff).toContain('+        - matchName: files-a.vendor.example');
    expect([structured.fix.before, structured.fix.after]).toEqual(['denied', 'allowed']);
  });

  it('observeFlows: the drops of this pod, as Hubble saw them', async () => {
    await connects(cluster, { namespace: NS, name: 'caller' }, 'other-a.example', 443, 1);
    const { structured } = await client.call('observeFlows', { ...POD, verdicts: ['dropped'], since: '5m' });
    expect(structured.flows.length).toBeGreaterThan(0);
    for (const flow of structured.flows) {
      expect(flow.source.pod).toBe('caller');
      expect(flow.dropReason).toBe('POLICY_DENIED');
    }
  });
});
