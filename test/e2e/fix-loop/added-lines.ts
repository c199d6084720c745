/** The rules that many fixes add, line by line as a diff has them without signs and spaces; for what a scenario expects. */
import type { Place } from './scenario.ts';

/** The pod may ask the cluster's DNS, through Cilium's proxy. */
export const DNS_RULE: readonly string[] = [
  '- toEndpoints:',
  '- matchLabels:',
  'k8s:io.kubernetes.pod.namespace: kube-system',
  'k8s:k8s-app: kube-dns',
  'toPorts:',
  '- ports:',
  '- port: "53"',
  'protocol: ANY',
  'rules:',
  'dns:',
  '- matchPattern: "*"',
];

export const nameRule = (at: Place, port = 443): readonly string[] => [
  '- toFQDNs:',
  `- matchName: ${at.files}`,
  'toPorts:',
  '- ports:',
  `- port: "${port}"`,
  'protocol: TCP',
];

export const blockRule = (at: Place): readonly string[] => [
  '- to:',
  '- ipBlock:',
  `cidr: ${at.address.files}/32`,
  'ports:',
  '- port: 443',
  'protocol: TCP',
];
