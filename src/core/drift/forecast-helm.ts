/**
 * What a Flux HelmRelease does to a policy of its chart; a part of `forecast.ts`. Charts are not rendered, so a file of the repository says nothing
 * about it. After DetermineReleaseState and CorrectClusterDrift in helm-controller internal/reconcile, and Diff in internal/action/diff.go.
 */
import type { FluxHelmRelease, SyncForecast } from '../model/sync.ts';
import { DRIFT_LEFT, switchOn, switchText } from './controls.ts';
import { sayer } from './forecast-flux.ts';
import { durationText } from './go-duration.ts';
import type { SyncQuestion } from './owned.ts';
import { reasonOf } from './plain.ts';
import { refText } from './same-source.ts';

const UPGRADE = 'at the next upgrade (a change of its chart or values)';

export function helmForecast({ live, compared }: SyncQuestion, by: FluxHelmRelease): SyncForecast {
  const say = sayer(by);
  const name = refText(by.object);
  if (by.deleting) return say('not_checked', `${name} is being deleted, and what it installed may go with it`);
  if (by.suspended) return say('kept', `${name} has spec.suspend: true`, 'never while suspended');
  const left = switchOn(DRIFT_LEFT, live);
  if (left !== undefined) return say('kept', `it has ${switchText(left)}, so its drift is not corrected`, UPGRADE);
  if (by.driftDetection !== 'enabled')
    return say(
      'kept',
      `${name} corrects no drift (spec.driftDetection.mode: ${by.driftDetection}); it changes with an upgrade only`,
      UPGRADE,
    );
  if (by.failing !== undefined)
    return say('kept', `${name} is failing (${reasonOf(by.failing)})`, 'not before that is repaired');
  // A chart from Git is installed anew when its version changes, not with each commit (reconcileStrategy in helmchart_types.go).
  const unknown = compared.rendered
    ? 'whether the installed chart is that of this commit was not checked'
    : 'the chart was not rendered';
  const within = by.intervalSeconds === undefined ? '' : ` within ${durationText(by.intervalSeconds)}`;
  return say(
    'not_checked',
    `${name} sets it back to what its chart renders${within} (spec.driftDetection.mode: enabled), and ${unknown}`,
  );
}
