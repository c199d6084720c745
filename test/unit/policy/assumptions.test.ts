/** The premises of a verdict: each said where it is one, and nowhere else. */
import { describe, expect, it } from 'vitest';
import { AUTO_MODE } from '../../../src/core/model/aws-settings.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule, Policy } from '../../../src/core/model/policy.ts';
import type { Pod, Service } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { firewall } from './kinds/foreign-world.ts';
import { cnp, DNS, dnsRule, kubeDns, meta, np, P, PEER, ports, tcp443, world } from './world.ts';

type More = NonNullable<Parameters<typeof world>[1]>;
const WEB = '203.0.113.10';
const to = (...addresses: string[]): Destination => ({ cnames: [], addresses, port: 443, protocol: 'TCP' });
const FILES: Destination = { ...to(WEB), host: 'files.vendor.example' };
const said = (policies: readonly Policy[], destination: Destination = to(WEB), more: More = {}, from: Pod = P) =>
  evaluateEgress(world(policies, more), from, destination).assumptions;

const closed = np('n', { policyTypes: ['Egress'] });
const names = (...list: string[]): CiliumEgressRule => ({
  toFQDNs: list.map((matchName) => ({ matchName })),
  toPorts: tcp443,
});
const bothDns: CiliumEgressRule = {
  toEndpoints: [kubeDns],
  toPorts: [{ ports: ports('53/ANY'), dns: [{ matchPattern: '*' }] }],
};
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [bothDns, ...egress] });

const INGRESS = "the destination pod's own ingress policies are not evaluated";
const BY_ADDRESS =
  'the address is not known by a name: it is allowed after all if the node has learned it for a name that toFQDNs lists';
const SHARED =
  'an address that the node has also learned for a listed name (shared servers) is allowed for this name too';
const OUTSIDE = 'the addresses are not known: the name is taken to lie outside the cluster';
const TCP =
  "the DNS answer is taken to fit into UDP: a longer one is asked for again over TCP, which no rule lets to the pod's DNS server";
const ITSELF =
  "the pod's own address is asked for: a connection to it stays inside the pod, where no policy sees it, unless it goes through a Service";

describe('of the connection', () => {
  it.each<[string, readonly Policy[], Destination, string[]]>([
    ['nothing to assume', [closed], to(WEB), []],
    ['a pod', [], to('10.0.0.2'), [INGRESS]],
    ['a node', [], to('10.1.1.1'), []],
    ['an address, where names are listed', [policy(names('a.example'))], to(WEB), [BY_ADDRESS]],
    ['an address, where only ranges are', [policy({ toCIDR: ['10.0.0.0/8'] })], to(WEB), []],
    [
      'an allowed address, where names are listed',
      [policy(names('a.example'), { toCIDR: ['203.0.113.0/24'] })],
      to(WEB),
      [],
    ],
    ['a pod, where names are listed', [policy(names('a.example'))], to('10.0.0.2'), [INGRESS]],
    [
      'an address that a deny beats, where names are listed',
      [cnp('c', { egress: [names('a.example')], egressDeny: [{ toEntities: ['world'] }] })],
      to(WEB),
      [],
    ],
    ['another name', [policy(names('a.example'))], FILES, [SHARED]],
    ['a listed name', [policy(names('files.vendor.example'))], FILES, []],
    ['a name without addresses', [policy(names('files.vendor.example'))], { ...FILES, addresses: [] }, [OUTSIDE]],
    ['a name of the cluster without addresses', [policy()], { ...FILES, host: 'gone.default.svc', addresses: [] }, []],
    ['its own address', [closed], to('10.0.0.1'), [INGRESS, ITSELF]],
    ['its own address, allowed', [], to('10.0.0.1'), [INGRESS]],
    ['its own address in another spelling', [closed], to('::ffff:10.0.0.1'), [INGRESS, ITSELF]],
    ['another pod', [closed], to('10.0.0.2'), [INGRESS]],
  ])('%s', (_, policies, destination, expected) => {
    expect(said(policies, destination)).toEqual(expected);
  });

  it('its own address through a Service is none that stays inside', () => {
    const service: Service = {
      meta: meta('self', 'default'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.8'],
      externalIPs: [],
      selector: { app: 'p' },
      ports: [{ port: 443, protocol: 'TCP' }],
    };
    expect(said([closed], to('10.96.0.8'), { services: [...world([]).services, service] })).toEqual([INGRESS]);
  });

  it('on the host network only that counts', () => {
    expect(said([policy(names('a.example'))], to('10.0.0.2'), {}, { ...P, hostNetwork: true })).toEqual([
      'pod policies do not govern host-network pods; the host firewall is not evaluated',
    ]);
  });
});

describe('of the lookup', () => {
  it.each<[string, readonly Policy[], Destination, string[]]>([
    ['DNS over UDP alone', [cnp('c', { egress: [dnsRule(), names('files.vendor.example')] })], FILES, [TCP]],
    ['DNS over both', [policy(names('files.vendor.example'))], FILES, []],
    [
      'no isolation',
      [cnp('c', { egress: [dnsRule(), names('files.vendor.example')], enableDefaultDenyEgress: false })],
      FILES,
      [],
    ],
    ['no lookup', [cnp('c', { egress: [dnsRule(), { toCIDR: ['203.0.113.0/24'] }] })], to(WEB), []],
    ['no DNS at all', [cnp('c', { egress: [{ toCIDR: ['203.0.113.0/24'] }] })], FILES, []],
  ])('%s', (_, policies, destination, expected) => {
    expect(said(policies, destination).filter((one) => one === TCP)).toEqual(expected);
  });

  it.each<[string, string, string, boolean]>([
    ['a name of few dots', 'files.vendor.example', '*.vendor.example', true],
    ['a name of five dots', 'a.b.c.d.vendor.example', '*.*.*.*.vendor.example', false],
    ['every name', 'files.vendor.example', '*', false],
    ['the expanded name as well', 'files.vendor.example', '*', false],
  ])('search suffixes that the proxy refuses: %s', (_, host, matchPattern, expected) => {
    const filter = { ...bothDns, toPorts: [{ ports: ports('53/ANY'), dns: [{ matchPattern }] }] };
    const found = said([cnp('c', { egress: [filter, names(host)] })], { ...FILES, host });
    const note = `with the usual search list the resolver first asks for "${host}.default.svc.cluster.local", which the DNS proxy rejects: glibc goes on to "${host}", musl (Alpine) gives up unless the name is written with a final dot`;
    expect(found).toEqual(expected ? [note] : []);
  });
});

describe('of layer 7', () => {
  const rule = (more: object): CiliumEgressRule => ({
    toCIDR: ['203.0.113.0/24'],
    toPorts: [{ ports: ports('443/TCP'), ...more }],
  });
  const HTTP =
    'HTTP or other L7 rules apply to the connection and are not evaluated: a request they do not list gets 403';
  const ONLY = 'TLS is let through for the server names';
  it.each<[string, CiliumEgressRule[], Destination, string[]]>([
    ['HTTP rules', [rule({ http: [{}] })], to(WEB), [HTTP]],
    ['other rules', [rule({ otherL7: ['kafka'] })], to(WEB), [HTTP]],
    ['HTTP rules beside a plain one', [rule({ http: [{}] }), { toCIDR: ['203.0.113.0/24'] }], to(WEB), []],
    ['no rule for the packet', [rule({ http: [{}] })], to('198.51.100.1'), []],
    [
      'server names',
      [rule({ serverNames: ['a.example', 'b.example'] })],
      to(WEB),
      [`${ONLY} a.example, b.example only`],
    ],
    [
      'server names, and another is asked for',
      [rule({ serverNames: ['a.example'] })],
      FILES,
      [`${ONLY} a.example only; a client that sends "files.vendor.example" is cut off`],
    ],
    [
      'server names, and one is asked for',
      [rule({ serverNames: ['*.vendor.example'] })],
      FILES,
      [`${ONLY} *.vendor.example only; a client that sends "files.vendor.example" is let through`],
    ],
    [
      'server names, and the client sends one',
      [rule({ serverNames: ['a.example'] })],
      { ...FILES, sni: 'a.example' },
      [],
    ],
    [
      'many server names',
      [rule({ serverNames: ['a', 'b', 'c', 'd', 'e', 'f', 'a'].map((one) => `${one}.example`) })],
      to(WEB),
      [`${ONLY} a.example, b.example, c.example, d.example, e.example only`],
    ],
  ])('%s', (_, rules, destination, expected) => {
    expect(said([policy(...rules)], destination)).toEqual(expected);
  });
});

describe('of the engine', () => {
  const engine = (facts: object): More => ({ engine: { cni: 'cilium', seenBy: 'test', ...facts } as never });
  it.each<[string, readonly Policy[], More, string[]]>([
    ['all is known', [], engine({ version: '1.19.5', config: {} }), []],
    ['the version is not', [], engine({ config: {} }), ['Cilium version not read: the rules of 1.19 assumed']],
    ['the configuration is not', [], engine({ version: '1.19.5' }), ['cilium-config not read: its defaults assumed']],
    [
      'nothing is, and no policy tells',
      [],
      engine({ cni: 'unknown' }),
      ["the network plugin was not recognised: NetworkPolicy is taken to be enforced by Kubernetes' rules"],
    ],
    ['another engine', [], engine({ cni: 'kube-router' }), []],
    [
      'a policy that nobody enforces',
      [cnp('c', { egress: [{}] })],
      engine({ cni: 'kube-router' }),
      ['CiliumNetworkPolicy is left out: the network plugin (kube-router) does not enforce CiliumNetworkPolicy'],
    ],
    [
      'an archive',
      [],
      { notRead: [{ what: 'nodes', code: 'not_in_archive', reason: 'x' }] },
      ['the archive is taken for the whole cluster; it does not hold: nodes'],
    ],
  ])('%s', (_, policies, more, expected) => {
    expect(said(policies, to(WEB), more)).toEqual(expected);
  });

  const service: Service = {
    meta: meta('web', 'default'),
    type: 'ClusterIP',
    clusterIPs: ['10.96.0.8'],
    externalIPs: [],
    selector: { app: 'peer' },
    ports: [{ port: 443, protocol: 'TCP' }],
  };
  const AWS =
    "AWS's agent compares a Service's own address and port, not its pods': ranges and ports of rules were compared with the pods here";
  const aws = {
    cni: 'aws-vpc-cni',
    seenBy: 'test',
    version: '1.21.1',
    config: { 'enable-network-policy-controller': 'true', [AUTO_MODE]: 'true' },
  } as const;
  it.each<[string, readonly Policy[], string, More, boolean]>([
    ['a Service on AWS', [closed, np('o', { egress: [{}] })], '10.96.0.8', { engine: aws }, true],
    ['no policy on AWS', [], '10.96.0.8', { engine: aws }, false],
    ['a pod on AWS', [np('o', { egress: [{}] })], '10.0.0.2', { engine: aws }, false],
    [
      'a Service elsewhere',
      [np('o', { egress: [{}] })],
      '10.96.0.8',
      { engine: { cni: 'kube-router', seenBy: 'test' } },
      false,
    ],
  ])('%s', (_, policies, address, more, expected) => {
    const state = { services: [...world([]).services, service], pods: [P, PEER, DNS], ...more };
    expect(said(policies, to(address), state).includes(AWS)).toBe(expected);
  });

  it.each<[string, Destination, string[]]>([
    [
      'a pod',
      to('10.0.0.2'),
      ['EgressFirewall governs addresses outside the cluster only: pods are left out of its rules', INGRESS],
    ],
    ['an address', to(WEB), []],
    [
      'a name',
      FILES,
      [
        'EgressFirewall compares addresses that the control plane has resolved for its dnsName rules: the pod may be given others for the name',
      ],
    ],
  ])('a firewall with names: %s', (_, destination, expected) => {
    const wall = firewall(
      'egress: [{ type: Allow, to: { dnsName: files.vendor.example } }, { type: Deny, to: { cidrSelector: 0.0.0.0/0 } }]',
    );
    const found = said([wall], destination, { engine: { cni: 'ovn-kubernetes', seenBy: 'test' } });
    expect(found.filter((one) => one.startsWith('EgressFirewall') || one === INGRESS).toSorted()).toEqual(
      expected.toSorted(),
    );
    const plain = firewall('egress: [{ type: Deny, to: { cidrSelector: 0.0.0.0/0 } }]');
    expect(said([plain], FILES, { engine: { cni: 'ovn-kubernetes', seenBy: 'test' } }).join()).not.toContain('dnsName');
  });
});
