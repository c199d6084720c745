/** Another pod that could be probed instead, and what that would and would not show: asked by `diagnose/steps` when this pod cannot be probed, pure. */
import type { Pod } from '../model/workload.ts';
import { chooseContainers } from './choose-container.ts';

/** Differ from pod to pod of one workload, and no policy is meant to tell pods apart by them. */
const PER_POD = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
]);

/**
 * Runs, and is the same to policies: namespace, service account and labels are what every engine selects by. One on the same node
 * first: it shares the node's datapath and what it has learned of names.
 */
export function findSibling(pod: Pod, pods: readonly Pod[]): Pod | undefined {
  const identity = identityOf(pod);
  const alike = pods.filter(
    (other) =>
      other.meta.name !== pod.meta.name &&
      other.meta.deletionTimestamp === undefined &&
      identityOf(other) === identity &&
      other.phase === 'Running' &&
      chooseContainers(other).ok,
  );
  return alike.find(({ nodeName }) => nodeName !== undefined && nodeName === pod.nodeName) ?? alike[0];
}

function identityOf({ meta, serviceAccount, hostNetwork }: Pod): string {
  const labels = Object.entries(meta.labels).filter(([key]) => !PER_POD.has(key));
  return JSON.stringify([meta.namespace, serviceAccount, hostNetwork, labels.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Proposed, never used by itself: the answer would be about another pod than the one asked about. */
export function siblingStep(pod: Pod, sibling: Pod): string {
  const { name } = sibling.meta;
  const same = 'it has the same labels, namespace and service account, so the same policies hold for it';
  if (sibling.nodeName !== undefined && sibling.nodeName === pod.nodeName)
    return `Ask about pod/${name}, which runs on the same node: ${same}. It cannot show what is wrong with this pod alone.`;
  const node = sibling.nodeName === undefined ? '' : ` on node ${sibling.nodeName}`;
  return `Ask about pod/${name}, which runs${node}: ${same}. Another node has its own datapath, routes and cache of names, so it cannot show a fault of this node or of this pod alone.`;
}
