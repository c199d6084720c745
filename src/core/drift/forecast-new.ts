/** What happens to a policy that Git has and no controller yet: which one takes it up, if any; a part of `forecast.ts`. */
import type { ArgoApplication, FluxKustomization, SyncController, SyncForecast, SyncState } from '../model/sync.ts';
import { type ArgoStep, leftOut, whenArgo } from './argo-step.ts';
import { CREATED_ONCE, NOT_APPLIED, switchOn, switchText } from './controls.ts';
import { notByItself, otherwise, stoppingArgo } from './forecast-argo.ts';
import { reverted, sayer, stopping, unbuilt, whenFlux, withControls } from './forecast-flux.ts';
import type { SyncQuestion } from './owned.ts';
import { plain } from './plain.ts';
import { type Basis, basisOf, commitOf, covers, mayNotBuild, notAsWritten, refText } from './same-source.ts';

interface Candidate<T extends SyncController> {
  readonly by: T;
  readonly basis: Basis;
}

/** Only controllers whose folder holds the file, or is what was read and built: another one may still refer to it from its kustomization.yaml. */
export function takingUp(question: SyncQuestion, sync: SyncState, because: string): SyncForecast {
  const candidates = candidatesFor(question, sync);
  const ready = candidates.find(
    ({ basis }) => basis.state === 'fetched' || basis.state === 'coming' || basis.state === 'applied',
  );
  if (ready !== undefined && !refuses(ready, question)) return taken(question, ready);
  const unsure = candidates.find(({ basis }) => basis.state === 'other');
  if (unsure?.basis.state === 'other')
    return (
      heldBack(question, unsure) ?? {
        outcome: 'not_checked',
        by: unsure.by.object,
        because: `${refText(unsure.by.object)} may take it up, but ${unsure.basis.because}`,
      }
    );
  const [unread] = sync.notRead;
  if (unread !== undefined)
    return { outcome: 'not_checked', because: `${unread.what} could not be read (${unread.reason})` };
  const why = ready === undefined ? 'no controller that was read syncs the folder of its file' : refusal(ready);
  return { outcome: 'not_tracked', because: `${because}, and ${why}` };
}

function candidatesFor(
  { file, compared }: SyncQuestion,
  { controllers }: SyncState,
): Candidate<FluxKustomization | ArgoApplication>[] {
  return controllers
    .filter((by) => by.tool !== 'flux-helmrelease')
    .filter(({ remoteCluster }) => !remoteCluster)
    .filter(({ path = '' }) => covers(path, file ?? '') || path === compared.path)
    .map((by) => ({ by, basis: basisOf(by, compared) }))
    .filter(({ basis }) => !(basis.state === 'other' && basis.different))
    .toSorted((a, b) => (b.by.path ?? '').length - (a.by.path ?? '').length);
}

/** What is not among what it applied comes with a new commit alone, and its source fetches none. */
function heldBack(
  { kind, live }: SyncQuestion,
  { by }: Candidate<FluxKustomization | ArgoApplication>,
): SyncForecast | undefined {
  const { source } = by;
  if (kind !== 'only_git' || live !== undefined || by.tool !== 'flux-kustomization' || !source?.suspended)
    return undefined;
  const holds = commitOf(source.revision);
  if (holds === undefined || holds !== commitOf(by.appliedRevision)) return undefined;
  const because = `${refText(source.object)} is suspended at a commit that ${refText(by.object)} has applied, and that did not make it`;
  return { outcome: 'kept', by: by.object, when: 'not before the source is resumed', because };
}

/** It has applied this very commit and did not make the object of it. */
function refuses({ by, basis }: Candidate<SyncController>, question: SyncQuestion): boolean {
  if (basis.state !== 'applied') return false;
  return by.tool === 'flux-kustomization' || question.live !== undefined;
}

const refusal = ({ by }: Candidate<SyncController>): string =>
  `${refText(by.object)} has applied this commit without it: its kustomization.yaml may not list the file`;

function taken(question: SyncQuestion, { by, basis }: Candidate<FluxKustomization | ArgoApplication>): SyncForecast {
  return by.tool === 'flux-kustomization'
    ? byFlux(question, { by, basis })
    : byArgo({ question, by, basis, say: sayer(by) });
}

function byFlux(asked: SyncQuestion, { by, basis }: Candidate<FluxKustomization>): SyncForecast {
  const question = withControls(asked, by);
  const step = { question, by, basis, say: sayer(by) };
  const { say } = step;
  const name = refText(by.object);
  const stopped = stopping(step);
  if (stopped !== undefined) return stopped;
  const skipped = switchOn(NOT_APPLIED, question.live, question.git?.controls);
  if (skipped !== undefined) return say('kept', `it has ${switchText(skipped)}, so ${name} does not apply it`);
  const unrendered = notRendered(question, { by, basis });
  if (unrendered !== undefined) return say('not_checked', unrendered);
  if (question.kind === 'only_git')
    return say('created', `its file is in the folder that ${name} applies`, whenFlux(by, basis));
  const once = switchOn(CREATED_ONCE, undefined, question.git?.controls);
  if (once !== undefined) return say('kept', `Git has ${switchText(once)}, and it is there already`);
  if (question.kind === 'same') return say('kept', `${name} takes it up as it is`, whenFlux(by, basis));
  return reverted(step);
}

/** Why it may make something else of the file than the file says. */
function notRendered(
  { policy, compared, file }: SyncQuestion,
  { by, basis }: Candidate<FluxKustomization>,
): string | undefined {
  const name = refText(by.object);
  if (by.targetNamespace !== undefined && by.targetNamespace !== policy.namespace)
    return `${name} puts all it applies into namespace ${plain(by.targetNamespace)}`;
  const naming = unbuilt(by, compared).filter((field) => /^name|^components|^patches/.test(field));
  if (naming.length > 0) return `what ${name} makes of the file was not rendered (${naming.join(', ')})`;
  return notAsWritten(compared, by.path ?? '', file) ?? mayNotBuild(compared, basis, by.path ?? '');
}

function byArgo(step: ArgoStep): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const idle = stoppingArgo(question, by) ?? notByItself(step);
  if (idle !== undefined) return idle;
  const unknown = otherwise(step);
  if (unknown !== undefined) return say('not_checked', unknown);
  // What was read in its way holds what it takes, and nothing else.
  const isItsOwn = question.compared.asApplied && question.compared.path === (by.path ?? '');
  const left = isItsOwn ? undefined : leftOut(by, question.file ?? '');
  if (left === 'unknown') return say('not_checked', `what ${name} makes of its folder was not rendered`);
  if (left === 'not') {
    const because = `${name} does not recurse into the folder of its file (directory.recurse)`;
    return { outcome: 'not_tracked', because };
  }
  if (question.kind === 'same') return say('kept', `${name} takes it up as it is`, whenArgo(step));
  return say(
    question.kind === 'only_git' ? 'created' : 'reverted',
    `its file is in the folder that ${name} syncs`,
    whenArgo(step),
  );
}
