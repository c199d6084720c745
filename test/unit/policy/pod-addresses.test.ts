/** Which pod has an address: the same whether the few first addresses are looked for one by one or all are indexed. */
import { describe, expect, test } from 'vitest';
import { indexOf } from '../../../src/core/policy/state/state-index.ts';
import { pod, world } from './world.ts';

const pods = [
  pod('old', 'default', '10.0.3.1', { phase: 'Succeeded' }),
  pod('new', 'default', '10.0.3.1'),
  pod('on-host', 'default', '10.1.1.9', { hostNetwork: true }),
  pod('dual', 'default', '10.0.3.2', { podIPs: ['10.0.3.2', '2001:DB8:0:0::7'] }),
  ...Array.from({ length: 8 }, (_, index) => pod(`p${index}`, 'default', `10.0.4.${index}`)),
];

const EXPECTED: readonly (readonly [string, string | undefined])[] = [
  ['10.0.3.1', 'new'],
  ['10.1.1.9', undefined],
  ['2001:db8::7', 'dual'],
  ['203.0.113.9', undefined],
  ...Array.from({ length: 8 }, (_, index) => [`10.0.4.${index}`, `p${index}`] as const),
];

describe('podAt', () => {
  test.each([
    ['in this order', EXPECTED],
    ['in the other order', EXPECTED.toReversed()],
  ])('%s', (_, cases) => {
    const index = indexOf(world([], { pods }));
    for (const [address, name] of [...cases, ...cases]) expect(index.podAt(address)?.meta.name, address).toBe(name);
  });
});
