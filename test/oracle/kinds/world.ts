/** A small cluster that oracle and engine are asked about: who is there, and the grid of questions; written as API objects for the decoders. */

export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ips: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly serviceAccount?: string;
  /** It has Istio's proxy beside its own container. */
  readonly mesh?: boolean;
}

export interface World {
  /** Labels by name; `kubernetes.io/metadata.name` is among them, as the API server sets it. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly WorldPod[];
}

/** One question: from the pod at that index to an address. */
export interface Query {
  readonly from: number;
  /** An address, or a name. */
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

/** Every source to every address or name on every port. */
export interface Grid {
  readonly from: readonly number[];
  readonly to: readonly string[];
  /** e.g. `443/TCP`. */
  readonly ports: readonly string[];
}

export type Raw = Readonly<Record<string, unknown>>;

export function queriesOf(grid: Grid): Query[] {
  return grid.from.flatMap((from) =>
    grid.to.flatMap((address) =>
      grid.ports.map((text) => {
        const [port = '', protocol = ''] = text.split('/');
        return { from, address, port: Number(port), protocol };
      }),
    ),
  );
}

/** Namespaces, pods and their node. */
export function worldObjects(world: World): Raw[] {
  return [
    ...Object.entries(world.namespaces).map(([name, labels]) => object('v1', 'Namespace', { name, labels })),
    { ...object('v1', 'Node', { name: 'node-1' }), status: { addresses: [{ type: 'InternalIP', address: NODE }] } },
    ...world.pods.map(podObject),
  ];
}

export function object(apiVersion: string, kind: string, metadata: Raw): Raw {
  return { apiVersion, kind, metadata };
}

/** By which Calico is recognised. */
export function calicoAgent(): Raw {
  const template = {
    metadata: { labels: { 'k8s-app': 'calico-node' } },
    spec: { containers: [{ image: 'calico/node:v3.32.1' }] },
  };
  return { ...object('apps/v1', 'DaemonSet', { namespace: 'kube-system', name: 'calico-node' }), spec: { template } };
}

const PROXY = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0' };
const NODE = '10.250.0.1';

function podObject(pod: WorldPod): Raw {
  const { namespace, name, labels } = pod;
  const ports = pod.ports.map((port) => ({ name: port.name, containerPort: port.port, protocol: port.protocol }));
  return {
    ...object('v1', 'Pod', { namespace, name, labels }),
    spec: {
      nodeName: 'node-1',
      ...(pod.serviceAccount !== undefined && { serviceAccountName: pod.serviceAccount }),
      containers: [{ name: 'main', image: 'main:1', ports }, ...(pod.mesh ? [PROXY] : [])],
    },
    status: {
      phase: 'Running',
      podIP: pod.ips[0],
      podIPs: pod.ips.map((ip) => ({ ip })),
      hostIP: NODE,
      hostIPs: [{ ip: NODE }],
    },
  };
}
