/** Variants of the scenario, each in a namespace of its own and with names of its own (the FQDN cache is the node's). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageCaller } from './support/caller.ts';
import { startClient, type TestClient, type ToolAnswer } from './support/client.ts';
import { applyYaml, connects, eventually, openCluster, type TestCluster } from './support/cluster.ts';
import { createRepo, type PolicyRepo } from './support/git.ts';
import { egressPolicy } from './support/policies.ts';

let cluster: TestCluster;
let client: TestClient;
const repos: PolicyRepo[] = [];

beforeAll(async () => {
  cluster = await openCluster();
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
});

afterAll(async () => {
  await client?.close();
  for (const repo of repos) repo.remove();
});

/** A waiting pod under the given policies; returns how to ask about it. */
async function stage(namespace: string, policies: string, image = 'lab/python:1') {
  const pod = await stageCaller(cluster, namespace, policies, image);
  return {
    pod,
    ask: (target: string, more: Record<string, unknown> = {}): Promise<ToolAnswer> =>
      client.call('diagnoseEgress', { namespace, workload: 'caller', target, ...more }),
  };
}

function repoWith(file: string, text: string): PolicyRepo {
  const repo = createRepo({ [file]: text });
  repos.push(repo);
  return repo;
}

const state = (answer: ToolAnswer, id: string): string | undefined =>
  answer.structured.findings.find((finding: { id: string }) => finding.id === id)?.state;

describe('names', () => {
  it("a rule on the CNAME's target does not cover the name asked for", async () => {
    const names = ['api-a.vendor.example', 'blob-a.store.example'];
    const { pod, ask } = await stage('variant-cname', egressPolicy({ namespace: 'variant-cname', names, dns: ['*'] }));
    expect(await connects(cluster, pod, 'files-a.vendor.example')).toBe(false);
    const answer = await ask('files-a.vendor.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('FQDN_NAME_NOT_COVERED');
    expect(answer.structured.cause.statement).toContain('blob-a.store.example');
    expect(answer.structured.fix.diff).toContain('+        - matchName: files-a.vendor.example');
    expect(answer.structured.fix.inGit).toBe(false);
  });

  it('a name that does not exist is not a policy matter', async () => {
    const { ask } = await stage(
      'variant-nxdomain',
      egressPolicy({ namespace: 'variant-nxdomain', names: ['api-c.vendor.example'], dns: ['*'] }),
    );
    const answer = await ask('no-such-name.vendor.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('DNS_NAME_NOT_FOUND');
    expect(answer.structured.fix).toBeUndefined();
  });

  it('a name that rules.dns does not list is refused by the DNS proxy', async () => {
    const policy = egressPolicy({
      namespace: 'variant-refused',
      names: ['api-d.vendor.example', 'files-d.vendor.example'],
      dns: ['api-d.vendor.example', '*.*.svc.cluster.local'],
    });
    const { ask } = await stage('variant-refused', policy);
    const answer = await ask('files-d.vendor.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('FQDN_NAME_NOT_COVERED');
    expect(answer.structured.cause.confidence).toBe('proven');
    expect(answer.structured.cause.statement).toContain('REFUSED');
  });

  it('an FQDN rule whose DNS is not seen by the proxy learns nothing', async () => {
    const { pod, ask } = await stage(
      'variant-no-l7',
      egressPolicy({ namespace: 'variant-no-l7', names: ['api-f.vendor.example'] }),
    );
    expect(await connects(cluster, pod, 'api-f.vendor.example')).toBe(false);
    const answer = await ask('api-f.vendor.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('FQDN_NO_DNS_L7');
  });
});

describe('ports and rules', () => {
  it('a missing port is named and the fix opens it for that name alone', async () => {
    const policy = egressPolicy({
      namespace: 'variant-port',
      names: ['api-e.vendor.example', 'other-e.example'],
      dns: ['*'],
    });
    const { pod, ask } = await stage('variant-port', policy);
    expect(await connects(cluster, pod, 'api-e.vendor.example', 443)).toBe(true);
    expect(await connects(cluster, pod, 'api-e.vendor.example', 8443)).toBe(false);
    const repo = repoWith('policies/caller.yaml', policy);
    const answer = await ask('api-e.vendor.example:8443', { repository: { repository: repo.dir } });
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('POLICY_EGRESS_NOT_ALLOWED');
    expect(answer.structured.cause.statement).toContain('8443');
    repo.apply(answer.structured.fix.diff);
    await applyYaml(cluster, repo.read('policies/caller.yaml'));
    await eventually('port 8443 opens', 30_000, async () =>
      (await connects(cluster, pod, 'api-e.vendor.example', 8443)) ? true : undefined,
    );
    expect(await connects(cluster, pod, 'other-e.example', 8443)).toBe(false);
  });

  it('a Kubernetes NetworkPolicy that allows only DNS blocks the rest', async () => {
    const { ask } = await stage(
      'variant-netpol',
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: only-dns, namespace: variant-netpol }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
`,
    );
    const answer = await ask('other.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('POLICY_EGRESS_NOT_ALLOWED');
    expect(answer.structured.cause.statement).toContain('NetworkPolicy variant-netpol/only-dns');
  });

  it('without any DNS rule the lookup itself is blocked', async () => {
    const { ask } = await stage(
      'variant-no-dns',
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all, namespace: variant-no-dns }
spec: { podSelector: {}, policyTypes: [Egress] }
`,
    );
    const answer = await ask('other.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('POLICY_NO_DNS_EGRESS');
  });

  it('an explicit deny wins over the allow', async () => {
    const extra =
      '  egressDeny:\n    - toCIDR: ["203.0.113.0/24"]\n      toPorts:\n        - ports: [{ port: "443", protocol: TCP }]\n';
    const { ask } = await stage(
      'variant-deny',
      egressPolicy({ namespace: 'variant-deny', names: ['other-d.example'], dns: ['*'], extra }),
    );
    const answer = await ask('other-d.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('POLICY_PRECEDENCE');
    expect(JSON.stringify(answer.structured.cause)).toContain('egressDeny[0]');
  });
});

describe('nothing is blocked', () => {
  it('no policy at all: reachable', async () => {
    const { ask } = await stage('variant-open', '');
    const answer = await ask('other.example');
    expect(answer.structured.verdict).toBe('reachable');
    expect(answer.structured.cause).toBeUndefined();
  });

  it('everything allowed by name: reachable', async () => {
    const { ask } = await stage(
      'variant-allowed',
      egressPolicy({ namespace: 'variant-allowed', names: ['*.vendor.example'], dns: ['*'] }),
    );
    const answer = await ask('files-c.vendor.example');
    expect(answer.structured.verdict).toBe('reachable');
    expect(state(answer, 'policy-denies-connect')).toBe('ruled_out');
  });

  it('a refusal comes from the remote side, not from policy', async () => {
    const { ask } = await stage('variant-refusal', '');
    const answer = await ask('refused.example');
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('REMOTE_SIDE_DOWN');
  });

  it('silence beyond an allowing policy is undecided, and says what would decide', async () => {
    const { ask } = await stage('variant-blackhole', '');
    const answer = await ask('blackhole.example');
    expect(answer.structured.verdict).toBe('undetermined');
    expect(answer.structured.nextSteps[0]).toContain('To decide');
  });
});

describe('Git', () => {
  it('live lacks what Git has: drift is the cause', async () => {
    const live = egressPolicy({ namespace: 'variant-drift', names: ['api-b.vendor.example'], dns: ['*'] });
    const git = egressPolicy({
      namespace: 'variant-drift',
      names: ['api-b.vendor.example', 'files-b.vendor.example'],
      dns: ['*'],
    });
    const { ask } = await stage('variant-drift', live);
    const answer = await ask('files-b.vendor.example', {
      repository: { repository: repoWith('policies/caller.yaml', git).dir },
    });
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('GITOPS_DRIFT');
    expect(state(answer, 'git-drift')).toBe('confirmed');
  });

  it('live has what Git lacks: reachable now, and the answer says that Git lacks it', async () => {
    const git = egressPolicy({ namespace: 'variant-manual', names: ['api-c.vendor.example'], dns: ['*'] });
    const live = egressPolicy({
      namespace: 'variant-manual',
      names: ['api-c.vendor.example', 'other-c.example'],
      dns: ['*'],
    });
    const { ask } = await stage('variant-manual', live);
    const answer = await ask('other-c.example', {
      repository: { repository: repoWith('policies/caller.yaml', git).dir },
    });
    expect(answer.structured.verdict).toBe('reachable');
    expect(state(answer, 'git-drift')).toBe('confirmed');
    expect(answer.structured.nextSteps.join('\n')).toContain('bring it into Git');
  });
});

describe('images', () => {
  it.each([
    ['glibc', 'lab/glibc:1', 'b'],
    ['busybox', 'lab/busybox:1', 'e'],
  ])('%s: the probe tells allowed from dropped', async (name, image, family) => {
    const namespace = `variant-${name}`;
    const policy = egressPolicy({ namespace, names: [`api-${family}.vendor.example`], dns: ['*'] });
    const { ask } = await stage(namespace, policy, image);
    const allowed = await ask(`api-${family}.vendor.example`);
    expect(allowed.structured.verdict).toBe('reachable');
    const blocked = await ask(`other-${family}.example`);
    expect(blocked.structured.verdict).toBe('blocked');
    expect(blocked.structured.cause.class).toBe('POLICY_EGRESS_NOT_ALLOWED');
  });
});
