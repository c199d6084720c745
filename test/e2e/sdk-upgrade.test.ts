/**
 * The first scenario with real SDKs: an upgrade makes an application sign URLs of a bucket by itself, where the vendor's API sent the file
 * before. The API stays allowed, the bucket never was. The report has to tell that from the cluster and the logs alone.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClient, type TestClient, type ToolAnswer } from './support/client.ts';
import { connects, deleteNamespace, openCluster, podLog, type TestCluster } from './support/cluster.ts';
import { createRepo, type PolicyRepo } from './support/git.ts';
import { AWS_SDK_JS, BOTO3, policyOf, type SdkUpgrade, stageUpgrade } from './support/sdk-upgrade.ts';

const UPGRADES: readonly SdkUpgrade[] = [BOTO3, AWS_SDK_JS];
const FILE = 'clusters/lab/exporter-egress.yaml';

let cluster: TestCluster;
let client: TestClient;
/** By code: the pod of the second revision. */
let pods: ReadonlyMap<string, string>;

beforeAll(async () => {
  cluster = await openCluster();
  const staged = UPGRADES.map(
    async (upgrade): Promise<[string, string]> => [upgrade.code, await stageUpgrade(cluster, upgrade)],
  );
  pods = new Map(await Promise.all(staged));
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
});

afterAll(async () => {
  await client?.close();
  // They would go on running into drops.
  await Promise.all(UPGRADES.map(({ namespace }) => deleteNamespace(cluster, namespace)));
});

describe.each(UPGRADES)('an upgrade to $code', (upgrade) => {
  const { namespace, apiHost, bucketHost, before, after } = upgrade;
  let repo: PolicyRepo;
  let answer: ToolAnswer;
  let log: string;
  const pod = () => ({ namespace, name: pods.get(upgrade.code) ?? '' });

  beforeAll(async () => {
    repo = createRepo({ [FILE]: policyOf(upgrade), 'README.md': '# policies\n' });
    answer = await client.call('diagnoseEgress', {
      namespace,
      workload: 'deploy/exporter',
      target: bucketHost,
      repository: { repository: repo.dir, path: 'clusters/lab' },
    });
    log = await podLog(cluster, pod());
  });

  afterAll(() => repo?.remove());

  it('is so in truth: the API connects, the bucket does not, and the SDK signed its URL', async () => {
    expect(await connects(cluster, pod(), apiHost)).toBe(true);
    expect(await connects(cluster, pod(), bucketHost)).toBe(false);
    expect(log).toMatch(/X-Amz-Signature=[0-9a-f]{64}/);
  });

  it('is found as a second hop that the policy blocks', () => {
    const { verdict, cause } = answer.structured;
    expect(verdict).toBe('blocked');
    expect(cause).toMatchObject({
      class: 'SECOND_HOP_HOST',
      underlying: 'POLICY_EGRESS_NOT_ALLOWED',
      confidence: 'proven',
    });
  });

  it('is told in five lines: first hop, what it handed out, what blocks it, since when, the smallest fix', () => {
    const [called, handedOut, blocked, since, fix, ...more] = answer.structured.story as readonly string[];
    expect(called).toContain(`${apiHost}:443`);
    expect(called).toContain('works from this pod');
    expect(handedOut).toContain(`a presigned URL (aws-s3-v4) on ${bucketHost}:443`);
    expect(blocked).toContain(`CiliumNetworkPolicy ${namespace}/exporter-egress`);
    expect(since).toContain(before.image);
    expect(since).toContain(after.image);
    expect(fix).toContain(bucketHost);
    expect(more).toEqual([]);
    for (const line of answer.structured.story) expect(answer.text).toContain(line);
  });

  it('separates the upgrade from the policy, which nobody changed', () => {
    const { timeline } = answer.structured;
    expect(timeline.changed).toBe('application');
  });

  it('is fixed by that one name in that one rule', () => {
    const { fix } = answer.structured;
    const added = fix.diff.split('\n').filter((line: string) => /^[+-](?![+-])/.test(line));
    expect(added).toEqual([`+        - matchName: ${bucketHost}`]);
    expect(fix.after).toBe('allowed');
  });

  it('says which library failed on which host', async () => {
    const logs = await client.call('grepPodLogs', { namespace, workload: `pod/${pod().name}` });
    const library = upgrade.code === 'boto3' ? 'requests' : 'node fetch';
    expect(logs.structured.failures).toContainEqual(
      expect.objectContaining({ class: 'connect_timeout', host: bucketHost, port: 443, library }),
    );
  });

  it('shows no signature and no key of the URLs that the SDK signed', async () => {
    const logs = await client.call('grepPodLogs', { namespace, workload: `pod/${pod().name}` });
    const secrets = new Set(
      [...log.matchAll(/X-Amz-Signature=([0-9a-f]{64})/g)].map(([, signature = '']) => signature),
    );
    expect(secrets.size).toBeGreaterThan(0);
    for (const said of [answer, logs]) {
      const all = said.text + JSON.stringify(said.structured);
      for (const secret of ['AKIALABLABLABLAB0000', ...secrets]) expect(all).not.toContain(secret.slice(0, 16));
    }
  });
});
