/**
 * What an Application that syncs by itself makes of a policy's differences from Git; the middle of `forecast-argo.ts`. What Argo CD itself found
 * (`status.resources`) decides whether it syncs; what an apply then changes follows the last one: ThreeWayDiff in gitops-engine
 * pkg/diff/diff.go and applyObject in its pkg/sync/sync_context.go.
 */
import type { FieldManager } from '../model/object-meta.ts';
import type { SyncForecast } from '../model/sync.ts';
import { argoIgnores, type Ignores } from './argo-ignores.ts';
import { type ArgoStep, optionsOn, whenArgo } from './argo-step.ts';
import { optionValue, SYNC_OPTIONS } from './controls.ts';
import type { SyncQuestion } from './owned.ts';
import { entryOf } from './owner-argo.ts';
import { lastWriter } from './ownership.ts';
import { refText } from './same-source.ts';
import { fateOf } from './unwritten.ts';

/** A sync for the sake of another object applies that one alone (autoSync in controller/appcontroller.go). */
const LATER = 'at the next commit that changes what it renders, or when someone syncs it';

export function differing(step: ArgoStep): SyncForecast {
  const { question, by, basis, say } = step;
  const name = refText(by.object);
  const ignores = argoIgnores(by, question);
  const status = basis.state === 'coming' ? undefined : entryOf(by, question)?.status;
  if (status === 'Unknown')
    return say(
      'not_checked',
      `${name} does not know its state (status.resources: Unknown), as for kinds that its project does not permit`,
    );
  if (status === 'Synced') return foundSynced(step, ignores);
  const respects = by.syncOptions.includes('RespectIgnoreDifferences=true');
  if (status === 'OutOfSync' && !respects) return applied(step);
  if (ignores.unknown !== undefined) return say('not_checked', ignores.unknown);
  return question.differences.every(({ path }) => ignores.covers(path)) ? ignored(step) : applied(step);
}

/** It differs, and Argo CD sees no difference: that is so for good only where it has looked since the last change. */
function foundSynced(step: ArgoStep, ignores: Ignores): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const effect = effectOf(step);
  if (effect.state === 'nothing') return say('kept', effect.because);
  if (!hasLookedSince(question, by.comparedAt))
    return say(
      'not_checked',
      `${name} finds it synced: it may ignore the difference (resource.customizations in argocd-cm), or not have looked yet`,
    );
  if (ignores.unknown !== undefined || question.differences.every(({ path }) => ignores.covers(path)))
    return ignored(step);
  const written = question.differences.filter(({ path }) => !isUnwritten(question, path) && !ignores.covers(path));
  if (written.length > 0)
    return say(
      'not_checked',
      `${name} has compared it since and finds it synced: something that was not read ignores the difference (resource.customizations in argocd-cm)`,
    );
  return isReplaced(step)
    ? say('reverted', `${name} finds it synced, but a sync replaces the whole of it (Replace=true)`, LATER)
    : say('kept', `${name} has compared it since and finds it synced: what Git does not write stays`);
}

/** Times in objects are whole seconds: the same second decides nothing. */
function hasLookedSince({ live }: SyncQuestion, comparedAt: string | undefined): boolean {
  const written = lastWriter(live?.managers ?? [])?.time;
  return written !== undefined && comparedAt !== undefined && Date.parse(comparedAt) > Date.parse(written);
}

/** Ignored differences set off no sync; one that comes for another reason overwrites them, unless it is told to respect them. */
function ignored(step: ArgoStep): SyncForecast {
  const { by, say } = step;
  const name = refText(by.object);
  if (by.syncOptions.includes('RespectIgnoreDifferences=true'))
    return say(
      'kept',
      `${name} ignores these differences (spec.ignoreDifferences) and keeps them when it syncs (RespectIgnoreDifferences=true)`,
    );
  if (by.syncOptions.includes('ApplyOutOfSyncOnly=true'))
    return say(
      'kept',
      `${name} ignores these differences and applies only what is out of sync (ApplyOutOfSyncOnly=true)`,
    );
  const effect = effectOf(step);
  if (effect.state !== 'sets') return say(effect.state === 'nothing' ? 'kept' : 'not_checked', effect.because);
  return say(
    'reverted',
    `${name} ignores these differences (spec.ignoreDifferences), so they set off no sync, but a sync overwrites them`,
    LATER,
  );
}

function applied(step: ArgoStep): SyncForecast {
  const effect = effectOf(step);
  if (effect.state === 'sets')
    return step.say('reverted', `it differs from Git, and ${refText(step.by.object)} syncs by itself`, whenArgo(step));
  return step.say(effect.state === 'nothing' ? 'kept' : 'not_checked', effect.because);
}

type Effect = { readonly state: 'sets' } | { readonly state: 'nothing' | 'unknown'; readonly because: string };

/** Whether applying the Git document changes any of what differs. */
function effectOf(step: ArgoStep): Effect {
  const { question } = step;
  const paths = question.differences.map(({ path }) => path);
  if (isReplaced(step) || paths.some((path) => !isUnwritten(question, path))) return { state: 'sets' };
  const ends = paths.map((path) => unwrittenEnd(step, path));
  if (ends.includes('goes')) return { state: 'sets' };
  const names = paths.join(', ');
  if (ends.every((end) => end === 'stays'))
    return {
      state: 'nothing',
      because: hasOption(step, 'ServerSideApply')
        ? `Git does not write ${names}, and other managers own it (metadata.managedFields)`
        : `Git does not write ${names}, and neither did the last apply (its last-applied-configuration), so an apply leaves it`,
    };
  return {
    state: 'unknown',
    because: `Git does not write ${names}: whether a sync removes it depends on what was applied last, which was not read`,
  };
}

/** A field that Git does not write goes if the last client-side apply wrote it; under server-side apply, if nobody else owns it. */
function unwrittenEnd(step: ArgoStep, path: string): 'goes' | 'stays' | 'unknown' {
  const { appliedSpec, managers = [] } = step.question.live ?? {};
  if (hasOption(step, 'ServerSideApply')) return fateOf(path, managers, isApplier).state;
  const [top, field = '', ...below] = path.split('.');
  const name = field.replace(/\[\d+\]$/, '');
  if (appliedSpec === undefined || top !== 'spec') return 'unknown';
  if (!appliedSpec.includes(name)) return 'stays';
  return below.length === 0 && name === field ? 'goes' : 'unknown';
}

/** ArgoCDSSAManager in common/common.go of argo-cd. */
function isApplier({ manager, operation }: FieldManager): boolean {
  return manager === 'argocd-controller' && operation === 'Apply';
}

function isUnwritten({ git }: SyncQuestion, path: string): boolean {
  return git?.unwritten.includes(path) ?? false;
}

function isReplaced(step: ArgoStep): boolean {
  return hasOption(step, 'Replace');
}

/** Of the object, or of its Application for all. */
function hasOption({ question, by }: ArgoStep, option: string): boolean {
  return optionValue(optionsOn(question, SYNC_OPTIONS), option) === 'true' || by.syncOptions.includes(`${option}=true`);
}
