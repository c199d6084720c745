/** Test support: a real local HTTP(S) server that serves objects the way a kube-apiserver does; adapters are tested against it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecCall, type ExecPlan, serveExec } from './fake-exec.ts';
import { serveForward } from './fake-forward.ts';
import { selfSigned } from './self-signed.ts';

export interface RawObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface FakeApiOptions {
  readonly objects?: readonly RawObject[];
  /** `pods`, `pods/log`, `pods/exec`, or `pods in shop` for the namespaced reads of one namespace; `pods everywhere` for cluster-wide lists only. */
  readonly forbidden?: readonly string[];
  /** What the refusal says instead of the authorizer's sentence: admission answers 403, too. */
  readonly forbiddenSays?: string;
  /** API groups with their versions; the built-in ones and those of `objects` are always served. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Keyed `namespace/pod/container`, with `/previous` appended for the previous instance. Lines carry timestamps already. */
  readonly logs?: Readonly<Record<string, string>>;
  /** What an exec does; runs the requested command as a real child process when absent. */
  readonly exec?: (call: ExecCall) => ExecPlan;
  /** What a port-forward leads to: port of the pod → port of this machine. Nothing listens on others. */
  readonly forwards?: Readonly<Record<number, number>>;
  /** Exec subprotocols offered by the server; v5 first when absent. */
  readonly execProtocols?: readonly string[];
  /** Bearer token to insist on. */
  readonly token?: string;
  readonly tls?: boolean;
  /** Answers these paths (without query) itself: for broken, slow or oversized answers. */
  readonly intercept?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export interface FakeApi {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Exec calls in order, with the stdin text they received so far. */
  readonly execs: readonly ExecCall[];
  /** Path of a kubeconfig for this server; its context is called `fake`. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  '': ['v1'],
  apps: ['v1'],
  batch: ['v1'],
  'networking.k8s.io': ['v1'],
  'discovery.k8s.io': ['v1'],
};
const BUILT_IN_RESOURCES = [
  ...['pods', 'namespaces', 'nodes', 'services', 'configmaps', 'events'].map((name) => `v1/${name}`),
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'controllerrevisions'].map(
    (name) => `apps/v1/${name}`,
  ),
  'batch/v1/jobs',
  'networking.k8s.io/v1/networkpolicies',
  'discovery.k8s.io/v1/endpointslices',
  'cilium.io/v2/ciliumnetworkpolicies',
  'cilium.io/v2/ciliumclusterwidenetworkpolicies',
  'cilium.io/v2/ciliumcidrgroups',
];

export async function startFakeApi(options: FakeApiOptions = {}): Promise<FakeApi> {
  const requests: SeenRequest[] = [];
  const execs: ExecCall[] = [];
  const sockets = new Set<Socket>();
  const identity = options.tls === true ? selfSigned('127.0.0.1') : undefined;
  const listener = (request: IncomingMessage, response: ServerResponse) => answer(options, request, response, requests);
  const server = identity
    ? createTlsServer({ key: identity.key, cert: identity.cert }, listener)
    : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const refusal = refusalOf(options, request) ?? missingPod(options, request);
    requests.push(seen(request));
    if (refusal) return writeRefusal(socket, refusal);
    if (seen(request).path.endsWith('/portforward')) return serveForward(request, socket, options.forwards ?? {});
    serveExec(request, socket, {
      plan: options.exec ?? ((call) => ({ spawn: call.command })),
      protocols: options.execProtocols,
      execs,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  const url = `${identity ? 'https' : 'http'}://127.0.0.1:${port}`;
  const dir = await mkdtemp(join(tmpdir(), 'fake-api-'));
  const kubeconfig = join(dir, 'config');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigFor(url, options.token, identity?.cert)));
  return {
    url,
    requests,
    execs,
    kubeconfig,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function kubeconfigFor(url: string, token?: string, caPem?: string): unknown {
  const trust = caPem
    ? { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }
    : { 'insecure-skip-tls-verify': true };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server: url, ...trust } }],
    users: [{ name: 'fake', user: token ? { token } : {} }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    'current-context': 'fake',
  };
}

interface Refusal {
  readonly code: number;
  readonly body: unknown;
}

interface ApiPath {
  readonly groupVersion: string;
  readonly namespace?: string | undefined;
  readonly resource: string;
  readonly name?: string | undefined;
  readonly sub?: string | undefined;
}

function answer(
  options: FakeApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requests: SeenRequest[],
): void {
  const seenRequest = seen(request);
  requests.push(seenRequest);
  const intercept = options.intercept?.[seenRequest.path];
  if (intercept) return intercept(request, response);
  const refusal = refusalOf(options, request);
  if (refusal) return send(response, refusal.code, refusal.body);
  if (seenRequest.path === '/apis') return send(response, 200, groupList(options));
  const path = parsePath(seenRequest.path);
  if (!path || !served(options).has(`${path.groupVersion}/${path.resource}`)) {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('404 page not found\n');
    return;
  }
  if (path.sub === 'log') return sendLog(options, path, seenRequest.query, response);
  if (path.sub === 'exec') return sendExecWithoutUpgrade(options, path, response);
  if (path.name !== undefined) return sendObject(options, path, response);
  sendList(options, path, seenRequest.query, response);
}

function seen(request: IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://fake');
  return { method: request.method ?? 'GET', path: url.pathname, query: Object.fromEntries(url.searchParams) };
}

function refusalOf(options: FakeApiOptions, request: IncomingMessage): Refusal | undefined {
  if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
    return { code: 401, body: status(401, 'Unauthorized', 'Unauthorized') };
  }
  const path = parsePath(seen(request).path);
  if (!path) return undefined;
  const what = path.sub ? `${path.resource}/${path.sub}` : path.resource;
  const where = path.namespace === undefined ? `${what} everywhere` : `${what} in ${path.namespace}`;
  if (!(options.forbidden ?? []).some((rule) => rule === what || rule === where)) return undefined;
  const verb = path.name === undefined ? 'list' : 'get';
  const message = `${what} is forbidden: User "fake" cannot ${verb} resource "${what}" in the namespace "${path.namespace ?? ''}"`;
  return { code: 403, body: status(403, 'Forbidden', options.forbiddenSays ?? message) };
}

function missingPod(options: FakeApiOptions, request: IncomingMessage): Refusal | undefined {
  const path = parsePath(seen(request).path);
  return path && !find(options, { ...path, resource: 'pods' }) ? notFound(path) : undefined;
}

function notFound(path: ApiPath): Refusal {
  const body = status(404, 'NotFound', `${path.resource} "${path.name}" not found`);
  return { code: 404, body: { ...body, details: { name: path.name, kind: path.resource } } };
}

function status(code: number, reason: string, message: string) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function writeRefusal(socket: Socket, refusal: Refusal): void {
  const body = JSON.stringify(refusal.body);
  socket.end(
    `HTTP/1.1 ${refusal.code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** `/api/v1/…` and `/apis/GROUP/VERSION/…`, namespaced or not. */
function parsePath(path: string): ApiPath | undefined {
  const match = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(.+)$/.exec(path);
  if (!match) return undefined;
  const parts = (match[3] ?? '').split('/').map(decodeURIComponent);
  const namespaced = parts[0] === 'namespaces' && parts.length > 2;
  const [resource = '', name, sub] = namespaced ? parts.slice(2) : parts;
  return {
    groupVersion: match[1] ?? match[2] ?? '',
    namespace: namespaced ? parts[1] : undefined,
    resource,
    name,
    sub,
  };
}

function groupList(options: FakeApiOptions): unknown {
  const groups = new Map<string, Set<string>>();
  const add = (group: string, version: string) => groups.set(group, (groups.get(group) ?? new Set()).add(version));
  for (const [group, versions] of Object.entries({ ...BUILT_IN, ...options.groups }))
    for (const version of versions) add(group, version);
  for (const object of options.objects ?? []) {
    const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
    add(group ?? '', version ?? '');
  }
  groups.delete('');
  return {
    kind: 'APIGroupList',
    groups: [...groups].map(([name, versions]) => ({
      name,
      versions: [...versions].map((version) => ({ groupVersion: `${name}/${version}`, version })),
    })),
  };
}

/** Every resource of a served group is served, whether objects of it exist or not; foreign kinds only where an object is. */
function served(options: FakeApiOptions): ReadonlySet<string> {
  const groups = new Set(
    Object.entries({ ...BUILT_IN, ...options.groups }).flatMap(([group, versions]) =>
      versions.map((v) => (group ? `${group}/${v}` : v)),
    ),
  );
  for (const object of options.objects ?? []) groups.add(object.apiVersion);
  const builtIn = BUILT_IN_RESOURCES.filter((resource) => groups.has(resource.slice(0, resource.lastIndexOf('/'))));
  return new Set([
    ...builtIn,
    ...(options.objects ?? []).map((object) => `${object.apiVersion}/${pluralOf(object.kind)}`),
  ]);
}

/** As their CustomResourceDefinitions have them. */
const IRREGULAR: Readonly<Record<string, string>> = {
  MultiNetworkPolicy: 'multi-networkpolicies',
  TracingPolicyNamespaced: 'tracingpoliciesnamespaced',
  SecurityGroup: 'security-groups',
  Mesh: 'meshes',
};

export function pluralOf(kind: string): string {
  const irregular = IRREGULAR[kind];
  if (irregular !== undefined) return irregular;
  const lower = kind.toLowerCase();
  if (lower.endsWith('s')) return `${lower}es`;
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

function matching(options: FakeApiOptions, path: ApiPath): readonly RawObject[] {
  return (options.objects ?? []).filter(
    (object) =>
      object.apiVersion === path.groupVersion &&
      pluralOf(object.kind) === path.resource &&
      (path.namespace === undefined || object.metadata.namespace === path.namespace),
  );
}

function find(options: FakeApiOptions, path: ApiPath): RawObject | undefined {
  return matching(options, path).find((object) => object.metadata.name === path.name);
}

function sendObject(options: FakeApiOptions, path: ApiPath, response: ServerResponse): void {
  const object = find(options, path);
  if (object) return send(response, 200, object);
  const refusal = notFound(path);
  send(response, refusal.code, refusal.body);
}

/** Items of a list carry no kind and apiVersion, as in a real answer. */
function sendList(
  options: FakeApiOptions,
  path: ApiPath,
  query: Readonly<Record<string, string>>,
  response: ServerResponse,
): void {
  const all = matching(options, path).filter((object) => selected(object, query));
  const start = Number(query['continue'] ?? '0');
  const end = query['limit'] ? start + Number(query['limit']) : all.length;
  const items = all.slice(start, end).map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest);
  const metadata = end < all.length ? { continue: String(end), remainingItemCount: all.length - end } : {};
  const kind = all[0]?.kind ?? 'Object';
  send(response, 200, { kind: `${kind}List`, apiVersion: path.groupVersion, metadata, items });
}

function selected(object: RawObject, query: Readonly<Record<string, string>>): boolean {
  const labels = (object.metadata['labels'] ?? {}) as Record<string, string>;
  const spec = (object['spec'] ?? {}) as Record<string, unknown>;
  const fields: Record<string, unknown> = { 'metadata.name': object.metadata.name, 'spec.nodeName': spec['nodeName'] };
  const holds = (text: string | undefined, values: Readonly<Record<string, unknown>>) =>
    (text ?? '').split(',').every((term) => term === '' || values[term.split('=')[0] ?? ''] === term.split('=').at(-1));
  return holds(query['labelSelector'], labels) && holds(query['fieldSelector'], fields);
}

function sendLog(
  options: FakeApiOptions,
  path: ApiPath,
  query: Readonly<Record<string, string>>,
  response: ServerResponse,
): void {
  if (!find(options, path)) return sendObject(options, path, response);
  const key = `${path.namespace}/${path.name}/${query['container']}${query['previous'] === 'true' ? '/previous' : ''}`;
  const text = options.logs?.[key];
  if (text === undefined) {
    const why =
      query['previous'] === 'true'
        ? `previous terminated container "${query['container']}" in pod "${path.name}" not found`
        : `container ${query['container']} is not valid for pod ${path.name}`;
    return send(response, 400, status(400, 'BadRequest', why));
  }
  const lines = text.split('\n');
  const tail = query['tailLines'] ? lines.slice(-Number(query['tailLines']) - (text.endsWith('\n') ? 1 : 0)) : lines;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(Buffer.from(tail.join('\n')).subarray(0, Number(query['limitBytes'] ?? '10000000')));
}

function sendExecWithoutUpgrade(options: FakeApiOptions, path: ApiPath, response: ServerResponse): void {
  if (!find(options, path)) return sendObject(options, path, response);
  send(response, 400, status(400, 'BadRequest', 'Upgrade request required'));
}
