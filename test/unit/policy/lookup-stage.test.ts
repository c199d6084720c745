/** The name lookup where the DNS server is another one than the cluster's, several, or none that is known. */
import { describe, expect, test } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule, Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { ccnp, cnp, DNS, dnsRule, P, pod, ports, select, tcp443, world } from './world.ts';

const FILES: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const LISTED: CiliumEgressRule = { toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: tcp443 };
const NODE_CACHE = pod('node-local-dns-1', 'kube-system', '10.1.1.9', {
  labels: { 'k8s-app': 'node-local-dns' },
  hostNetwork: true,
});
const OWN_SERVERS: Pod = { ...P, dnsPolicy: 'None' };

function evaluate(
  policies: readonly Policy[],
  of: Pod = P,
  to: Destination = FILES,
  more: Parameters<typeof world>[1] = {},
) {
  return evaluateEgress(world(policies, more), of, to);
}

describe('a server that is not known', () => {
  test('what teaches a name is taken to cover it, and that is stated', () => {
    const { lookup, connect, assumptions } = evaluate([cnp('c', { egress: [dnsRule(), LISTED] })], OWN_SERVERS);
    expect(lookup).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(lookup.explanation).toContain('dnsPolicy None');
    expect(connect.decision).toBe('allowed');
    expect(assumptions.join('\n')).toContain('the rules.dns of c spec.egress[0] is taken to cover it');
  });
  test('a filter of which one entry admits the name teaches it', () => {
    const some = dnsRule([{ matchName: 'api.vendor.example' }, { matchName: 'files.vendor.example' }]);
    expect(evaluate([cnp('c', { egress: [some, LISTED] })], OWN_SERVERS).connect.decision).toBe('allowed');
  });
  test('without such a rule the connection is open, and nothing is assumed', () => {
    const other = dnsRule([{ matchName: 'api.vendor.example' }]);
    const { connect, assumptions } = evaluate([cnp('c', { egress: [other, LISTED] })], OWN_SERVERS);
    expect(connect).toMatchObject({ decision: 'unknown', reason: 'dns_not_proxied' });
    expect(connect.explanation).toContain('no rules.dns rule of the pod admits the name');
    expect(assumptions.join('\n')).not.toContain('is taken to cover it');
  });
  test('any server may be asked where nothing isolates or denies', () => {
    expect(evaluate([], OWN_SERVERS).lookup).toMatchObject({ decision: 'allowed', reason: 'not_isolated' });
    const open = cnp('c', { egress: [{ toEntities: ['world'] }], enableDefaultDenyEgress: false });
    expect(evaluate([open], OWN_SERVERS).lookup.decision).toBe('allowed');
  });
  test('a deny may hit it even so', () => {
    const denies = cnp('c', { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }], enableDefaultDenyEgress: false });
    expect(evaluate([denies], OWN_SERVERS).lookup.decision).toBe('unknown');
  });
  test('so may a policy that perhaps selects the pod', () => {
    const stage = select({ 'k8s:io.cilium.k8s.namespace.labels.stage': 'live' });
    const perhaps = ccnp('c', { endpointSelector: stage, egress: [{}] });
    expect(evaluate([perhaps], OWN_SERVERS, FILES, { namespaces: [] }).lookup.decision).toBe('unknown');
  });
});

describe('two servers', () => {
  const pods = [P, DNS, NODE_CACHE];
  const cacheRule: CiliumEgressRule = {
    toEntities: ['host'],
    toPorts: [{ ports: ports('53/UDP'), dns: [{ matchPattern: '*' }] }],
  };

  test('the name is learned only if both are asked through the proxy', () => {
    const both = cnp('c', { egress: [dnsRule(), cacheRule, LISTED] });
    expect(evaluate([both], P, FILES, { pods }).connect.decision).toBe('allowed');
    const plain = { toEntities: ['host'], toPorts: [{ ports: ports('53/UDP') }] };
    const { connect, lookup } = evaluate([cnp('c', { egress: [dnsRule(), plain, LISTED] })], P, FILES, { pods });
    expect(lookup.decision).toBe('allowed');
    expect(connect).toMatchObject({ decision: 'unknown', reason: 'dns_not_proxied' });
    expect(connect.explanation).toContain("does not pass Cilium's proxy");
  });
  test('one that is shut off is told as what keeps the name from being learned', () => {
    const { connect } = evaluate([cnp('c', { egress: [dnsRule(), LISTED] })], P, FILES, { pods });
    expect(connect.explanation).toContain('its DNS queries are dropped');
  });
});

describe('names that the pod answers itself', () => {
  const aliases = (hostnames: string[]): Pod => ({ ...P, hostAliases: [{ ip: '203.0.113.10', hostnames }] });

  test('one of several names of an alias', () => {
    expect(evaluate([], aliases(['a.example', 'Files.Vendor.example'])).lookup.reason).toBe('not_applicable');
    expect(evaluate([], aliases(['a.example'])).lookup.reason).toBe('not_isolated');
  });
  test('teach Cilium nothing and assume nothing', () => {
    const { connect, assumptions } = evaluate(
      [cnp('c', { egress: [dnsRule(), LISTED] })],
      aliases(['files.vendor.example']),
    );
    expect(connect.explanation).toContain("the pod's hostAliases answer the name");
    expect(assumptions.join('\n')).not.toContain('search list');
  });
});

describe('the search list', () => {
  const filter = (...list: string[]) => cnp('c', { egress: [dnsRule(list.map((matchPattern) => ({ matchPattern })))] });
  const noted = (policies: readonly Policy[], host: string) =>
    evaluate(policies, P, { ...FILES, host }).assumptions.some((text) => text.includes('usual search list'));

  test('is noted where the filter admits the name and not its expansions', () => {
    expect(noted([filter('*.vendor.example')], 'files.vendor.example')).toBe(true);
    expect(noted([filter('*.vendor.example', '*.*.*.default.svc.cluster.local')], 'files.vendor.example')).toBe(false);
    expect(noted([filter('*')], 'files.vendor.example')).toBe(false);
  });
  test('is not used for names of six labels', () => {
    expect(noted([filter('a.b.c.vendor.example')], 'a.b.c.vendor.example')).toBe(true);
    expect(noted([filter('a.b.c.d.vendor.example')], 'a.b.c.d.vendor.example')).toBe(false);
  });
  test('is nothing without a filter', () => {
    expect(noted([], 'files.vendor.example')).toBe(false);
  });
});
