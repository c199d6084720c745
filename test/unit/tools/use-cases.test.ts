/** The smaller use cases over ports that are plain values; what the archive cannot show in test/unit/server. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/model/evidence.ts';
import type { Flow } from '../../../src/core/model/flow.ts';
import type { LogReport } from '../../../src/core/model/logs.ts';
import type { ProbeReport, ProbeRequest, TargetReport } from '../../../src/core/model/probe.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import type { Deps } from '../../../src/diagnose/deps.ts';
import { grepLogs } from '../../../src/diagnose/grep-logs.ts';
import { observeFlows } from '../../../src/diagnose/observe-flows.ts';
import { probePod } from '../../../src/diagnose/probe-pod.ts';

const when = '2026-11-24T10:00:00.000Z';
const ref = { namespace: 'shop', name: 'checkout-1' };
const workload = { namespace: 'shop', kind: 'pod', name: 'checkout-1' } as const;
const run = { signal: new AbortController().signal, progress: () => {} };

const POD: Pod = {
  meta: { ...ref, uid: 'u1', labels: { app: 'checkout' }, annotations: {}, owners: [], managers: [] },
  phase: 'Running',
  nodeName: 'node-1',
  nodeIPs: [],
  podIPs: ['10.0.0.7'],
  hostNetwork: false,
  serviceAccount: 'default',
  dnsPolicy: 'ClusterFirst',
  hostAliases: [],
  containers: [{ name: 'app', image: 'x', role: 'app', ports: [], env: {}, state: 'running', restarts: 0 }],
};

function depsWith(parts: Partial<Deps>): Deps {
  const unused = async (): Promise<never> => {
    throw new Error('not expected to be asked');
  };
  return {
    cluster: {
      identify: () => ({ context: 'lab', server: 'https://lab.example' }),
      findPod: async () => ({ ok: true, value: POD }),
      findPods: async () => ({ ok: true, value: [POD] }),
      readState: unused,
      readHistory: unused,
      readSync: unused,
    },
    probes: { run: unused },
    logs: { grep: unused },
    flows: { observe: unused, follow: unused, fqdnCache: unused },
    gitops: { compare: unused, patch: unused },
    clock: { now: () => new Date(when) },
    ...parts,
  };
}

const states = (findings: readonly Finding[]): string[] => findings.map(({ id, state }) => `${id} ${state}`);

describe('execProbe', () => {
  const report = (id: string, outcome: 'connected' | 'timeout' | 'not_checked', lookup = 'resolved'): TargetReport => ({
    id,
    host: `${id}.example`,
    port: 443,
    lookup: { outcome: lookup as 'resolved', addresses: ['192.0.2.7'], cnames: [] },
    connects: [{ address: '192.0.2.7', outcome, ms: 12.4 }],
    tls: { outcome: 'not_checked' },
  });

  async function probe(targets: readonly TargetReport[], asked: ProbeRequest[] = []) {
    const value: ProbeReport = {
      pod: ref,
      container: 'app',
      rung: 'python3',
      limits: [],
      proxyEnv: {},
      targets,
      startedAt: when,
      finishedAt: when,
    };
    const runner: Deps['probes'] = {
      run: async (request) => {
        asked.push(request);
        return { ok: true, value };
      },
    };
    const input = {
      workload,
      target: { host: 'asked.example', port: 443 },
      compare: { host: 'comparison.example', port: 8443 },
    };
    return probePod(depsWith({ probes: runner }), input, run);
  }

  it('tells target and comparison apart', async () => {
    const asked: ProbeRequest[] = [];
    const answer = await probe([report('asked', 'timeout'), report('comparison', 'connected')], asked);
    expect(states(answer.findings)).toEqual(['asked-reached ruled_out', 'comparison-reached confirmed']);
    expect(answer.targets.map(({ role, reached }) => [role, reached])).toEqual([
      ['asked', false],
      ['comparison', true],
    ]);
    expect(asked[0]?.targets.map(({ host, port, tls }) => [host, port, tls])).toEqual([
      ['asked.example', 443, true],
      ['comparison.example', 8443, false],
    ]);
    expect(answer.findings[0]?.evidence[0]?.what).toContain('192.0.2.7 timeout after 12 ms');
  });

  it('rules out what could not be looked up, and leaves open what was not tried', async () => {
    const failedLookup = await probe([report('asked', 'not_checked', 'nxdomain')]);
    expect(states(failedLookup.findings)).toEqual(['asked-reached ruled_out']);
    const cutOff = await probe([report('asked', 'not_checked')]);
    expect(states(cutOff.findings)).toEqual(['asked-reached not_checked']);
  });

  it('says why nothing ran', async () => {
    const notRead = { what: 'exec', code: 'forbidden', reason: 'no right to exec', nextStep: 'grant it' } as const;
    const probes: Deps['probes'] = { run: async () => ({ ok: false, notRead }) };
    const input = { workload, target: { address: '192.0.2.1', port: 80 }, compare: { host: 'c.example', port: 443 } };
    const { findings } = await probePod(depsWith({ probes }), input, run);
    expect(findings).toMatchObject([
      { state: 'not_checked', statement: expect.stringContaining('192.0.2.1:80'), notChecked: notRead },
    ]);
  });
});

describe('grepPodLogs', () => {
  const empty: LogReport = {
    pod: ref,
    containers: ['app'],
    linesRead: 40,
    truncated: false,
    failures: [],
    urls: [],
    matches: [],
  };
  const failure = {
    class: 'connect_timeout',
    host: 'x.example',
    port: 443,
    container: 'app',
    count: 3,
    excerpt: 'text',
  } as const;
  const grep = (value: LogReport) =>
    grepLogs(
      depsWith({ logs: { grep: async () => ({ ok: true, value }) } }),
      { workload, sinceSeconds: 60, previous: false },
      run,
    );

  it('cites failures, their text as untrusted', async () => {
    const { findings } = await grep({ ...empty, failures: [failure] });
    expect(findings).toMatchObject([
      { state: 'confirmed', evidence: [{ what: 'connect_timeout to x.example:443, 3×', untrusted: 'text' }] },
    ]);
  });

  it('with nothing found says how much was read', async () => {
    const { findings } = await grep(empty);
    expect(findings).toMatchObject([
      { state: 'ruled_out', evidence: [{ what: '40 lines read, no known error text in them' }] },
    ]);
  });

  it('says of a place that nothing ties to the failure that it is one', async () => {
    const { host: _host, port: _port, ...placeless } = failure;
    const possible = { host: 'x.example', port: 443 };
    const { findings } = await grep({ ...empty, failures: [{ ...placeless, possible }] });
    expect(findings[0]?.evidence[0]?.what).toBe(
      'connect_timeout to perhaps x.example:443 (named beside it, tied by nothing), 3×',
    );
  });

  it('says that endpoints were given up', async () => {
    const { findings } = await grep({ ...empty, failures: [failure], urlsNotKept: 12 });
    expect(findings).toContainEqual(
      expect.objectContaining({
        state: 'not_checked',
        notChecked: expect.objectContaining({ reason: expect.stringMatching(/0 are, and 12 that came up once/) }),
      }),
    );
  });

  it.each([
    ['a single line of another kind before those that come again', 1, true],
    ['a kind that comes again itself', 2, false],
  ])('since when: %s', async (_name, count, isSaid) => {
    const timed = { ...failure, firstSeen: '2026-11-24T10:00:00Z', lastSeen: '2026-11-24T11:00:00Z' };
    const before = { ...timed, class: 'connect_refused' as const, count, firstSeen: '2026-11-24T08:00:00Z' };
    const notRead = { what: 'revisions', code: 'forbidden' as const, reason: 'no right' };
    const { findings } = await grepLogs(
      depsWith({
        cluster: { ...depsWith({}).cluster, readHistory: async () => ({ ok: false as const, notRead }) },
        logs: { grep: async () => ({ ok: true, value: { ...empty, failures: [timed, before] } }) },
      }),
      { workload, sinceSeconds: 60, previous: false },
      run,
    );
    const what = findings.find(({ id }) => id === 'timeline')?.evidence[0]?.what;
    expect(what).toContain('diagnoseEgress joins them');
    expect(what?.includes('the first is one line, connect_refused; connect_timeout, 3×, begins 2026-11-24T10')).toBe(
      isSaid,
    );
  });

  it('hides no other failure behind a flood of hosts in one message', async () => {
    const flood = Array.from({ length: 60 }, (_, i) => {
      const host = `h${i}.evil.example`;
      return { ...failure, host, excerpt: `search for ${host}: Connection refused` };
    });
    const answer = await grep({ ...empty, failures: [...flood, { ...failure, host: 'files.vendor.example' }] });
    expect(answer.failures).toHaveLength(20);
    expect(answer.failures.at(-1)?.host).toBe('files.vendor.example');
    expect(answer.leftOut).toEqual({ failures: 41 });
  });

  it('bounds every list and says what was left out', async () => {
    const url = { host: 'x.example', port: 443, display: '/', count: 1 };
    const match = { container: 'app', line: 'x' };
    const many = <T>(item: T): T[] => Array.from({ length: 100 }, () => item);
    const answer = await grep({ ...empty, failures: many(failure), urls: many(url), matches: many(match) });
    expect(answer.leftOut).toEqual({ failures: 80, urls: 70, matches: 50 });
    expect(answer.failures).toHaveLength(20);
  });
});

describe('grepPodLogs of a workload', () => {
  const podNamed = (name: string, restarts = 0) => ({
    ...POD,
    meta: { ...POD.meta, name },
    containers: POD.containers.map((one) => ({ ...one, restarts })),
  });
  const failing = {
    class: 'connect_timeout',
    host: 'x.example',
    port: 443,
    container: 'app',
    count: 1,
    excerpt: 't',
  } as const;

  async function grepAll(pods: readonly Pod[], refused: readonly string[] = []) {
    const asked: string[] = [];
    const cluster = { ...depsWith({}).cluster, findPods: async () => ({ ok: true as const, value: pods }) };
    const logs: Deps['logs'] = {
      grep: async ({ pod }) => {
        asked.push(pod.name);
        if (refused.includes(pod.name))
          return { ok: false, notRead: { what: `logs of ${pod.name}`, code: 'forbidden', reason: 'no right' } };
        const report = {
          pod,
          containers: ['app'],
          linesRead: 5,
          truncated: false,
          failures: [failing],
          urls: [],
          matches: [],
        };
        return { ok: true, value: report };
      },
    };
    const input = { workload: { ...workload, kind: 'deployment' as const }, sinceSeconds: 60, previous: false };
    return { asked, answer: await grepLogs(depsWith({ cluster, logs }), input, run) };
  }

  it('reads every pod and counts what they say together', async () => {
    const { answer } = await grepAll([podNamed('a'), podNamed('b'), podNamed('c')]);
    expect(answer).toMatchObject({
      subject: { pod: 'a' },
      pods: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
      linesRead: 15,
      failures: [{ count: 3, alsoIn: ['b/app', 'c/app'] }],
    });
  });

  it('reads all that restarted and ten of the others, and says what was left out', async () => {
    const pods = [podNamed('bad', 3), ...Array.from({ length: 30 }, (_, i) => podNamed(`good-${i}`))];
    const { asked, answer } = await grepAll(pods);
    expect(asked).toHaveLength(11);
    expect(asked[0]).toBe('bad');
    expect(answer.findings.find(({ id }) => id === 'logs-not-read')).toMatchObject({
      state: 'not_checked',
      notChecked: { what: 'logs of 20 more pod(s)' },
    });
  });

  it('states pods that could not be read beside those that were', async () => {
    const { answer } = await grepAll([podNamed('a'), podNamed('b')], ['a']);
    expect(answer.linesRead).toBe(5);
    expect(answer.findings.map(({ id, state }) => `${id} ${state}`)).toContain('logs-not-read not_checked');
  });
});

describe('observeFlows', () => {
  const drop: Flow = {
    time: when,
    verdict: 'dropped',
    dropReason: 'POLICY_DENIED',
    direction: 'egress',
    source: { pod: 'checkout-1' },
    destination: { ip: '192.0.2.7', port: 443, protocol: 'TCP', names: [], labels: [] },
    allowedBy: [],
    deniedBy: [],
    summary: 'text of Hubble',
  };
  const observe = (flows: readonly Flow[], verdicts: readonly Flow['verdict'][] = []) =>
    observeFlows(
      depsWith({
        flows: {
          ...depsWith({}).flows,
          observe: async () => ({ ok: true, value: { flows, source: 'hubble observe', truncated: false } }),
        },
      }),
      { workload, sinceSeconds: 60, verdicts, limit: 2 },
      run,
    );

  it.each([
    ['a drop on the way out', [drop], [], 'confirmed'],
    ['a drop on the way in', [{ ...drop, direction: 'ingress' as const }], [], 'ruled_out'],
    ['no flows', [], [], 'ruled_out'],
    ['no drops because only others were asked for', [], ['forwarded' as const], 'not_checked'],
  ])('%s', async (_, flows, verdicts, state) => {
    // The policy's name, where the engine told none, is test/unit/diagnose/small-tools.test.ts.
    const named = flows.map((flow) => ({ ...flow, deniedBy: ['CiliumNetworkPolicy shop/no'] }));
    expect((await observe(named, verdicts)).findings[0]).toMatchObject({ id: 'flow-dropped', state });
  });

  it('keeps to its limit', async () => {
    const other = { ...drop, dropReason: 'CT_MAP_INSERTION_FAILED' };
    const answer = await observe([other, other, other]);
    expect(answer.flows).toHaveLength(2);
    expect(answer.leftOut).toEqual({ flows: 1 });
  });
});
