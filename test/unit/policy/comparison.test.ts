/** The control group of a probe: which name, at which port, and why; never one that the rules would refuse. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule, CiliumPort, Policy } from '../../../src/core/model/policy.ts';
import { comparisonTargets } from '../../../src/core/policy/comparison.ts';
import { cnp, dnsRule, meta, np, P, tcp443, world } from './world.ts';

const FILES: Destination = {
  host: 'files.vendor.example',
  cnames: ['cdn.example'],
  addresses: ['203.0.113.10'],
  port: 8443,
  protocol: 'TCP',
};
const at = (...list: CiliumPort[]) => [{ ports: list }];
const tcp = (port: string, endPort?: number): CiliumPort => ({
  port,
  protocol: 'TCP',
  ...(endPort !== undefined && { endPort }),
});
const names = (matchName: string, toPorts?: CiliumEgressRule['toPorts']): CiliumEgressRule => ({
  toFQDNs: [{ matchName }],
  ...(toPorts && { toPorts }),
});
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [dnsRule(), ...egress] });
const targets = (policies: readonly Policy[], to: Destination = FILES) =>
  comparisonTargets(world(policies), P, to).map(({ host, port }) => `${host}:${port}`);

describe('the port', () => {
  it.each<[string, CiliumEgressRule['toPorts'], string[]]>([
    ["any: the destination's", undefined, ['a.example:8443']],
    ["a list with the destination's", at(tcp('80'), tcp('443'), tcp('8443')), ['a.example:8443']],
    ["a range with the destination's", at(tcp('8000', 9000)), ['a.example:8443']],
    ['a range that begins there', at(tcp('8443', 9000)), ['a.example:8443']],
    ['a range that ends there', at(tcp('8000', 8443)), ['a.example:8443']],
    ['a range with 443', at(tcp('80'), tcp('400', 500)), ['a.example:443']],
    ['a range that ends before 443', at(tcp('80', 442)), ['a.example:80']],
    ['none of both: the first', at(tcp('80'), tcp('81')), ['a.example:80']],
    ['all ports of TCP', at(tcp('0')), ['a.example:8443']],
    ['none of TCP', at({ port: '8443', protocol: 'UDP' }), []],
    ['the first of TCP', at({ port: '90', protocol: 'UDP' }, tcp('80')), ['a.example:80']],
    ['a port name alone', at({ port: 'https', protocol: 'TCP' }), []],
    ['an empty list', [{}], []],
  ])('%s', (_, toPorts, expected) => {
    expect(targets([policy(names('a.example', toPorts))])).toEqual(expected);
  });
});

describe('the name', () => {
  it('is no metadata service, which is often allowed by name and never probed', () => {
    expect(targets([policy(names('metadata.google.internal'), names('a.example'))])).toEqual(['a.example:8443']);
  });

  it('is none of the destination, of its aliases, or of a pattern', () => {
    const listed = ['files.vendor.example', 'Files.Vendor.example.', 'cdn.example', 'b.example'].map((one) => ({
      matchName: one,
    }));
    const rule = { toFQDNs: [...listed, { matchPattern: '*.c.example' }], toPorts: tcp443 };
    expect(targets([policy(rule)])).toEqual(['b.example:443']);
  });

  it('is named once, the best port first, and three at most', () => {
    const list = [
      names('other.example', at(tcp('80'))),
      names('tls.example', tcp443),
      names('own.example', at(tcp('8443'))),
      names('other.example', at(tcp('8443'))),
      names('more.example', tcp443),
    ];
    expect(targets([policy(...list)])).toEqual(['own.example:8443', 'other.example:8443', 'tls.example:443']);
  });

  it('says by which rule', () => {
    expect(comparisonTargets(world([policy(names('a.example', tcp443))]), P, FILES)).toEqual([
      {
        host: 'a.example',
        port: 443,
        because: 'allowed by CiliumNetworkPolicy default/c spec.egress[1].toFQDNs[0] (toFQDNs matchName "a.example")',
      },
    ]);
  });

  it.each<[string, readonly Policy[]]>([
    [
      'may not be looked up',
      [cnp('c', { egress: [dnsRule([{ matchName: 'x.example' }]), names('a.example', tcp443)] })],
    ],
    ['has no DNS to be looked up by', [cnp('c', { egress: [names('a.example', tcp443)] })]],
    ['is denied', [policy(names('a.example', tcp443)), cnp('d', { egressDeny: [{ toEntities: ['world'] }] })]],
    ['is listed in a deny', [policy(), cnp('d', { egressDeny: [names('a.example', tcp443)] })]],
    ['is cut off by its rule', [policy(names('a.example', [{ ports: [tcp('443')], serverNames: ['b.example'] }]))]],
  ])('that %s is none', (_, policies) => {
    expect(targets(policies)).toEqual([]);
  });

  it('whose lookup is open will do', () => {
    const from = { ...P, dnsPolicy: 'None' };
    const found = comparisonTargets(world([policy(names('a.example', tcp443))], { pods: [from] }), from, FILES);
    expect(found.map(({ host }) => host)).toEqual(['a.example']);
  });
});

describe('the API server', () => {
  const service = (more: object = {}) => ({
    meta: meta('kubernetes', 'default'),
    type: 'ClusterIP',
    clusterIPs: ['10.96.0.1'],
    externalIPs: [],
    selector: {},
    ports: [{ port: 443, protocol: 'TCP' as const, targetPort: 6443 }],
    ...more,
  });
  const backend = {
    namespace: 'default',
    service: 'kubernetes',
    addresses: ['192.0.2.250'],
    ready: true,
    ports: [{ port: 6443, protocol: 'TCP' as const }],
  };
  const found = (policies: readonly Policy[], to: Destination = FILES, more: object = {}) => {
    const base = world([]);
    const state = world(policies, {
      services: [...base.services, service(more)],
      backends: [...base.backends, backend],
    });
    return comparisonTargets(state, P, to);
  };

  it('where the rules let the pod go there', () => {
    expect(found([])).toEqual([
      { host: 'kubernetes.default.svc', port: 443, because: 'the API server, which the rules let this pod reach' },
    ]);
    expect(found([np('n', { policyTypes: ['Egress'] })])).toEqual([]);
    expect(found([policy({ toEntities: ['kube-apiserver'] })])).toHaveLength(1);
    expect(found([cnp('c', { egress: [{ toEntities: ['kube-apiserver'] }] })])).toEqual([]);
  });

  it.each<[string, Destination, object]>([
    ['is the destination by name', { ...FILES, host: 'kubernetes.default.svc', addresses: [] }, {}],
    ['is the destination by address', { ...FILES, addresses: ['203.0.113.10', '10.96.0.1'] }, {}],
    ['has another name', FILES, { meta: meta('kube', 'default') }],
    ['is in another namespace', FILES, { meta: meta('kubernetes', 'other') }],
    ['has no port', FILES, { ports: [] }],
  ])('not where it %s', (_, to, more) => {
    expect(found([], to, more)).toEqual([]);
  });
});
