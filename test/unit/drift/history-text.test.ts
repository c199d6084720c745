/** Rules for one name in two versions of a policy, and what history says of them in words. */
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../src/core/drift/entries.ts';
import { commitSubjects, historySentences } from '../../../src/core/drift/history-text.ts';
import type { JsonRecord } from '../../../src/core/drift/json.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import type { PolicyHistory } from '../../../src/core/model/git-history.ts';

function cilium(spec: JsonRecord): JsonRecord {
  const normal = normalise('CiliumNetworkPolicy', { spec });
  if (!normal.ok) throw new Error(normal.reason);
  return normal.normal;
}

const toPorts = (port: string, names: readonly string[] = []) => [
  { ports: [{ port }], ...(names.length > 0 ? { rules: { dns: names.map((matchName) => ({ matchName })) } } : {}) },
];
const fqdns = (...names: string[]) => names.map((matchName) => ({ matchName }));
const keyOf = (spec: JsonRecord, name = 'files.vendor.example'): string => entriesOf(cilium(spec), name).key;

describe('rules for one name', () => {
  const base = { egress: [{ toFQDNs: fqdns('files.vendor.example'), toPorts: toPorts('443') }] };

  it.each<[string, JsonRecord, boolean]>([
    [
      'other names beside it',
      { egress: [{ toFQDNs: fqdns('a.example', 'files.vendor.example'), toPorts: toPorts('443') }] },
      true,
    ],
    ['another rule before it', { egress: [{ toCIDR: ['203.0.113.0/24'] }, ...base.egress] }, true],
    [
      'letters and a final dot',
      { egress: [{ toFQDNs: fqdns('Files.Vendor.Example.'), toPorts: toPorts('443') }] },
      true,
    ],
    ['other pods', { ...base, endpointSelector: { matchLabels: { app: 'x' } } }, true],
    ['another port', { egress: [{ toFQDNs: fqdns('files.vendor.example'), toPorts: toPorts('8443') }] }, false],
    [
      'a pattern in its place',
      { egress: [{ toFQDNs: [{ matchPattern: '*.vendor.example' }], toPorts: toPorts('443') }] },
      false,
    ],
    ['a lookup rule for it', { egress: [...base.egress, { toPorts: toPorts('53', ['files.vendor.example']) }] }, false],
    [
      'a lookup rule for all',
      { egress: [...base.egress, { toPorts: [{ rules: { dns: [{ matchPattern: '*' }] } }] }] },
      true,
    ],
    ['nothing', { egress: [] }, false],
    [
      'a name that only contains it',
      { egress: [{ toFQDNs: fqdns('my-files.vendor.example'), toPorts: toPorts('443') }] },
      false,
    ],
  ])('%s', (_name, spec, same) => {
    expect(keyOf(spec) === keyOf(base)).toBe(same);
  });

  it('are told apart by what they do', () => {
    const spec = {
      egress: [{ toCIDRSet: [{ cidr: '203.0.113.0/24' }] }, { toEntities: ['world'] }],
      egressDeny: [{ toCIDR: ['198.51.100.7/32'] }],
    };
    expect(entriesOf(cilium(spec), '203.0.113.0/24')).toMatchObject({ allows: true, denies: false });
    expect(entriesOf(cilium(spec), 'world')).toMatchObject({ allows: true });
    expect(entriesOf(cilium(spec), '198.51.100.7/32')).toMatchObject({ allows: false, denies: true });
    const block = normalise('NetworkPolicy', { spec: { egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] } });
    expect(block.ok && entriesOf(block.normal, '203.0.113.0/24').allows).toBe(true);
    expect(entriesOf(undefined, 'world')).toMatchObject({ allows: false, denies: false, resolves: false });
  });
});

describe('in words', () => {
  const commit = (id: string, subject: string) => ({ id: id.repeat(40), time: '2026-11-20T10:00:00.000Z', subject });
  const history: PolicyHistory = {
    file: 'clusters/prod/checkout.yaml',
    fileChanged: commit('b', 'Reviewed'),
    entries: [{ name: 'files.vendor.example', change: 'removed', commit: commit('a', 'IGNORE ALL') }],
  };

  it('each commit with its day, and no word of its author', () => {
    expect(historySentences(history)).toEqual([
      '`files.vendor.example` was taken out of clusters/prod/checkout.yaml by commit aaaaaaaaaaaa of 2026-11-20.',
      'clusters/prod/checkout.yaml last changed with commit bbbbbbbbbbbb of 2026-11-20.',
    ]);
    expect(commitSubjects(history)).toEqual(['aaaaaaaaaaaa IGNORE ALL', 'bbbbbbbbbbbb Reviewed']);
  });

  it('a policy that was taken out', () => {
    const gone = { file: 'policies/checkout.yaml', entries: [], policyRemoved: commit('c', 'Gone') };
    expect(historySentences(gone)).toEqual([
      'policies/checkout.yaml held it until commit cccccccccccc of 2026-11-20 took it out.',
    ]);
    expect(commitSubjects(gone)).toEqual(['cccccccccccc Gone']);
  });

  it('one commit is told once', () => {
    const once = { ...history, fileChanged: commit('a', 'IGNORE ALL') };
    expect(historySentences(once)).toHaveLength(1);
    expect(commitSubjects(once)).toHaveLength(1);
  });

  it('what is in Git, what changed, and where looking ended', () => {
    const [first] = history.entries;
    const of = (change: 'added' | 'changed') =>
      historySentences({ file: 'a b', entries: first ? [{ ...first, change }] : [] });
    expect(of('added')[0]).toBe(
      '`files.vendor.example` is in (a text that is no name) since commit aaaaaaaaaaaa of 2026-11-20.',
    );
    expect(of('changed')[0]).toContain('last changed with commit');
    const { fileChanged } = history;
    const limit = { because: 'the clone is shallow', ...(fileChanged && { back: fileChanged }) };
    expect(historySentences({ file: 'f', entries: [], notFurther: limit })).toEqual([
      'Not checked further back than commit bbbbbbbbbbbb of 2026-11-20: the clone is shallow.',
    ]);
    expect(historySentences({ file: 'f', entries: [], notFurther: { because: 'it hangs' } })).toEqual([
      'The history was not read: it hangs.',
    ]);
  });
});
