/** Where a probe runs: container after container, and an ephemeral one only with flag, argument and consent; else why not and what else could be asked. */
import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead, Read } from '../../../src/core/model/cluster-state.ts';
import type { ProbeReport } from '../../../src/core/model/probe.ts';
import type { Node, Pod } from '../../../src/core/model/workload.ts';
import type { Run } from '../../../src/diagnose/deps.ts';
import { type ProbeWish, probeSomewhere } from '../../../src/diagnose/steps/probe-ways.ts';
import { container, pod } from '../path/pods.ts';
import { world } from '../policy/world.ts';
import { memoryDeps } from './memory-ports.ts';

const asked = { host: 'api.vendor.example', port: 443 };
const OURS = 'egress-diagnose-0a1b2c3d';

const refusal = (code: NotRead['code'], reason: string = code): Read<never> => ({
  ok: false,
  notRead: { what: 'probe', code, reason, nextStep: `after ${code}` },
});
const NO_RUNG = refusal('unsupported', 'the container has neither a shell nor an interpreter');

interface Scene {
  readonly pod: Pod;
  /** What a probe of each container gives; those not named here answer. */
  readonly refuses?: Readonly<Record<string, Read<never>>>;
  readonly wish?: Partial<ProbeWish>;
  /** The operator's flag. */
  readonly flag?: boolean;
  readonly adding?: Read<string>;
  readonly confirm?: 'accepted' | 'declined' | 'unanswered';
  readonly state?: Partial<ClusterState>;
}

async function play(scene: Scene) {
  const tried: string[] = [];
  const added: string[] = [];
  const questions: string[] = [];
  const progress: string[] = [];
  const state = world([], scene.state ?? {});
  const base = memoryDeps({ state, network: {} });
  const ephemeral = {
    image: 'lab/busybox:1',
    add: async ({ name }: { readonly name: string }) => {
      added.push(name);
      return scene.adding ?? { ok: true as const, value: OURS };
    },
  };
  const { confirm } = scene;
  const run: Run = {
    signal: new AbortController().signal,
    progress: (message) => progress.push(message),
    ...(confirm === undefined
      ? {}
      : {
          confirm: async (question: string) => {
            questions.push(question);
            return confirm;
          },
        }),
  };
  const attempt = async (name: string): Promise<{ readonly probe: Read<ProbeReport> }> => {
    tried.push(name);
    const own = { container: name, proxyEnv: { HTTPS_PROXY: `http://${name}:3128` }, limits: [] as readonly string[] };
    return { probe: scene.refuses?.[name] ?? { ok: true, value: own as unknown as ProbeReport } };
  };
  const wish = { pod: scene.pod, asked, state: () => Promise.resolve(state), stateIsRead: true, ...scene.wish };
  const deps = scene.flag === true ? { ...base, ephemeral } : base;
  const result = await probeSomewhere(deps, wish, attempt, run);
  const gap = result.probe.ok ? undefined : result.probe.notRead;
  return { ...result, gap, tried, added, questions, progress };
}

const two = pod([container('app'), container('fluent-bit')]);
const distroless = pod([container('app')]);
const crashing = pod([container('app', { state: 'waiting', stateReason: 'CrashLoopBackOff', restarts: 3 })]);
const sibling = pod([container('app')], { meta: { name: 'checkout-2' }, nodeName: 'node-2' });

describe('containers in turn', () => {
  it('the first one that can', async () => {
    const { probe, tried, note } = await play({ pod: two });
    expect(probe.ok).toBe(true);
    expect(tried).toEqual(['app']);
    expect(note).toBeUndefined();
  });

  it.each(['unsupported', 'invalid', 'refused'] as const)('the next one where the first is %s', async (code) => {
    const { probe, tried, note } = await play({ pod: two, refuses: { app: refusal(code) } });
    expect(probe).toMatchObject({ ok: true, value: { container: 'fluent-bit' } });
    expect(tried).toEqual(['app', 'fluent-bit']);
    expect(note).toMatch(/from container fluent-bit/);
  });

  it.each(['forbidden', 'unreachable', 'timeout', 'not_in_archive'] as const)(
    'no other where it is %s',
    async (code) => {
      const { gap, tried } = await play({ pod: two, refuses: { app: refusal(code) } });
      expect(tried).toEqual(['app']);
      expect(gap?.code).toBe(code);
    },
  );

  it('only the named one', async () => {
    const { gap, tried } = await play({ pod: two, refuses: { app: NO_RUNG }, wish: { container: 'app' } });
    expect(tried).toEqual(['app']);
    expect(gap?.reason).toMatch(/neither a shell/);
  });

  it('says which were tried in vain, and what the first lacks', async () => {
    const { gap } = await play({ pod: two, refuses: { app: NO_RUNG, 'fluent-bit': refusal('invalid') } });
    expect(gap).toMatchObject({
      code: 'unsupported',
      reason: expect.stringMatching(/neither a shell.*; nor could it run in fluent-bit$/),
    });
  });

  it('a right that is missing counts more than an image', async () => {
    const { gap } = await play({ pod: two, refuses: { app: NO_RUNG, 'fluent-bit': refusal('forbidden') } });
    expect(gap?.code).toBe('forbidden');
  });
});

describe('an ephemeral container', () => {
  const wanted: Scene = { pod: distroless, refuses: { app: NO_RUNG }, wish: { allowEphemeral: true }, flag: true };

  it('with flag and argument, where nobody can be asked', async () => {
    const { probe, tried, note, progress } = await play(wanted);
    expect(probe).toMatchObject({ ok: true, value: { container: OURS } });
    expect(tried).toEqual(['app', OURS]);
    expect(note).toMatch(
      /from ephemeral container egress-diagnose-.*because the container has neither a shell.*stays listed in the pod/,
    );
    expect(progress.join()).toMatch(/lab\/busybox:1.*cannot be removed/);
  });

  it('after a yes to a question that names pod, image and what cannot be undone', async () => {
    const { probe, questions } = await play({ ...wanted, confirm: 'accepted' });
    expect(probe.ok).toBe(true);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatch(
      /pod shop\/checkout-1.*image lab\/busybox:1.*cannot be removed.*until the pod is replaced/,
    );
  });

  it.each([
    ['declined', 'it was declined'],
    ['unanswered', 'nobody answered'],
  ] as const)('is not added when the question is %s', async (confirm, why) => {
    const { gap, added } = await play({ ...wanted, confirm });
    expect(added).toEqual([]);
    expect(gap?.reason).toMatch(new RegExp(`neither a shell.*no ephemeral container was added, because ${why}`));
    expect(gap?.nextStep).toContain('kubectl debug -it -n shop checkout-1 --image=lab/busybox:1 -- sh -c');
    expect(gap?.nextStep).toContain('nc -w 3 api.vendor.example 443');
  });

  it('is refused without the flag, with the command and why', async () => {
    const { gap, added, questions } = await play({ ...wanted, flag: false, confirm: 'accepted' });
    expect(added).toEqual([]);
    expect(questions).toEqual([]);
    expect(gap?.reason).toContain('started without --allow-ephemeral');
    expect(gap?.nextStep).toContain('kubectl debug -it -n shop checkout-1 --image=busybox:1.37 --');
  });

  it('is not added unasked, but named', async () => {
    const { gap, added } = await play({ ...wanted, wish: {} });
    expect(added).toEqual([]);
    expect(gap?.nextStep).toMatch(/^after unsupported .*allowEphemeral: true/);
    expect((await play({ ...wanted, wish: {}, flag: false })).gap?.nextStep).toBe('after unsupported');
  });

  it.each<[string, Partial<Scene>]>([
    ['where exec is forbidden', { refuses: { app: refusal('forbidden') } }],
    ['where the node is out of reach', { refuses: { app: refusal('unreachable') } }],
    ['where the probe was slow', { refuses: { app: refusal('timeout') } }],
    ['where the container just stopped', { refuses: { app: refusal('refused') } }],
    ['where another container can', { pod: two }],
    ['in a pod that has ended', { pod: { ...crashing, phase: 'Failed' } }],
    ['in a pod that no node has', { pod: { ...crashing, phase: 'Pending', unscheduled: 'Unschedulable' } }],
    ['for a container that does not exist', { wish: { allowEphemeral: true, container: 'nope' } }],
    [
      'beside another container that was not tried',
      {
        pod: { ...two, containers: [...crashing.containers, container('fluent-bit')] },
        wish: { allowEphemeral: true, container: 'app' },
      },
    ],
  ])('never %s', async (_name, over) => {
    const { added, questions } = await play({ ...wanted, confirm: 'accepted', ...over });
    expect(added).toEqual([]);
    expect(questions).toEqual([]);
  });

  it('for an app that crashes', async () => {
    const { probe, tried, note } = await play({ ...wanted, pod: crashing });
    expect(probe.ok).toBe(true);
    expect(tried).toEqual([OURS]);
    expect(note).toContain('CrashLoopBackOff');
  });

  it('that does not start says so beside the first reason', async () => {
    const { gap } = await play({ ...wanted, adding: refusal('refused', 'does not start: ErrImagePull') });
    expect(gap?.reason).toMatch(/neither a shell.*; does not start: ErrImagePull/);
    expect(gap?.nextStep).toBe('after refused');
  });
});

describe('the proxies of the application', () => {
  const env = { HTTPS_PROXY: 'http://user:hunter22@proxy.corp.example:3128', LOG_LEVEL: 'info' };
  const app = pod([container('app', { env }), container('fluent-bit')]);
  const refuses = { app: NO_RUNG };

  it('are its own where it was probed', async () => {
    expect((await play({ pod: app })).probe).toMatchObject({
      value: { proxyEnv: { HTTPS_PROXY: 'http://app:3128' }, limits: [] },
    });
  });

  it.each<[string, Scene]>([
    ['another container', { pod: app, refuses }],
    [
      'an ephemeral container',
      { pod: { ...app, containers: [container('app', { env })] }, refuses, flag: true, wish: { allowEphemeral: true } },
    ],
  ])('are read from the specification where %s stands in', async (_name, scene) => {
    const { probe } = await play(scene);
    if (!probe.ok) throw new Error(probe.notRead.reason);
    expect(Object.keys(probe.value.proxyEnv)).toEqual(['HTTPS_PROXY']);
    expect(probe.value.proxyEnv['HTTPS_PROXY']).toContain('proxy.corp.example:3128');
    expect(probe.value.proxyEnv['HTTPS_PROXY']).not.toContain('hunter22');
    expect(probe.value.limits.join()).toContain('was not seen');
  });

  it('are those of the container that was named', async () => {
    const { probe } = await play({ pod: app, wish: { container: 'fluent-bit' } });
    expect(probe).toMatchObject({ value: { proxyEnv: { HTTPS_PROXY: 'http://fluent-bit:3128' } } });
  });
});

describe('another pod', () => {
  const pods = [sibling];

  it.each<[string, Scene, RegExp]>([
    [
      'for an app that crashes',
      { pod: crashing, state: { pods } },
      /Ask about pod\/checkout-2, which runs on node node-2/,
    ],
    [
      'for a node out of reach',
      { pod: distroless, refuses: { app: refusal('unreachable') }, state: { pods } },
      /Ask about pod\/checkout-2/,
    ],
    [
      'for a pod that has ended',
      { pod: { ...crashing, phase: 'Failed' }, state: { pods } },
      /Ask about pod\/checkout-2/,
    ],
    [
      'for rights, only where they are given by name',
      { pod: distroless, refuses: { app: refusal('forbidden') }, state: { pods } },
      /^after forbidden Where the right is given for single pods by name: Ask about pod\/checkout-2/,
    ],
  ])('is proposed %s', async (_name, scene, expected) => {
    const { gap, tried } = await play(scene);
    expect(gap?.nextStep).toMatch(expected);
    expect(tried).not.toContain('checkout-2');
  });

  it.each<[string, Scene]>([
    ['where its image is the same', { pod: distroless, refuses: { app: NO_RUNG }, state: { pods } }],
    ['where there is none', { pod: crashing, state: { pods: [crashing] } }],
    ['for a container that does not exist', { pod: distroless, wish: { container: 'nope' }, state: { pods } }],
    [
      'for an archive without probes',
      { pod: distroless, refuses: { app: refusal('not_in_archive') }, state: { pods } },
    ],
  ])('is not proposed %s', async (_name, scene) => {
    expect((await play(scene)).gap?.nextStep ?? '').not.toContain('checkout-2');
  });

  it('for missing rights the state is not read', async () => {
    const state = () => Promise.reject(new Error('not to be read'));
    const { gap } = await play({
      pod: distroless,
      refuses: { app: refusal('forbidden') },
      wish: { state, stateIsRead: false },
    });
    expect(gap?.nextStep).toBe('after forbidden');
  });
});

describe('Windows', () => {
  const node: Node = {
    meta: { ...pod([]).meta, name: 'node-1', labels: { 'kubernetes.io/os': 'windows' } },
    addresses: [],
  };

  it.each<[string, Scene]>([
    ['as the pod says', { pod: { ...distroless, os: 'windows' } }],
    ['as its node says', { pod: distroless, state: { nodes: [node] } }],
  ])('%s: nothing is run, and the policies are another engine’s', async (_name, scene) => {
    const { gap, tried, added } = await play({ ...scene, flag: true, wish: { allowEphemeral: true } });
    expect([...tried, ...added]).toEqual([]);
    expect(gap).toMatchObject({
      code: 'unsupported',
      reason: expect.stringMatching(/for Linux.*Cilium has none for Windows/),
    });
    expect(gap?.nextStep).toContain('powershell');
  });

  it('is found out before a container is added, also where the state was not read before', async () => {
    const scene: Scene = { pod: distroless, refuses: { app: NO_RUNG }, state: { nodes: [node] } };
    const { gap, added } = await play({ ...scene, flag: true, wish: { allowEphemeral: true, stateIsRead: false } });
    expect(added).toEqual([]);
    expect(gap?.reason).toContain('Windows');
  });
});
