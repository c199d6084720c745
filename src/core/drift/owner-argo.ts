/**
 * Which Application of Argo CD has an object for its own; a part of `owner.ts`. After util/argo/resource_tracking.go (GetAppName,
 * ParseAppInstanceValue) and isSelfReferencedObj in controller/state.go of argo-cd.
 */
import type { ArgoApplication, SyncController, SyncState } from '../model/sync.ts';
import { INSTALLATION_ID, TRACKING_ID } from './controls.ts';
import { isUnread, NO_MARK, type Owned, type Owner } from './owned.ts';
import { plain } from './plain.ts';
import { refText } from './same-source.ts';

const isApplication = (one: SyncController): one is ArgoApplication => one.tool === 'argo-application';
const DEFAULT_LABEL = 'app.kubernetes.io/instance';

export function argoOwner(owned: Owned, sync: SyncState): Owner {
  const applications = sync.controllers.filter(isApplication);
  const listing = applications.filter((one) => !one.remoteCluster && entryOf(one, owned)?.status !== undefined);
  // With a status, Argo CD has compared it as its own; copies whose mark names another object are listed without.
  const [listed] = listing;
  if (listed !== undefined && listing.length === 1)
    return { state: 'owned', by: listed, because: `${refText(listed.object)} lists it among its resources` };
  const unread = isUnread(sync, 'argo applications');
  const byAnnotation = annotated(owned, applications, unread);
  const shared = sharing(owned, listing, byAnnotation);
  if (shared !== undefined) return shared;
  if (byAnnotation.state !== 'none') return byAnnotation;
  const byLabel = labelled(owned, applications, unread);
  return byLabel.state === 'none' && byLabel.because === '' ? byAnnotation : byLabel;
}

/** An Application syncs whatever its source holds, also what another one tracks: each sync then sets it to what that source says. */
function sharing(owned: Owned, listing: readonly ArgoApplication[], tracked: Owner): Owner | undefined {
  const holding = listing.filter((one) => entryOf(one, owned)?.requiresPruning === false);
  const others = holding.filter((one) => !(tracked.state === 'owned' && tracked.by === one));
  if (listing.length < 2 || others.length === 0) return undefined;
  const names = listing.map(({ object }) => refText(object)).join(' and ');
  return { state: 'unknown', because: `${names} both list it, and each sync sets it to what its own source says` };
}

/** What `status.resources` says of it. */
export function entryOf({ resources }: ArgoApplication, { policy, group }: Owned) {
  return resources?.find(
    (one) =>
      one.kind === policy.kind &&
      one.group === group &&
      one.name === policy.name &&
      (policy.namespace === undefined || one.namespace === policy.namespace),
  );
}

/** `APP:GROUP/KIND:NAMESPACE/NAME`. */
const ID = /^([^:]*):([^/:]*)\/([^/:]*):([^/:]*)\/([^/:]*)$/;

function annotated(owned: Owned, applications: readonly ArgoApplication[], unread: boolean): Owner {
  const mark = owned.live?.annotations[TRACKING_ID];
  if (mark === undefined) return NO_MARK;
  const [, instance, group, kind, namespace, name] = ID.exec(mark) ?? [];
  if (instance === undefined)
    return { state: 'none', because: `its ${TRACKING_ID} is not of the form that Argo CD reads` };
  const { policy } = owned;
  const own = kind === policy.kind && group === owned.group && name === policy.name;
  if (applications.length > 0 && applications.every(({ tracking }) => tracking === 'label'))
    return { state: 'none', because: `its ${TRACKING_ID} does not count: this Argo CD tracks by label` };
  if (!own || (policy.namespace !== undefined && namespace !== policy.namespace))
    return {
      state: 'none',
      because: `its ${TRACKING_ID} names ${plain(kind)} ${plain(`${namespace}/${name}`)}, another object: it was copied and does not count`,
    };
  return ownerNamed(owned, { instance, unread, by: TRACKING_ID }, applications);
}

interface Named {
  readonly instance: string;
  readonly unread: boolean;
  readonly by: string;
}

function ownerNamed(owned: Owned, { instance, unread, by }: Named, applications: readonly ArgoApplication[]): Owner {
  const found = applications.find((one) => one.instance === instance);
  if (found === undefined) {
    const why = unread
      ? 'which could not be read'
      : 'which this cluster does not have: Argo CD of another cluster may sync it';
    return { state: 'unknown', because: `its ${by} names Application ${plain(instance)}, ${why}` };
  }
  if (found.remoteCluster)
    return {
      state: 'unknown',
      because: `its ${by} names ${refText(found.object)}, whose destination is not named as this cluster`,
    };
  if (found.installationId !== undefined && owned.live?.annotations[INSTALLATION_ID] !== found.installationId)
    return { state: 'unknown', because: `its ${INSTALLATION_ID} is not the one of the Argo CD that was read` };
  return { state: 'owned', by: found, because: `its ${by} names ${refText(found.object)}` };
}

/** Where labels track, a copied label makes an object Argo CD's own: the label names no object. */
function labelled(owned: Owned, applications: readonly ArgoApplication[], unread: boolean): Owner {
  const labels = owned.live?.labels ?? {};
  if (unread && Object.keys(labels).length > 0)
    return { state: 'unknown', because: 'Applications of Argo CD could not be read, and one may track it by a label' };
  for (const one of applications.filter(({ tracking }) => tracking === 'label' || tracking === undefined)) {
    const key = one.trackingLabel ?? DEFAULT_LABEL;
    const instance = labels[key];
    if (instance === undefined || one.instance !== instance) continue;
    if (one.tracking === 'label') return ownerNamed(owned, { instance, unread, by: `label ${key}` }, applications);
    if (one.remoteCluster || one.resources === undefined)
      return {
        state: 'unknown',
        because: `its label ${key} names ${refText(one.object)}; whether Argo CD tracks by label (application.resourceTrackingMethod) is not known`,
      };
  }
  return NO_MARK;
}
