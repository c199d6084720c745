/** Objects of service meshes that decide about egress, field for field; read for pods with a mesh's proxy, judged by `core/policy/mesh`. */
import type { Read } from '../cluster-state.ts';
import type { ObjectMeta } from '../object-meta.ts';

/** `outboundTrafficPolicy` of a Sidecar or of the MeshConfig: `{}` differs from absent. */
export interface IstioOutboundPolicy {
  readonly mode?: string;
  /** Traffic that nothing else takes is sent to an egress proxy. */
  readonly hasEgressProxy: boolean;
}

export interface IstioEgressListener {
  readonly port?: { readonly number: number; readonly protocol?: string };
  readonly bind?: string;
  readonly captureMode?: string;
  /** `namespace/dnsName`. */
  readonly hosts: readonly string[];
}

export interface IstioSidecar {
  readonly meta: ObjectMeta;
  /** Absent: all workloads of the namespace. */
  readonly workloadSelector?: Readonly<Record<string, string>>;
  readonly egress: readonly IstioEgressListener[];
  readonly outboundTrafficPolicy?: IstioOutboundPolicy;
}

export interface IstioServiceEntry {
  readonly meta: ObjectMeta;
  readonly hosts: readonly string[];
  /** Addresses and ranges. */
  readonly addresses: readonly string[];
  /** Those that Istio gave the hosts itself, from `status`. */
  readonly assigned: readonly { readonly host?: string; readonly value: string }[];
  readonly ports: readonly { readonly number: number; readonly protocol?: string }[];
  /** NONE where it is not said. */
  readonly resolution: string;
  readonly endpoints: readonly string[];
  readonly selectsWorkloads: boolean;
  readonly exportTo: readonly string[];
}

export interface IstioVirtualService {
  readonly meta: ObjectMeta;
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly hasHttp: boolean;
}

/** What is read of the `mesh` key of the control plane's ConfigMap. */
export interface IstioMeshConfig {
  /** The ConfigMap, `namespace/name`. */
  readonly source: string;
  /** Its metadata. */
  readonly written?: ObjectMeta;
  readonly outboundTrafficPolicy?: IstioOutboundPolicy;
  readonly rootNamespace?: string;
  readonly defaultServiceExportTo?: readonly string[];
}

export interface IstioFacts {
  /** The namespace of the control plane that the pod's proxy follows. */
  readonly controlPlane: string;
  readonly meshConfig: Read<IstioMeshConfig>;
  readonly sidecars: readonly IstioSidecar[];
  readonly serviceEntries: readonly IstioServiceEntry[];
  readonly virtualServices: readonly IstioVirtualService[];
}

export interface LinkerdEgressNetwork {
  readonly meta: ObjectMeta;
  /** Absent: everything outside the cluster's networks. */
  readonly networks?: readonly { readonly cidr: string; readonly except: readonly string[] }[];
  readonly trafficPolicy: string;
}

export interface LinkerdRoute {
  readonly kind: 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute';
  readonly group: string;
  readonly meta: ObjectMeta;
  readonly parents: readonly {
    readonly group: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly port?: number;
  }[];
  readonly hostnames: readonly string[];
  /** Some rule matches only part of the requests, changes them or sends them to a backend of its own. */
  readonly narrow: boolean;
  /** Its status says that no parent accepted it. */
  readonly rejected: boolean;
}

/** What is read of the `values` that Linkerd was installed with. */
export interface LinkerdConfig {
  /** The ConfigMap, `namespace/name`. */
  readonly source: string;
  /** Its metadata. */
  readonly written?: ObjectMeta;
  readonly globalEgressNamespace?: string;
  readonly clusterNetworks?: readonly string[];
  /** Ports on which the proxy looks at nothing, `25,3000-3010`. */
  readonly opaquePorts?: string;
}

export interface LinkerdFacts {
  readonly config: Read<LinkerdConfig>;
  readonly egressNetworks: readonly LinkerdEgressNetwork[];
  readonly routes: readonly LinkerdRoute[];
}
