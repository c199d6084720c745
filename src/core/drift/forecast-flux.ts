/**
 * What a Flux Kustomization does to a policy that is in its inventory; a part of `forecast.ts`. After Reconcile, apply, prune and deleteObjects in
 * kustomize-controller internal/controller/kustomization_controller.go, and shouldSkipApply and cleanupMetadata in fluxcd/pkg ssa/manager_apply.go.
 */
import type { FluxKustomization, SyncForecast } from '../model/sync.ts';
import { CREATED_ONCE, NOT_APPLIED, switchOn, switchText } from './controls.ts';
import { fluxIgnores } from './flux-ignores.ts';
import { sparedByFlux, withKustomization } from './forecast-deleted.ts';
import { durationText } from './go-duration.ts';
import type { SyncQuestion } from './owned.ts';
import { plain, reasonOf } from './plain.ts';
import {
  type Basis,
  basisOf,
  type Compared,
  commitOf,
  covers,
  mayNotBuild,
  notAsWritten,
  refText,
  unreadNear,
} from './same-source.ts';
import { unwrittenAfter } from './unwritten.ts';

type Outcome = SyncForecast['outcome'];
export type Say = (outcome: Outcome, because: string, when?: string) => SyncForecast;

export const sayer =
  ({ object }: Pick<FluxKustomization, 'object'>): Say =>
  (outcome, because, when) => ({ outcome, by: object, ...(when === undefined ? {} : { when }), because });

/** `others`: all Kustomizations of the cluster. */
export function fluxForecast(
  asked: SyncQuestion,
  by: FluxKustomization,
  others: readonly FluxKustomization[],
): SyncForecast {
  const question = withControls(asked, by);
  const step: FluxStep = { question, by, basis: basisOf(by, question.compared), say: sayer(by) };
  const stopped = stopping(step);
  if (stopped !== undefined) return stopped;
  if (question.kind === 'only_live') return gone(step, others);
  return question.kind === 'only_git' ? missing(step) : compared(step);
}

/** The document as it is applied: `spec.commonMetadata` comes over what it says itself. */
export function withControls(question: SyncQuestion, { controls }: FluxKustomization): SyncQuestion {
  const { git } = question;
  return git === undefined || controls === undefined
    ? question
    : { ...question, git: { ...git, controls: { ...git.controls, ...controls } } };
}

export interface FluxStep {
  readonly question: SyncQuestion;
  readonly by: FluxKustomization;
  readonly basis: Basis;
  readonly say: Say;
}

/** These come after the apply, which has been done by then. */
const APPLIED_BEFORE = /^(?:HealthCheckFailed|HealthCheckCanceled|PruneFailed|Progressing)\b/;

/** Why it applies nothing at all at present. */
export function stopping(step: FluxStep): SyncForecast | undefined {
  const { by, say } = step;
  const name = refText(by.object);
  if (by.deleting) return withKustomization(step.question, by, say);
  if (by.suspended) return say('kept', `${name} has spec.suspend: true`, 'never while suspended');
  return by.failing === undefined || APPLIED_BEFORE.test(by.failing) ? undefined : failed(step, reasonOf(by.failing));
}

/** What it could not apply, a commit that it has not tried may mend. */
function failed({ question, by, basis, say }: FluxStep, reason: string): SyncForecast | undefined {
  const name = refText(by.object);
  if (reason === 'DependencyNotReady' || !isUntried(by, basis))
    return say(
      'kept',
      `the last reconciliation of ${name} failed and applied nothing (${reason})`,
      'not before that is repaired',
    );
  const folder = by.path ?? '';
  const isRead = covers(question.compared.path, folder) && mayNotBuild(question.compared, basis, folder) === undefined;
  if (reason === 'BuildFailed' && isRead && notAsWritten(question.compared, folder) === undefined) return undefined;
  return say(
    'not_checked',
    `${name} fails at present (${reason}), and whether this commit, which it has not tried, mends that is not known`,
  );
}

function isUntried({ attemptedRevision, source }: FluxKustomization, basis: Basis): boolean {
  if (basis.state !== 'fetched') return basis.state === 'coming';
  return attemptedRevision !== undefined && commitOf(attemptedRevision) !== commitOf(source?.revision);
}

/** A clone alone does not tell whether its commits are where a controller fetches from. */
export const PUSHED = 'the commit of the clone is pushed, if it is not yet, and ';

export function whenFlux(by: FluxKustomization, basis: Basis): string {
  const within =
    by.intervalSeconds === undefined ? 'at its next reconciliation' : `within ${durationText(by.intervalSeconds)}`;
  if (basis.state !== 'coming') return within;
  const fetched = `${by.source === undefined ? 'its source' : refText(by.source.object)} has fetched this commit`;
  return `once ${basis.unpushed ? PUSHED : ''}${fetched}`;
}

/** In the inventory, live, and in Git. */
function compared({ question, by, basis, say }: FluxStep): SyncForecast {
  const name = refText(by.object);
  const skipped = switchOn(NOT_APPLIED, question.live, question.git?.controls);
  if (skipped !== undefined) return say('kept', `it has ${switchText(skipped)}, so ${name} does not apply it`);
  const once = switchOn(CREATED_ONCE, undefined, question.git?.controls);
  if (once !== undefined)
    return say('kept', `Git has ${switchText(once)}: ${name} only creates it where it is missing`);
  const changed = otherwise(question, by, basis);
  if (changed !== undefined) return say('not_checked', changed);
  if (question.kind === 'same') return say('kept', `${name} applies it, and Git says the same`);
  return reverted({ question, by, basis, say });
}

/** Why what it applies may say something else than the file that was compared. */
function otherwise(question: SyncQuestion, by: FluxKustomization, basis: Basis): string | undefined {
  if (basis.state === 'other') return `${refText(by.object)} applies it, but ${basis.because}`;
  const fields = changing(unbuilt(by, question.compared), question.git?.substitutes ?? false);
  if (fields.length > 0)
    return `${refText(by.object)} sets ${fields.join(', ')}, which may change it: the file was compared as written`;
  const folder = by.path ?? '';
  return (
    moved(question, by, basis) ??
    notAsWritten(question.compared, folder, question.file) ??
    mayNotBuild(question.compared, basis, folder)
  );
}

/** A commit to come may have moved the file to where another one applies it: each acts at its own time. */
function moved({ file, compared }: SyncQuestion, by: FluxKustomization, basis: Basis): string | undefined {
  const folder = by.path ?? '';
  if (basis.state === 'applied' || file === undefined || compared.path === folder || covers(folder, file))
    return undefined;
  return `its file is ${plain(file)}, outside of the folder that ${refText(by.object)} applies: whether that lets go of it, and which of two is first where another one takes it up, is not known; give path ${plain(folder)}, so that this folder is built`;
}

const BUILT = ['patches', 'namePrefix', 'nameSuffix', 'components'];

/** Those of its transforms that were not built with its folder. What a variable without a known value is in was not read, and says so itself. */
export function unbuilt({ transforms, overlay, path = '' }: FluxKustomization, compared: Compared): readonly string[] {
  if (!compared.asApplied || compared.path !== path) return transforms;
  return transforms.filter(
    (field) => !field.startsWith('postBuild.') && !(overlay !== undefined && BUILT.includes(field)),
  );
}

/** images touch containers alone, commonMetadata and targetNamespace metadata alone; postBuild works only on `${…}`. */
function changing(transforms: readonly string[], substitutes: boolean): string[] {
  return transforms.filter((field) => {
    if (field === 'images' || field === 'commonMetadata') return false;
    return !field.startsWith('postBuild.') || substitutes;
  });
}

/** Also of what is only about to be taken up: a live object that differs is applied in the same way. */
export function reverted(step: FluxStep): SyncForecast {
  const { by, say } = step;
  const name = refText(by.object);
  const ignores = fluxIgnores(by, step.question);
  if (ignores.isUnknown)
    return say('not_checked', `${name} ignores fields by patterns or selectors (spec.ignore), which are not evaluated`);
  const question = withoutPaths(step.question, ignores.covers);
  if (question.differences.length === 0)
    return say('kept', `${name} ignores what differs (spec.ignore), which keeps its value`);
  return applied({ ...step, question });
}

function withoutPaths(question: SyncQuestion, isLeft: (path: string) => boolean): SyncQuestion {
  const { git, differences } = question;
  const unwritten = git?.unwritten.filter((path) => !isLeft(path)) ?? [];
  return {
    ...question,
    differences: differences.filter(({ path }) => !isLeft(path)),
    ...(git && { git: { ...git, unwritten } }),
  };
}

function applied({ question, by, basis, say }: FluxStep): SyncForecast {
  const name = refText(by.object);
  const left = unwrittenAfter(question, basis);
  const paths = new Set(question.git?.unwritten ?? []);
  const when = whenFlux(by, basis);
  if (question.differences.some(({ path }) => !paths.has(path))) {
    const also = left?.state === 'stays' ? `; ${left.because}, and stays` : '';
    return say('reverted', `it differs from Git, and ${name} applies it${also}`, when);
  }
  if (left === undefined || left.state === 'goes')
    return say('reverted', `${left?.because ?? 'it differs'}: ${name} removes it`, when);
  return left.state === 'stays' ? say('kept', `${left.because}, and stays`) : say('not_checked', left.because);
}

/** In the inventory and live, not among the files. */
function gone({ question, by, basis, say }: FluxStep, others: readonly FluxKustomization[]): SyncForecast {
  const name = refText(by.object);
  if (basis.state === 'other') return say('not_checked', `${name} has it in its inventory, but ${basis.because}`);
  if (basis.state === 'applied') {
    if (by.failing?.startsWith('PruneFailed'))
      return say('not_checked', `${name} could not delete something (${reasonOf(by.failing)})`);
    return say(
      'not_checked',
      `it stays, as it is in the inventory that ${name} wrote after applying this very commit; but what it says was not compared: ${unseen(question.compared, by.path ?? '')}`,
    );
  }
  const hidden = hiding(question, by);
  if (hidden !== undefined) return say('not_checked', hidden);
  const kept = sparing(question, by);
  if (kept !== undefined) return say('kept', kept);
  const waits = question.live?.finalizers === undefined ? '' : '; it then stays until its finalizers are taken off';
  return say(
    'pruned',
    `it is in the inventory of ${name}, which prunes (spec.prune: true), and the files of this commit do not hold it${waits}${unlessTaken(question, by, others)}`,
    whenFlux(by, basis),
  );
}

function unseen(compared: Compared, folder: string): string {
  const [entry] = unreadNear(compared, folder);
  return entry === undefined
    ? 'its source makes it in a way that the files do not show'
    : `${plain(entry.path)} may hold it (${entry.reason})`;
}

/** What is applied by others of the same source from folders that were not read. */
function unlessTaken({ compared }: SyncQuestion, by: FluxKustomization, others: readonly FluxKustomization[]): string {
  const source = by.source && refText(by.source.object);
  const unread = others.filter(
    (one) =>
      one !== by && one.source && refText(one.source.object) === source && !covers(compared.path, one.path ?? ''),
  );
  if (unread.length === 0) return '';
  const names = unread.slice(0, 2).map(({ object }) => refText(object));
  return `; unless one whose folder was not read takes it up (${names.join(', ')}${unread.length > 2 ? ', …' : ''})`;
}

/** Where a document may be that makes this object, so that its absence is not known. */
function hiding({ compared }: SyncQuestion, by: FluxKustomization): string | undefined {
  const folder = by.path ?? '';
  // A kustomization may take files from outside of its folder: only the whole repository, or the folder itself as it is built, holds all.
  if (compared.path !== '' && compared.path !== folder)
    return `only ${compared.path} was read, and ${refText(by.object)} applies ${folder || 'the whole repository'}`;
  if (by.targetNamespace !== undefined && compared.path !== folder)
    return `${refText(by.object)} puts all it applies into namespace ${plain(by.targetNamespace)}; give path ${plain(folder)}, so that the files are read in the same way`;
  const naming = unbuilt(by, compared).filter((field) => /^(?:name|components|patches|postBuild)/.test(field));
  if (naming.length > 0)
    return `${refText(by.object)} sets ${naming.join(', ')}, which may make it under another name than the files have`;
  const changed = notAsWritten(compared, folder);
  if (changed !== undefined) return changed;
  const [entry] = unreadNear(compared, folder);
  return entry === undefined ? undefined : `${entry.path} may hold it (${entry.reason})`;
}

function sparing(question: SyncQuestion, by: FluxKustomization): string | undefined {
  return by.prune
    ? sparedByFlux(question, by)
    : `${refText(by.object)} does not prune (spec.prune: false): it drops out of the inventory and stays`;
}

/** In the inventory, not live: somebody deleted it. */
function missing({ question, by, basis, say }: FluxStep): SyncForecast {
  const skipped = switchOn(NOT_APPLIED, undefined, question.git?.controls);
  if (skipped !== undefined) return say('kept', `Git has ${switchText(skipped)}, so it is not applied`);
  const changed = otherwise(question, by, basis);
  if (changed !== undefined) return say('not_checked', changed);
  return say('created', `it is in the inventory of ${refText(by.object)} and not in the cluster`, whenFlux(by, basis));
}
