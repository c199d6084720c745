/** Parts of manifests that the scenarios share. */
import type { Place } from './scenario.ts';

/** An egress element: the pod may ask the cluster's DNS, through the proxy, for these names. */
export function dns(names: readonly string[] = ['*']): string {
  const listed = names.map((name) => `              - ${selector(name)}\n`).join('');
  return `    - toEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: kube-system
            k8s-app: kube-dns
      toPorts:
        - ports:
            - port: "53"
              protocol: ANY
          rules:
            dns:
${listed}`;
}

export function toNames(names: readonly string[], port = 443): string {
  const listed = names.map((name) => `        - ${selector(name)}\n`).join('');
  return `    - toFQDNs:
${listed}      toPorts:
        - ports:
            - port: "${port}"
              protocol: TCP
`;
}

function selector(name: string): string {
  return name.includes('*') ? `matchPattern: "${name}"` : `matchName: ${name}`;
}

interface Head {
  readonly name?: string;
  readonly namespace?: string;
  readonly app?: string;
}

/** `rules` is what follows the selector, e.g. `  egress:` and its elements. */
export function cilium(
  at: Place,
  rules: string,
  { name = 'caller-egress', namespace, app = 'caller' }: Head = {},
): string {
  return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: ${name}
  namespace: ${namespace ?? at.namespace}
spec:
  endpointSelector:
    matchLabels:
      app: ${app}
${rules}`;
}

export function network(at: Place, rules: string, { name = 'caller-egress', app = 'caller' }: Head = {}): string {
  const pods = app === '' ? '  podSelector: {}\n' : `  podSelector:\n    matchLabels:\n      app: ${app}\n`;
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
  namespace: ${at.namespace}
spec:
${pods}  policyTypes:
    - Egress
${rules}`;
}

/** The element of a NetworkPolicy for the cluster's DNS. */
export const NETWORK_DNS = `    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
`;
