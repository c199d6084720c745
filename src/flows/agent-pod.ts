/** Finds the Cilium agent on a pod's node; the first step of everything in `agent-source.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { FlowRequest } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { KubeConnection } from '../kube/connection.ts';
import { listOf, objectOf, textOf } from './raw-flow.ts';

/** As Cilium's own manifests call it; repackaged agents may not. */
const AGENT_CONTAINER = 'cilium-agent';
const MAX_PODS = 50;
const WHAT = 'Cilium agent of the pod’s node';

/** The agent's pod and which of its containers is the agent. */
export interface Agent extends PodRef {
  readonly container: string;
}

export type Where = Pick<FlowRequest, 'pod' | 'nodeName'>;

export async function findAgent(kube: KubeConnection, where: Where, signal: AbortSignal): Promise<Read<Agent>> {
  const node =
    where.nodeName === undefined ? await nodeOf(kube, where.pod, signal) : { ok: true as const, value: where.nodeName };
  if (!node.ok) return node;
  const listed = await listAgents(kube, node.value, signal);
  if (!listed.ok) return listed;
  const agent = listOf(objectOf(listed.value).items, MAX_PODS).flatMap(runningPod)[0];
  return agent ? { ok: true, value: agent } : { ok: false, notRead: noAgent(node.value) };
}

/** In any namespace; where that may not be listed, in the usual one. */
async function listAgents(kube: KubeConnection, node: string, signal: AbortSignal): Promise<Read<unknown>> {
  const query = { labelSelector: 'k8s-app=cilium', fieldSelector: `spec.nodeName=${node}` };
  const everywhere = await kube.get('/api/v1/pods', query, signal);
  if (everywhere.ok || everywhere.notRead.code !== 'forbidden') return everywhere;
  const usual = await kube.get('/api/v1/namespaces/kube-system/pods', query, signal);
  return usual.ok ? usual : { ok: false, notRead: { ...everywhere.notRead, what: WHAT, nextStep: GRANT } };
}

const GRANT =
  'Grant list on pods and get and create on pods/exec in kube-system (or wherever the Cilium agents run) to read flows.';

export async function nodeOf(kube: KubeConnection, pod: PodRef, signal: AbortSignal): Promise<Read<string>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}`;
  const read = await kube.get(path, {}, signal);
  if (!read.ok) return read;
  const node = textOf(objectOf(objectOf(read.value).spec).nodeName);
  if (node !== undefined) return { ok: true, value: node };
  const reason = `pod ${pod.namespace}/${pod.name} is on no node yet`;
  return {
    ok: false,
    notRead: { what: WHAT, code: 'not_found', reason, nextStep: 'Wait until the pod is scheduled.' },
  };
}

function runningPod(item: unknown): readonly Agent[] {
  const { metadata, spec, status } = objectOf(item);
  const meta = objectOf(metadata);
  const [namespace, name] = [textOf(meta.namespace), textOf(meta.name)];
  const runs = objectOf(status).phase === 'Running' && meta.deletionTimestamp === undefined;
  return runs && namespace && name ? [{ namespace, name, container: agentContainer(spec) }] : [];
}

function agentContainer(spec: unknown): string {
  const names = listOf(objectOf(spec).containers, MAX_PODS).flatMap(
    (container) => textOf(objectOf(container).name) ?? [],
  );
  return names.includes(AGENT_CONTAINER) ? AGENT_CONTAINER : (names[0] ?? AGENT_CONTAINER);
}

function noAgent(node: string): NotRead {
  return {
    what: WHAT,
    code: 'unsupported',
    reason: `no running pod with label k8s-app=cilium on node ${node}; flows are read from Cilium’s agent only`,
    nextStep: `kubectl get pods -A -l k8s-app=cilium --field-selector spec.nodeName=${node}`,
  };
}
