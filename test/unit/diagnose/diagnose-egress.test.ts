/** The orchestration: real engine and verdict over in-memory ports. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { diagnoseEgress } from '../../../src/diagnose/diagnose-egress.ts';
import type { DiagnoseInput } from '../../../src/diagnose/diagnose-input.ts';
import { logs, POD, STATE } from '../verdict/case-builder.ts';
import { KUBE_DNS } from './kube-dns.ts';
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
  ...KUBE_DNS,
  policies: [POLICY],
};

/** The same names, with DNS past the proxy. */
const plainDns = (POLICY.rules[0]?.rule.egress ?? []).map((rule) =>
  rule.toEndpoints === undefined ? rule : { ...rule, toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] },
);

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
    const failed = {
      class: 'connect_timeout' as const,
      host: 'files.vendor.example',
      container: 'app',
      count: 1,
      excerpt: 'x',
    };
    const diagnosis = await diagnose(
      { drops: [dropOf('files.vendor.example')], logs: logs({ urls: [url], failures: [failed] }) },
      'api.vendor.example',
    );
    expect([diagnosis.verdict, diagnosis.cause?.class]).toEqual(['blocked', 'SECOND_HOP_HOST']);
    expect(diagnosis.hops.map((hop) => `${hop.role} ${hop.host}`)).toEqual([
      'asked api.vendor.example',
      'second_hop files.vendor.example',
      'comparison login.idp.example',
    ]);
    expect(diagnosis.fix?.warnings[0]).toContain("files.vendor.example:443 is named by the pod's logs alone");
    expect(diagnosis.fix?.pullRequest?.body).toContain("files.vendor.example:443 is named by the pod's logs alone");
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

describe('never accuse wrongly', () => {
  it('a drop of QUIC to the same address and port is no drop of TCP', async () => {
    const tcp = dropOf('files.vendor.example');
    const quic = { ...tcp, destination: { ...tcp.destination, protocol: 'UDP' as const } };
    const diagnosis = await diagnose({ drops: [quic] }, undefined, { connectTimeoutMs: 50 });
    expect(stateOf(diagnosis, 'engine-reports-drop')).toBe('ruled_out');
    expect(diagnosis.cause?.confidence).toBe('likely');
  });

  it('where the rules allow, one reported drop ends no wait: the SYN sent again may pass', async () => {
    const network = { ...NETWORK, 'api.vendor.example': 'late' } as const;
    const diagnosis = await diagnose({ network, drops: [dropOf('api.vendor.example')] }, 'api.vendor.example');
    expect([diagnosis.verdict, diagnosis.cause]).toEqual(['reachable', undefined]);
  });

  it('a drop that passes by itself ends no wait either', async () => {
    const drop = { ...dropOf('files.vendor.example'), dropReason: 'AUTH_REQUIRED' };
    const network = { ...NETWORK, 'files.vendor.example': 'late' } as const;
    expect((await diagnose({ network, drops: [drop] })).verdict).toBe('reachable');
  });

  it("the drop of a Service's packets is reported under its backend", async () => {
    const host = 'db.other.svc.cluster.local';
    const service = {
      meta: meta('other', 'db'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.77'],
      externalIPs: [],
      selector: { app: 'db' },
      ports: [{ port: 443, protocol: 'TCP' as const, targetPort: 8443 }],
    };
    const db = { ...POD, meta: meta('other', 'db-1', { app: 'db' }), podIPs: ['10.0.7.7'] };
    const state = { ...CLUSTER, pods: [...CLUSTER.pods, db], services: [...CLUSTER.services, service] };
    const drop = dropOf(host);
    const drops = [{ ...drop, destination: { ...drop.destination, ip: '10.0.7.7', port: 8443 } }];
    const world = {
      state,
      drops,
      network: { ...NETWORK, [host]: 'silent' as const },
      addresses: { [host]: ['10.96.0.77'] },
    };
    const diagnosis = await diagnose(world, host, { connectTimeoutMs: 50 });
    expect(stateOf(diagnosis, 'engine-reports-drop')).toBe('confirmed');
    expect([diagnosis.verdict, diagnosis.cause?.confidence]).toEqual(['blocked', 'proven']);
    expect(diagnosis.assumptions.join()).toContain('ingress policies are not evaluated');
  });

  it('silence of an allowed pod is first of all a question to the policies on its side', async () => {
    const host = 'db.other.svc.cluster.local';
    const db = { ...POD, meta: meta('other', 'db-1', { app: 'db' }), podIPs: ['10.0.7.7'] };
    const state = { ...CLUSTER, policies: [], pods: [...CLUSTER.pods, db] };
    const world = { state, drops: [], network: { [host]: 'silent' as const }, addresses: { [host]: ['10.0.7.7'] } };
    const diagnosis = await diagnose(world, host, { connectTimeoutMs: 50 });
    expect([diagnosis.verdict, diagnosis.cause]).toEqual(['undetermined', undefined]);
    expect(diagnosis.nextSteps[0]).toMatch(/^To decide: whether the ingress policies/);
  });

  it('in a mesh a connection that opens shows nothing, an answer to TLS does', async () => {
    const mesh = {
      ...POD,
      containers: [
        { name: 'istio-proxy', image: 'x', role: 'init', ports: [], env: {}, state: 'running', restarts: 0 },
      ],
    } as const;
    const app = { name: 'app', image: 'x', role: 'app', ports: [], env: {}, state: 'running', restarts: 0 } as const;
    const pod = { containers: [app, ...mesh.containers] };
    expect((await diagnose({ drops: [], pod }, 'api.vendor.example')).verdict).toBe('reachable');
  });

  it('a proxy in the environment: said first, and no change is proposed that goes around it', async () => {
    const diagnosis = await diagnose({
      drops: [dropOf('files.vendor.example')],
      proxyEnv: { HTTPS_PROXY: 'http://proxy.corp.example:3128' },
    });
    expect([diagnosis.verdict, diagnosis.cause?.confidence, diagnosis.fix]).toEqual(['blocked', 'likely', undefined]);
    expect(stateOf(diagnosis, 'proxy-in-environment')).toBe('confirmed');
    expect(diagnosis.nextSteps.join()).toContain('HTTPS_PROXY');
  });

  it('an undecided case begins with what would decide it', async () => {
    const plain = {
      ...POLICY,
      rules: POLICY.rules.map((one) => ({ ...one, rule: { ...one.rule, egress: plainDns } })),
    };
    const diagnosis = await diagnose({ exec: false, state: { ...CLUSTER, policies: [plain] } }, 'api.vendor.example');
    expect([diagnosis.verdict, diagnosis.cause?.class]).toEqual(['undetermined', 'FQDN_NO_DNS_L7']);
    expect(diagnosis.fix).toBeUndefined();
    expect(diagnosis.nextSteps[0]).toMatch(/^To decide: /);
  });

  it('another container that stands in for a waiting one is a stated premise', async () => {
    const app = (name: string, state: 'running' | 'waiting') =>
      ({ name, image: 'x', role: 'app', ports: [], env: {}, state, restarts: 0 }) as const;
    const diagnosis = await diagnose(
      { drops: [], pod: { containers: [app('main', 'waiting'), app('second', 'running')] } },
      'api.vendor.example',
    );
    expect(diagnosis.assumptions.join()).toContain('probed from container second');
  });

  it('a literal address has no lookup to report on', async () => {
    const network = { '203.0.113.9': 'silent' as const };
    const diagnosis = await diagnose(
      { network, drops: [], addresses: { '203.0.113.9': ['203.0.113.9'] } },
      '203.0.113.9',
      {
        connectTimeoutMs: 50,
      },
    );
    expect([stateOf(diagnosis, 'name-resolves'), stateOf(diagnosis, 'policy-denies-lookup')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(diagnosis.assumptions.join()).toContain('not known by a name');
  });
});
