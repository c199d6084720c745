/** What looks like a slip of the pen, and what is another thing. */
import { expect, it } from 'vitest';
import { isSlip } from '../../../src/core/policy/near-miss/similar.ts';

it.each<[string, string, boolean]>([
  ['checkout', 'checkout', false],
  ['checkout', 'Checkout', true],
  ['web', 'wev', true],
  ['we', 'wo', false],
  ['web', 'wbe', true],
  ['cart', 'crat', true],
  ['cart', 'carts', true],
  ['cart', 'card', true],
  ['cart', 'cord', false],
  ['checkout', 'chekout', true],
  ['checkout', 'chckut', false],
  ['checkouts', 'chckots', false],
  ['databases', 'dtabase', false],
  ['databases', 'datbase', false],
  ['database', 'databasis', true],
  ['web-1', 'web-2', false],
  ['web-1', 'web-12', false],
  ['shop-1-a', 'shop-22-a', false],
  ['abcdefg', 'abdcegf', false],
  ['abcd', 'bacdx', false],
  ['app', 'ap', false],
  ['app', 'apps', true],
  ['abcdefg', 'xbcdefy', false],
  ['abcdefgh', 'xbcdefgy', true],
  ['checkouts', 'inventory', false],
  ['inventory', 'inventory-service', false],
  ['cart', 'dart', true],
  ['cart', 'acrt', true],
  ['cart', 'catr', true],
  ['cart', 'tarc', false],
  ['Web-1', 'web-1', true],
  ['v2', 'V2', true],
])('%s and %s: %s', (one, other, slip) => {
  expect([isSlip(one, other), isSlip(other, one)]).toEqual([slip, slip]);
});
