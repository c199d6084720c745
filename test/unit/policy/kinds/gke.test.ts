/** FQDNNetworkPolicy on GKE Dataplane V2: an allow-list of names beside NetworkPolicy, on Cilium's datapath. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../../src/core/model/policy.ts';
import { cnp, np, P, PEER, pod, select } from '../world.ts';
import { ask, fqdnPolicy, on, verdict } from './foreign-world.ts';

const NAMED = 'api.vendor.example=203.0.113.7:443';
const names = (matches: string, rest = '') =>
  fqdnPolicy('names', `{ podSelector: {}, egress: [{ matches: [${matches}]${rest} }] }`);
const gke = (policies: readonly Policy[], to = NAMED, one = P) => ask(on('gke-dataplane-v2', policies), to, one);

const MATCH = 'allowed | allowed_by_rule | names spec.egress[0].matches[0]';
const DROPPED = 'denied | default_deny';

describe('FQDNNetworkPolicy', () => {
  it.each<[string, string, string, string, string]>([
    ['a name', '{ name: api.vendor.example }', '', NAMED, MATCH],
    ['a name without known addresses', '{ name: api.vendor.example }', '', 'api.vendor.example:443', MATCH],
    ['case and final dot', '{ name: API.vendor.example. }', '', NAMED, MATCH],
    ['another name', '{ name: api.vendor.example }', '', 'www.vendor.example=203.0.113.8:443', DROPPED],
    ['a pattern', '{ pattern: "*.vendor.example" }', '', NAMED, MATCH],
    [
      'a star is within one label',
      '{ pattern: "*.vendor.example" }',
      '',
      'a.b.vendor.example=203.0.113.7:443',
      DROPPED,
    ],
    ['no apex', '{ pattern: "*.vendor.example" }', '', 'vendor.example=203.0.113.7:443', DROPPED],
    ['a part of a label', '{ pattern: "a*.vendor.example" }', '', NAMED, MATCH],
    ['every name', '{ pattern: "*" }', '', NAMED, MATCH],
    ['a port', '{ name: api.vendor.example }', ', ports: [{ protocol: TCP, port: 443 }]', NAMED, MATCH],
    ['another port', '{ name: api.vendor.example }', ', ports: [{ protocol: TCP, port: 80 }]', NAMED, DROPPED],
    ['another protocol', '{ name: api.vendor.example }', ', ports: [{ protocol: UDP, port: 443 }]', NAMED, DROPPED],
    ['ALL is the default protocol', '{ name: api.vendor.example }', ', ports: [{ port: 443 }]', `${NAMED}/UDP`, MATCH],
    ['ALL, written', '{ name: api.vendor.example }', ', ports: [{ protocol: ALL }]', `${NAMED}/UDP`, MATCH],
    ['any port of a protocol', '{ name: api.vendor.example }', ', ports: [{ protocol: TCP }]', NAMED, MATCH],
    ['one of several ports', '{ name: api.vendor.example }', ', ports: [{ port: 80 }, { port: 443 }]', NAMED, MATCH],
    [
      'the second of several names',
      '{ name: a.example }, { name: api.vendor.example }',
      '',
      NAMED,
      MATCH.replace('matches[0]', 'matches[1]'),
    ],
    ['an address alone', '{ name: api.vendor.example }', '', '203.0.113.7:443', DROPPED],
    ['pods have no names', '{ pattern: "*" }', '', 'peer.example=10.0.0.2:80', DROPPED],
    ['nor have nodes', '{ pattern: "*" }', '', 'node.example=10.1.1.1:443', DROPPED],
    ['a wildcard in a name', '{ name: "*.vendor.example" }', '', NAMED, DROPPED],
  ])('%s', (_, matches, rest, to, expected) => {
    expect(verdict(gke([names(matches, rest)], to))).toBe(expected);
  });

  it('isolates the pods it selects, and no other', () => {
    const policy = fqdnPolicy(
      'names',
      '{ podSelector: { matchLabels: { app: p } }, egress: [{ matches: [{ name: a.example }] }] }',
    );
    expect(gke([policy]).isolatedBy).toEqual([{ kind: 'FQDNNetworkPolicy', namespace: 'default', name: 'names' }]);
    expect(gke([policy]).connect.explanation).toBe(
      "The pod's egress is isolated by FQDNNetworkPolicy default/names, and none of its rules allows 443/TCP to 203.0.113.7, outside the cluster: dropped.",
    );
    expect(gke([policy], NAMED, PEER).decision).toBe('allowed');
    expect(gke([policy], NAMED, pod('p', 'other', '10.2.3.7')).decision).toBe('allowed');
  });

  describe('beside NetworkPolicy: what either allows is allowed', () => {
    const list = names('{ name: api.vendor.example }');
    const closed = np('closed', { policyTypes: ['Egress'] });
    const range = np('range', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24', except: [] } }] }],
    });
    it.each<[string, readonly Policy[], string, string]>([
      ['the name', [list, closed], NAMED, 'allowed'],
      ['the range', [list, range], '198.51.100.7:443', 'allowed'],
      ['neither', [list, range], 'www.vendor.example=203.0.113.8:443', 'denied'],
    ])('%s', (_, policies, to, expected) => {
      expect(gke(policies, to).connect.decision).toBe(expected);
    });

    it('names both as isolating', () => {
      expect(
        gke([list, closed], '198.51.100.7:443')
          .isolatedBy.map(({ name }) => name)
          .toSorted(),
      ).toEqual(['closed', 'names']);
    });
  });

  it('lets lookups through, as a premise', () => {
    const { lookup, assumptions, decision } = gke([names('{ name: api.vendor.example }')]);
    expect([lookup.decision, decision]).toEqual(['allowed', 'allowed']);
    expect(assumptions).toContain(
      "a FQDNNetworkPolicy is taken to let lookups through to the cluster's DNS, as GKE's guide shows",
    );
    expect(assumptions).toContain(
      'GKE keeps at most 50 addresses for a FQDNNetworkPolicy: a name with more may be dropped now and then',
    );
  });

  it('learns nothing from other DNS servers', () => {
    const own = pod('p', 'default', '10.0.0.1', { dnsPolicy: 'None' });
    const { connect } = gke([names('{ name: api.vendor.example }')], NAMED, own);
    expect([connect.decision, connect.reason]).toEqual(['unknown', 'dns_not_proxied']);
    expect(connect.explanation).toContain(
      "GKE learns names from the cluster's DNS only, and the pod asks another server",
    );
  });

  it('refuses what the API refuses', () => {
    expect(gke([fqdnPolicy('names', '{ podSelector: {}, egress: [] }')]).decision).toBe('allowed');
  });
});

describe('GKE Dataplane V2', () => {
  const range = (cidr: string) =>
    np('range', { policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr, except: [] } }] }] });

  it('reads NetworkPolicy as Cilium does: ranges are for outside addresses, whatever policyTypes says', () => {
    expect(gke([range('10.0.0.0/8')], '10.0.0.2:80').decision).toBe('denied');
    expect(gke([range('203.0.113.0/24')], '203.0.113.7:80').decision).toBe('allowed');
    expect(
      gke([np('types', { policyTypes: ['Ingress'], egress: [{ to: [{ podSelector: select() }] }] })], '203.0.113.7:80')
        .decision,
    ).toBe('denied');
  });

  it("serves none of Cilium's own kinds", () => {
    expect(gke([cnp('c', { egress: [{ toEntities: ['cluster'] }] })]).decision).toBe('allowed');
  });

  it.each([
    ['cilium', 'allowed'],
    ['calico', 'allowed'],
    ['unknown', 'denied'],
  ] as const)('its kind on %s: %s', (cni, expected) => {
    expect(ask(on(cni, [names('{ name: a.example }')]), NAMED).decision).toBe(expected);
  });

  it('leaves the answer open where the kind could not be read', () => {
    const notRead = [{ what: 'fqdnnetworkpolicies in namespace default', code: 'forbidden' as const, reason: 'no' }];
    expect(ask(on('gke-dataplane-v2', [], { notRead }), NAMED).decision).toBe('unknown');
    const closed = np('closed', { policyTypes: ['Egress'] });
    expect(ask(on('gke-dataplane-v2', [closed], { notRead }), NAMED).decision).toBe('unknown');
    const open = np('open', { policyTypes: ['Egress'], egress: [{}] });
    expect(ask(on('gke-dataplane-v2', [open], { notRead }), NAMED).decision).toBe('allowed');
  });
});
