/**
 * Layer 7 rules of several parsers: which can be merged on one port of one peer, and which make Cilium keep what it enforced before
 * (policy-semantics §3.6; pkg/policy/l4.go, L7ParserType.Merge and addL4Filter).
 */
import { describe, expect, it } from 'vitest';
import type { CiliumEgressRule, CiliumPortRule } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { cnp, P, select, world } from './world.ts';

const TO = { addresses: ['203.0.113.10'], cnames: [], port: 8080, protocol: 'TCP' } as const;

function connect(one: CiliumEgressRule, other: CiliumEgressRule) {
  return evaluateEgress(world([cnp('a', { egress: [one] }), cnp('b', { egress: [other] })]), P, TO).connect;
}

/** Whether rules for the same port keep the pod's old policy in force. */
function conflict(one: CiliumEgressRule, other: CiliumEgressRule): boolean {
  const { decision, explanation } = connect(one, other);
  const found = explanation.includes("cannot be merged, so Cilium keeps the pod's previous policy");
  expect(decision === 'unknown').toBe(found);
  return found;
}

const port = { port: '443', protocol: 'TCP' };
const on443 = (l7: CiliumPortRule): CiliumEgressRule => ({ toPorts: [{ ports: [port], ...l7 }] });
const dns: CiliumPortRule = { dns: [{ matchPattern: '*' }] };
const http: CiliumPortRule = { http: [{}] };
const names: CiliumPortRule = { serverNames: ['a.example'] };
const terminated: CiliumPortRule = { otherL7: ['terminatingTLS'] };
const kafka: CiliumPortRule = { otherL7: ['kafka'] };
const other: CiliumPortRule = { otherL7: ['l7proto'] };
const listener: CiliumPortRule = { otherL7: ['listener'] };

describe('parsers on one port', () => {
  it.each<[string, CiliumPortRule, CiliumPortRule, boolean]>([
    ['DNS and DNS', dns, { dns: [{ matchName: 'a.example' }] }, false],
    ['HTTP and HTTP', http, { http: [{ method: 'GET' }] }, false],
    ['DNS and none', dns, {}, false],
    ['HTTP and none', http, {}, false],
    ['DNS and HTTP', dns, http, true],
    ['DNS and Kafka', dns, kafka, true],
    ['HTTP and Kafka', http, kafka, true],
    ['Kafka and another', kafka, other, true],
    ['HTTP and another', http, other, true],
    ['HTTP and a listener', http, listener, true],
    ['DNS and a listener', dns, listener, true],
    // TLS gives way to what parses requests, not to DNS or a listener.
    ['DNS and server names', dns, names, true],
    ['DNS and terminated TLS', dns, terminated, true],
    ['a listener and server names', listener, names, true],
    ['a listener and terminated TLS', listener, terminated, true],
    ['HTTP and terminated TLS', http, terminated, false],
    ['Kafka and terminated TLS', kafka, terminated, false],
    ['server names and terminated TLS', names, terminated, false],
    // A list of server names beside requests needs TLS to be terminated by either.
    ['HTTP and server names', http, names, true],
    ['HTTP and server names behind terminated TLS', http, { ...names, ...terminated }, false],
    ['HTTP behind terminated TLS and server names', { ...http, ...terminated }, names, false],
    ['HTTP and an empty list of server names', http, { ...terminated, serverNames: [] }, false],
  ])('%s: %s', (_, one, two, expected) => {
    expect(conflict(on443(one), on443(two))).toBe(expected);
    expect(conflict(on443(two), on443(one))).toBe(expected);
  });

  it('are named with their rules', () => {
    expect(connect(on443(dns), on443(http)).explanation).toContain(
      "b spec.egress[0] (http) and a spec.egress[0] (dns) cannot be merged, so Cilium keeps the pod's previous policy",
    );
  });

  it('conflict within one policy, and behind a rule that fits', () => {
    const state = world([
      cnp('a', { egress: [on443(dns), on443({ dns: [{ matchName: 'b.example' }] }), on443(http)] }),
    ]);
    expect(evaluateEgress(state, P, TO).connect.explanation).toContain(
      'spec.egress[2] (http) and a spec.egress[0] (dns)',
    );
  });

  it('of a deny are pruned', () => {
    const state = world([cnp('a', { egress: [on443(dns)], egressDeny: [{ ...on443(http), toCIDR: ['10.0.0.0/8'] }] })]);
    expect(evaluateEgress(state, P, TO).connect.decision).toBe('denied');
  });

  it('of a pod that no policy with HTTP rules selects are its own', () => {
    const away = cnp('b', { endpointSelector: select({ app: 'q' }), egress: [on443(http)] });
    expect(evaluateEgress(world([cnp('a', { egress: [on443(dns)] }), away]), P, TO).connect.decision).toBe('denied');
  });
});

describe('what counts as one port of one peer', () => {
  const to = (peer: CiliumEgressRule, l7: CiliumPortRule, ...ports: NonNullable<CiliumPortRule['ports']>) => ({
    ...peer,
    toPorts: [{ ports: ports.length > 0 ? ports : [port], ...l7 }],
  });
  const world4 = { toEntities: ['world-ipv4'] };
  const vendor = { toFQDNs: [{ matchName: 'api.vendor.example' }] };

  it.each<[string, CiliumEgressRule, CiliumEgressRule, boolean]>([
    ['the same entity', { toEntities: ['host'] }, { toEntities: ['host'] }, true],
    ['another entity', { toEntities: ['host'] }, { toEntities: ['remote-node'] }, false],
    ['all and any destination', { toEntities: ['all'] }, {}, true],
    ['all and another entity', { toEntities: ['all'] }, { toEntities: ['host'] }, false],
    ['world and a part of it', { toEntities: ['world'] }, world4, true],
    ['world and the other part', { toEntities: ['world'] }, { toEntities: ['world-ipv6'] }, true],
    ['world and the rest of it', { toEntities: ['world'] }, { toEntities: ['host'] }, false],
    ['the two parts of world', world4, { toEntities: ['world-ipv6'] }, false],
    ['cluster and nodes', { toEntities: ['cluster'] }, { toEntities: ['remote-node'] }, true],
    ['cluster and the API server', { toEntities: ['cluster'] }, { toEntities: ['kube-apiserver'] }, true],
    ['cluster and world', { toEntities: ['cluster'] }, { toEntities: ['world'] }, false],
    ['one of several entities', { toEntities: ['host', 'health'] }, { toEntities: ['init', 'health'] }, true],
    ['the same name', vendor, vendor, true],
    ['another name', vendor, { toFQDNs: [{ matchName: 'www.vendor.example' }] }, false],
    ['a name and any destination', vendor, {}, false],
    ['the same range', { toCIDR: ['10.0.0.0/8'] }, { toCIDRSet: [{ cidr: '10.0.0.0/8', except: [] }] }, true],
    ['another range', { toCIDR: ['10.0.0.0/8'] }, { toCIDR: ['10.0.0.0/9'] }, false],
    ['the same pods', { toEndpoints: [select({ app: 'a' })] }, { toEndpoints: [select({ app: 'a' })] }, true],
    ['other pods', { toEndpoints: [select({ app: 'a' })] }, { toEndpoints: [select({ app: 'b' })] }, false],
    ['no peer', { toEndpoints: [] }, {}, false],
  ])('%s: %s', (_, one, two, expected) => {
    expect(conflict(to(one, dns), to(two, http))).toBe(expected);
  });

  it.each<[string, CiliumPortRule['ports'], CiliumPortRule['ports'], boolean]>([
    ['another port', [{ port: '80', protocol: 'TCP' }], [port], false],
    ['one of several ports', [{ port: '80', protocol: 'TCP' }, port], [port], true],
    ['any protocol and TCP', [{ port: '443' }], [port], true],
    ['UDP and TCP', [{ port: '443', protocol: 'UDP' }], [port], false],
    ['the same port name', [{ port: 'https', protocol: 'TCP' }], [{ port: 'https', protocol: 'TCP' }], true],
    ['a port name and its number', [{ port: 'https', protocol: 'TCP' }], [port], false],
  ])('%s: %s', (_, one = [], two = [], expected) => {
    expect(conflict(to({}, dns, ...one), to({}, http, ...two))).toBe(expected);
  });
});
