/** Test support: one fake cluster in which every case has a namespace of its own, so that one server and one client serve them all. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespace, object, pod } from '../cluster/objects.ts';
import { dnsPacket } from '../probes/support/dns-packet.ts';
import { type FakeApiOptions, type RawObject, startFakeApi } from '../support/fake-api-server.ts';
import type { ExecCall, ExecPlan } from '../support/fake-exec.ts';
import { selfSigned } from '../support/self-signed.ts';
import type { Channel, HostileCase } from './cases.ts';

export const HOST = 'files.vendor.example';
const POD = 'checkout';
const ADDRESS = '203.0.113.20';

export interface Ask {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export const nameOf = (index: number): string => `case-${index}`;

/** What a user would call who meets the text there. */
export function asksFor({ channel, text }: HostileCase, index: number, repository: string): readonly Ask[] {
  const where = { namespace: nameOf(index), workload: `pod/${POD}` };
  const ask = (tool: string, rest: Readonly<Record<string, unknown>> = {}): Ask => ({
    tool,
    input: { ...where, ...rest },
  });
  const diagnose = ask('diagnoseEgress', { target: `${HOST}:443` });
  const probe = ask('execProbe', { target: `https://${HOST}/` });
  const asks: Readonly<Record<Channel, readonly Ask[]>> = {
    log: [ask('grepPodLogs', { pattern: '/[a-z]/i' }), diagnose],
    'probe-text': [probe, diagnose],
    'dns-name': [probe, diagnose],
    certificate: [probe, diagnose],
    'http-header': [probe, ask('diagnoseEgress', { target: `https://${HOST}/` })],
    redirect: [probe, ask('diagnoseEgress', { target: `https://${HOST}/` })],
    'proxy-variable': [probe, diagnose],
    flow: [ask('observeFlows'), diagnose],
    policy: [ask('listEgressPolicies'), diagnose, ask('proposePolicyFix', { target: `${HOST}:443` })],
    refusal: [ask('listEgressPolicies'), diagnose],
    'git-file': [ask('diffGitPolicies', { repository: { repository } })],
    'flux-status': [ask('diffGitPolicies', { repository: { repository } }), diagnose],
    question: [ask('diagnoseEgress', { target: text }), ask('execProbe', { target: text })],
  };
  return asks[channel];
}

export function startWorld(cases: readonly HostileCase[]) {
  const byNamespace = new Map(cases.map((one, index) => [nameOf(index), one]));
  const options: FakeApiOptions = {
    objects: [...CLUSTER, ...cases.flatMap((one, index) => objectsOf(one, nameOf(index)))],
    logs: Object.fromEntries(cases.map((one, index) => [`${nameOf(index)}/${POD}/app`, logOf(one)])),
    exec: (call) => answerTo(call, byNamespace),
    intercept: Object.fromEntries(
      cases.flatMap(({ channel, text }, index) =>
        channel === 'refusal'
          ? [[`/apis/cilium.io/v2/namespaces/${nameOf(index)}/ciliumnetworkpolicies`, refuse(text)] as const]
          : [],
      ),
    ),
  };
  return startFakeApi(options);
}

const refuse =
  (message: string): NonNullable<FakeApiOptions['intercept']>[string] =>
  (_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message }),
    );
  };

/** The text, and a failure that people look for right behind it. */
function logOf({ channel, text }: HostileCase): string {
  const stamp = new Date(Date.now() - 60_000).toISOString();
  const failure = `requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='${HOST}', port=443): Max retries exceeded`;
  const lines = channel === 'log' ? ['Traceback (most recent call last):', ...text.split('\n'), failure] : ['started'];
  return lines.map((line) => `${stamp} ${line}\n`).join('');
}

const CLUSTER: readonly RawObject[] = [
  namespace('kube-system'),
  object('v1', 'Node', { name: 'node-1' }),
  pod('kube-system', 'cilium-1', { labels: { 'k8s-app': 'cilium' } }),
  pod('kube-system', 'coredns-1', { labels: { 'k8s-app': 'kube-dns' }, ip: '10.0.0.2' }),
  object(
    'v1',
    'Service',
    { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    {
      spec: {
        clusterIP: '10.96.0.10',
        clusterIPs: ['10.96.0.10'],
        selector: { 'k8s-app': 'kube-dns' },
        ports: [{ port: 53, protocol: 'UDP', targetPort: 53 }],
      },
    },
  ),
  object(
    'source.toolkit.fluxcd.io/v1',
    'GitRepository',
    { namespace: 'flux-system', name: 'fleet' },
    {
      spec: { url: 'https://git.example.com/fleet', ref: { branch: 'main' }, interval: '1m' },
    },
  ),
];

function objectsOf({ channel, text }: HostileCase, ns: string): readonly RawObject[] {
  const hostile = channel === 'policy';
  const labels = { 'kustomize.toolkit.fluxcd.io/name': ns, 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
  const meta = {
    namespace: ns,
    name: 'checkout-egress',
    ...(channel === 'flux-status' ? { labels } : {}),
    ...(hostile ? { annotations: { description: text, [`note.example.com/x`]: text } } : {}),
  };
  return [
    namespace(ns),
    pod(ns, POD, { labels: { app: POD } }),
    object('cilium.io/v2', 'CiliumNetworkPolicy', meta, {
      spec: {
        ...(hostile ? { description: text } : {}),
        endpointSelector: { matchLabels: { app: POD } },
        egress: [
          { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
        ],
      },
    }),
    ...(channel === 'flux-status' ? [kustomization(ns, text)] : []),
  ];
}

const kustomization = (name: string, message: string): RawObject =>
  object(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    { namespace: 'flux-system', name },
    {
      spec: { interval: '10m', path: './', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' } },
      status: {
        lastAppliedRevision: 'main@sha1:aaaa',
        conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message }],
        inventory: { entries: [{ id: `${name}_checkout-egress_cilium.io_CiliumNetworkPolicy`, v: 'v2' }] },
      },
    },
  );

/** The pod's probe as a program would print it, and Hubble's answer for the pod that is asked about. */
function answerTo(call: ExecCall, cases: ReadonlyMap<string, HostileCase>): ExecPlan {
  if (call.namespace === 'kube-system') return hubble(call, cases);
  const one = cases.get(call.namespace);
  const nonce = call.command.find((word) => /^[0-9a-f]{32}$/.test(word)) ?? '';
  const line = (...fields: readonly string[]): string => `${[nonce, ...fields].join('\t')}\n`;
  return { stdout: recordsOf(one, line), ...(one?.channel === 'probe-text' && { stderr: one.text }) };
}

type Line = (...fields: readonly string[]) => string;

function recordsOf(one: HostileCase | undefined, line: Line): string {
  const text = (channel: Channel): string | undefined => (one?.channel === channel ? one.text : undefined);
  const alias = text('dns-name');
  const records =
    alias === undefined
      ? [[HOST, 60, ADDRESS] as const]
      : [[HOST, 60, label(alias)] as const, [label(alias), 60, ADDRESS] as const];
  const reply = dnsPacket({ name: HOST, records });
  const words = text('probe-text');
  const certificate = text('certificate');
  const proxy = text('proxy-variable');
  return [
    line('need', '-', 'rung=python3'),
    line('hello', '-', 'rung=python3', `version=3.12 ${words ?? ''}`, 'libc=glibc'),
    ...(proxy === undefined ? [] : [line('env', '-', 'name=HTTPS_PROXY', `value=${proxy}`)]),
    line('resolver', '-', 'nameserver=10.96.0.10', 'ndots=5'),
    line(
      'library',
      't0',
      'form=app',
      ...(words === undefined ? [`addr=${ADDRESS}`] : ['err=EAI_AGAIN', `text=${words}`]),
      'ms=3',
    ),
    line('dns', 't0', 'q=A', 'server=10.96.0.10', 'via=udp', 'ms=2', `hex=${reply}`),
    line('looked', 't0', 'ms=4'),
    line('trying', 't0', `addr=${ADDRESS}`),
    line(
      'connect',
      't0',
      `addr=${ADDRESS}`,
      'ms=3',
      ...(words === undefined ? ['ok=1'] : ['exit=1', 'tool=nc', `text=${words}`]),
    ),
    ...(certificate === undefined
      ? []
      : [
          line(
            'tls',
            't0',
            `addr=${ADDRESS}`,
            'verify=20',
            'version=TLSv1.3',
            `text=${certificate}`,
            `cert=${derOf(certificate)}`,
          ),
        ]),
    ...(certificate === undefined && words === undefined
      ? [line('tls', 't0', `addr=${ADDRESS}`, 'ok=1', 'version=TLSv1.3')]
      : []),
    ...httpOf(text('http-header'), text('redirect'), line),
    ...(words === undefined ? [] : [line('trouble', 't0', `text=${words}`)]),
    line('done', '-'),
  ].join('');
}

function httpOf(header: string | undefined, location: string | undefined, line: Line): readonly string[] {
  const at = `addr=${ADDRESS}`;
  if (header !== undefined) return [line('http', 't0', at, 'ms=5', 'status=403', `via=${header}`, `server=${header}`)];
  return location === undefined ? [] : [line('http', 't0', at, 'ms=5', 'status=307', `location=${location}`)];
}

/** A label has at most 63 bytes, and a dot would begin the next one. */
const label = (text: string): string => Buffer.from(text.replaceAll('.', ' ')).subarray(0, 60).toString('latin1');

const derOf = (name: string): string => new X509Certificate(selfSigned(name).cert).raw.toString('hex');

function hubble(call: ExecCall, cases: ReadonlyMap<string, HostileCase>): ExecPlan {
  const asked = call.command.find((word) => /^case-\d+\//.test(word));
  const one = cases.get(asked?.split('/')[0] ?? '');
  if (!call.command.includes('observe') || one?.channel !== 'flow') return { stdout: '', exitCode: 0 };
  const flow = {
    time: new Date().toISOString(),
    verdict: 'DROPPED',
    drop_reason_desc: 'POLICY_DENIED',
    traffic_direction: 'EGRESS',
    IP: { source: '10.0.1.5', destination: ADDRESS },
    l4: { TCP: { source_port: 40000, destination_port: 443 } },
    source: { namespace: asked?.split('/')[0], pod_name: POD, labels: [`k8s:x=${one.text}`] },
    destination: { identity: 2, labels: ['reserved:world', one.text] },
    destination_names: [one.text, HOST],
    egress_denied_by: [{ name: one.text, namespace: one.text, kind: 'CiliumNetworkPolicy' }],
    Summary: one.text,
  };
  return {
    stdout: `${JSON.stringify({ flow, node_name: one.text, time: flow.time })}\n${one.text}\n`,
    stderr: one.text,
  };
}

/** A folder of policies in which the case's text is a file of its own, so that it is met on the way. */
export function repositoryFor({ channel, text }: HostileCase, ns: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'egress-hostile-'));
  mkdirSync(join(dir, 'policies'));
  if (channel === 'git-file')
    writeFileSync(join(dir, 'policies', 'broken.yaml'), `apiVersion: cilium.io/v2\n${text}\n`);
  const policy = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'checkout-egress', namespace: ns },
    spec: { endpointSelector: { matchLabels: { app: POD } }, egress: [] },
  };
  writeFileSync(join(dir, 'policies', 'checkout.yaml'), JSON.stringify(policy));
  return dir;
}
