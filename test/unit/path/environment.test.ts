import { describe, expect, it } from 'vitest';
import type { IdentityEndpoint } from '../../../src/core/model/environment.ts';
import type { Node, Pod } from '../../../src/core/model/workload.ts';
import { podEnvironment } from '../../../src/core/path/environment.ts';
import { container, pod } from './pods.ts';

const withEnv = (env: Record<string, string>, over: Partial<Pod> = {}): Pod => ({
  ...pod([container('app', { env })]),
  ...over,
});
const AWS = {
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
  AWS_ROLE_ARN: 'arn:x',
};
const FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
const AZURE = { AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token' };
const GKE = 'iam.gke.io/gke-metadata-server-enabled';

describe('identity endpoints', () => {
  it.each<[string, Pod, Partial<IdentityEndpoint> | undefined]>([
    ['none', withEnv({ LOG_LEVEL: 'info' }), undefined],
    ['a role without a token is none', withEnv({ AWS_ROLE_ARN: 'arn:x' }), undefined],
    ['STS, of whichever Region', withEnv(AWS), { kind: 'aws-web-identity', hosts: ['sts.amazonaws.com'], port: 443 }],
    [
      'STS of a Region, or the global one',
      withEnv({ ...AWS, AWS_REGION: 'eu-central-1' }),
      { hosts: ['sts.eu-central-1.amazonaws.com', 'sts.amazonaws.com'] },
    ],
    [
      'STS of a Region only',
      withEnv({ ...AWS, AWS_DEFAULT_REGION: 'us-gov-west-1', AWS_STS_REGIONAL_ENDPOINTS: 'regional' }),
      { hosts: ['sts.us-gov-west-1.amazonaws.com'] },
    ],
    ['STS in China', withEnv({ ...AWS, AWS_REGION: 'cn-north-1' }), { hosts: ['sts.cn-north-1.amazonaws.com.cn'] }],
    ['a Region that is none', withEnv({ ...AWS, AWS_REGION: 'x/../evil' }), { hosts: ['sts.amazonaws.com'] }],
    [
      'EKS Pod Identity',
      withEnv({ [FULL_URI]: 'http://169.254.170.23/v1/credentials' }),
      { kind: 'eks-pod-identity', hosts: ['169.254.170.23'], port: 80, onNode: true },
    ],
    [
      'EKS Pod Identity over IPv6',
      withEnv({ [FULL_URI]: 'http://[fd00:ec2::23]/v1/credentials' }),
      { kind: 'eks-pod-identity', hosts: ['fd00:ec2::23'], onNode: true },
    ],
    [
      'another agent, of whose URL only the host counts',
      withEnv({ [FULL_URI]: 'https://user:secret@agent.example:8443/x' }),
      { kind: 'aws-container-credentials', hosts: ['agent.example'], port: 8443, onNode: false },
    ],
    ['one whose address is hidden', withEnv({ [FULL_URI]: '[redacted]' }), { hosts: [], seenBy: FULL_URI }],
    [
      'Azure',
      withEnv({ ...AZURE, AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' }),
      { kind: 'azure-workload-identity', hosts: ['login.microsoftonline.us'], port: 443 },
    ],
    ['Azure, where nothing else is said', withEnv(AZURE), { hosts: ['login.microsoftonline.com'] }],
    [
      'GKE',
      withEnv({}, { nodeSelector: { [GKE]: 'true' } }),
      { kind: 'google-metadata-server', hosts: ['metadata.google.internal', '169.254.169.254'], onNode: true },
    ],
    ['not GKE', withEnv({}, { nodeSelector: { [GKE]: 'false' } }), undefined],
  ])('%s', (_name, subject, expected) => {
    const { identities } = podEnvironment(subject);
    if (expected === undefined) expect(identities).toEqual([]);
    else expect(identities).toEqual([expect.objectContaining(expected)]);
  });

  it('is told once, though every container has it', () => {
    const subject = pod([container('app', { env: AWS }), container('worker', { env: AWS })]);
    expect(podEnvironment(subject).identities).toHaveLength(1);
  });

  it('repeats no value but hosts', () => {
    const subject = withEnv({
      ...AWS,
      ...AZURE,
      AWS_ROLE_ARN: 'arn:secret',
      [FULL_URI]: 'http://169.254.170.23/secret',
    });
    const text = JSON.stringify(podEnvironment(subject));
    for (const value of ['arn:', 'secret', '/var/run']) expect(text).not.toContain(value);
  });
});

describe('resolver', () => {
  it.each<[string, Partial<Pod>, 'cluster' | 'node' | 'own']>([
    ['ClusterFirst', {}, 'cluster'],
    ['ClusterFirst on the host network', { hostNetwork: true }, 'node'],
    ['ClusterFirstWithHostNet', { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, 'cluster'],
    ['Default', { dnsPolicy: 'Default' }, 'node'],
    ['None', { dnsPolicy: 'None' }, 'own'],
  ])('%s', (_name, over, base) => {
    expect(podEnvironment(withEnv({}, over)).dns.base).toBe(base);
  });

  it('shows what dnsConfig adds', () => {
    const dnsConfig = {
      nameservers: ['203.0.113.53'],
      searches: ['vendor.example'],
      options: [{ name: 'ndots', value: '1' }, { name: 'single-request' }],
    };
    expect(podEnvironment(withEnv({}, { dnsConfig })).dns).toEqual({
      policy: 'ClusterFirst',
      base: 'cluster',
      nameservers: ['203.0.113.53'],
      searches: ['vendor.example'],
      options: ['ndots:1', 'single-request'],
    });
  });

  it('hostAliases by name, whatever their case', () => {
    const hostAliases = [
      { ip: '203.0.113.10', hostnames: ['API.vendor.example'] },
      { ip: '203.0.113.11', hostnames: ['api.vendor.example', 'files.vendor.example'] },
    ];
    expect(podEnvironment(withEnv({}, { hostAliases })).hostAliases).toEqual({
      'api.vendor.example': ['203.0.113.10', '203.0.113.11'],
      'files.vendor.example': ['203.0.113.11'],
    });
  });
});

describe('network', () => {
  const node = (os: string): Node => ({
    meta: { ...pod([]).meta, name: 'node-1', labels: { 'kubernetes.io/os': os } },
    addresses: [],
  });

  it('the pod’s own, or its node’s', () => {
    expect(podEnvironment(withEnv({})).network).toBe('pod');
    expect(podEnvironment(withEnv({}, { hostNetwork: true })).network).toBe('node');
  });

  it('the operating system of the pod, else of the node', () => {
    expect(podEnvironment(withEnv({})).os).toBeUndefined();
    expect(podEnvironment(withEnv({}), node('windows')).os).toBe('windows');
    expect(podEnvironment(withEnv({}, { os: 'Windows' }), node('linux')).os).toBe('windows');
  });

  it('a mesh proxy, and whether it starts before the app', () => {
    const beside = podEnvironment(pod([container('app'), container('istio-proxy')]));
    expect(beside).toMatchObject({ interceptor: 'istio-proxy', nativeProxy: false });
    const native = podEnvironment(
      pod([container('app'), container('linkerd-proxy', { role: 'init', nativeSidecar: true })]),
    );
    expect(native).toMatchObject({ interceptor: 'linkerd-proxy', nativeProxy: true });
    expect(podEnvironment(pod([container('app')]))).not.toHaveProperty('interceptor');
  });
});
