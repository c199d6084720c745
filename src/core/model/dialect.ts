/** How wildcards in name selectors are read, by the API that the selector is written for; shared by the policy engine and the tools. */

/** `kcnp` is policy.networking.k8s.io, and AWS's kinds; `gateway` is Gateway API hostnames, which Linkerd's routes have. */
export const DIALECTS = ['cilium', 'kcnp', 'gke', 'ovn', 'antrea', 'calico', 'istio', 'gateway'] as const;

export type Dialect = (typeof DIALECTS)[number];
