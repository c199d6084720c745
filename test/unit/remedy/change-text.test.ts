/** Changes in words: what is done, where, and why. */
import { expect, it } from 'vitest';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import { changeText } from '../../../src/core/remedy/summary.ts';

const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout' };

it.each<[Pick<PolicyChange, 'op' | 'path' | 'value'>, string]>([
  [
    { op: 'add', path: ['spec', 'egress', 1, 'toPorts', 0, 'ports', '-'], value: { port: '443', protocol: 'TCP' } },
    'add {"port":"443","protocol":"TCP"} to spec.egress[1].toPorts[0].ports of CiliumNetworkPolicy shop/checkout (why)',
  ],
  [
    { op: 'replace', path: ['spec', 'endpointSelector', 'matchLabels', 'app.kubernetes.io/name'], value: 'checkout' },
    'replace spec.endpointSelector.matchLabels["app.kubernetes.io/name"] of CiliumNetworkPolicy shop/checkout by "checkout" (why)',
  ],
  [
    { op: 'remove', path: ['specs', 0, 'egressDeny', 2] },
    'remove specs[0].egressDeny[2] of CiliumNetworkPolicy shop/checkout (why)',
  ],
])('%j', (edit, text) => {
  expect(changeText({ policy, why: 'why', ...edit })).toBe(text);
});
