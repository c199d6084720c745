/** Which changes are wider than the one destination that was asked for. */
import { describe, expect, it } from 'vitest';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import { wideIn } from '../../../src/core/remedy/wide.ts';

type Path = PolicyChange['path'];
const change = (path: Path, value: unknown, op: PolicyChange['op'] = 'add'): PolicyChange => ({
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout' },
  op,
  path,
  value,
  why: '',
});
const FQDNS = ['spec', 'egress', 0, 'toFQDNs', '-'] as const;
const RULE = ['spec', 'egress', '-'] as const;

describe('wider than one destination', () => {
  it.each<[string, Path, unknown, string[]]>([
    ['a name', FQDNS, { matchName: 'files.vendor.example' }, []],
    ['a pattern', FQDNS, { matchPattern: '*.vendor.example' }, ['pattern "*.vendor.example"']],
    ['a rule for a pattern', RULE, { toFQDNs: [{ matchPattern: '*' }] }, ['pattern "*"']],
    ['a rule for lookups', RULE, { toPorts: [{ rules: { dns: [{ matchPattern: '*' }] } }] }, []],
    ['a pattern of lookups', ['spec', 'egress', 0, 'toPorts', 0, 'rules', 'dns', '-'], { matchPattern: '*' }, []],
    ['an address', ['spec', 'egress', 0, 'toCIDR', '-'], '203.0.113.9/32', []],
    ['a range', ['spec', 'egress', 0, 'toCIDR', '-'], '203.0.113.0/24', ['range 203.0.113.0/24']],
    ['a rule for a range', RULE, { toCIDRSet: [{ cidr: '2001:db8::/64' }] }, ['range 2001:db8::/64']],
    ['a range of a NetworkPolicy', RULE, { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }, ['range 0.0.0.0/0']],
    ['an address of a NetworkPolicy', RULE, { to: [{ ipBlock: { cidr: '203.0.113.9/32' } }] }, []],
    ['the world', ['spec', 'egress', 0, 'toEntities', '-'], 'world', ['entity world']],
    ['a node', RULE, { toEntities: ['remote-node'] }, []],
    ['a policy with a pattern', [], { spec: { egress: [{ toFQDNs: [{ matchPattern: '*.x' }] }] } }, ['pattern "*.x"']],
    ['an exception of a deny', ['spec', 'egressDeny', 0, 'toCIDRSet'], [{ cidr: '0.0.0.0/0' }], []],
  ])('%s', (_name, path, value, expected) => {
    const wide = expected.map((what) => `${what} is wider than the one destination that was asked for`);
    expect(wideIn([change(path, value)])).toEqual(wide);
  });

  it('what is taken out opens nothing', () => {
    expect(wideIn([change(FQDNS, { matchPattern: '*' }, 'remove')])).toEqual([]);
  });
});
