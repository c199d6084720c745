/** Egress policies of the variants, as text: one CiliumNetworkPolicy with a DNS rule and the given names and ports. */

export interface PolicyOptions {
  readonly namespace: string;
  readonly names: readonly string[];
  readonly ports?: readonly number[];
  /** `rules.dns` of the DNS rule; undefined writes a DNS rule without L7 part. */
  readonly dns?: readonly string[] | undefined;
  readonly extra?: string;
}

export function egressPolicy({ namespace, names, ports = [443], dns, extra = '' }: PolicyOptions): string {
  const rules =
    dns === undefined
      ? ''
      : `\n          rules:\n            dns:${dns.map((name) => `\n              - ${selector(name)}`).join('')}`;
  return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: caller-egress
  namespace: ${namespace}
spec:
  endpointSelector:
    matchLabels:
      app: caller
  egress:
    - toEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: kube-system
            k8s-app: kube-dns
      toPorts:
        - ports:
            - port: "53"
              protocol: ANY${rules}
    - toFQDNs:${names.map((name) => `\n        - ${selector(name)}`).join('')}
      toPorts:
        - ports:${ports.map((port) => `\n            - port: "${port}"\n              protocol: TCP`).join('')}
${extra}`;
}

const selector = (name: string): string => (name.includes('*') ? `matchPattern: "${name}"` : `matchName: ${name}`);
