/** Adds an ephemeral container to the pod, or finds ours from before, and waits until it runs: the live `EphemeralContainers`, constructed by `compose.ts`. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import { NOT_REMOVABLE, OWN_PREFIX } from '../core/path/debug-container.ts';
import { clean } from '../core/text/clean.ts';
import type { WritableConnection } from '../kube/connection.ts';
import type { Clock } from '../ports/clock.ts';
import type { EphemeralContainers } from '../ports/ephemeral-containers.ts';
import { type OwnContainer, ownContainers, userFor } from './ephemeral-status.ts';

/** Nothing else ends it: long enough for a diagnosis and a second look, short enough to be forgotten. */
const LIFE_SECONDS = 600;
/** One that is about to end is not begun with. */
const SPARE_SECONDS = 60;
/** An image that has to be pulled; clients give a call a minute. */
const START_MS = 40_000;
const POLL_MS = 400;

/** As process 1 a bare `sleep` would ignore the end of the pod, and so hold it up for its whole grace period. */
const ARGV = ['sh', '-c', `trap 'exit 0' TERM INT; sleep ${LIFE_SECONDS} & wait`];

/** Each stays listed: after so many something is wrong that another one would not show. */
const MOST = 5;

/** How long to wait for the container to run, and how often to look. */
export interface Waits {
  readonly startMs: number;
  readonly pollMs: number;
}

export function createEphemeralContainers(
  kube: WritableConnection,
  clock: Clock,
  image: string,
  waits: Waits = { startMs: START_MS, pollMs: POLL_MS },
): EphemeralContainers {
  return {
    image,
    add: async (pod, signal) => {
      const before = await readPod(kube, pod, signal);
      if (!before.ok) return before;
      const own = ownContainers(before.value);
      const known = own.findLast((container) => container.image === image && isOfUse(container, clock.now()));
      if (known !== undefined) return untilItRuns({ kube, pod, name: known.name, image, waits }, signal);
      if (own.length >= MOST) return tooMany(pod, own.length);
      const name = `${OWN_PREFIX}${randomBytes(4).toString('hex')}`;
      const user = userFor(before.value);
      const container = { name, image, argv: ARGV, ...(user === undefined ? {} : { runAsUser: user }) };
      const added = await kube.addEphemeralContainer(pod, container, signal);
      return added.ok ? untilItRuns({ kube, pod, name, image, waits }, signal) : added;
    },
  };
}

function readPod(kube: WritableConnection, { namespace, name }: PodRef, signal: AbortSignal): Promise<Read<unknown>> {
  return kube.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`, {}, signal);
}

/** One with time left, and one that could not be started: a second of the same image would not start either. */
function isOfUse({ ended, problem, startedAt }: OwnContainer, now: Date): boolean {
  if (ended) return problem !== undefined && NEVER_RAN.test(problem);
  return startedAt === undefined || now.getTime() - Date.parse(startedAt) < (LIFE_SECONDS - SPARE_SECONDS) * 1000;
}

/** The runtime's words for a program that is not in the image, or not allowed. */
const NEVER_RAN = /^(?:StartError|ContainerCannotRun|RunContainerError)$/;

function tooMany({ namespace, name }: PodRef, count: number): Read<never> {
  return {
    ok: false,
    notRead: {
      what: `ephemeral container in pod ${namespace}/${name}`,
      code: 'refused',
      reason: `the pod already lists ${count} ephemeral containers of this program, and none can be removed`,
      nextStep: `Replace the pod (kubectl delete pod -n ${namespace} ${name}, where a controller makes it anew), then ask again.`,
    },
  };
}

interface Added {
  readonly kube: WritableConnection;
  readonly pod: PodRef;
  readonly name: string;
  readonly image: string;
  readonly waits: Waits;
}

async function untilItRuns(added: Added, signal: AbortSignal): Promise<Read<string>> {
  const deadline = performance.now() + added.waits.startMs;
  for (;;) {
    const read = await readPod(added.kube, added.pod, signal);
    if (!read.ok) return read;
    const state = ownContainers(read.value).find(({ name }) => name === added.name);
    if (state?.startedAt !== undefined && !state.ended) return { ok: true, value: added.name };
    if (state?.problem !== undefined || state?.ended === true || performance.now() > deadline)
      return failed(added, state);
    await setTimeout(added.waits.pollMs, undefined, { signal });
  }
}

function failed({ pod, name, image, waits }: Added, state: OwnContainer | undefined): Read<never> {
  const what = `ephemeral container ${name} in pod ${pod.namespace}/${pod.name}`;
  const { code, reason, nextStep } = whyNot(image, state, waits);
  return { ok: false, notRead: { what, code, reason: `${what} ${reason}; ${NOT_REMOVABLE}`, nextStep } };
}

const PULL = /Image|Pull/;

type Why = Omit<NotRead, 'what'> & { readonly nextStep: string };

function whyNot(image: string, state: OwnContainer | undefined, { startMs }: Waits): Why {
  const said = state?.message === undefined ? '' : `: ${clean(state.message, 300)}`;
  if (state?.ended === true)
    return {
      code: 'unsupported',
      reason: `ended at once (${state.problem ?? 'no reason given'}${said})`,
      nextStep: `Image ${image} needs sh and sleep, and must run without root: name another with --ephemeral-image.`,
    };
  if (state?.problem === undefined)
    return {
      code: 'timeout',
      reason: `did not run within ${startMs / 1000} s (image ${image})`,
      nextStep: 'Ask again: it is used once it runs. kubectl describe pod shows what it waits for.',
    };
  return {
    code: 'refused',
    reason: `does not start: ${state.problem}${said}`,
    nextStep: PULL.test(state.problem)
      ? `The node cannot get image ${image}: name one that its registries hold with --ephemeral-image.`
      : `Image ${image} may need rights that a container without privileges does not have: name another with --ephemeral-image.`,
  };
}
