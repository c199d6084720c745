/** What decides among Calico policies of one tier and order, by version. */
import { describe, expect, test } from 'vitest';
import type { CalicoPolicy } from '../../../src/core/model/policies/calico.ts';
import { networkPolicyKey, policyKey } from '../../../src/core/policy/translate/calico/sorting.ts';
import { meta } from './world.ts';

const policy = (name: string, tier: string, namespace?: string): CalicoPolicy =>
  ({
    kind: namespace === undefined ? 'GlobalNetworkPolicy.projectcalico.org' : 'NetworkPolicy.projectcalico.org',
    meta: meta(name, namespace),
    tier,
  }) as CalicoPolicy;

const OLD = ['3.31.4', 'v3.31.0', '3.0', '2.40.1', 'v2.99'];
const NEW = ['3.32.0', 'v3.32.1', '3.40', '4.0.0', 'v10.1', undefined, 'master'];

describe('from 3.32 on: name, namespace, kind', () => {
  test.each(NEW)('version %s', (version) => {
    expect(policyKey(policy('default.allow-dns', 'default', 'shop'), version)).toBe('allow-dns/shop/NetworkPolicy');
    expect(policyKey(policy('allow-dns', 'default', 'shop'), version)).toBe('allow-dns/shop/NetworkPolicy');
    expect(policyKey(policy('security.block', 'security'), version)).toBe('security.block//GlobalNetworkPolicy');
    expect(networkPolicyKey('shop', 'deny', version)).toBe('deny/shop/KubernetesNetworkPolicy');
  });
});

describe('before: the key, which begins with the namespace and the tier', () => {
  test.each(OLD)('version %s', (version) => {
    expect(policyKey(policy('default.allow-dns', 'default', 'shop'), version)).toBe('shop/default.allow-dns');
    expect(policyKey(policy('allow-dns', 'default', 'shop'), version)).toBe('shop/default.allow-dns');
    expect(policyKey(policy('block', 'security'), version)).toBe('security.block');
    expect(policyKey(policy('security.block', 'security'), version)).toBe('security.block');
    expect(policyKey(policy('securityx', 'security'), version)).toBe('security.securityx');
    expect(networkPolicyKey('shop', 'deny', version)).toBe('shop/knp.default.deny');
  });
});
