import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FlowRequest } from '../../../src/core/model/flow.ts';
import { createAgentSource } from '../../../src/flows/agent-source.ts';
import type { ExecRequest } from '../../../src/kube/connection.ts';
import { AGENT_LIST, AGENTS, exited, refused, scriptedKube } from './scripted-kube.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const OBSERVED = fixture('observe.jsonl');
const signal = new AbortController().signal;
const POD = { namespace: 'logs-try', name: 'checkout' };
const REQUEST: FlowRequest = { pod: POD, nodeName: 'lab-node', sinceSeconds: 60, verdicts: [], limit: 100 };
const CEP = '/apis/cilium.io/v2/namespaces/logs-try/ciliumendpoints/checkout';

describe('observe', () => {
  it('decodes what Hubble printed in a real cluster', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited(OBSERVED) });
    const read = await createAgentSource(kube).observe(REQUEST, signal);
    if (!read.ok) throw new Error(read.notRead.reason);
    expect(read.value.source).toBe('hubble observe in kube-system/cilium-abc');
    expect(read.value.truncated).toBe(false);
    expect(read.value.flows.map(({ summary }) => summary)).toMatchInlineSnapshot(`
      [
        "dropped (POLICY_DENIED): logs-try/checkout → 203.0.113.20:443/TCP (files.vendor.example), egress",
        "dropped (POLICY_DENIED): logs-try/checkout → 203.0.113.20:443/TCP (files.vendor.example), egress",
        "forwarded: kube-system/coredns-8475858dcb-mxr9s → logs-try/checkout:43039/UDP, egress, DNS answer rcode 0 files.vendor.example",
        "forwarded: kube-system/coredns-8475858dcb-mxr9s → logs-try/checkout:43039/UDP, egress, DNS answer rcode 0 files.vendor.example",
        "redirected: logs-try/checkout → kube-system/coredns-8475858dcb-mxr9s:53/UDP, egress",
        "forwarded: logs-try/checkout → kube-system/coredns-8475858dcb-zpfrp:53/UDP, egress, DNS query api.vendor.example.logs-try.svc.cluster.local",
        "redirected: logs-try/checkout → kube-system/coredns-8475858dcb-zpfrp:53/UDP, egress",
      ]
    `);
    expect(read.value.flows[0]).toMatchObject({
      verdict: 'dropped',
      dropReason: 'POLICY_DENIED',
      direction: 'egress',
      source: { namespace: 'logs-try', pod: 'checkout' },
      destination: {
        ip: '203.0.113.20',
        port: 443,
        protocol: 'TCP',
        names: ['files.vendor.example'],
        identity: 2,
        labels: ['reserved:world'],
      },
    });
  });

  it('shows DNS answers with their chain, and the policy that allowed', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited(OBSERVED) });
    const read = await createAgentSource(kube).observe(REQUEST, signal);
    const flows = read.ok ? read.value.flows : [];
    expect(flows.map(({ dns }) => dns)).toContainEqual({
      query: 'files.vendor.example',
      rcode: 0,
      ips: ['203.0.113.20'],
      cnames: ['blob.store.example'],
      ttl: expect.any(Number),
    });
    expect(flows.flatMap(({ allowedBy }) => allowedBy)).toContain('CiliumNetworkPolicy logs-try/checkout');
  });

  it('counts a drop’s two events once and leaves out pods whose name only begins alike', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited(OBSERVED) });
    const read = await createAgentSource(kube).observe(REQUEST, signal);
    const drops = read.ok ? read.value.flows.filter(({ verdict }) => verdict === 'dropped') : [];
    expect(OBSERVED.match(/"DROPPED"/g)).toHaveLength(5);
    expect(drops).toHaveLength(2);
    expect(JSON.stringify(read)).not.toContain('checkout-10');
  });

  it('asks for the pod, the time and the verdicts with fixed arguments, in the agent of the pod’s node', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited('') });
    await createAgentSource(kube).observe(
      { ...REQUEST, sinceSeconds: 0.2, verdicts: ['dropped', 'other'], limit: 10 },
      signal,
    );
    expect(kube.asked).toEqual([
      { path: AGENTS, query: { labelSelector: 'k8s-app=cilium', fieldSelector: 'spec.nodeName=lab-node' } },
    ]);
    expect(kube.commands[0]).toMatchObject({
      pod: { namespace: 'kube-system', name: 'cilium-abc' },
      container: 'cilium-agent',
    });
    expect(kube.commands[0]?.argv.join(' ')).toBe(
      'hubble observe --pod logs-try/checkout -o json --since 1s --last 20 --verdict DROPPED --verdict TRACED --verdict TRANSLATED',
    );
  });

  it('refuses a pod name that could be an option', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST } });
    await expect(
      createAgentSource(kube).observe({ ...REQUEST, pod: { ...POD, name: '--server=x' } }, signal),
    ).rejects.toMatchObject({ code: 'NAME_INVALID' });
    expect(kube.commands).toEqual([]);
  });

  it('says that it is cut when Hubble lost events or the bound is reached', async () => {
    const lost = scriptedKube({
      get: { [AGENTS]: AGENT_LIST },
      exec: () => exited('{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"9"}}\n'),
    });
    expect(await createAgentSource(lost).observe(REQUEST, signal)).toMatchObject({
      ok: true,
      value: { flows: [], truncated: true },
    });
    const full = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited(OBSERVED) });
    const read = await createAgentSource(full).observe({ ...REQUEST, limit: 2 }, signal);
    expect(read).toMatchObject({ ok: true, value: { truncated: true } });
    expect(read.ok && read.value.flows.map(({ verdict }) => verdict)).toEqual(['dropped', 'dropped']);
  });

  it('reads the node of a pod when none is given', async () => {
    const pod = { ok: true as const, value: { spec: { nodeName: 'n7' } } };
    const kube = scriptedKube({
      get: { '/api/v1/namespaces/logs-try/pods/checkout': pod, [AGENTS]: AGENT_LIST },
      exec: () => exited(''),
    });
    const { nodeName: _node, ...rest } = REQUEST;
    await createAgentSource(kube).observe(rest, signal);
    expect(kube.asked.at(-1)?.query.fieldSelector).toBe('spec.nodeName=n7');
  });

  it('finds the agent once, and again after a command in it failed', async () => {
    const answers = [exited(''), refused('not_found', 'gone'), exited('')];
    const exec = ({ argv }: ExecRequest) => (argv[0] === 'sh' ? exited('') : (answers.shift() ?? exited('')));
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec });
    const source = createAgentSource(kube);
    for (let i = 0; i < 3; i++) await source.observe(REQUEST, signal);
    expect(kube.asked).toHaveLength(2);
  });
});

describe('what cannot be read is said with the reason and the next step', () => {
  it('no agent on the node', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: { ok: true, value: { items: [] } } } });
    expect(await createAgentSource(kube).observe(REQUEST, signal)).toMatchObject({
      ok: false,
      notRead: {
        code: 'unsupported',
        reason: expect.stringContaining('lab-node'),
        nextStep: expect.stringContaining('k8s-app=cilium'),
      },
    });
  });

  it('pods may be listed in kube-system only', async () => {
    const get = { [AGENTS]: refused('forbidden', 'no'), '/api/v1/namespaces/kube-system/pods': AGENT_LIST };
    const kube = scriptedKube({ get, exec: () => exited('') });
    expect(await createAgentSource(kube).observe(REQUEST, signal)).toMatchObject({ ok: true });
  });

  it('pods may be listed nowhere', async () => {
    const get = {
      [AGENTS]: refused('forbidden', 'no'),
      '/api/v1/namespaces/kube-system/pods': refused('forbidden', 'no'),
    };
    expect(await createAgentSource(scriptedKube({ get })).observe(REQUEST, signal)).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden', nextStep: expect.stringContaining('pods/exec in kube-system') },
    });
  });

  it.each([
    [
      'exec is forbidden',
      refused('forbidden', 'pods "cilium-abc" is forbidden'),
      'forbidden',
      'create on pods/exec in kube-system',
    ],
    [
      'no such program',
      exited('', 127, 'exec: "hubble": executable file not found in $PATH'),
      'unsupported',
      'agent image',
    ],
    [
      'Hubble is off',
      exited('', 1, "failed to connect to 'unix:///var/run/cilium/hubble.sock': connect: no such file or directory"),
      'unsupported',
      'enable-hubble',
    ],
    ['an old version', exited('', 1, 'unknown flag: --last'), 'unsupported', 'Cilium 1.10'],
    ['something else', exited('', 2, '\u001b[31mboom\u001b[0m password=hunter2'), 'refused', ''],
    [
      'no answer',
      { ok: true as const, value: { stdout: '', stderr: '', truncated: false, ended: 'timeout' as const } },
      'timeout',
      'kubectl',
    ],
  ])('%s', async (_name, answer, code, nextStep) => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => answer });
    const read = await createAgentSource(kube).observe(REQUEST, signal);
    expect(read).toMatchObject({ ok: false, notRead: { code, what: 'hubble observe in kube-system/cilium-abc' } });
    const { nextStep: step = '', reason = '' } = read.ok ? {} : read.notRead;
    expect(step).toContain(nextStep);
    // What a program in the agent writes is no sentence of ours.
    const stderr = answer.ok ? answer.value.stderr.replace(/\u001b\[\d+m/g, '').slice(0, 10) : '';
    expect(read.ok ? undefined : (read.notRead.said ?? '')).toContain(stderr);
    if (stderr !== '') expect(reason).not.toContain(stderr);
    expect(JSON.stringify(read)).not.toMatch(/hunter2|\\u001b/);
  });
});

describe('follow', () => {
  /** Prints `text` in pieces once opened, then waits for the abort, as the real session does. */
  const session = (text: string, open: boolean) => (request: ExecRequest, aborted: AbortSignal) => {
    if (open) request.onOpen?.();
    for (let i = 0; i < text.length; i += 1000) request.onStdout?.(text.slice(i, i + 1000), () => undefined);
    return new Promise<ReturnType<typeof exited>>((resolve) => {
      aborted.addEventListener('abort', () =>
        resolve({ ok: true, value: { stdout: text, stderr: '', truncated: false, ended: 'aborted' } }),
      );
    });
  };

  it('hears each drop of the pod once, says when it is attached, and ends with the signal', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: session(OBSERVED, true) });
    const stop = new AbortController();
    const heard: string[] = [];
    const on = { ready: () => heard.push('ready'), flow: ({ verdict }: { verdict: string }) => heard.push(verdict) };
    const ended = createAgentSource(kube).follow(REQUEST, on, stop.signal);
    await expect.poll(() => heard.length).toBe(3);
    stop.abort();
    expect(await ended).toEqual({
      ok: true,
      value: { source: 'hubble observe --follow in kube-system/cilium-abc' },
    });
    expect(heard).toEqual(['ready', 'dropped', 'dropped']);
  });

  it('is ready soon after where the connection does not tell', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: session('', false) });
    const stop = new AbortController();
    let ready = 0;
    const ended = createAgentSource(kube).follow(REQUEST, { ready: () => ready++, flow: () => undefined }, stop.signal);
    await expect.poll(() => ready).toBe(1);
    stop.abort();
    expect(await ended).toMatchObject({ ok: true });
  });

  it('leaves no program behind: it ends with its standard input, which is held open', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited('') });
    await createAgentSource(kube).follow(REQUEST, { ready: () => undefined, flow: () => undefined }, signal);
    const [shell, flag, script, ...rest] = kube.commands[0]?.argv ?? [];
    expect([shell, flag]).toEqual(['sh', '-c']);
    expect(script).not.toContain('checkout');
    expect(rest.join(' ')).toBe(
      'follow hubble observe --follow --since 1s --pod logs-try/checkout -o json --verdict DROPPED',
    );
    expect(kube.commands[0]).toMatchObject({ stdin: '', holdStdin: true });
  });

  it('ends quietly when the probe is over before the agent was found', async () => {
    const stop = new AbortController();
    const kube = {
      ...scriptedKube({}),
      get: async () => {
        stop.abort();
        throw stop.signal.reason;
      },
    };
    const on = { ready: () => undefined, flow: () => undefined };
    expect(await createAgentSource(kube).follow(REQUEST, on, stop.signal)).toEqual({ ok: true, value: undefined });
  });

  it('takes the agent’s container where it has another name', async () => {
    const item = {
      metadata: { namespace: 'cilium', name: 'agent-1' },
      spec: { containers: [{ name: 'networking-agent' }, { name: 'metrics' }] },
      status: { phase: 'Running' },
    };
    const kube = scriptedKube({ get: { [AGENTS]: { ok: true, value: { items: [item] } } }, exec: () => exited('') });
    await createAgentSource(kube).observe(REQUEST, signal);
    expect(kube.commands[0]).toMatchObject({
      pod: { namespace: 'cilium', name: 'agent-1' },
      container: 'networking-agent',
    });
  });

  it('says why it could not follow', async () => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => refused('forbidden', 'no') });
    const on = { ready: () => undefined, flow: () => undefined };
    expect(await createAgentSource(kube).follow(REQUEST, on, signal)).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden' },
    });
  });
});

describe('fqdnCache', () => {
  const endpoint = { ok: true as const, value: { status: { id: 2376 } } };

  it('gives the pod’s own entries only', async () => {
    const kube = scriptedKube({
      get: { [AGENTS]: AGENT_LIST, [CEP]: endpoint },
      exec: () => exited(fixture('fqdn-cache.json')),
    });
    const read = await createAgentSource(kube).fqdnCache(REQUEST, signal);
    const entries = read.ok ? read.value : [];
    expect(entries.map(({ name }) => name).toSorted()).toEqual([
      'api.vendor.example',
      'files.vendor.example',
      'old.vendor.example',
      'other.example',
    ]);
    expect(entries).toContainEqual({
      name: 'files.vendor.example',
      ips: ['203.0.113.20'],
      endpointId: 2376,
      expires: '2026-11-24T23:28:31.983Z',
    });
    expect(entries).toContainEqual({ name: 'old.vendor.example', ips: ['203.0.113.98'], endpointId: 2376 });
  });

  it('uses the program’s old name where the new one is missing', async () => {
    const kube = scriptedKube({
      get: { [AGENTS]: AGENT_LIST, [CEP]: endpoint },
      exec: ({ argv }) => (argv[0] === 'cilium' ? exited('null') : exited('', 127, 'not found')),
    });
    expect(await createAgentSource(kube).fqdnCache(REQUEST, signal)).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['the endpoint is not readable', refused('forbidden', 'no'), exited('[]'), 'forbidden'],
    ['the endpoint has no number yet', { ok: true as const, value: { status: {} } }, exited('[]'), 'invalid'],
    ['the answer is no JSON', endpoint, exited('Error'), 'invalid'],
  ])('says so when %s', async (_name, cep, answer, code) => {
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST, [CEP]: cep }, exec: () => answer });
    expect(await createAgentSource(kube).fqdnCache(REQUEST, signal)).toMatchObject({ ok: false, notRead: { code } });
  });
});
