/** Test support: pods and containers of the tests of `core/path`, with what a case does not say left plain. */
import type { Container, Pod } from '../../../src/core/model/workload.ts';

export const container = (name: string, over: Partial<Container> = {}): Container => ({
  name,
  image: 'example/image:1',
  role: 'app',
  ports: [],
  env: {},
  state: 'running',
  restarts: 0,
  ...over,
});

export type PodParts = Partial<Omit<Pod, 'meta'>> & { readonly meta?: Partial<Pod['meta']> };

export const pod = (containers: readonly Container[], { meta, ...over }: PodParts = {}): Pod => ({
  meta: { namespace: 'shop', name: 'checkout-1', labels: {}, annotations: {}, owners: [], managers: [], ...meta },
  phase: 'Running',
  nodeName: 'node-1',
  nodeIPs: [],
  podIPs: [],
  hostNetwork: false,
  serviceAccount: 'default',
  dnsPolicy: 'ClusterFirst',
  hostAliases: [],
  containers,
  ...over,
});
