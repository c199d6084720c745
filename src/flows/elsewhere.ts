/** Where neither Cilium nor Whisker answers: which other engine keeps a log of flows, and where a person finds it. Used by `flow-source.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { KubeConnection } from '../kube/connection.ts';
import { listOf, objectOf, textOf } from './raw-flow.ts';

interface Elsewhere {
  /** Label of its pods, `key=value`, and what their names begin with where others share the label. */
  readonly label: string;
  readonly name?: string;
  readonly what: string;
  readonly nextStep: string;
}

/** In the order of how much they tell. Labels are those of the projects' own manifests. */
const KNOWN: readonly Elsewhere[] = [
  {
    // tigera/operator, pkg/render/goldmane (Calico 3.30 and later).
    label: 'k8s-app=goldmane',
    what: 'Calico’s flow log (Goldmane)',
    nextStep:
      'Goldmane is there without Whisker, its console: create a Whisker resource (operator.tigera.io/v1, name default), then FILTER there. (Goldmane itself, calico-system/goldmane:7443, wants a client certificate of Calico’s authority.)',
  },
  {
    label: 'k8s-app=calico-node',
    what: 'Calico’s denied packets',
    nextStep:
      'Calico logs denied packets only through rules with action Log (kernel log of the node, prefix calico-packet), or through Goldmane from version 3.30 on.',
  },
  {
    // cloud.google.com/kubernetes-engine/docs/how-to/network-policy-logging
    label: 'k8s-app=cilium',
    name: 'anetd-',
    what: 'the network policy log of GKE Dataplane V2',
    nextStep:
      'The NetworkLogging object "default" (networking.gke.io/v1alpha1) with spec.cluster.deny.log: true turns it on; Cloud Logging has it as policy-action, the pod’s node in /var/log/network/policy_action.log.',
  },
  {
    // aws/amazon-network-policy-agent, README: --enable-policy-event-logs.
    label: 'k8s-app=aws-node',
    what: 'the flow log of the AWS network policy agent',
    nextStep:
      'On the pod’s node /var/log/aws-routed-eni/network-policy-agent.log has each flow with its verdict, if enable-policy-event-logs is on; with CloudWatch logs on, /aws/eks/CLUSTER/cluster has it, too.',
  },
  {
    // antrea-io/antrea, docs/antrea-network-policy.md#audit-logging-for-antrea-native-policies and docs/network-flow-visibility.md.
    label: 'app=antrea',
    what: 'Antrea’s audit log and flow exporter',
    nextStep:
      'On the pod’s node /var/log/antrea/networkpolicy/np.log has what rules with enableLogging dropped; the FlowAggregator has all connections, if FlowExporter is on.',
  },
  {
    label: 'app=ovnkube-node',
    what: 'the ACL log of OVN-Kubernetes',
    nextStep:
      'Annotate the namespace with k8s.ovn.org/acl-logging={"deny":"info","allow":"notice"}; on the pod’s node /var/log/ovn/acl-audit-log.log has each decision.',
  },
];

const MAX_PODS = 500;
const KEYS = ['k8s-app', 'app'] as const;

/**
 * In Whisker's words (whisker-backend/pkg/handlers/v1/protoconvert.go): Goldmane tells pods by what their names were generated from,
 * and addresses outside only as public or private.
 */
function whiskerFilter({ namespace, name }: PodRef): string {
  const group = name.replace(/-[a-z0-9]{5}$/, '-*');
  return `source namespace ${namespace}, source ${group}, action Deny, destination PUBLIC NETWORK`;
}

/** Where Whisker is there and could not be read, and nobody knows better: how a person looks into it. */
export function inBrowser(notRead: NotRead, pod: PodRef): NotRead {
  const nextStep = `kubectl -n calico-system port-forward svc/whisker 8081 shows it in a browser: filter ${whiskerFilter(pod)}.`;
  return { nextStep, ...notRead };
}

/** Undefined where none is found, or pods may not be listed. */
export async function flowLogsElsewhere(
  kube: KubeConnection,
  pod: PodRef,
  signal: AbortSignal,
): Promise<NotRead | undefined> {
  const pods = (await Promise.all(KEYS.map((key) => podsWith(kube, key, signal)))).flat();
  const known = KNOWN.find(({ label, name = '' }) =>
    pods.some((pod) => pod.label === label && pod.name.startsWith(name)),
  );
  if (known === undefined) return undefined;
  const { what, label } = known;
  const nextStep = known.nextStep.replace('FILTER', `filter ${whiskerFilter(pod)}`);
  return { what, code: 'unsupported', reason: `it is there (pods with label ${label}) and not read`, nextStep };
}

async function podsWith(kube: KubeConnection, key: string, signal: AbortSignal) {
  const values = KNOWN.flatMap(({ label }) => (label.startsWith(`${key}=`) ? [label.slice(key.length + 1)] : []));
  const query = { labelSelector: `${key} in (${values.join(',')})`, limit: String(MAX_PODS) };
  const read = await kube.get('/api/v1/pods', query, signal);
  if (!read.ok) return [];
  const pods = listOf(objectOf(read.value).items, MAX_PODS).map((pod) => objectOf(objectOf(pod).metadata));
  return pods.map(({ labels, name }) => ({
    label: `${key}=${textOf(objectOf(labels)[key])}`,
    name: textOf(name) ?? '',
  }));
}
