/** What a pod's own specification says of its network, resolver and identity; made by `core/path/environment.ts`. */

/** Where the pod gets a cloud identity from: it has to be reachable before any other call of the cloud's SDK can succeed. */
export interface IdentityEndpoint {
  readonly kind:
    | 'aws-web-identity'
    | 'eks-pod-identity'
    | 'aws-container-credentials'
    | 'azure-workload-identity'
    | 'google-metadata-server';
  /** Host names or addresses, any one of which the SDK may use; empty where the specification does not say. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** On the node itself (link-local): policies of many engines treat it otherwise than hosts outside. */
  readonly onNode: boolean;
  /** What in the specification tells it, by name; values are not repeated. */
  readonly seenBy: string;
}

export interface PodEnvironment {
  /** `node`: hostNetwork, so the network is the node's, and policies for pods do not hold. */
  readonly network: 'pod' | 'node';
  /** As the specification or the node says; absent where neither does. */
  readonly os?: string;
  /** Names that /etc/hosts answers, so that no DNS server is asked by programs that use the C library. Lower case. */
  readonly hostAliases: Readonly<Record<string, readonly string[]>>;
  readonly dns: {
    readonly policy: string;
    /** Whose resolver configuration the pod starts from. */
    readonly base: 'cluster' | 'node' | 'own';
    /** What `dnsConfig` adds. */
    readonly nameservers: readonly string[];
    readonly searches: readonly string[];
    /** `ndots:1`, `single-request`, … */
    readonly options: readonly string[];
  };
  readonly identities: readonly IdentityEndpoint[];
  /** The mesh proxy that the pod's connections, and with them the probe's, pass through. */
  readonly interceptor?: string;
  /** Whether the proxy is a native sidecar: then it runs before the init containers and the app. Absent without one of its own. */
  readonly nativeProxy?: boolean;
}
