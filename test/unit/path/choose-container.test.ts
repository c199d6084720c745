import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../../src/core/model/workload.ts';
import { chooseContainer } from '../../../src/core/path/choose-container.ts';

const container = (name: string, over: Partial<Container> = {}): Container => ({
  name,
  image: 'example/image:1',
  role: 'app',
  ports: [],
  env: {},
  state: 'running',
  restarts: 0,
  ...over,
});

const pod = (containers: readonly Container[], annotations: Record<string, string> = {}): Pod => ({
  meta: { namespace: 'shop', name: 'checkout-1', labels: {}, annotations, owners: [], managers: [] },
  phase: 'Running',
  nodeIPs: [],
  podIPs: [],
  hostNetwork: false,
  serviceAccount: 'default',
  dnsPolicy: 'ClusterFirst',
  hostAliases: [],
  containers,
});

const crashing: Partial<Container> = { state: 'waiting', stateReason: 'CrashLoopBackOff', restarts: 7 };

describe('chooseContainer', () => {
  it.each([
    ['one container', [container('app')], 'app'],
    ['the first of two apps', [container('web'), container('worker')], 'web'],
    ['an app behind a mesh proxy', [container('istio-proxy'), container('app')], 'app'],
    ['an app behind a helper', [container('vault-agent'), container('app')], 'app'],
    ['an init container never by itself', [container('setup', { role: 'init' }), container('app')], 'app'],
    ['an envoy that is the app', [container('envoy')], 'envoy'],
  ])('takes %s', (_name, containers, expected) => {
    expect(chooseContainer(pod(containers))).toEqual({ ok: true, value: { container: expected } });
  });

  it('follows the default-container annotation', () => {
    const annotated = pod([container('web'), container('worker')], {
      'kubectl.kubernetes.io/default-container': 'worker',
    });
    expect(chooseContainer(annotated)).toEqual({ ok: true, value: { container: 'worker' } });
  });

  it('probes from a helper when the app crashes, and says why', () => {
    const read = chooseContainer(pod([container('app', crashing), container('fluent-bit')]));
    expect(read).toMatchObject({ ok: true, value: { container: 'fluent-bit' } });
    expect(read.ok && read.value.note).toMatch(/because container app is waiting \(CrashLoopBackOff\)/);
  });

  it('never probes from a mesh proxy by itself, but names it', () => {
    const read = chooseContainer(pod([container('app', crashing), container('istio-proxy')]));
    expect(read).toMatchObject({ ok: false, notRead: { code: 'unsupported' } });
    expect(!read.ok && read.notRead.reason).toMatch(/CrashLoopBackOff/);
    expect(!read.ok && read.notRead.nextStep).toMatch(/istio-proxy/);
  });

  it('says what to do when nothing runs', () => {
    const read = chooseContainer(pod([container('app', crashing)]));
    expect(!read.ok && read.notRead.nextStep).toMatch(
      /kubectl debug -it -n shop checkout-1 .*logs -n shop checkout-1 -c app --previous/,
    );
  });

  it('probes a container of unknown state, with a note', () => {
    const read = chooseContainer(pod([container('app', { state: 'unknown' })]));
    expect(read).toMatchObject({ ok: true, value: { container: 'app', note: expect.stringMatching(/not known/) } });
  });

  it.each([
    ['a running one', 'worker', { ok: true, value: { container: 'worker' } }],
    ['a mesh proxy when asked', 'istio-proxy', { ok: true, value: { container: 'istio-proxy' } }],
    ['no crashing one', 'old', { ok: false, notRead: { code: 'unsupported' } }],
    [
      'no absent one',
      'nope',
      { ok: false, notRead: { code: 'not_found', nextStep: 'name one of: app, worker, istio-proxy, old' } },
    ],
  ])('takes by name %s', (_name, wanted, expected) => {
    const containers = [container('app'), container('worker'), container('istio-proxy'), container('old', crashing)];
    expect(chooseContainer(pod(containers), wanted)).toMatchObject(expected);
  });

  it('handles a pod that lists no container', () => {
    expect(chooseContainer(pod([]))).toMatchObject({ ok: false, notRead: { code: 'unsupported' } });
  });
});
