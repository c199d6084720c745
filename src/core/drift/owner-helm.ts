/** Which HelmRelease of Flux installs an object; a part of `owner.ts`. */
import type { FluxHelmRelease, SyncController, SyncState } from '../model/sync.ts';
import { inventoryId, isUnread, NO_MARK, type Owned, type Owner } from './owned.ts';
import { plain } from './plain.ts';

const [HELM_NAME, HELM_NAMESPACE] = ['helm.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/namespace'];
const [RELEASE, RELEASE_NAMESPACE] = ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace'];
const isRelease = (one: SyncController): one is FluxHelmRelease => one.tool === 'flux-helmrelease';

interface Mark {
  /** In words. */
  readonly said: string;
  /** Helm's own annotations: they tell that Helm installed it, not who asked Helm to. */
  readonly byHelm: boolean;
  readonly fits: (release: FluxHelmRelease) => boolean;
}

export function helmOwner(owned: Owned, sync: SyncState): Owner {
  const mark = markOf(owned);
  if (mark === undefined) return NO_MARK;
  const release = sync.controllers.filter(isRelease).find(mark.fits);
  if (release === undefined) return withoutRelease(mark, isUnread(sync, 'helmreleases'));
  const said = `it is marked as part of ${mark.said}`;
  if (release.remoteCluster)
    return { state: 'unknown', because: `${said}, which installs to the cluster of its kubeConfig` };
  if (release.inventory !== undefined && !release.inventory.includes(inventoryId(owned)))
    return { state: 'none', because: `${said}, whose inventory does not hold it` };
  return { state: 'owned', by: release, because: said };
}

/** Labels that helm-controller adds to what it renders, else the annotations of Helm itself. */
function markOf({ live }: Owned): Mark | undefined {
  const { labels = {}, annotations = {} } = live ?? {};
  const [name, namespace] = [labels[HELM_NAME], labels[HELM_NAMESPACE]];
  if (name !== undefined) {
    const fits: Mark['fits'] = ({ object }) => object.name === name && object.namespace === namespace;
    return { said: `HelmRelease ${namespace ?? '?'}/${name}`, byHelm: false, fits };
  }
  const [release, into] = [annotations[RELEASE], annotations[RELEASE_NAMESPACE]];
  if (release === undefined) return undefined;
  return {
    said: `Helm release ${plain(release)}`,
    byHelm: true,
    fits: (one) => one.release === release && one.releaseNamespace === into,
  };
}

/** A release that no HelmRelease of this cluster installs was installed by hand, or from elsewhere. */
function withoutRelease({ said, byHelm }: Mark, unread: boolean): Owner {
  if (unread)
    return { state: 'unknown', because: `it is marked as part of ${said}, and HelmReleases could not be read` };
  if (byHelm)
    return {
      state: 'none',
      because: `it is part of ${said}, which no HelmRelease of this cluster installs: it changes with the next helm upgrade`,
    };
  return { state: 'unknown', because: `it is marked as part of ${said}, which this cluster does not have` };
}
