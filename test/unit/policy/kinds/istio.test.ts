import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { Decision } from '../../../../src/core/model/evaluation.ts';
import type { Pod } from '../../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { container, istio, MESH_CONFIG_UNREAD, meshPod, meshWorld, to } from './mesh-world.ts';

const POD = meshPod('istio-proxy');

function mesh(state: Partial<ClusterState>, destination: Destination, pod: Pod = POD) {
  return evaluateEgress(meshWorld(state), pod, destination).mesh;
}

const entry = (spec: string, { namespace = 'shop', name = 'vendor' } = {}) =>
  `\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;
const sidecar = (spec: string, { namespace = 'shop', name = 'default' } = {}) =>
  `\n---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;

const TLS = '{hosts: [api.vendor.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}';
const API = to('api.vendor.example', 443);

describe('outboundTrafficPolicy', () => {
  it.each<[string, 'REGISTRY_ONLY' | 'ALLOW_ANY' | undefined, string, Decision]>([
    ['the default lets everything through', undefined, '', 'allowed'],
    ['ALLOW_ANY lets everything through', 'ALLOW_ANY', '', 'allowed'],
    ['REGISTRY_ONLY blocks what is unknown', 'REGISTRY_ONLY', '', 'denied'],
    ['REGISTRY_ONLY lets a registered host through', 'REGISTRY_ONLY', entry(TLS), 'allowed'],
    ['a Sidecar overrides ALLOW_ANY', 'ALLOW_ANY', sidecar('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'), 'denied'],
    [
      'a Sidecar overrides REGISTRY_ONLY',
      'REGISTRY_ONLY',
      sidecar('{outboundTrafficPolicy: {mode: ALLOW_ANY}}'),
      'allowed',
    ],
    ['a policy without a mode is REGISTRY_ONLY', 'ALLOW_ANY', sidecar('{outboundTrafficPolicy: {}}'), 'denied'],
    [
      'a Sidecar of the root namespace counts',
      'ALLOW_ANY',
      sidecar('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}', { namespace: 'istio-system' }),
      'denied',
    ],
    [
      'a Sidecar of another namespace does not',
      'ALLOW_ANY',
      sidecar('{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}', { namespace: 'other' }),
      'allowed',
    ],
    [
      'an egress proxy is not evaluated',
      'ALLOW_ANY',
      sidecar('{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: egress.example}}}'),
      'unknown',
    ],
  ])('%s', (_, mode, yaml, decision) => {
    expect(mesh({ istio: istio(mode, yaml) }, API)?.decision).toBe(decision);
  });
});
