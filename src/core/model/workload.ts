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
  /** Of an init container with `restartPolicy: Always`: it stays and runs beside the app (a native sidecar, Kubernetes 1.29). */
  readonly nativeSidecar?: true;
  readonly ports: readonly ContainerPort[];
  /** Literal `env` values only (valueFrom is never followed: it may be a Secret); used for proxy variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly state: 'running' | 'waiting' | 'terminated' | 'unknown';
  /** The reason the kubelet gives for `waiting`/`terminated`, e.g. CrashLoopBackOff. */
  readonly stateReason?: string;
  readonly restarts: number;
  /** How the instance before the present one ended; `at` in RFC 3339. */
  readonly lastEnd?: { readonly at?: string; readonly reason?: string; readonly exitCode?: number };
}

/** What `spec.dnsConfig` adds to, or with dnsPolicy None puts instead of, the resolver configuration of the cluster. */
export interface PodDnsConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly { readonly name: string; readonly value?: string }[];
}

export interface Pod {
  readonly meta: ObjectMeta;
  readonly phase: string;
  /** The operating system that the spec names (`os.name`, else the node selector); the node tells it otherwise. */
  readonly os?: string;
  /** Absent where the pod asks for no particular nodes. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Why the scheduler has placed the pod nowhere yet, e.g. Unschedulable. */
  readonly unscheduled?: string;
  readonly nodeName?: string;
  readonly nodeIPs: readonly string[];
  readonly podIPs: readonly string[];
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly dnsPolicy: string;
  readonly dnsConfig?: PodDnsConfig;
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
