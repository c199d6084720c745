/** The cluster state, asked: what was not read, where a Service leads, what a port name stands for, who has an address. */
import { describe, expect, it } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Container, Pod, Service, ServiceBackend, ServicePort } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { identitiesOf } from '../../../src/core/policy/identity/identity.ts';
import { archiveNote, gapFor, gapText, lacksInArchive } from '../../../src/core/policy/state/gaps.ts';
import { portNameMeaning, resolvePortName } from '../../../src/core/policy/state/named-ports.ts';
import { addressesOf, mayBeService, unknownInside } from '../../../src/core/policy/state/service-names.ts';
import { canonicalIp, indexOf } from '../../../src/core/policy/state/state-index.ts';
import { cnp, DNS, meta, np, OTHER, P, PEER, pod, select, withPort, world } from './world.ts';

const gap = (what: string, code: NotRead['code'] = 'forbidden', more: Partial<NotRead> = {}): NotRead => ({
  what,
  code,
  reason: 'no right',
  ...more,
});
const missing = (...what: string[]) => world([], { notRead: what.map((one) => gap(one)) });

describe('what was not read', () => {
  it.each<[string, string, string | undefined, boolean]>([
    ['pods', 'pods', undefined, true],
    ['Pods', 'pods', undefined, true],
    [' pods', 'pods', undefined, true],
    ['pods', 'services', undefined, false],
    ['podsx', 'pods', undefined, false],
    ['pods: all', 'pods', undefined, true],
    ['pods.v1', 'pods', undefined, true],
    ['pods/log', 'pods', undefined, true],
    // Where the gap is.
    ['pods', 'pods', 'shop', true],
    ['pods in namespace shop', 'pods', 'shop', true],
    ['pods in namespace shop', 'pods', 'data', false],
    ['pods in namespace shop', 'pods', undefined, true],
    ['pods shop/cart', 'pods', 'shop', true],
    ['pods shop/cart', 'pods', 'data', false],
    ['pods of shop/cart and more', 'pods', 'data', true],
    ['pods outside namespace shop', 'pods', 'shop', false],
    ['pods outside namespace shop', 'pods', 'data', true],
    ['pods outside namespaces shop, data', 'pods', 'data', false],
    ['pods outside namespaces shop,data', 'pods', 'data', false],
    ['pods outside namespaces shop, data', 'pods', 'kube-system', true],
    // A file of an archive may hold policies of any kind, and nothing else.
    ['file x.yaml, which may hold policies', 'networkpolicies', undefined, true],
    ['file x.yaml, which may hold policies', 'calico', undefined, true],
    ['file x.yaml, which may hold policies', 'antrea', undefined, true],
    ['file x.yaml, which may hold policies', 'aws', undefined, true],
    ['file x.yaml, which may hold policies', 'pods', undefined, false],
    ['file x.yaml, which may hold pods', 'networkpolicies', undefined, false],
    ['calico networkpolicies in namespace shop', 'calico', 'shop', true],
  ])('"%s" about %s in %s: %s', (what, resource, namespace, found) => {
    expect(gapFor(missing(what), resource, namespace)?.what).toBe(found ? what : undefined);
  });

  it('is no gap where the kind is not installed, or an archive is taken for the whole cluster', () => {
    const state = world([], { notRead: [gap('pods', 'kind_absent'), gap('services', 'not_in_archive')] });
    expect([gapFor(state, 'pods'), gapFor(state, 'services')]).toEqual([undefined, undefined]);
    expect(archiveNote(state)).toBe('the archive is taken for the whole cluster; it does not hold: services');
    expect(archiveNote(missing('pods'))).toBeUndefined();
    expect(lacksInArchive(state, 'services')).toBe(true);
    expect(lacksInArchive(state, 'pods')).toBe(false);
    const inShop = world([], { notRead: [gap('services in namespace shop', 'not_in_archive')] });
    expect(['shop', 'data', undefined].map((one) => lacksInArchive(inShop, 'services', one))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('in words', () => {
    expect(gapText(gap('pods'))).toBe('pods could not be read (no right)');
    expect(gapText(gap('pods', 'forbidden', { nextStep: 'Ask for it.' }))).toBe(
      'pods could not be read (no right); Ask for it',
    );
    expect(gapText(gap('pods', 'forbidden', { nextStep: 'See a.b for it' }))).toContain('; See a.b for it');
  });
});

const service = (port: Partial<ServicePort> = {}, more: Partial<Service> = {}): Service => ({
  meta: meta('web', 'data'),
  type: 'ClusterIP',
  clusterIPs: ['10.96.0.7'],
  externalIPs: ['198.51.100.9'],
  selector: { app: 'web' },
  ports: [{ name: 'http', port: 80, protocol: 'TCP', ...port }],
  ...more,
});
const backend = (addresses: string[], port: number, more: Partial<ServiceBackend> = {}): ServiceBackend => ({
  namespace: 'data',
  service: 'web',
  addresses,
  ports: [{ name: 'http', port, protocol: 'TCP' }],
  ready: true,
  ...more,
});
const named = (name: string, port: number, more: Partial<Container> = {}) => ({
  name: 'c',
  image: 'x',
  role: 'app' as const,
  env: {},
  state: 'running' as const,
  restarts: 0,
  ports: [{ name, port, protocol: 'TCP' as const }],
  ...more,
});
const WEB = pod('web-1', 'data', '10.0.9.1', { labels: { app: 'web' }, containers: [named('http', 8080)] });

describe('a Service', () => {
  interface Facts {
    readonly services?: readonly Service[];
    readonly backends?: readonly ServiceBackend[];
    readonly pods?: readonly Pod[];
  }
  const reached = (facts: Facts, address = '10.96.0.7', port = 80, protocol: 'TCP' | 'UDP' = 'TCP') =>
    identitiesOf(world([], { services: [service()], backends: [], pods: [P, WEB], ...facts }), P, {
      address,
      port,
      protocol,
    }).map(({ text, port: number }) => `${text} ${number}`);

  it('leads to its ready backends, and to others where none is ready', () => {
    const one = backend(['10.0.9.1'], 8080);
    const idle = backend(['203.0.113.1'], 8081, { ready: false });
    expect(reached({ backends: [one, idle] })).toEqual(['pod data/web-1 (10.0.9.1) 8080']);
    expect(reached({ backends: [idle] })).toEqual(['203.0.113.1, outside the cluster 8081']);
    expect(reached({ backends: [one, backend(['203.0.113.1'], 8082)] })).toEqual([
      'pod data/web-1 (10.0.9.1) 8080',
      '203.0.113.1, outside the cluster 8082',
    ]);
  });

  it("on the backend's port of the same name and protocol, else on its own target", () => {
    const ports = [
      { name: 'admin', port: 9, protocol: 'TCP' as const },
      { name: 'http', port: 8, protocol: 'UDP' as const },
      { name: 'http', port: 7, protocol: 'TCP' as const },
    ];
    const port = (own: object, of: ServiceBackend['ports'] = ports) =>
      reached({ services: [service(own)], backends: [backend(['203.0.113.1'], 1, { ports: of })] });
    expect(port({})).toEqual(['203.0.113.1, outside the cluster 7']);
    expect(port({ name: 'other', targetPort: 6 })).toEqual(['203.0.113.1, outside the cluster 6']);
    expect(port({ name: 'other', targetPort: 0 })).toEqual(['203.0.113.1, outside the cluster 80']);
    expect(port({ name: 'other', targetPort: 'x' })).toEqual(['203.0.113.1, outside the cluster 80']);
    expect(port({ name: 'other' })).toEqual(['203.0.113.1, outside the cluster 80']);
    const nameless = [{ port: 5, protocol: 'TCP' as const }];
    expect(port({ name: undefined }, nameless)).toEqual(['203.0.113.1, outside the cluster 5']);
  });

  it('without slices, to the pods that it selects in its namespace', () => {
    const pods = [
      P,
      WEB,
      pod('web-2', 'data', '10.0.9.2', { labels: { app: 'web', tier: 'x' }, containers: [named('https', 8443)] }),
      pod('cart', 'data', '10.0.9.3', { labels: { app: 'cart' } }),
      pod('web-3', 'other', '10.0.9.4', { labels: { app: 'web' } }),
    ];
    expect(reached({ pods })).toEqual(['pod data/web-1 (10.0.9.1) 80', 'pod data/web-2 (10.0.9.2) 80']);
    const targets = (port: Partial<ServicePort>, selector?: Record<string, string>) =>
      reached({ pods, services: [service(port, selector && { selector })] });
    expect(targets({ targetPort: 8080 })).toHaveLength(2);
    expect(targets({ targetPort: 'http' })).toEqual(['pod data/web-1 (10.0.9.1) 8080']);
    expect(targets({ targetPort: 'https' })).toEqual(['pod data/web-2 (10.0.9.2) 8443']);
    expect(targets({ targetPort: 'smtp' })).toEqual([]);
    expect(targets({}, { app: 'web', tier: 'x' })).toEqual(['pod data/web-2 (10.0.9.2) 80']);
    expect(targets({}, {})).toEqual([]);
  });

  it('at its external address too, and at no other port or protocol', () => {
    const backends = [backend(['10.0.9.1'], 8080)];
    expect(reached({ backends }, '198.51.100.9')).toEqual(['pod data/web-1 (10.0.9.1) 8080']);
    expect(reached({ backends }, '10.96.0.7', 81)).toEqual(['10.96.0.7, outside the cluster 81']);
    expect(reached({ backends }, '10.96.0.7', 80, 'UDP')).toEqual(['10.96.0.7, outside the cluster 80']);
  });
});

describe('the addresses of a name', () => {
  const headless = service({}, { clusterIPs: ['None'] });
  const of = (host: string | undefined, one: Service = service(), from: Pod = P) =>
    addressesOf(world([], { services: [one], backends: [backend(['10.0.9.1'], 8080)], pods: [P, WEB] }), from, {
      ...(host !== undefined && { host }),
      cnames: [],
      addresses: [],
      port: 80,
      protocol: 'TCP',
    });
  const inData = pod('x', 'data', '10.0.9.9');

  it.each<[string, Pod, boolean]>([
    ['web', inData, true],
    ['web', P, false],
    ['web.data', P, true],
    ['web.other', P, false],
    ['web.data.svc', P, true],
    ['web.data.svc.cluster.local', P, true],
    ['0.web.data.svc.cluster.local', P, true],
    ['0.1.web.data.svc.cluster.local', P, false],
    ['web.data.svc.cluster.example', P, false],
    ['web.data.pod', P, false],
    ['web.vendor.example', P, false],
    ['vendor.web.data', P, false],
    ['vendor.example.web', inData, false],
  ])('%s', (host, from, found) => {
    expect(of(host, service(), from)).toEqual(found ? ['10.96.0.7'] : []);
  });

  it('of a headless Service are those of its backends', () => {
    expect(of('web.data', headless)).toEqual(['10.0.9.1']);
    const two = { ...headless, ports: [...headless.ports, { name: 'https', port: 443, protocol: 'TCP' as const }] };
    expect(of('web.data', two)).toEqual(['10.0.9.1']);
  });

  it('that the pod writes into its hosts file come first', () => {
    const from = {
      ...P,
      hostAliases: [
        { ip: '203.0.113.9', hostnames: ['web.data', 'x'] },
        { ip: '203.0.113.8', hostnames: ['y'] },
      ],
    };
    expect(of('web.data', service(), from)).toEqual(['203.0.113.9']);
    expect(of('y', service(), from)).toEqual(['203.0.113.8']);
    expect(of(undefined)).toEqual([]);
  });

  it.each<[string, string | undefined]>([
    ['web.data', 'Service data/web has no address in the cluster state'],
    ['cart', '"cart" is a name of the cluster, and no such Service is in the cluster state'],
    ['cart.data.svc', '"cart.data.svc" is a name of the cluster, and no such Service is in the cluster state'],
    [
      'cart.data.svc.cluster.local',
      '"cart.data.svc.cluster.local" is a name of the cluster, and no such Service is in the cluster state',
    ],
    ['pod.cluster.local', '"pod.cluster.local" is a name of the cluster, and no such Service is in the cluster state'],
    ['cart.data.svc.vendor.example', undefined],
    ['cluster.local.vendor.example', undefined],
    ['mycluster.local', undefined],
    ['vendor.example', undefined],
  ])('inside the cluster that are not known: %s', (host, why) => {
    const state = world([], { services: [service()] });
    expect(unknownInside(state, P, host)).toBe(why);
    const blind = world([], { services: [service()], notRead: [gap('services')] });
    const expected = why?.startsWith('"') ? `${why}: services could not be read (no right)` : why;
    expect(unknownInside(blind, P, host)).toBe(expected);
  });

  it('of an ExternalName Service lie outside', () => {
    const external = service({}, { externalName: 'web.vendor.example' });
    expect(unknownInside(world([], { services: [external] }), P, 'web.data')).toBeUndefined();
  });

  it('may be a Service that was not read', () => {
    const state = missing('services');
    const asked = (address: string | undefined, host?: string) => mayBeService(state, P, { address, host });
    const text = 'services could not be read (no right)';
    expect([asked('10.9.9.9'), asked(undefined, 'cart'), asked('203.0.113.1', 'cart')]).toEqual([text, text, text]);
    expect([asked('203.0.113.1'), asked(undefined, 'vendor.example'), asked(undefined)]).toEqual(
      Array(3).fill(undefined),
    );
    expect(mayBeService(world([]), P, { address: '10.9.9.9', host: 'cart' })).toBeUndefined();
  });
});

describe('a port name', () => {
  const [A, B] = [withPort(PEER, 'web', 8080), withPort(OTHER, 'web', 9090)];
  const at = (one: Pod, protocol: 'TCP' | 'UDP' = 'TCP') => {
    const [identity] = identitiesOf(world([], { pods: [one] }), P, { address: one.podIPs[0] ?? '', port: 0, protocol });
    if (!identity) throw new Error('nobody there');
    return identity;
  };
  const resolved = (version: string, pods: readonly Pod[], identity = at(A), more: object = {}) =>
    resolvePortName(world([], { version, pods, ...more }), 'web', identity);

  it('is one number in the cluster until 1.19, and of the destination since 1.20', () => {
    expect(resolved('1.19.5', [A])).toEqual({ number: 8080 });
    expect(resolved('1.19.5', [A, B])).toEqual({});
    expect(resolved('1.19.5', [A, withPort(B, 'web', 8080)])).toEqual({ number: 8080 });
    expect(resolved('1.20.2', [A, B])).toEqual({ number: 8080 });
    expect(resolved('1.20.2', [A, B], at(B))).toEqual({ number: 9090 });
    expect(resolved('1.20.2', [A], at(pod('z', 'z', '10.9.9.9')))).toEqual({});
    expect(resolved('1.19.5', [A], at(A, 'UDP'))).toEqual({});
  });

  it('is written in any case, and is none of other containers or pods', () => {
    expect(resolved('1.19.5', [withPort(A, 'WEB', 8080)])).toEqual({ number: 8080 });
    const init = { ...A, containers: A.containers.map((one) => ({ ...one, role: 'init' as const })) };
    expect(resolved('1.19.5', [init])).toEqual({});
    for (const phase of ['Succeeded', 'Failed'] as const) expect(resolved('1.19.5', [{ ...A, phase }])).toEqual({});
    expect(resolved('1.19.5', [{ ...A, phase: 'Pending' }])).toEqual({ number: 8080 });
    expect(resolved('1.19.5', [{ ...A, hostNetwork: true }])).toEqual({});
  });

  it('may be another one where pods were not read, unless it is several already', () => {
    const notRead = { notRead: [gap('pods outside namespace default')] };
    const why =
      'the port name "web" is looked up among all pods; pods outside namespace default could not be read (no right)';
    expect(resolved('1.19.5', [A], at(A), notRead)).toEqual({ why });
    expect(resolved('1.19.5', [], at(A), notRead)).toEqual({ why });
    expect(resolved('1.19.5', [A, B], at(A), notRead)).toEqual({});
    expect(resolved('1.20.2', [A], at(A), notRead)).toEqual({ number: 8080 });
  });

  it('in words', () => {
    const words = (version: string, ...pods: Pod[]) => portNameMeaning(world([], { version, pods }), 'web', at(A));
    expect(words('1.19.5')).toBe('no TCP port among all pods of the cluster');
    expect(words('1.19.5', A)).toBe('8080 among all pods of the cluster');
    expect(words('1.19.5', B, A)).toBe(
      'several numbers among all pods of the cluster (8080, 9090), so that it matches none',
    );
    expect(words('1.20.2', B)).toBe('8080 at the destination');
  });
});

describe('who has an address', () => {
  it.each<[string, string | undefined]>([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['::ffff:0:203.0.113.7', '::ffff:0:cb00:7107'],
    ['203.0.113.256', undefined],
    ['vendor.example', undefined],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it('is the pod that runs there, not one that is over or on the host network', () => {
    const index = (...pods: Pod[]) => indexOf(world([], { pods })).podAt('10.0.9.1');
    const over = (phase: Pod['phase']) => ({ ...WEB, meta: meta('over', 'data'), phase });
    for (const phase of ['Succeeded', 'Failed'] as const) {
      expect(index(WEB, over(phase))).toBe(WEB);
      expect(index(over(phase))).toBeUndefined();
    }
    expect(index({ ...WEB, hostNetwork: true })).toBeUndefined();
    expect(index(over('Pending'))?.meta.name).toBe('over');
    // Of two the last one read counts, however many addresses were asked for before.
    const twin = { ...WEB, meta: meta('twin', 'data') };
    expect(index(WEB, twin)).toBe(twin);
    const many = indexOf(world([], { pods: [WEB, twin, over('Failed'), { ...WEB, hostNetwork: true }] }));
    for (let last = 0; last < 10; last += 1) expect(many.podAt(`10.0.8.${last}`)).toBeUndefined();
    expect(many.podAt('10.0.9.1')).toBe(twin);
  });

  it('is found by any spelling of an IPv6 address', () => {
    const six = pod('six', 'data', '2001:DB8::0:1');
    expect(indexOf(world([], { pods: [six] })).podAt('2001:db8::1')).toBe(six);
  });

  it('is the node of a pod where no node was read, and the own one by name or address', () => {
    const from = { ...P, nodeName: 'n9', nodeIPs: ['10.1.9.9', '2001:DB8::9'] };
    const text = (address: string, nodes: { name: string; addresses: string[] }[] = [], of: Pod = from) =>
      identitiesOf(
        world([], {
          pods: [of, { ...PEER, nodeName: 'n8', nodeIPs: ['10.1.9.8'] }],
          nodes: nodes.map(({ name, addresses }) => ({ meta: meta(name), addresses })),
        }),
        of,
        { address, port: 1, protocol: 'TCP' },
      )[0]?.text;
    expect(text('10.1.9.9')).toBe("the pod's own node (10.1.9.9)");
    expect(text('2001:db8::9')).toBe("the pod's own node (2001:db8::9)");
    expect(text('10.1.9.8')).toBe('node n8 (10.1.9.8)');
    expect(text('10.1.9.7', [{ name: 'n9', addresses: ['10.1.9.7'] }])).toBe("the pod's own node (10.1.9.7)");
    expect(text('10.1.9.7', [{ name: 'n7', addresses: ['10.1.9.7'] }])).toBe('node n7 (10.1.9.7)');
    const { nodeName: _, ...nameless } = from;
    expect(text('10.1.9.9', [{ name: 'n7', addresses: ['10.1.9.9'] }], nameless)).toBe("the pod's own node (10.1.9.9)");
  });

  it('governs which pods a selector certainly takes', () => {
    const index = indexOf(
      world([], {
        pods: [P, DNS, { ...OTHER, hostNetwork: true }, pod('b', 'data', '10.0.9.5', { labels: { app: 'p' } })],
      }),
    );
    const demand = (key: string, value: string, source = 'any') => [
      { source, key, operator: 'In' as const, values: [value] },
    ];
    expect(index.takesPods(demand('app', 'p'), undefined)).toBe(true);
    expect(index.takesPods(demand('app', 'p'), 'default')).toBe(true);
    expect(index.takesPods(demand('app', 'p'), 'other')).toBe(false);
    expect(index.takesPods(demand('app', 'o'), undefined)).toBe(false);
    expect(index.takesPods([], 'data')).toBe(true);
    expect(index.takesPods([], 'other')).toBe(false);
    expect(index.takesPods(demand('app', 'q'), undefined)).toBe(false);
    expect(index.takesPods(demand('io.cilium.k8s.policy.serviceaccount', 'default', 'k8s'), 'data')).toBe(true);
    expect(index.takesPods(demand('io.cilium.k8s.policy.serviceaccount', 'x', 'k8s'), 'data')).toBe(false);
    const both = [...demand('app', 'p'), { source: 'any', key: 'tier', operator: 'Exists' as const, values: [] }];
    expect(index.takesPods(both, undefined)).toBe(false);
  });
});

describe("the cluster's DNS", () => {
  const closed = cnp('c', { egress: [{ toEntities: ['none'] }] });
  const dns = (name: string, namespace: string, more: Partial<Service> = {}): Service => ({
    meta: meta(name, namespace),
    type: 'ClusterIP',
    clusterIPs: ['10.96.0.10'],
    externalIPs: [],
    selector: { app: 'x' },
    ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
    ...more,
  });
  const X = pod('x', 'kube-system', '10.0.9.53', { labels: { app: 'x' } });
  const asks = (
    services: readonly Service[],
    pods: readonly Pod[] = [P, X, pod('x', 'openshift-dns', '10.0.9.54', { labels: { app: 'x' } })],
    notRead: NotRead[] = [],
  ) =>
    evaluateEgress(world([closed], { services, backends: [], pods, notRead }), P, {
      host: 'a.example',
      cnames: [],
      addresses: ['203.0.113.1'],
      port: 443,
      protocol: 'TCP',
    }).lookup.explanation;

  it.each<[string, Service, boolean]>([
    ['kube-dns', dns('kube-dns', 'kube-system'), true],
    ['coredns', dns('coredns', 'kube-system'), true],
    ["RKE2's", dns('rke2-coredns-rke2-coredns', 'kube-system'), true],
    ["OpenShift's", dns('dns-default', 'openshift-dns'), true],
    [
      'by its label',
      dns('my-dns', 'kube-system', { meta: meta('my-dns', 'kube-system', { 'k8s-app': 'kube-dns' }) }),
      true,
    ],
    ['of another namespace', dns('kube-dns', 'default'), false],
    ['of another name', dns('my-dns', 'kube-system'), false],
    ['of another port', dns('kube-dns', 'kube-system', { ports: [{ port: 54, protocol: 'UDP' }] }), false],
    ['of TCP alone', dns('kube-dns', 'kube-system', { ports: [{ port: 53, protocol: 'TCP' }] }), false],
  ])('%s', (_, one, known) => {
    const text = asks([one]);
    expect(text.includes('53/UDP to pod')).toBe(known);
    expect(text.includes('no cluster DNS Service (kube-dns) is in the cluster state')).toBe(!known);
  });

  it('a name that is usual before a label', () => {
    const labelled = dns('my-dns', 'kube-system', {
      meta: meta('my-dns', 'kube-system', { 'k8s-app': 'kube-dns' }),
      selector: { app: 'none' },
    });
    expect(asks([labelled, dns('coredns', 'kube-system')])).toContain('53/UDP to pod kube-system/x');
  });

  it('that has no backend, or was not read', () => {
    const none = dns('kube-dns', 'kube-system', { selector: {} });
    expect(asks([none])).toContain('Service kube-system/kube-dns has no backend in the cluster state');
    expect(asks([none], [P], [gap('endpointslices')])).toContain(
      'in the cluster state; endpointslices could not be read',
    );
    expect(asks([], [P], [gap('services')])).toContain('in the cluster state; services could not be read');
    expect(asks([], [P], [gap('services', 'not_in_archive')])).toContain(
      'the DNS pods of kube-system (k8s-app=kube-dns)',
    );
  });

  it('on a node is another peer for the pods of that node', () => {
    const service = dns('kube-dns', 'kube-system', { selector: {} });
    const backends = [
      {
        namespace: 'kube-system',
        service: 'kube-dns',
        addresses: ['10.1.1.1'],
        ports: [{ name: 'dns', port: 53, protocol: 'UDP' as const }],
        ready: true,
      },
    ];
    const away = pod('away', 'default', '10.0.9.70', { nodeName: 'n2', nodeIPs: ['10.1.1.1'] });
    const state = world([closed], { services: [service], backends, pods: [P, away] });
    const text = (from: Pod) =>
      evaluateEgress(state, from, { host: 'a.example', cnames: [], addresses: [], port: 443, protocol: 'TCP' }).lookup
        .explanation;
    expect(text(P)).toContain('53/UDP to node n2 (10.1.1.1)');
    expect(text(away)).toContain("53/UDP to the pod's own node (10.1.1.1)");
    expect(text(P)).toContain('53/UDP to node n2 (10.1.1.1)');
  });

  it('is asked at its port for questions, whatever others it has', () => {
    const ports = [
      { name: 'metrics', port: 9153, protocol: 'UDP' as const },
      { name: 'dns', port: 53, protocol: 'UDP' as const },
    ];
    expect(asks([dns('kube-dns', 'kube-system', { ports })])).toContain('53/UDP to pod kube-system/x');
  });

  it('that an archive does not hold stands in the namespace that it holds, or in one of that name', () => {
    const lookup = (labels: Record<string, string>, known: boolean) =>
      evaluateEgress(
        world(
          [
            np('n', {
              egress: [{ to: [{ namespaceSelector: select(labels), podSelector: select({ 'k8s-app': 'kube-dns' }) }] }],
            }),
          ],
          {
            services: [],
            backends: [],
            pods: [P],
            namespaces: known ? [{ meta: meta('kube-system', undefined, { team: 'sys' }) }] : [],
            notRead: [gap('services', 'not_in_archive')],
          },
        ),
        P,
        { host: 'a.example', cnames: [], addresses: [], port: 443, protocol: 'TCP' },
      ).lookup.decision;
    const byName = { 'kubernetes.io/metadata.name': 'kube-system' };
    expect([lookup({ team: 'sys' }, true), lookup(byName, true), lookup(byName, false)]).toEqual(
      Array(3).fill('allowed'),
    );
    expect([lookup({ team: 'x' }, true), lookup({ 'kubernetes.io/metadata.name': 'x' }, false)]).toEqual(
      Array(2).fill('denied'),
    );
  });

  it("a node's own cache is asked as well, by the pods of that node", () => {
    const cache = (nodeName: string, ip: string) =>
      pod(`cache-${nodeName}`, 'kube-system', ip, { labels: { 'k8s-app': 'node-local-dns' }, nodeName });
    const pods = [P, X, cache('n2', '10.0.9.62'), cache('n1', '10.0.9.61')];
    const open = np('n', { egress: [{ to: [{ podSelector: select(), namespaceSelector: select() }] }] });
    const answer = (one: readonly Pod[]) =>
      evaluateEgress(world([open], { services: [dns('kube-dns', 'kube-system')], backends: [], pods: one }), P, {
        host: 'a.example',
        cnames: [],
        addresses: ['10.0.0.2'],
        port: 443,
        protocol: 'TCP',
      });
    expect(answer(pods).assumptions).toContain(
      'a node-local DNS cache runs on the node: both it and the cluster DNS were considered as the server asked',
    );
    expect(answer([P, X, cache('n2', '10.0.9.62')]).assumptions.join()).not.toContain('node-local');
    expect(asks([dns('kube-dns', 'kube-system')], pods)).toContain('cache-n1');
    expect(asks([dns('kube-dns', 'kube-system')], pods)).not.toContain('cache-n2');
  });
});
