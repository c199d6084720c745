/** Which controller takes a file of a commit to the cluster, in one sentence that promises nothing that was not read; for the finding on a fix. */
import type { SyncController, SyncState } from '../model/sync.ts';
import { controllerText } from './consequence.ts';
import { type Basis, basisOf, type Compared, covers } from './same-source.ts';

export function appliedBy(file: string, compared: Compared, { controllers, notRead }: SyncState): string {
  const [by] = controllers
    .filter(
      ({ tool, remoteCluster, source }) => !remoteCluster && source?.kind === 'git' && tool !== 'flux-helmrelease',
    )
    .filter(({ path }) => covers(path ?? '', file))
    .map((one) => ({ by: one, basis: basisOf(one, compared) }))
    .filter(({ basis }) => !(basis.state === 'other' && basis.different))
    .toSorted((a, b) => (b.by.path ?? '').length - (a.by.path ?? '').length);
  if (by !== undefined) return `${sentence(by.by, by.basis)}${paused(by.by)}.`;
  const [gap] = notRead;
  if (gap !== undefined) return `Which controller applies that file was not checked: ${gap.what} could not be read.`;
  return 'No controller that was read applies that folder of this repository: what takes the change to the cluster was not checked.';
}

function sentence({ object }: SyncController, basis: Basis): string {
  const name = controllerText(object);
  if (basis.state === 'applied') return `${name} has applied this commit and takes its folder from there`;
  if (basis.state === 'fetched') return `${name} has fetched this commit and not applied it yet`;
  if (basis.state === 'other') return `${name} may apply that folder, but ${basis.because}`;
  return basis.unpushed
    ? `${name} follows this branch and has an earlier commit than the clone: it needs the clone's commits to be pushed`
    : `${name} follows this branch and has another commit of it`;
}

function paused({ suspended, failing }: SyncController): string {
  if (suspended) return '; it is suspended, so nothing arrives before it is resumed';
  return failing === undefined ? '' : '; its last reconciliation failed, so nothing may arrive before that is repaired';
}
