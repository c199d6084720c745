import { describe, expect, it } from 'vitest';
import { ciliumPolicySchema } from '../../../src/cluster/decode/cilium-policy.ts';
import { networkPolicySchema } from '../../../src/cluster/decode/network-policy.ts';
import { comparePolicies } from '../../../src/core/drift/compare-policies.ts';
import type { JsonRecord } from '../../../src/core/drift/json.ts';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import type { PatchablePolicy } from '../../../src/core/model/policy.ts';

const metadata = { name: 'p', namespace: 'shop' };
const selectors: readonly JsonRecord[] = [
  { matchLabels: { a: 'b' } },
  { matchExpressions: [{ key: 'k', operator: 'Exists' }] },
  {},
];

const everything: JsonRecord = {
  endpointSelector: { matchLabels: { app: 'x' }, matchExpressions: [{ key: 'k', operator: 'In', values: ['b', 'a'] }] },
  enableDefaultDeny: { egress: false, ingress: true },
  ingress: [{}],
  egress: [
    {},
    { toEndpoints: selectors, toPorts: [] },
    { toEntities: ['world'], toPorts: [{}, { ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] },
    { toCIDR: [], icmps: [{ fields: [{ type: 8, family: 'IPv4' }] }] },
    {
      toCIDRSet: [
        { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
        { cidrGroupRef: 'g' },
        { cidrGroupSelector: { matchLabels: { a: 'b' } } },
      ],
    },
    {
      toFQDNs: [{ matchName: 'A.example.' }, { matchPattern: '*.B.example' }],
      toPorts: [{ ports: [{ port: '1', endPort: 9, protocol: 'UDP' }], serverNames: ['s.example'] }],
    },
    { toServices: [{ k8sService: { serviceName: 's' } }] },
    { toNodes: selectors },
    { toGroups: [{ aws: { region: 'r' } }] },
    {
      toPorts: [
        { ports: [{ port: 'http' }], rules: { http: [{ method: 'GET' }] } },
        { ports: [{ port: '9092' }], rules: { kafka: [{ topic: 't' }] } },
      ],
    },
  ],
  egressDeny: [{ toEntities: ['host'] }],
};

/** [kind, the object as the API server holds it] */
const OBJECTS: readonly (readonly [PatchablePolicy['kind'], JsonRecord])[] = [
  ['CiliumNetworkPolicy', { metadata, spec: everything }],
  [
    'CiliumNetworkPolicy',
    {
      metadata,
      spec: { endpointSelector: {}, ingress: [{}] },
      specs: [everything, { endpointSelector: {}, egress: [] }],
    },
  ],
  [
    'CiliumClusterwideNetworkPolicy',
    { metadata: { name: 'p' }, specs: [{ nodeSelector: {}, egress: [{ toEntities: ['all'] }] }] },
  ],
  ['NetworkPolicy', { metadata, spec: { podSelector: {}, policyTypes: ['Egress'] } }],
  ['NetworkPolicy', { metadata, spec: { podSelector: { matchLabels: { a: 'b' } }, egress: [{}], ingress: [{}] } }],
  [
    'NetworkPolicy',
    {
      metadata,
      spec: {
        podSelector: {},
        egress: [
          {
            to: [
              { podSelector: {} },
              { namespaceSelector: { matchLabels: { a: 'b' } } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
          },
          {
            ports: [
              { port: 443 },
              { port: 'dns', protocol: 'UDP' },
              { port: 1, endPort: 9, protocol: 'TCP' },
              { protocol: 'SCTP' },
            ],
          },
        ],
      },
    },
  ],
];

describe('an object read from the cluster and the same object read from Git', () => {
  it.each(OBJECTS)('are the same: %s %j', (kind, raw) => {
    const schema = kind === 'NetworkPolicy' ? networkPolicySchema : ciliumPolicySchema(kind);
    const live = normalise(kind, toManifest(schema.parse(raw)).manifest);
    const git = normalise(kind, raw);
    if (!live.ok || !git.ok) throw new Error('not normalised');
    expect(live.normal).toEqual(git.normal);
    expect(comparePolicies(live.normal, git.normal)).toEqual([]);
  });
});
