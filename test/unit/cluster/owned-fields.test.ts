/** Of a manager's field set, what of the spec it owns is read, and kept in a capture. */
import { describe, expect, it } from 'vitest';
import { ciliumPolicySchema } from '../../../src/cluster/decode/cilium-policy.ts';
import { ownedFields, withoutTheRest } from '../../../src/cluster/owned-fields.ts';
import { prune } from '../../../src/cluster/prune.ts';
import { object } from './objects.ts';

const rows: [name: string, fields: unknown, owned: readonly string[] | undefined][] = [
  [
    'lists and selectors are whole',
    { 'f:spec': { 'f:egress': {}, 'f:endpointSelector': {} } },
    ['spec.egress', 'spec.endpointSelector'],
  ],
  [
    'fields of fields',
    { 'f:spec': { 'f:enableDefaultDeny': { 'f:egress': {}, 'f:ingress': {} } } },
    ['spec.enableDefaultDeny.egress', 'spec.enableDefaultDeny.ingress'],
  ],
  [
    'no deeper',
    { 'f:spec': { 'f:podSelector': { 'f:matchLabels': { '.': {}, 'f:app': {} } } } },
    ['spec.podSelector.matchLabels'],
  ],
  ['the rule itself', { 'f:spec': { '.': {}, 'f:egress': {} } }, ['spec.egress']],
  ['specs', { 'f:specs': {} }, ['specs']],
  ['metadata alone', { 'f:metadata': { 'f:labels': {} } }, undefined],
  ['nothing', undefined, undefined],
];

describe('owned fields', () => {
  it.each(rows)('%s', (_name, fields, owned) => {
    expect(ownedFields(fields)).toEqual(owned);
    expect(ownedFields(withoutTheRest(fields))).toEqual(owned);
  });

  it('are those of policies, live and captured', () => {
    const managedFields = [{ manager: 'kubectl', operation: 'Apply', fieldsV1: rows[0]?.[1] }];
    const metadata = { namespace: 'shop', name: 'x', managedFields, finalizers: ['vendor.example/wait'] };
    const policy = object('cilium.io/v2', 'CiliumNetworkPolicy', metadata, { spec: { endpointSelector: {} } });
    for (const raw of [policy, prune(policy)]) {
      const { meta } = ciliumPolicySchema('CiliumNetworkPolicy').parse(raw);
      expect(meta.managers[0]?.owns).toEqual(['spec.egress', 'spec.endpointSelector']);
      expect(meta.finalizers).toEqual(['vendor.example/wait']);
    }
    const pod = object('v1', 'Pod', metadata, { spec: { containers: [] } });
    expect(JSON.stringify(prune(pod))).not.toContain('fieldsV1');
  });
});
