/** Which connections a mesh's proxy accepts itself, so that one that opens proves nothing. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/core/model/workload.ts';
import { interceptorOf, interceptorOn } from '../../../src/core/path/mesh.ts';
import { container, pod } from './pods.ts';

const MESHED = pod([container('app'), container('istio-proxy')]);
const LINKED = pod([container('app'), container('linkerd-proxy')]);
const noted = (one: Pod, annotations: Record<string, string>): Pod => ({ ...one, meta: { ...one.meta, annotations } });

describe('interceptorOf', () => {
  it.each<[string, Pod, string | undefined]>([
    ['a sidecar', MESHED, 'istio-proxy'],
    ['none', pod([container('app')]), undefined],
    ['ambient', noted(pod([container('app')]), { 'ambient.istio.io/redirection': 'enabled' }), 'ztunnel'],
    ['a gateway, which is the proxy itself', pod([container('istio-proxy')]), undefined],
    ["the node's network", { ...MESHED, hostNetwork: true }, undefined],
  ])('%s', (_name, one, expected) => {
    expect(interceptorOf(one)).toBe(expected);
  });
});

describe('interceptorOn', () => {
  const to = (one: Pod, addresses: readonly string[] = ['203.0.113.20'], port = 5432) =>
    interceptorOn(one, { addresses, port });
  const ports = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '5432' };
  const ranges = { 'traffic.sidecar.istio.io/excludeOutboundIPRanges': '203.0.113.0/28,203.0.113.16/28' };

  it.each<[string, Pod, readonly string[] | undefined, string | undefined]>([
    ['nothing is left out', MESHED, undefined, 'istio-proxy'],
    ['the port is left out', noted(MESHED, ports), undefined, undefined],
    ['the port is left out, no address known', noted(MESHED, ports), [], undefined],
    ['the range is left out', noted(MESHED, ranges), undefined, undefined],
    ['one of two addresses is left out', noted(MESHED, ranges), ['203.0.113.20', '198.51.100.1'], 'istio-proxy'],
    ['a range is left out, no address known', noted(MESHED, ranges), [], 'istio-proxy'],
    [
      "Linkerd's port is left out",
      noted(LINKED, { 'config.linkerd.io/skip-outbound-ports': '5000-6000' }),
      undefined,
      undefined,
    ],
    ["another mesh's annotation", noted(LINKED, ports), undefined, 'linkerd-proxy'],
  ])('%s', (_name, one, addresses, expected) => {
    expect(to(one, addresses)).toBe(expected);
  });
});
