/** Where in a pod a probe can run: its containers in turn, then, where that was asked for and allowed, an ephemeral one; else why not, and what could be asked instead. */
import type { ClusterState, NotRead, Read } from '../../core/model/cluster-state.ts';
import type { ProbeReport } from '../../core/model/probe.ts';
import type { Pod } from '../../core/model/workload.ts';
import { withAppProxies } from '../../core/path/app-proxies.ts';
import { type ChosenContainer, chooseContainers } from '../../core/path/choose-container.ts';
import { tryByHand } from '../../core/path/debug-container.ts';
import { osOf, windowsGap } from '../../core/path/pod-os.ts';
import { findSibling, siblingStep } from '../../core/path/sibling.ts';
import type { Deps, Run } from '../deps.ts';
import { addEphemeral } from './ephemeral.ts';

export interface ProbeWish {
  readonly pod: Pod;
  /** The container that the user named: then no other one. */
  readonly container?: string;
  readonly allowEphemeral?: boolean;
  /** What is asked for first; for the command to try it by hand. */
  readonly asked: { readonly host: string; readonly port: number };
  /** Read at most once, and not before it is needed. */
  readonly state: () => Promise<ClusterState>;
  /** True where `state` costs nothing any more. */
  readonly stateIsRead: boolean;
}

export interface Tried<T> {
  readonly probe: Read<ProbeReport>;
  /** What the last attempt gave beside the probe; absent where there was nothing to try. */
  readonly last?: T;
  /** Why this container, and what that means. */
  readonly note?: string;
}

type Attempt<T> = (container: string) => Promise<T>;

/** Refusals that speak of one container, not of the pod or of rights: another container may do. */
const NEXT: ReadonlySet<NotRead['code']> = new Set(['unsupported', 'invalid', 'not_found', 'refused']);

export async function probeSomewhere<T extends { readonly probe: Read<ProbeReport> }>(
  deps: Deps,
  wish: ProbeWish,
  attempt: Attempt<T>,
  run: Run,
): Promise<Tried<T>> {
  if (osIsKnown(wish) && (await isWindows(wish))) return nowhere(windowsGap(wish.pod));
  const choice = chooseContainers(wish.pod, wish.container);
  const tried = choice.ok ? await inTurn(choice.value, attempt) : nowhere(choice.notRead);
  if (tried.probe.ok) return asTheApp(wish, tried);
  const { notRead } = tried.probe;
  if (!(choice.ok ? LACKS.has(notRead.code) : choice.room))
    return { ...tried, probe: { ok: false, notRead: await withOtherPod(wish, notRead) } };
  if (!osIsKnown(wish) && (await isWindows(wish))) return nowhere(windowsGap(wish.pod));
  if (wish.allowEphemeral === true) return asTheApp(wish, await fromEphemeral(deps, { wish, tried, attempt }, run));
  // The sibling's image is the same: it is no way around what the image lacks.
  const gap = choice.ok ? notRead : await withOtherPod(wish, notRead);
  return { ...tried, probe: { ok: false, notRead: withNext(gap, askForOne(deps)) } };
}

function asTheApp<T>({ pod, container }: ProbeWish, tried: Tried<T>): Tried<T> {
  if (!tried.probe.ok) return tried;
  return { ...tried, probe: { ok: true, value: withAppProxies(tried.probe.value, pod, container) } };
}

/** The container could be entered, and there was nothing to run in it. */
const LACKS: ReadonlySet<NotRead['code']> = new Set(['unsupported', 'invalid']);

const osIsKnown = ({ stateIsRead, pod }: ProbeWish): boolean => stateIsRead || pod.os !== undefined;

const nowhere = (notRead: NotRead): Tried<never> => ({ probe: { ok: false, notRead } });

/** By the pod's own word, else by its node's. */
async function isWindows({ pod, state }: ProbeWish): Promise<boolean> {
  if (pod.os !== undefined) return osOf(pod) === 'windows';
  const { nodes } = await state();
  return (
    osOf(
      pod,
      nodes.find(({ meta }) => meta.name === pod.nodeName),
    ) === 'windows'
  );
}

/** The first failure is told: it is that of the container that matters. */
async function inTurn<T extends { readonly probe: Read<ProbeReport> }>(
  candidates: readonly [ChosenContainer, ...ChosenContainer[]],
  attempt: Attempt<T>,
): Promise<Tried<T>> {
  const failures: { readonly container: string; readonly notRead: NotRead }[] = [];
  let last: T | undefined;
  for (const { container, note } of candidates) {
    last = await attempt(container);
    if (last.probe.ok) return { probe: last.probe, last, ...(note === undefined ? {} : { note }) };
    failures.push({ container, notRead: last.probe.notRead });
    if (!NEXT.has(last.probe.notRead.code)) break;
  }
  const notRead = summary(failures);
  return { probe: { ok: false, notRead }, ...(last === undefined ? {} : { last }) };
}

function summary(failures: readonly { readonly container: string; readonly notRead: NotRead }[]): NotRead {
  const [first, ...others] = failures;
  if (first === undefined) throw new Error('a choice of containers has at least one');
  const final = others.at(-1);
  // A right or a node that is missing says more than what an image lacks.
  if (final !== undefined && !NEXT.has(final.notRead.code)) return final.notRead;
  if (final === undefined) return first.notRead;
  const names = others.map(({ container }) => container).join(', ');
  return { ...first.notRead, reason: `${first.notRead.reason}; nor could it run in ${names}` };
}

interface Pending<T> {
  readonly wish: ProbeWish;
  readonly tried: Tried<T>;
  readonly attempt: Attempt<T>;
}

async function fromEphemeral<T extends { readonly probe: Read<ProbeReport> }>(
  deps: Deps,
  { wish, tried, attempt }: Pending<T>,
  run: Run,
): Promise<Tried<T>> {
  const before = tried.probe.ok ? undefined : tried.probe.notRead;
  const added = await addEphemeral(deps, wish.pod, tryByHand(wish.asked), run);
  if (!added.ok) {
    const reason = [before?.reason, added.notRead.reason].filter((one) => one !== undefined).join('; ');
    return { ...tried, probe: { ok: false, notRead: { ...added.notRead, ...whatOf(before), reason } } };
  }
  const last = await attempt(added.value);
  const why = before === undefined ? '' : `, because ${before.reason}`;
  const note = `probed from ephemeral container ${added.value}, which shares the pod's network but not the app's environment and certificate authorities${why}; it stays listed in the pod until the pod is replaced`;
  return { probe: last.probe, last, ...(last.probe.ok ? { note } : {}) };
}

const whatOf = (notRead: NotRead | undefined): { readonly what?: string } =>
  notRead === undefined ? {} : { what: notRead.what };

const askForOne = ({ ephemeral }: Deps): string | undefined =>
  ephemeral === undefined
    ? undefined
    : 'Or ask again with allowEphemeral: true, which adds an ephemeral container with consent.';

function withNext(notRead: NotRead, further: string | undefined): NotRead {
  if (further === undefined) return notRead;
  return { ...notRead, nextStep: notRead.nextStep === undefined ? further : `${notRead.nextStep} ${further}` };
}

/** Answers of an archive about probes say nothing of the pod. */
const NOT_OF_THIS_POD: ReadonlySet<NotRead['code']> = new Set(['not_in_archive', 'not_asked', 'kind_absent']);

async function withOtherPod(wish: ProbeWish, notRead: NotRead): Promise<NotRead> {
  const choice = chooseContainers(wish.pod, wish.container);
  const misnamed = !choice.ok && choice.notRead.code === 'not_found';
  if (NOT_OF_THIS_POD.has(notRead.code) || misnamed) return notRead;
  // Rights are mostly those of the namespace: not worth reading the whole state for.
  if (notRead.code === 'forbidden' && !wish.stateIsRead) return notRead;
  const sibling = findSibling(wish.pod, (await wish.state()).pods);
  if (sibling === undefined) return notRead;
  const step = siblingStep(wish.pod, sibling);
  const byName = `Where the right is given for single pods by name: ${step}`;
  return withNext(notRead, notRead.code === 'forbidden' ? byName : step);
}
