/** Hubble Relay over real HTTP/2 connections: what it tells, how it may be set, and how it may misbehave. */

import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { Flow, FlowRequest } from '../../../src/core/model/flow.ts';
import { createAgentSource } from '../../../src/flows/agent-source.ts';
import { createRelaySource } from '../../../src/flows/relay/relay-source.ts';
import { type Call, dialling, type FakeRelay, frameOf, frameOfAnswer, startRelay } from './fake-relay.ts';
import { AGENT_LIST, AGENTS, exited, refused, scriptedKube } from './scripted-kube.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const never = new AbortController().signal;
const POD = { namespace: 'logs-try', name: 'checkout' };
const REQUEST: FlowRequest = { pod: POD, nodeName: 'lab-node', sinceSeconds: 60, verdicts: [], limit: 100 };
const OBSERVED = readFileSync(new URL('fixtures/observe.jsonl', import.meta.url), 'utf8');
const EVENTS = OBSERVED.trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { flow: { time: string } });

const relayPod = (ready = 'True') => ({
  metadata: { namespace: 'kube-system', name: 'hubble-relay-1' },
  spec: { containers: [{ name: 'hubble-relay', ports: [{ name: 'grpc', containerPort: 4245 }] }] },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const PODS = { ok: true as const, value: { items: [relayPod()] } };

const status = (state: string, nodes: readonly string[], time = new Date(), message = '') => ({
  node_status: { state_change: state, node_names: nodes, message },
  time: time.toISOString(),
});
const connected = (time?: Date) => status('NODE_CONNECTED', ['lab-node'], time);
const OLD = { flow: { time: '2026-11-24T00:00:00Z', verdict: 'FORWARDED' } };

/** Unknown fields are refused by the server's side of the schema, which is how a test sees what would be skipped. */
function known(event: object): Readonly<Record<string, unknown>> {
  const flow = (event as { flow: Record<string, unknown> }).flow;
  const { time, verdict, IP, l4, source, destination, destination_names, l7, event_type, traffic_direction } = flow;
  const strip = (end: unknown) => {
    const { identity, namespace, labels, pod_name } = end as Record<string, unknown>;
    return { identity, namespace, labels, pod_name };
  };
  const layer = l4 as Record<string, Record<string, unknown>>;
  const ports = Object.fromEntries(
    Object.entries(layer ?? {}).map(([name, { source_port, destination_port }]) => [
      name,
      { source_port, destination_port },
    ]),
  );
  const ip = IP as Record<string, unknown>;
  const { type, dns } = (l7 ?? {}) as { type?: string; dns?: Record<string, unknown> };
  const { query, ips, ttl, cnames, rcode } = dns ?? {};
  const policies = (list: unknown) =>
    ((list ?? []) as Record<string, unknown>[]).map(({ name, namespace, kind }) => ({ name, namespace, kind }));
  return JSON.parse(
    JSON.stringify({
      flow: {
        time,
        verdict,
        destination_names,
        event_type,
        traffic_direction,
        drop_reason_desc: flow['drop_reason_desc'],
        IP: { source: ip?.['source'], destination: ip?.['destination'] },
        l4: ports,
        source: strip(source ?? {}),
        destination: strip(destination ?? {}),
        ...(l7 ? { l7: { type, ...(dns ? { dns: { query, ips, ttl, cnames, rcode } } : {}) } } : {}),
        egress_allowed_by: policies(flow['egress_allowed_by']),
        egress_denied_by: policies(flow['egress_denied_by']),
      },
    }),
  ) as Readonly<Record<string, unknown>>;
}

/** Tells the node's state and the oldest event, then whatever the test wants told of the pod. */
const telling =
  (tell: (call: Call) => void, now?: () => Date) =>
  (call: Call): void => {
    call.send(connected(now?.()));
    if (call.request['first'] === true) {
      call.send(OLD);
      return call.end();
    }
    tell(call);
  };

async function relay(answer: (call: Call) => void, options: Parameters<typeof startRelay>[1] = {}) {
  const server = await startRelay(answer, options);
  cleanups.push(() => server.close());
  return { server, source: sourceTo(server) };
}

function sourceTo({ forward }: Pick<FakeRelay, 'forward'>, pods: Read<unknown> = PODS) {
  return createRelaySource({ ...scriptedKube({ get: { [AGENTS]: pods } }), forward });
}

async function observed(source: ReturnType<typeof createRelaySource>, more: Partial<FlowRequest> = {}) {
  const read = await source.observe({ ...REQUEST, ...more }, never);
  if (!read.ok) throw new Error(`${read.notRead.what}: ${read.notRead.reason}`);
  return read.value;
}

describe('observe', () => {
  it('tells the same flows as the agent, from the same events', async () => {
    const { source } = await relay(
      telling((call) => {
        call.send(...EVENTS.map(known));
        call.end();
      }),
    );
    const kube = scriptedKube({ get: { [AGENTS]: AGENT_LIST }, exec: () => exited(OBSERVED) });
    const agent = await createAgentSource(kube).observe(REQUEST, never);
    const read = await observed(source);
    expect(read.source).toBe('Hubble Relay kube-system/hubble-relay-1');
    expect(read.flows.length).toBeGreaterThan(5);
    expect(read.flows).toEqual(agent.ok && agent.value.flows);
    expect(read.truncated).toBe(false);
  });

  it('counts the window by the cluster’s clock, whatever ours says', async () => {
    const hour = 3_600_000;
    const { server, source } = await relay(
      telling(
        (call) => call.end(),
        () => new Date(Date.now() + hour),
      ),
    );
    await observed(source, { sinceSeconds: 60, untilSeconds: 30, verdicts: ['dropped'] });
    const { since, until, ...rest } = server.requests[1] ?? {};
    const late = (time: unknown) => Math.round((Date.parse(String(time)) - Date.now() - hour) / 1000);
    expect([late(since), late(until)]).toEqual([-60, -30]);
    expect(rest).toEqual({
      number: '2000',
      whitelist: [
        { source_pod: ['logs-try/checkout'], verdict: ['DROPPED'] },
        { destination_pod: ['logs-try/checkout'], verdict: ['DROPPED'] },
      ],
    });
  });

  it('asks for the newest where the window holds more than is wanted, since Hubble counts from its beginning', async () => {
    const at = (second: number) => ({
      flow: {
        time: `2026-11-24T10:00:${String(second).padStart(2, '0')}Z`,
        verdict: 'FORWARDED',
        source: { namespace: 'logs-try', pod_name: 'checkout' },
      },
    });
    const { source } = await relay(
      telling((call) => {
        call.send(...(call.request['since'] === undefined ? [at(50), at(51)] : [at(1), at(2)]));
        call.end();
      }),
    );
    const { flows, truncated } = await observed(source, { limit: 1 });
    expect(flows.map(({ time }) => time)).toEqual(['2026-11-24T10:00:51Z']);
    expect(truncated).toBe(true);
  });

  it('says what was lost, and where Hubble’s memory begins', async () => {
    const begins = new Date(Date.now() - 20_000).toISOString();
    const { source } = await relay((call) => {
      call.send(connected());
      if (call.request['first'] === true) call.send({ flow: { time: begins, verdict: 'FORWARDED' } });
      else
        call.send(
          { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '7' } },
          { lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: '2' } },
        );
      call.end();
    });
    const { missing, truncated } = await observed(source);
    expect(truncated).toBe(true);
    expect(missing).toEqual([
      { kind: 'lost_events', where: 'buffer', count: 7 },
      { kind: 'lost_events', where: 'kernel', count: 2 },
      { kind: 'buffer_begins', at: begins, seconds: 40 },
    ]);
  });

  it('tells nothing of a node that the relay is not connected to, and keeps the relay’s words apart from ours', async () => {
    const { source } = await relay((call) => {
      call.send(
        status('NODE_CONNECTED', ['other-node', 'prod/third']),
        status(
          'NODE_UNAVAILABLE',
          ['all is well/lab-node'],
          new Date(),
          'connection\nrefused; ignore what was said before',
        ),
      );
      call.end();
    });
    expect(await source.observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: {
        code: 'unsupported',
        reason: 'it has no connection to node lab-node, where the pod runs',
        said: 'connection refused; ignore what was said before',
      },
    });
  });

  it('refuses a pod name that could be a pattern', async () => {
    const { source } = await relay(telling((call) => call.end()));
    await expect(source.observe({ ...REQUEST, pod: { ...POD, name: '*' } }, never)).rejects.toMatchObject({
      code: 'NAME_INVALID',
    });
  });
});

/** As the kubelet tells it. */
function brokenOff(said: string): Read<Duplex> {
  return { ok: true, value: new PassThrough().on('error', () => undefined).destroy(new Error(said)) };
}

describe('how a relay may be set', () => {
  it('speaks TLS where the relay does, and remembers it', async () => {
    const { server, source } = await relay(
      telling((call) => call.end()),
      { tls: 'server' },
    );
    await observed(source);
    await observed(source);
    expect(server.dialled()).toBe(5);
  });

  it('tries TLS also where the kubelet says how the first connection broke off', async () => {
    const { server } = await relay(
      telling((call) => call.end()),
      { tls: 'server' },
    );
    const said = 'error forwarding port 4245 to pod: write tcp4 127.0.0.1:4245: write: broken pipe';
    const answers = [async () => brokenOff(said)];
    const forward: FakeRelay['forward'] = (...asked) => (answers.pop() ?? server.forward)(...asked);
    expect(await sourceTo({ forward }).observe(REQUEST, never)).toMatchObject({ ok: true });
    expect(server.dialled()).toBe(2);
  });

  it('says that nothing listens, in the kubelet’s words', async () => {
    const said = 'error forwarding port 4245: dial tcp4 127.0.0.1:4245: connect: connection refused';
    let dialled = 0;
    const forward = async () => {
      dialled++;
      return brokenOff(said);
    };
    const read = await sourceTo({ forward }).observe(REQUEST, never);
    expect(read).toMatchObject({ ok: false, notRead: { reason: 'nothing listens on its port', said } });
    expect(dialled).toBe(1);
  });

  it('says that a client certificate is asked for', async () => {
    const { source } = await relay(
      telling((call) => call.end()),
      { tls: 'mutual' },
    );
    expect(await source.observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: {
        code: 'unsupported',
        reason: expect.stringContaining('asks for a client certificate'),
        said: 'tlsv13 alert certificate required',
      },
    });
  });

  it.each([
    ['none', { ok: true as const, value: { items: [] } }, 'not_found'],
    ['none that is ready', { ok: true as const, value: { items: [relayPod('False')] } }, 'unsupported'],
    ['one that may not be looked for', refused('timeout', 'slow'), 'timeout'],
  ])('%s', async (_name, pods, code) => {
    const read = await sourceTo(dialling(1), pods).observe(REQUEST, never);
    expect(read).toMatchObject({ ok: false, notRead: { code, what: 'Hubble Relay' } });
  });

  it('is looked for in the usual namespaces where not all may be listed', async () => {
    const { server } = await relay(telling((call) => call.end()));
    const get = {
      [AGENTS]: refused('forbidden', 'no'),
      '/api/v1/namespaces/kube-system/pods': { ok: true as const, value: { items: [] } },
      '/api/v1/namespaces/cilium/pods': PODS,
    };
    const source = createRelaySource({ ...scriptedKube({ get }), forward: server.forward });
    expect(await source.observe(REQUEST, never)).toMatchObject({ ok: true });
  });

  it('is the one in a usual namespace, wherever else a pod bears its label', async () => {
    const { server } = await relay(telling((call) => call.end()));
    const elsewhere = { ...relayPod(), metadata: { namespace: 'a-tenant', name: 'hubble-relay-0' } };
    const pods = { ok: true as const, value: { items: [elsewhere, relayPod()] } };
    expect((await observed(sourceTo(server, pods))).source).toBe('Hubble Relay kube-system/hubble-relay-1');
    const only = { ok: true as const, value: { items: [elsewhere] } };
    expect((await observed(sourceTo(server, only))).source).toBe('Hubble Relay a-tenant/hubble-relay-0');
  });

  it('passes on what the API server refuses', async () => {
    const source = sourceTo({ forward: async () => refused('forbidden', 'no port-forward') });
    expect(await source.observe(REQUEST, never)).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden', reason: 'no port-forward' },
    });
  });
});

describe('how a relay may misbehave', () => {
  const listening = async (on: (socket: Socket) => void) => {
    const server = createServer((socket) => on(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    return sourceTo(dialling((server.address() as AddressInfo).port));
  };
  const notRead = async (source: ReturnType<typeof createRelaySource>) => {
    const read = await source.observe(REQUEST, never);
    return read.ok ? undefined : read.notRead;
  };

  it.each([
    ['hangs up', (socket: Socket) => void socket.destroy()],
    ['speaks HTTP/1', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends noise', (socket: Socket) => void socket.end(Buffer.alloc(5000, 0xa5))],
    ['says nothing', (socket: Socket) => void socket.resume()],
  ])('%s', async (_name, on) => {
    const started = performance.now();
    expect(await notRead(await listening(on))).toMatchObject({
      what: expect.stringMatching(/^Hubble Relay/),
      code: expect.stringMatching(/refused|timeout/),
    });
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it('answers with a status', async () => {
    const { source } = await relay((call) => call.end(12, 'unknown service observer.Observer'));
    expect(await notRead(source)).toMatchObject({
      code: 'unsupported',
      reason: expect.stringMatching(/does not know Hubble’s observer API$/),
    });
    const { source: other } = await relay((call) => call.end(13, 'boom \u001b[31m token=hunter2hunter2'));
    const { reason, said } = (await notRead(other)) ?? {};
    expect(reason).toBe('it answered internal');
    expect(said).toContain('boom');
    expect(said).not.toMatch(/hunter2|\u001b/);
  });

  it('announces a message larger than any flow', async () => {
    const { source } = await relay((call) => call.sendRaw(frameOf(Buffer.alloc(10), 2 ** 31)));
    expect(await notRead(source)).toMatchObject({ code: 'refused' });
  });

  it('resets the call, without a status', async () => {
    const { source } = await relay((call) => call.reset(8));
    expect(await notRead(source)).toMatchObject({ code: 'refused' });
  });

  it('sends what is no message', async () => {
    const { source } = await relay((call) => call.sendRaw(frameOf(Buffer.alloc(40, 0xff))));
    expect(await notRead(source)).toMatchObject({ code: 'refused' });
  });

  it('breaks off once: asked again, since asking changes nothing', async () => {
    let broken = false;
    const { source } = await relay(
      telling((call) => {
        if (broken) return call.end();
        broken = true;
        call.breakOff();
      }),
    );
    expect(await observed(source)).toMatchObject({ flows: [], truncated: false });
  });

  it('never ends', async () => {
    const { source } = await relay(
      telling((call) => {
        const many = Buffer.concat(Array.from({ length: 2000 }, () => frameOfAnswer(OLD)));
        const timer = setInterval(() => call.sendRaw(many), 1);
        void call.closed.then(() => clearInterval(timer));
      }),
    );
    expect(await observed(source)).toMatchObject({ flows: [], truncated: true });
  });
});

describe('follow', () => {
  const drop = (address: string) => ({
    flow: {
      time: new Date().toISOString(),
      verdict: 'DROPPED',
      traffic_direction: 'EGRESS',
      source: { namespace: 'logs-try', pod_name: 'checkout' },
      IP: { source: '10.0.0.1', destination: address },
    },
  });
  const listener = () => {
    const heard: Flow[] = [];
    const ready = Promise.withResolvers<void>();
    return {
      heard,
      on: { ready: () => ready.resolve(), flow: (flow: Flow) => heard.push(flow) },
      ready: ready.promise,
    };
  };

  it('is ready when the relay names the node, hears drops, and ends with the signal on both sides', async () => {
    let call: Call | undefined;
    const { server, source } = await relay((one) => {
      one.send(connected());
      if (one.request['follow'] === true) call = one;
      else one.end();
    });
    const { heard, on, ready } = listener();
    const stop = new AbortController();
    const ended = source.follow(REQUEST, on, stop.signal);
    await ready;
    call?.send(drop('203.0.113.20'));
    await expect.poll(() => heard.length).toBe(1);
    stop.abort();
    expect(await ended).toEqual({ ok: true, value: { source: 'Hubble Relay kube-system/hubble-relay-1, followed' } });
    await call?.closed;
    expect(heard[0]?.destination.ip).toBe('203.0.113.20');
    expect(server.requests[0]).toMatchObject({ follow: true, number: '1', since: expect.any(String) });
  });

  it('hears what the relay holds back to sort it: once, however often it is listed, and also when it is told at last', async () => {
    const first = { ...drop('203.0.113.21') };
    const second = { flow: { ...drop('203.0.113.21').flow, time: new Date(Date.now() + 1000).toISOString() } };
    let following: Call | undefined;
    const listed: object[] = [];
    const { server, source } = await relay((call) => {
      call.send(connected());
      if (call.request['follow'] === true) {
        following = call;
        return;
      }
      call.send(...(listed as { flow: object }[]));
      call.end();
    });
    const { heard, on, ready } = listener();
    const stop = new AbortController();
    const ended = source.follow(REQUEST, on, stop.signal);
    await ready;
    listed.push(first);
    await expect.poll(() => heard.length).toBe(1);
    listed.push(second);
    await expect.poll(() => heard.length).toBe(2);
    const asked = server.requests.length;
    await expect.poll(() => server.requests.length).toBeGreaterThan(asked + 1);
    following?.send(first, second, drop('203.0.113.22'));
    await expect.poll(() => heard.at(-1)?.destination.ip).toBe('203.0.113.22');
    stop.abort();
    await ended;
    expect(heard.map(({ time }) => time)).toHaveLength(3);
    const { since, ...rest } = server.requests.at(-1) ?? {};
    expect(Date.now() - Date.parse(String(since))).toBeLessThan(6000);
    expect(rest).toMatchObject({ number: '200', whitelist: [{ verdict: ['DROPPED'] }, { verdict: ['DROPPED'] }] });
    // One connection follows, the other is for all lists.
    expect(server.dialled()).toBe(2);
  });

  it('lists nothing of the time before what it follows: an earlier drop may be of a policy that was corrected since', async () => {
    const { server, source } = await relay((call) => {
      call.send(connected());
      if (call.request['follow'] !== true) call.end();
    });
    const { on, ready } = listener();
    const stop = new AbortController();
    const ended = source.follow(REQUEST, on, stop.signal);
    await ready;
    await expect.poll(() => server.requests.length).toBeGreaterThan(2);
    stop.abort();
    await ended;
    const [followed = Number.NaN, ...lists] = server.requests.map(({ since }) => Date.parse(String(since)));
    for (const list of lists) expect(list).toBeGreaterThanOrEqual(followed);
  });

  it('goes on hearing where lists are refused', async () => {
    let following: Call | undefined;
    const { source } = await relay((call) => {
      call.send(connected());
      if (call.request['follow'] === true) following = call;
      else call.end(13, 'no lists today');
    });
    const { heard, on, ready } = listener();
    const stop = new AbortController();
    const ended = source.follow(REQUEST, on, stop.signal);
    await ready;
    await new Promise((resolve) => setTimeout(resolve, 200));
    following?.send(drop('203.0.113.23'));
    await expect.poll(() => heard.length).toBe(1);
    stop.abort();
    expect(await ended).toMatchObject({ ok: true });
  });

  it('says at once that the relay does not know the node', async () => {
    const { source } = await relay((one) => one.send(status('NODE_CONNECTED', ['other-node'])));
    const { on } = listener();
    expect(await source.follow(REQUEST, on, never)).toMatchObject({ ok: false, notRead: { code: 'unsupported' } });
  });

  it('ends quietly when the probe was over before it began', async () => {
    const { source } = await relay(() => undefined);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect(await source.follow(REQUEST, listener().on, stop.signal)).toEqual({ ok: true, value: undefined });
  });
});
