/** How each policy engine's agents look, as the projects' own manifests label them; read by `engine.ts`. */
import type { CniName } from '../core/model/cluster-state.ts';

export interface Signature {
  readonly cni: CniName;
  /** Labels of the agent's pods; any one of the alternatives. */
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** The agent's own image among those of its pod. */
  readonly image: RegExp;
  /** The labels alone prove nothing: the image must be there too. */
  readonly imageDecides?: boolean;
  /** The labels are common words elsewhere. */
  readonly namespace?: string;
}

/** In order of precedence: where two run, the first one enforces policy (chaining, Canal, flannel with an enforcer beside it). */
export const SIGNATURES: readonly Signature[] = [
  // GKE's agent "anetd" carries Cilium's label; it serves NetworkPolicy and FQDNNetworkPolicy, not Cilium's own kinds.
  {
    cni: 'gke-dataplane-v2',
    labels: [['k8s-app', 'cilium']],
    image: /(?:gke\.gcr\.io|gke-release|gke\.io)\/(?:.*\/)?cilium(?:[:@]|$)|\/anetd(?:[:@]|$)|:v?\d+\.\d+\.\d+-gke\./,
    imageDecides: true,
  },
  {
    cni: 'cilium',
    labels: [['k8s-app', 'cilium']],
    image: /\/cilium(?:-ci|-dev)?(?:[:@]|$)|cilium-agent|^cilium(?:[:@]|$)/,
  },
  {
    cni: 'calico',
    labels: [
      ['k8s-app', 'calico-node'],
      ['k8s-app', 'canal'],
    ],
    image: /\/(?:calico-)?node(?:[:@]|$)/,
  },
  { cni: 'antrea', labels: [['component', 'antrea-agent']], image: /antrea/ },
  {
    cni: 'ovn-kubernetes',
    labels: [
      ['app', 'ovnkube-node'],
      ['name', 'ovnkube-node'],
    ],
    image: /ovn/,
  },
  { cni: 'openshift-sdn', labels: [['app', 'sdn']], image: /sdn/, namespace: 'openshift-sdn' },
  { cni: 'kube-router', labels: [['k8s-app', 'kube-router']], image: /kube-router/ },
  { cni: 'weave-net', labels: [['name', 'weave-net']], image: /weave-npc/ },
  { cni: 'azure-npm', labels: [['k8s-app', 'azure-npm']], image: /azure-npm/ },
  // Its own DaemonSet, or a container in flannel's (flannel's chart with netpol.enabled).
  {
    cni: 'kube-network-policies',
    labels: [
      ['k8s-app', 'kube-network-policies'],
      ['app', 'kube-network-policies'],
      ['app', 'flannel'],
      ['k8s-app', 'flannel'],
    ],
    image: /kube-network-policies/,
    imageDecides: true,
  },
  { cni: 'aws-vpc-cni', labels: [['k8s-app', 'aws-node']], image: /amazon-k8s-cni(?:[:@]|$)/ },
  {
    cni: 'kindnet',
    labels: [
      ['k8s-app', 'kindnet'],
      ['app', 'kindnet'],
    ],
    image: /kindnetd/,
  },
  {
    cni: 'flannel',
    labels: [
      ['app', 'flannel'],
      ['k8s-app', 'flannel'],
    ],
    image: /\/flannel(?:[:@]|$)/,
  },
];
