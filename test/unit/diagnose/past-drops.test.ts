/** The time of the last failure in the logs: which flows are asked for, and what is made of them beside what packets do now. */
import { describe, expect, it } from 'vitest';
import type { Flow, FlowReport, FlowRequest } from '../../../src/core/model/flow.ts';
import type { LogFailure } from '../../../src/core/model/logs.ts';
import { diagnoseEgress } from '../../../src/diagnose/diagnose-egress.ts';
import { world } from '../policy/world.ts';
import { logs, POD } from '../verdict/case-builder.ts';
import { dropOf, memoryDeps } from './memory-ports.ts';

const HOST = 'files.vendor.example';
const run = { signal: new AbortController().signal, progress: () => undefined };
const workload = { namespace: 'shop', kind: 'pod' as const, name: POD.meta.name };
const target = { host: HOST, port: 443 };
const NOON = Date.parse('2026-11-24T12:00:00.000Z');

const failed = (secondsAgo: number, host = HOST) => ({
  class: 'connect_timeout' as const,
  host,
  container: 'app',
  count: 1,
  lastSeen: new Date(NOON - secondsAgo * 1000).toISOString(),
  excerpt: 'timed out',
});

/** The pod connects now; `past` is what the engine has of the time that is over. */
async function diagnosed(
  secondsAgo: number,
  past: Partial<FlowReport>,
  more: { host?: string; probe?: false; others?: readonly LogFailure[] } = {},
) {
  const deps = memoryDeps({
    state: world([]),
    network: { [HOST]: 'connects' },
    drops: [],
    logs: logs({ failures: [failed(secondsAgo, more.host), ...(more.others ?? [])] }),
  });
  const asked: FlowRequest[] = [];
  const observe = async (request: FlowRequest) => {
    asked.push(request);
    const over = request.untilSeconds !== undefined;
    return { ok: true as const, value: { flows: [], source: 'hubble', truncated: false, ...(over && past) } };
  };
  const input = { workload, target, ...(more.probe === false && { probe: false }) };
  const diagnosis = await diagnoseEgress({ ...deps, flows: { ...deps.flows, observe } }, input, run);
  const finding = diagnosis.findings.find(({ id }) => id === 'drop-at-failure');
  return { diagnosis, finding, past: asked.filter(({ untilSeconds }) => untilSeconds !== undefined) };
}

const drop: Flow = { ...dropOf(HOST), time: '2026-11-24T11:49:30Z' };

describe('drops when the logs show the last failure', () => {
  it('are asked for with the client’s time-outs before, for drops alone', async () => {
    const { past } = await diagnosed(600, {});
    expect(past).toMatchObject([{ sinceSeconds: 675, untilSeconds: 595, verdicts: ['dropped'] }]);
  });

  it('stand beside a connection that works now, and do not change the verdict', async () => {
    const seen = await diagnosed(600, { flows: [drop] });
    const unseen = await diagnosed(600, {});
    expect(seen.finding).toMatchObject({ state: 'confirmed', evidence: [{ when: drop.time }] });
    expect(seen.diagnosis.verdict).toBe(unseen.diagnosis.verdict);
    expect(unseen.finding?.state).toBe('ruled_out');
  });

  it('are not ruled out where the engine’s memory does not reach back', async () => {
    const missing = [{ kind: 'buffer_begins', at: '2026-11-24T11:59:00Z', seconds: 600 }] as const;
    const { finding } = await diagnosed(600, { truncated: true, missing });
    expect(finding).toMatchObject({
      state: 'not_checked',
      notChecked: { reason: expect.stringMatching(/begins at 2026-11-24T11:59:00Z/) },
    });
  });

  it('are not ruled out where the last failure, about which flows were asked, is of another host and later', async () => {
    const late = await diagnosed(
      6000,
      { flows: [] },
      { others: [{ ...failed(600, 'other.example'), class: 'read_timeout' }] },
    );
    expect(late.finding).toMatchObject({
      state: 'not_checked',
      notChecked: { reason: expect.stringMatching(/on another host and later/) },
    });
    const near = await diagnosed(
      605,
      { flows: [] },
      { others: [{ ...failed(600, 'other.example'), class: 'read_timeout' }] },
    );
    expect(near.finding?.state).toBe('ruled_out');
  });

  it('are told by the name where it had another address then, and not ruled out beside drops without a name', async () => {
    const then = { ...drop, destination: { ...drop.destination, ip: '203.0.113.77', names: [HOST] } };
    expect((await diagnosed(600, { flows: [then] })).finding?.state).toBe('confirmed');
    const nameless = { ...then, destination: { ...then.destination, names: [] } };
    expect((await diagnosed(600, { flows: [nameless] })).finding?.state).toBe('not_checked');
  });

  it.each([
    ['the failure is just now, so that the probe’s own flows tell', 5, {}],
    ['there is no probe, whose flows reach back anyway', 600, { probe: false as const }],
  ])('are not asked for where %s', async (_name, secondsAgo, more) => {
    const { past, finding } = await diagnosed(secondsAgo, {}, more);
    expect(past).toEqual([]);
    expect(finding).toBeUndefined();
  });

  it('are told only of an endpoint that the logs show failing', async () => {
    const { finding } = await diagnosed(600, { flows: [drop] }, { host: 'other.example' });
    expect(finding?.statement ?? '').not.toContain(HOST);
    expect(finding?.state).not.toBe('confirmed');
  });
});
