/** The ways of reading flows against one cluster, with the same expectations: Hubble Relay, exec into the agent, Cilium's monitor. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow, FlowRequest } from '../../src/core/model/flow.ts';
import { createAgentSource } from '../../src/flows/agent-source.ts';
import type { FlowReader } from '../../src/flows/flow-reader.ts';
import { createFlowSource } from '../../src/flows/flow-source.ts';
import { createMonitorSource } from '../../src/flows/monitor/monitor-source.ts';
import { createRelaySource } from '../../src/flows/relay/relay-source.ts';
import type { WritableConnection } from '../../src/kube/connection.ts';
import { openKube } from '../../src/kube/open.ts';
import { setHubble } from './flows/hubble-switch.ts';
import { grant, type Rights, session, withdraw } from './flows/rights.ts';
import { ALLOWED, type Caller, DENIED, knock, NS, stage, UNNAMED } from './flows/stage.ts';
import { startClient, type TestClient } from './support/client.ts';
import { deleteNamespace, eventually, execIn, openCluster, type TestCluster } from './support/cluster.ts';

let cluster: TestCluster;
let kube: WritableConnection;
let caller: Caller;
let node: string;
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'flow-sources-'));

beforeAll(async () => {
  cluster = await openCluster();
  // A run that was killed may have left it off.
  await setHubble(cluster, true);
  kube = await openKube({ kubeconfig: cluster.kubeconfig });
  caller = await stage(cluster);
  const pod = await cluster.config.makeApiClient(k8s.CoreV1Api).readNamespacedPod(caller);
  node = pod.spec?.nodeName ?? '';
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await deleteNamespace(cluster, NS);
});

const request = (more: Partial<FlowRequest> = {}): FlowRequest => ({
  pod: caller,
  nodeName: node,
  sinceSeconds: 60,
  verdicts: [],
  limit: 200,
  ...more,
});

const READERS: Readonly<Record<string, () => FlowReader>> = {
  relay: () => createRelaySource(kube),
  agent: () => createAgentSource(kube),
};

async function observed(reader: FlowReader, more: Partial<FlowRequest> = {}) {
  const read = await reader.observe(request(more), never);
  if (!read.ok) throw new Error(`${read.notRead.what}: ${read.notRead.reason}`);
  return read.value;
}

const to = (flows: readonly Flow[], ip: string) => flows.filter(({ destination }) => destination.ip === ip);

/** Knocks at all doors until the flows hold what is looked for: a busy node's buffer may hold no more than some seconds. */
async function seen<T>(reader: FlowReader, find: (flows: readonly Flow[]) => T | undefined): Promise<T> {
  return eventually('the flows show it', 60_000, async () => {
    await knock(cluster, caller, ALLOWED.host, UNNAMED.host, DENIED.host);
    return find((await observed(reader)).flows);
  });
}

describe.each(Object.keys(READERS))('what was, by %s', (name) => {
  const reader = () => (READERS[name] as () => FlowReader)();

  it('shows a default deny without a policy’s name, a denial with it, and what allowed', async () => {
    const { source } = await observed(reader());
    expect(source).toMatch(name === 'relay' ? /^Hubble Relay kube-system\/hubble-relay-/ : /^hubble observe in /);
    const [unnamed, denied, allowed] = await seen(reader(), (flows) => {
      const one = to(flows, UNNAMED.address)[0];
      const other = to(flows, DENIED.address)[0];
      const through = to(flows, ALLOWED.address).find(({ event }) => event === 'policy_verdict');
      return one && other && through ? [one, other, through] : undefined;
    });
    expect(unnamed).toMatchObject({
      verdict: 'dropped',
      dropReason: 'POLICY_DENIED',
      direction: 'egress',
      source: { namespace: NS, pod: 'caller' },
      destination: { port: 443, protocol: 'TCP', names: [UNNAMED.host] },
      deniedBy: [],
    });
    expect(denied).toMatchObject({
      verdict: 'dropped',
      dropReason: 'POLICY_DENY',
      deniedBy: [`CiliumNetworkPolicy ${NS}/never-there`],
    });
    expect(allowed).toMatchObject({ verdict: 'forwarded', allowedBy: [`CiliumNetworkPolicy ${NS}/caller-egress`] });
  });

  it('shows what the DNS proxy answered', async () => {
    const { query, ttl, ...rest } = await seen(reader(), (flows) =>
      flows.flatMap(({ dns }) => dns ?? []).find(({ ips }) => ips.includes(UNNAMED.address)),
    );
    expect(rest).toEqual({ rcode: 0, ips: [UNNAMED.address], cnames: [] });
    expect([query, typeof ttl]).toEqual([UNNAMED.host, 'number']);
    const missing = await seen(reader(), (flows) => flows.find(({ dns }) => dns?.rcode === 3)?.dns);
    expect(missing.query).toMatch(/\.cluster\.local$/);
  });

  it('keeps to verdicts, the window and the limit, and to the newest of what is left', async () => {
    await seen(reader(), (flows) => flows.find(({ verdict }) => verdict === 'dropped'));
    const dropped = await observed(reader(), { verdicts: ['dropped'] });
    expect(dropped.flows.filter(({ verdict }) => verdict !== 'dropped')).toEqual([]);
    const few = await seen(reader(), (flows) => (flows.length > 4 ? flows : undefined)).then(() =>
      observed(reader(), { limit: 2 }),
    );
    expect([few.flows.length, few.truncated]).toEqual([2, true]);
    const [newest] = (await observed(reader())).flows;
    expect(few.flows[0]?.time).toBe(newest?.time);
    const before = await observed(reader(), { sinceSeconds: 86_400, untilSeconds: 80_000 });
    expect(before.flows).toEqual([]);
    expect(before.missing).toMatchObject([{ kind: 'buffer_begins' }]);
  });
});

it('both tell the same flows', async () => {
  const [relay, agent] = await eventually('both have some', 60_000, async () => {
    await knock(cluster, caller, UNNAMED.address, ALLOWED.address);
    const both = [await observed(createRelaySource(kube)), await observed(createAgentSource(kube))] as const;
    return both.every(({ flows }) => flows.length > 5) ? both : undefined;
  });
  // The buffer has moved on between the two questions: what only its beginning tells apart is of no interest.
  const oldest = Date.parse(agent.flows.at(-1)?.time ?? '');
  expect(relay.flows.filter(({ time }) => Date.parse(time) >= oldest)).toEqual(agent.flows);
});

const FOLLOWERS: Readonly<Record<string, () => Pick<FlowReader, 'follow'>>> = {
  ...READERS,
  monitor: () => createMonitorSource(kube),
};

describe.each(Object.keys(FOLLOWERS))('what happens now, by %s', (name) => {
  it('hears a drop soon, and ends when it is told to', async () => {
    const reader = (FOLLOWERS[name] as () => Pick<FlowReader, 'follow'>)();
    const stop = new AbortController();
    const heard: { readonly flow: Flow; readonly at: number }[] = [];
    const attached = Promise.withResolvers<void>();
    const on = {
      ready: () => attached.resolve(),
      flow: (flow: Flow) => heard.push({ flow, at: Date.now() }),
    };
    const ended = reader.follow(request(), on, stop.signal);
    await Promise.race([attached.promise, ended.then((read) => Promise.reject(new Error(JSON.stringify(read))))]);
    // A program in the agent listens some time after its session stands: what is counted begins with what it has heard.
    await eventually('drops are heard', 60_000, async () => {
      await knock(cluster, caller, UNNAMED.address);
      return heard.length > 0 ? true : undefined;
    });
    const listening = Date.now();
    await knock(cluster, caller, ...Array.from({ length: ROUNDS }, () => UNNAMED.address));
    await eventually('the drops were heard', 10_000, async () => (heard.length > ROUNDS ? true : undefined));
    const stopped = performance.now();
    stop.abort();
    expect(await ended).toMatchObject({ ok: true, value: { source: expect.any(String) } });
    expect(performance.now() - stopped).toBeLessThan(1000);
    expect(heard[0]?.flow).toMatchObject({
      verdict: 'dropped',
      dropReason: 'POLICY_DENIED',
      direction: 'egress',
      destination: { ip: UNNAMED.address, port: 443, protocol: 'TCP' },
    });
    // The monitor tells no time of its own: how late it is, nobody knows.
    if (name === 'monitor') return;
    const late = heard
      .filter(({ flow }) => Date.parse(flow.time) >= listening)
      .map(({ flow, at }) => at - Date.parse(flow.time))
      .toSorted((a, b) => a - b);
    const [median = Number.NaN, most = Number.NaN] = [late[Math.floor(late.length / 2)], late.at(-1)];
    console.log(`${name}: ${late.length} drops heard, median ${median} ms after the drop, at most ${most} ms`);
    expect(median).toBeLessThan(SOON_MS);
  });
});

const ROUNDS = 10;
/** Half of the drops are heard by then, with the relay's sort buffer set as Cilium's chart sets it. */
const SOON_MS = 300;

async function agentPod() {
  const agents = await cluster.config
    .makeApiClient(k8s.CoreV1Api)
    .listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=cilium' });
  return { namespace: 'kube-system', name: agents.items[0]?.metadata?.name ?? '', container: 'cilium-agent' };
}

it('a follower leaves no program behind in the agent', async () => {
  const agent = await agentPod();
  const left = await eventually('no follower of this caller runs', 10_000, async () => {
    const { stdout } = await execIn(cluster, agent, [
      'sh',
      '-c',
      'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "',
    ]);
    return stdout.includes(`--pod ${NS}/caller`) || stdout.includes('cilium-dbg monitor') ? undefined : 'none';
  });
  expect(left).toBe('none');
});

describe('through the client', () => {
  type Finding = {
    id: string;
    state: string;
    statement: string;
    evidence: { source: string; where: string; what: string }[];
  };
  let client: TestClient;

  beforeAll(async () => {
    client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  });

  afterAll(() => client?.close());

  const observe = async (args: Record<string, unknown> = {}) => {
    const answer = await client.call('observeFlows', { namespace: NS, workload: 'pod/caller', since: '1m', ...args });
    const findings = answer.structured.findings as Finding[];
    return { answer, findings, of: (id: string) => findings.filter((finding) => finding.id === id) };
  };

  it('names the policy that Hubble names, and for a default deny the one that isolates, said as ours', async () => {
    const { answer, of } = await eventually('both drops are there', 60_000, async () => {
      await knock(cluster, caller, UNNAMED.host, DENIED.host);
      const one = await observe({ verdicts: ['dropped'] });
      return one.of('flow-denied-by').length === 2 ? one : undefined;
    });
    const denied = (address: string) =>
      of('flow-denied-by').find(({ statement }) => statement.includes(address))?.evidence;
    expect(denied(DENIED.address)?.at(-1)?.what).toBe(`the engine names CiliumNetworkPolicy ${NS}/never-there`);
    expect(denied(UNNAMED.address)?.at(-1)).toMatchObject({
      source: 'policy',
      where: expect.stringContaining(`CiliumNetworkPolicy ${NS}/caller-egress`),
      what: expect.stringContaining('by our evaluation of the policies as they are now'),
    });
    expect(answer.structured.source).toMatch(/^Hubble Relay/);
  });

  it('shows the time around a failure, and says what it cannot know of the time before the buffer', async () => {
    await knock(cluster, caller, UNNAMED.address);
    const { answer } = await observe({ at: new Date().toISOString() });
    expect(answer.structured.flows.length).toBeGreaterThan(0);
    const { answer: old, of } = await observe({ at: new Date(Date.now() - 86_400_000).toISOString() });
    expect(old.structured.flows).toEqual([]);
    expect(old.text).toMatch(/Not in it\n +Hubble’s buffer on the node begins at/);
    expect(of('flow-dropped')[0]?.state).toBe('not_checked');
  });

  it('tells what policy audit mode let through', async () => {
    const set = async (mode: string) => {
      const listed = await execIn(cluster, await agentPod(), ['cilium-dbg', 'endpoint', 'list', '-o', 'json']);
      const endpoints = JSON.parse(listed.stdout) as { id: number; status: Status }[];
      const id = endpoints.find(
        ({ status }) =>
          status['external-identifiers']['k8s-pod-name'] === 'caller' &&
          status['external-identifiers']['k8s-namespace'] === NS,
      )?.id;
      await execIn(cluster, await agentPod(), [
        'cilium-dbg',
        'endpoint',
        'config',
        String(id),
        `PolicyAuditMode=${mode}`,
      ]);
    };
    await set('Enabled');
    try {
      const audited = await eventually('audit mode is in force', 20_000, async () => {
        await knock(cluster, caller, UNNAMED.address);
        return (await observe({ verdicts: ['audit'] })).of('flow-audited')[0];
      });
      expect(audited).toMatchObject({
        state: 'confirmed',
        evidence: [{ what: expect.stringContaining('would be denied') }],
      });
    } finally {
      await set('Disabled');
    }
  });
});

interface Status {
  readonly 'external-identifiers': Readonly<Record<string, string>>;
}

describe('rights', () => {
  const granted: Rights[] = [];

  /** A connection of somebody who holds these rights in kube-system, and may read pods. */
  async function connectAs(name: string, resources: readonly string[]): Promise<WritableConnection> {
    const read = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
    const rights = { name: `${NS}-${name}`, within: { 'kube-system': [read, ...resources.map(session)] } };
    const file = join(folder, name);
    granted.push(rights);
    await grant(cluster, NS, rights, file);
    return openKube({ kubeconfig: file });
  }

  afterAll(() => Promise.all(granted.map((rights) => withdraw(cluster, rights))));

  it('port-forward alone: the relay, also for what happens now', async () => {
    const kubeOfForwards = await connectAs('forwards', ['pods/portforward']);
    const source = createFlowSource(kubeOfForwards);
    const read = await eventually('the rights hold', 5000, async () => {
      const one = await createFlowSource(kubeOfForwards).observe(request(), never);
      return one.ok ? one.value : undefined;
    });
    expect(read.source).toMatch(/^Hubble Relay/);
    const stop = new AbortController();
    const on = { ready: () => stop.abort(), flow: () => undefined };
    expect(await source.follow(request(), on, stop.signal)).toMatchObject({
      value: { source: expect.stringMatching(/^Hubble Relay/) },
    });
  });

  it('exec alone: the agent, and what the relay would need is said', async () => {
    const kubeOfExecs = await connectAs('execs', ['pods/exec']);
    const read = await eventually('the rights hold', 5000, async () => {
      const one = await createFlowSource(kubeOfExecs).observe(request(), never);
      return one.ok ? one.value : undefined;
    });
    expect(read.source).toMatch(/^hubble observe in/);
    expect(read.notUsed).toMatchObject([
      { code: 'forbidden', nextStep: expect.stringContaining('"pods/portforward" in namespace kube-system') },
    ]);
  });

  it('neither: both are named', async () => {
    const source = createFlowSource(await connectAs('neither', []));
    const read = await source.observe(request(), never);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden', reason: expect.stringMatching(/Hubble Relay .*portforward/) },
    });
  });
});
