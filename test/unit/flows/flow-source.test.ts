/** Which way of reading flows is taken, what is said of the others, and where other engines keep theirs. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { Flow, FlowRequest } from '../../../src/core/model/flow.ts';
import { createFlowSource } from '../../../src/flows/flow-source.ts';
import type { ExecRequest, ExecResult, ForwardingConnection } from '../../../src/kube/connection.ts';
import { startRelay } from './fake-relay.ts';
import { listing, rawFlow, startWhisker } from './fake-whisker.ts';
import { exited, refused } from './scripted-kube.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const never = new AbortController().signal;
const OBSERVED = readFileSync(new URL('fixtures/observe.jsonl', import.meta.url), 'utf8');
const MONITORED = readFileSync(new URL('fixtures/monitor.jsonl', import.meta.url), 'utf8');
const POD = { namespace: 'logs-try', name: 'checkout' };
const REQUEST: FlowRequest = { pod: POD, nodeName: 'lab-node', sinceSeconds: 60, verdicts: [], limit: 100 };
const HUBBLE_IS_OFF = exited('', 1, 'failed to connect to unix:///var/run/cilium/hubble.sock');

interface Cluster {
  /** Labels of the pods that are there, `key=value`. */
  readonly pods?: readonly string[];
  readonly exec?: (request: ExecRequest) => Read<ExecResult> | Promise<Read<ExecResult>>;
  readonly forward?: ForwardingConnection['forward'];
}

/** Pods are found by the selector that they are asked for with. */
function cluster({ pods = [], exec, forward }: Cluster): ForwardingConnection & { readonly commands: string[] } {
  const commands: string[] = [];
  const unexpected = () => Promise.reject(new Error('not expected'));
  return {
    context: 'test',
    server: 'https://test.example',
    commands,
    get: async (path, { labelSelector = '' }) => {
      if (path.endsWith('/ciliumendpoints/checkout')) return { ok: true, value: { status: { id: 1933 } } };
      return { ok: true, value: { items: pods.filter((label) => selects(labelSelector, label)).map(podWith) } };
    },
    readLog: unexpected,
    exec: async (request) => {
      commands.push(request.argv.join(' '));
      return exec?.(request) ?? unexpected();
    },
    forward: forward ?? (async () => refused('forbidden', 'no pods/portforward')),
  };
}

function selects(selector: string, label: string): boolean {
  const [key = '', value = ''] = label.split('=');
  const many = /^(\S+) in \((.*)\)$/.exec(selector);
  return many ? many[1] === key && (many[2] ?? '').split(',').includes(value) : selector === label;
}

function podWith(label: string) {
  const [key = '', value = ''] = label.split('=');
  return {
    metadata: { namespace: 'kube-system', name: `${value}-1`, labels: { [key]: value } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const AGENT = 'k8s-app=cilium';
const RELAY = 'k8s-app=hubble-relay';
const WHISKER = 'k8s-app=whisker';

async function relay() {
  const server = await startRelay((call) => {
    call.send({ node_status: { state_change: 'NODE_CONNECTED', node_names: ['lab-node'] } });
    if (call.request['first'] === true) call.send({ flow: { time: '2026-11-24T00:00:00Z', verdict: 'FORWARDED' } });
    call.end();
  });
  cleanups.push(() => server.close());
  return server.forward;
}

describe('what was', () => {
  it('is asked of the relay, without any exec', async () => {
    const kube = cluster({ pods: [AGENT, RELAY], forward: await relay() });
    const read = await createFlowSource(kube).observe(REQUEST, never);
    expect(read).toMatchObject({ ok: true, value: { source: 'Hubble Relay kube-system/hubble-relay-1' } });
    expect(kube.commands).toEqual([]);
  });

  it('is asked of the agent where the relay cannot be used, and that is said', async () => {
    const kube = cluster({ pods: [AGENT, RELAY], exec: () => exited(OBSERVED) });
    const read = await createFlowSource(kube).observe(REQUEST, never);
    expect(read).toMatchObject({
      ok: true,
      value: { source: 'hubble observe in kube-system/cilium-1', notUsed: [{ reason: 'no pods/portforward' }] },
    });
  });

  it('has nothing to say of a relay that nobody installed', async () => {
    const read = await createFlowSource(cluster({ pods: [AGENT], exec: () => exited(OBSERVED) })).observe(
      REQUEST,
      never,
    );
    expect(read.ok && read.value).not.toHaveProperty('notUsed');
  });

  it('says of each way why it failed', async () => {
    const kube = cluster({ pods: [AGENT, RELAY], exec: () => refused('forbidden', 'no pods/exec') });
    expect(await createFlowSource(kube).observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: {
        code: 'forbidden',
        reason: 'no pods/exec; Hubble Relay kube-system/hubble-relay-1: no pods/portforward',
        nextStep: expect.stringContaining('pods/exec'),
      },
    });
  });

  it.each([
    ['k8s-app=goldmane', /Goldmane/, /Whisker resource .* filter source namespace logs-try/],
    ['k8s-app=calico-node', /Calico/, /action Log/],
    ['k8s-app=aws-node', /AWS/, /network-policy-agent\.log/],
    ['app=antrea', /Antrea/, /np\.log/],
    ['app=ovnkube-node', /OVN/, /acl-logging/],
  ])('without Cilium: %s is not read, and where a person looks', async (label, what, nextStep) => {
    expect(await createFlowSource(cluster({ pods: [label] })).observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: {
        code: 'unsupported',
        what: expect.stringMatching(what),
        reason: expect.stringContaining('not read'),
        nextStep: expect.stringMatching(nextStep),
      },
    });
  });

  it('without Cilium: Whisker is read, and that there is no Cilium is nothing to report', async () => {
    const server = await startWhisker(listing(rawFlow({ source_namespace: 'logs-try', source_name: 'checkout' })));
    cleanups.push(() => server.close());
    const read = await createFlowSource(cluster({ pods: [WHISKER], forward: server.forward })).observe(REQUEST, never);
    expect(read).toMatchObject({
      ok: true,
      value: { source: 'Whisker kube-system/whisker-1', flows: [], grouped: [{ action: 'denied' }] },
    });
    expect(read.ok && read.value).not.toHaveProperty('notUsed');
  });

  it('Whisker is not asked where Cilium answers', async () => {
    const kube = cluster({ pods: [AGENT, WHISKER], exec: () => exited(OBSERVED) });
    expect(await createFlowSource(kube).observe(REQUEST, never)).toMatchObject({
      value: { source: 'hubble observe in kube-system/cilium-1' },
    });
  });

  it('Whisker is read where nobody may look for Cilium, and that is said', async () => {
    const server = await startWhisker(listing());
    cleanups.push(() => server.close());
    const kube = cluster({ pods: [WHISKER], forward: server.forward });
    const get: typeof kube.get = async (path, query, signal) =>
      path === '/api/v1/pods' ? refused('forbidden', 'no list') : kube.get(path, query, signal);
    expect(await createFlowSource({ ...kube, get }).observe(REQUEST, never)).toMatchObject({
      ok: true,
      value: { grouped: [], notUsed: [{ what: 'Hubble Relay', reason: 'no list' }] },
    });
  });

  it('where Whisker cannot be read: the grant, else where a person looks', async () => {
    const request = { ...REQUEST, pod: { namespace: 'shop', name: 'checkout-7d9f8c6b5d-x2k9p' } };
    const read = await createFlowSource(cluster({ pods: [WHISKER] })).observe(request, never);
    expect(read).toMatchObject({
      ok: false,
      notRead: {
        what: 'Whisker kube-system/whisker-1',
        code: 'forbidden',
        nextStep: expect.stringMatching(
          /svc\/whisker 8081 .*: filter source namespace shop, source checkout-7d9f8c6b5d-\*,/,
        ),
      },
    });
    const forward = async () => ({
      ok: false as const,
      notRead: { what: 'port', code: 'forbidden' as const, reason: 'no', nextStep: 'Grant it' },
    });
    expect(await createFlowSource(cluster({ pods: [WHISKER], forward })).observe(request, never)).toMatchObject({
      notRead: { nextStep: 'Grant it' },
    });
  });

  it('GKE’s Cilium has no Hubble to ask, but a log', async () => {
    const kube = cluster({ pods: [AGENT, 'k8s-app=anetd'], exec: () => HUBBLE_IS_OFF });
    const gke = {
      ...kube,
      get: async (path: string, query: Record<string, string>, signal: AbortSignal) => {
        const read = await kube.get(path, query, signal);
        return JSON.parse(JSON.stringify(read).replaceAll('cilium-1', 'anetd-x1z2')) as Read<unknown>;
      },
    };
    expect(await createFlowSource(gke).observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: { what: expect.stringMatching(/GKE Dataplane V2/), nextStep: expect.stringMatching(/NetworkLogging/) },
    });
  });

  it('no engine that is known: why there are none', async () => {
    expect(await createFlowSource(cluster({})).observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: { code: 'unsupported', reason: expect.stringMatching(/no running pod with label k8s-app=cilium/) },
    });
  });

  it('a right that is lacking is not taken for another engine', async () => {
    const kube = cluster({ pods: [AGENT, 'k8s-app=calico-node'], exec: () => refused('forbidden', 'no pods/exec') });
    expect(await createFlowSource(kube).observe(REQUEST, never)).toMatchObject({ notRead: { code: 'forbidden' } });
  });
});

describe('what happens now', () => {
  const follow = async (kube: ForwardingConnection) => {
    const heard: Flow[] = [];
    let ready = 0;
    const on = { ready: () => ready++, flow: (flow: Flow) => heard.push(flow) };
    const read = await createFlowSource(kube).follow(REQUEST, on, never);
    return { read, heard, ready };
  };
  /** A session that prints this and ends. */
  const prints = (text: string) => (request: ExecRequest) => {
    request.onOpen?.();
    request.onStdout?.(text, () => undefined);
    return exited('');
  };

  it('is heard from the agent, since a relay holds flows back', async () => {
    const kube = cluster({ pods: [AGENT, RELAY], exec: prints(OBSERVED), forward: await relay() });
    const { read, heard } = await follow(kube);
    expect(read).toMatchObject({ value: { source: 'hubble observe --follow in kube-system/cilium-1' } });
    expect(heard).toHaveLength(2);
  });

  it('is heard from the relay where exec is not allowed', async () => {
    const forward = await relay();
    const { read, ready } = await follow(
      cluster({ pods: [AGENT, RELAY], exec: () => refused('forbidden', 'no'), forward }),
    );
    expect(read).toMatchObject({ value: { source: expect.stringMatching(/^Hubble Relay/) } });
    expect(ready).toBe(1);
  });

  it('is heard from the monitor where Hubble is off', async () => {
    const exec = (request: ExecRequest) =>
      request.argv.includes('hubble') ? HUBBLE_IS_OFF : prints(MONITORED)(request);
    const kube = cluster({ pods: [AGENT], exec });
    const { read, heard } = await follow(kube);
    expect(read).toMatchObject({ value: { source: 'cilium-dbg monitor in kube-system/cilium-1' } });
    expect(heard.map(({ summary }) => summary)).toEqual([
      'dropped (POLICY_DENIED): 10.244.0.7 → 198.51.100.30:443/TCP, egress',
      'dropped (POLICY_DENY): 10.244.0.7 → 198.51.100.50:443/TCP, egress',
      'dropped (POLICY_DENIED): 10.244.0.9 → 10.244.0.7:8080/TCP, ingress',
      'dropped (CT_TRUNCATED_OR_INVALID_HEADER): 10.244.0.7 → 198.51.100.30:?/?, egress',
    ]);
    expect(heard.map(({ direction, source, destination }) => [direction, source.pod, destination.pod])).toEqual([
      ['egress', 'checkout', undefined],
      ['egress', 'checkout', undefined],
      ['ingress', undefined, 'checkout'],
      ['egress', 'checkout', undefined],
    ]);
    expect(kube.commands.at(-1)).toMatch(/follow cilium-dbg monitor --json --type drop --from 1933$/);
  });

  it('uses the monitor’s old name where the new one is missing', async () => {
    const exec = (request: ExecRequest) => {
      if (request.argv.includes('hubble')) return HUBBLE_IS_OFF;
      return request.argv.includes('cilium') ? prints(MONITORED)(request) : exited('', 127, 'not found');
    };
    expect((await follow(cluster({ pods: [AGENT], exec }))).heard).toHaveLength(4);
  });

  it('refuses a pod name that could be an option', async () => {
    const on = { ready: () => undefined, flow: () => undefined };
    const request = { ...REQUEST, pod: { ...POD, name: '--all' } };
    await expect(createFlowSource(cluster({ pods: [AGENT] })).follow(request, on, never)).rejects.toMatchObject({
      code: 'NAME_INVALID',
    });
  });
});
