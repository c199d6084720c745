/** Evaluations as the tools give them: stages, isolation, near misses, assumptions, and what stays unknown. */
import { describe, expect, it } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { comparisonTargets } from '../../../src/core/policy/comparison.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { fqdnSelectorsOf, selectingPolicies } from '../../../src/core/policy/selecting.ts';
import { ccnp, cnp, dnsRule, kubeDns, meta, np, P, pod, ports, rule, select, tcp443, world } from './world.ts';

const files: Destination = {
  host: 'files.vendor.example',
  cnames: ['blob.store.example'],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const api: Destination = { ...files, host: 'api.vendor.example', cnames: [] };
const names = (...list: string[]) => ({ toFQDNs: list.map((matchName) => ({ matchName })), toPorts: tcp443 });
const vendor = names('api.vendor.example');
const checkout = cnp('checkout', { egress: [dnsRule(), vendor] });
const plainDns = { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] };
const gap = (what: string, code: NotRead['code'] = 'forbidden'): NotRead => ({
  what,
  code,
  reason: 'RBAC',
  nextStep: 'grant list',
});

const evaluate = (policies: Policy[], destination = files, more?: Parameters<typeof world>[1]) =>
  evaluateEgress(world(policies, more), P, destination);
const kinds = (policies: Policy[], destination = files, more?: Parameters<typeof world>[1]) =>
  evaluate(policies, destination, more).nearMisses.map((miss) => miss.kind);

describe('the second hop that no rule names', () => {
  const result = evaluate([checkout]);
  it('is looked up and dropped, by the policy that isolates the pod', () => {
    expect(result).toMatchObject({
      decision: 'denied',
      lookup: { decision: 'allowed', reason: 'allowed_by_rule' },
      connect: { decision: 'denied', reason: 'default_deny', decidedBy: [] },
      isolatedBy: [{ kind: 'CiliumNetworkPolicy', namespace: 'default', name: 'checkout' }],
    });
    expect(result.connect.explanation).toContain('isolated by CiliumNetworkPolicy default/checkout');
  });
  it('belongs in the rule of its sibling', () => {
    expect(result.nearMisses).toMatchObject([
      {
        kind: 'same_rule_family',
        rule: { path: 'spec.egress[1].toFQDNs[0]' },
        change: {
          op: 'add',
          path: ['spec', 'egress', 1, 'toFQDNs', '-'],
          value: { matchName: 'files.vendor.example' },
        },
      },
    ]);
  });
  it('while the first hop is allowed by its rule', () => {
    expect(evaluate([checkout], api)).toMatchObject({
      decision: 'allowed',
      connect: {
        reason: 'allowed_by_rule',
        decidedBy: [
          {
            path: 'spec.egress[1].toFQDNs[0]',
            effect: 'allow',
            text: 'toFQDNs matchName "api.vendor.example" on 443/TCP',
          },
        ],
      },
    });
  });
});

describe('near misses', () => {
  it.each<[string, Policy[], Destination, string[]]>([
    [
      'the CNAME target is listed',
      [cnp('c', { egress: [dnsRule(), names('blob.store.example')] })],
      files,
      ['cname_listed'],
    ],
    [
      'a wildcard one label short',
      [
        cnp('c', {
          egress: [
            dnsRule(),
            { toFQDNs: [{ matchPattern: '*.example' }], toPorts: tcp443 },
            { toFQDNs: [{ matchPattern: '*.vendor.example' }], toPorts: tcp443 },
          ],
        }),
      ],
      { ...files, host: 'a.b.vendor.example' },
      ['wildcard_depth'],
    ],
    ['a typo', [cnp('c', { egress: [dnsRule(), names('files.vendr.example')] })], files, ['name_similar']],
    [
      'the port is missing',
      [cnp('c', { egress: [dnsRule(), names('files.vendor.example')] })],
      { ...files, port: 8443 },
      ['port_missing'],
    ],
    [
      'the protocol is missing',
      [cnp('c', { egress: [dnsRule(), names('files.vendor.example')] })],
      { ...files, protocol: 'UDP' },
      ['protocol_missing'],
    ],
    [
      'the proxy does not list the name',
      [cnp('c', { egress: [dnsRule([{ matchName: 'api.vendor.example' }]), names('files.vendor.example')] })],
      files,
      ['dns_name_not_listed'],
    ],
    [
      'DNS bypasses the proxy',
      [cnp('c', { egress: [plainDns, names('files.vendor.example')] })],
      files,
      ['dns_rule_without_l7'],
    ],
    ['no DNS rule at all', [cnp('c', { egress: [names('files.vendor.example')] })], files, ['dns_rule_missing']],
    [
      'a DNS rule for another namespace',
      [
        cnp('c', {
          egress: [{ ...plainDns, toEndpoints: [select({ 'k8s-app': 'kube-dns' })] }, names('files.vendor.example')],
        }),
      ],
      files,
      ['dns_target_mismatch'],
    ],
    [
      'a policy that names another label',
      [checkout, cnp('d', { endpointSelector: select({ app: 'q' }), egress: [names('files.vendor.example')] })],
      files,
      ['pod_not_selected', 'same_rule_family'],
    ],
    [
      'a policy in another namespace, where it selects nothing',
      [checkout, { ...cnp('d', { egress: [names('files.vendor.example')] }), meta: meta('d', 'elsewhere') }],
      files,
      ['other_namespace', 'same_rule_family'],
    ],
    [
      'a policy for the pods of another namespace is none',
      [checkout, { ...cnp('d', { egress: [names('files.vendor.example')] }), meta: meta('d', 'other') }],
      files,
      ['same_rule_family'],
    ],
    [
      'a policy for another workload is none',
      [checkout, cnp('d', { endpointSelector: select({ app: 'peer' }), egress: [names('files.vendor.example')] })],
      files,
      ['same_rule_family'],
    ],
    [
      'a label of another kind that the pod lacks is one',
      [checkout, cnp('d', { endpointSelector: select({ egress: 'vendor' }), egress: [names('files.vendor.example')] })],
      files,
      ['pod_not_selected', 'same_rule_family'],
    ],
    [
      'an invalid policy',
      [checkout, cnp('d', { egress: [{ ...names('files.vendor.example'), toCIDR: ['10.0.0.0/8'] }] })],
      files,
      ['policy_invalid', 'same_rule_family'],
    ],
    [
      'a range around a node',
      [cnp('c', { egress: [{ toCIDR: ['10.0.0.0/8'] }] })],
      { cnames: [], addresses: ['10.1.1.1'], port: 443, protocol: 'TCP' },
      ['cidr_cannot_match'],
    ],
    ['an unrelated name is no near miss', [cnp('c', { egress: [dnsRule(), names('api.other.test')] })], files, []],
    [
      'a shared public suffix is no family',
      [cnp('c', { egress: [dnsRule(), names('api.vendor.co.uk')] })],
      { ...files, host: 'files.store.co.uk' },
      [],
    ],
  ])('%s', (_, policies, destination, expected) => {
    expect(kinds(policies, destination)).toEqual(expected);
  });

  it('a DNS port of another number is said', () => {
    const state = {
      backends: [
        {
          namespace: 'kube-system',
          service: 'kube-dns',
          addresses: ['10.0.0.53'],
          ports: [{ name: 'dns', port: 5353, protocol: 'UDP' as const }],
          ready: true,
        },
      ],
    };
    const miss = evaluate([checkout], api, state).nearMisses[0];
    expect(miss).toMatchObject({
      kind: 'dns_target_mismatch',
      change: { path: ['spec', 'egress', 0, 'toPorts', 0, 'ports', '-'], value: { port: '5353', protocol: 'UDP' } },
    });
    expect(miss?.statement).toContain('5353/UDP to pod kube-system/coredns');
  });
  it('a missing namespace label is offered as the change', () => {
    const policy = cnp('c', { egress: [{ ...plainDns, toEndpoints: [select({ 'k8s-app': 'kube-dns' })] }, vendor] });
    expect(evaluate([policy], api).nearMisses[0]?.change).toMatchObject({
      path: ['spec', 'egress', 0, 'toEndpoints', 0, 'matchLabels', 'k8s:io.kubernetes.pod.namespace'],
      value: 'kube-system',
    });
  });
});

describe('lookup and learning', () => {
  it('a name the proxy does not list is refused, and the connection then rests on other pods', () => {
    const policy = cnp('c', {
      egress: [dnsRule([{ matchName: 'api.vendor.example' }]), names('files.vendor.example')],
    });
    expect(evaluate([policy])).toMatchObject({
      decision: 'denied',
      lookup: { reason: 'dns_name_refused' },
      connect: { decision: 'unknown', reason: 'dns_not_proxied' },
    });
  });
  it('a listed name without a DNS rule that teaches it is probably dropped', () => {
    const result = evaluate([cnp('c', { egress: [plainDns, names('files.vendor.example')] })]);
    expect(result).toMatchObject({
      decision: 'unknown',
      lookup: { decision: 'allowed' },
      connect: { decision: 'unknown', reason: 'dns_not_proxied' },
    });
    expect(result.connect.explanation).toContain(
      'probably dropped; allowed only if another pod on the node looks the name up through the proxy',
    );
  });
  it('an address needs no lookup', () => {
    const { host: _, ...address } = files;
    expect(evaluate([cnp('c', { egress: [{ toCIDR: ['203.0.113.0/24'] }] })], address)).toMatchObject({
      decision: 'allowed',
      lookup: { reason: 'not_applicable' },
    });
  });
  it('hostAliases answer without teaching', () => {
    const aliased = { ...P, hostAliases: [{ ip: '203.0.113.10', hostnames: ['api.vendor.example'] }] };
    expect(evaluateEgress(world([checkout]), aliased, api)).toMatchObject({
      lookup: { reason: 'not_applicable' },
      connect: { reason: 'dns_not_proxied' },
    });
  });
  it('search-list refusals are mentioned where they happen', () => {
    const strict = cnp('c', { egress: [dnsRule([{ matchName: 'api.vendor.example' }]), vendor] });
    expect(evaluate([strict], api).assumptions.join()).toContain('api.vendor.example.default.svc.cluster.local');
    const both = cnp('c', {
      egress: [{ ...dnsRule(), toPorts: [{ ports: ports('53/ANY'), dns: [{ matchPattern: '*' }] }] }, vendor],
    });
    expect(evaluate([both], api).assumptions).toEqual([]);
  });
});

describe('what the state cannot tell', () => {
  it.each<{ title: string; policies: Policy[]; to: Destination; notRead: NotRead; expected: string[] }>([
    {
      title: 'denied stays open while a policy kind is unread',
      policies: [checkout],
      to: files,
      notRead: gap('ciliumclusterwidenetworkpolicies'),
      expected: ['unknown', 'incomplete_state'],
    },
    {
      title: 'an allow may still be denied by an unread Cilium policy',
      policies: [checkout],
      to: api,
      notRead: gap('ciliumnetworkpolicies in namespace default'),
      expected: ['unknown', 'incomplete_state'],
    },
    {
      title: 'or by an object that was not understood',
      policies: [checkout],
      to: api,
      notRead: gap('ciliumnetworkpolicies default/odd', 'invalid'),
      expected: ['unknown', 'incomplete_state'],
    },
    {
      title: 'or by one in an unreadable file',
      policies: [checkout],
      to: api,
      notRead: gap('file x.yaml of the archive, which may hold policies', 'invalid'),
      expected: ['unknown', 'incomplete_state'],
    },
    {
      title: 'other namespaces are no gap',
      policies: [checkout],
      to: files,
      notRead: gap('ciliumnetworkpolicies outside namespaces default, shop'),
      expected: ['denied', 'default_deny'],
    },
    {
      title: 'nor is an object of another namespace',
      policies: [checkout],
      to: files,
      notRead: gap('ciliumnetworkpolicies other/odd', 'invalid'),
      expected: ['denied', 'default_deny'],
    },
    {
      title: 'an allow stands whatever an unread NetworkPolicy says',
      policies: [checkout],
      to: api,
      notRead: gap('networkpolicies in namespace default'),
      expected: ['allowed', 'allowed_by_rule'],
    },
    {
      title: 'not isolated cannot be claimed with NetworkPolicies unread',
      policies: [],
      to: files,
      notRead: gap('networkpolicies'),
      expected: ['unknown', 'incomplete_state'],
    },
    {
      title: 'a kind that is not installed is no gap',
      policies: [checkout],
      to: files,
      notRead: gap('ciliumclusterwidenetworkpolicies', 'kind_absent'),
      expected: ['denied', 'default_deny'],
    },
    {
      title: 'nor is what a set of manifests lacks',
      policies: [checkout],
      to: files,
      notRead: gap('ciliumclusterwidenetworkpolicies', 'not_in_archive'),
      expected: ['denied', 'default_deny'],
    },
    {
      title: 'an explicit deny needs nothing more',
      policies: [cnp('c', { egressDeny: [{ toEntities: ['world'] }] })],
      to: files,
      notRead: gap('ciliumclusterwidenetworkpolicies'),
      expected: ['denied', 'explicit_deny'],
    },
  ])('$title', ({ policies, to, notRead, expected }) => {
    const { connect } = evaluate(policies, to, { notRead: [notRead] });
    expect([connect.decision, connect.reason]).toEqual(expected);
  });
  it('gaps are named with what would close them, and listed', () => {
    const result = evaluate([checkout], files, { notRead: [gap('ciliumclusterwidenetworkpolicies')] });
    expect(result.connect.explanation).toContain(
      'ciliumclusterwidenetworkpolicies could not be read (RBAC); grant list',
    );
    expect(result.notEvaluated).toHaveLength(1);
  });
  it('a set of manifests is taken for the whole cluster, and said so', () => {
    const result = evaluate([checkout], api, {
      services: [],
      backends: [],
      notRead: [gap('services', 'not_in_archive')],
    });
    expect(result).toMatchObject({ decision: 'allowed', notEvaluated: [{ what: 'services' }] });
    expect(result.assumptions.join('; ')).toMatch(
      /taken for the whole cluster.*k8s-app=kube-dns in kube-system on port 53 are assumed/,
    );
  });

  it('unknown addresses: names decide, ranges do not', () => {
    const unresolved = { ...api, addresses: [] };
    const range = { toCIDR: ['203.0.113.0/24'], toPorts: tcp443 };
    expect(evaluate([checkout], unresolved)).toMatchObject({ decision: 'allowed' });
    expect(evaluate([cnp('c', { egress: [dnsRule(), range] })], unresolved).connect).toMatchObject({
      decision: 'unknown',
      reason: 'address_unknown',
    });
    expect(evaluate([cnp('c', { egress: [dnsRule(), range, vendor] })], unresolved)).toMatchObject({
      decision: 'allowed',
    });
    expect(evaluate([cnp('c', { egress: [dnsRule(), { toEntities: ['world'] }] })], unresolved)).toMatchObject({
      decision: 'allowed',
    });
  });
  it('no DNS Service in the state: the lookup is not guessed', () => {
    const result = evaluate([checkout], api, { services: [], backends: [], notRead: [gap('services')] });
    expect(result).toMatchObject({
      decision: 'unknown',
      lookup: { decision: 'unknown', reason: 'incomplete_state' },
      connect: { decision: 'allowed' },
    });
    expect(evaluate([], api, { services: [], backends: [] })).toMatchObject({ decision: 'allowed' });
  });
  it('namespace labels that are not in the state', () => {
    const policy = ccnp('c', {
      endpointSelector: select({ 'k8s:io.cilium.k8s.namespace.labels.tier': 'web' }),
      egress: [{}],
    });
    expect(evaluate([policy], files, { namespaces: [] }).connect).toMatchObject({
      decision: 'unknown',
      reason: 'incomplete_state',
    });
    const byName = ccnp('c', {
      endpointSelector: select({ 'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name': 'default' }),
      egress: [{}],
    });
    expect(evaluate([byName], files, { namespaces: [] }).connect.decision).toBe('denied');
  });
  it('a part of a policy that may select the pod is a doubt beside the part that does', () => {
    const denying = { egressDeny: [{ toCIDR: ['0.0.0.0/0'] }] };
    const stage = { 'k8s:io.cilium.k8s.namespace.labels.stage': 'live' };
    const policy = ccnp('c', {});
    const rules = [
      { path: 'specs[0]', rule: rule({ egress: [{ toEntities: ['world'] }] }) },
      { path: 'specs[1]', rule: rule({ endpointSelector: select(stage), ...denying }) },
    ];
    const { connect } = evaluate([{ ...policy, rules }], files, { namespaces: [] });
    expect(connect).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(connect.explanation).toContain('whether another part of it selects the pod');
  });
  it('an edited invalid policy may still be in force in its old form', () => {
    const bad = { egress: [{ ...vendor, toCIDR: ['10.0.0.0/8'] }] };
    expect(evaluate([cnp('c', bad)], files).decision).toBe('allowed');
    expect(evaluate([cnp('c', bad, { meta: { ...meta('c', 'default'), generation: 2 } })], files).decision).toBe(
      'unknown',
    );
  });
  it('a private address while pods are unread', () => {
    const inside: Destination = { cnames: [], addresses: ['10.9.9.9'], port: 443, protocol: 'TCP' };
    const range = cnp('c', { egress: [{ toCIDR: ['10.0.0.0/8'] }] });
    expect(evaluate([range], inside).decision).toBe('allowed');
    expect(evaluate([range], inside, { notRead: [gap('pods')] }).decision).toBe('unknown');
    expect(
      evaluate([cnp('c', { egress: [{ toEntities: ['all'] }] })], inside, { notRead: [gap('pods')] }).decision,
    ).toBe('allowed');
  });
  it('addresses that fare differently', () => {
    const both = { ...api, addresses: ['203.0.113.10', '10.0.0.2'] };
    expect(evaluate([checkout], both).connect).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('It depends on the address'),
    });
  });
});

describe('engines', () => {
  it('states what is assumed', () => {
    const unknown = evaluate([checkout], files, { engine: { cni: 'unknown', seenBy: 'nothing' } });
    expect(unknown.decision).toBe('denied');
    expect(unknown.assumptions.join('; ')).toMatch(/Cilium is assumed.*1\.19 assumed.*defaults assumed/);
  });
  it('Cilium policies without Cilium are not enforced, and said so', () => {
    const state = { engine: { cni: 'calico' as const, seenBy: 'calico-node' } };
    expect(evaluate([checkout], files, state)).toMatchObject({ decision: 'allowed', isolatedBy: [] });
    expect(evaluate([checkout], files, state).assumptions.join()).toContain('calico');
    expect(selectingPolicies(world([checkout], state), P)).toMatchObject([{ valid: false, isolatesEgress: false }]);
  });
  it('audit mode lets everything pass', () => {
    expect(evaluate([checkout], files, { config: { 'policy-audit-mode': 'true' } })).toMatchObject({
      decision: 'allowed',
      connect: { reason: 'enforcement_off' },
    });
  });
  it('kinds that are switched off do not count', () => {
    expect(
      evaluate([np('n', { policyTypes: ['Egress'] })], files, { config: { 'enable-k8s-networkpolicy': 'false' } })
        .decision,
    ).toBe('allowed');
    expect(evaluate([checkout], files, { config: { 'enable-cilium-network-policy': 'false' } }).decision).toBe(
      'allowed',
    );
  });
  it('other kinds that are not evaluated leave the answer open outside Cilium only', () => {
    const unsupported = [{ kind: 'GlobalNetworkPolicy', apiVersion: 'projectcalico.org/v3', meta: meta('g') }];
    expect(evaluate([], files, { unsupported, engine: { cni: 'calico', seenBy: 'x' } }).decision).toBe('unknown');
    expect(evaluate([], files, { unsupported }).decision).toBe('allowed');
  });
});

describe('in words', () => {
  it('selecting policies with their rules', () => {
    const invalid = cnp('bad', { egress: [{ ...vendor, toCIDR: ['10.0.0.0/8'] }] });
    expect(selectingPolicies(world([checkout, invalid]), P)).toMatchObject([
      {
        policy: { name: 'checkout' },
        isolatesEgress: true,
        valid: true,
        rules: [
          { path: 'spec.egress[0].toEndpoints[0]' },
          { path: 'spec.egress[0].toPorts[0].rules.dns[0]' },
          { path: 'spec.egress[1].toFQDNs[0]' },
        ],
      },
      {
        policy: { name: 'bad' },
        isolatesEgress: false,
        valid: false,
        invalidReason: expect.stringContaining('combining toCIDR and toFQDNs'),
      },
    ]);
  });
  it('name selectors by use', () => {
    expect(fqdnSelectorsOf(world([checkout]), P).map((one) => [one.use, one.rule.path])).toEqual([
      ['dns', 'spec.egress[0].toPorts[0].rules.dns[0]'],
      ['toFQDNs', 'spec.egress[1].toFQDNs[0]'],
    ]);
  });
  it('comparison targets are allowed exact names, the destination left out', () => {
    const more = cnp('more', {
      egress: [
        { ...names('plain.example'), toPorts: [{ ports: ports('80/TCP') }] },
        { toFQDNs: [{ matchPattern: '*.any.example' }], toPorts: tcp443 },
        names('denied.example'),
      ],
    });
    expect(comparisonTargets(world([more, checkout]), P, files).map(({ host, port }) => `${host}:${port}`)).toEqual([
      'denied.example:443',
      'api.vendor.example:443',
      'plain.example:80',
    ]);
    expect(comparisonTargets(world([checkout]), P, api)).toEqual([]);
  });
  it('a name that the rule lets TLS through for only under another name is no comparison', () => {
    const rule = (serverNames: string[]) => ({
      ...names('plain.example'),
      toPorts: [{ ports: ports('443/TCP'), serverNames }],
    });
    const targets = (serverNames: string[]) =>
      comparisonTargets(world([cnp('c', { egress: [dnsRule(), rule(serverNames)] })]), P, files);
    expect([targets(['other.example']).length, targets(['plain.example']).length]).toEqual([0, 1]);
  });
  it('the API server is the comparison where the rules name no host and let the pod go there', () => {
    const kubernetes = {
      meta: { namespace: 'default', name: 'kubernetes', labels: {}, annotations: {}, owners: [], managers: [] },
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      selector: {},
      ports: [{ port: 443, protocol: 'TCP' as const, targetPort: 6443 }],
    };
    const withApi = (list: Parameters<typeof world>[0]) => {
      const state = world(list);
      const backend = { namespace: 'default', service: 'kubernetes', addresses: ['192.0.2.250'], ready: true };
      return {
        ...state,
        services: [...state.services, kubernetes],
        backends: [...state.backends, { ...backend, ports: [{ port: 6443, protocol: 'TCP' as const }] }],
      };
    };
    const open = comparisonTargets(withApi([]), P, files);
    expect(open).toMatchObject([{ host: 'kubernetes.default.svc', port: 443 }]);
    const isolating = cnp('i', { egress: [dnsRule()] });
    expect(comparisonTargets(withApi([isolating]), P, files)).toEqual([]);
    expect(comparisonTargets(withApi([isolating, checkout]), P, files).map(({ host }) => host)).toEqual([
      'api.vendor.example',
    ]);
  });
  it('a pod nobody selects has none', () => {
    expect(selectingPolicies(world([checkout]), pod('x', 'elsewhere', '10.0.0.99'))).toEqual([]);
  });
});

describe('names of the cluster without known addresses', () => {
  const inside = (host: string): Destination => ({ host, cnames: [], addresses: [], port: 5432, protocol: 'TCP' });
  const headless = {
    meta: meta('db', 'other'),
    type: 'ClusterIP',
    clusterIPs: ['None'],
    externalIPs: [],
    selector: { app: 'o' },
    ports: [{ port: 5432, protocol: 'TCP' as const, targetPort: 5432 }],
  };
  const toOther = { toEndpoints: [select({ 'k8s:io.kubernetes.pod.namespace': 'other' })] };
  const policies = [cnp('c', { egress: [dnsRule(), toOther] })];
  const { services } = world([]);
  const decide = (list: Policy[], host: string, more: Parameters<typeof evaluate>[2] = {}) =>
    evaluate(list, inside(host), { services: [...services, headless], ...more }).connect.decision;

  it.each(['db.other', 'db.other.svc', 'db.other.svc.cluster.local', 'db-0.db.other.svc.cluster.local'])(
    'a headless Service is the pods behind it: %s',
    (host) => {
      expect(decide(policies, host)).toBe('allowed');
      expect(decide([cnp('c', { egress: [dnsRule(), { toEntities: ['world'] }] })], host)).toBe('denied');
    },
  );
  it.each(['gone.other.svc.cluster.local', 'gone'])('a Service that is not there is no address outside: %s', (host) => {
    expect(decide([cnp('c', { egress: [dnsRule(), { toEntities: ['world'] }] })], host)).toBe('unknown');
    expect(decide(policies, host)).toBe('unknown');
    expect(decide([], host)).toBe('allowed');
  });
  it('is not taken to lie outside, and a rule that lifts the name filter rejects no search suffix', () => {
    const lifting = np('n', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] });
    const filtered = cnp('c', { egress: [dnsRule([{ matchName: 'api.vendor.example' }])] });
    expect(evaluate(policies, inside('gone.other.svc')).assumptions.join()).not.toContain('outside the cluster');
    expect(evaluate([filtered], api).assumptions.join()).toContain('musl');
    expect(evaluate([filtered, lifting], api).assumptions.join()).not.toContain('musl');
  });
  it('an ExternalName Service does lie outside', () => {
    const alias = { ...headless, meta: meta('ext', 'default'), clusterIPs: [], externalName: 'db.vendor.example' };
    const more = { services: [...services, alias] };
    expect(decide([cnp('c', { egress: [dnsRule(), { toEntities: ['world'] }] })], 'ext.default.svc', more)).toBe(
      'allowed',
    );
  });
});

describe('audit mode', () => {
  const config = { 'policy-audit-mode': 'true' };
  it('covers packets, not the names that the DNS proxy filters', () => {
    const filtered = cnp('c', {
      egress: [dnsRule([{ matchName: 'api.vendor.example' }]), names('files.vendor.example')],
    });
    const { lookup, connect } = evaluate([filtered], files, { config });
    expect([lookup.decision, lookup.reason, connect.decision]).toEqual(['unknown', 'dns_name_refused', 'allowed']);
  });
  it('lets through what would hang on the DNS proxy', () => {
    const { connect } = evaluate([cnp('c', { egress: [plainDns, names('files.vendor.example')] })], files, { config });
    expect([connect.decision, connect.reason]).toEqual(['allowed', 'enforcement_off']);
  });
});

it.each<[string[], string]>([
  [['api.vendor.example'], 'is let through'],
  [['login.idp.example'], 'is cut off'],
  [['*.idp.example'], 'is cut off'],
  [['*.vendor.example'], 'is let through'],
])('server names %j: a client that sends api.vendor.example %s', (serverNames, word) => {
  const rule = { toEntities: ['world'], toPorts: [{ ports: ports('443/TCP'), serverNames }] };
  const { assumptions } = evaluate([cnp('c', { egress: [dnsRule(), rule] })], api);
  expect(assumptions.join()).toContain(`a client that sends "api.vendor.example" ${word}`);
});

describe('decidedBy', () => {
  const paths = (destination: Destination, policies = [checkout]) =>
    evaluate(policies, destination).decidedBy.map(({ path }) => path);
  it('names the rules of lookup and connection where both are allowed', () => {
    expect(paths(api)).toEqual(['spec.egress[0].toPorts[0].rules.dns[0]', 'spec.egress[1].toFQDNs[0]']);
  });
  it('is empty for a default deny, whose policies are in isolatedBy', () => {
    expect(paths(files)).toEqual([]);
    expect(evaluate([checkout], files).isolatedBy.map(({ name }) => name)).toEqual(['checkout']);
  });
  it('names the deny alone where one decides', () => {
    const egressDeny = [{ toEntities: ['world'] }];
    expect(paths(api, [cnp('checkout', { egress: [dnsRule(), vendor], egressDeny })])).toEqual([
      'spec.egressDeny[0].toEntities[0]',
    ]);
  });
});
