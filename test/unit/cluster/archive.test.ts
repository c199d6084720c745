/** Directories of manifests as people have them: several documents a file, lists, broken files, links, and much that is missing. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterEach, describe, expect, it } from 'vitest';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { CILIUM_POLICIES, NETWORK_POLICIES, PODS } from '../../../src/cluster/resources.ts';
import { cleanUp, never, temporaryDir } from './adapters.ts';
import { checkout, ciliumPolicy, namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const MAKE_PIPE = 'mkfifo';

const ref = { namespace: 'shop', name: checkout.metadata.name };

async function archive(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await temporaryDir();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), content);
  }
  return dir;
}

const yaml = (...objects: readonly object[]) => objects.map((one) => dump(one)).join('---\n');
const listOf = (...items: readonly object[]) => dump({ apiVersion: 'v1', kind: 'List', items });

describe('a directory of manifests', () => {
  it('takes documents, lists, typed lists and JSON from nested folders', async () => {
    const dir = await archive({
      'a/pods.yaml': yaml(checkout, pod('shop', 'second')),
      'b/list.yml': listOf(pod('shop', 'third')),
      'c/d/typed.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'PodList',
        items: [{ metadata: { name: 'fourth', namespace: 'shop' } }],
      }),
      'notes.txt': 'not read',
      'values.yaml': 'replicas: 3\n',
      '.git/config.yaml': yaml(pod('shop', 'hidden')),
    });
    const read = await (await openArchiveReader(dir)).list(PODS, { namespace: 'shop' }, never);
    const names = read.ok ? read.value.items.map((item) => (item['metadata'] as { name: string }).name) : [];
    expect(names).toEqual([ref.name, 'second', 'third', 'fourth']);
  });

  it('keeps what is good beside what is broken, and says what is broken', async () => {
    const dir = await archive({
      'bad.yaml': 'kind: [unclosed\npassword: hunter2hunter2\n',
      'mixed.yaml': `${dump(checkout)}---\nkind: CiliumNetworkPolicy\n  bad: indent\n---\n${dump(ciliumPolicy)}`,
    });
    const state = await createClusterSource(await openArchiveReader(dir)).readState(ref, never);
    expect(state.pods).toHaveLength(1);
    expect(state.policies).toHaveLength(1);
    const broken = state.notRead.filter(({ code }) => code === 'invalid');
    expect(broken.map(({ what }) => what)).toEqual([
      'file bad.yaml document 1 of the archive, which may hold policies',
      'file mixed.yaml document 2 of the archive, which may hold policies',
    ]);
    expect(JSON.stringify(broken)).not.toContain('hunter2');
  });

  it('says "not in archive" for each kind it lacks', async () => {
    const dir = await archive({ 'pods.yaml': yaml(checkout) });
    const state = await createClusterSource(await openArchiveReader(dir)).readState(ref, never);
    const gaps = new Map(state.notRead.map(({ what, code }) => [what, code]));
    for (const what of [
      'networkpolicies in namespace shop',
      'ciliumnetworkpolicies in namespace shop',
      'ciliumclusterwidenetworkpolicies',
      'services',
      'nodes',
      'pods outside namespace shop',
    ]) {
      expect(`${what}: ${gaps.get(what)}`).toBe(`${what}: not_in_archive`);
    }
    expect(state.engine.cni).toBe('unknown');
  });

  it('does not take policies of one namespace for an answer about another, unless one list spans namespaces', async () => {
    const other = object('cilium.io/v2', 'CiliumNetworkPolicy', { namespace: 'other', name: 'x' }, { spec: {} });
    const single = await openArchiveReader(await archive({ 'a.yaml': listOf(other), 'b.yaml': yaml(checkout) }));
    expect(await single.list(CILIUM_POLICIES, { namespace: 'shop' }, never)).toMatchObject({
      ok: false,
      notRead: { code: 'not_in_archive' },
    });
    const third = { ...other, metadata: { name: 'y', namespace: 'third' } };
    const spanning = await openArchiveReader(
      await archive({ 'a.yaml': listOf(other, third), 'b.yaml': yaml(checkout) }),
    );
    expect(await spanning.list(CILIUM_POLICIES, { namespace: 'shop' }, never)).toEqual({
      ok: true,
      value: { items: [] },
    });
    expect(await spanning.list(NETWORK_POLICIES, { namespace: 'shop' }, never)).toMatchObject({ ok: false });
  });

  it('reports an object given twice with different content', async () => {
    const changed = { ...ciliumPolicy, spec: { endpointSelector: {} } };
    const dir = await archive({ 'a.yaml': yaml(ciliumPolicy), 'b.yaml': yaml(changed), 'c.yaml': yaml(ciliumPolicy) });
    const reader = await openArchiveReader(dir);
    expect(reader.problems()).toMatchObject([
      { what: expect.stringContaining('b.yaml'), reason: expect.stringContaining('given again') },
    ]);
  });

  it('never holds a Secret and never follows a link', async () => {
    const outside = await archive({ 'pod.yaml': yaml(pod('shop', 'outside')) });
    const dir = await archive({
      'a.yaml': yaml(
        checkout,
        object('v1', 'Secret', { namespace: 'shop', name: 's' }, { data: { a: 'aHVudGVyMg==' } }),
      ),
    });
    await symlink(join(outside, 'pod.yaml'), join(dir, 'link.yaml'));
    await symlink(outside, join(dir, 'linked'));
    const reader = await openArchiveReader(dir);
    const read = await reader.list(PODS, {}, never);
    expect(read.ok && read.value.items).toHaveLength(1);
    expect(
      reader
        .problems()
        .map(({ what, reason }) => `${what}: ${reason}`)
        .join('\n'),
    ).toMatch(/link\.yaml.*symbolic[\s\S]*linked.*symbolic/);
    expect(
      JSON.stringify(
        await reader.get({ ...PODS, kind: 'Secret', name: 'secrets' }, { namespace: 'shop', name: 's' }, never),
      ),
    ).not.toContain('aHVudGVyMg');
  });

  it('waits for no named pipe, and reads nothing through a linked folder', async () => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'pod.yaml'), dump(checkout));
    await mkdir(join(dir, 'objects'));
    execFileSync(MAKE_PIPE, [join(dir, 'objects', 'index.json')]);
    const reader = await openArchiveReader(dir);
    expect(await reader.list(PODS, { namespace: 'shop' }, never)).toMatchObject({ ok: true });
    const linked = await temporaryDir();
    await symlink(join(dir, 'objects'), join(linked, 'objects'));
    await expect(openArchiveReader(linked)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('says which folder it may not read', async () => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'pod.yaml'), dump(checkout));
    await mkdir(join(dir, 'closed'), { mode: 0 });
    await chmod(dir, 0o755);
    const root = process.geteuid?.() === 0;
    // The super-user may read everything, so the test steps down for a moment.
    if (root) process.seteuid?.(65_534);
    const reader = await openArchiveReader(dir).finally(() => {
      if (root) process.seteuid?.(0);
    });
    expect(reader.problems()).toMatchObject([
      { what: expect.stringContaining('closed'), reason: expect.stringContaining('EACCES') },
    ]);
  });

  it('reads many objects of a kind in time that grows with their number', async () => {
    const dir = await temporaryDir();
    const items = Array.from({ length: 40_000 }, (_, index) => ({
      metadata: { name: `p${index}`, namespace: 'shop' },
    }));
    await writeFile(join(dir, 'pods.json'), JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items }));
    const began = performance.now();
    await openArchiveReader(dir);
    expect(performance.now() - began).toBeLessThan(2500);
  });

  it('survives aliases that multiply', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`.repeat(1);
    const dir = await archive({
      'bomb.yaml': `${bomb}kind: Pod\napiVersion: v1\nmetadata: {name: bomb, labels: *i}\n`,
      'good.yaml': yaml(checkout, namespace('shop')),
    });
    const state = await createClusterSource(await openArchiveReader(dir)).readState(ref, never);
    expect(state.pods).toHaveLength(1);
    expect(state.notRead).toContainEqual(
      expect.objectContaining({ code: 'invalid', reason: expect.stringContaining('aliases') }),
    );
  });

  it.each([
    ['that does not exist', '/nowhere/at/all', 'ARCHIVE_NOT_FOUND'],
    ['that is a file', import.meta.filename, 'ARCHIVE_NOT_FOUND'],
  ])('is refused when it is one %s', async (_name, dir, code) => {
    await expect(openArchiveReader(dir)).rejects.toMatchObject({ code, kind: 'usage' });
  });

  it.each([
    ['empty', {}, 'holds no objects'],
    ['of other things', { 'values.yaml': 'a: 1\n' }, 'holds no objects'],
    [
      'a capture with a broken index',
      { 'objects/index.json': '{"formatVersion": 1}' },
      'objects/index.json is not a capture',
    ],
    ['a capture of another version', { 'objects/index.json': '{"formatVersion": 99}' }, 'formatVersion'],
  ])('is refused when it is %s', async (_name, files, text) => {
    const dir = await archive(files);
    await expect(openArchiveReader(dir)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining(text),
    });
  });

  it('explains a pod and a namespace it does not hold', async () => {
    const source = createClusterSource(
      await openArchiveReader(await archive({ 'a.yaml': yaml(checkout, namespace('shop')) })),
    );
    const pods = await source.findPod({ namespace: 'shop', kind: 'pod', name: 'checkout-7d9f-abcdf' }, never);
    expect(pods).toMatchObject({
      ok: false,
      notRead: { code: 'not_in_archive', nextStep: `Did you mean ${ref.name}?` },
    });
    const workload = await source.findPod({ namespace: 'shop', kind: 'deployment', name: 'checkout' }, never);
    expect(workload).toMatchObject({ ok: true, value: { meta: { name: ref.name } } });
  });
});
