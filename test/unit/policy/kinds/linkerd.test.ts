import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { Decision } from '../../../../src/core/model/evaluation.ts';
import type { LinkerdFacts } from '../../../../src/core/model/policies/mesh.ts';
import type { Pod } from '../../../../src/core/model/workload.ts';
import { decideEgress } from '../../../../src/core/policy/evaluate.ts';
import { meta } from '../world.ts';
import { container, linkerd, meshPod, meshWorld, to } from './mesh-world.ts';

const POD = meshPod('linkerd-proxy');
const API = to('api.vendor.example', 443);

function mesh(state: Partial<ClusterState>, destination: Destination, pod: Pod = POD) {
  return decideEgress(meshWorld(state), pod, destination).mesh;
}

interface Place {
  readonly namespace?: string;
  readonly name?: string;
  readonly created?: string;
  readonly annotations?: string;
}

function network(
  spec: string,
  { namespace = 'shop', name = 'out', created = '2026-01-01', annotations = '{}' }: Place = {},
) {
  return `
---
apiVersion: policy.linkerd.io/v1alpha1
kind: EgressNetwork
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}", annotations: ${annotations}}
spec: ${spec}
`;
}

function route(kind: string, spec: string, { namespace = 'shop', port = '443', parent = 'out', status = '' } = {}) {
  const ref = `{group: policy.linkerd.io, kind: EgressNetwork, name: ${parent}${port === '' ? '' : `, port: ${port}`}}`;
  return `
---
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: r, namespace: ${namespace}}
spec: {parentRefs: [${ref}], ${spec}}
${status}
`;
}

const ALLOW = '{trafficPolicy: Allow}';
const DENY = '{trafficPolicy: Deny}';
const in24 = (policy: string) => `{networks: [{cidr: 203.0.113.0/24}], trafficPolicy: ${policy}}`;

describe('the EgressNetwork that counts', () => {
  it.each<[string, string, Destination, Decision]>([
    ['none: everything is forwarded', '', API, 'allowed'],
    ['Allow', network(ALLOW), API, 'allowed'],
    ['Deny', network(DENY), API, 'denied'],
    ['a policy not known', network('{trafficPolicy: Audit}'), API, 'unknown'],
    ['of another namespace', network(DENY, { namespace: 'other' }), API, 'allowed'],
    ['of the global namespace', network(DENY, { namespace: 'linkerd-egress' }), API, 'denied'],
    [
      'its own namespace before the global',
      network(ALLOW) + network(DENY, { namespace: 'linkerd-egress' }),
      API,
      'allowed',
    ],
    [
      'its own namespace even where that covers something else',
      network('{networks: [{cidr: 198.51.100.0/24}], trafficPolicy: Allow}') +
        network(DENY, { namespace: 'linkerd-egress' }),
      API,
      'allowed',
    ],
    ['the smaller range', network(DENY) + network(in24('Allow'), { name: 'b' }), API, 'allowed'],
    ['the smaller range the other way round', network(ALLOW) + network(in24('Deny'), { name: 'b' }), API, 'denied'],
    [
      'a range without the address',
      network('{networks: [{cidr: 198.51.100.0/24}], trafficPolicy: Deny}'),
      API,
      'allowed',
    ],
    [
      'an exception',
      network('{networks: [{cidr: 203.0.113.0/24, except: [203.0.113.10/32]}], trafficPolicy: Deny}'),
      API,
      'allowed',
    ],
    [
      'of equals the older',
      network(in24('Deny'), { name: 'b', created: '2025-01-01' }) + network(in24('Allow'), { name: 'a' }),
      API,
      'denied',
    ],
    [
      'of twins the first by name',
      network(in24('Deny'), { name: 'b' }) + network(in24('Allow'), { name: 'a' }),
      API,
      'allowed',
    ],
    ['inside the cluster none without networks', network(DENY), { ...API, addresses: ['10.4.4.4'] }, 'allowed'],
    ['IPv6', network(DENY), { ...API, addresses: ['2001:db8::1'] }, 'denied'],
    ['the address not known, but all is covered', network(DENY), { ...API, addresses: [] }, 'denied'],
    ['the address not known, and it matters', network(in24('Deny')), { ...API, addresses: [] }, 'unknown'],
    [
      'a Service',
      network('{networks: [{cidr: 0.0.0.0/0}], trafficPolicy: Deny}'),
      { ...API, addresses: ['10.96.0.10'], port: 53 },
      'allowed',
    ],
  ])('%s', (_, yaml, destination, decision) => {
    expect(mesh({ linkerd: linkerd(yaml) }, destination)?.decision).toBe(decision);
  });

  it('says who decides and how it looks', () => {
    expect(mesh({ linkerd: linkerd(network(DENY)) }, API)).toEqual({
      decision: 'denied',
      reason: 'mesh_blocks',
      decidedBy: [
        {
          policy: { kind: 'EgressNetwork', namespace: 'shop', name: 'out' },
          path: 'spec.trafficPolicy',
          effect: 'deny',
          text: 'trafficPolicy Deny',
        },
      ],
      explanation:
        'EgressNetwork shop/out (trafficPolicy Deny) covers the address, and no route is attached to it for port 443: the connection opens, and the proxy closes it at the TLS handshake.',
    });
    expect(mesh({ linkerd: linkerd(network(DENY)) }, to('a.example', 80))?.explanation).toContain('403');
  });
});

describe('ranges', () => {
  const ranged = (policy: string, name: string, ...ranges: string[]) =>
    network(`{networks: [${ranges.join(', ')}], trafficPolicy: ${policy}}`, { name });
  const cidr = (text: string, ...except: string[]) =>
    `{cidr: ${JSON.stringify(text)}, except: [${except.map((one) => JSON.stringify(one)).join(', ')}]}`;

  it.each<[string, string, Decision]>([
    ['a plain address', ranged('Deny', 'a', cidr('203.0.113.10')), 'denied'],
    ['another plain address', ranged('Deny', 'a', cidr('203.0.113.11')), 'allowed'],
    ['a plain exception', ranged('Deny', 'a', cidr('203.0.113.0/24', '203.0.113.10')), 'allowed'],
    ['an exception elsewhere', ranged('Deny', 'a', cidr('203.0.113.0/24', '203.0.113.128/25')), 'denied'],
    ['one of several ranges', ranged('Deny', 'a', cidr('198.51.100.0/24'), cidr('203.0.113.0/24')), 'denied'],
    [
      'one of several exceptions',
      ranged('Deny', 'a', cidr('203.0.113.0/24', '203.0.113.0/30', '203.0.113.10/32')),
      'allowed',
    ],
    // Exceptions make a range smaller than one that is written the same, or longer.
    [
      'a range less its exceptions against the same range',
      ranged('Deny', 'b', cidr('203.0.113.0/24', '203.0.113.128/25')) + ranged('Allow', 'a', cidr('203.0.113.0/24')),
      'denied',
    ],
    [
      'a range less its exceptions against half of it',
      ranged('Deny', 'b', cidr('203.0.113.0/24', '203.0.113.128/25', '203.0.113.64/26')) +
        ranged('Allow', 'a', cidr('203.0.113.0/25')),
      'denied',
    ],
    // Of several ranges the smallest one with the address counts.
    [
      'the smallest of its ranges',
      ranged('Deny', 'b', cidr('203.0.113.0/24'), cidr('203.0.113.8/29'), cidr('203.0.0.0/16')) +
        ranged('Allow', 'a', cidr('203.0.113.0/28')),
      'denied',
    ],
    [
      'a small range without the address does not',
      ranged('Deny', 'b', cidr('203.0.0.0/16'), cidr('203.0.113.64/30')) + ranged('Allow', 'a', cidr('203.0.113.0/24')),
      'allowed',
    ],
    ['of IPv6, to IPv4', ranged('Deny', 'a', cidr('2001:db8::/32')), 'allowed'],
    ['what is no range', ranged('Deny', 'a', cidr('vendor.example')), 'allowed'],
  ])('%s', (_, yaml, decision) => {
    expect(mesh({ linkerd: linkerd(yaml) }, API)?.decision).toBe(decision);
  });

  it.each<[string, string, Decision]>([
    ['its network', '2001:db8::/32', 'denied'],
    ['its address', '2001:db8::1', 'denied'],
    ['another address', '2001:db8::2', 'allowed'],
  ])('of IPv6: %s', (_, text, decision) => {
    const destination = { ...API, addresses: ['2001:db8::1'] };
    expect(mesh({ linkerd: linkerd(ranged('Deny', 'a', cidr(text))) }, destination)?.decision).toBe(decision);
  });

  it('without ranges a network is everything outside the cluster, of either family', () => {
    const decides = (address: string) =>
      mesh({ linkerd: linkerd(network(DENY)) }, { ...API, addresses: [address] })?.decision;
    expect(['100.64.0.1', '172.16.0.1', '192.168.0.1', 'fd00::1'].map(decides)).toEqual(Array(4).fill('allowed'));
    expect(['172.32.0.1', '100.128.0.1', 'fc00::1'].map(decides)).toEqual(Array(3).fill('denied'));
  });

  it('say which they are, and what is missing', () => {
    const says = (yaml: string, more: Partial<Destination> = {}, facts: Partial<LinkerdFacts> = {}) =>
      mesh({ linkerd: linkerd(yaml, facts) }, { ...API, ...more })?.explanation;
    expect(says(network(ALLOW))).toContain(
      'EgressNetwork shop/out (trafficPolicy Allow) covers the address: the proxy forwards the connection.',
    );
    expect(says('')).toContain(
      "No EgressNetwork covers the address, so the pod's Linkerd proxy forwards the connection.",
    );
    expect(says(network('{trafficPolicy: Audit}'))).toContain('trafficPolicy Audit is not understood');
    expect(says(network(DENY) + network(ALLOW, { name: 'b' }), { addresses: [] })).toContain('depends on its address');
    expect(says('', { addresses: [] })).toContain('No EgressNetwork covers the address');
    const notRead = {
      what: 'configmaps linkerd/linkerd-config',
      code: 'forbidden',
      reason: 'no right to get',
    } as const;
    const blind = { config: { ok: false, notRead } } as const;
    expect(says(network(DENY), { addresses: ['10.4.4.4'] }, blind)).toContain(
      "which networks count as the cluster's own was not read (no right to get)",
    );
    expect(says(network(DENY, { namespace: 'egress' }), {}, blind)).toContain(
      'which namespace holds the EgressNetworks for all was not read (no right to get)',
    );
    // Networks in the usual namespace for all are for all.
    expect(says(network(ALLOW, { namespace: 'linkerd-egress' }), {}, blind)).toContain('linkerd-egress/out');
    // Ranges that are written do not depend on the cluster's own.
    expect(says(ranged('Deny', 'a', cidr('10.0.0.0/8')), { addresses: ['10.4.4.4'] }, blind)).toContain(
      'shop/a (trafficPolicy Deny)',
    );
  });
});

describe('routes under Deny', () => {
  const tls = (hosts: string) => route('TLSRoute', `hostnames: [${hosts}], rules: [{}]`);
  const http = (rules: string, port = '80') =>
    route('HTTPRoute', `hostnames: ["*.vendor.example"], rules: [${rules}]`, { port });
  const HTTP = to('api.vendor.example', 80);
  const rejected = 'status: {parents: [{conditions: [{type: Accepted, status: "False"}]}]}';
  it.each<[string, string, Destination, Decision]>([
    ['TLS by server name', tls('api.vendor.example'), API, 'allowed'],
    ['TLS by wildcard', tls('"*.vendor.example"'), API, 'allowed'],
    ['TLS, another name', tls('www.vendor.example'), API, 'denied'],
    ['TLS, the apex', tls('"*.vendor.example"'), to('vendor.example', 443), 'denied'],
    ['TLS, any name', route('TLSRoute', 'rules: [{}]'), API, 'allowed'],
    ['for another port', tls('api.vendor.example'), to('api.vendor.example', 8443), 'denied'],
    ['without a port it is attached to nothing', route('TLSRoute', 'rules: [{}]', { port: '' }), API, 'denied'],
    ['of another network', route('TLSRoute', 'rules: [{}]', { parent: 'else' }), API, 'denied'],
    ['of another namespace', route('TLSRoute', 'rules: [{}]', { namespace: 'other' }), API, 'denied'],
    ['not accepted', route('TLSRoute', 'rules: [{}]', { status: rejected }), API, 'denied'],
    ['TCP takes everything', route('TCPRoute', 'rules: [{}]'), API, 'allowed'],
    ['HTTP by host', http('{}'), HTTP, 'allowed'],
    ['HTTP, another host', http('{}'), to('b.example', 80), 'denied'],
    ['HTTP for a path only', http('{matches: [{path: {type: PathPrefix, value: /v1}}]}'), HTTP, 'unknown'],
    ['HTTP for every path', http('{matches: [{path: {type: PathPrefix, value: /}}]}'), HTTP, 'allowed'],
    ['HTTP with a filter', http('{filters: [{type: RequestRedirect}]}'), HTTP, 'unknown'],
    ['HTTP to a backend of its own', http('{backendRefs: [{name: gateway, port: 80}]}'), HTTP, 'unknown'],
    [
      'HTTP to where it was going',
      http('{backendRefs: [{kind: EgressNetwork, group: policy.linkerd.io, name: out}]}'),
      HTTP,
      'allowed',
    ],
    ['HTTP routes take no TLS', http('{}', '443'), API, 'denied'],
    ['HTTP routes hide TLS routes', http('{}', '443') + tls('api.vendor.example'), API, 'denied'],
    ['TLS routes hide TCP routes', tls('www.vendor.example') + route('TCPRoute', 'rules: [{}]'), API, 'denied'],
    ['TLS beside TCP', tls('api.vendor.example') + route('TCPRoute', 'rules: [{}]'), API, 'allowed'],
    ['TCP to a backend of its own', route('TCPRoute', 'rules: [{backendRefs: [{name: x}]}]'), API, 'unknown'],
    ['gRPC routes are about methods', route('GRPCRoute', 'rules: [{}]', { port: '80' }), HTTP, 'unknown'],
    [
      'what the client says decides',
      route('TLSRoute', 'rules: [{}]', { port: '9999' }),
      to('a.example', 9999),
      'unknown',
    ],
    [
      'on an opaque port TLS routes are not asked',
      route('TLSRoute', 'rules: [{}]', { port: '5432' }),
      to('db.example', 5432),
      'denied',
    ],
    [
      'on an opaque port TCP routes are',
      route('TCPRoute', 'rules: [{}]', { port: '5432' }),
      to('db.example', 5432),
      'allowed',
    ],
  ])('%s', (_, yaml, destination, decision) => {
    expect(mesh({ linkerd: linkerd(network(DENY) + yaml) }, destination)?.decision).toBe(decision);
  });

  it.each<[string, string, Destination, string]>([
    [
      'lets through',
      tls('api.vendor.example'),
      API,
      'TLSRoute shop/r of EgressNetwork shop/out lets the connection through.',
    ],
    [
      'other names',
      tls('www.vendor.example, files.vendor.example'),
      API,
      'its TLSRoutes for port 443 name www.vendor.example, files.vendor.example only',
    ],
    ['another protocol', http('{}', '443'), API, 'its routes for port 443 are HTTPRoutes, which take HTTP only'],
    [
      'another protocol the other way round',
      route('TLSRoute', 'rules: [{}]', { port: '80' }),
      HTTP,
      'its routes for port 80 are TLSRoutes, which take TLS only',
    ],
    [
      'some requests',
      http('{filters: [{type: RequestRedirect}]}'),
      HTTP,
      'HTTPRoute shop/r takes some requests for it only, or sends them elsewhere',
    ],
    [
      'nothing for the port',
      tls('api.vendor.example'),
      to('api.vendor.example', 8443),
      'no route is attached to it for port 8443',
    ],
    [
      'what is said first',
      route('TLSRoute', 'rules: [{}]', { port: '9999' }),
      to('a.example', 9999),
      'it depends on what the client says first: TLS is let through, another protocol is blocked, plain HTTP is blocked',
    ],
  ])('say what they do: %s', (_, yaml, destination, words) => {
    expect(mesh({ linkerd: linkerd(network(DENY) + yaml) }, destination)?.explanation).toContain(words);
  });

  it.each<[string, string, string]>([
    [
      'the names of the route',
      tls('api.vendor.example, "*.vendor.example"'),
      'hostnames api.vendor.example, *.vendor.example',
    ],
    ['any name', route('TLSRoute', 'rules: [{}]'), 'any host'],
  ])('are referred to with %s', (_, yaml, text) => {
    const ref = mesh({ linkerd: linkerd(network(DENY) + yaml) }, API)?.decidedBy[0];
    expect(ref).toMatchObject({
      path: 'spec.hostnames',
      effect: 'allow',
      policy: { kind: 'TLSRoute', namespace: 'shop', name: 'r' },
    });
    expect(ref?.text).toBe(text);
  });

  it('by a server name that the client sends, not by the name asked for', () => {
    const yaml = network(DENY) + tls('api.vendor.example');
    expect(mesh({ linkerd: linkerd(yaml) }, { ...API, sni: 'other.example' })?.decision).toBe('denied');
    expect(mesh({ linkerd: linkerd(yaml) }, { ...to('b.example', 443), sni: 'api.vendor.example' })?.decision).toBe(
      'allowed',
    );
    const address = { ...API, host: undefined } as unknown as Destination;
    expect(mesh({ linkerd: linkerd(yaml) }, address)?.decision).toBe('denied');
    expect(mesh({ linkerd: linkerd(network(DENY) + route('TLSRoute', 'rules: [{}]')) }, address)?.decision).toBe(
      'allowed',
    );
  });

  it('one that takes everything before one that takes some requests', () => {
    const both = http('{filters: [{type: RequestRedirect}]}') + http('{}');
    expect(mesh({ linkerd: linkerd(network(DENY) + both) }, HTTP)?.decision).toBe('allowed');
  });

  it.each(['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'linkerd httproutes'])('%s not read', (what) => {
    const notRead = [{ what, code: 'forbidden', reason: 'no right to list' } as const];
    expect(mesh({ linkerd: linkerd(network(DENY)), notRead }, API)?.decision).toBe('unknown');
    const open = mesh({ linkerd: linkerd(network(DENY) + tls('api.vendor.example')), notRead }, API);
    expect(open?.decision).toBe('allowed');
  });

  it('the network may say which ports are opaque', () => {
    const yaml =
      network(DENY, { annotations: '{config.linkerd.io/opaque-ports: "400-500"}' }) + tls('api.vendor.example');
    expect(mesh({ linkerd: linkerd(yaml) }, API)?.decision).toBe('denied');
  });
});

describe('what goes around the proxy', () => {
  const noted = (name: string, value: string) =>
    meshPod('linkerd-proxy', { annotations: { [`config.linkerd.io/${name}`]: value } });
  it.each<[string, Pod, Decision]>([
    ['a skipped port', noted('skip-outbound-ports', '25,443'), 'allowed'],
    ['a skipped port range', noted('skip-outbound-ports', '400-500'), 'allowed'],
    ['another port', noted('skip-outbound-ports', '25'), 'denied'],
    ['a skipped subnet', noted('skip-subnets', '203.0.113.0/24'), 'allowed'],
  ])('%s', (_, pod, decision) => {
    expect(mesh({ linkerd: linkerd(network(DENY)) }, API, pod)?.decision).toBe(decision);
  });

  it('the namespace may say so for its pods, and the pod otherwise', () => {
    const inherited = { ...meta('shop'), annotations: { 'config.linkerd.io/skip-outbound-ports': '443' } };
    const state = { linkerd: linkerd(network(DENY)), namespaces: [{ meta: inherited }] };
    expect(mesh(state, API)?.decision).toBe('allowed');
    expect(mesh(state, API, noted('skip-outbound-ports', '25'))?.decision).toBe('denied');
  });

  it('one of two addresses', () => {
    const both = { ...API, addresses: ['203.0.113.10', '198.51.100.7'] };
    const stage = mesh({ linkerd: linkerd(network(DENY)) }, both, noted('skip-subnets', '203.0.113.0/24'));
    expect(stage?.decision).toBe('unknown');
  });

  it.each<[string, Pod]>([
    ['a pod without a proxy', meshPod('envoy')],
    ['a pod on the host network', meshPod('linkerd-proxy', { hostNetwork: true })],
    ['a proxy alone', meshPod('linkerd-proxy', { containers: [container('linkerd-proxy')] })],
  ])('no mesh governs %s', (_, pod) => {
    expect(mesh({ linkerd: linkerd(network(DENY)) }, API, pod)).toBeUndefined();
  });
});

describe('what was not read', () => {
  const gap = (what: string): NotRead => ({ what, code: 'forbidden', reason: 'no right to list' });
  const blind = (code: NotRead['code']): Partial<LinkerdFacts> => ({
    config: { ok: false, notRead: { what: 'configmaps linkerd/linkerd-config', code, reason: 'no right to get' } },
  });
  const inside = { ...API, addresses: ['10.4.4.4'] };
  it.each<[string, Partial<ClusterState>, Destination, Decision]>([
    ['nothing of Linkerd', {}, API, 'unknown'],
    [
      'EgressNetworks here',
      { linkerd: linkerd(''), notRead: [gap('egressnetworks in namespace shop')] },
      API,
      'unknown',
    ],
    [
      'the global ones',
      { linkerd: linkerd(''), notRead: [gap('egressnetworks outside namespace shop')] },
      API,
      'unknown',
    ],
    [
      'the global ones, while its own count',
      { linkerd: linkerd(network(DENY)), notRead: [gap('egressnetworks outside namespace shop')] },
      API,
      'denied',
    ],
    ['routes', { linkerd: linkerd(network(DENY)), notRead: [gap('tlsroutes')] }, API, 'unknown'],
    ['routes, where all is allowed', { linkerd: linkerd(network(ALLOW)), notRead: [gap('tlsroutes')] }, API, 'allowed'],
    [
      'Services, one of which a private address may be',
      {
        linkerd: linkerd(network('{networks: [{cidr: 10.0.0.0/8}], trafficPolicy: Deny}')),
        notRead: [gap('services outside namespace shop')],
      },
      inside,
      'unknown',
    ],
    [
      'Services, which an outside address is none of',
      { linkerd: linkerd(network(DENY)), notRead: [gap('services outside namespace shop')] },
      API,
      'denied',
    ],
    [
      'which namespace is global',
      { linkerd: linkerd(network(DENY, { namespace: 'egress' }), blind('forbidden')) },
      API,
      'unknown',
    ],
    [
      'which is global, in an archive',
      { linkerd: linkerd(network(DENY, { namespace: 'egress' }), blind('not_in_archive')) },
      API,
      'allowed',
    ],
    [
      "the cluster's networks, for a private address",
      { linkerd: linkerd(network(DENY), blind('forbidden')) },
      inside,
      'unknown',
    ],
    [
      "the cluster's networks, for a public address",
      { linkerd: linkerd(network(DENY), blind('forbidden')) },
      API,
      'denied',
    ],
  ])('%s', (_, state, destination, decision) => {
    expect(mesh(state, destination)?.decision).toBe(decision);
  });

  it('the configuration read counts', () => {
    const value = {
      source: 'linkerd/linkerd-config',
      globalEgressNamespace: 'egress',
      clusterNetworks: ['203.0.113.0/24'],
      opaquePorts: '',
    };
    const facts = linkerd(network(DENY, { namespace: 'egress' }), { config: { ok: true, value } });
    expect(mesh({ linkerd: facts }, API)?.decision).toBe('allowed');
    expect(mesh({ linkerd: facts }, { ...API, addresses: ['198.51.100.7'] })?.decision).toBe('denied');
  });
});
