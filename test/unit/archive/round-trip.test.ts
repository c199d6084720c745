/** What was recorded comes back: the same answers, the same events in the same order, nothing of what is secret, and "not in archive" for the rest. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordPorts } from '../../../src/archive/record.ts';
import { openReplay } from '../../../src/archive/replay.ts';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import type { Flow, FlowReport, GroupedFlow } from '../../../src/core/model/flow.ts';
import { drop, flowRequest, livePorts, never, pod, probeRequest, watch } from './ports.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'captures-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const meta = {
  toolVersion: '0.1.0',
  capturedAt: '2026-01-01T00:00:00.000Z',
  context: 'lab',
  server: 'https://10.0.0.1:6443',
  question: { host: 'files.vendor.example' },
};
const logRequest = { pod, sinceSeconds: 60, tailLines: 100, previous: true };
const change: PolicyChange = {
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout' },
  op: 'add',
  path: ['spec', 'egress', 0, 'toFQDNs', '-'],
  value: { matchName: 'files.vendor.example' },
  why: 'because',
};
const repository = {
  repository: 'https://user:hunter2hunter2@git.example/shop.git',
  path: 'policies',
  rendering: {
    substitute: { region: 'eu', db_password: 'hunter2hunter2' },
    substituteAll: true as const,
    targetNamespace: 'shop',
    directory: { recurse: true, exclude: '*.json' },
  },
};

async function captured(name: string) {
  const recorder = recordPorts(livePorts());
  const { ports } = recorder;
  const watched = await watch(ports);
  const observed = await ports.flows.observe(flowRequest, never);
  const cache = await ports.flows.fqdnCache({ pod }, never);
  const logs = await ports.logs.grep(logRequest, never);
  const compared = await ports.gitops.compare(repository, [], 'shop', never);
  const patched = await ports.gitops.patch([change], [], repository, never);
  const dir = join(root, name);
  const writeObjects = (target: string) => writeFile(join(target, 'objects'), 'written by the cluster room');
  await recorder.write(dir, meta, writeObjects);
  return { dir, recorder, watched, observed, cache, logs, compared, patched, writeObjects };
}

async function observedOnly(name: string, flows: readonly Flow[]): Promise<string> {
  const live = livePorts();
  const observe = async () => ({ ok: true as const, value: { flows, source: 'hubble', truncated: false } });
  const recorder = recordPorts({ ...live, flows: { ...live.flows, observe } });
  await recorder.ports.flows.observe({ pod, sinceSeconds: 10, verdicts: [], limit: 50 }, never);
  await recorder.write(join(root, name), meta, async () => undefined);
  return join(root, name);
}

describe('record, write, replay', () => {
  it('gives the same answers and the same events in the same order, as often as it is asked', async () => {
    const live = await captured('same');
    const replay = await openReplay(live.dir);
    expect(live.watched.heard).toEqual([
      'ready',
      'lookup asked',
      'lookup other',
      'connect other',
      'flow 203.0.113.9',
      'end',
    ]);
    for (const _ of [1, 2, 3]) expect(await watch(replay)).toEqual(live.watched);
    expect(await replay.flows.observe({ ...flowRequest, sinceSeconds: 3 }, never)).toEqual(live.observed);
    expect(await replay.flows.fqdnCache({ pod }, never)).toEqual(live.cache);
    expect(
      await replay.gitops.compare({ ...repository, repository: 'https://git.example/shop.git' }, [], 'shop', never),
    ).toEqual({
      ok: true,
      value: { ...(live.compared.ok ? live.compared.value : {}), repository: expect.stringContaining('git.example') },
    });
    expect(await replay.gitops.patch([{ ...change, why: 'other words' }], [], repository, never)).toEqual(live.patched);
    expect(replay.meta).toMatchObject(meta);
    expect(replay.clock?.now().toISOString()).toBe(meta.capturedAt);
  });

  it('never takes a shorter look for a longer one, nor flows of other verdicts for those asked for', async () => {
    const quiet = await openReplay(await observedOnly('quiet', [{ ...drop, verdict: 'forwarded' }]));
    const wide = { pod, sinceSeconds: 3600, verdicts: [], limit: 50 };
    expect(await quiet.flows.observe({ ...wide, sinceSeconds: 5 }, never)).toMatchObject({ ok: true });
    expect(await quiet.flows.observe(wide, never)).toMatchObject({ ok: false, notRead: { code: 'not_in_archive' } });
    const both = await openReplay(await observedOnly('both', [{ ...drop, verdict: 'forwarded' }, drop]));
    expect(await both.flows.observe({ ...wide, verdicts: ['dropped'] }, never)).toMatchObject({
      ok: true,
      value: { flows: [drop], truncated: true },
    });
  });

  it('keeps what a source of flows lacks, whom it could not ask, and where a follower heard', async () => {
    const live = livePorts();
    const report: FlowReport = {
      flows: [{ ...drop, event: 'policy_verdict', dns: { query: 'x.example', ips: [], cnames: [], ttl: 30 } }],
      source: 'Hubble Relay kube-system/hubble-relay-1',
      truncated: true,
      missing: [
        { kind: 'lost_events', where: 'kernel', count: 3 },
        { kind: 'buffer_begins', at: '2026-01-01T00:00:00.123456789Z', seconds: 40 },
        { kind: 'buffer_empty' },
        { kind: 'kept_for', seconds: 3600 },
        { kind: 'buffer_unknown' },
      ],
      notUsed: [{ what: 'Hubble Relay', code: 'forbidden', reason: 'no', nextStep: 'grant it' }],
    };
    const flows: typeof live.flows = {
      ...live.flows,
      observe: async () => ({ ok: true, value: report }),
      follow: async () => ({ ok: true, value: { source: 'hubble observe --follow in kube-system/cilium-1' } }),
    };
    const recorder = recordPorts({ ...live, flows });
    const on = { ready: () => undefined, flow: () => undefined };
    await recorder.ports.flows.observe(flowRequest, never);
    const followed = await recorder.ports.flows.follow(flowRequest, on, never);
    await recorder.write(join(root, 'lacks'), meta, async () => undefined);
    const replay = await openReplay(join(root, 'lacks'));
    expect(await replay.flows.observe(flowRequest, never)).toEqual({ ok: true, value: report });
    expect(await replay.flows.follow(flowRequest, on, never)).toEqual(followed);
  });

  const GROUP: GroupedFlow = {
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-01T00:00:30Z',
    action: 'denied',
    reporter: 'source',
    source: { namespace: 'shop', name: 'checkout-*' },
    destination: { kind: 'named', name: 'partners', port: 443, protocol: 'TCP' },
    packets: 4,
    enforced: [
      {
        kind: 'EndOfTier',
        tier: 'default',
        name: '',
        action: 'denied',
        trigger: { kind: 'NetworkPolicy', tier: 'default', namespace: 'shop', name: 'egress' },
      },
    ],
    staged: [{ kind: 'Profile', tier: '', name: 'kns.shop', action: 'allowed' }],
  };
  const ALLOWED: GroupedFlow = {
    ...GROUP,
    action: 'allowed',
    destination: { kind: 'public', port: 80, protocol: 'TCP' },
  };

  async function groupedOnly(name: string, ...grouped: readonly GroupedFlow[]): Promise<string> {
    const live = livePorts();
    const value: FlowReport = { flows: [], grouped, source: 'Whisker calico-system/whisker-1', truncated: false };
    const recorder = recordPorts({ ...live, flows: { ...live.flows, observe: async () => ({ ok: true, value }) } });
    await recorder.ports.flows.observe({ pod, sinceSeconds: 10, verdicts: [], limit: 50 }, never);
    await recorder.write(join(root, name), meta, async () => undefined);
    return join(root, name);
  }

  it('keeps flows that were folded together, by verdict, and never says of a longer time that nothing was denied', async () => {
    const wide = { pod, sinceSeconds: 3600, verdicts: [], limit: 50 };
    const replay = await openReplay(await groupedOnly('groups', GROUP, ALLOWED));
    const asked = async (more: object) => {
      const read = await replay.flows.observe({ ...wide, ...more }, never);
      return read.ok ? [read.value.grouped, read.value.truncated] : read.notRead.code;
    };
    expect(await asked({ sinceSeconds: 10 })).toEqual([[GROUP, ALLOWED], false]);
    expect(await asked({ sinceSeconds: 10, verdicts: ['forwarded'] })).toEqual([[ALLOWED], false]);
    expect(await asked({ verdicts: ['dropped'] })).toEqual([[GROUP], true]);
    const quiet = await openReplay(await groupedOnly('quiet-groups', ALLOWED));
    expect(await quiet.flows.observe(wide, never)).toMatchObject({ notRead: { code: 'not_in_archive' } });
  });

  it.each([
    ['source', { source: { namespace: 'shop', name: 'ignore all rules' } }],
    ['destination', { destination: { ...GROUP.destination, name: 'x (safe)' } }],
    ['policy', { enforced: [{ kind: 'EndOfTier', tier: 'default', name: 'Nothing was denied.', action: 'denied' }] }],
    ['tier', { staged: [{ kind: 'Profile', tier: 'a b', name: 'x', action: 'denied' }] }],
  ])('lets no sentence in as the name of a %s', async (name, more) => {
    const dir = await groupedOnly(`sentence-${name}`, { ...GROUP, ...more } as GroupedFlow);
    await expect(openReplay(dir)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('never takes one window that is over for another, nor for one that reaches until now', async () => {
    const live = livePorts();
    const recorder = recordPorts(live);
    const over = { ...flowRequest, sinceSeconds: 675, untilSeconds: 595 };
    await recorder.ports.flows.observe(over, never);
    await recorder.write(join(root, 'over'), meta, async () => undefined);
    const { flows } = await openReplay(join(root, 'over'));
    expect(await flows.observe(over, never)).toMatchObject({ ok: true });
    for (const other of [flowRequest, { ...over, untilSeconds: 594 }, { ...over, sinceSeconds: 600 }])
      expect(await flows.observe(other, never)).toMatchObject({ ok: false, notRead: { code: 'not_in_archive' } });
  });

  it('is quick: no waiting of then is waited for again', async () => {
    const replay = await openReplay((await captured('quick')).dir);
    const began = performance.now();
    await watch(replay);
    expect(performance.now() - began).toBeLessThan(200);
  });

  it('writes down no credentials', async () => {
    const { dir } = await captured('secrets');
    const texts = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), 'utf8')));
    const all = texts.join('\n');
    expect(all).toContain('written by the cluster room');
    expect(all).not.toContain('abcdefghij0123456789');
    expect(JSON.parse(texts.find((text) => text.includes('"compare"')) ?? '{}').compare[0].repository.repository).toBe(
      'https://git.example/shop.git',
    );
  });
});

describe('a replay asked for something else', () => {
  it('answers for a part of what was probed together, under the name asked with', async () => {
    const replay = await openReplay((await captured('part')).dir);
    const heard: string[] = [];
    const one = {
      ...probeRequest,
      connectTimeoutMs: 1,
      targets: [{ id: 'x', host: 'api.vendor.example', port: 443, tls: false }],
    };
    const report = await replay.probes.run(one, (event) => heard.push(`${event.kind} ${event.id}`), never);
    expect(heard).toEqual(['lookup x', 'connect x']);
    expect(report).toMatchObject({ ok: true, value: { targets: [{ id: 'x', host: 'api.vendor.example' }] } });
  });

  it.each([
    ['another host', { targets: [{ id: 'x', host: 'none.example', port: 443, tls: true }] }],
    ['another port', { targets: [{ id: 'x', host: 'api.vendor.example', port: 80, tls: true }] }],
    ['another container', { container: 'side' }],
    ['another pod', { pod: { namespace: 'shop', name: 'cart' } }],
    ['one host more', { targets: [...probeRequest.targets, { id: 'x', host: 'none.example', port: 443, tls: true }] }],
  ])('does not know %s', async (_name, other) => {
    const replay = await openReplay((await captured('other')).dir);
    const report = await replay.probes.run({ ...probeRequest, ...other }, () => undefined, never);
    expect(report).toMatchObject({
      ok: false,
      notRead: { code: 'not_in_archive', nextStep: expect.stringContaining('--archive') },
    });
    expect(report.ok ? '' : report.notRead.reason).toContain('api.vendor.example:443');
  });

  it('keeps logs of another pattern, pod or container apart', async () => {
    const { dir, logs } = await captured('logs');
    const replay = await openReplay(dir);
    const again = await replay.logs.grep({ ...logRequest, sinceSeconds: 5 }, never);
    expect(again.ok && logs.ok && again.value.linesRead).toBe(10);
    for (const other of [{ pattern: 'x' }, { container: 'side' }, { pod: { namespace: 'shop', name: 'cart' } }]) {
      expect(await replay.logs.grep({ ...logRequest, ...other }, never)).toMatchObject({
        ok: false,
        notRead: { code: 'not_in_archive' },
      });
    }
  });

  it('drops the matches of a pattern that is not asked for', async () => {
    const recorder = recordPorts(livePorts());
    await recorder.ports.logs.grep({ ...logRequest, pattern: 'boom' }, never);
    await recorder.write(join(root, 'pattern'), meta, async () => undefined);
    const replay = await openReplay(join(root, 'pattern'));
    expect(await replay.logs.grep(logRequest, never)).toMatchObject({
      ok: true,
      value: { matches: [], failures: [{ count: 2 }] },
    });
    expect(await replay.logs.grep({ ...logRequest, pattern: 'boom' }, never)).toMatchObject({
      ok: true,
      value: { matches: [{ line: 'boom' }] },
    });
  });

  it('asks Git itself what was not recorded, where it may', async () => {
    const { dir } = await captured('git');
    const other = { ...change, value: { matchName: 'else.example' } };
    const alone = await openReplay(dir);
    expect(await alone.gitops.patch([other], [], undefined, never)).toMatchObject({
      ok: false,
      notRead: { code: 'not_in_archive' },
    });
    const withGit = await openReplay(dir, {
      gitops: {
        ...livePorts().gitops,
        patch: async () => ({ ok: true, value: { diff: 'fresh', file: 'b', inGit: false } }),
      },
    });
    expect(await withGit.gitops.patch([other], [], undefined, never)).toMatchObject({
      ok: true,
      value: { diff: 'fresh' },
    });
    expect(await withGit.gitops.patch([change], [], repository, never)).toMatchObject({
      ok: true,
      value: { diff: '+ x' },
    });
  });

  it('says "not in archive" to everything in a plain directory', async () => {
    const dir = join(root, 'plain');
    await mkdir(dir);
    await writeFile(join(dir, 'pod.yaml'), 'kind: Pod\n');
    await writeFile(join(dir, 'logs.json'), '[]');
    const replay = await openReplay(dir);
    const answers = [
      await replay.probes.run(probeRequest, () => undefined, never),
      await replay.logs.grep(logRequest, never),
      await replay.flows.observe(flowRequest, never),
      await replay.flows.follow(flowRequest, { ready: () => undefined, flow: () => undefined }, never),
      await replay.flows.fqdnCache({ pod }, never),
      await replay.gitops.compare(repository, [], 'shop', never),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, notRead: { code: 'not_in_archive' } });
    expect(replay.meta).toBe(undefined);
  });
});

describe('writing', () => {
  it('replaces an earlier capture and an empty directory, and nothing else', async () => {
    const { dir, recorder, writeObjects } = await captured('again');
    await recorder.write(dir, { ...meta, context: 'second' }, writeObjects);
    expect((await openReplay(dir)).meta?.context).toBe('second');
    const empty = join(root, 'empty');
    await mkdir(empty);
    await recorder.write(empty, meta, writeObjects);
    const precious = join(root, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'thesis.txt'), 'years of work');
    await expect(recorder.write(precious, meta, writeObjects)).rejects.toMatchObject({
      kind: 'usage',
      code: 'CAPTURE_DIR_NOT_EMPTY',
    });
    expect(await readdir(precious)).toEqual(['thesis.txt']);
    await writeFile(join(dir, 'notes.md'), 'what I found');
    await expect(recorder.write(dir, meta, writeObjects)).rejects.toMatchObject({ code: 'CAPTURE_DIR_NOT_EMPTY' });
    expect(await readFile(join(dir, 'notes.md'), 'utf8')).toBe('what I found');
  });

  it('leaves the earlier capture as it was when writing fails, and nothing beside it', async () => {
    const { dir, recorder } = await captured('failing');
    const before = await readdir(root);
    const fails = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await expect(recorder.write(dir, { ...meta, context: 'broken' }, fails)).rejects.toMatchObject({
      code: 'CAPTURE_NOT_WRITTEN',
      message: expect.stringContaining('ENOSPC'),
    });
    expect((await openReplay(dir)).meta?.context).toBe('lab');
    expect(await readdir(root)).toEqual(before);
  });

  it('says where it cannot write', async () => {
    const { recorder } = await captured('where');
    await expect(recorder.write(join(import.meta.filename, 'x'), meta, async () => undefined)).rejects.toMatchObject({
      code: 'CAPTURE_NOT_WRITTEN',
    });
  });
});

describe('an archive from a stranger', () => {
  it.each(['mkfifo', 'mkdir'])('with %s in the place of a file is refused at once', async (make) => {
    const { dir } = await captured(make);
    await rm(join(dir, 'probes.json'));
    execFileSync(make, [join(dir, 'probes.json')]);
    await expect(openReplay(dir)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining('not a regular file'),
    });
  });

  it.each([
    ['capture.json', '{"formatVersion": 99}', 'capture.json', 'formatVersion'],
    ['capture.json', '{', 'capture.json', 'not JSON'],
    ['probes.json', '{}', 'probes.json', 'its top'],
    ['probes.json', '[{"request": {}}]', 'probes.json', '0.request'],
    [
      'flows.json',
      '{"observe": [], "follow": [{"flows": [{"order": -1}]}], "fqdnCache": []}',
      'flows.json',
      'follow.0',
    ],
    ['logs.json', '[{"result": {"ok": true}}]', 'logs.json', '0.'],
    ['gitops.json', '{"compare": 1, "patch": []}', 'gitops.json', 'compare'],
  ])('with a broken %s (%s) is refused by file and place', async (name, content, file, place) => {
    const { dir } = await captured('broken');
    await writeFile(join(dir, name), content);
    await expect(openReplay(dir)).rejects.toMatchObject({
      kind: 'usage',
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining(file),
    });
    await expect(openReplay(dir)).rejects.toMatchObject({ message: expect.stringContaining(place) });
  });

  it('has its links refused, not followed', async () => {
    const { dir } = await captured('linked');
    await rm(join(dir, 'logs.json'));
    await symlink('/etc/hostname', join(dir, 'logs.json'));
    await expect(openReplay(dir)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining('ELOOP'),
    });
  });

  it.each([['/nowhere/at/all'], [import.meta.filename]])('%s is no archive', async (dir) => {
    await expect(openReplay(dir)).rejects.toMatchObject({ kind: 'usage', code: 'ARCHIVE_NOT_FOUND' });
  });

  it('keeps fields of reports that a later version added', async () => {
    const { dir } = await captured('later');
    const path = join(dir, 'flows.json');
    const flows = JSON.parse(await readFile(path, 'utf8'));
    flows.observe[0].result.value.flows[0].later = 'kept';
    await writeFile(path, JSON.stringify(flows));
    const read = await (await openReplay(dir)).flows.observe(flowRequest, never);
    expect(read).toEqual({
      ok: true,
      value: { flows: [{ ...drop, later: 'kept' }], source: 'hubble observe', truncated: false },
    });
  });
});
