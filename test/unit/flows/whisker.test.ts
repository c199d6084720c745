/** Whisker over real HTTP connections: what it is asked, what it tells, and how it may misbehave. */
import { type AddressInfo, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { FlowRequest } from '../../../src/core/model/flow.ts';
import { brokenOff } from '../../../src/flows/whisker/whisker-problem.ts';
import { createWhiskerSource } from '../../../src/flows/whisker/whisker-source.ts';
import type { ForwardingConnection } from '../../../src/kube/connection.ts';
import { dialling } from './fake-relay.ts';
import { type Answering, html, json, listing, rawFlow, startWhisker } from './fake-whisker.ts';
import { refused, type Script, scriptedKube } from './scripted-kube.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const never = new AbortController().signal;
const POD = { namespace: 'shop', name: 'checkout-7d9f8c6b5d-x2k9p' };
const REQUEST: FlowRequest = { pod: POD, sinceSeconds: 60, verdicts: [], limit: 100 };
const PODS = '/api/v1/pods';
const IN_CALICO = '/api/v1/namespaces/calico-system/pods';

const ok = (value: unknown): Read<unknown> => ({ ok: true, value });
const whiskerPod = (ready = 'True') => ({
  metadata: { namespace: 'calico-system', name: 'whisker-1' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const GET: Script['get'] = {
  [PODS]: ok({ items: [whiskerPod()] }),
  '/api/v1/namespaces/shop/pods/checkout-7d9f8c6b5d-x2k9p': ok({ metadata: { generateName: 'checkout-7d9f8c6b5d-' } }),
  '/api/v1/namespaces/shop/pods/checkout': ok({ metadata: { name: 'checkout' } }),
};

function sourceOver(forward: ForwardingConnection['forward'], get: Script['get'] = {}) {
  return createWhiskerSource({ ...scriptedKube({ get: { ...GET, ...get } }), forward });
}

async function whisker(answer: Answering) {
  const server = await startWhisker(answer);
  cleanups.push(() => server.close());
  return { server, source: sourceOver(server.forward) };
}

/** Writes for as long as somebody reads. */
const endless: Answering = (response) => {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};

async function observed(answer: Answering, more: Partial<FlowRequest> = {}) {
  const { server, source } = await whisker(answer);
  const read = await source.observe({ ...REQUEST, ...more }, never);
  if (!read.ok) throw new Error(`${read.notRead.what}: ${read.notRead.reason}`);
  return { report: read.value, asked: server.asked };
}

async function failed(answer: Answering) {
  const { source } = await whisker(answer);
  const read = await source.observe(REQUEST, never);
  if (read.ok) throw new Error('it was read');
  return read.notRead;
}

describe('the question', () => {
  const asked = async (more: Partial<FlowRequest>) => {
    const { asked: urls } = await observed(listing(), more);
    const { pathname, searchParams } = urls[0] ?? new URL('http://none');
    const filters = JSON.parse(searchParams.get('filters') ?? '{}') as Record<string, unknown>;
    return { pathname, query: Object.fromEntries(searchParams), filters };
  };

  it('is about the pod as flows have it: what its name was generated from, and nothing wider', async () => {
    expect(await asked({})).toMatchObject({
      pathname: '/whisker-backend/flows',
      query: { sortBy: 'Time' },
      filters: {
        source_namespaces: [{ value: 'shop', type: 'Exact' }],
        source_names: [{ value: 'checkout-7d9f8c6b5d-*', type: 'Exact' }],
        actions: ['Allow', 'Deny'],
      },
    });
  });

  it('names a pod whose name is its own', async () => {
    expect((await asked({ pod: { namespace: 'shop', name: 'checkout' } })).filters['source_names']).toEqual([
      { value: 'checkout', type: 'Exact' },
    ]);
  });

  it.each([
    [['dropped'], ['Deny']],
    [['forwarded'], ['Allow']],
    [
      ['dropped', 'forwarded', 'error'],
      ['Deny', 'Allow'],
    ],
    [['audit'], ['Allow']],
  ] as const)('verdicts %j are actions %j', async (verdicts, actions) => {
    expect((await asked({ verdicts })).filters['actions']).toEqual(actions);
  });

  it('is not put where Calico has no such verdict', async () => {
    const { report, asked: urls } = await observed(listing(rawFlow()), { verdicts: ['redirected', 'error'] });
    expect([report.grouped, urls]).toEqual([[], []]);
  });

  it('counts back from Goldmane’s own now, and reaches beyond it', async () => {
    expect((await asked({})).query).toMatchObject({ startTimeGte: '-120', startTimeLt: '4102444800' });
    expect((await asked({ sinceSeconds: 660, untilSeconds: 540 })).query).toMatchObject({
      startTimeGte: '-690',
      startTimeLt: '-510',
    });
    expect((await asked({ sinceSeconds: 40, untilSeconds: 10 })).query).toMatchObject({ startTimeLt: '4102444800' });
  });

  it('refuses a pod name that is none', async () => {
    const { source } = await whisker(listing());
    const bad = { ...REQUEST, pod: { ...POD, name: '../x' } };
    await expect(source.observe(bad, never)).rejects.toMatchObject({ code: 'NAME_INVALID' });
  });
});

describe('the report', () => {
  it('has no single flows, and no drop is what an empty list is not', async () => {
    const { report } = await observed(listing());
    expect(report).toEqual({ flows: [], grouped: [], source: 'Whisker calico-system/whisker-1', truncated: false });
  });

  it('tells what was denied, the newest first, as many as were asked for', async () => {
    const later = rawFlow({
      action: 'Allow',
      end_time: '2026-11-24T12:00:00Z',
      policies: { enforced: null, pending: null },
    });
    const { report } = await observed(listing(rawFlow(), later));
    expect(report.grouped?.map(({ action, to }) => [action, to])).toEqual([
      ['allowed', '2026-11-24T12:00:00Z'],
      ['denied', '2026-11-24T11:59:45Z'],
    ]);
    const { report: few } = await observed(listing(rawFlow(), later), { limit: 1 });
    expect([few.grouped?.length, few.truncated]).toEqual([1, true]);
  });

  it('never has another pod’s flows, whatever Whisker sends', async () => {
    const others = [{ source_name: 'checkout-*' }, { source_name: 'ledger-*' }, { source_namespace: 'bank' }];
    const { report } = await observed(listing(...others.map((other) => rawFlow(other)), rawFlow()));
    expect(report.grouped).toHaveLength(1);
  });

  it('is not whole where an entry was not understood, or the hour that is kept is over', async () => {
    const { report } = await observed(listing(rawFlow(), rawFlow({ dest_name: 'a b' })));
    expect([report.grouped?.length, report.truncated]).toEqual([1, true]);
    const { report: long } = await observed(listing(), { sinceSeconds: 7200 });
    expect(long).toMatchObject({ truncated: true, missing: [{ kind: 'kept_for', seconds: 3600 }] });
  });

  it('of too much has what was denied, and says that there was more', async () => {
    const isAboutDenied = (url = '') => !decodeURIComponent(url).includes('Allow');
    const { report, asked } = await observed((response, request) =>
      isAboutDenied(request.url) ? listing(rawFlow())(response, request) : endless(response, request),
    );
    expect([report.grouped?.length, report.truncated, asked.length]).toEqual([1, true, 2]);
  });

  it('is asked for once more where the connection broke off', async () => {
    let times = 0;
    const { report } = await observed((response, request) =>
      times++ === 0 ? void response.destroy() : listing(rawFlow())(response, request),
    );
    expect([report.grouped?.length, report.truncated]).toEqual([1, false]);
  });

  it('of what audit would deny: what staged policies would', async () => {
    const pending = [{ ...(rawFlow()['policies'] as { pending: object[] }).pending[0] }];
    const staged = {
      ...pending[0],
      trigger: { kind: 'StagedNetworkPolicy', name: 's', namespace: 'shop', tier: 'default' },
    };
    const allowed = { action: 'Allow', packets_in: 3, policies: { enforced: [], pending: [staged] } };
    const plain = { action: 'Allow', dest_port: 80, policies: { enforced: [], pending: [] } };
    const { report } = await observed(listing(rawFlow(allowed), rawFlow(plain)), { verdicts: ['audit'] });
    expect(report.grouped?.map(({ destination }) => destination.port)).toEqual([443]);
  });
});

describe('where it is not read', () => {
  it.each([
    ['nobody installed it', { [PODS]: ok({ items: [] }) }, { code: 'not_found' }],
    [
      'it is not ready',
      { [PODS]: ok({ items: [whiskerPod('False')] }) },
      { code: 'unsupported', reason: expect.stringMatching(/none of its 1/) },
    ],
    [
      'pods may not be listed',
      { [PODS]: refused('forbidden', 'no list'), [IN_CALICO]: refused('forbidden', 'no list') },
      { code: 'not_found' },
    ],
  ])('%s', async (_, get, notRead) => {
    const source = sourceOver(async () => refused('forbidden', 'never asked'), get);
    expect(await source.observe(REQUEST, never)).toMatchObject({ ok: false, notRead });
  });

  it('is looked for in calico-system where pods may not be listed everywhere', async () => {
    const server = await startWhisker(listing());
    cleanups.push(() => server.close());
    const get = { [PODS]: refused('forbidden', 'no list'), [IN_CALICO]: ok({ items: [whiskerPod()] }) };
    expect(await sourceOver(server.forward, get).observe(REQUEST, never)).toMatchObject({ ok: true });
  });

  it('keeps the grant that is lacking', async () => {
    const forbidden = {
      ok: false as const,
      notRead: { what: 'port', code: 'forbidden' as const, reason: 'no', nextStep: 'Grant pods/portforward' },
    };
    expect(await sourceOver(async () => forbidden).observe(REQUEST, never)).toMatchObject({
      notRead: { what: 'Whisker calico-system/whisker-1', code: 'forbidden', nextStep: 'Grant pods/portforward' },
    });
  });

  const answers: [string, Answering, object][] = [
    [
      'whisker-backend is away',
      (r) => html(r, 502),
      {
        code: 'refused',
        reason: expect.stringMatching(/HTTP 502/),
        nextStep: expect.stringMatching(/whisker-backend/),
      },
    ],
    [
      'Goldmane is away, as 3.31 says it',
      (r) => r.end('{"error":"Internal Server Error"}\n'),
      {
        code: 'refused',
        reason: expect.stringMatching(/what is behind it/),
        said: 'Internal Server Error',
        nextStep: expect.stringMatching(/reaches Goldmane/),
      },
    ],
    [
      'Goldmane is away',
      (r) => json(r, 500, { error: 'Internal Server\u202e Error\u0007' }),
      { code: 'refused', reason: expect.stringMatching(/HTTP 500/), said: 'Internal Server Error' },
    ],
    [
      'it does not understand',
      (r) => json(r, 400, { error: 'failed to decode' }),
      { reason: expect.stringMatching(/refused the question/) },
    ],
    [
      'the console’s page comes',
      (r) => html(r, 200),
      { code: 'unsupported', reason: expect.stringMatching(/web page/) },
    ],
    [
      'it redirects',
      (r) => r.writeHead(302, { location: 'http://192.0.2.1/' }).end(),
      { reason: expect.stringMatching(/redirect .*not followed/) },
    ],
    ['no list comes', (r) => json(r, 200, { items: { a: 1 } }), { code: 'invalid' }],
    ['no JSON comes', (r) => r.end('{"items": ['), { code: 'invalid' }],
    ['an empty answer comes', (r) => r.end(), { code: 'invalid' }],
    ['the connection breaks off', (r) => r.destroy(), { code: 'refused', reason: expect.stringMatching(/broke off/) }],
    [
      'it breaks off in its answer',
      (r) => {
        r.writeHead(200, { 'content-length': '1000' });
        r.write('{"items": [');
        setImmediate(() => r.destroy());
      },
      { code: 'refused' },
    ],
    ['the answer has no end', endless, { code: 'refused', reason: expect.stringMatching(/more than 4 MB/) }],
    [
      'it changes protocols',
      (r) => r.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end(),
      { code: 'refused' },
    ],
  ];
  it.each(answers)('%s', async (_, answer, notRead) => {
    expect(await failed(answer)).toMatchObject({ what: 'Whisker calico-system/whisker-1', ...notRead });
  });

  it.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`],
    ['a TLS alert', '\u0015\u0003\u0001\u0000\u0002\u0002\u0046'],
  ])('%s', async (_, text) => {
    const server = createServer((socket) => socket.on('error', () => undefined).end(text, 'latin1'));
    cleanups.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { forward } = dialling((server.address() as AddressInfo).port);
    expect(await sourceOver(forward).observe(REQUEST, never)).toMatchObject({ notRead: { code: 'refused' } });
  });

  it('says what the kubelet says of the port', async () => {
    const forward = async () => {
      const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
      stream.on('error', () => undefined);
      setImmediate(() => stream.destroy(new Error('dial tcp4 127.0.0.1:8081: connect: connection refused')));
      return { ok: true as const, value: stream };
    };
    expect(await sourceOver(forward).observe(REQUEST, never)).toMatchObject({
      notRead: {
        code: 'unsupported',
        reason: expect.stringMatching(/nothing listens on its port 8081/),
        said: expect.stringMatching(/connection refused/),
      },
    });
  });

  it('that does not answer in time is told as that, with where to look', () => {
    const late = brokenOff({ namespace: 'calico-system', name: 'whisker-1' }, new DOMException('late', 'TimeoutError'));
    expect(late).toMatchObject({ code: 'timeout', nextStep: expect.stringContaining('-c whisker-backend') });
  });

  it('passes on that the API server is gone', async () => {
    const gone = new DiagnoseError('cluster', 'API_UNREACHABLE', 'gone', 'check it');
    await expect(sourceOver(() => Promise.reject(gone)).observe(REQUEST, never)).rejects.toBe(gone);
  });

  it('ends with its caller', async () => {
    const { source } = await whisker(() => undefined);
    const stop = new AbortController();
    const reading = source.observe(REQUEST, stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(reading).rejects.toThrow('enough');
  });
});
