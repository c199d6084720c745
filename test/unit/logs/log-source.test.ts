import { describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { LogRequest } from '../../../src/core/model/logs.ts';
import type { Container, Pod } from '../../../src/core/model/workload.ts';
import type { KubeConnection, LogOptions, LogStream } from '../../../src/kube/connection.ts';
import { createLogSource } from '../../../src/logs/log-source.ts';

const POD = { namespace: 'shop', name: 'checkout-1' };
const REQUEST: LogRequest = { pod: POD, sinceSeconds: 600, tailLines: 100, previous: false };
const signal = new AbortController().signal;

function container(name: string, over: Partial<Container> = {}): Container {
  return { name, image: 'i', role: 'app', ports: [], env: {}, state: 'running', restarts: 0, ...over };
}

function podWith(...containers: readonly Container[]): Pod {
  const meta = { namespace: 'shop', name: 'checkout-1', labels: {}, annotations: {}, owners: [], managers: [] };
  return {
    meta,
    phase: 'Running',
    nodeIPs: [],
    podIPs: [],
    hostNetwork: false,
    serviceAccount: 'default',
    dnsPolicy: 'ClusterFirst',
    hostAliases: [],
    containers,
  };
}

/** As the API server sends it: the asked number of lines, in chunks that end anywhere. */
async function* tailOf(text: string, lines = Infinity): LogStream {
  const all = text.split(/(?<=\n)/);
  const bytes = Buffer.from(all.slice(Math.max(0, all.length - lines)).join(''));
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

/** `logs` by container, `NAME` or `NAME previous`; what is not there is refused. */
function setup(pod: Pod, logs: Readonly<Record<string, string>>) {
  const asked: LogOptions[] = [];
  const kube: KubeConnection = {
    context: 'test',
    server: 'https://test.example',
    get: async () => {
      throw new Error('logs read no objects');
    },
    exec: async () => {
      throw new Error('logs run nothing');
    },
    readLog: async (_pod, options): Promise<Read<LogStream>> => {
      asked.push(options);
      const value = logs[options.container + (options.previous ? ' previous' : '')];
      if (value !== undefined) return { ok: true, value: tailOf(value, options.tailLines) };
      return {
        ok: false,
        notRead: {
          what: `log of ${options.container}`,
          code: 'forbidden',
          reason: 'pods/log is forbidden',
          nextStep: 'Grant get on pods/log',
        },
      };
    },
  };
  const source = createLogSource(kube, async () => ({ ok: true, value: pod }));
  return { asked, grep: (over: Partial<LogRequest> = {}) => source.grep({ ...REQUEST, ...over }, signal) };
}

const REFUSED = '2026-11-24T10:00:00.000000001Z Error: connect ECONNREFUSED 203.0.113.9:443\n';

describe('createLogSource', () => {
  it('reads app, init and ephemeral containers but its own, folds over them and counts lines', async () => {
    const pod = podWith(
      container('app'),
      container('init', { role: 'init', state: 'terminated' }),
      container('debug', { role: 'ephemeral' }),
      container('egress-diagnose-1', { role: 'ephemeral' }),
    );
    const { grep, asked } = setup(pod, { app: REFUSED + REFUSED, init: 'ok\n', debug: REFUSED });
    expect(await grep()).toMatchObject({
      ok: true,
      value: {
        pod: POD,
        containers: ['app', 'init', 'debug'],
        linesRead: 4,
        truncated: false,
        failures: [{ container: 'app', count: 3, address: '203.0.113.9', alsoIn: ['debug'] }],
        windows: [
          { container: 'app', from: '2026-11-24T10:00:00.000000001Z', cutBy: 'since' },
          { container: 'init', role: 'init' },
          { container: 'debug', role: 'ephemeral' },
        ],
      },
    });
    expect(asked.map((options) => options.container)).toEqual(['app', 'init', 'debug']);
    expect(asked[0]).toMatchObject({ previous: false, sinceSeconds: 600, tailLines: 100 });
  });

  it('reads only the container asked for, also an ephemeral one', async () => {
    const { grep } = setup(podWith(container('app'), container('debug', { role: 'ephemeral' })), {
      app: REFUSED,
      debug: 'ok\n',
    });
    expect(await grep({ container: 'debug' })).toMatchObject({
      ok: true,
      value: { containers: ['debug'], failures: [] },
    });
  });

  it('reads the previous instance of restarted containers only when asked', async () => {
    const pod = podWith(
      container('app', { restarts: 2, state: 'waiting', stateReason: 'CrashLoopBackOff' }),
      container('side'),
    );
    const { grep, asked } = setup(pod, { app: 'up\n', 'app previous': REFUSED, side: 'ok\n' });
    expect(await grep({ previous: true })).toMatchObject({ ok: true, value: { failures: [{ container: 'app' }] } });
    expect(asked.map(({ container: name, previous }) => `${name} ${previous}`)).toEqual([
      'app false',
      'app true',
      'side false',
    ]);
  });

  it('labels what a mesh’s proxy, a native sidecar and a previous instance say, and keeps the proxy’s failures apart', async () => {
    const pod = podWith(
      container('app', { restarts: 1 }),
      container('istio-proxy'),
      container('shipper', { role: 'init', nativeSidecar: true }),
    );
    const older = REFUSED.replace('10:00', '09:00');
    const { grep } = setup(pod, { app: 'up\n', 'app previous': older, 'istio-proxy': REFUSED, shipper: REFUSED });
    const read = await grep({ previous: true });
    if (!read.ok) throw new Error('not read');
    expect(
      read.value.failures.map(({ container: name, role, alsoIn, count }) => ({ name, role, alsoIn, count })),
    ).toEqual([
      { name: 'shipper', role: 'sidecar', alsoIn: ['app (previous instance)'], count: 2 },
      { name: 'istio-proxy', role: 'mesh_proxy', alsoIn: undefined, count: 1 },
    ]);
    expect(read.value.windows?.map(({ container: name, role, previous }) => [name, role, previous])).toEqual([
      ['app', undefined, undefined],
      ['app', undefined, true],
      ['istio-proxy', 'mesh_proxy', undefined],
      ['shipper', 'sidecar', undefined],
    ]);
  });

  it('reads no more than four logs at once', async () => {
    let now = 0;
    let most = 0;
    const kube: KubeConnection = {
      context: 'test',
      server: 'https://test.example',
      get: () => Promise.reject(new Error('logs read no objects')),
      exec: () => Promise.reject(new Error('logs run nothing')),
      readLog: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now -= 1;
        return { ok: true, value: tailOf(REFUSED) };
      },
    };
    const pod = podWith(...Array.from({ length: 15 }, (_, i) => container(`c${i}`)));
    const source = createLogSource(kube, async () => ({ ok: true, value: pod }));
    expect(await source.grep(REQUEST, signal)).toMatchObject({ ok: true, value: { failures: [{ count: 15 }] } });
    expect(most).toBe(4);
  });

  it('states what was refused beside what was read', async () => {
    const { grep } = setup(podWith(container('app'), container('side')), { app: REFUSED });
    expect(await grep()).toMatchObject({
      ok: true,
      value: { containers: ['app'], notRead: [{ what: 'log of side', code: 'forbidden' }] },
    });
  });

  it('is a failure when nothing could be read', async () => {
    const { grep } = setup(podWith(container('app')), {});
    expect(await grep()).toMatchObject({
      ok: false,
      notRead: { code: 'forbidden', nextStep: 'Grant get on pods/log' },
    });
  });

  it('says that no container has started', async () => {
    const { grep, asked } = setup(
      podWith(container('app', { state: 'waiting', stateReason: 'ContainerCreating' })),
      {},
    );
    expect(await grep()).toMatchObject({
      ok: false,
      notRead: { code: 'not_found', nextStep: 'kubectl -n shop describe pod checkout-1' },
    });
    expect(asked).toEqual([]);
  });

  it('says that it was cut when the tail is full', async () => {
    const { grep } = setup(podWith(container('app')), { app: 'x\n'.repeat(100) });
    expect(await grep()).toMatchObject({ ok: true, value: { truncated: true, linesRead: 100 } });
  });

  it('gives the lines the caller’s pattern finds, redacted, with their time', async () => {
    const log = '2026-11-24T10:00:00Z retry 3 password=hunter2\n2026-11-24T10:00:01Z done\n';
    const { grep } = setup(podWith(container('app')), { app: log });
    expect(await grep({ pattern: '/retry \\d/' })).toMatchObject({
      ok: true,
      value: { matches: [{ container: 'app', when: '2026-11-24T10:00:00Z', line: 'retry 3 password=[redacted]' }] },
    });
  });

  it('shows no piece of a private key, even to a pattern that finds its lines', async () => {
    const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDabcdefghijk';
    const log = ['-----BEGIN PRIVATE KEY-----', body, '-----END PRIVATE KEY-----', 'after']
      .map((line) => `2026-11-24T10:00:00Z ${line}\n`)
      .join('');
    const { grep } = setup(podWith(container('app')), { app: log });
    expect(JSON.stringify(await grep({ pattern: '/./' }))).not.toContain('MIIE');
  });

  it('refuses a bad pattern before anything is read', async () => {
    const { grep, asked } = setup(podWith(container('app')), { app: REFUSED });
    await expect(grep({ pattern: '/(a+)+/' })).rejects.toMatchObject({ code: 'PATTERN_INVALID' });
    expect(asked).toEqual([]);
  });
});
