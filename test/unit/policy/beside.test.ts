/** Kinds that are not evaluated: those of a network's own policies leave its verdict open, what acts beside them does not. */
import { describe, expect, it } from 'vitest';
import { UNEVALUATED } from '../../../src/cluster/resources.ts';
import type { CniName } from '../../../src/core/model/cluster-state.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { meta, np, P, world } from './world.ts';

/** NSX and Kube-OVN are networks, and these are their own policies. */
const OWN = ['SecurityPolicy', 'SecurityGroup'];

const TARGET = { cnames: [], addresses: ['203.0.113.7'], port: 443, protocol: 'TCP' } as const;

function connect(resource: (typeof UNEVALUATED)[number], cni: CniName, isolated: boolean) {
  const { kind, group, versions } = resource;
  const unsupported = [{ kind, apiVersion: `${group}/${versions[0]}`, meta: meta('a') }];
  const policies = isolated ? [np('none', { policyTypes: ['Egress'] })] : [];
  const state = world(policies, { unsupported, engine: { cni, seenBy: 'test' } });
  return evaluateEgress(state, P, TARGET);
}

describe.each(UNEVALUATED)('$kind of $group', (resource) => {
  const open = OWN.includes(resource.kind);

  it('leaves an allow open only where it ranks with the policies', () => {
    expect(connect(resource, 'calico', false).decision).toBe(open ? 'unknown' : 'allowed');
    expect(connect(resource, 'cilium', false).decision).toBe('allowed');
  });

  it('leaves a deny open only where it ranks with the policies', () => {
    expect(connect(resource, 'calico', true).decision).toBe(open ? 'unknown' : 'denied');
  });

  it('is named beside the verdict', () => {
    expect(connect(resource, 'cilium', false).notEvaluated).toMatchObject([
      { what: `${resource.kind} a`, code: 'unsupported' },
    ]);
  });
});
