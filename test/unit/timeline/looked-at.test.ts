/** Everything that may decide about egress stands in the way of blaming the rollout once it was written about then; what does not decide does not. */
import { describe, expect, it } from 'vitest';
import { COMMON_POLICIES, OTHER_POLICIES } from '../../../src/cluster/policy-kinds.ts';
import { UNEVALUATED } from '../../../src/cluster/resources.ts';
import type { ClusterState, EngineObject } from '../../../src/core/model/cluster-state.ts';
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import type { TimelineInput } from '../../../src/core/timeline/build.ts';
import { POD, STATE } from '../verdict/case-builder.ts';
import { built, failing, OLD_IMAGE, policy, ruled, TODAY, written } from './world.ts';

const OLD = '2026-10-15T14:02:00Z';
const JUST_BEFORE = TODAY('13:58:00');
const AFTER = TODAY('14:30:00');
const LONG = failing(TODAY('14:02:11'), TODAY('09:00:00'));

const meta = (name: string, time: string, namespace?: string): ObjectMeta => ({
  ...policy(name, written(time)).meta,
  ...(namespace === undefined ? {} : { namespace }),
});
const clusterMeta = (name: string, time: string): ObjectMeta => {
  const { namespace: _namespace, ...rest } = meta(name, time);
  return rest;
};
const withOld = (more: Partial<ClusterState>): ClusterState => ({ ...ruled(policy('egress', written(OLD))), ...more });

/** Enough of every kind's fields for its decoder. */
const SPEC = {
  podSelector: {},
  endpointSelector: {},
  selector: 'all()',
  subject: { namespaces: {} },
  tier: 'Baseline',
  priority: 1,
  appliedTo: [{ podSelector: {} }],
  egress: [],
};

describe.each([...COMMON_POLICIES, ...OTHER_POLICIES])('a policy of kind $resource.label', ({ resource, schema }) => {
  const raw = {
    apiVersion: `${resource.group}/v1`,
    kind: resource.kind,
    metadata: {
      name: 'one',
      ...(resource.namespaced && { namespace: 'shop' }),
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: SPEC,
  };
  const at = (time: string): Policy =>
    schema.parse({
      ...raw,
      metadata: { ...raw.metadata, managedFields: [{ manager: 'kubectl-edit', operation: 'Update', time }] },
    });
  // A cluster-wide one selects by the namespace's labels as well.
  const namespaces = [{ meta: clusterMeta('shop', OLD) }];
  const state = (time: string): ClusterState =>
    withOld({ policies: [policy('egress', written(OLD)), at(time)], namespaces });

  it('written just before keeps the rollout from being blamed, written long ago does not', () => {
    expect(built({ state: state(JUST_BEFORE) })?.changed).toBe('open');
    expect(built({ state: state(OLD) })?.changed).toBe('application');
  });

  it('stands in the sequence and in what was looked at', () => {
    const timeline = built({ state: state(JUST_BEFORE) });
    expect(
      timeline?.events.some(
        ({ kind, at: when, where }) => kind === 'policy' && when === JUST_BEFORE && where.endsWith('one'),
      ),
    ).toBe(true);
    expect(timeline?.lines[2]).toMatch(/2 policies that select the pod|1 policy that selects the pod, 1 more/);
  });
});

describe.each(UNEVALUATED)('an object of $label, which is not evaluated', ({ kind, group, namespaced, label }) => {
  const object = (time: string) => ({
    kind,
    apiVersion: `${group}/v1`,
    meta: namespaced ? meta('one', time) : clusterMeta('one', time),
  });

  it.each<[string, Partial<TimelineInput>, string]>([
    ['written just before', { state: withOld({ unsupported: [object(JUST_BEFORE)] }) }, 'open'],
    ['written after it', { state: withOld({ unsupported: [object(AFTER)] }) }, 'open'],
    ['written long ago', { state: withOld({ unsupported: [object(OLD)] }) }, 'application'],
    [
      'that could not be read',
      { state: withOld({ notRead: [{ what: label, code: 'forbidden', reason: 'forbidden' }] }) },
      'open',
    ],
    [
      'of a kind that is not installed',
      { state: withOld({ notRead: [{ what: label, code: 'kind_absent', reason: 'absent' }] }) },
      'application',
    ],
  ])('%s', (_name, more, changed) => {
    expect(built(more)?.changed).toBe(changed);
  });

  it('is named', () => {
    const timeline = built({ state: withOld({ unsupported: [object(JUST_BEFORE)] }) });
    expect(timeline?.lines[0]).toContain('written 13:58:00Z by kubectl-edit (of a kind that is not evaluated)');
    expect(timeline?.lines[1]).toContain(`a rollout and a write of ${kind} `);
    expect(timeline?.lines[2]).toContain(`${kind} `);
    expect(timeline?.events.filter((one) => one.kind === 'related')).toHaveLength(1);
  });
});

const naming = (egress: object): Policy => {
  const one = policy('egress', written(OLD));
  return { ...one, rules: one.rules.map(({ path, rule }) => ({ path, rule: { ...rule, egress: [egress] } })) };
};
const partners = (time: string) => [{ meta: clusterMeta('partners', time), externalCIDRs: [] }];
const service = (time: string, name = 'broker'): ClusterState['services'][number] => ({
  meta: { ...meta(name, time), generation: 1 },
  type: 'ClusterIP',
  clusterIPs: [],
  externalIPs: [],
  selector: {},
  ports: [],
});
const clusterwide: Policy = {
  ...policy('base', written(OLD)),
  kind: 'CiliumClusterwideNetworkPolicy',
  meta: clusterMeta('base', OLD),
};
const calico: Policy = {
  kind: 'NetworkPolicy.projectcalico.org',
  meta: meta('calico', OLD),
  tier: 'default',
  selector: 'all()',
  egress: [],
  doNotTrack: false,
  preDNAT: false,
};
const onCalico = (facts: ClusterState['calico']): ClusterState => ({
  ...STATE,
  engine: { cni: 'calico', seenBy: 'test' },
  policies: [calico],
  ...(facts && { calico: facts }),
});
const set = (time: string) => ({
  kind: 'NetworkSet' as const,
  meta: meta('vendors', time),
  nets: [],
  allowedEgressDomains: [],
});
const istio = (more: Partial<NonNullable<ClusterState['istio']>>): ClusterState =>
  withOld({
    istio: {
      controlPlane: 'istio-system',
      meshConfig: { ok: false, notRead: { what: 'configmaps istio-system/istio', code: 'forbidden', reason: 'no' } },
      sidecars: [],
      serviceEntries: [],
      virtualServices: [],
      ...more,
    },
  });
const linkerd = (more: Partial<NonNullable<ClusterState['linkerd']>>): ClusterState =>
  withOld({
    linkerd: {
      config: { ok: false, notRead: { what: 'configmaps linkerd/linkerd-config', code: 'not_found', reason: 'no' } },
      egressNetworks: [],
      routes: [],
      ...more,
    },
  });
const egressNetwork = (namespace: string) => ({ meta: meta('all', JUST_BEFORE, namespace), trafficPolicy: 'Deny' });
const route = (host: string) => ({
  kind: 'TLSRoute' as const,
  group: 'gateway.networking.k8s.io',
  meta: meta('route', JUST_BEFORE),
  parents: [],
  hostnames: [host],
  narrow: false,
  rejected: false,
});
const onAntrea = (time: string): ClusterState => ({
  ...STATE,
  engine: { cni: 'antrea', seenBy: 'test' },
  policies: [
    {
      kind: 'NetworkPolicy.crd.antrea.io',
      meta: meta('antrea', OLD),
      priority: 1,
      appliedTo: [{ group: 'callers' }],
      egress: [],
    },
  ],
  antrea: {
    tiers: [],
    groups: [
      {
        meta: meta('callers', time),
        podSelector: { matchLabels: {}, matchExpressions: [] },
        ipBlocks: [],
        childGroups: [],
      },
    ],
  },
});
const sidecar = (namespace: string) => ({ meta: meta('default', JUST_BEFORE, namespace), egress: [] });
const virtual = (...hosts: readonly string[]) => ({
  meta: meta('route', JUST_BEFORE, 'other'),
  hosts,
  gateways: [],
  exportTo: [],
  hasHttp: true,
});

describe('what policies refer to, and what decides beside them, written just before', () => {
  it.each<[string, ClusterState, string]>([
    [
      'a CIDR group that a rule names',
      withOld({
        policies: [naming({ toCIDRSet: [{ cidrGroupRef: 'partners', except: [] }] })],
        cidrGroups: partners(JUST_BEFORE),
      }),
      'open',
    ],
    [
      'a CIDR group that a rule may select by labels',
      withOld({
        policies: [
          naming({ toCIDRSet: [{ cidrGroupSelector: { matchLabels: {}, matchExpressions: [] }, except: [] }] }),
        ],
        cidrGroups: partners(JUST_BEFORE),
      }),
      'open',
    ],
    ['a CIDR group that no rule names', withOld({ cidrGroups: partners(JUST_BEFORE) }), 'application'],
    [
      'a Service that a rule names',
      withOld({
        policies: [naming({ toServices: [{ k8sService: { serviceName: 'broker', namespace: 'shop' } }] })],
        services: [service(JUST_BEFORE)],
      }),
      'open',
    ],
    [
      'another Service',
      withOld({
        policies: [naming({ toServices: [{ k8sService: { serviceName: 'broker', namespace: 'shop' } }] })],
        services: [service(OLD), service(JUST_BEFORE, 'other')],
      }),
      'application',
    ],
    [
      'the namespace, beside a policy of the whole cluster',
      withOld({ policies: [clusterwide], namespaces: [{ meta: clusterMeta('shop', JUST_BEFORE) }] }),
      'open',
    ],
    [
      'the namespace as it was created, whose generation says nothing of its labels',
      withOld({
        policies: [clusterwide],
        namespaces: [{ meta: { ...clusterMeta('shop', JUST_BEFORE), generation: 1 } }],
      }),
      'open',
    ],
    ['the namespace of which no time is known', withOld({ policies: [clusterwide] }), 'open'],
    [
      'the namespace, where only its own policies select',
      withOld({ namespaces: [{ meta: clusterMeta('shop', JUST_BEFORE) }] }),
      'application',
    ],
    [
      'another namespace',
      withOld({
        policies: [clusterwide],
        namespaces: [{ meta: clusterMeta('shop', OLD) }, { meta: clusterMeta('billing', JUST_BEFORE) }],
      }),
      'application',
    ],
    ["a NetworkSet of Calico's", onCalico({ sets: [set(JUST_BEFORE)] }), 'open'],
    ["an old NetworkSet of Calico's", onCalico({ sets: [set(OLD)] }), 'application'],
    ["a tier of Calico's", onCalico({ sets: [], tiers: [{ meta: clusterMeta('default', JUST_BEFORE) }] }), 'open'],
    [
      "Calico's objects where no policy of Calico's selects",
      withOld({ calico: { sets: [set(JUST_BEFORE)] } }),
      'application',
    ],
    ['a Sidecar of the namespace', istio({ sidecars: [sidecar('shop')] }), 'open'],
    ['a Sidecar of the root namespace', istio({ sidecars: [sidecar('istio-system')] }), 'open'],
    ['a Sidecar of another namespace', istio({ sidecars: [sidecar('billing')] }), 'application'],
    ['a VirtualService for the host', istio({ virtualServices: [virtual('*.vendor.example')] }), 'open'],
    [
      'a VirtualService for others',
      istio({ virtualServices: [virtual('vendor.example', '*.other.example')] }),
      'application',
    ],
    ['an EgressNetwork of Linkerd', linkerd({ egressNetworks: [egressNetwork('shop')] }), 'open'],
    ['an EgressNetwork of another namespace', linkerd({ egressNetworks: [egressNetwork('billing')] }), 'application'],
    ['a route of Linkerd for the host', linkerd({ routes: [route('files.vendor.example')] }), 'open'],
    ['a route of Linkerd for others', linkerd({ routes: [route('other.example')] }), 'application'],
    ["a group of Antrea's", onAntrea(JUST_BEFORE), 'open'],
    ["an old group of Antrea's", onAntrea(OLD), 'application'],
    [
      "the mesh's settings",
      istio({
        meshConfig: {
          ok: true,
          value: { source: 'istio-system/istio', written: meta('istio', JUST_BEFORE, 'istio-system') },
        },
      }),
      'open',
    ],
  ])('%s', (_name, state, changed) => {
    expect(built({ state })?.changed).toBe(changed);
  });

  it("a policy of Calico's whose generation stands still is not as it was created", () => {
    const state: ClusterState = {
      ...onCalico(undefined),
      policies: [{ ...calico, meta: { ...meta('calico', JUST_BEFORE), generation: 1 } }],
    };
    expect(built({ state })?.changed).toBe('open');
    expect(built({ state: onCalico(undefined) })?.lines[3]).toContain('calicoctl');
    expect(built()?.lines[3]).not.toContain('calicoctl');
  });

  it.each<[string, string, string]>([
    ['while it started', TODAY('14:01:20'), 'application'],
    ['later', TODAY('14:01:59'), 'application'],
    ['long after', TODAY('14:20:00'), 'open'],
  ])('the labels of the pod itself, %s', (_name, time, changed) => {
    const pod = {
      ...POD,
      meta: {
        ...POD.meta,
        creationTimestamp: TODAY('14:01:05'),
        managers: [
          { manager: 'kube-controller-manager', operation: 'Update', time: TODAY('14:01:05') },
          { manager: 'kubectl-label', operation: 'Update', time },
          { manager: 'kubelet', operation: 'Update', time: TODAY('14:50:00'), subresource: 'status' },
        ],
      },
    };
    expect(built({ pod })?.changed).toBe(changed);
  });
});

const AGENT = {
  ...POD,
  meta: { ...POD.meta, namespace: 'kube-system', name: 'cilium-x', creationTimestamp: OLD },
  nodeName: 'node-1',
};
const agentContainer = {
  name: 'cilium-agent',
  image: 'x',
  role: 'app',
  ports: [],
  env: {},
  state: 'running',
  restarts: 1,
} as const;
const engine = (objects: readonly EngineObject[], more: Partial<ClusterState> = {}): Partial<TimelineInput> => ({
  pod: { ...POD, nodeName: 'node-1' },
  state: withOld({ engineObjects: objects, ...more }),
});
const agent = (created: string, ended?: string) => ({
  ...AGENT,
  meta: { ...AGENT.meta, creationTimestamp: created },
  ...(ended !== undefined && { containers: [{ ...agentContainer, lastEnd: { at: ended } }] }),
});
const running = (one: typeof AGENT, node?: string): Partial<TimelineInput> =>
  engine([{ kind: 'Pod', meta: one.meta }], {
    pods: [POD, one],
    ...(node !== undefined && {
      nodes: [{ meta: { ...clusterMeta('node-1', OLD), creationTimestamp: node }, addresses: [] }],
    }),
  });
const config = (time: string): EngineObject => ({
  kind: 'ConfigMap',
  meta: meta('cilium-config', time, 'kube-system'),
});
const agents = (time: string): EngineObject => ({ kind: 'DaemonSet', meta: meta('cilium', time, 'kube-system') });

describe('what enforces', () => {
  it.each<[string, Partial<TimelineInput>, string, string?]>([
    [
      "the engine's settings written just before",
      engine([config(JUST_BEFORE)]),
      'open',
      'a write of ConfigMap kube-system/cilium-config',
    ],
    [
      "the engine's settings written after it",
      engine([config(AFTER)]),
      'open',
      'ConfigMap kube-system/cilium-config was written after it',
    ],
    ["the engine's settings of long ago", engine([config(OLD)]), 'application'],
    [
      'its agents changed just before',
      engine([agents(JUST_BEFORE)]),
      'open',
      'a write of DaemonSet kube-system/cilium',
    ],
    ['its agents changed after it', engine([agents(AFTER)]), 'application'],
    ['the agent made just before', running(agent(JUST_BEFORE)), 'open', 'the start of Pod kube-system/cilium-x'],
    [
      'the agent restarted just before',
      running(agent(OLD, JUST_BEFORE)),
      'open',
      'the start of Pod kube-system/cilium-x',
    ],
    ['the agent restarted hours before', running(agent(OLD, TODAY('09:00:00'))), 'application'],
    ['the agent as old as its node', running(agent('2026-10-15T14:10:00Z'), OLD), 'application'],
    [
      'a node that joined just before, with its agent',
      running(agent(JUST_BEFORE), TODAY('13:57:00')),
      'open',
      'the start of Node node-1',
    ],
  ])('%s', (_name, more, changed, words = '') => {
    const timeline = built(more);
    expect(timeline?.changed).toBe(changed);
    expect(timeline?.lines[1]).toContain(words);
  });

  it('a rule just before, and the agent as well: neither is to blame alone', () => {
    const state = (objects: readonly EngineObject[]) =>
      ({ ...ruled(policy('egress', written(JUST_BEFORE))), engineObjects: objects }) satisfies ClusterState;
    expect(built({ history: OLD_IMAGE, logs: LONG, state: state([agents(OLD)]) })?.changed).toBe('policy');
    expect(built({ history: OLD_IMAGE, logs: LONG, state: state([agents(JUST_BEFORE)]) })?.changed).toBe('open');
  });

  it('nothing changed within a clear log, unless it did', () => {
    const state = (time: string) => withOld({ engineObjects: [config(time)] });
    expect(built({ history: OLD_IMAGE, logs: LONG, state: state(OLD) })?.changed).toBe('neither');
    expect(built({ history: OLD_IMAGE, logs: LONG, state: state(TODAY('10:00:00')) })?.changed).toBe('open');
  });
});

describe('what is said of it', () => {
  it('counts the policies, names the rest, and what an archive lacks', () => {
    const state = withOld({
      policies: [policy('egress', written(OLD)), policy('dns', written(OLD)), policy('other', written(OLD), 'billing')],
      unsupported: ['a', 'b'].map((name) => ({
        kind: 'EgressIP',
        apiVersion: 'k8s.ovn.org/v1',
        meta: clusterMeta(name, OLD),
      })),
      engineObjects: [config(OLD), agents(OLD)],
      notRead: [{ what: 'other kinds of policies', code: 'not_in_archive', reason: 'x' }],
    });
    const lines = built({ state })?.lines ?? [];
    expect(lines[0]).toContain('the 2 policies that select the pod unchanged for 40 days before it');
    expect(lines[2]).toBe(
      'Looked at, when last written: 2 policies that select the pod, 1 more of its namespace and of the whole cluster, 2 objects of kind EgressIP, ConfigMap kube-system/cilium-config, DaemonSet kube-system/cilium.',
    );
    expect(lines[3]).toContain('a policy that was deleted, which leaves no trace');
    expect(lines[3]).toContain('kinds that the archive does not hold');
  });

  it('several kinds that could not be read are all named', () => {
    const notRead = ['ciliumnetworkpolicies in namespace shop', 'securitygrouppolicies in namespace shop'].map(
      (what) => ({
        what,
        code: 'forbidden' as const,
        reason: 'forbidden',
      }),
    );
    const lines = built({ state: withOld({ notRead }) })?.lines ?? [];
    expect(lines[0]).toContain(
      'ciliumnetworkpolicies in namespace shop could not be read (forbidden), and 1 more kind(s) likewise',
    );
    expect(lines[3]).toContain('securitygrouppolicies in namespace shop');
  });

  it.each([
    ['pods', 'application'],
    ['nodes', 'application'],
    ['tiers', 'application'],
    ['sidecars in namespace shop', 'open'],
    ['sidecars in namespace billing', 'application'],
    ['ciliumcidrgroups', 'open'],
  ])('%s not read: %s', (what, changed) => {
    const state = withOld({ notRead: [{ what, code: 'forbidden', reason: 'forbidden' }] });
    expect(built({ state })?.changed).toBe(changed);
  });
});
