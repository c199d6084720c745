/** The orchestration: real engine and verdict over in-memory ports. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { type DiagnoseInput, diagnoseEgress } from '../../../src/diagnose/diagnose-egress.ts';
import { logs, POD, STATE } from '../verdict/case-builder.ts';
import { dropOf, memoryDeps, type World } from './memory-ports.ts';

const selector = (matchLabels: Record<string, string>) => ({ matchLabels, matchExpressions: [] });

const meta = (namespace: string | undefined, name: string, labels: Record<string, string> = {}) => ({
  ...(namespace === undefined ? {} : { namespace }),
  name,
  labels,
  annotations: {},
  owners: [],
  managers: [],
});

const DNS_POD = { ...POD, meta: meta('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' }), podIPs: ['10.0.0.9'] };

const POLICY: CiliumPolicy = {
  kind: 'CiliumNetworkPolicy',
  meta: meta('shop', 'checkout-egress'),
  conditions: [],
  rules: [
    {
      path: 'spec',
      rule: {
        endpointSelector: selector({ app: 'checkout' }),
        hasIngress: false,
        egress: [
          {
            toEndpoints: [selector({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' })],
            toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], dns: [{ matchPattern: '*' }] }],
          },
          {
            toFQDNs: [{ matchName: 'api.vendor.example' }, { matchName: 'login.idp.example' }],
            toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
          },
        ],
      },
    },
  ],
};

const CLUSTER: ClusterState = {
  ...STATE,
  engine: { ...STATE.engine, config: {} },
  namespaces: [{ meta: meta(undefined, 'shop') }, { meta: meta(undefined, 'kube-system') }],
  pods: [POD, DNS_POD],
  services: [
    {
      meta: meta('kube-system', 'kube-dns', { 'k8s-app': 'kube-dns' }),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.10'],
      externalIPs: [],
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }],
    },
  ],
  backends: [
    {
      namespace: 'kube-system',
      service: 'kube-dns',
      addresses: ['10.0.0.9'],
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      ready: true,
    },
  ],
  policies: [POLICY],
};

const NETWORK = {
  'api.vendor.example': 'connects',
  'login.idp.example': 'connects',
  'files.vendor.example': 'silent',
} as const;

const diagnose = (world: Partial<World>, host = 'files.vendor.example', more: Partial<DiagnoseInput> = {}) =>
  diagnoseEgress(
    memoryDeps({ state: CLUSTER, network: NETWORK, ...world }),
    { workload: { namespace: 'shop', kind: 'pod', name: POD.meta.name }, target: { host, port: 443 }, ...more },
    { signal: new AbortController().signal, progress: () => undefined },
  );

const stateOf = (diagnosis: Awaited<ReturnType<typeof diagnose>>, id: string) =>
  diagnosis.findings.find((finding) => finding.id === id)?.state;

describe('diagnoseEgress', () => {
  it('a reported drop ends the wait long before the connect time-out', async () => {
    const started = performance.now();
    const diagnosis = await diagnose({ drops: [dropOf('files.vendor.example')] }, undefined, {
      connectTimeoutMs: 10_000,
    });
    expect(performance.now() - started).toBeLessThan(2000);
    expect([diagnosis.verdict, diagnosis.cause?.class, diagnosis.cause?.confidence]).toEqual([
      'blocked',
      'POLICY_EGRESS_NOT_ALLOWED',
      'proven',
    ]);
    expect(diagnosis.fix?.diff).toContain('files.vendor.example');
    expect(stateOf(diagnosis, 'comparison-connects')).toBe('confirmed');
  });

  it('without flows it waits for the time-out and still decides, by comparison', async () => {
    const diagnosis = await diagnose({}, undefined, { connectTimeoutMs: 50 });
    expect([diagnosis.verdict, diagnosis.cause?.confidence]).toEqual(['blocked', 'proven']);
    expect(stateOf(diagnosis, 'engine-reports-drop')).toBe('not_checked');
  });

  it('without exec the rules alone speak, and say so', async () => {
    const diagnosis = await diagnose({ exec: false });
    expect([diagnosis.verdict, diagnosis.cause?.confidence]).toEqual(['blocked', 'likely']);
    expect(stateOf(diagnosis, 'connect-silent')).toBe('not_checked');
    expect(diagnosis.nextSteps.join('\n')).toContain('pods/exec');
  });

  it('probe: false never execs', async () => {
    const diagnosis = await diagnose({}, undefined, { probe: false });
    expect(stateOf(diagnosis, 'connect-silent')).toBe('not_checked');
  });

  it('the host in the logs is the one that fails, though another was asked about', async () => {
    const url = {
      host: 'files.vendor.example',
      port: 443,
      presigned: 'aws-s3-v4',
      display: '/exports/42.csv',
      count: 3,
    };
    const diagnosis = await diagnose(
      { drops: [dropOf('files.vendor.example')], logs: logs({ urls: [url] }) },
      'api.vendor.example',
    );
    expect([diagnosis.verdict, diagnosis.cause?.class]).toEqual(['blocked', 'SECOND_HOP_HOST']);
    expect(diagnosis.hops.map((hop) => `${hop.role} ${hop.host}`)).toEqual([
      'asked api.vendor.example',
      'second_hop files.vendor.example',
      'comparison login.idp.example',
    ]);
  });

  it('an allowed host that connects needs no fix', async () => {
    const diagnosis = await diagnose({ drops: [] }, 'api.vendor.example');
    expect([diagnosis.verdict, diagnosis.cause, diagnosis.fix]).toEqual(['reachable', undefined, undefined]);
  });

  it('a name that does not exist gets no policy change, though no rule allows it', async () => {
    const diagnosis = await diagnose({ drops: [] }, 'no-such-name.vendor.example');
    expect([diagnosis.cause?.class, diagnosis.fix]).toEqual(['DNS_NAME_NOT_FOUND', undefined]);
  });

  it('policies that could not be read leave the verdict open where nothing else decides', async () => {
    const gap = {
      what: 'ciliumnetworkpolicies in namespace shop',
      code: 'forbidden' as const,
      reason: 'RBAC',
      nextStep: 'grant list on ciliumnetworkpolicies',
    };
    const diagnosis = await diagnose({ exec: false, state: { ...CLUSTER, policies: [], notRead: [gap] } });
    expect(diagnosis.verdict).toBe('undetermined');
    expect(stateOf(diagnosis, 'policy-denies-connect')).toBe('not_checked');
  });
});
