/** A URL that redirects: the request is asked for once, of the asked host alone, and its target is judged as the next hop. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { ProbeRequest, ProbeTarget } from '../../../src/core/model/probe.ts';
import { diagnoseEgress } from '../../../src/diagnose/diagnose-egress.ts';
import { cnp, dnsRule, P, tcp443, world } from '../policy/world.ts';
import { logs, POD, STATE } from '../verdict/case-builder.ts';
import { dropOf, memoryDeps, type World } from './memory-ports.ts';

const OPEN: ClusterState = { ...STATE, engine: { ...STATE.engine, config: {} } };
const API = 'api.vendor.example';
const FILES = 'files.vendor.example';

async function diagnose(world: Partial<World>, path: string | false = '/v2/download') {
  const probed: ProbeTarget[][] = [];
  const asked = (request: ProbeRequest): void => void probed.push([...request.targets]);
  const diagnosis = await diagnoseEgress(
    memoryDeps({ state: OPEN, network: { [API]: 'connects', [FILES]: 'silent' }, asked, ...world }),
    {
      workload: { namespace: 'shop', kind: 'pod', name: POD.meta.name },
      target: {
        host: API,
        port: 443,
        ...(path === false ? {} : { scheme: 'https' as const }),
        ...(path ? { path } : {}),
      },
      connectTimeoutMs: 100,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  return { diagnosis, probed };
}

describe('a URL', () => {
  it('is requested, and the host it redirects to is probed without a request', async () => {
    const { diagnosis, probed } = await diagnose({ redirects: { [API]: FILES }, drops: [dropOf(FILES)] });
    expect(probed.map((targets) => targets.map(({ host, path }) => [host, path]))).toEqual([
      [[API, '/v2/download']],
      [[FILES, undefined]],
    ]);
    expect(diagnosis.hops.map(({ role, host }) => [role, host])).toEqual([
      ['asked', API],
      ['second_hop', FILES],
    ]);
    expect(diagnosis.hops[0]?.steps.find(({ layer }) => layer === 'http')).toMatchObject({
      outcome: 'ok',
      detail: expect.stringContaining(`redirect to ${FILES}:443 (presigned URL)`),
    });
    expect(diagnosis.about.host).toBe(FILES);
    expect(diagnosis.cause?.class).toBe('SECOND_HOP_HOST');
  });

  it('that is answered itself ends there', async () => {
    const { diagnosis, probed } = await diagnose({});
    expect([probed.length, diagnosis.verdict]).toEqual([1, 'reachable']);
    expect(diagnosis.findings.find(({ id }) => id === 'http-answers')?.state).toBe('confirmed');
  });

  it.each(['169.254.169.254', 'metadata.google.internal', 'localhost', '127.0.0.1', 'not a host'])(
    'that redirects to %s leads nowhere',
    async (to) => {
      const { probed, diagnosis } = await diagnose({ redirects: { [API]: to } });
      expect([probed.length, diagnosis.verdict]).toEqual([1, 'reachable']);
    },
  );

  it.each([
    ['was not named', ''],
    ['may be a secret', '/hook/aB3dE5gH7jK9'],
  ])('whose path %s blames no host to which "/" redirects', async (_name, path) => {
    const { diagnosis, probed } = await diagnose({ redirects: { [API]: FILES }, drops: [dropOf(FILES)] }, path);
    expect(probed[0]?.[0]?.path).toBe('/');
    expect([diagnosis.verdict, diagnosis.about.host]).toEqual(['reachable', API]);
    expect(diagnosis.nextSteps.join()).toContain(`${FILES}:443, to which ${API}:443 redirects a request for "/"`);
  });

  it('keeps the drops of the first session where the second was not watched', async () => {
    const other = 'slow.partner.example';
    const failure = { class: 'connect_timeout', host: other, container: 'app', count: 1, excerpt: '' } as const;
    const network = { [API]: 'connects', [FILES]: 'connects', [other]: 'silent' } as const;
    const world: World = { state: OPEN, network, redirects: { [API]: FILES }, drops: [dropOf(other)] };
    const deps = memoryDeps({ ...world, logs: logs({ failures: [failure] }) });
    let observed = 0;
    const gap = { ok: false, notRead: { what: 'flows', code: 'unreachable', reason: 'the agent is gone' } } as const;
    const observe: typeof deps.flows.observe = (...about) =>
      observed++ === 0 ? deps.flows.observe(...about) : Promise.resolve(gap);
    const { findings, about } = await diagnoseEgress(
      { ...deps, flows: { ...deps.flows, observe } },
      {
        workload: { namespace: 'shop', kind: 'pod', name: POD.meta.name },
        target: { host: API, port: 443, scheme: 'https', path: '/v2/download' },
        connectTimeoutMs: 100,
      },
      { signal: new AbortController().signal, progress: () => undefined },
    );
    expect([observed, about.host]).toEqual([2, other]);
    expect(findings.find(({ id }) => id === 'engine-reports-drop')?.state).toBe('confirmed');
  });

  it('what both sessions tell folded together is told once, and rules nothing out', async () => {
    const state = world([cnp('c', { egress: [dnsRule(), { toFQDNs: [{ matchName: API }], toPorts: tcp443 }] })]);
    const network = { [API]: 'connects', [FILES]: 'silent' } as const;
    const deps = memoryDeps({ state, pod: P, network, redirects: { [API]: FILES } });
    const flow = {
      from: '2026-11-24T11:59:00Z',
      to: '2026-11-24T11:59:30Z',
      action: 'denied',
      reporter: 'source',
      source: { namespace: 'default', name: P.meta.name },
      destination: { kind: 'public', port: 443, protocol: 'TCP' },
      packets: 4,
      enforced: [],
      staged: [],
    } as const;
    const reports = [{ grouped: [flow] }, { grouped: [{ ...flow, packets: 6 }] }, {}];
    const told = async (first: object, second: object) => {
      const asked = [first, second];
      const observe: typeof deps.flows.observe = async () => ({
        ok: true,
        value: { flows: [], source: 'whisker', truncated: false, ...asked.shift() },
      });
      const { findings } = await diagnoseEgress(
        { ...deps, flows: { ...deps.flows, observe } },
        {
          workload: { namespace: 'default', kind: 'pod', name: P.meta.name },
          target: { host: API, port: 443, scheme: 'https', path: '/v2/download' },
          connectTimeoutMs: 100,
        },
        { signal: new AbortController().signal, progress: () => undefined },
      );
      const seen = findings.find(({ id }) => id === 'engine-denies-group')?.evidence[0]?.what.slice(0, 11);
      return [findings.find(({ id }) => id === 'engine-reports-drop')?.state, seen];
    };
    expect(await told(reports[0] ?? {}, reports[1] ?? {})).toEqual(['not_checked', '6 packet(s)']);
    expect(await told(reports[0] ?? {}, {})).toEqual(['not_checked', '4 packet(s)']);
    expect(await told({}, reports[1] ?? {})).toEqual(['not_checked', '6 packet(s)']);
    expect(await told({}, {})).toEqual(['ruled_out', undefined]);
  });

  it('that redirects to itself is not probed twice', async () => {
    expect((await diagnose({ redirects: { [API]: API } })).probed.length).toBe(1);
  });
});

describe('a host without a scheme', () => {
  it('is never requested', async () => {
    const { probed, diagnosis } = await diagnose({ redirects: { [API]: FILES } }, false);
    expect(probed).toHaveLength(1);
    expect(probed[0]?.[0]).not.toHaveProperty('path');
    expect(diagnosis.findings.map(({ id }) => id)).not.toContain('http-answers');
  });
});
