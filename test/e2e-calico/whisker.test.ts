/** Calico's flow log of real packets, read through a real Whisker, in the answers of the MCP server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startClient, type TestClient } from '../e2e/support/client.ts';
import { eventually, openCluster, type TestCluster } from '../e2e/support/cluster.ts';
import { ALLOWED, clear, DENIED, knock, NS, stage, TIER, UNNAMED } from './whisker/stage.ts';

let cluster: TestCluster;
let client: TestClient;
let pod: { readonly namespace: string; readonly name: string };

beforeAll(async () => {
  cluster = await openCluster();
  pod = await stage(cluster);
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  await knock(cluster, pod);
});

afterAll(async () => {
  await client?.close();
  if (cluster) await clear(cluster);
});

interface Hit {
  readonly name: string;
  readonly tier: string;
  readonly action: string;
  readonly trigger?: { readonly name: string; readonly namespace?: string };
}

interface Grouped {
  readonly action: string;
  readonly source: { readonly name: string };
  readonly destination: { readonly kind: string; readonly port: number };
  readonly enforced: readonly Hit[];
}

async function observed(verdicts: readonly string[], enough: (flows: readonly Grouped[]) => boolean) {
  return eventually(`flows ${verdicts.join()} of ${NS}`, 60_000, async () => {
    const { structured } = await client.call('observeFlows', { namespace: NS, workload: pod.name, verdicts });
    const grouped = structured.grouped as readonly Grouped[] | undefined;
    return grouped && enough(grouped) ? { structured, grouped } : undefined;
  });
}

const decidedBy = ({ enforced }: Grouped): Hit | undefined => enforced.at(-1);

it('observeFlows names the policy that denied, and the one in whose tier nothing matched', async () => {
  const { structured, grouped } = await observed(['dropped'], (flows) => flows.length >= 2);
  expect(structured.source).toMatch(/^Whisker calico-system\/whisker-/);
  expect(grouped.every(({ action }) => action === 'denied')).toBe(true);
  for (const { source, destination } of grouped) {
    expect(pod.name.startsWith(source.name.replace(/\*$/, ''))).toBe(true);
    expect(destination).toMatchObject({ kind: 'public', port: 443 });
  }
  const denials = grouped.map(decidedBy);
  expect(denials).toContainEqual(expect.objectContaining({ name: 'quarantine', tier: TIER, action: 'denied' }));
  expect(denials).toContainEqual(
    expect.objectContaining({
      tier: 'default',
      action: 'denied',
      trigger: expect.objectContaining({ name: 'checkout-egress', namespace: NS }),
    }),
  );
  // One connection is one flow, however often Goldmane lists it.
  expect(grouped).toHaveLength(2);
});

it('observeFlows knows what was let through, and by which policy', async () => {
  const { grouped } = await observed(['forwarded'], (flows) => flows.some((one) => one.destination.port === 443));
  const web = grouped.filter(({ destination }) => destination.kind === 'public' && destination.port === 443);
  expect(web.map(decidedBy)).toEqual([expect.objectContaining({ name: 'checkout-egress', action: 'allowed' })]);
});

it.each([
  ['a default deny', UNNAMED.host, 'POLICY_EGRESS_NOT_ALLOWED', 'checkout-egress'],
  ['an explicit deny', DENIED.host, 'POLICY_PRECEDENCE', 'quarantine'],
])('diagnoseEgress: %s is blocked by policy, and Calico saw it deny', async (_, host, cause, policy) => {
  const asked = { namespace: NS, workload: pod.name, target: `https://${host}` };
  // Its own packets are in the flow log only some seconds later; those of the first time are for the second.
  const structured = await eventually(`Calico's flows in the diagnosis of ${host}`, 60_000, async () => {
    const answer = (await client.call('diagnoseEgress', asked)).structured;
    expect(answer.verdict).toBe('blocked');
    return deniedBy(answer.findings).some((what) => what.includes(policy)) ? answer : undefined;
  });
  expect(structured.cause).toMatchObject({ class: cause });
  expect(structured.cause.statement).toContain(policy);
});

interface Finding {
  readonly evidence: readonly { readonly source: string; readonly what: string }[];
}

function deniedBy(findings: readonly Finding[]): readonly string[] {
  const evidence = findings.flatMap((finding) => finding.evidence).filter(({ source }) => source === 'flow');
  return evidence.map(({ what }) => what).filter((what) => what.includes('denied by'));
}

it('diagnoseEgress: what is allowed is reachable', async () => {
  const { structured } = await client.call('diagnoseEgress', {
    namespace: NS,
    workload: pod.name,
    target: `https://${ALLOWED.host}`,
  });
  expect(structured.verdict).toBe('reachable');
});
