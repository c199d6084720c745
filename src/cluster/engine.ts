/** Recognises the policy engine and its version from agents, DaemonSets and configuration; a step of `read-state.ts`. */
import type { CniName, EngineFacts } from '../core/model/cluster-state.ts';
import type { Pod } from '../core/model/workload.ts';
import type { DaemonSet } from './decode/engine-objects.ts';

export interface EngineSources {
  readonly pods: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
  /** kube-system/cilium-config where it could be read. */
  readonly config?: Readonly<Record<string, string>>;
  /** The subject's node: during an upgrade its agent is the one that counts. */
  readonly nodeName?: string;
  /** Why nothing may be recognised, e.g. that kube-system could not be read. */
  readonly blind: boolean;
}

interface Signature {
  readonly cni: CniName;
  /** Labels of the agent's pods; any one of the alternatives. */
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** The agent's own image among those of its pod. */
  readonly image: RegExp;
}

/** In order of precedence: where two run, the first one enforces policy (chaining, Canal). Labels as the projects' manifests set them. */
const SIGNATURES: readonly Signature[] = [
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
  { cni: 'aws-vpc-cni', labels: [['k8s-app', 'aws-node']], image: /amazon-k8s-cni(?:[:@]|$)/ },
  {
    cni: 'flannel',
    labels: [
      ['app', 'flannel'],
      ['k8s-app', 'flannel'],
    ],
    image: /\/flannel(?:[:@]|$)/,
  },
];

interface Agent {
  readonly where: string;
  readonly images: readonly string[];
}

export function detectEngine(sources: EngineSources): EngineFacts {
  for (const signature of SIGNATURES) {
    const agent = findPod(sources, signature) ?? findDaemonSet(sources, signature);
    if (agent) return factsOf(signature, agent, sources);
  }
  if (sources.config) return { cni: 'cilium', config: sources.config, seenBy: 'ConfigMap kube-system/cilium-config' };
  const seenBy = sources.blind
    ? 'not recognised: the pods and DaemonSets of kube-system could not be read'
    : 'not recognised among the pods and DaemonSets read';
  return { cni: 'unknown', seenBy };
}

function carries(labels: Readonly<Record<string, string>>, signature: Signature): boolean {
  return signature.labels.some(([key, value]) => labels[key] === value);
}

function findPod(sources: EngineSources, signature: Signature): Agent | undefined {
  const agents = sources.pods.filter((pod) => carries(pod.meta.labels, signature));
  const agent = agents.find((pod) => pod.nodeName === sources.nodeName) ?? agents[0];
  if (!agent) return undefined;
  return {
    where: `pod ${agent.meta.namespace}/${agent.meta.name}`,
    images: agent.containers.filter(({ role }) => role === 'app').map(({ image }) => image),
  };
}

function findDaemonSet(sources: EngineSources, signature: Signature): Agent | undefined {
  const set = sources.daemonSets.find(({ labels }) => carries(labels, signature));
  return set && { where: `DaemonSet ${set.namespace}/${set.name}`, images: set.images };
}

function factsOf(signature: Signature, agent: Agent, sources: EngineSources): EngineFacts {
  const image = agent.images.find((name) => signature.image.test(name)) ?? agent.images[0];
  const version = versionIn(image ?? '');
  return {
    cni: signature.cni,
    ...(version === undefined ? {} : { version }),
    ...(signature.cni === 'cilium' && sources.config ? { config: sources.config } : {}),
    seenBy: image ? `${agent.where}, image ${image}` : agent.where,
  };
}

/** `quay.io/cilium/cilium:v1.19.5-gke.1@sha256:…` → `1.19.5`; a digest alone tells nothing. */
function versionIn(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?![\d.])/.exec(image.split('@')[0] ?? '')?.[1];
}
