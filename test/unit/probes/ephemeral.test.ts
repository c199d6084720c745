/** The adapter that adds a container: against a local API server whose "kubelet" is a script of states. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { OWN_PREFIX } from '../../../src/core/path/debug-container.ts';
import { openKube } from '../../../src/kube/open.ts';
import { createEphemeralContainers } from '../../../src/probes/ephemeral.ts';
import { startFakeApi } from '../support/fake-api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const IMAGE = 'busybox:1.37';
const NOW = '2026-11-26T10:00:00Z';
const ref = { namespace: 'shop', name: 'checkout' };
const POD = '/api/v1/namespaces/shop/pods/checkout';
const never = new AbortController().signal;
const OLD = `${OWN_PREFIX}old`;

type State = Readonly<Record<string, unknown>>;
type Spec = Record<string, unknown> & { readonly name: string; readonly image: string };

const running = (startedAt = NOW): State => ({ running: { startedAt } });
const waiting = (reason: string, message?: string): State => ({ waiting: { reason, message } });
const ended = (reason: string): State => ({ terminated: { reason, exitCode: reason === 'Completed' ? 0 : 128 } });

interface World {
  /** What the kubelet says of the container, one look after the other; the last one stays. */
  readonly states: readonly (State | undefined)[];
  readonly before?: readonly { readonly name: string; readonly image?: string; readonly state?: State }[];
  readonly spec?: Record<string, unknown>;
}

async function open({ states, before = [], spec = {} }: World) {
  const added: Spec[] = [];
  let looks = 0;
  const podNow = () => {
    const state = states[Math.min(looks, states.length - 1)];
    const own = added.map(({ name }) => ({ name, state }));
    const others = before.map(({ name, state: given }) => ({ name, state: given ?? state }));
    if (added.length > 0 || before.length > 0) looks += 1;
    return {
      metadata: { name: 'checkout', namespace: 'shop' },
      spec: { ...spec, ephemeralContainers: [...before.map(({ name, image = IMAGE }) => ({ name, image })), ...added] },
      status: { ephemeralContainerStatuses: [...others, ...own].filter((one) => one.state !== undefined) },
    };
  };
  const api = await startFakeApi({
    intercept: {
      [POD]: (_request: IncomingMessage, response: ServerResponse) => response.end(JSON.stringify(podNow())),
      [`${POD}/ephemeralcontainers`]: (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        request.on('end', () => {
          added.push(...(JSON.parse(body) as { spec: { ephemeralContainers: Spec[] } }).spec.ephemeralContainers);
          response.end('{}');
        });
      },
    },
  });
  cleanups.push(() => api.close());
  const kube = await openKube({ kubeconfig: api.kubeconfig });
  const clock = { now: () => new Date(NOW) };
  return { added, containers: createEphemeralContainers(kube, clock, IMAGE, { startMs: 300, pollMs: 5 }) };
}

describe('adding', () => {
  it('one with a name of our own, that ends by itself, and waits until it runs', async () => {
    const { added, containers } = await open({ states: [undefined, waiting('ContainerCreating'), running()] });
    const read = await containers.add(ref, never);
    expect(added).toHaveLength(1);
    expect(added[0]).toMatchObject({ image: IMAGE, command: ['sh', '-c', expect.stringMatching(/sleep 600 & wait$/)] });
    expect(added[0]?.name).toMatch(/^egress-diagnose-[0-9a-f]{8}$/);
    expect(read).toEqual({ ok: true, value: added[0]?.name });
  });

  it.each<[string, Record<string, unknown>, number | undefined]>([
    ['nobody where nothing is said', {}, 65_532],
    ['nobody where the app is root', { containers: [{ securityContext: { runAsUser: 0 } }] }, 65_532],
    ['nothing where the pod says who', { securityContext: { runAsUser: 1000 } }, undefined],
    [
      'nobody beside a mesh proxy',
      { containers: [{}, { name: 'istio-proxy', securityContext: { runAsUser: 1337 } }] },
      65_532,
    ],
    ['the app’s own where that is not root', { containers: [{}, { securityContext: { runAsUser: 1001 } }] }, 1001],
  ])('runs as %s', async (_name, spec, user) => {
    const { added, containers } = await open({ states: [running()], spec });
    await containers.add(ref, never);
    expect(added[0]).toMatchObject({ securityContext: { runAsNonRoot: true } });
    expect((added[0]?.['securityContext'] as State | undefined)?.['runAsUser']).toBe(user);
  });
});

describe('one from before', () => {
  it.each<[string, World['before'], number]>([
    ['that runs is used', [{ name: OLD, state: running() }], 0],
    ['that still starts is waited for', [{ name: OLD }], 0],
    ['that is about to end is not', [{ name: OLD, state: running('2026-11-26T09:50:30Z') }], 1],
    ['that has ended is not', [{ name: OLD, state: ended('Completed') }], 1],
    ['of another image is not', [{ name: OLD, image: 'other:1', state: running() }], 1],
    ['of somebody else is not', [{ name: 'debugger-x7', state: running() }], 1],
  ])('%s', async (_name, before, count) => {
    const { added, containers } = await open({
      states: [waiting('ContainerCreating'), running()],
      before: before ?? [],
    });
    const read = await containers.add(ref, never);
    expect(added).toHaveLength(count);
    expect(read).toEqual({ ok: true, value: added[0]?.name ?? OLD });
  });

  it.each([waiting('ImagePullBackOff'), ended('StartError')])(
    'that never ran: %j does not call for another',
    async (state) => {
      const { added, containers } = await open({ states: [running()], before: [{ name: OLD, state }] });
      expect((await containers.add(ref, never)).ok).toBe(false);
      expect(added).toEqual([]);
    },
  );

  it('five are enough', async () => {
    const before = [1, 2, 3, 4, 5].map((n) => ({ name: `${OWN_PREFIX}${n}`, state: ended('Completed') }));
    const { added, containers } = await open({ states: [running()], before });
    expect(await containers.add(ref, never)).toMatchObject({
      ok: false,
      notRead: {
        code: 'refused',
        reason: expect.stringContaining('already lists 5'),
        nextStep: expect.stringMatching(/^Replace the pod/),
      },
    });
    expect(added).toEqual([]);
  });
});

describe('when it does not start', () => {
  it.each<[string, State | undefined, string, RegExp, RegExp]>([
    [
      'no such image',
      waiting('ErrImagePull', 'not found \u001b[31m'),
      'refused',
      /does not start: ErrImagePull: not found/,
      /--ephemeral-image/,
    ],
    ['never pulled', waiting('ErrImageNeverPull'), 'refused', /ErrImageNeverPull/, /its registries hold/],
    [
      'an image of root',
      waiting('CreateContainerConfigError', 'image will run as root'),
      'refused',
      /will run as root/,
      /without privileges/,
    ],
    ['no shell in it', ended('StartError'), 'unsupported', /ended at once \(StartError\)/, /needs sh and sleep/],
    ['nothing is heard of it', undefined, 'timeout', /did not run within 0\.3 s/, /Ask again/],
    ['it is pulled for long', waiting('ContainerCreating'), 'timeout', /did not run within/, /describe pod/],
  ])('%s', async (_name, state, code, reason, nextStep) => {
    const { containers } = await open({ states: [state] });
    const read = await containers.add(ref, never);
    if (read.ok) throw new Error('it runs');
    expect(read.notRead.code).toBe(code);
    expect(read.notRead.reason).toMatch(reason);
    expect(read.notRead.reason).toMatch(/cannot be removed/);
    expect(read.notRead.reason).not.toContain('\u001b');
    expect(read.notRead.nextStep).toMatch(nextStep);
  });

  it('a cancelled call ends the wait', async () => {
    const { containers } = await open({ states: [waiting('ContainerCreating')] });
    await expect(containers.add(ref, AbortSignal.timeout(50))).rejects.toThrow('aborted');
  });

  it('a pod that is not there is no place for one', async () => {
    const api = await startFakeApi({});
    cleanups.push(() => api.close());
    const kube = await openKube({ kubeconfig: api.kubeconfig });
    const containers = createEphemeralContainers(kube, { now: () => new Date(NOW) }, IMAGE);
    expect(await containers.add(ref, never)).toMatchObject({ ok: false, notRead: { code: 'not_found' } });
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });
});
