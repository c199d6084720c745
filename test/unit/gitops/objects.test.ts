import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLocalObjects } from '../../../src/gitops/objects/local-objects.ts';
import { createBudget } from '../../../src/gitops/objects/object.ts';
import { indexPack } from '../../../src/gitops/objects/pack-index.ts';
import { commit, git, makeRepository, removeTempDirs } from './repositories.ts';

afterAll(removeTempDirs);

const never = new AbortController().signal;

/** Files that change a little from commit to commit, so that packs hold chains of deltas. */
function history(): string {
  const lines = Array.from({ length: 400 }, (_, at) => `line ${at}: ${Math.sin(at)}`);
  const dir = makeRepository({ 'a.yaml': lines.join('\n'), 'dir/b.yaml': 'b: 1\n', 'empty.yaml': '' });
  for (let at = 0; at < 40; at += 1) {
    lines[(at * 37) % lines.length] = `changed ${at}`;
    if (at % 10 === 0) lines.splice(at, 3);
    commit(dir, { 'a.yaml': lines.join('\n'), [`dir/${at}.yaml`]: `n: ${at}\n` });
  }
  git(dir, 'tag', '-a', 'v1', '-m', 'v1');
  return dir;
}

describe('objects agree with git', () => {
  const dir = history();
  const all = git(dir, 'rev-list', '--objects', '--all', '--no-object-names').split('\n');
  const folder = join(dir, '.git/objects/pack');

  async function checkAll(): Promise<void> {
    const objects = openLocalObjects(join(dir, '.git'), createBudget());
    for (const oid of all) {
      const object = await objects.read(oid);
      if (object === undefined || object.kind === 'too large') throw new Error(`${oid} is not read`);
      expect(object.kind).toBe(git(dir, 'cat-file', '-t', oid));
      const hash = createHash('sha1').update(`${object.kind} ${object.data.length}\0`).update(object.data);
      expect(hash.digest('hex')).toBe(oid);
    }
    expect(await objects.read('0'.repeat(40))).toBeUndefined();
    await objects.close();
  }

  it('when they are loose', async () => {
    expect(all.length).toBeGreaterThan(150);
    await checkAll();
  });

  it.each([
    ['by offset', 'true'],
    ['by id', 'false'],
  ])('when they are packed, with bases named %s', async (_how, byOffset) => {
    git(dir, '-c', `repack.useDeltaBaseOffset=${byOffset}`, 'repack', '-q', '-a', '-d', '-f', '--depth=50');
    const packs = readdirSync(folder).filter((name) => name.endsWith('.pack'));
    expect(packs).toHaveLength(1);
    await checkAll();
    const file = join(folder, packs[0] ?? '');
    const chains = git(dir, 'verify-pack', '-v', file.replace(/\.pack$/, '.idx'));
    expect(chains).toMatch(/chain length = 1\d: /);
    const known = new Map(
      [...chains.matchAll(/^([0-9a-f]{40}) \w+ +\d+ \d+ (\d+)/gm)].map(([, oid = '', at]) => [oid, Number(at)]),
    );
    const index = await indexPack(readFileSync(file), createBudget(), never);
    expect(new Map([...known.keys()].map((oid) => [oid, index.find(oid)]))).toEqual(known);
    for (const other of ['0', 'f', '8']) expect(index.find(other.repeat(40))).toBeUndefined();
  });
});
