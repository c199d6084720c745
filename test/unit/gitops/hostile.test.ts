import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../../src/gitops/access/address-guard.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { copy, delta, GREETING, insert, oidOf, PackMaker, packet, servePack, TYPES } from './hostile-server.ts';
import { type GitServer, git, makeRepository, removeTempDirs, serve } from './repositories.ts';

const open: GitServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

afterAll(removeTempDirs);

const MEGABYTE = 1024 * 1024;
const never = new AbortController().signal;
const POLICY = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: good, namespace: shop}
spec: {endpointSelector: {}, egress: [{}]}
`;

async function readPack(commit: string, pack: Buffer) {
  const server = await servePack(commit, pack);
  open.push(server);
  return createGitopsSource().compare({ repository: `${server.url}/x` }, [], 'shop', never);
}

/** In a process of its own: what is read, and the peak of its memory, of which some 130 MB are Node's with the sources. */
async function measured(
  commit: string,
  pack: Buffer,
  options: object = {},
): Promise<{ read: unknown; megabytes: number; ms: number }> {
  const server = await servePack(commit, pack);
  open.push(server);
  const module = pathToFileURL(`${import.meta.dirname}/../../../src/gitops/gitops-source.ts`).href;
  const code = `const { createGitopsSource } = await import(${JSON.stringify(module)});
const started = performance.now();
const read = await createGitopsSource(${JSON.stringify(options)}).compare({ repository: ${JSON.stringify(`${server.url}/x`)} }, [], 'shop', new AbortController().signal);
const ms = performance.now() - started;
const [, kilobytes] = /^VmHWM:\\s+(\\d+)/m.exec((await import('node:fs')).readFileSync('/proc/self/status', 'utf8')) ?? [];
console.log(JSON.stringify({ read, ms, megabytes: Number(kilobytes) / 1024 }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(output) as { read: unknown; megabytes: number; ms: number };
}

/** A pack whose tree holds a good policy beside what the test adds. */
function beside(fill: (pack: PackMaker) => readonly (readonly [string, string])[]): [string, Buffer] {
  const pack = new PackMaker();
  const entries = fill(pack);
  const commit = pack.commit(pack.tree([...entries, ['good.yaml', pack.object('blob', POLICY)]]));
  return [commit, pack.bytes()];
}

const GOOD = { ok: true, value: { policies: [{ policy: { name: 'good' } }] } };

describe('a pack made to exhaust its reader', () => {
  it('a plain one is read', async () => {
    expect(await readPack(...beside(() => []))).toMatchObject({ ...GOOD, value: { skipped: [] } });
  });

  it('a stream that inflates to more than it declares', async () => {
    const bomb = deflateSync(Buffer.alloc(200 * MEGABYTE), { level: 1 });
    const [commit, pack] = beside((maker) => {
      maker.add(TYPES.blob, Buffer.alloc(0), { declared: 100, packed: bomb });
      return [];
    });
    const { read, megabytes } = await measured(commit, pack);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'invalid', reason: expect.stringContaining('declares') },
    });
    expect(megabytes).toBeLessThan(250);
  });

  it('many objects that inflate to more than is read, together', async () => {
    const [commit, pack] = beside((maker) => {
      const data = Buffer.alloc(15 * MEGABYTE);
      for (let at = 0; at < 30; at += 1) {
        data.writeUInt32BE(at);
        maker.add(TYPES.blob, data);
      }
      return [];
    });
    const { read, megabytes } = await measured(commit, pack, { maxInflated: 100 * MEGABYTE });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused', reason: expect.stringContaining('inflate') } });
    // On a busy machine all that may be inflated can wait for the collector at once (260 MB seen); all that there is would take 580.
    expect(megabytes).toBeLessThan(300);
  });

  it('a large file is passed over, and said', async () => {
    const [commit, pack] = beside((maker) => [['big.yaml', maker.object('blob', Buffer.alloc(60 * MEGABYTE, 'x'))]]);
    const { read, megabytes } = await measured(commit, pack);
    expect(read).toMatchObject({
      ...GOOD,
      value: { skipped: [{ path: 'big.yaml', reason: expect.stringContaining('larger than') }] },
    });
    expect(megabytes).toBeLessThan(250);
  });

  it('a large file that lies about its size', async () => {
    const data = deflateSync(Buffer.alloc(100 * MEGABYTE), { level: 1 });
    for (const declared of [20 * MEGABYTE, 800 * MEGABYTE]) {
      const [commit, pack] = beside((maker) => {
        maker.add(TYPES.blob, Buffer.alloc(0), { declared, packed: data });
        return [];
      });
      expect(await readPack(commit, pack)).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
    }
  });

  it('a delta that promises gigabytes hides only its own file', async () => {
    const base = Buffer.from('base');
    const [commit, pack] = beside((maker) => {
      const at = maker.add(TYPES.blob, base);
      maker.add(TYPES.ofsDelta, delta(base.length, 5e9, [copy(0, 4)]), { base: at });
      return [['lost.yaml', 'a'.repeat(40)]];
    });
    expect(await readPack(commit, pack)).toMatchObject({
      ...GOOD,
      value: { skipped: [{ path: 'lost.yaml', reason: expect.stringContaining('larger than is read') }] },
    });
  });

  it('deltas that copy their base over and over', async () => {
    const base = Buffer.alloc(0x10000, 'x');
    const size = 240 * 0x10000;
    const [commit, pack] = beside((maker) => {
      const at = maker.add(TYPES.blob, base);
      const ops = Array.from({ length: 240 }, () => copy(0, 0x10000));
      for (let made = 0; made < 30; made += 1) maker.add(TYPES.ofsDelta, delta(base.length, size, ops), { base: at });
      return [];
    });
    const { read, megabytes } = await measured(commit, pack, { maxInflated: 300 * MEGABYTE });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused', reason: expect.stringContaining('inflate') } });
    expect(megabytes).toBeLessThan(300);
  });

  it.each([
    [4000, true],
    [5000, false],
  ])('a chain of %i deltas', async (length, readable) => {
    const [commit, pack] = beside((maker) => {
      let data = Buffer.from('a: 0\n');
      let at = maker.add(TYPES.blob, data);
      for (let link = 1; link <= length; link += 1) {
        at = maker.add(TYPES.ofsDelta, delta(data.length, 5, [copy(0, 3), insert(`${link % 10}\n`)]), { base: at });
        data = Buffer.from(`a: ${link % 10}\n`);
      }
      return [['end.yaml', oidOf('blob', data)]];
    });
    const read = await readPack(commit, pack);
    if (readable) expect(read).toMatchObject({ ...GOOD, value: { skipped: [] } });
    else
      expect(read).toMatchObject({
        ok: false,
        notRead: { code: 'invalid', reason: expect.stringContaining('deltas') },
      });
  });

  it('deltas that are each other’s base, or have none', async () => {
    const [commit, pack] = beside((maker) => {
      maker.add(TYPES.refDelta, delta(1, 1, [insert('a')]), { base: 'b'.repeat(40) });
      return [['none.yaml', 'b'.repeat(40)]];
    });
    expect(await readPack(commit, pack)).toMatchObject({ ...GOOD, value: { skipped: [{ path: 'none.yaml' }] } });
  });

  it.each<[string, (maker: PackMaker) => void]>([
    ['a base before the pack', (maker) => maker.add(TYPES.ofsDelta, delta(1, 1, [insert('a')]), { base: -5 })],
    ['a copy from outside', (maker) => addDelta(maker, delta(4, 4, [copy(2, 4)]))],
    ['a result that is too long', (maker) => addDelta(maker, delta(4, 2, [copy(0, 4)]))],
    ['a result that is too short', (maker) => addDelta(maker, delta(4, 9, [copy(0, 4)]))],
    ['a base of another size', (maker) => addDelta(maker, delta(5, 4, [copy(0, 4)]))],
    ['an op that does not exist', (maker) => addDelta(maker, delta(4, 4, [Buffer.from([0])]))],
    ['an unknown type', (maker) => maker.add(5, Buffer.from('x'))],
    ['no zlib', (maker) => maker.add(TYPES.blob, Buffer.from('x'), { packed: Buffer.from('not zlib') })],
  ])('%s', async (_name, fill) => {
    const [commit, pack] = beside((maker) => {
      fill(maker);
      return [];
    });
    expect(await readPack(commit, pack)).toMatchObject({
      ok: false,
      notRead: {
        code: 'invalid',
        reason: expect.stringContaining('damaged'),
        nextStep: expect.stringContaining('fsck'),
      },
    });
  });

  function addDelta(maker: PackMaker, data: Buffer): void {
    const base = maker.add(TYPES.blob, Buffer.from('base'));
    maker.add(TYPES.ofsDelta, data, { base });
  }

  it('a pack that is cut, miscounted or changed', async () => {
    const pack = new PackMaker();
    const commit = pack.commit(pack.tree([['good.yaml', pack.object('blob', POLICY)]]));
    const whole = pack.bytes();
    const changed = Buffer.from(whole);
    changed[20] = (changed[20] ?? 0) ^ 1;
    for (const bad of [whole.subarray(0, -30), pack.bytes(4_000_000_000), changed, Buffer.alloc(10), Buffer.alloc(0)]) {
      expect(await readPack(commit, bad)).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
    }
  });

  it('a commit that was not asked for', async () => {
    const [, pack] = beside(() => []);
    expect(await readPack('c'.repeat(40), pack)).toMatchObject({
      ok: false,
      notRead: { code: 'invalid', reason: expect.stringContaining('did not send') },
    });
  });
});

describe('a tree made to exhaust its reader', () => {
  it('ten folders of ten folders of …', async () => {
    const [commit, pack] = beside((maker) => {
      let at = maker.tree([['p.yaml', maker.object('blob', 'a: 1\n')]]);
      for (let level = 0; level < 10; level += 1)
        at = maker.tree(Array.from({ length: 10 }, (_, child) => [`D${child}`, at] as const));
      return [['D', at]];
    });
    const { read, megabytes, ms } = await measured(commit, pack);
    expect(read).toMatchObject({
      ok: true,
      value: {
        skipped: expect.arrayContaining([
          { path: expect.any(String), reason: expect.stringContaining('too many files') },
        ]),
      },
    });
    expect(megabytes).toBeLessThan(300);
    expect(ms).toBeLessThan(25_000);
  });

  it('folders in folders without end', async () => {
    const [commit, pack] = beside((maker) => {
      let at = maker.tree([['p.yaml', maker.object('blob', 'a: 1\n')]]);
      for (let level = 0; level < 3000; level += 1) at = maker.tree([['D', at]]);
      return [['D', at]];
    });
    expect(await readPack(commit, pack)).toMatchObject({
      ...GOOD,
      value: { skipped: [{ reason: 'its path is longer than is read' }] },
    });
  });

  it('a tree that holds itself cannot be, one that is no tree is said', async () => {
    const pack = new PackMaker();
    const commit = pack.commit(pack.object('tree', '100644 no-end'));
    expect(await readPack(commit, pack.bytes())).toMatchObject({
      ok: false,
      notRead: { code: 'invalid', reason: expect.stringContaining('a tree is not readable') },
    });
  });
});

describe('a local repository made to exhaust its reader', () => {
  it('with large and lying objects, loose or packed, is read without them', async () => {
    for (const packed of [false, true]) {
      const dir = makeRepository({ 'good.yaml': POLICY, 'big.yaml': 'x'.repeat(40 * MEGABYTE) });
      if (packed) git(dir, 'gc', '-q');
      const read = await createGitopsSource().compare({ repository: dir }, [], 'shop', never);
      expect(read).toMatchObject({
        ...GOOD,
        value: { skipped: [{ path: 'big.yaml', reason: expect.stringContaining('larger than') }] },
      });
    }
  });

  it('with a loose object that inflates to more than it says', async () => {
    const dir = makeRepository({ 'good.yaml': POLICY });
    const oid = git(dir, 'rev-parse', 'HEAD:good.yaml');
    const file = join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
    chmodSync(file, 0o600);
    for (const bytes of [`blob 5\0${'x'.repeat(50 * MEGABYTE)}`, 'blob 99999999999\0x', 'no head', '']) {
      writeFileSync(file, deflateSync(Buffer.from(bytes, 'latin1'), { level: 1 }));
      const read = await createGitopsSource().compare({ repository: dir }, [], 'shop', never);
      const lost = read.ok && read.value.skipped.some(({ path }) => path === 'good.yaml');
      expect(lost || (!read.ok && read.notRead.reason.includes('damaged'))).toBe(true);
    }
  });

  it('with a broken index of a pack', async () => {
    const dir = makeRepository({ 'good.yaml': POLICY });
    git(dir, 'gc', '-q');
    const folder = join(dir, '.git/objects/pack');
    const index = join(folder, readdirSync(folder).find((name) => name.endsWith('.idx')) ?? '');
    const whole = readFileSync(index);
    chmodSync(index, 0o600);
    const unsorted = Buffer.from(whole);
    for (let at = 8; at < 8 + 1024; at += 4) unsorted.writeUInt32BE(at % 8 === 0 ? 0xffffffff : 0, at);
    for (const bytes of [Buffer.from('x'), unsorted, whole.subarray(0, 1100)]) {
      writeFileSync(index, bytes);
      expect(await createGitopsSource().compare({ repository: dir }, [], 'shop', never)).toMatchObject({ ok: false });
    }
  });
});

describe('a server made to hold or mislead its client', () => {
  const greet = (answer: Buffer): Promise<GitServer> =>
    serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end(answer),
    );

  it.each([
    ['a packet of length 3', Buffer.from('0003')],
    ['a packet that is cut', Buffer.from('00ffversion 2')],
    ['no packet', Buffer.from('zzzz')],
    ['nothing at all', Buffer.alloc(0)],
    [
      'version 2 without shallow',
      Buffer.concat([packet('version 2\n'), packet('fetch=filter\n'), Buffer.from('0000')]),
    ],
    ['sha256', Buffer.concat([packet('version 2\n'), packet('object-format=sha256\n'), Buffer.from('0000')])],
  ])('%s', async (_name, answer) => {
    const server = await greet(answer);
    open.push(server);
    const read = await createGitopsSource().compare({ repository: `${server.url}/x` }, [], 'shop', never);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: expect.stringMatching(/invalid|unsupported|not_found/) },
    });
  });

  it('what it says is cleaned and cut', async () => {
    const server = await greet(packet(`ERR \u001b[31m${'x'.repeat(5000)}`));
    open.push(server);
    const read = await createGitopsSource().compare({ repository: `${server.url}/x` }, [], 'shop', never);
    expect(read).toMatchObject({ ok: false, notRead: { reason: expect.stringContaining('error of its own') } });
    expect(JSON.stringify(read).length).toBeLessThan(1000);
    expect(JSON.stringify(read)).not.toContain('u001b');
  });

  it('a drip is given up', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
      const bytes = [...GREETING];
      const timer = setInterval(() => response.write(Buffer.from([bytes.shift() ?? 0x30])), 30);
      response.on('close', () => clearInterval(timer));
    });
    open.push(server);
    const source = createGitopsSource({ timeoutMs: 500 });
    const read = await source.compare({ repository: `${server.url}/x` }, [], 'shop', never);
    expect(read).toMatchObject({ ok: false, notRead: { code: 'timeout' } });
  });
});

describe('addresses', () => {
  it('that become internal are refused, those that are from the start are not', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '192.168.0.1',
      '169.254.1.1',
      '::1',
      'fe80::1',
      '::ffff:10.0.0.1',
      'fd12::1',
    ]) {
      const guard = createAddressGuard();
      guard('git.example', address);
      guard('git.example', '203.0.113.7');
      expect(() => guard('git.example', address)).toThrow(/was a public address and now resolves to an internal one/);
    }
  });

  it('of metadata services are always refused', () => {
    const guard = createAddressGuard();
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200'])
      expect(() => guard('git.example', address)).toThrow('metadata');
  });
});
