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
