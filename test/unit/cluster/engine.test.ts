/** The policy engine is recognised by its agents as their manifests label them, in every hosted variety known. */
import { describe, expect, it } from 'vitest';
import { nodeSchema } from '../../../src/cluster/decode/cluster-objects.ts';
import { podSchema } from '../../../src/cluster/decode/pod.ts';
import { detectEngine } from '../../../src/cluster/engine.ts';
import { similarNames } from '../../../src/cluster/similar.ts';
import { pod } from './objects.ts';

const agent = (labels: Record<string, string>, image: string, node = 'node-1') =>
  podSchema.parse(pod('kube-system', `agent-${node}`, { labels, image, node }));

const none = { pods: [], daemonSets: [], nodes: [], blind: false };

const node = (name: string, kubeletVersion: string, args?: readonly string[]) =>
  nodeSchema.parse({
    metadata: { name, ...(args && { annotations: { 'k3s.io/node-args': JSON.stringify(args) } }) },
    status: { nodeInfo: { kubeletVersion } },
  });

describe('detectEngine', () => {
  it.each([
    [{ 'k8s-app': 'cilium' }, 'quay.io/cilium/cilium:v1.19.5@sha256:00', 'cilium', '1.19.5'],
    [{ 'k8s-app': 'cilium' }, 'gke.gcr.io/cilium/cilium:v1.14.6-gke.26', 'gke-dataplane-v2', '1.14.6'],
    [{ 'k8s-app': 'cilium' }, 'gcr.io/gke-release/cilium/cilium@sha256:00', 'gke-dataplane-v2', undefined],
    [{ 'k8s-app': 'cilium' }, 'registry:5000/lab/cilium@sha256:00', 'cilium', undefined],
    [{ 'k8s-app': 'calico-node' }, 'docker.io/calico/node:v3.29.1', 'calico', '3.29.1'],
    [{ app: 'antrea', component: 'antrea-agent' }, 'antrea/antrea-agent-ubuntu:v2.2.0', 'antrea', '2.2.0'],
    [{ app: 'ovnkube-node' }, 'quay.io/openshift/ovn@sha256:00', 'ovn-kubernetes', undefined],
    [
      { 'k8s-app': 'aws-node' },
      '602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.19.0-eksbuild.1',
      'aws-vpc-cni',
      '1.19.0',
    ],
    [{ 'k8s-app': 'kube-router' }, 'docker.io/cloudnativelabs/kube-router:v2.1.0', 'kube-router', '2.1.0'],
    [{ name: 'weave-net' }, 'weaveworks/weave-npc:2.8.1', 'weave-net', '2.8.1'],
    [{ 'k8s-app': 'azure-npm' }, 'mcr.microsoft.com/containernetworking/azure-npm:v1.5.5', 'azure-npm', '1.5.5'],
    [
      { app: 'kube-network-policies' },
      'registry.k8s.io/networking/kube-network-policies:v0.7.0',
      'kube-network-policies',
      '0.7.0',
    ],
    [{ app: 'kindnet' }, 'docker.io/kindest/kindnetd:v20240813-c6f155d6', 'kindnet', '20240813'],
    [{ app: 'flannel' }, 'ghcr.io/flannel-io/flannel:v0.26.1', 'flannel', '0.26.1'],
  ])('%o with %s is %s %s', (labels, image, cni, version) => {
    const facts = detectEngine({ ...none, pods: [agent(labels, image)] });
    expect(facts.cni).toBe(cni);
    expect(facts.version).toBe(version);
    expect(facts.seenBy).toContain(image);
  });

  it("takes the version on the pod's own node while an upgrade runs", () => {
    const pods = [
      agent({ 'k8s-app': 'cilium' }, 'q/cilium:v1.18.0', 'a'),
      agent({ 'k8s-app': 'cilium' }, 'q/cilium:v1.19.0', 'b'),
    ];
    expect(detectEngine({ ...none, pods, nodeName: 'b' }).version).toBe('1.19.0');
    expect(detectEngine({ ...none, pods }).version).toBe('1.18.0');
  });

  it('takes "app=sdn" for OpenShift SDN in its own namespace only', () => {
    const sdn = (namespace: string) =>
      podSchema.parse(pod(namespace, 'sdn-abcde', { labels: { app: 'sdn' }, image: 'quay.io/ocp/sdn@sha256:00' }));
    expect(detectEngine({ ...none, pods: [sdn('openshift-sdn')] }).cni).toBe('openshift-sdn');
    expect(detectEngine({ ...none, pods: [sdn('shop')] }).cni).toBe('unknown');
  });

  it("finds the enforcer that flannel's chart puts beside flannel", () => {
    const set = {
      namespace: 'kube-flannel',
      name: 'kube-flannel-ds',
      labels: { app: 'flannel' },
      images: ['ghcr.io/flannel-io/flannel:v0.26.1', 'registry.k8s.io/networking/kube-network-policies:v0.6.0'],
    };
    expect(detectEngine({ ...none, daemonSets: [set] })).toMatchObject({
      cni: 'kube-network-policies',
      version: '0.6.0',
    });
    expect(detectEngine({ ...none, daemonSets: [{ ...set, images: set.images.slice(0, 1) }] }).cni).toBe('flannel');
  });

  describe('k3s, whose engine no pod shows', () => {
    it.each([
      ['arguments not recorded', [node('s', 'v1.30.4+k3s1')], undefined],
      ['on by default', [node('s', 'v1.30.4+k3s1', ['server', '--disable', 'traefik'])], 'false'],
      ['switched off', [node('s', 'v1.30.4+k3s1', ['server', '--disable-network-policy'])], 'true'],
      ['switched off in the file', [node('s', 'v1.30.4+k3s1', ['server', '--disable-network-policy=true'])], 'true'],
      ['only an agent recorded', [node('a', 'v1.30.4+k3s1', ['agent', '--server', 'x'])], undefined],
    ])('%s', (_, nodes, off) => {
      expect(detectEngine({ ...none, nodes })).toEqual({
        cni: 'k3s',
        version: '1.30.4',
        ...(off !== undefined && { config: { 'disable-network-policy': off } }),
        seenBy: `node ${nodes[0]?.meta.name}, kubelet v1.30.4+k3s1`,
      });
    });

    it('comes after an engine that runs in pods, before flannel, which enforces nothing', () => {
      const nodes = [node('s', 'v1.30.4+k3s1')];
      const cilium = agent({ 'k8s-app': 'cilium' }, 'q/cilium:v1.18.0');
      const flannel = agent({ app: 'flannel' }, 'ghcr.io/flannel-io/flannel:v0.26.1');
      expect(detectEngine({ ...none, nodes, pods: [cilium] }).cni).toBe('cilium');
      expect(detectEngine({ ...none, nodes, pods: [flannel] }).cni).toBe('k3s');
    });

    it('is not taken for the engine where cilium-config is there and the agents could not be seen', () => {
      const nodes = [node('s', 'v1.30.4+k3s1')];
      expect(detectEngine({ ...none, nodes, config: {}, blind: true }).cni).toBe('cilium');
      expect(detectEngine({ ...none, nodes, config: {} }).cni).toBe('k3s');
    });

    it('is no RKE2, whose engine is a pod', () => {
      expect(detectEngine({ ...none, nodes: [node('s', 'v1.30.4+rke2r1')] }).cni).toBe('unknown');
    });
  });

  it('lets the one that enforces policy win where two run', () => {
    const pods = [
      agent({ 'k8s-app': 'aws-node' }, 'x/amazon-k8s-cni:v1.19.0'),
      agent({ 'k8s-app': 'cilium' }, 'q/cilium:v1.18.0'),
    ];
    expect(detectEngine({ ...none, pods }).cni).toBe('cilium');
  });

  it('falls back to DaemonSets, then to configuration, then says that it does not know and why', () => {
    const set = {
      namespace: 'kube-system',
      name: 'anetd',
      labels: { 'k8s-app': 'cilium' },
      images: ['gke.gcr.io/cilium/cilium:v1.14.6-gke.26'],
    };
    expect(detectEngine({ ...none, daemonSets: [set] })).toMatchObject({
      cni: 'gke-dataplane-v2',
      version: '1.14.6',
      seenBy: expect.stringContaining('anetd'),
    });
    expect(detectEngine({ ...none, config: {} })).toEqual({
      cni: 'cilium',
      config: {},
      seenBy: 'ConfigMap kube-system/cilium-config',
    });
    expect(detectEngine({ ...none, blind: true })).toMatchObject({
      cni: 'unknown',
      seenBy: expect.stringContaining('could not be read'),
    });
  });
});

describe('similarNames', () => {
  it.each([
    ['chekout', ['checkout', 'cart', 'payments'], ['checkout']],
    [
      'checkout',
      ['checkout-7d9f-abcde', 'checkout-7d9f-fghij', 'cart'],
      ['checkout-7d9f-abcde', 'checkout-7d9f-fghij'],
    ],
    ['zzz', ['checkout'], []],
  ])('%s among %o', (wanted, names, expected) => {
    expect(similarNames(wanted, names)).toEqual(expected);
  });
});
