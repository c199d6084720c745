/** Where near misses end: the nearest thing that is none, and which of several is told first. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule, Policy } from '../../../src/core/model/policy.ts';
import { calico, globalCalico, onCalico } from './kinds/calico-world.ts';
import { asked, FILES, named, patterns } from './near-miss.ts';
import { ccnp, cnp, DNS, dnsRule, meta, np, OTHER, P, PEER, pod, ports, rule, select, tcp443, world } from './world.ts';

type More = NonNullable<Parameters<typeof world>[1]>;
const files = named(['files.vendor.example']);
const policy = (...egress: CiliumEgressRule[]) => cnp('c', { egress: [dnsRule(), ...egress] });
const to = (host: string, more: Partial<Destination> = {}): Destination => ({ ...FILES, host, ...more });
const kinds = (policies: readonly Policy[], destination: Destination = FILES, more: More = {}, from = P) =>
  asked(world(policies, more), destination, from).kinds;

describe('names that are nearly it', () => {
  it.each<[string, string, string, string | undefined]>([
    ['a label off by a character', 'files.vendor.example', 'fils.vendor.example', 'name_similar'],
    ['a short label off by two characters', 'files.vendor.example', 'flis.vendor.example', 'same_rule_family'],
    ['a long label off by two characters', 'downloads.vendor.example', 'dwnloadz.vendor.example', 'name_similar'],
    ['a label off by more', 'files.vendor.example', 'fxxxs.vendor.example', 'same_rule_family'],
    ['two labels off', 'files.vendor.example', 'fils.vendr.example', undefined],
    ['another last label', 'files.vendor.example', 'files.vendor.test', 'name_similar'],
    ['another last label of two', 'vendor.example', 'vendor.test', undefined],
    ['the middle label', 'files.vendor.example', 'files.vendr.example', 'name_similar'],
    ['another middle label', 'files.vendor.example', 'files.other.example', undefined],
    ['cut short', 'files.vendor.example', 'files.vendor', 'name_similar'],
    ['too long', 'files.vendor.example', 'files.vendor.example.com', 'name_similar'],
    ['cut to one label', 'vendors.example', 'vendors', undefined],
    ['a dot too few', 'files.vendor.example', 'filesvendor.example', 'name_similar'],
    ['a short name off by a character', 'a.b.ex', 'a.c.ex', undefined],
    ['seven characters off by one', 'abc.exa', 'abd.exa', undefined],
    ['eight characters off by one', 'abcd.exa', 'abce.exa', 'name_similar'],
    ['numbered siblings', 'node1.vendor.example', 'node2.vendor.example', 'same_rule_family'],
  ])('%s: %s and %s', (_, host, listed, kind) => {
    expect(kinds([policy(named([listed]))], to(host))).toEqual(kind === undefined ? [] : [kind]);
  });

  it.each<[string, string, string, string | undefined]>([
    ['one label too many', '*.vendor.example', 'a.b.vendor.example', 'wildcard_depth'],
    ['one label too few', '*.*.vendor.example', 'a.vendor.example', 'wildcard_depth'],
    ['the domain itself', '*.vendor.example', 'vendor.example', 'wildcard_depth'],
    ['the domain itself below **', '**.vendor.example', 'vendor.example', 'wildcard_depth'],
    ['another domain', '*.vendor.example', 'a.b.other.example', undefined],
    ['a domain that only ends alike', '*.vendor.example', 'a.b.myvendor.example', undefined],
    ['a part of a label', 'api-*.vendor.example', 'files.vendor.example', 'same_rule_family'],
    ['a public suffix', '*.com', 'a.vendor.com', undefined],
  ])('%s: %s and %s', (_, pattern, host, kind) => {
    expect(kinds([policy(patterns(pattern))], to(host))).toEqual(kind === undefined ? [] : [kind]);
  });

  it('not where the name is listed, or leads inside', () => {
    expect(kinds([policy(named(['fils.vendor.example']), files)])).toEqual([]);
    expect(kinds([policy(named(['fils.vendor.example']))], { ...FILES, addresses: ['10.0.0.2'] })).toEqual([]);
    expect(
      kinds([policy(named(['fils.vendor.example']))], { ...FILES, host: undefined } as unknown as Destination),
    ).toEqual([]);
  });
});

describe('what could have allowed it', () => {
  const deny = (action: string, rest = '') => `{action: ${action}${rest}}`;
  const on = (egress: readonly string[], order = '') => [calico('a', `${order}egress: [${egress.join(', ')}]`)];
  const web80 = ', protocol: TCP, destination: {nets: [203.0.113.0/24], ports: [80]}';
  const ask = (policies: readonly Policy[]) =>
    asked(onCalico(policies), { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' }).kinds;

  it('stands before what decides', () => {
    expect(ask(on([deny('Allow', web80)]))).toEqual(['port_missing']);
    expect(ask(on([deny('Allow', web80), deny('Deny')]))).toEqual(['port_missing']);
    expect(ask(on([deny('Deny'), deny('Allow', web80)]))).toEqual([]);
    const later = globalCalico('z', `order: 2000\negress: [${deny('Allow', web80)}]`);
    expect(ask([...on([deny('Deny')], 'order: 1\n'), later])).toEqual([]);
    expect(ask([...on([deny('Allow', ', protocol: UDP')], 'order: 1\n'), later])).toEqual(['port_missing']);
  });

  it('is not asked where a deny beats every allow', () => {
    const list = cnp('c', {
      egress: [named(['fils.vendor.example']), dnsRule()],
      egressDeny: [{ toCIDR: ['203.0.113.0/24'] }],
    });
    expect(kinds([list])).toEqual([]);
  });

  it('is told of one address of several', () => {
    const range = policy({ toCIDR: ['203.0.113.0/24'], toPorts: [{ ports: ports('80/TCP') }] });
    expect(kinds([range], { ...FILES, addresses: ['198.51.100.1', '203.0.113.10'] })).toEqual(['port_missing']);
  });
});

describe('ports', () => {
  const kindOf = (list: readonly string[], destination: Partial<Destination>) =>
    kinds([policy(named(['files.vendor.example'], ...list))], { ...FILES, ...destination });
  it.each<[string, string[], Partial<Destination>, string[]]>([
    ['another protocol', ['443/TCP'], { protocol: 'UDP' }, ['protocol_missing']],
    ['another port', ['443/TCP'], { port: 444 }, ['port_missing']],
    ['another protocol and port', ['443/TCP'], { port: 444, protocol: 'UDP' }, ['port_missing']],
    ['a list for DNS', ['53/UDP'], {}, []],
    ['a list for DNS on all its ports', ['53/UDP', '5353/UDP', '8053/TCP'], {}, []],
    ['a list for DNS and more', ['53/UDP', '80/TCP'], {}, ['port_missing']],
    ['a list for DNS, and its port is asked', ['53/UDP'], { port: 53 }, ['protocol_missing']],
  ])('%s', (_, list, destination, expected) => {
    expect(kindOf(list, destination)).toEqual(expected);
  });

  it('what is said of QUIC, of it alone', () => {
    const says = (list: string, port: number, protocol: 'TCP' | 'UDP') =>
      asked(world([policy(named(['files.vendor.example'], list))]), { ...FILES, port, protocol }).evaluation
        .nearMisses[0]?.statement;
    expect(says('443/TCP', 443, 'UDP')).toMatch(
      /; 443\/UDP is QUIC \(HTTP\/3\), whose clients usually fall back to 443\/TCP$/,
    );
    expect(says('8443/TCP', 8443, 'UDP')).not.toContain('QUIC');
    expect(says('443/UDP', 443, 'TCP')).not.toContain('QUIC');
  });
});

describe('policies for other pods', () => {
  const isolating = cnp('base', { egress: [dnsRule()] });
  const shop = pod('shop', 'default', '10.0.0.1', { labels: { app: 'shop', tier: 'web' } });
  const world_ = { pods: [shop, PEER, OTHER, DNS] };
  const of = (policies: readonly Policy[], more: More = {}) =>
    asked(world([isolating, ...policies], { ...world_, ...more }), FILES, shop);
  const meant = (labels: Record<string, string>, more: object = {}) =>
    cnp('d', { endpointSelector: select(labels), egress: [files], ...more });

  it.each<[string, Policy, string[]]>([
    ['a slip', meant({ app: 'shpo' }), ['label_similar']],
    ['another label that nobody has', meant({ app: 'cart' }), ['pod_not_selected']],
    ['another workload that exists', meant({ app: 'peer' }), []],
    ['a tier that another pod has', meant({ tier: 'db' }), ['pod_not_selected']],
    ['two labels that fail', meant({ app: 'cart', tier: 'db' }), []],
    [
      'a policy that would not allow it',
      cnp('d', { endpointSelector: select({ app: 'cart' }), egress: [named(['x.example'])] }),
      [],
    ],
    [
      'a slip in a clusterwide policy',
      ccnp('d', { endpointSelector: select({ app: 'shpo' }), egress: [files] }),
      ['label_similar'],
    ],
    ['a NetworkPolicy', np('d', { podSelector: select({ app: 'shpo' }), egress: [{}] }), ['label_similar']],
  ])('%s', (_, one, expected) => {
    expect(of([one]).kinds).toEqual(expected);
  });

  it.each<[string, Policy, More, boolean]>([
    ['it takes nobody now', meant({ app: 'shpo' }), {}, true],
    [
      'it takes another pod now',
      meant({ tier: 'db' }),
      { pods: [shop, DNS, { ...PEER, meta: meta('peer', 'default', { tier: 'db' }) }] },
      false,
    ],
    [
      'it takes a pod of another namespace only',
      meant({ tier: 'db' }),
      { pods: [shop, DNS, { ...OTHER, meta: meta('o', 'other', { tier: 'db' }) }] },
      true,
    ],
    [
      'pods were not read',
      meant({ app: 'shpo' }),
      { notRead: [{ what: 'pods in namespace default', code: 'forbidden', reason: 'no' }] },
      false,
    ],
    [
      'pods elsewhere were not read',
      meant({ app: 'shpo' }),
      { notRead: [{ what: 'pods in namespace other', code: 'forbidden', reason: 'no' }] },
      true,
    ],
    [
      'it would deny the connection',
      meant({ app: 'shpo' }, { egressDeny: [{ toCIDR: ['203.0.113.0/24'] }] }),
      {},
      false,
    ],
    ['it would deny the lookup', meant({ app: 'shpo' }, { egressDeny: [{ toEntities: ['cluster'] }] }), {}, false],
    [
      'it would deny something else',
      meant({ app: 'shpo' }, { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] }),
      {},
      false,
    ],
  ])('are edited only where nothing else changes: %s', (_, one, more, edited) => {
    const { change } = of([one], more).evaluation.nearMisses[0] ?? {};
    expect(change !== undefined).toBe(edited);
  });

  it('are at most twelve, and no more than the search needs', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      ...meant({ app: 'shpo' }),
      meta: meta(`d${index}`, 'default'),
    }));
    expect(of(many).evaluation.nearMisses.map(({ rule: { policy: ref } }) => ref.name)).toEqual(
      many.slice(0, 12).map((one) => one.meta.name),
    );
  });

  it('are none of what a rule denies', () => {
    const denied = cnp('x', { egress: [dnsRule()], egressDeny: [{ toCIDR: ['203.0.113.0/24'] }] });
    expect(of([denied, meant({ app: 'shpo' })]).kinds).toEqual([]);
    const noDns = cnp('x', { egress: [files], egressDeny: [{ toEntities: ['cluster'] }] });
    const forDns = cnp('d', { endpointSelector: select({ app: 'shpo' }), egress: [dnsRule()] });
    expect(asked(world([noDns, forDns], world_), FILES, shop).kinds).toEqual([]);
  });

  it('of a spec that selects no pods at all', () => {
    const nodes = {
      ...ccnp('d', {}),
      rules: [
        {
          path: 'spec',
          rule: { ...rule({ egress: [files] }), endpointSelector: undefined, nodeSelector: select() } as object,
        },
      ],
    } as unknown as Policy;
    expect(of([nodes]).kinds).toEqual([]);
  });

  it('in words', () => {
    const says = (labels: Record<string, string>) => of([meant(labels)]).evaluation.nearMisses[0]?.statement;
    expect(says({ app: 'cart' })).toBe(
      'this policy would allow it but does not select the pod: it wants app=cart, the pod has app=shop',
    );
    expect(says({ role: 'x' })).toBe(
      'this policy would allow it but does not select the pod: it wants role=x, the pod has no label role',
    );
  });
});

describe('a policy that nobody enforces', () => {
  const closed = { toCIDR: ['198.51.100.0/24'] };
  it('is told as what it would do: deny before allow', () => {
    const both = cnp('c', {
      egress: [{ toCIDR: ['203.0.113.0/24'], toPorts: tcp443 }],
      egressDeny: [{ toCIDR: ['203.0.113.10/32'] }],
    });
    const found = asked(world([both], { engine: { cni: 'flannel', seenBy: 'test' } }), FILES);
    expect(found.miss('policy_not_enforced')).toMatchObject({
      rule: { path: 'spec.egressDeny[0].toCIDR[0]', effect: 'deny' },
      statement: expect.stringContaining('this policy would deny it, but nobody enforces it here'),
    });
  });
  it('is not called invalid as well', () => {
    const bad = cnp('c', { egress: [{ ...closed, toEntities: ['all'] }] });
    expect(asked(world([bad], { engine: { cni: 'flannel', seenBy: 'test' } }), FILES).kinds).toEqual([]);
    expect(asked(world([bad]), FILES).kinds).toEqual(['policy_invalid']);
  });
});
