/**
 * The first scenario, whole: checkout calls an allowed API that hands out a presigned URL on a host that no rule names.
 * Real packets, real drops, the real client; then the proposed diff is applied and lets through that host and nothing else.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClient, type TestClient, type ToolAnswer } from './support/client.ts';
import { applyYaml, connects, eventually, openCluster, type TestCluster } from './support/cluster.ts';
import { type PolicyRepo, serveRepo } from './support/git.ts';
import { SHOP_FILE, stageShop } from './support/shop.ts';

let cluster: TestCluster;
let client: TestClient;
let repo: PolicyRepo;
let pod: { namespace: string; name: string };
let answer: ToolAnswer;
let tookMs: number;

const ask = (target: string, repository: Record<string, string> = { repository: repo.dir, path: 'clusters/lab' }) =>
  client.call('diagnoseEgress', { namespace: 'shop', workload: 'deploy/checkout', target, repository });

// biome-ignore lint: structured answers are asserted on part by part
// oxlint-disable-next-line typescript/no-explicit-any
const finding = (id: string): any =>
  answer.structured.findings.find((candidate: { id: string }) => candidate.id === id);

beforeAll(async () => {
  cluster = await openCluster();
  ({ pod, repo } = await stageShop(cluster));
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  const started = performance.now();
  answer = await ask('files.vendor.example');
  tookMs = performance.now() - started;
});

afterAll(async () => {
  await client?.close();
  repo?.remove();
});

describe('the presigned second hop is blocked', () => {
  it('is so in truth: api connects, files and other do not', async () => {
    expect(await connects(cluster, pod, 'api.vendor.example')).toBe(true);
    expect(await connects(cluster, pod, 'files.vendor.example')).toBe(false);
    expect(await connects(cluster, pod, 'other.example')).toBe(false);
  });

  it('names class, policy and rule', () => {
    expect(answer.structured.verdict).toBe('blocked');
    expect(answer.structured.cause.class).toBe('SECOND_HOP_HOST');
    expect(answer.structured.cause.underlying).toBe('POLICY_EGRESS_NOT_ALLOWED');
    expect(answer.structured.cause.confidence).toBe('proven');
    expect(JSON.stringify(finding('policy-denies-connect'))).toContain('CiliumNetworkPolicy shop/checkout-egress');
    expect(JSON.stringify(finding('rule-meant-to-match'))).toContain('spec.egress[1]');
  });

  it('shows DNS fine with the CNAME, TCP dropped, the comparison connecting', () => {
    expect(finding('name-resolves').state).toBe('confirmed');
    expect(JSON.stringify(finding('name-resolves').evidence)).toContain('blob.store.example');
    expect(finding('connect-silent').state).toBe('confirmed');
    expect(finding('comparison-connects').state).toBe('confirmed');
    expect(JSON.stringify(finding('comparison-connects').evidence)).toContain('api.vendor.example');
  });

  it("cites Hubble's drop and does not wait for the TCP time-out", () => {
    expect(finding('engine-reports-drop').state).toBe('confirmed');
    expect(JSON.stringify(finding('engine-reports-drop').evidence)).toContain('POLICY_DENIED');
    expect(tookMs).toBeLessThan(3000);
  });

  it('finds the presigned URL in the stack trace and never shows its signature', async () => {
    expect(JSON.stringify(finding('logs-name-host').evidence)).toContain('aws-s3');
    const logs = await client.call('grepPodLogs', { namespace: 'shop', workload: `pod/${pod.name}` });
    for (const said of [answer, logs]) {
      const all = said.text + JSON.stringify(said.structured);
      expect(all).not.toMatch(/X-Amz-Signature=[0-9a-f]{8}/);
      expect(all).not.toContain('AKIALABLABLABLAB0000');
      expect(all).toContain('redacted');
    }
  });

  it('tells the story in five lines, and since when', () => {
    const { story, timeline } = answer.structured;
    expect(story.map((line: string) => line.split(':')[0])).toEqual([
      'Called first',
      'Led to',
      'Blocked',
      'When',
      'Smallest fix',
    ]);
    expect(story[1]).toContain('a presigned URL (aws-s3-v4) on files.vendor.example:443');
    expect(story[2]).toContain('CiliumNetworkPolicy shop/checkout-egress');
    expect(story[4]).toContain('"files.vendor.example"');
    expect(answer.text).toContain(story[0]);
    // The pod's first revision: nothing came before it, and the policy was written just before.
    expect(timeline.lines[0]).toMatch(
      /no earlier revision of the workload is kept; the one policy that selects the pod unchanged for \d+ s/,
    );
    expect(timeline.events.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['policy', 'rollout', 'start', 'first_failure']),
    );
  });

  it('sees no drift from Git', () => {
    expect(finding('git-drift').state).toBe('ruled_out');
  });

  it('proposes the asked name, not the CNAME target, on 443 in that rule, as a diff of the Git file', () => {
    const { fix } = answer.structured;
    expect(fix.inGit).toBe(true);
    expect(fix.file).toBe(SHOP_FILE);
    const added = fix.diff.split('\n').filter((line: string) => line.startsWith('+') && !line.startsWith('+++'));
    expect(added).toEqual(['+        - matchName: files.vendor.example']);
    expect(fix.diff.split('\n').filter((line: string) => line.startsWith('-') && !line.startsWith('---'))).toEqual([]);
    expect(fix.after).toBe('allowed');
  });

  it('reads the same from the repository over http', async () => {
    const { url, close } = await serveRepo(repo);
    const overHttp = await ask('files.vendor.example', { repository: url, path: 'clusters/lab' });
    close();
    expect(overHttp.structured.fix.diff).toBe(answer.structured.fix.diff);
    expect(overHttp.structured.fix.inGit).toBe(true);
  });

  it('finds the second hop also when the API host is asked about', async () => {
    const api = await ask('https://api.vendor.example/v2/download');
    expect(api.structured.verdict).toBe('blocked');
    expect(api.structured.cause.class).toBe('SECOND_HOP_HOST');
    expect(api.structured.cause.statement).toContain('files.vendor.example');
    expect(api.structured.fix.diff).toContain('+        - matchName: files.vendor.example');
  });

  it('applies: files connects, other stays blocked, and the diagnosis says reachable', async () => {
    repo.apply(answer.structured.fix.diff);
    await applyYaml(cluster, repo.read(SHOP_FILE));
    await eventually('files.vendor.example connects', 30_000, async () =>
      (await connects(cluster, pod, 'files.vendor.example')) ? true : undefined,
    );
    expect(await connects(cluster, pod, 'other.example')).toBe(false);
    expect(await connects(cluster, pod, 'files.vendor.example', 8443)).toBe(false);
    const after = await ask('files.vendor.example');
    expect(after.structured.verdict).toBe('reachable');
    expect(after.structured.fix).toBeUndefined();
  });
});
