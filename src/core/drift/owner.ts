/** Which GitOps controller has an object for its own, by its inventory or its tracking, never by a mark that may have been copied; for `forecast.ts`. */
import type { FluxKustomization, SyncController, SyncState } from '../model/sync.ts';
import { FLUX_NAME, FLUX_NAMESPACE } from './controls.ts';
import { inventoryId, isUnread, NO_MARK, type Owned, type Owner } from './owned.ts';
import { argoOwner } from './owner-argo.ts';
import { helmOwner } from './owner-helm.ts';
import { refText } from './same-source.ts';

export function ownerOf(owned: Owned, sync: SyncState): Owner {
  const found = [fluxOwner(owned, sync), argoOwner(owned, sync), helmOwner(owned, sync)];
  const owners = found.filter(({ state }) => state === 'owned');
  const [first, second] = owners;
  if (first?.state === 'owned' && second?.state === 'owned')
    return {
      state: 'unknown',
      because: `${refText(first.by.object)} and ${refText(second.by.object)} both have it for their own`,
    };
  const told = first ?? found.find(({ state }) => state === 'unknown') ?? found.find(({ because }) => because !== '');
  return told ?? { state: 'none', because: noMark(owned) };
}

function noMark({ live }: Owned): string {
  return live === undefined
    ? 'no controller has it in its inventory'
    : 'it is in no inventory and carries no tracking mark of Flux, Argo CD or Helm';
}

export const isKustomization = (one: SyncController): one is FluxKustomization => one.tool === 'flux-kustomization';

/**
 * kustomize-controller deletes what was in its inventory and no longer is (Reconcile in internal/controller/kustomization_controller.go): the
 * owner labels alone make nothing its own.
 */
function fluxOwner(owned: Owned, sync: SyncState): Owner {
  const all = sync.controllers.filter(isKustomization);
  const id = inventoryId(owned);
  const holders = all.filter(({ inventory, remoteCluster }) => !remoteCluster && inventory?.includes(id));
  const { [FLUX_NAME]: name, [FLUX_NAMESPACE]: namespace } = owned.live?.labels ?? {};
  const named = all.find(({ object }) => object.name === name && object.namespace === namespace);
  if (holders.length > 0) return oneOf(holders, named);
  if (name === undefined) return NO_MARK;
  return byLabel({
    said: `Kustomization ${namespace ?? '?'}/${name}`,
    named,
    unread: isUnread(sync, 'flux kustomizations'),
  });
}

/** Whoever applies last has the label, and alone deletes it; what is suspended applies nothing. */
function oneOf(holders: readonly FluxKustomization[], named: FluxKustomization | undefined): Owner {
  const active = holders.filter(({ suspended }) => !suspended);
  const candidates = active.length > 0 ? active : holders;
  const names = holders.map(({ object }) => refText(object)).join(' and ');
  if (new Set(candidates.map(placeOf)).size > 1)
    return {
      state: 'unknown',
      because: `it is in the inventory of ${names}, and each sets it to what its own folder says`,
    };
  const by = candidates.find((one) => one === named) ?? candidates[0];
  if (by === undefined || (candidates.length > 1 && by !== named))
    return { state: 'unknown', because: `it is in the inventory of ${names}` };
  return { state: 'owned', by, because: `it is in the inventory of ${refText(by.object)}` };
}

const placeOf = ({ source, path = '' }: FluxKustomization): string =>
  `${source === undefined ? '' : refText(source.object)} ${path}`;

function byLabel(label: { said: string; named: FluxKustomization | undefined; unread: boolean }): Owner {
  const { said, named, unread } = label;
  if (named === undefined) {
    const because = unread
      ? `its label names ${said}, which could not be read`
      : `its label names ${said}, which this cluster does not have: Flux of another cluster may apply it, or it is left over`;
    return { state: 'unknown', because };
  }
  if (named.remoteCluster)
    return {
      state: 'unknown',
      because: `its label names ${said}, which applies to the cluster of its kubeConfig; whether that is this one is not known`,
    };
  return {
    state: 'none',
    because: `its label names ${said}, whose inventory does not hold it: the label was copied or is left over`,
  };
}
