/** Near misses of names: what looks like the asked name, why it is not, and that the change makes the rule take it. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { NearMiss } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule } from '../../../src/core/model/policy.ts';
import { asked, FILES, named, patterns } from './near-miss.ts';
import { cnp, dnsRule, kubeDns, P, pod, ports, world } from './world.ts';

const state = (rules: readonly CiliumEgressRule[], more: Parameters<typeof world>[1] = {}) =>
  world([cnp('c', { egress: [dnsRule(), ...rules] })], more);
const to = (host: string, more: Partial<Destination> = {}): Destination => ({ ...FILES, host, ...more });

interface Case {
  readonly title: string;
  readonly rules: readonly CiliumEgressRule[];
  readonly to: Destination;
  readonly kinds: readonly NearMiss['kind'][];
  readonly says?: string;
  readonly version?: string;
}

describe('one entry', () => {
  it.each<Case>([
    {
      title: 'a character left out',
      rules: [named(['files.vendr.example'])],
      to: FILES,
      kinds: ['name_similar'],
      says: '"vendr"',
    },
    { title: 'two characters swapped', rules: [named(['fiels.vendor.example'])], to: FILES, kinds: ['name_similar'] },
    { title: 'another last label', rules: [named(['files.vendor.test'])], to: FILES, kinds: ['name_similar'] },
    { title: 'cut short', rules: [named(['files.vendor'])], to: FILES, kinds: ['name_similar'] },
    {
      title: 'a slip in a pattern without star',
      rules: [patterns('files.vendr.example')],
      to: FILES,
      kinds: ['name_similar'],
    },
    { title: 'another organisation', rules: [named(['files.dealer.example'])], to: FILES, kinds: [] },
    { title: 'another name of two labels', rules: [named(['vendor.test'])], to: to('vendor.example'), kinds: [] },
    { title: 'short names differ by chance', rules: [named(['a.to'])], to: to('b.to'), kinds: [] },
    {
      title: 'a numbered sibling is no slip',
      rules: [named(['files1.vendor.example'])],
      to: to('files2.vendor.example'),
      kinds: ['same_rule_family'],
    },
    {
      title: 'one label deeper than the star',
      rules: [patterns('*.vendor.example')],
      to: to('a.b.vendor.example'),
      kinds: ['wildcard_depth'],
      says: 'does not cross a dot',
    },
    {
      title: 'the domain itself',
      rules: [patterns('*.vendor.example')],
      to: to('vendor.example'),
      kinds: ['wildcard_depth'],
      says: 'needs an entry of its own',
    },
    {
      title: 'the domain itself below **.',
      rules: [patterns('**.vendor.example')],
      to: to('vendor.example'),
      kinds: ['wildcard_depth'],
      says: 'needs an entry of its own',
    },
    {
      title: '**. before 1.19',
      rules: [patterns('**.vendor.example')],
      to: to('a.b.vendor.example'),
      kinds: ['wildcard_depth'],
      says: 'only from 1.19',
      version: '1.18.4',
    },
    {
      title: 'a star within the label is about siblings, not depth',
      rules: [patterns('api*.vendor.example')],
      to: FILES,
      kinds: ['same_rule_family'],
    },
    { title: 'a star below a public suffix', rules: [patterns('*.co.uk')], to: to('a.vendor.co.uk'), kinds: [] },
    {
      title: 'the alias is what is listed',
      rules: [named(['blob.store.example'])],
      to: { ...FILES, cnames: ['edge.store.example', 'blob.store.example'] },
      kinds: ['cname_listed'],
      says: '"files.vendor.example" itself must be listed',
    },
    {
      title: 'a slip among siblings is told once',
      rules: [named(['api.vendor.example', 'fles.vendor.example'])],
      to: FILES,
      kinds: ['name_similar'],
    },
  ])('$title', ({ rules, to: destination, kinds, says, version }) => {
    const found = asked(state(rules, version === undefined ? {} : { version }), destination);
    expect(found.kinds).toEqual(kinds);
    for (const kind of kinds) {
      expect(found.miss(kind).change).toMatchObject({ op: 'add', path: ['spec', 'egress', 1, 'toFQDNs', '-'] });
      expect(found.after(kind).decision).toBe('allowed');
    }
    if (kinds[0] && says !== undefined) expect(found.miss(kinds[0]).statement).toContain(says);
  });

  it('**. from 1.19 takes it, which is no miss', () => {
    const found = asked(state([patterns('**.vendor.example')], { version: '1.19.0' }), to('a.b.vendor.example'));
    expect([found.evaluation.decision, found.kinds]).toEqual(['allowed', []]);
  });
});

describe('which rule, and what change', () => {
  it('the nearest sibling of a rule, the nearest rule first', () => {
    const found = asked(
      state([named(['a.vendor.example']), named(['b.vendor.example', 'api.eu.vendor.example'])]),
      to('files.eu.vendor.example'),
    );
    const places = found.evaluation.nearMisses.map(({ rule }) => rule.path);
    expect(places).toEqual(['spec.egress[2].toFQDNs[1]', 'spec.egress[1].toFQDNs[0]']);
  });
  it('a rule for another port gets no name that would be of no use: an element of its own is offered', () => {
    const found = asked(state([named(['api.vendor.example'], '80/TCP')]));
    expect(found.miss('same_rule_family')).toMatchObject({
      statement: expect.stringContaining('the rule is for 80/TCP, not 443/TCP'),
      change: {
        path: ['spec', 'egress', '-'],
        value: {
          toFQDNs: [{ matchName: 'files.vendor.example' }],
          toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
        },
      },
    });
    expect(found.after('same_rule_family').decision).toBe('allowed');
  });
  it('any port list of the rule will do', () => {
    const rule = {
      ...named(['api.vendor.example']),
      toPorts: [{ ports: ports('80/TCP') }, { ports: ports('443/TCP') }],
    };
    expect(asked(state([rule])).miss('same_rule_family').change?.path).toEqual(['spec', 'egress', 1, 'toFQDNs', '-']);
  });
  it('a name that is listed makes the others no near misses', () => {
    const found = asked(state([named(['files.vendor.example'], '80/TCP'), named(['api.vendor.example'])]));
    expect(found.kinds).toEqual(['port_missing']);
  });
  it('without a DNS rule the name must be learned as well: the reason changes, not yet the answer', () => {
    const policy = cnp('c', {
      egress: [{ toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/UDP') }] }, named(['api.vendor.example'])],
    });
    const found = asked(world([policy]));
    expect([found.evaluation.connect.reason, found.after('same_rule_family').connect.reason]).toEqual([
      'default_deny',
      'dns_not_proxied',
    ]);
  });
  it('the name of a pod or a node is not matched by name in Cilium, and what is needed is said', () => {
    const found = asked(state([named(['peer.shop.example'])]), to('peer.shop.example', { addresses: ['10.0.0.2'] }));
    expect(found.kinds).toEqual(['cidr_cannot_match']);
    expect(found.miss('cidr_cannot_match')).toMatchObject({
      rule: { path: 'spec.egress[1].toFQDNs[0]' },
      statement: expect.stringContaining('toEndpoints is needed'),
    });
    expect(found.after('cidr_cannot_match').decision).toBe('allowed');
  });
});

describe('allowed by accident', () => {
  const shared = { ...FILES, sharedWith: ['api.vendor.example'] };
  it('a name of the same address that is listed and looked up', () => {
    const found = asked(state([named(['api.vendor.example'])]), shared);
    expect([found.evaluation.decision, found.kinds]).toEqual(['allowed', ['shared_address']]);
    expect(found.evaluation.connect.explanation).toMatch(/But .* allowed by accident.*"api\.vendor\.example"/);
    expect(found.miss('shared_address').statement).toContain('it ends when the addresses change');
    expect(found.after('shared_address').nearMisses).toEqual([]);
  });
  it('is no accident where the name is listed too, or the rule is no matter of names', () => {
    expect(asked(state([named(['api.vendor.example', 'files.vendor.example'])]), shared).kinds).toEqual([]);
    expect(asked(state([named(['api.vendor.example']), { toEntities: ['world'] }]), shared).kinds).toEqual([]);
  });
  it('a name that another port is allowed for helps nothing', () => {
    expect(asked(state([named(['api.vendor.example'], '80/TCP')]), shared).evaluation.decision).toBe('denied');
  });
  it('a name that the pod may not look up is on record only if others look it up', () => {
    const strict = cnp('c', {
      egress: [dnsRule([{ matchName: 'files.vendor.example' }]), named(['api.vendor.example'])],
    });
    const { connect } = asked(world([strict]), shared).evaluation;
    expect([connect.decision, connect.reason]).toEqual(['unknown', 'dns_not_proxied']);
    expect(connect.explanation).toContain('another name of the same address');
  });
  it('an address asked for by itself is allowed by the name it has', () => {
    const { host: _, ...address } = shared;
    const found = asked(state([named(['api.vendor.example'])]), address);
    expect(found.evaluation.decision).toBe('allowed');
    expect(found.miss('shared_address').change).toBeUndefined();
  });
  it('a name without the address is another matter', () => {
    expect(asked(state([named(['api.vendor.example'])]), FILES).evaluation.decision).toBe('denied');
  });
});

describe('TLS server names', () => {
  const tls = (...serverNames: string[]) => ({
    toEntities: ['world'],
    toPorts: [{ ports: ports('443/TCP'), serverNames }],
  });
  const sni = { ...FILES, sni: 'files.vendor.example' };
  it.each<[string, string[], string, string]>([
    ['exact', ['files.vendor.example'], '1.19.5', 'allowed'],
    ['another name', ['api.vendor.example'], '1.19.5', 'denied'],
    ['one of two', ['api.vendor.example', 'FILES.vendor.example'], '1.19.5', 'allowed'],
    ['one label', ['*.vendor.example'], '1.18.4', 'allowed'],
    ['one label only', ['*.example'], '1.19.5', 'denied'],
    ['labels', ['**.example'], '1.18.4', 'allowed'],
    ['a star within a label', ['fil*.vendor.example'], '1.20.2', 'allowed'],
    ['a star before 1.18 is not decided', ['*.example'], '1.17.1', 'allowed'],
    ['an exact one before 1.18 is', ['api.vendor.example'], '1.17.1', 'denied'],
  ])('%s', (_, names, version, decision) => {
    expect(asked(state([tls(...names)], { version }), sni).evaluation.connect.decision).toBe(decision);
  });
  it('the refusal says what is seen, and what would let it through', () => {
    const found = asked(state([tls('api.vendor.example')]), sni);
    expect(found.evaluation.connect).toMatchObject({
      reason: 'server_name_refused',
      explanation: expect.stringContaining('TCP connects, TLS for "files.vendor.example" is reset'),
    });
    expect(found.kinds).toEqual(['server_name_not_listed']);
    expect(found.after('server_name_not_listed').decision).toBe('allowed');
    expect(found.evaluation.assumptions.join()).not.toContain('server names');
  });
  it('a rule without a list lifts it, whatever else lists', () => {
    expect(asked(state([tls('api.vendor.example'), { toEntities: ['world'] }]), sni).evaluation.decision).toBe(
      'allowed',
    );
  });
  it('an unknown server name stays a premise, UDP has none', () => {
    const open = asked(state([tls('api.vendor.example')])).evaluation;
    expect([open.decision, open.assumptions.join()]).toEqual(['allowed', expect.stringContaining('is cut off')]);
    const any = { toEntities: ['world'], toPorts: [{ ports: ports('443'), serverNames: ['api.vendor.example'] }] };
    expect(asked(state([any]), { ...sni, protocol: 'UDP' }).evaluation.decision).toBe('allowed');
  });
  it('an unread policy may lift it', () => {
    const gap = { what: 'networkpolicies', code: 'forbidden', reason: 'RBAC' } as const;
    expect(asked(state([tls('api.vendor.example')], { notRead: [gap] }), sni).evaluation.connect.decision).toBe(
      'unknown',
    );
  });
  it('audit mode is not known to let it through', () => {
    const found = asked(state([tls('api.vendor.example')], { config: { 'policy-audit-mode': 'true' } }), sni);
    expect(found.evaluation.connect.decision).toBe('unknown');
  });
});

it('a host-network pod has no near misses', () => {
  const host = pod('h', 'default', '10.1.1.9', { hostNetwork: true });
  expect(asked(state([named(['api.vendor.example'])], { pods: [P, host] }), FILES, host).kinds).toEqual([]);
});
