/** Recognises the policy engine and its version from agents, DaemonSets and configuration; a step of `read-state.ts`. */
import type { EngineFacts } from '../core/model/cluster-state.ts';
import type { Node, Pod } from '../core/model/workload.ts';
import { isAutoMode } from './aws.ts';
import type { DaemonSet } from './decode/engine-objects.ts';
import type { Signature } from './engine-signatures.ts';
import { SIGNATURES } from './engine-signatures.ts';

export interface EngineSources {
  readonly pods: readonly Pod[];
  readonly daemonSets: readonly Omit<DaemonSet, 'meta'>[];
  readonly nodes: readonly Node[];
  /** kube-system/cilium-config where it could be read. */
  readonly config?: Readonly<Record<string, string>>;
  /** The subject's node: during an upgrade its agent is the one that counts. */
  readonly nodeName?: string;
  /** Why nothing may be recognised, e.g. that kube-system could not be read. */
  readonly blind: boolean;
}

interface Agent {
  readonly where: string;
  readonly images: readonly string[];
}

export function detectEngine(sources: EngineSources): EngineFacts {
  const found = foundAgent(sources);
  const embedded = embeddedEngine(sources.nodes);
  if (found && !(embedded && ENFORCES_NOTHING.has(found.cni))) return found;
  // Who brings Cilium to k3s leaves cilium-config behind, too, when it is gone: only agents that cannot be seen count as there.
  if (embedded && !(sources.blind && sources.config)) return embedded;
  if (sources.nodes.some(isAutoMode))
    return { cni: 'aws-vpc-cni', seenBy: 'nodes labelled eks.amazonaws.com/compute-type=auto (EKS Auto Mode)' };
  if (sources.config) return { cni: 'cilium', config: sources.config, seenBy: 'ConfigMap kube-system/cilium-config' };
  const seenBy = sources.blind
    ? 'not recognised: the pods and DaemonSets of kube-system could not be read'
    : 'not recognised among the pods and DaemonSets read';
  return { cni: 'unknown', seenBy };
}

function foundAgent(sources: EngineSources): EngineFacts | undefined {
  for (const signature of SIGNATURES) {
    const agent = findPod(sources, signature) ?? findDaemonSet(sources, signature);
    if (agent) return factsOf(signature, agent, sources);
  }
  return undefined;
}

/** Beside these the enforcer inside k3s still counts. */
const ENFORCES_NOTHING: ReadonlySet<string> = new Set(['flannel']);
const NODE_ARGS = 'k3s.io/node-args';

/**
 * k3s runs flannel and kube-router's policy controller inside its own process; no pod shows them (docs.k3s.io networking/networking-services,
 * "Network Policy Controller"). The servers' arguments stand in an annotation of their nodes (k3s pkg/nodeconfig/nodeconfig.go).
 */
function embeddedEngine(nodes: readonly Node[]): EngineFacts | undefined {
  const node = nodes.find(({ kubeletVersion }) => kubeletVersion?.includes('+k3s'));
  if (!node) return undefined;
  const args = nodes
    .flatMap(({ meta }) => meta.annotations[NODE_ARGS] ?? [])
    .filter((text) => text.includes('"server"'));
  const off = args.some(
    (text) => /--disable-network-policy(?:"|=true)/.test(text) && !/--disable-network-policy","false"/.test(text),
  );
  const version = /^v?(\d+\.\d+\.\d+)/.exec(node.kubeletVersion ?? '')?.[1];
  return {
    cni: 'k3s',
    ...(version === undefined ? {} : { version }),
    ...(args.length > 0 ? { config: { 'disable-network-policy': String(off) } } : {}),
    seenBy: `node ${node.meta.name}, kubelet ${node.kubeletVersion}`,
  };
}

function carries(labels: Readonly<Record<string, string>>, signature: Signature): boolean {
  return signature.labels.some(([key, value]) => labels[key] === value);
}

function fits(
  at: { readonly namespace: string | undefined; readonly images: readonly string[] },
  signature: Signature,
) {
  if (signature.namespace !== undefined && at.namespace !== signature.namespace) return false;
  return signature.imageDecides !== true || at.images.some((image) => signature.image.test(image));
}

/** Whether it is an agent of that engine, or the DaemonSet of its agents. */
export function isAgentOf(
  cni: EngineFacts['cni'],
  one: {
    readonly labels: Readonly<Record<string, string>>;
    readonly namespace: string | undefined;
    readonly images: readonly string[];
  },
): boolean {
  return SIGNATURES.some(
    (signature) => signature.cni === cni && carries(one.labels, signature) && fits(one, signature),
  );
}

function findPod(sources: EngineSources, signature: Signature): Agent | undefined {
  const agents = sources.pods.filter(
    (pod) =>
      carries(pod.meta.labels, signature) && fits({ namespace: pod.meta.namespace, images: imagesOf(pod) }, signature),
  );
  const agent = agents.find((pod) => pod.nodeName === sources.nodeName) ?? agents[0];
  if (!agent) return undefined;
  return {
    where: `pod ${agent.meta.namespace}/${agent.meta.name}`,
    images: imagesOf(agent),
  };
}

function imagesOf(pod: Pod): string[] {
  return pod.containers.filter(({ role }) => role === 'app').map(({ image }) => image);
}

function findDaemonSet(sources: EngineSources, signature: Signature): Agent | undefined {
  const set = sources.daemonSets.find((one) => carries(one.labels, signature) && fits(one, signature));
  return set && { where: `DaemonSet ${set.namespace}/${set.name}`, images: set.images };
}

const CILIUM_AGENTS: ReadonlySet<string> = new Set(['cilium', 'gke-dataplane-v2']);

function factsOf(signature: Signature, agent: Agent, sources: EngineSources): EngineFacts {
  const image = agent.images.find((name) => signature.image.test(name)) ?? agent.images[0];
  const version = versionIn(image ?? '');
  return {
    cni: signature.cni,
    ...(version === undefined ? {} : { version }),
    ...(CILIUM_AGENTS.has(signature.cni) && sources.config ? { config: sources.config } : {}),
    ...(signature.cni === 'calico' && image !== undefined ? editionIn(image) : {}),
    seenBy: image ? `${agent.where}, image ${image}` : agent.where,
  };
}

/** Calico's own images: `quay.io/calico/node`, `quay.io/tigera/cnx-node`; a distribution's tell nothing. */
function editionIn(image: string): Pick<EngineFacts, 'edition'> {
  if (/\/cnx-node(?:[:@]|$)/.test(image)) return { edition: 'enterprise' };
  return /(?:^|\/)calico\/node(?:[:@]|$)/.test(image) ? { edition: 'open-source' } : {};
}

/** `quay.io/cilium/cilium:v1.19.5-gke.1@sha256:…` → `1.19.5`; a digest alone tells nothing. kindnetd counts days: `v20240813-c6f155d6`. */
function versionIn(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+|20\d{6})(?![\d.])/.exec(image.split('@')[0] ?? '')?.[1];
}
