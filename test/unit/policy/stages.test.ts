/** The verdict of each stage to the word: what decides, why, and what is added where the configuration or another name changes what it means. */
import { describe, expect, it } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule, Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { listed } from '../../../src/core/policy/explain/sentences.ts';
import { acnp, on } from './kinds/foreign-world.ts';
import { cnp, dnsRule, meta, np, P, pod, ports, tcp443, world } from './world.ts';

type More = NonNullable<Parameters<typeof world>[1]>;
const WEB = '203.0.113.10';
const to = (...addresses: string[]): Destination => ({ cnames: [], addresses, port: 443, protocol: 'TCP' });
const FILES: Destination = { ...to(WEB), host: 'files.vendor.example' };
const ask = (policies: readonly Policy[], destination: Destination = to(WEB), more: More = {}, from: Pod = P) =>
  evaluateEgress(world(policies, more), from, destination);
const connect = (...question: Parameters<typeof ask>) => ask(...question).connect;
const gap = (what: string): NotRead => ({ what, code: 'forbidden', reason: 'no right' });
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress });
const range = (cidr: string): CiliumEgressRule => ({ toCIDR: [cidr], toPorts: tcp443 });
const names = (matchName: string): CiliumEgressRule => ({ toFQDNs: [{ matchName }], toPorts: tcp443 });
const PACKET = '443/TCP to 203.0.113.10, outside the cluster';
const ALWAYS = { config: { 'enable-policy': 'always' } };

describe('why a packet fares as it does', () => {
  it.each<[string, readonly Policy[], More, Pod, string]>([
    ['nothing isolates', [], {}, P, `No policy isolates the pod's egress: ${PACKET} is allowed.`],
    [
      'a rule allows',
      [policy(range('203.0.113.0/24'))],
      {},
      P,
      `CiliumNetworkPolicy default/c spec.egress[0].toCIDR[0] (toCIDR 203.0.113.0/24 on 443/TCP) allows ${PACKET}.`,
    ],
    [
      'a rule denies',
      [cnp('c', { egress: [{ toEntities: ['all'] }], egressDeny: [range('203.0.113.0/24')] })],
      {},
      P,
      `CiliumNetworkPolicy default/c spec.egressDeny[0].toCIDR[0] (toCIDR 203.0.113.0/24 on 443/TCP) denies ${PACKET}; a deny beats every allow.`,
    ],
    [
      'none allows',
      [policy(range('198.51.100.0/24')), np('n', { policyTypes: ['Egress'] })],
      {},
      P,
      `The pod's egress is isolated by CiliumNetworkPolicy default/c and NetworkPolicy default/n, and none of its rules allows ${PACKET}: dropped.`,
    ],
    [
      'no policy, but always enforced',
      [],
      ALWAYS,
      P,
      `Cilium's enable-policy is "always", which isolates every pod, and none of its rules allows ${PACKET}: dropped.`,
    ],
    [
      'never enforced',
      [policy()],
      { config: { 'enable-policy': 'never' } },
      P,
      `Cilium's enable-policy is "never": ${PACKET} is allowed whatever the policies say.`,
    ],
    [
      'on the host network',
      [policy(range('198.51.100.0/24'))],
      {},
      { ...P, hostNetwork: true },
      `The pod uses the host network, which pod policies do not govern: ${PACKET} is allowed.`,
    ],
  ])('%s', (_, policies, more, from, sentence) => {
    expect(connect(policies, to(WEB), more, from).explanation).toBe(sentence);
  });

  it('names that another pod may have looked up, on Cilium and elsewhere', () => {
    const plain = { toEntities: ['cluster'], toPorts: [{ ports: ports('53') }] };
    expect(connect([policy(plain, names('files.vendor.example'))], FILES)).toMatchObject({
      decision: 'unknown',
      reason: 'dns_not_proxied',
      explanation: expect.stringContaining(
        'probably dropped; allowed only if another pod on the node looks the name up through the proxy.',
      ),
    });
  });

  it('an engine that answers a refusal says so', () => {
    const answer = (action: string) =>
      evaluateEgress(
        on('antrea', [acnp('x', `{ priority: 5, appliedTo: [{ podSelector: {} }], egress: [{ action: ${action} }] }`)]),
        P,
        to(WEB),
      ).connect;
    expect(answer('Reject')).toMatchObject({
      decision: 'denied',
      rejects: true,
      explanation: expect.stringMatching(
        /it is the first rule of .* that matches, and the engine answers with a refusal\.$/,
      ),
    });
    expect(answer('Drop').rejects).toBeUndefined();
    expect(answer('Drop').explanation).toMatch(/it is the first rule of .* that matches\.$/);
  });

  it.each<[string[], string]>([
    [[], ''],
    [['a'], 'a'],
    [['a', 'a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd'], 'a, b, c and d'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
    [['a', 'b', 'c', 'd', 'e', 'e'], 'a, b, c and 2 more'],
  ])('%j in words', (items, text) => {
    expect(listed(items)).toBe(text);
  });
});

describe('several addresses', () => {
  it('that fare alike are one verdict with all its rules', () => {
    const both = [policy(range('203.0.113.0/24'), range('198.51.100.0/24'))];
    const { decision, decidedBy } = connect(both, to(WEB, '198.51.100.1', '203.0.113.11'));
    expect([decision, decidedBy.map(({ path }) => path)]).toEqual([
      'allowed',
      ['spec.egress[0].toCIDR[0]', 'spec.egress[1].toCIDR[0]'],
    ]);
  });

  it('that do not leave it open, each side named once, the worst first', () => {
    const some = [policy(range('203.0.113.0/24'))];
    const { decision, reason, explanation } = connect(some, to(WEB, '198.51.100.1', '198.51.100.2'));
    expect([decision, reason]).toEqual(['unknown', 'default_deny']);
    expect(explanation).toMatch(
      /^It depends on the address: The pod's egress is isolated .*198\.51\.100\.1.* allows 443\/TCP to 203\.0\.113\.10, outside the cluster\.$/,
    );
    expect(explanation).not.toContain('198.51.100.2');
    const doubtful = connect(some, to(WEB, '10.9.9.9'), { notRead: [gap('pods outside namespace default')] });
    expect([doubtful.decision, doubtful.reason]).toEqual(['unknown', 'incomplete_state']);
    expect(doubtful.explanation).toContain('whether the address belongs to a pod, node or Service cannot be told');
  });
});

describe('audit mode', () => {
  const audit = { config: { 'policy-audit-mode': 'true' } };
  it('drops nothing', () => {
    expect(connect([policy(range('198.51.100.0/24'))], to(WEB), audit)).toMatchObject({
      decision: 'allowed',
      reason: 'enforcement_off',
      explanation: expect.stringMatching(
        /^Cilium runs in policy-audit-mode, so nothing is dropped; otherwise: The pod's egress is isolated/,
      ),
    });
    expect(connect([policy(range('203.0.113.0/24'))], to(WEB), audit).reason).toBe('allowed_by_rule');
    expect(
      connect([policy(range('198.51.100.0/24'))], to(WEB), {
        engine: { cni: 'gke-dataplane-v2', seenBy: 'test', config: audit.config },
      }).decision,
    ).toBe('allowed');
  });
  it('is not known to cover the DNS proxy and server names', () => {
    const filtered = policy(dnsRule([{ matchName: 'a.example' }]), names('files.vendor.example'));
    expect(ask([filtered], FILES, audit).lookup).toMatchObject({
      decision: 'unknown',
      reason: 'dns_name_refused',
      explanation: expect.stringMatching(
        /^Undecided about the lookup: policy-audit-mode is known to cover layers 3 and 4, not the DNS proxy\./,
      ),
    });
    const tls = policy({
      ...range('203.0.113.0/24'),
      toPorts: [{ ports: ports('443/TCP'), serverNames: ['a.example'] }],
    });
    expect(connect([tls], { ...to(WEB), sni: 'b.example' }, audit)).toMatchObject({
      decision: 'unknown',
      reason: 'server_name_refused',
      explanation: expect.stringMatching(
        /^Undecided about TLS: policy-audit-mode is known to cover layers 3 and 4, not server names\./,
      ),
    });
  });
});

describe('the DNS proxy', () => {
  const lookup = (policies: readonly Policy[], more: More = {}) => ask(policies, FILES, more).lookup;
  it.each([
    ['refused', 'REFUSED'],
    ['nameError', 'NXDOMAIN'],
  ])('answers %s as %s', (code, word) => {
    const { decidedBy, explanation } = lookup(
      [policy(dnsRule([{ matchName: 'a.example' }, { matchPattern: '*.b.example' }]))],
      {
        config: { 'tofqdns-dns-reject-response-code': code },
      },
    );
    expect(explanation).toMatch(new RegExp(`none of .* admits "files.vendor.example": the proxy answers ${word}\\.$`));
    expect(decidedBy.map(({ path }) => path)).toEqual([
      'spec.egress[0].toPorts[0].rules.dns[0]',
      'spec.egress[0].toPorts[0].rules.dns[1]',
    ]);
  });
  it('lets through what an entry, a rule beside it, or no isolation lets through', () => {
    const filter = dnsRule([{ matchName: 'a.example' }]);
    expect(lookup([policy(dnsRule([{ matchName: 'files.vendor.example' }]))]).explanation).toMatch(
      /lets the pod ask for "files\.vendor\.example" \(53\/UDP to pod kube-system\/coredns \(10\.0\.0\.53\)\) through Cilium's DNS proxy\.$/,
    );
    const beside: CiliumEgressRule = { toEntities: ['cluster'], toPorts: [{ ports: ports('53/UDP') }] };
    expect(lookup([policy(filter, beside)]).explanation).toMatch(
      /through Cilium's DNS proxy, and .* lifts its name filter\.$/,
    );
    for (const other of [
      ports('53/TCP'),
      ports('54/UDP'),
      [{ port: '53', endPort: 60, protocol: 'UDP' }],
      [{ port: '53', endPort: 53, protocol: 'UDP' }],
    ])
      expect(lookup([policy(filter, { ...beside, toPorts: [{ ports: other }] })]).reason).toBe('dns_name_refused');
    expect(
      lookup([policy(filter, { ...beside, toPorts: [{ ports: [...ports('80/TCP'), ...ports('53')] }] })]).decision,
    ).toBe('allowed');
    const open = cnp('c', { egress: [filter], enableDefaultDenyEgress: false });
    expect(lookup([open]).explanation).toMatch(/which filters no name because no policy isolates the pod\.$/);
  });
  it('may let through what policies that were not read let through', () => {
    const filter = policy(dnsRule([{ matchName: 'a.example' }]));
    expect(lookup([filter], { notRead: [gap('networkpolicies')] })).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining(
        'whether its names are filtered cannot be told: networkpolicies could not be read',
      ),
    });
  });
});

describe('names that share an address', () => {
  const dns = dnsRule();
  const shared = (more: Partial<Destination> = {}): Destination => ({
    ...FILES,
    sharedWith: ['api.vendor.example'],
    ...more,
  });
  const listing = policy(dns, names('api.vendor.example'));

  it('let each other through, by accident', () => {
    expect(connect([listing], shared()).explanation).toMatch(
      / But "files\.vendor\.example" is allowed by accident: the rules list "api\.vendor\.example", which has the same address, and it ends when the addresses change\.$/,
    );
    const { host: _, ...address } = shared();
    expect(connect([listing], address).explanation).toContain('But the address is allowed by accident');
    expect(connect([listing], shared({ sharedWith: ['b.example', 'api.vendor.example'] })).explanation).toContain(
      'the rules list "api.vendor.example", which',
    );
  });

  it.each<[string, Policy, Destination]>([
    ['nothing else has the address', policy(dns, names('files.vendor.example')), FILES],
    ['the name is listed itself', policy(dns, names('files.vendor.example'), names('api.vendor.example')), shared()],
    [
      'the name is listed in the same rule',
      policy(dns, {
        ...names('api.vendor.example'),
        toFQDNs: [{ matchName: 'api.vendor.example' }, { matchName: 'files.vendor.example' }],
      }),
      shared(),
    ],
    ['its address is allowed', policy(dns, names('api.vendor.example'), range('203.0.113.0/24')), shared()],
    [
      'it shares with itself',
      policy(dns, names('files.vendor.example')),
      shared({ sharedWith: ['files.vendor.example'] }),
    ],
  ])('no accident where %s', (_, one, destination) => {
    const { decision, explanation } = connect([one], destination);
    expect([decision, explanation.includes('by accident')]).toEqual(['allowed', false]);
  });

  it('leave it open where this pod does not look the other one up', () => {
    const filter = policy(dnsRule([{ matchName: 'files.vendor.example' }]), names('api.vendor.example'));
    expect(connect([filter], shared())).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining(
        'by another name of the same address, which this pod does not look up through the proxy',
      ),
    });
    expect(connect([policy(dns, names('other.example'))], shared()).decision).toBe('denied');
  });

  it('count as far as twenty', () => {
    const many = Array.from({ length: 20 }, (_, index) => `n${index}.example`);
    expect(connect([listing], shared({ sharedWith: [...many, 'api.vendor.example'] })).decision).toBe('denied');
    expect(connect([listing], shared({ sharedWith: [...many.slice(1), 'api.vendor.example'] })).decision).toBe(
      'allowed',
    );
  });
});

describe('TLS server names', () => {
  const rule = (...serverNames: string[]): CiliumEgressRule => ({
    ...range('203.0.113.0/24'),
    toPorts: [{ ports: ports('443/TCP'), ...(serverNames.length > 0 && { serverNames }) }],
  });
  const tls = (
    sni: string | undefined,
    rules: CiliumEgressRule[],
    more: More = {},
    destination: Partial<Destination> = {},
  ) => connect([policy(...rules)], { ...to(WEB), ...(sni !== undefined && { sni }), ...destination }, more);

  it.each<[string, string, string[], string, 'allowed' | 'denied' | 'unknown']>([
    ['the name', 'a.example', ['a.example'], '1.19.5', 'allowed'],
    ['the name in another case', 'A.Example.', ['a.EXAMPLE'], '1.19.5', 'allowed'],
    ['another name', 'b.example', ['a.example'], '1.19.5', 'denied'],
    ['one of several', 'b.example', ['a.example', 'b.example'], '1.19.5', 'allowed'],
    ['a star', 'b.a.example', ['*.a.example'], '1.19.5', 'allowed'],
    ['a star, another depth', 'c.b.a.example', ['*.a.example'], '1.19.5', 'denied'],
    ['two stars', 'c.b.a.example', ['**.a.example'], '1.18.4', 'allowed'],
    ['a star before 1.18', 'b.a.example', ['*.a.example'], '1.17.6', 'allowed'],
  ])('%s', (title, sni, list, version, decision) => {
    // How a star was read before 1.18 is not known, so nothing is refused by it.
    expect(tls(sni, [rule(...list)], { version }).decision, title).toBe(decision);
  });

  it('say which names a rule lets through', () => {
    expect(tls('b.example', [rule('a.example', 'c.example')])).toMatchObject({
      decision: 'denied',
      reason: 'server_name_refused',
      explanation: expect.stringMatching(
        /allows 443\/TCP to 203\.0\.113\.10, outside the cluster only for the TLS server names "a\.example" and "c\.example": TCP connects, TLS for "b\.example" is reset\.$/,
      ),
    });
  });

  it('filter nothing where a rule without them allows the packet, none is sent, or it is not TCP', () => {
    expect(tls('b.example', [rule('a.example'), rule()]).decision).toBe('allowed');
    expect(tls('b.example', [rule('a.example'), { toEntities: ['world'] }]).decision).toBe('allowed');
    expect(tls(undefined, [rule('a.example')]).decision).toBe('allowed');
    const udp = { ...range('203.0.113.0/24'), toPorts: [{ ports: ports('443'), serverNames: ['a.example'] }] };
    expect(tls('b.example', [udp], {}, { protocol: 'UDP' }).decision).toBe('allowed');
  });

  it('may be let through by what was not read, or only may match', () => {
    const unread = tls('b.example', [rule('a.example')], { notRead: [gap('networkpolicies')] });
    expect(unread).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringMatching(
        /^Undecided about TLS for "b\.example" on 443\/TCP .*networkpolicies could not be read/,
      ),
    });
    const groups = { toGroups: [{}], toPorts: tcp443 };
    expect(tls('b.example', [rule('a.example'), groups])).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('may lift the filter: toGroups is looked up in the cloud account'),
    });
    expect(
      tls('b.example', [
        rule('a.example'),
        { ...groups, toPorts: [{ ports: ports('443/TCP'), serverNames: ['c.example'] }] },
      ]).decision,
    ).toBe('denied');
  });
});

describe('an address that may be one of the cluster', () => {
  const blind = { notRead: [gap('pods outside namespace default')] };
  const PRIVATE = to('10.9.9.9');
  it.each<[string, readonly Policy[], Destination, More, 'allowed' | 'denied' | 'unknown']>([
    ['matters to a range', [policy(range('10.0.0.0/8'))], PRIVATE, blind, 'unknown'],
    ['not where it is public', [policy(range('203.0.113.0/24'))], to(WEB), blind, 'allowed'],
    ['not where all was read', [policy(range('10.0.0.0/8'))], PRIVATE, {}, 'allowed'],
    ['not to a rule for everybody', [policy({ toEntities: ['all'] })], PRIVATE, blind, 'allowed'],
    ['not to a rule for any destination', [policy({ toPorts: tcp443 })], PRIVATE, blind, 'allowed'],
    ['not where nothing isolates', [], PRIVATE, blind, 'allowed'],
    ['where a rule for some could allow it', [policy(range('192.0.2.0/24'))], PRIVATE, blind, 'unknown'],
    [
      'not where rules are for other ports',
      [policy({ ...range('192.0.2.0/24'), toPorts: [{ ports: ports('80') }] })],
      PRIVATE,
      blind,
      'denied',
    ],
    ['not where nothing is allowed', [np('n', { policyTypes: ['Egress'] })], PRIVATE, blind, 'denied'],
    [
      'not to a deny of everybody',
      [cnp('c', { egress: [range('10.0.0.0/8')], egressDeny: [{ toEntities: ['all'] }] })],
      PRIVATE,
      blind,
      'denied',
    ],
    [
      'to a deny of some beside an allow of everybody',
      [cnp('c', { egress: [{ toEntities: ['all'] }], egressDeny: [range('192.0.2.0/24')] })],
      PRIVATE,
      blind,
      'unknown',
    ],
    ['where nodes were not read', [policy(range('10.0.0.0/8'))], PRIVATE, { notRead: [gap('nodes')] }, 'unknown'],
    ['where Services were not read', [policy(range('10.0.0.0/8'))], PRIVATE, { notRead: [gap('services')] }, 'unknown'],
    ['on the port behind a Service', [policy({ toPorts: tcp443 })], PRIVATE, { notRead: [gap('services')] }, 'unknown'],
    ['on no port', [policy({ toEntities: ['all'] })], PRIVATE, { notRead: [gap('services')] }, 'allowed'],
  ])('%s', (_, policies, destination, more, decision) => {
    expect(connect(policies, destination, more).decision).toBe(decision);
  });
});

describe('a Service without backends', () => {
  const services = [
    ...world([]).services,
    {
      meta: meta('db', 'default'),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.9'],
      externalIPs: [],
      selector: {},
      ports: [{ port: 443, protocol: 'TCP' as const }],
    },
  ];
  const there = { ...to('10.96.0.9'), host: 'db.default.svc' };
  it('is nothing to connect to', () => {
    expect(connect([], there, { services }).explanation).toBe(
      'Undecided: the Service behind db.default.svc has no backend, so there is nothing to connect to.',
    );
    expect(connect([], to('10.96.0.9'), { services }).explanation).toContain(
      'the Service behind 10.96.0.9 has no backend',
    );
  });
  it.each(['endpointslices', 'pods outside namespace default'])('unless %s were not read', (what) => {
    expect(connect([], there, { services, notRead: [gap(what)] }).explanation).toContain(
      `no backend of the Service behind db.default.svc was found, and not all were read: ${what} could not be read`,
    );
  });
});

describe('a name that the pod answers itself', () => {
  it('is not looked up, and taught to nobody', () => {
    const from = pod('p', 'default', '10.0.0.1', { hostAliases: [{ ip: WEB, hostnames: ['Files.Vendor.Example'] }] });
    const { lookup, connect: connection } = ask([policy(dnsRule(), names('files.vendor.example'))], FILES, {}, from);
    expect(lookup).toMatchObject({
      decision: 'allowed',
      reason: 'not_applicable',
      explanation: 'hostAliases of the pod answer "files.vendor.example", so no DNS server is asked.',
    });
    expect(connection.explanation).toContain(
      "the pod's hostAliases answer the name, so no lookup teaches it to the engine",
    );
    expect(ask([], to(WEB)).lookup.explanation).toBe('An address was given, so no name is looked up.');
  });
});
