/** What version and configuration mean for verdicts: each key as people write it, and what its absence means (policy-semantics §3.2, §6). */
import { describe, expect, it } from 'vitest';
import type { CniName, EngineFacts } from '../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { enforcementOf } from '../../../src/core/policy/engine/enforcement.ts';
import type { EngineSettings } from '../../../src/core/policy/engine/settings.ts';
import { minorOf, minorOrAssumed, settingsOf } from '../../../src/core/policy/engine/settings.ts';
import { labelFilter } from '../../../src/core/policy/identity/labels.ts';
import { cnp, meta, np, world } from './world.ts';

const cilium = (config: Record<string, string> = {}, version = '1.19.5') => settingsOf(world([], { config, version }));

describe('the version', () => {
  it.each<[string | undefined, number | undefined]>([
    ['1.19.5', 19],
    ['v1.19.5', 19],
    ['1.20.0-rc.1', 20],
    ['1.20-dev', 20],
    ['1.18+build', 18],
    ['1.18', 18],
    ['1.9.12', 9],
    ['1.100.1', 100],
    ['1.1000.1', undefined],
    ['1.', undefined],
    ['2.18.1', undefined],
    ['11.18.1', undefined],
    ['v1.18x', undefined],
    ['x1.18.1', undefined],
    ['latest', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s: %s', (version, minor) => {
    expect(minorOf(version)).toBe(minor);
    expect(minorOrAssumed(version)).toBe(minor ?? 19);
  });

  it('that was not read is taken for 1.19, or for 1.20 where only that has the key', () => {
    const settings = (config: Record<string, string>) =>
      settingsOf(world([], { engine: { cni: 'cilium', config, seenBy: 'test' } })).minor;
    expect(settings({})).toBe(19);
    expect(settings({ 'enable-k8s-cluster-network-policy': 'true' })).toBe(20);
    expect(settings({ 'enable-k8s-cluster-network-policy': 'false' })).toBe(19);
  });
});

describe('keys that are on or off', () => {
  const KEYS: readonly (readonly [string, keyof EngineSettings, boolean])[] = [
    ['policy-audit-mode', 'audit', false],
    ['enable-l7-proxy', 'l7Proxy', true],
    ['enable-k8s-networkpolicy', 'networkPolicies', true],
    ['enable-cilium-network-policy', 'namespacedPolicies', true],
    ['enable-cilium-clusterwide-network-policy', 'clusterwidePolicies', true],
    ['enable-k8s-cluster-network-policy', 'clusterNetworkPolicies', false],
    ['enable-non-default-deny-policies', 'nonDefaultDeny', true],
    ['enable-node-selector-labels', 'nodeSelectorLabels', false],
    ['enable-icmp-rules', 'icmpRules', true],
    ['policy-default-local-cluster', 'localClusterOnly', true],
    ['enable-ipv4', 'ipv4', true],
    ['enable-ipv6', 'ipv6', true],
  ];
  it.each(KEYS)('%s', (key, field, fallback) => {
    expect(cilium()[field]).toBe(fallback);
    expect(cilium({ [key]: '' })[field]).toBe(fallback);
    // Go's strconv.ParseBool.
    for (const yes of ['true', 'True', 'TRUE', '1', 't']) expect(cilium({ [key]: yes })[field]).toBe(true);
    for (const no of ['false', 'False', '0', 'f', 'off']) expect(cilium({ [key]: no })[field]).toBe(false);
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['1.17.6', {}, false],
    ['1.17.6', { 'policy-default-local-cluster': 'true' }, false],
    ['1.18.4', {}, false],
    ['1.18.4', { 'policy-default-local-cluster': 'true' }, true],
    ['1.19.5', {}, true],
    ['1.19.5', { 'policy-default-local-cluster': 'false' }, false],
  ])('selectors mean the own cluster in %s with %j: %s', (version, config, expected) => {
    expect(cilium(config, version).localClusterOnly).toBe(expected);
  });
});

describe('keys with words', () => {
  it.each<[string | undefined, string]>([
    ['default', 'default'],
    ['always', 'always'],
    ['Always', 'always'],
    ['never', 'never'],
    ['NEVER', 'never'],
    ['sometimes', 'default'],
    ['', 'default'],
    [undefined, 'default'],
  ])('enable-policy %s: %s', (value, expected) => {
    expect(cilium(value === undefined ? {} : { 'enable-policy': value }).enforcement).toBe(expected);
  });

  it.each<[string, string, boolean, boolean]>([
    ['', '1.20.2', false, false],
    ['nodes', '1.18.4', true, false],
    ['nodes', '1.20.2', true, false],
    ['pods', '1.19.5', false, false],
    ['pods', '1.20.2', false, true],
    ['nodes,pods', '1.20.2', true, true],
    ['nodes, pods', '1.20.2', true, true],
    ['nodes  pods', '1.20.2', true, true],
    ['podsx', '1.20.2', false, false],
  ])('policy-cidr-match-mode "%s" in %s', (mode, version, nodes, pods) => {
    const settings = cilium({ 'policy-cidr-match-mode': mode }, version);
    expect([settings.matchNodesByCidr, settings.matchPodsByCidr]).toEqual([nodes, pods]);
  });

  it('the rest, and without a configuration', () => {
    expect(cilium()).toMatchObject({ dnsRejectCode: 'refused', clusterName: 'default', labelPatterns: [] });
    const config = {
      'tofqdns-dns-reject-response-code': 'nameError',
      'cluster-name': 'east',
      labels: ' k8s:app  !zone\n',
    };
    expect(cilium(config)).toMatchObject({
      dnsRejectCode: 'nameError',
      clusterName: 'east',
      labelPatterns: ['k8s:app', '!zone'],
    });
    expect(cilium({ 'cluster-name': '' }).clusterName).toBe('default');
    const bare = settingsOf(world([], { engine: { cni: 'cilium', seenBy: 'test' } }));
    expect(bare).toEqual(cilium());
  });
});

describe('the engine', () => {
  const antrea = { ...np('a', {}), kind: 'NetworkPolicy.crd.antrea.io' } as unknown as Policy;
  const calico = { ...np('c', {}), kind: 'NetworkPolicy.projectcalico.org' } as unknown as Policy;
  const engine = (cni: CniName, policies: readonly Policy[], gap?: string) =>
    settingsOf(
      world(policies, {
        engine: { cni, seenBy: 'test' },
        ...(gap !== undefined && { notRead: [{ what: gap, code: 'forbidden', reason: 'no right' }] }),
      }),
    );

  it.each<[string, CniName, readonly Policy[], string | undefined, CniName, boolean]>([
    ['as recognised', 'calico', [cnp('c', {})], undefined, 'calico', false],
    ['Dataplane V2 is Cilium behind other kinds', 'gke-dataplane-v2', [], undefined, 'gke-dataplane-v2', true],
    ['not recognised', 'unknown', [], undefined, 'unknown', false],
    ['whose policies exist', 'unknown', [antrea], undefined, 'antrea', false],
    ['whose policies exist beside those of all', 'unknown', [np('n', {}), calico], undefined, 'calico', false],
    ['Cilium before others', 'unknown', [calico, cnp('c', {})], undefined, 'cilium', true],
    ['of two others neither', 'unknown', [calico, antrea], undefined, 'unknown', false],
    ['policies of all prove nothing', 'unknown', [np('n', {})], undefined, 'unknown', false],
    ["where another's were not read", 'unknown', [antrea], 'ciliumnetworkpolicies', 'unknown', false],
    ["where another's were not read, of each kind", 'unknown', [antrea], 'egressfirewalls', 'unknown', false],
    ['where more of its own were not read', 'unknown', [antrea], 'antrea networkpolicies', 'antrea', false],
    ['where something else was not read', 'unknown', [antrea], 'nodes', 'antrea', false],
  ])('%s', (_, cni, policies, gap, expected, isCilium) => {
    const settings = engine(cni, policies, gap);
    expect([settings.engine, settings.cilium]).toEqual([expected, isCilium]);
  });
});

describe("kinds that an engine takes from a version on, or by its configuration's word", () => {
  const CLUSTER = 'ClusterNetworkPolicy.policy.networking.k8s.io';
  const gates = (text: string): Partial<EngineFacts> => ({ config: { 'antrea-controller.conf': text } });
  const on = (cni: CniName, facts: Partial<EngineFacts>) => world([], { engine: { cni, seenBy: 'test', ...facts } });

  it.each<[Policy['kind'], CniName, Partial<EngineFacts>, string]>([
    ['NetworkPolicy', 'kindnet', { version: '20240729' }, 'unknown'],
    ['NetworkPolicy', 'kindnet', { version: '20240730' }, 'yes'],
    ['NetworkPolicy', 'kindnet', { version: '1.3.0' }, 'yes'],
    ['NetworkPolicy', 'kindnet', { version: '1.2.9' }, 'no'],
    ['AdminNetworkPolicy', 'calico', { version: '3.28.1' }, 'no'],
    ['AdminNetworkPolicy', 'calico', { version: '3.29.0' }, 'yes'],
    ['AdminNetworkPolicy', 'calico', { version: 'v3.31.9' }, 'yes'],
    ['AdminNetworkPolicy', 'calico', { version: '3.32.0' }, 'no'],
    ['BaselineAdminNetworkPolicy', 'calico', { version: '3.29.1' }, 'no'],
    ['BaselineAdminNetworkPolicy', 'calico', { version: '3.30.0' }, 'yes'],
    [CLUSTER, 'calico', { version: '3.31.9' }, 'no'],
    [CLUSTER, 'calico', { version: '3.32.0' }, 'yes'],
    [CLUSTER, 'calico', { version: '3.100.0' }, 'yes'],
    [CLUSTER, 'calico', {}, 'unknown'],
    [CLUSTER, 'calico', { version: '4.1' }, 'unknown'],
    [CLUSTER, 'cilium', { version: '1.19.5', config: { 'enable-k8s-cluster-network-policy': 'true' } }, 'no'],
    [CLUSTER, 'cilium', { version: '1.20.2', config: { 'enable-k8s-cluster-network-policy': 'true' } }, 'yes'],
    [CLUSTER, 'cilium', { version: '1.20.2', config: {} }, 'no'],
    [CLUSTER, 'cilium', { version: '1.20.2' }, 'unknown'],
    [CLUSTER, 'cilium', { config: { 'enable-k8s-cluster-network-policy': 'true' } }, 'unknown'],
    ['AdminNetworkPolicy', 'cilium', { version: '1.20.2' }, 'no'],
    ['AdminNetworkPolicy', 'antrea', {}, 'unknown'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n  AdminNetworkPolicy: true\n'), 'yes'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n  AdminNetworkPolicy:   true\n'), 'yes'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n  AdminNetworkPolicy: false\n'), 'no'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n#  AdminNetworkPolicy: true\n'), 'no'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n  AllAlpha: true\n'), 'yes'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n  AllAlpha: true\n  AdminNetworkPolicy: false\n'), 'no'],
    ['AdminNetworkPolicy', 'antrea', gates('featureGates:\n# AllAlpha: true\n'), 'no'],
    ['AdminNetworkPolicy', 'antrea', gates(''), 'no'],
    [CLUSTER, 'antrea', gates('AdminNetworkPolicy: true'), 'unknown'],
    ['AdminNetworkPolicy', 'flannel', {}, 'no'],
    ['AdminNetworkPolicy', 'unknown', {}, 'unknown'],
    ['AdminNetworkPolicy', 'kube-network-policies', {}, 'unknown'],
    ['AdminNetworkPolicy', 'gke-dataplane-v2', {}, 'no'],
  ])('%s on %s %j: %s', (kind, cni, facts, expected) => {
    expect(enforcementOf(kind, on(cni, facts)).enforced).toBe(expected);
  });

  it.each<[string, string]>([
    ['v1.36.0-gke.4447000', 'yes'],
    ['1.36.0-gke.4447001', 'yes'],
    ['v1.36.0-gke.4446999', 'unknown'],
    ['v1.36.1-gke.1', 'yes'],
    ['v1.37.0-gke.1', 'yes'],
    ['v1.35.9-gke.9999999', 'unknown'],
    ['v1.36.0', 'unknown'],
    ['xv1.37.0-gke.1', 'unknown'],
  ])('ClusterNetworkPolicy on GKE %s: %s', (kubeletVersion, expected) => {
    const nodes = [{ meta: meta('n1'), addresses: [], kubeletVersion }];
    const state = world([], { engine: { cni: 'gke-dataplane-v2', seenBy: 'test' }, nodes });
    expect(enforcementOf(CLUSTER, state).enforced).toBe(expected);
  });

  it.each<[string, string]>([
    ['Ready-In-Zone-n1', 'yes'],
    ['Ready', 'yes'],
    ['NotReady', 'unknown'],
    ['Ready2', 'unknown'],
    ['Ready-In', 'unknown'],
  ])('OVN-Kubernetes left the condition %s: %s', (type, expected) => {
    const policy = { ...np('a', {}), kind: 'AdminNetworkPolicy', conditions: [{ type, status: 'True' }] };
    const state = world([policy as unknown as Policy], { engine: { cni: 'ovn-kubernetes', seenBy: 'test' } });
    expect(enforcementOf('AdminNetworkPolicy', state).enforced).toBe(expected);
    expect(enforcementOf('BaselineAdminNetworkPolicy', state).enforced).toBe('unknown');
  });
});

describe('labels that become part of an identity', () => {
  const keeps = (key: string, config: Record<string, string> = {}, version = '1.19.5') =>
    labelFilter(cilium(config, version))(key);

  it.each<[string, boolean]>([
    ['app', true],
    ['vendor.example/team', true],
    ['app.kubernetes.io/name', true],
    ['io.kubernetes.pod.namespace', true],
    ['io.kubernetes.pod.name', false],
    ['io.cilium.k8s.namespace.labels.team', true],
    ['io.cilium.k8s.policy.cluster', true],
    ['io.cilium.k8s.policy.serviceaccount', true],
    ['kubernetes.io/arch', false],
    ['x.kubernetes.io/arch', true],
    ['k8s.io/cluster', false],
    ['x.k8s.io/cluster', true],
    ['beta.kubernetes.io/os', false],
    ['node.beta.kubernetes.io/os', false],
    ['statefulset.kubernetes.io/pod-name', false],
    ['apps.kubernetes.io/pod-index', false],
    ['batch.kubernetes.io/job-completion-index', false],
    ['batch.kubernetes.io/controller-uid', false],
    ['batch.kubernetes.io/job-name', true],
    ['pod-template-generation', false],
    ['pod-template-hash', false],
    ['my-pod-template-hash', true],
    ['controller-revision-hash', false],
    ['controller-uid', false],
    ['annotation.x', false],
    ['etcd_node', false],
    ['topology.kubernetes.io/zone', false],
  ])('%s: %s', (key, kept) => {
    expect(keeps(key)).toBe(kept);
  });

  it('where the zone stands, since 1.19', () => {
    expect(keeps('topology.kubernetes.io/zone', {}, '1.18.4')).toBe(true);
    expect(keeps('topology.kubernetes.io/zone', {}, '1.19.5')).toBe(false);
  });

  it.each<[string, string, boolean]>([
    ['one more is left out', '!team', false],
    ['of another source', 'node:!team', true],
    ['of pods', 'k8s:!team', false],
    ['of any source', ':!team', false],
    ['what begins alike', '!tea', false],
    ['what ends alike', '!eam', true],
    // One pattern that takes a label in leaves out all others.
    ['only that one', 'team', true],
    ['only another one', 'app', false],
    ['only another one, of pods', 'k8s:app', false],
    ['only others of nodes', 'node:zone', false],
    ['what is taken in more closely than left out', 'team !te', true],
    ['what is left out more closely than taken in', 'te !team', false],
    ['what two leave out, one of them less closely', '!te !team tea', true],
    ['what two leave out, in the other order', '!team !te tea', true],
    ['what is no pattern', '!(', true],
  ])('with "labels": %s', (_, labels, kept) => {
    expect(keeps('team', { labels })).toBe(kept);
  });

  it('may take in what is left out by default', () => {
    expect(keeps('kubernetes.io/arch', { labels: 'kubernetes\\.io/arch' })).toBe(true);
    expect(keeps('kubernetes.io/os', { labels: 'kubernetes\\.io/arch' })).toBe(false);
  });

  it('are all that the pod has, on other engines', () => {
    const settings = settingsOf(world([], { engine: { cni: 'calico', seenBy: 'test' } }));
    expect(labelFilter(settings)('pod-template-hash')).toBe(true);
  });
});
