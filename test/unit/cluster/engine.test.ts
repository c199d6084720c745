/** The policy engine is recognised by its agents as their manifests label them, in every hosted variety known. */
import { describe, expect, it } from 'vitest';
import { podSchema } from '../../../src/cluster/decode/pod.ts';
import { detectEngine } from '../../../src/cluster/engine.ts';
import { similarNames } from '../../../src/cluster/similar.ts';
import { pod } from './objects.ts';

const agent = (labels: Record<string, string>, image: string, node = 'node-1') =>
  podSchema.parse(pod('kube-system', `agent-${node}`, { labels, image, node }));

const none = { pods: [], daemonSets: [], blind: false };

describe('detectEngine', () => {
  it.each([
    [{ 'k8s-app': 'cilium' }, 'quay.io/cilium/cilium:v1.19.5@sha256:00', 'cilium', '1.19.5'],
    [{ 'k8s-app': 'cilium' }, 'gke.gcr.io/cilium/cilium:v1.14.6-gke.26', 'cilium', '1.14.6'],
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
      images: ['gke/cilium:v1.14.6'],
    };
    expect(detectEngine({ ...none, daemonSets: [set] })).toMatchObject({
      cni: 'cilium',
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
