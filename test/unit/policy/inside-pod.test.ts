/** What never leaves the pod, and other spellings of an address: no policy sees the one, and the other is the address it means. */
import { describe, expect, it } from 'vitest';
import type { CniName } from '../../../src/core/model/cluster-state.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { cnp, np, P, PEER, world } from './world.ts';

const closed = np('closed', { policyTypes: ['Egress'] });
const to = (...addresses: string[]) => ({ addresses, cnames: [], port: 443, protocol: 'TCP' as const });
const on = (cni: CniName) => world([closed], { engine: { cni, seenBy: 'test' } });

describe('a packet that stays inside the pod', () => {
  it.each(['127.0.0.1', '127.8.0.1', '::1'])('to %s is dropped by no policy', (address) => {
    for (const cni of ['cilium', 'calico', 'kube-router'] as const)
      expect(evaluateEgress(on(cni), P, to(address)).connect).toMatchObject({
        decision: 'allowed',
        reason: 'not_applicable',
        explanation: expect.stringContaining('stays inside the pod'),
      });
  });
  it("to the pod's own address: the rules' verdict, with the premise that it does not hold inside", () => {
    const premise = (from = P) => evaluateEgress(on('cilium'), from, to('10.0.0.1')).assumptions.join();
    expect(premise()).toContain('a connection to it stays inside the pod');
    expect(premise(PEER)).not.toContain('stays inside the pod');
  });
});

it('an IPv4 address written as IPv6 is that IPv4 address', () => {
  const range = cnp('range', { egress: [{ toCIDR: ['203.0.113.0/24'] }] });
  expect(evaluateEgress(world([range]), P, to('::ffff:203.0.113.7')).connect.decision).toBe('allowed');
  expect(evaluateEgress(world([range]), P, to('2001:db8::1')).connect.decision).toBe('denied');
});
