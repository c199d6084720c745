/** Pods, namespaces, nodes, services and their endpoints as the diagnosis needs them; decoded by `cluster/decode`. */
import type { ObjectMeta } from './object-meta.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly role: 'app' | 'init' | 'ephemeral';
  readonly ports: readonly ContainerPort[];
  /** Literal `env` values only (valueFrom is never followed: it may be a Secret); used for proxy variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly state: 'running' | 'waiting' | 'terminated' | 'unknown';
  /** The reason the kubelet gives for `waiting`/`terminated`, e.g. CrashLoopBackOff. */
  readonly stateReason?: string;
  readonly restarts: number;
}

export interface Pod {
  readonly meta: ObjectMeta;
  readonly phase: string;
  readonly nodeName?: string;
  readonly nodeIPs: readonly string[];
  readonly podIPs: readonly string[];
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly dnsPolicy: string;
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  readonly containers: readonly Container[];
}

export interface Namespace {
  readonly meta: ObjectMeta;
}

export interface Node {
  readonly meta: ObjectMeta;
  readonly addresses: readonly string[];
  /** e.g. `v1.30.4+k3s1`: tells distributions whose policy engine no pod shows. */
  readonly kubeletVersion?: string;
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly targetPort?: number | string;
}

export interface Service {
  readonly meta: ObjectMeta;
  readonly type: string;
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly externalName?: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
}

/** One backend of a Service, from an EndpointSlice. */
export interface ServiceBackend {
  readonly namespace: string;
  readonly service: string;
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: Protocol }[];
  readonly ready: boolean;
}
