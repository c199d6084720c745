/** From 1.19 Cilium's selectors mean pods of the own cluster unless they name one; for `peers.ts` and, on Cilium, NetworkPolicy. */
import type { EngineSettings } from '../../engine/settings.ts';
import { CLUSTER_KEY } from '../../identity/labels.ts';
import type { Requirement } from '../../rules/label-selector.ts';
import { equals } from '../../rules/label-selector.ts';

/** pkg/k8s/apis/cilium.io/utils/utils.go, `policy-default-local-cluster`; `named` where the selector itself asks for a cluster. */
export function localCluster({ localClusterOnly, clusterName }: EngineSettings, named: boolean): Requirement[] {
  return localClusterOnly && !named ? [equals('k8s', CLUSTER_KEY, clusterName)] : [];
}
