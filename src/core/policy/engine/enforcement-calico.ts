/** Whether Calico is there to enforce its own kinds; asked by `enforcement.ts`. */
import type { ClusterState, CniName } from '../../model/cluster-state.ts';
import { gapFor, gapText, lacksInArchive } from '../state/gaps.ts';
import type { Enforcement } from './enforced.ts';
import { cannotTell, ENFORCED, notEnforced } from './enforced.ts';

/** Networks that Calico's policy engine is installed beside (docs.tigera.io getting-started: EKS, AKS, Canal, k3s, kind). */
const BESIDE: ReadonlySet<CniName> = new Set(['aws-vpc-cni', 'flannel', 'k3s', 'kindnet', 'azure-npm']);

/** @param engine what is taken for the engine: Calico, too, where nothing was recognised and its policies exist */
export function calicoEnforcement(state: ClusterState, engine: CniName): Enforcement {
  if (engine === 'calico') return ENFORCED;
  if (engine === 'unknown') return cannotTell('the network plugin was not recognised');
  const unseen = BESIDE.has(engine) ? whyUnseen(state) : undefined;
  if (unseen !== undefined) return cannotTell(`no calico-node was seen, but ${unseen}`);
  return notEnforced(`the network plugin is ${engine}, and no calico-node was seen beside it`);
}

function whyUnseen(state: ClusterState): string | undefined {
  const gap = gapFor(state, 'daemonsets') ?? gapFor(state, 'pods');
  if (gap) return gapText(gap);
  return lacksInArchive(state, 'daemonsets') ? 'the archive holds no DaemonSets' : undefined;
}
