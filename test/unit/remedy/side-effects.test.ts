/** What a change alters besides, measured before and after: other pods by workload, whole policies that come along, what was not read. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { applyChanges } from '../../../src/core/remedy/apply-change.ts';
import { sideEffects } from '../../../src/core/remedy/side-effects.ts';
import { ccnp, cnp, DNS, dnsRule, np, P, pod, ports, select, tcp443, world } from '../policy/world.ts';

const files: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const vendor = { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: tcp443 };
const add = (policy: PolicyChange['policy'], path: PolicyChange['path'], value: unknown): PolicyChange => ({
  policy,
  op: 'add',
  path,
  value,
  why: 'a test',
});
const cnpC = { kind: 'CiliumNetworkPolicy', namespace: 'default', name: 'c' };
const name = add(cnpC, ['spec', 'egress', 1, 'toFQDNs', '-'], { matchName: 'files.vendor.example' });

function effects(
  policies: readonly Policy[],
  changes: readonly PolicyChange[],
  more: Parameters<typeof world>[1] = {},
) {
  const before: ClusterState = world(policies, more);
  return sideEffects({ before, after: applyChanges(before, changes) }, P, files, changes);
}

function replicas(count: number, owner: Pod['meta']['owners'][number], labels: Record<string, string> = {}): Pod[] {
  return Array.from({ length: count }, (_, at) => {
    const one = pod(`${owner.name}-${at}`, 'default', `10.0.1.${at + 1}`, { labels: { app: owner.name, ...labels } });
    return { ...one, meta: { ...one.meta, owners: [owner] } };
  });
}

describe('other pods', () => {
  it('by workload, the largest first, a Deployment by its own name', () => {
    const cart = replicas(3, { kind: 'ReplicaSet', name: 'cart-5d4f' }, { 'pod-template-hash': '5d4f' });
    const store = replicas(2, { kind: 'StatefulSet', name: 'store' }).map((one, at) => ({
      ...one,
      podIPs: [`10.0.2.${at}`],
    }));
    const lone = pod('tool', 'default', '10.0.3.1');
    const pods = [P, ...store, lone, ...cart, DNS];
    expect(effects([cnp('c', { egress: [dnsRule(), vendor] })], [name], { pods }).alsoAllows).toEqual([
      'the same for 6 other pods that CiliumNetworkPolicy default/c selects: default/Deployment cart (3), default/StatefulSet store (2) and default/tool',
    ]);
  });

  it('a ReplicaSet of nobody keeps its name', () => {
    const pods = [P, ...replicas(1, { kind: 'ReplicaSet', name: 'cart-5d4f' }), DNS];
    expect(effects([cnp('c', { egress: [dnsRule(), vendor] })], [name], { pods }).alsoAllows.join()).toContain(
      'default/ReplicaSet cart-5d4f',
    );
  });

  it('those that lose the destination are said, too', () => {
    const open = cnp('c', {
      egress: [dnsRule(), { toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: tcp443 }],
    });
    const cut: PolicyChange = { policy: cnpC, op: 'remove', path: ['spec', 'egress', 1], why: 'a test' };
    const pods = [P, pod('peer', 'default', '10.0.0.2'), DNS];
    expect(effects([open], [cut], { pods }).alsoAllows).toEqual([
      'it takes the destination from 1 other pod: default/peer',
    ]);
  });

  it('nobody else, nothing said', () => {
    const own = cnp('c', { endpointSelector: select({ app: 'p' }), egress: [dnsRule(), vendor] });
    expect(effects([own], [name]).alsoAllows).toEqual([]);
  });

  it('pods that were not read were not evaluated, and why', () => {
    const gap = { what: 'pods in namespace default', code: 'forbidden' as const, reason: 'RBAC' };
    const own = cnp('c', { endpointSelector: select({ app: 'p' }), egress: [dnsRule(), vendor] });
    expect(effects([own], [name], { notRead: [gap] }).alsoAllows).toEqual([
      'pods that CiliumNetworkPolicy default/c selects and that were not read were not evaluated: pods in namespace default could not be read (RBAC)',
    ]);
    const elsewhere = { ...gap, what: 'pods in namespace other' };
    expect(effects([own], [name], { notRead: [elsewhere] }).alsoAllows).toEqual([]);
  });

  it('an archive without pods says so', () => {
    const gap = { what: 'pods', code: 'not_in_archive' as const, reason: 'the directory holds none' };
    const own = cnp('c', { egress: [dnsRule(), vendor] });
    expect(effects([own], [name], { pods: [P], notRead: [gap] }).alsoAllows.join()).toContain(
      'the archive does not hold them',
    );
  });
});

describe('other destinations', () => {
  it('a policy that takes the pod by the change brings its other rules along', () => {
    const slip = cnp('c', {
      endpointSelector: select({ app: 'pp' }),
      egress: [vendor, { toCIDR: ['198.51.100.0/24'] }],
    });
    const change: PolicyChange = {
      policy: cnpC,
      op: 'replace',
      path: ['spec', 'endpointSelector', 'matchLabels', 'app'],
      value: 'p',
      why: 'a test',
    };
    const { alsoAllows } = effects([cnp('isolate', { egress: [dnsRule()] }), slip], [change]);
    expect(alsoAllows.join('; ')).toContain(
      'all that CiliumNetworkPolicy default/c allows its pods: toFQDNs matchName "api.vendor.example" on 443/TCP and toCIDR 198.51.100.0/24 on all ports',
    );
  });

  it('a port is for all destinations of its rule', () => {
    const rule = { toCIDR: ['203.0.113.10/32', '198.51.100.0/24'], toPorts: [{ ports: ports('80/TCP') }] };
    const change = add(cnpC, ['spec', 'egress', 0, 'toPorts', 0, 'ports', '-'], { port: '443', protocol: 'TCP' });
    const { alsoAllows } = effects([cnp('c', { endpointSelector: select({ app: 'p' }), egress: [rule] })], [change]);
    expect(alsoAllows).toEqual([
      '443/TCP to every destination of the rule: toCIDR 203.0.113.10/32 and toCIDR 198.51.100.0/24',
    ]);
  });

  it('an exception from a deny is for all its ports and pods, and for an address', () => {
    const policy = { kind: 'CiliumClusterwideNetworkPolicy', name: 'deny' };
    const change = add(policy, ['spec', 'egressDeny', 0, 'toCIDRSet', 0, 'except', '-'], '203.0.113.10/32');
    const deny = ccnp('deny', { egressDeny: [{ toCIDRSet: [{ cidr: '203.0.113.0/24', except: [] }] }] });
    const { alsoAllows, warnings } = effects([deny], [change], { pods: [P, DNS] });
    expect(alsoAllows).toContain(
      '203.0.113.10/32 on every port of that deny, for every pod that CiliumClusterwideNetworkPolicy deny selects, where something allows it',
    );
    expect(warnings.join()).toContain('for an address, not for the name');
  });

  it('pods that a NetworkPolicy names by labels come with those that share them', () => {
    const to = [{ podSelector: { matchLabels: { app: 'payments' } } }];
    const change = add({ kind: 'NetworkPolicy', namespace: 'default', name: 'n' }, ['spec', 'egress', '-'], {
      to,
      ports: [{ port: 443, protocol: 'TCP' }],
    });
    expect(effects([np('n', { policyTypes: ['Egress'], egress: [] })], [change]).alsoAllows).toContain(
      'the same port of every pod with [{"podSelector":{"matchLabels":{"app":"payments"}}}]',
    );
  });
});

describe('a range that leaves the address out', () => {
  const ranges = (except: readonly string[]) =>
    np('n', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except } }], ports: [{ port: 443, protocol: 'TCP' }] }],
    });
  const opened = add({ kind: 'NetworkPolicy', namespace: 'default', name: 'n' }, ['spec', 'egress', '-'], {
    to: [{ ipBlock: { cidr: '203.0.113.10/32' } }],
    ports: [{ port: 443, protocol: 'TCP' }],
  });

  it('is said: no deny, but perhaps a wish', () => {
    expect(effects([ranges(['203.0.113.8/29'])], [opened]).warnings.join('\n')).toMatch(
      /203\.0\.113\.0\/24 except 203\.0\.113\.8\/29.* leaves the address out: if that was meant, ask who wrote it/,
    );
  });

  it.each([[[]], [['203.0.113.128/25']]])('not one that excepts %j', (except) => {
    expect(effects([ranges(except)], [opened]).warnings.join('\n')).not.toContain('leaves the address out');
  });
});

describe('what needs consent', () => {
  const own = cnp('c', { endpointSelector: select({ app: 'p' }), egress: [dnsRule(), vendor] });

  it('nothing, where one destination is opened for the pod alone', () => {
    expect(effects([own], [name]).needsConsent).toEqual([]);
  });

  it('not further pods of the same workload', () => {
    const owners = [{ kind: 'StatefulSet', name: 'p' }];
    const [mine, other] = [P, pod('p-1', 'default', '10.0.0.9', { labels: { app: 'p' } })].map((one) => ({
      ...one,
      meta: { ...one.meta, owners },
    }));
    const before = world([own], { pods: [mine ?? P, other ?? P, DNS] });
    const found = sideEffects({ before, after: applyChanges(before, [name]) }, mine ?? P, files, [name]);
    expect(found.alsoAllows).toEqual([expect.stringContaining('1 other pod')]);
    expect(found.needsConsent).toEqual([]);
  });

  it('pods of other workloads', () => {
    const pods = [P, pod('peer', 'default', '10.0.0.2'), DNS];
    const all = cnp('c', { egress: [dnsRule(), vendor] });
    expect(effects([all], [name], { pods }).needsConsent).toEqual([expect.stringContaining('default/peer')]);
  });

  it('a name that shares its servers with others', () => {
    const before = world([own]);
    const aliased = { ...files, cnames: ['d111111abcdef8.cloudfront.net'] };
    const found = sideEffects({ before, after: applyChanges(before, [name]) }, P, aliased, [name]);
    expect(found.needsConsent).toEqual([expect.stringContaining('shares its servers with other names')]);
  });

  it('the address of an identity', () => {
    const before = world([own]);
    const identity: Destination = { cnames: [], addresses: ['169.254.169.254'], port: 80, protocol: 'TCP' };
    expect(sideEffects({ before, after: before }, P, identity, []).needsConsent).toEqual([
      expect.stringContaining('169.254.169.254 is a metadata or identity endpoint'),
    ]);
  });

  it('a rule of a policy of the whole cluster', () => {
    const wide = ccnp('w', { endpointSelector: select({ app: 'p' }), egress: [dnsRule(), vendor] });
    const policy = { kind: 'CiliumClusterwideNetworkPolicy', name: 'w' };
    const change = add(policy, ['spec', 'egress', 1, 'toFQDNs', '-'], { matchName: 'files.vendor.example' });
    expect(effects([wide], [change]).needsConsent).toEqual([expect.stringContaining('every pod of the cluster')]);
  });

  it('not that names are looked up', () => {
    const silent = cnp('c', { endpointSelector: select({ app: 'p' }), egress: [vendor] });
    const found = effects([silent], [add(cnpC, ['spec', 'egress', '-'], dnsRule())]);
    expect(found.alsoAllows.join()).toContain('lookups of every name');
    expect(found.needsConsent).toEqual([]);
  });
});
