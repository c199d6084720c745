/** The smaller use cases: each says what stays open instead of ruling it out. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Finding } from '../../../src/core/model/evidence.ts';
import type { Flow, FlowReport, FlowRequest, GroupedFlow } from '../../../src/core/model/flow.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import type { Deps } from '../../../src/diagnose/deps.ts';
import { listPolicies } from '../../../src/diagnose/list-policies.ts';
import { observeFlows } from '../../../src/diagnose/observe-flows.ts';
import { probePod } from '../../../src/diagnose/probe-pod.ts';
import { proposeFix } from '../../../src/diagnose/propose-fix.ts';
import { globalCalico, onCalico } from '../policy/kinds/calico-world.ts';
import { ccnp, cnp, dnsRule, np, P, tcp443, world } from '../policy/world.ts';
import { dropOf, memoryDeps, type World } from './memory-ports.ts';

const run = { signal: new AbortController().signal, progress: () => undefined };
const workload = { namespace: 'default', kind: 'pod' as const, name: P.meta.name };
const target = { host: 'files.vendor.example', port: 443 };
const vendor = { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: tcp443 };

const deps = (state: ClusterState, more: Partial<World> = {}): Deps =>
  memoryDeps({ state, network: {}, pod: P, drops: [], ...more });

const finding = (answer: { findings: readonly Finding[] }, id: string) => answer.findings.find((one) => one.id === id);

describe('listEgressPolicies', () => {
  const isolated = async (state: ClusterState) =>
    finding(await listPolicies(deps(state), { workload }, run), 'egress-isolated');

  it('a kind that is not evaluated and may isolate the pod is not ruled out', async () => {
    const calico = { kind: 'GlobalNetworkPolicy', apiVersion: 'crd.projectcalico.org/v1', meta: ccnp('deny', {}).meta };
    const engine = { cni: 'calico', seenBy: 'test' } as const;
    expect((await isolated(world([], { engine, unsupported: [calico] })))?.state).toBe('not_checked');
    expect((await isolated(world([], { unsupported: [calico] })))?.state).toBe('ruled_out');
  });
});

describe('listEgressPolicies, beside kinds that are not evaluated', () => {
  const groups = {
    kind: 'SecurityGroupPolicy',
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    meta: ccnp('database', {}).meta,
  };

  it('names them, and rules isolation out all the same', async () => {
    const answer = await listPolicies(deps(world([], { unsupported: [groups] })), { workload }, run);
    expect(finding(answer, 'egress-isolated')?.state).toBe('ruled_out');
    expect(finding(answer, 'not-evaluated:SecurityGroupPolicy.vpcresources.k8s.aws')).toMatchObject({
      state: 'not_checked',
      notChecked: { reason: expect.stringContaining('AWS security groups') },
    });
  });

  it.each([
    ['securitygrouppolicies in namespace default', 'ruled_out'],
    ['ciliumegressgatewaypolicies', 'ruled_out'],
    ['networkpolicies in namespace default', 'not_checked'],
    ['securitypolicies in namespace default', 'not_checked'],
  ])('where %s may not be read, isolation is %s', async (what, state) => {
    const notRead = [{ what, code: 'forbidden', reason: 'no right' } as const];
    const answer = await listPolicies(deps(world([], { notRead })), { workload }, run);
    expect(finding(answer, 'egress-isolated')?.state).toBe(state);
    expect(finding(answer, 'unread-1')?.state).toBe('not_checked');
  });
});

describe('listEgressPolicies, of policies that nobody enforces', () => {
  const listed = async (policy: ClusterState['policies'][number], cni: ClusterState['engine']['cni']) =>
    listPolicies(deps(world([policy], { engine: { cni, seenBy: 'test' } })), { workload }, run);

  it.each([
    [
      'Cilium policies without Cilium',
      cnp('c', { egress: [vendor] }),
      'flannel',
      /\(flannel\) does not enforce Cilium/,
    ],
    ['NetworkPolicy on flannel', np('n', { policyTypes: ['Egress'] }), 'flannel', /no enforcer was seen beside it/],
  ] as const)('%s', async (_, policy, cni, why) => {
    const answer = await listed(policy, cni);
    expect(answer.isolated).toBe(false);
    const [entry] = answer.policies;
    expect([entry?.valid, entry?.isolatesEgress]).toEqual([false, false]);
    const found = finding(answer, 'policy-invalid');
    expect(found?.state).toBe('confirmed');
    expect(found?.statement).toBe(`${policy.kind} default/${policy.meta.name} is not enforced.`);
    expect(found?.evidence[0]?.what).toMatch(why);
  });

  it('says of one that may be enforced that it was not checked', async () => {
    const answer = await listed(np('n', { policyTypes: ['Egress'] }), 'k3s');
    expect(finding(answer, 'policy-invalid')).toBeUndefined();
    expect(finding(answer, 'egress-isolated')?.notChecked?.reason).toContain('--disable-network-policy');
  });
});

describe('proposePolicyFix', () => {
  const proposed = async (state: ClusterState, pod: Pod = P) =>
    finding(await proposeFix(deps(state, { pod }), { workload, target }, run), 'fix-proposed');

  it('never advises an allow against an explicit deny', async () => {
    const state = world([
      cnp('c', { egress: [dnsRule(), vendor] }),
      ccnp('deny', { egressDeny: [{ toEntities: ['world'] }] }),
    ]);
    expect((await proposed(state))?.notChecked?.nextStep).toContain('whether the destination is meant to be denied');
  });

  it('says of a deny why it wins under its engine: there an order, here that it beats every allow', async () => {
    const first = globalCalico('g', 'egress: [{action: Deny}]');
    const ordered = (await proposed(onCalico([first])))?.notChecked?.reason ?? '';
    expect(ordered).toContain('the first rule of Calico tier "default" that matches');
    expect(ordered).not.toContain('beats every allow');
    const union = (await proposed(world([ccnp('deny', { egressDeny: [{ toEntities: ['world'] }] })])))?.notChecked
      ?.reason;
    expect(union).toContain('a deny beats every allow');
  });

  it('a change after which the lookup stays open is not a proven one', async () => {
    const state = world([cnp('c', { egress: [dnsRule(), vendor] })]);
    expect((await proposed(state))?.state).toBe('confirmed');
    expect((await proposed(state, { ...P, dnsPolicy: 'None' }))?.state).toBe('not_checked');
  });

  it('nothing is proposed where nothing is denied', async () => {
    expect((await proposed(world([np('n', { policyTypes: ['Ingress'] })])))?.state).toBe('ruled_out');
  });
});

describe('observeFlows', () => {
  const input = { workload, sinceSeconds: 60, verdicts: [], limit: 20 };
  const source = { namespace: 'default', pod: P.meta.name };
  const seen = async (flows: readonly Flow[], truncated = false) => {
    const base = deps(world([]));
    const read = { ok: true as const, value: { flows, source: 'hubble', truncated } };
    return finding(
      await observeFlows({ ...base, flows: { ...base.flows, observe: async () => read } }, input, run),
      'flow-dropped',
    )?.state;
  };

  it('counts what this pod sent, not what was sent to it', async () => {
    expect(await seen([{ ...dropOf('x.example'), source }])).toBe('confirmed');
    expect(await seen([{ ...dropOf('x.example'), source: { namespace: 'shop', pod: 'other' } }])).toBe('ruled_out');
  });

  it('rules nothing out on a report that was cut short', async () => {
    expect(await seen([], true)).toBe('not_checked');
  });
});

describe('observeFlows, who denied it', () => {
  const input = { workload, sinceSeconds: 60, verdicts: [], limit: 20 };
  const source = { namespace: 'default', pod: P.meta.name };
  const drop = (more: Partial<Flow> = {}): Flow => ({ ...dropOf('files.vendor.example'), source, ...more });
  const observed = (
    state: ClusterState,
    flows: readonly Flow[],
    report: Partial<FlowReport> = {},
    more: Parameters<typeof observeFlows>[1] = input,
  ) => {
    const base = deps(state);
    const read = { ok: true as const, value: { flows, source: 'hubble', truncated: false, ...report } };
    const asked: FlowRequest[] = [];
    const observe = async (request: FlowRequest) => {
      asked.push(request);
      return read;
    };
    return observeFlows({ ...base, flows: { ...base.flows, observe } }, more, run).then((answer) => ({
      answer,
      asked,
    }));
  };
  const denier = async (state: ClusterState, ...flows: Flow[]) =>
    finding((await observed(state, flows)).answer, 'flow-denied-by');

  it('the engine’s own name comes first, and no policy is read for it', async () => {
    const named = drop({ dropReason: 'POLICY_DENY', deniedBy: ['CiliumNetworkPolicy default/no-files'] });
    const state = world([cnp('vendor', { egress: [dnsRule(), vendor] })]);
    expect((await denier(state, named))?.evidence.at(-1)).toMatchObject({
      source: 'flow',
      what: 'the engine names CiliumNetworkPolicy default/no-files',
    });
  });

  it('a default deny has no name in the engine: ours is said as ours, with the policies that isolate', async () => {
    const found = await denier(world([cnp('vendor', { egress: [dnsRule(), vendor] })]), drop(), drop());
    expect(found).toMatchObject({ state: 'confirmed', statement: 'Policy denied 203.0.113.20:443/TCP.' });
    expect(found?.evidence[0]?.what).toBe('POLICY_DENIED, 2 time(s)');
    expect(found?.evidence[1]).toMatchObject({
      source: 'policy',
      where: 'CiliumNetworkPolicy default/vendor',
      what: expect.stringMatching(
        /names no policy; by our evaluation of the policies as they are now: .*none of its rules allows/,
      ),
    });
  });

  it('rules that would let it through are no denier: they have changed, or the agent enforces others', async () => {
    const found = await denier(world([]), drop());
    expect(found?.evidence[1]?.what).toMatch(/have changed since, or the agent enforces something else/);
  });

  it('other reasons than policy, lookups, and what others sent are not laid at a policy’s door', async () => {
    const state = world([cnp('vendor', { egress: [vendor] })]);
    const lookup = { query: 'x.example', ips: [], cnames: [] };
    expect(await denier(state, drop({ dropReason: 'CT_MAP_INSERTION_FAILED' }))).toBeUndefined();
    expect(await denier(state, drop({ dns: lookup }))).toBeUndefined();
    expect(await denier(state, drop({ source: { namespace: 'shop', pod: 'other' } }))).toBeUndefined();
  });

  it('what audit mode let through is told as that', async () => {
    const { answer } = await observed(world([]), [drop({ verdict: 'audit' })]);
    expect(finding(answer, 'flow-audited')?.state).toBe('confirmed');
    expect(finding(answer, 'flow-dropped')?.state).toBe('ruled_out');
  });

  it('what is missing from the report is said, and rules nothing out', async () => {
    const missing = [{ kind: 'buffer_begins', at: '2026-11-24T10:00:50Z', seconds: 50 }] as const;
    const { answer } = await observed(world([]), [], { missing, truncated: true });
    expect(answer.missing).toEqual([expect.stringContaining('the first 50 s')]);
    expect(finding(answer, 'flow-dropped')?.notChecked?.reason).toContain('begins at 2026-11-24T10:00:50Z');
  });

  const group: GroupedFlow = {
    from: '2026-11-24T09:59:00Z',
    to: '2026-11-24T09:59:45Z',
    action: 'denied',
    reporter: 'source',
    source: { namespace: 'default', name: `${P.meta.name}-*` },
    destination: { kind: 'public', port: 443, protocol: 'TCP' },
    packets: 4,
    enforced: [],
    staged: [],
  };
  const folded = (grouped: readonly GroupedFlow[], more = input) => observed(world([]), [], { grouped }, more);

  it('of flows that are folded together: what they show, and never that nothing was dropped', async () => {
    const own = { ...group, source: { namespace: 'default', name: P.meta.name } };
    const several = [own, { ...group, source: { ...group.source, name: `${P.meta.name.slice(0, -1)}*` } }];
    const { answer } = await folded(several, { ...input, limit: 1 });
    expect(answer).toMatchObject({ flows: [], grouped: [own], leftOut: { grouped: 1 } });
    expect(answer.findings.map(({ id }) => id)).toEqual(['flow-dropped', 'flow-denied-by', 'flow-denied-group']);
    expect(finding((await folded([])).answer, 'flow-dropped')).toMatchObject({
      state: 'not_checked',
      notChecked: { reason: expect.stringContaining('not that none were') },
    });
    const forwarded = await folded([], { ...input, verdicts: ['forwarded'] } as never);
    expect(finding(forwarded.answer, 'flow-dropped')?.notChecked?.code).toBe('not_asked');
  });

  it('a time is asked for with what surrounds it, and never beyond now', async () => {
    const now = deps(world([])).clock.now().getTime();
    const window = async (secondsAgo: number) => {
      const at = new Date(now - secondsAgo * 1000).toISOString();
      return (await observed(world([]), [], {}, { ...input, at })).asked[0];
    };
    expect(await window(600)).toMatchObject({ sinceSeconds: 660, untilSeconds: 540 });
    expect(await window(30)).not.toHaveProperty('untilSeconds');
    expect(await window(-300)).toMatchObject({ sinceSeconds: 1 });
  });
});

describe('execProbe', () => {
  const [app] = P.containers;
  const proxy = {
    name: 'istio-proxy',
    image: 'x',
    role: 'app',
    ports: [],
    env: {},
    state: 'running',
    restarts: 0,
  } as const;
  const containers = app === undefined ? [] : [app, proxy];

  async function reached(tls: 'ok' | 'not_checked', pod: Pod) {
    const base = deps(world([]), { pod, network: { 'files.vendor.example': 'connects' } });
    const probes: Deps['probes'] = {
      run: async (request, onEvent, signal) => {
        const read = await base.probes.run(request, onEvent, signal);
        if (!read.ok) return read;
        const targets = read.value.targets.map((one, at) => ({
          ...one,
          id: request.targets[at]?.id ?? '',
          tls: { outcome: tls },
        }));
        return { ok: true, value: { ...read.value, targets } };
      },
    };
    return finding(await probePod({ ...base, probes }, { workload, target }, run), 'asked-reached')?.state;
  }

  it('a connection that the mesh proxy accepts shows nothing by itself', async () => {
    expect(await reached('not_checked', P)).toBe('confirmed');
    expect(await reached('not_checked', { ...P, containers })).toBe('not_checked');
    expect(await reached('ok', { ...P, containers })).toBe('confirmed');
    const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '443' };
    const around = { ...P, containers, meta: { ...P.meta, annotations } };
    expect(await reached('not_checked', around)).toBe('confirmed');
  });
});
