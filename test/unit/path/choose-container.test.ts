import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../../src/core/model/workload.ts';
import { type Choice, chooseContainers } from '../../../src/core/path/choose-container.ts';
import { OWN_PREFIX } from '../../../src/core/path/debug-container.ts';
import { container, pod } from './pods.ts';

const crashing: Partial<Container> = { state: 'waiting', stateReason: 'CrashLoopBackOff', restarts: 7 };
const waiting: Partial<Container> = { state: 'waiting', stateReason: 'PodInitializing' };
const sidecar: Partial<Container> = { role: 'init', nativeSidecar: true };
const DEFAULT = { annotations: { 'kubectl.kubernetes.io/default-container': 'worker' } };

const names = (choice: Choice): readonly string[] => (choice.ok ? choice.value.map((one) => one.container) : []);
const firstNote = (choice: Choice): string | undefined => (choice.ok ? choice.value[0].note : 'no choice');

describe('which containers, in which order', () => {
  it.each<[string, Pod, readonly string[]]>([
    ['the only one', pod([container('app')]), ['app']],
    ['apps in the order of the spec', pod([container('web'), container('worker')]), ['web', 'worker']],
    ['the annotated default first', pod([container('web'), container('worker')], { meta: DEFAULT }), ['worker', 'web']],
    ['helpers after apps', pod([container('vault-agent'), container('app')]), ['app', 'vault-agent']],
    ['no mesh proxy', pod([container('istio-proxy'), container('app')]), ['app']],
    ['an envoy that is the app', pod([container('envoy')]), ['envoy']],
    ['no init container', pod([container('setup', { role: 'init' }), container('app')]), ['app']],
    ['native sidecars after apps', pod([container('cache', sidecar), container('app')]), ['app', 'cache']],
    ['no native mesh proxy', pod([container('istio-proxy', sidecar), container('app')]), ['app']],
    [
      'an ephemeral container of ours last, and of nobody else',
      pod([
        container('debugger-x7', { role: 'ephemeral' }),
        container(`${OWN_PREFIX}1`, { role: 'ephemeral' }),
        container('app'),
      ]),
      ['app', `${OWN_PREFIX}1`],
    ],
    [
      'none of ours that has ended',
      pod([container(`${OWN_PREFIX}1`, { role: 'ephemeral', state: 'terminated' }), container('app')]),
      ['app'],
    ],
    ['only what runs', pod([container('app', crashing), container('fluent-bit')]), ['fluent-bit']],
    ['a native sidecar for a crashing app', pod([container('app', crashing), container('cache', sidecar)]), ['cache']],
    ['what nobody knows the state of', pod([container('app', { state: 'unknown' })]), ['app']],
  ])('%s', (_name, subject, expected) => {
    expect(names(chooseContainers(subject))).toEqual(expected);
  });
});

describe('why this one', () => {
  it.each<[string, Pod, string | undefined, RegExp | undefined]>([
    ['nothing to say of the only one', pod([container('app')]), undefined, undefined],
    [
      'nor of the annotated default',
      pod([container('web'), container('worker')], { meta: DEFAULT }),
      undefined,
      undefined,
    ],
    ['nor of the named one', pod([container('web'), container('worker')]), 'worker', undefined],
    [
      'the first of several apps',
      pod([container('web'), container('worker'), container('fluentd')]),
      undefined,
      /container web, the first of the pod's app containers; worker may have another environment/,
    ],
    [
      'a stand-in for a crashing app',
      pod([container('app', crashing), container('fluent-bit')]),
      undefined,
      /from container fluent-bit, which shares the pod's network, because container app is waiting \(CrashLoopBackOff\)/,
    ],
    [
      'an unknown state',
      pod([container('app', { state: 'unknown' })]),
      undefined,
      /state of container app is not known/,
    ],
    [
      'an init container that was named',
      pod([container('setup', { role: 'init' }), container('app', waiting)], { phase: 'Pending' }),
      'setup',
      /init container setup, before the app has started/,
    ],
    [
      'a pod that leaves',
      pod([container('app')], { meta: { deletionTimestamp: '2026-11-26T10:00:00Z' } }),
      undefined,
      /^the pod is being deleted$/,
    ],
    [
      'the network of the node',
      pod([container('app')], { hostNetwork: true }),
      undefined,
      /said of the node.*policies for hosts/,
    ],
  ])('%s', (_name, subject, wanted, expected) => {
    const note = firstNote(chooseContainers(subject, wanted));
    if (expected === undefined) expect(note).toBeUndefined();
    else expect(note).toMatch(expected);
  });

  it('says of a second choice that the first could not do it', () => {
    const choice = chooseContainers(pod([container('app'), container('fluent-bit')]));
    expect(choice.ok && choice.value[1]?.note).toMatch(/fluent-bit, .* because no probe can run in container app/);
  });
});

interface None {
  readonly reason: RegExp;
  readonly next: RegExp;
  /** An ephemeral container could start. */
  readonly room: boolean;
  readonly wanted?: string;
}

describe('when none can', () => {
  it.each<[string, Pod, None]>([
    [
      'a crash loop',
      pod([container('app', crashing)]),
      {
        reason: /container app is waiting \(CrashLoopBackOff\)/,
        next: /kubectl debug -it -n shop checkout-1 .*logs -n shop checkout-1 -c app --previous/,
        room: true,
      },
    ],
    [
      'a crash loop beside a mesh proxy',
      pod([container('app', crashing), container('istio-proxy')]),
      { reason: /CrashLoopBackOff/, next: /name container istio-proxy .*may bypass the mesh/, room: true },
    ],
    [
      'a crash loop, asked for by name, beside one that runs',
      pod([container('app', crashing), container('fluent-bit')]),
      {
        wanted: 'app',
        reason: /container app is waiting/,
        next: /leave the container out .* fluent-bit.*--previous/,
        room: false,
      },
    ],
    [
      'not scheduled',
      pod([container('app', { state: 'unknown' })], { phase: 'Pending', unscheduled: 'Unschedulable' }),
      {
        reason: /not been placed on a node yet \(Unschedulable\)/,
        next: /kubectl describe pod -n shop checkout-1/,
        room: false,
      },
    ],
    [
      'not scheduled, asked for by name',
      pod([container('app', { state: 'unknown' })], { phase: 'Pending', unscheduled: 'SchedulingGated' }),
      { wanted: 'app', reason: /placed on a node yet \(SchedulingGated\)/, next: /kubectl describe pod/, room: false },
    ],
    [
      'an init container still runs',
      pod([container('migrate', { role: 'init' }), container('app', waiting)], { phase: 'Pending' }),
      {
        reason: /init container migrate still runs/,
        next: /container migrate; kubectl logs .* -c migrate/,
        room: true,
      },
    ],
    [
      'an init container fails',
      pod([container('migrate', { ...crashing, role: 'init' }), container('app', waiting)], { phase: 'Pending' }),
      {
        reason: /container migrate is waiting \(CrashLoopBackOff\); container app is waiting \(PodInitializing\)/,
        next: /logs -n shop checkout-1 -c migrate --previous/,
        room: true,
      },
    ],
    [
      'an image that cannot be pulled',
      pod([container('app', { state: 'waiting', stateReason: 'ImagePullBackOff' })], { phase: 'Pending' }),
      { reason: /ImagePullBackOff/, next: /debug container/, room: true },
    ],
    ...['Succeeded', 'Failed'].map((phase): [string, Pod, None] => [
      `a pod that has ended (${phase})`,
      pod([container('app', { state: 'terminated', stateReason: 'Completed' })], { phase }),
      { reason: new RegExp(`has ended \\(phase ${phase}\\)`), next: /running pod of the same workload/, room: false },
    ]),
    [
      'a pod that has ended, asked for by name',
      pod([container('app', { state: 'terminated' })], { phase: 'Failed' }),
      { wanted: 'app', reason: /has ended/, next: /running pod/, room: false },
    ],
    [
      'a pod that leaves and has stopped already',
      pod([container('app', { state: 'terminated' })], { meta: { deletionTimestamp: '2026-11-26T10:00:00Z' } }),
      { reason: /is being deleted/, next: /the pod that replaces it/, room: false },
    ],
  ])('%s', (_name, subject, { reason, next, room, wanted }) => {
    const choice = chooseContainers(subject, wanted);
    if (choice.ok) throw new Error(`chose ${names(choice).join()}`);
    expect(choice.notRead.code).toBe('unsupported');
    expect(choice.notRead.reason).toMatch(reason);
    expect(choice.notRead.nextStep).toMatch(next);
    expect(choice.room).toBe(room);
  });

  it('a pod that lists no container', () => {
    expect(chooseContainers(pod([]))).toMatchObject({ ok: false, room: false, notRead: { code: 'unsupported' } });
  });
});

describe('a container by name', () => {
  it.each([
    ['a running one', 'worker', { ok: true, value: [{ container: 'worker' }] }],
    ['a mesh proxy', 'istio-proxy', { ok: true, value: [{ container: 'istio-proxy' }] }],
    ['a debug container of somebody', 'debugger-x7', { ok: true, value: [{ container: 'debugger-x7' }] }],
    [
      'no absent one',
      'nope',
      {
        ok: false,
        room: false,
        notRead: { code: 'not_found', nextStep: 'name one of: app, worker, istio-proxy, debugger-x7' },
      },
    ],
  ])('takes %s', (_name, wanted, expected) => {
    const containers = [
      container('app'),
      container('worker'),
      container('istio-proxy'),
      container('debugger-x7', { role: 'ephemeral' }),
    ];
    expect(chooseContainers(pod(containers), wanted)).toMatchObject(expected);
  });
});
