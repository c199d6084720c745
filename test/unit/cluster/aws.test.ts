/** What is read of EKS, live and from manifests: the controller's ConfigMap, the agent's arguments, Auto Mode's nodes, AWS's kinds. */
import { afterEach, describe, expect, it } from 'vitest';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { prune } from '../../../src/cluster/prune.ts';
import { AUTO_MODE, ENFORCING_MODE, NODE_AGENT } from '../../../src/core/model/aws-settings.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import { enforcementOf } from '../../../src/core/policy/engine/enforcement.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import type { RawObject } from '../support/fake-api-server.ts';
import { cleanUp, never, startLive, writeLists } from './adapters.ts';
import { checkout, namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const CONTROLLER = 'enable-network-policy-controller';
const ref = { namespace: 'shop', name: checkout.metadata.name };
const AGENT_IMAGE = '602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.21.1-eksbuild.1';

const awsNode = (args: readonly string[] | undefined, env: readonly object[] = []): RawObject =>
  object(
    'apps/v1',
    'DaemonSet',
    { namespace: 'kube-system', name: 'aws-node' },
    {
      spec: {
        template: {
          metadata: { labels: { 'k8s-app': 'aws-node' } },
          spec: {
            containers: [
              { name: 'aws-node', image: AGENT_IMAGE, env },
              ...(args ? [{ name: 'aws-eks-nodeagent', image: 'x/aws-network-policy-agent:v1.4.3', args }] : []),
            ],
          },
        },
      },
    },
  );

const configMap = (data: object) =>
  object('v1', 'ConfigMap', { namespace: 'kube-system', name: 'amazon-vpc-cni' }, { data });
const node = (name: string, labels: Record<string, string> = {}) =>
  object('v1', 'Node', { name, labels }, { status: { addresses: [{ type: 'InternalIP', address: '192.168.1.10' }] } });
const base = [namespace('shop'), checkout];
const agentPod = pod('kube-system', 'aws-node-1', {
  labels: { 'k8s-app': 'aws-node' },
  image: AGENT_IMAGE,
  ip: '192.168.1.10',
});

async function live(objects: readonly RawObject[], more: object = {}): Promise<ClusterState> {
  const groups = { 'networking.k8s.aws': ['v1alpha1'], 'eks.amazonaws.com': ['v1'] };
  const { reader } = await startLive({ objects: [...base, ...objects], groups, ...more });
  return createClusterSource(reader).readState(ref, never);
}

async function archived(objects: readonly RawObject[]): Promise<ClusterState> {
  const reader = await openArchiveReader(await writeLists([...base, ...objects]));
  return createClusterSource(reader).readState(ref, never);
}

describe('the switches', () => {
  it.each<[string, readonly RawObject[], Record<string, string>, string]>([
    [
      'both on',
      [
        awsNode(['--enable-ipv6=false', '--enable-network-policy=true']),
        configMap({ [CONTROLLER]: 'true', 'enable-windows-ipam': 'false' }),
      ],
      { [CONTROLLER]: 'true', [NODE_AGENT]: 'true', 'enable-windows-ipam': 'false' },
      'yes',
    ],
    [
      'no ConfigMap',
      [awsNode(['--enable-network-policy=true'])],
      { [CONTROLLER]: 'false', [NODE_AGENT]: 'true' },
      'no',
    ],
    [
      'a ConfigMap without the key',
      [awsNode(['--enable-network-policy']), configMap({})],
      { [CONTROLLER]: 'false', [NODE_AGENT]: 'true' },
      'no',
    ],
    [
      'agent off',
      [awsNode(['--enable-network-policy=false']), configMap({ [CONTROLLER]: 'true' })],
      { [CONTROLLER]: 'true', [NODE_AGENT]: 'false' },
      'no',
    ],
    [
      'agent without the argument',
      [awsNode([]), configMap({ [CONTROLLER]: 'TRUE' })],
      { [CONTROLLER]: 'true', [NODE_AGENT]: 'false' },
      'no',
    ],
    [
      'no agent',
      [awsNode(undefined), configMap({ [CONTROLLER]: 'true' })],
      { [CONTROLLER]: 'true', [NODE_AGENT]: 'absent' },
      'no',
    ],
    [
      'strict',
      [
        awsNode(['--enable-network-policy=true'], [{ name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'strict' }]),
        configMap({ [CONTROLLER]: 'true' }),
      ],
      { [CONTROLLER]: 'true', [NODE_AGENT]: 'true', [ENFORCING_MODE]: 'strict' },
      'yes',
    ],
  ])('%s', async (_, objects, config, enforced) => {
    const state = await live([...objects, node('node-1'), agentPod]);
    expect(state.engine).toMatchObject({ cni: 'aws-vpc-cni', version: '1.21.1' });
    expect(state.engine.config).toEqual(config);
    expect(enforcementOf('NetworkPolicy', state).enforced).toBe(enforced);
  });

  it('a ConfigMap that may not be read leaves it open, and is told', async () => {
    const state = await live([awsNode(['--enable-network-policy=true']), agentPod], { forbidden: ['configmaps'] });
    expect(enforcementOf('NetworkPolicy', state).enforced).toBe('unknown');
    expect(state.notRead.map(({ what }) => what)).toContain('configmaps kube-system/amazon-vpc-cni');
  });
  it('manifests without the ConfigMap tell nothing about it', async () => {
    const state = await archived([awsNode(['--enable-network-policy=true'])]);
    expect(state.engine.cni).toBe('aws-vpc-cni');
    expect(enforcementOf('NetworkPolicy', state).enforced).toBe('unknown');
  });
  it("other engines' clusters are not asked for it", async () => {
    const { reader, api } = await startLive({ objects: base });
    await createClusterSource(reader).readState(ref, never);
    expect(api.requests.filter(({ path }) => path.includes('amazon-vpc-cni'))).toEqual([]);
  });
  it('a capture keeps the switches and nothing else of arguments and environment', () => {
    const set = awsNode(
      ['--enable-network-policy=true', '--password=hunter2hunter2'],
      [
        { name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'standard' },
        { name: 'DB_PASSWORD', value: 'hunter2hunter2' },
      ],
    );
    const text = JSON.stringify(prune(set));
    expect(text).toContain('--enable-network-policy=true');
    expect(text).toContain('NETWORK_POLICY_ENFORCING_MODE');
    expect(text).not.toMatch(/hunter2|DB_PASSWORD/);
  });
  it('a capture from before the arguments were kept tells that it has none', async () => {
    const { spec, ...rest } = prune(awsNode(['--enable-network-policy=true']));
    const text = JSON.stringify(spec)
      .replaceAll(/"args":\[[^\]]*\],?/g, '')
      .replaceAll(',}', '}');
    const state = await archived([
      { ...awsNode([]), ...rest, spec: JSON.parse(text) },
      configMap({ [CONTROLLER]: 'true' }),
    ]);
    expect(enforcementOf('NetworkPolicy', state)).toMatchObject({
      enforced: 'unknown',
      why: expect.stringContaining('arguments'),
    });
  });
});

describe('EKS Auto Mode', () => {
  const labels = { 'eks.amazonaws.com/compute-type': 'auto', 'eks.amazonaws.com/nodeclass': 'locked' };
  const nodeClass = object(
    'eks.amazonaws.com/v1',
    'NodeClass',
    { name: 'locked' },
    {
      spec: { networkPolicy: 'DefaultDeny', role: 'nodes', tags: { team: 'x' } },
    },
  );
  const policies = [
    object(
      'networking.k8s.aws/v1alpha1',
      'ApplicationNetworkPolicy',
      { namespace: 'shop', name: 'names' },
      {
        spec: {
          podSelector: { matchLabels: { app: 'checkout' } },
          policyTypes: ['Egress'],
          egress: [{ to: [{ domainNames: ['*.vendor.example'] }], ports: [{ protocol: 'TCP', port: 443 }] }],
        },
      },
    ),
    object(
      'networking.k8s.aws/v1alpha1',
      'ClusterNetworkPolicy',
      { name: 'fence' },
      {
        spec: {
          tier: 'Admin',
          priority: 5,
          subject: { namespaces: {} },
          egress: [
            {
              action: 'Deny',
              to: [{ networks: ['198.51.100.0/24'] }],
              ports: [{ portNumber: { protocol: 'TCP', port: 443 } }],
            },
          ],
        },
      },
    ),
  ];

  it.each([
    ['live', live],
    ['manifests', archived],
  ])('is recognised by its nodes and evaluated with its kinds (%s)', async (_, read) => {
    const state = await read([node('node-1', labels), configMap({ [CONTROLLER]: 'true' }), nodeClass, ...policies]);
    expect(state.engine).toMatchObject({ cni: 'aws-vpc-cni', seenBy: expect.stringContaining('Auto Mode') });
    expect(state.engine.config).toEqual({ [CONTROLLER]: 'true', [AUTO_MODE]: 'true' });
    expect(state.nodeClasses).toMatchObject([{ meta: { name: 'locked' }, networkPolicy: 'DefaultDeny' }]);
    expect(state.unsupported).toEqual([]);
    const subject = state.pods.find(({ meta }) => meta.name === ref.name);
    if (!subject) throw new Error('no pod');
    const connect = (host: string, address: string) =>
      evaluateEgress(state, subject, { host, cnames: [], addresses: [address], port: 443, protocol: 'TCP' }).connect;
    expect(connect('a.vendor.example', '203.0.113.10')).toMatchObject({
      decision: 'allowed',
      reason: 'allowed_by_rule',
    });
    expect(connect('a.vendor.example', '198.51.100.1')).toMatchObject({ decision: 'denied', reason: 'explicit_deny' });
    expect(connect('b.example', '203.0.113.10')).toMatchObject({ decision: 'denied', reason: 'default_deny' });
  });
  it('is a matter of the node that the pod is on', async () => {
    const state = await live([
      node('node-1'),
      node('node-2', labels),
      agentPod,
      awsNode(['--enable-network-policy=true']),
    ]);
    expect(state.engine.config?.[AUTO_MODE]).toBeUndefined();
  });
  it('a capture keeps of a NodeClass what is read', () => {
    expect(prune(nodeClass)['spec']).toEqual({ networkPolicy: 'DefaultDeny' });
  });
});
