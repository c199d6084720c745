/** Test support: ports that do what live ones do, in memory: a probe that waits on a connection, a follower that reports its drop. */

import type { RecordablePorts } from '../../../src/archive/record.ts';
import type { Flow, FlowRequest } from '../../../src/core/model/flow.ts';
import type { ProbeRequest } from '../../../src/core/model/probe.ts';

export const pod = { namespace: 'shop', name: 'checkout' };
export const never = new AbortController().signal;

export const probeRequest: ProbeRequest = {
  pod,
  container: 'app',
  targets: [
    { id: 'asked', host: 'files.vendor.example', port: 443, tls: true },
    { id: 'other', host: 'api.vendor.example', port: 443, tls: true },
  ],
  connectTimeoutMs: 3000,
  lookupTimeoutMs: 3000,
};

export const flowRequest: FlowRequest = { pod, nodeName: 'node-1', sinceSeconds: 60, verdicts: ['dropped'], limit: 50 };

export const drop: Flow = {
  time: '2026-01-01T00:00:01Z',
  verdict: 'dropped',
  dropReason: 'POLICY_DENIED',
  direction: 'egress',
  source: { namespace: 'shop', pod: 'checkout' },
  destination: { ip: '203.0.113.9', port: 443, protocol: 'TCP', names: ['files.vendor.example'], labels: [] },
  allowedBy: [],
  deniedBy: [],
  summary: 'dropped',
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const resolved = (address: string) => ({ outcome: 'resolved' as const, addresses: [address], cnames: [] });
const unchecked = { outcome: 'not_checked' as const };

/** The probe's second target connects; its first waits until the caller aborts, as after a drop reported by the follower. */
export function livePorts(): RecordablePorts {
  return {
    probes: {
      run: async (request, onEvent, signal) => {
        await pause(5);
        onEvent({ kind: 'lookup', id: 'asked', lookup: resolved('203.0.113.9') });
        onEvent({ kind: 'lookup', id: 'other', lookup: resolved('203.0.113.7') });
        onEvent({ kind: 'connect', id: 'other', connect: { address: '203.0.113.7', outcome: 'connected', ms: 3 } });
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        const targets = request.targets.map(({ id, host, port }) => ({
          id,
          host,
          port,
          lookup: resolved(id === 'asked' ? '203.0.113.9' : '203.0.113.7'),
          connects: id === 'asked' ? [] : [{ address: '203.0.113.7', outcome: 'connected' as const, ms: 3 }],
          tls: unchecked,
        }));
        const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:02Z' };
        return {
          ok: true,
          value: {
            pod: request.pod,
            container: request.container,
            rung: 'python3',
            limits: [],
            proxyEnv: {},
            targets,
            ...times,
          },
        };
      },
    },
    flows: {
      follow: async (_request, on, signal) => {
        await pause(1);
        on.ready();
        await pause(20);
        if (!signal.aborted) on.flow(drop);
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { ok: true, value: undefined };
      },
      observe: async () => ({ ok: true, value: { flows: [drop], source: 'hubble observe', truncated: false } }),
      fqdnCache: async () => ({
        ok: false,
        notRead: { what: 'FQDN cache', code: 'forbidden', reason: 'no', nextStep: 'grant it' },
      }),
    },
    logs: {
      grep: async (request) => ({
        ok: true,
        value: {
          pod: request.pod,
          containers: ['app'],
          linesRead: 10,
          truncated: false,
          failures: [
            {
              class: 'connect_timeout',
              host: 'files.vendor.example',
              port: 443,
              container: 'app',
              count: 2,
              excerpt: 'timed out token=abcdefghij0123456789',
            },
          ],
          urls: [],
          matches: request.pattern === undefined ? [] : [{ container: 'app', line: request.pattern }],
        },
      }),
    },
    gitops: {
      compare: async (repo) => ({
        ok: true,
        value: { repository: repo.repository, ref: 'main', commit: 'abc', policies: [], skipped: [] },
      }),
      patch: async () => ({ ok: true, value: { diff: '+ x', file: 'a.yaml', inGit: true } }),
    },
  };
}

/** What a diagnosis does with probe and follower; returns everything it heard, in order. */
export async function watch(ports: Pick<RecordablePorts, 'probes' | 'flows'>) {
  const heard: string[] = [];
  const stop = new AbortController();
  let attach: () => void = () => undefined;
  const attached = new Promise<void>((resolve) => {
    attach = resolve;
  });
  const following = ports.flows.follow(
    flowRequest,
    {
      ready: () => {
        heard.push('ready');
        attach();
      },
      flow: (flow) => {
        heard.push(`flow ${flow.destination.ip}`);
        stop.abort();
      },
    },
    stop.signal,
  );
  await attached;
  const report = await ports.probes.run(probeRequest, (event) => heard.push(`${event.kind} ${event.id}`), stop.signal);
  heard.push('end');
  stop.abort();
  return { heard, report, followed: await following };
}
