/** The grounds of what the smaller use cases say: the reason is the verdict's own, and words fit the engine. */
import { describe, expect, it } from 'vitest';
import type { ClusterState, NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Finding } from '../../../src/core/model/evidence.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { listPolicies } from '../../../src/diagnose/list-policies.ts';
import { matchNamesOfPod } from '../../../src/diagnose/match-fqdn.ts';
import { renderFqdn } from '../../../src/render/fqdn.ts';
import type { RenderStyle } from '../../../src/render/style.ts';
import { firewall } from '../policy/kinds/foreign-world.ts';
import { cnp, dnsRule, np, P, tcp443, world } from '../policy/world.ts';
import { memoryDeps } from './memory-ports.ts';

const STYLE: RenderStyle = {
  untrusted: (text) => text,
  quoted: (text) => text,
  patch: (text) => text,
  maxChars: 20_000,
};
const run = { signal: new AbortController().signal, progress: () => undefined };
const workload = { namespace: 'default', kind: 'pod' as const, name: P.meta.name };
const refused = (what: string): NotRead => ({ what, code: 'forbidden', reason: 'no right', nextStep: `grant ${what}` });
const finding = (answer: { findings: readonly Finding[] }, id: string) => answer.findings.find((one) => one.id === id);
const depsOf = (state: ClusterState, pod: Pod = P) => memoryDeps({ state, network: {}, pod });

describe('an undecided destination', () => {
  const to = { host: 'api.vendor.example', cnames: [], addresses: [], port: 443, protocol: 'TCP' } as const;

  it('is so for the reason of the verdict, not for whatever else was not read', async () => {
    const plain = { ...dnsRule(), toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }] }] };
    const policy = cnp('c', { egress: [plain, { toFQDNs: [{ matchName: to.host }], toPorts: tcp443 }] });
    const state = world([policy], { notRead: [refused('antrea-tiers')] });
    const found = finding(await listPolicies(depsOf(state), { workload, to }, run), 'policy-allows');
    expect(found?.state).toBe('not_checked');
    expect(found?.notChecked?.reason).toContain("does not pass Cilium's proxy");
    expect(JSON.stringify(found)).not.toContain('antrea-tiers');
  });
  it('names what to grant where that is the reason', async () => {
    const state = world([], { notRead: [refused('antrea-tiers'), refused('networkpolicies in namespace default')] });
    const found = finding(await listPolicies(depsOf(state), { workload, to }, run), 'policy-allows');
    expect(found?.notChecked?.nextStep).toBe('grant networkpolicies in namespace default');
  });
});

describe('a pod that no policy isolates on an engine that isolates every pod', () => {
  it('is told what drops its packets', async () => {
    const state = world([], { config: { 'enable-policy': 'always' } });
    const found = finding(await listPolicies(depsOf(state), { workload }, run), 'egress-isolated');
    expect(found?.evidence[0]?.what).toContain('enable-policy is "always"');
  });
});

describe('matchFqdn of a pod', () => {
  const names = ['api.vendor.example', 'other.example'];
  const ovn = { engine: { cni: 'ovn-kubernetes', seenBy: 'test' } } as const;
  const wall = firewall('{egress: [{type: Allow, to: {dnsName: api.vendor.example}}]}');
  const matched = (state: ClusterState) => matchNamesOfPod(depsOf(state), { workload, names }, run);

  it('speaks of no field of Cilium under another engine', async () => {
    const answer = await matched(world([wall], ovn));
    expect(answer.names.map((one) => one.matched)).toEqual([true, false]);
    const text = `${renderFqdn(answer, STYLE)} ${JSON.stringify(answer.findings)}`;
    expect(text).toContain('MATCHED: api.vendor.example');
    expect(text).not.toMatch(/toFQDNs|rules\.dns/);
  });
  it.each<[string, ClusterState]>([
    ['a firewall that was not read', world([], { ...ovn, notRead: [refused('egressfirewalls in namespace default')] })],
    ['a policy that may be enforced', world([np('n', {})], { engine: { cni: 'k3s', seenBy: 'test' } })],
  ])('%s may hold a selector that matches', async (_, state) => {
    expect((await matched(state)).findings[1]?.state).toBe('not_checked');
  });
  it('a complete reading rules it out', async () => {
    expect((await matched(world([wall], ovn))).findings[1]?.state).toBe('ruled_out');
  });
});
