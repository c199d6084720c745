/** Rights that are missing and input that is wrong: each a clear answer with the next step, and the server lives on. */
import { dirname, join } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageCaller } from './support/caller.ts';
import { startClient, type TestClient } from './support/client.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';
import { egressPolicy } from './support/policies.ts';

const NS = 'refusals';
let cluster: TestCluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await openCluster();
  await stageCaller(cluster, NS, egressPolicy({ namespace: NS, names: ['login.idp.example'], dns: ['*'] }));
  client = await startClient(['--kubeconfig', join(dirname(cluster.kubeconfig), 'kubeconfig-observer')]);
});

afterAll(async () => {
  await client?.close();
  await grant([]);
});

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] };

/** What the README's `observe` and `probe` roles hold, one entry a right that can be taken away. */
const RIGHTS: Readonly<Record<string, Rule>> = {
  pods: { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  namespaces: { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list'] },
  services: { apiGroups: [''], resources: ['services'], verbs: ['get', 'list'] },
  endpointslices: { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list'] },
  nodes: { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
  'pods/log': { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  'pods/exec': { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
  networkpolicies: { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list'] },
  ciliumnetworkpolicies: { apiGroups: ['cilium.io'], resources: ['ciliumnetworkpolicies'], verbs: ['get', 'list'] },
  ciliumclusterwidenetworkpolicies: {
    apiGroups: ['cilium.io'],
    resources: ['ciliumclusterwidenetworkpolicies'],
    verbs: ['get', 'list'],
  },
  others: {
    apiGroups: ['', 'apps', 'cilium.io'],
    resources: ['configmaps', 'daemonsets', 'deployments', 'replicasets', 'ciliumcidrgroups'],
    verbs: ['get', 'list'],
  },
};

async function grant(rights: readonly string[]): Promise<void> {
  const rbac = cluster.config.makeApiClient(k8s.RbacAuthorizationV1Api);
  const name = 'e2e-observer';
  await rbac.deleteClusterRole({ name }).catch(() => undefined);
  if (rights.length === 0) return;
  await rbac.createClusterRole({ body: { metadata: { name }, rules: rights.map((right) => RIGHTS[right] as Rule) } });
  await rbac.deleteClusterRoleBinding({ name }).catch(() => undefined);
  await rbac.createClusterRoleBinding({
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'observer' }],
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 500)); // the API server's authorizer follows by watch
}

const without = (...taken: string[]): string[] => Object.keys(RIGHTS).filter((right) => !taken.includes(right));

const diagnose = (target: string, more: Record<string, unknown> = {}) =>
  client.call('diagnoseEgress', { namespace: NS, workload: 'caller', target, ...more });

describe('rights', () => {
  it('no rights at all: an error that names the right to grant', async () => {
    await grant([]);
    const answer = await diagnose('login.idp.example');
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/pods/);
    expect(answer.text).toMatch(/grant|RBAC/i);
  });

  it('all rights: the control', async () => {
    await grant(without());
    expect((await diagnose('login.idp.example')).structured.verdict).toBe('reachable');
    expect((await diagnose('other-f.example')).structured.cause.class).toBe('POLICY_EGRESS_NOT_ALLOWED');
  });

  it.each([
    'endpointslices',
    'networkpolicies',
    'ciliumnetworkpolicies',
    'ciliumclusterwidenetworkpolicies',
    'namespaces',
    'services',
    'nodes',
  ])('without %s: what was not read is "not checked", with the right to grant', async (right) => {
    await grant(without(right));
    const answer = await diagnose('other-f.example');
    expect(answer.isError).toBe(false);
    const gap = answer.structured.findings.find(
      (finding: { state: string; notChecked?: { what: string } }) =>
        finding.state === 'not_checked' && finding.notChecked?.what.includes(right) === true,
    );
    expect(gap, JSON.stringify(answer.structured.findings)).toBeDefined();
    expect(gap.notChecked.code).toBe('forbidden');
    expect(gap.notChecked.nextStep).toContain(right);
  });

  it('without pods/exec: no probe, no Hubble, and the policy verdict says so', async () => {
    await grant(without('pods/exec'));
    const answer = await diagnose('other-f.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.confidence).toBe('likely');
    const state = (id: string) => answer.structured.findings.find((finding: { id: string }) => finding.id === id).state;
    expect(state('connect-silent')).toBe('not_checked');
    expect(state('engine-reports-drop')).toBe('not_checked');
  });

  it('without pods/log: logs are not checked, the rest stands', async () => {
    await grant(without('pods/log'));
    const answer = await diagnose('other-f.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.findings.find((finding: { id: string }) => finding.id === 'logs-name-host').state).toBe(
      'not_checked',
    );
  });
});

describe('input', () => {
  beforeAll(() => grant(without()));

  it.each([
    ['pod not there', { workload: 'no-such-pod' }, /no-such-pod/],
    ['namespace not there', { namespace: 'no-such-namespace' }, /no-such-namespace/],
    ['deployment not there', { workload: 'deploy/nothing' }, /nothing/],
    ['host with spaces', { target: 'a b' }, /host/i],
    ['host as an option', { target: '-x' }, /host/i],
    ['host as a command', { target: '$(id)' }, /host/i],
    ['port 0', { target: 'login.idp.example:0' }, /port/i],
    ['container not there', { container: 'nope' }, /nope/],
    ['Git path wrong', { repository: { repository: '/no/such/repository' } }, /no\/such\/repository/],
  ])('%s', async (_name, wrong, says) => {
    const answer = await client.call('diagnoseEgress', {
      namespace: NS,
      workload: 'caller',
      target: 'login.idp.example',
      ...wrong,
    });
    expect(answer.text).toMatch(says);
    const again = await diagnose('login.idp.example');
    expect(again.structured.verdict).toBe('reachable');
  });
});
