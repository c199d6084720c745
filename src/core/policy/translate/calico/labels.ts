/** Labels as Calico's selectors find them on pods, sets and host endpoints; used by `endpoints.ts` and `rule-selectors.ts`. */

import type { ClusterState } from '../../../model/cluster-state.ts';
import type { CalicoSet } from '../../../model/policies/calico.ts';
import type { Pod } from '../../../model/workload.ts';
import { indexOf } from '../../state/state-index.ts';
import type { LabelLookup } from './selector.ts';
import { UNREAD } from './selector.ts';

export const NAMESPACE = 'projectcalico.org/namespace';
export const SERVICE_ACCOUNT = 'projectcalico.org/serviceaccount';
const ORCHESTRATOR = 'projectcalico.org/orchestrator';
const NAME = 'projectcalico.org/name';
export const NAMESPACE_PREFIX = 'pcns.';
export const SERVICE_ACCOUNT_PREFIX = 'pcsa.';

/** libcalico-go/lib/backend/k8s/conversion: own labels first, then those of the namespace and the service account. */
export function podLookup(state: ClusterState, pod: Pod): LabelLookup {
  const namespace = pod.meta.namespace ?? 'default';
  return (label) => {
    if (label === NAMESPACE) return namespace;
    if (label === ORCHESTRATOR) return 'k8s';
    // A name of 63 and more characters gets no label (workload_endpoint_default.go).
    if (label === SERVICE_ACCOUNT && pod.serviceAccount.length < 63) return pod.serviceAccount;
    const own = ownLabel(pod.meta.labels, label);
    if (own !== undefined) return own;
    if (label.startsWith(NAMESPACE_PREFIX)) return ofNamespace(state, namespace, label.slice(NAMESPACE_PREFIX.length));
    if (!label.startsWith(SERVICE_ACCOUNT_PREFIX)) return undefined;
    return ofServiceAccount(state, pod, label.slice(SERVICE_ACCOUNT_PREFIX.length));
  };
}

/** A NetworkSet inherits its namespace's labels (networksetprocessor.go, projectcalico/calico#5102); the others stand alone. */
export function setLookup(state: ClusterState, set: CalicoSet): LabelLookup {
  const { labels, namespace } = set.meta;
  if (set.kind !== 'NetworkSet' || namespace === undefined) return (label) => ownLabel(labels, label);
  return (label) => {
    if (label === NAMESPACE) return namespace;
    const own = ownLabel(labels, label);
    if (own !== undefined || !label.startsWith(NAMESPACE_PREFIX)) return own;
    return ofNamespace(state, namespace, label.slice(NAMESPACE_PREFIX.length));
  };
}

function ownLabel(labels: Readonly<Record<string, string>>, label: string): string | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}

function ofNamespace(state: ClusterState, name: string, label: string): ReturnType<LabelLookup> {
  // The API server gives every namespace the second label, whatever a manifest says.
  if (label === NAME || label === 'kubernetes.io/metadata.name') return name;
  const namespace = indexOf(state).namespaces.get(name);
  return namespace ? ownLabel(namespace.meta.labels, label) : UNREAD;
}

function ofServiceAccount(state: ClusterState, pod: Pod, label: string): ReturnType<LabelLookup> {
  if (label === NAME) return pod.serviceAccount;
  const account = state.calico?.serviceAccounts?.find(
    ({ name, namespace }) => name === pod.serviceAccount && namespace === (pod.meta.namespace ?? 'default'),
  );
  // Where the archive or the rights end, an account that is not listed may still exist.
  return account ? ownLabel(account.labels, label) : UNREAD;
}
