/** Kinds of change beside names and ports: corrected selectors, exceptions from denies, policies of their own; each with what must stay blocked. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Remedy } from '../../../src/core/model/diagnosis.ts';
import type { FieldManager } from '../../../src/core/model/object-meta.ts';
import type { CiliumEgressRule, CiliumPolicy, Policy } from '../../../src/core/model/policy.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { applyChanges } from '../../../src/core/remedy/apply-change.ts';
import { proposeRemedy } from '../../../src/core/remedy/propose.ts';
import { globalCalico, onCalico } from '../policy/kinds/calico-world.ts';
import { ccnp, cnp, DNS, dnsRule, kubeDns, meta, np, pod, ports, select, tcp443, world } from '../policy/world.ts';

const CHECKOUT = pod('checkout-1', 'default', '10.0.0.1', { labels: { app: 'checkout', tier: 'backend' } });
const CART = pod('cart-1', 'default', '10.0.0.2', { labels: { app: 'cart', tier: 'backend' } });
const PAYMENTS = pod('payments-1', 'other', '10.2.3.9', { labels: { app: 'payments' } });
const pods = [CHECKOUT, CART, PAYMENTS, DNS];

const files: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const canary: Destination = { ...files, host: 'canary.example', addresses: ['203.0.113.77'] };
const payments: Destination = { cnames: [], addresses: ['10.2.3.9'], port: 8443, protocol: 'TCP' };
const vendor: CiliumEgressRule = { toFQDNs: [{ matchName: 'files.vendor.example' }], toPorts: tcp443 };
const name = { matchName: 'files.vendor.example' };
const port443 = [{ ports: [{ port: '443', protocol: 'TCP' }] }];

/** Proposes, and proves once more from outside that the destination passes and the canary does not. */
function remedyIn(state: ClusterState, destination: Destination, subject: Pod = CHECKOUT): Remedy | undefined {
  const remedy = proposeRemedy(state, subject, destination, evaluateEgress(state, subject, destination));
  if (remedy === undefined) return undefined;
  const patched = applyChanges(state, remedy.changes);
  expect(evaluateEgress(patched, subject, destination).connect.decision).toBe('allowed');
  expect(evaluateEgress(state, subject, canary).decision).toBe('denied');
  expect(evaluateEgress(patched, subject, canary).decision).toBe('denied');
  return remedy;
}
const remedyFor = (policies: readonly Policy[], destination = files, more: Parameters<typeof world>[1] = {}) =>
  remedyIn(world(policies, { pods, ...more }), destination);
const edits = (remedy: Remedy | undefined) => remedy?.changes.map(({ op, path, value }) => [op, path.join('/'), value]);

const isolating = cnp('isolate', { egress: [dnsRule()] });

describe('a selector one character off', () => {
  const missing = (endpointSelector = select({ app: 'chekcout' })) =>
    cnp('checkout', { endpointSelector, egress: [vendor] });

  it('of the policy: corrected, rather than a rule in the policy that does select the pod', () => {
    const remedy = remedyFor([isolating, missing()]);
    expect(edits(remedy)).toEqual([['replace', 'spec/endpointSelector/matchLabels/app', 'checkout']]);
    expect(remedy).toMatchObject({ before: 'denied', after: 'allowed', policy: { name: 'checkout' } });
  });

  it('not where the selector is another workload’s', () => {
    const remedy = remedyFor([isolating, missing(select({ app: 'cart' }))]);
    expect(remedy?.changes[0]?.policy.name).toBe('checkout-to-files-vendor-example');
  });

  it('not where pods were left unread, which the edit could take the policy from', () => {
    const gap = { what: 'pods outside namespace kube-system', code: 'forbidden' as const, reason: 'RBAC' };
    expect(remedyFor([isolating, missing()], files, { notRead: [gap] })?.changes[0]?.policy.name).toBe('isolate');
  });

  it('also of a policy whose DNS rule sends every name through the proxy: no lookup is lost by it', () => {
    const plain = { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] };
    const remedy = remedyFor([
      cnp('isolate', { egress: [plain] }),
      cnp('checkout', { endpointSelector: select({ app: 'chekcout' }), egress: [dnsRule(), vendor] }),
    ]);
    expect(edits(remedy)).toEqual([['replace', 'spec/endpointSelector/matchLabels/app', 'checkout']]);
  });

  it('not of one whose DNS rule lists names: what is looked up now would be refused', () => {
    const plain = { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] };
    const remedy = remedyFor([
      cnp('isolate', { egress: [plain] }),
      cnp('checkout', { endpointSelector: select({ app: 'chekcout' }), egress: [dnsRule([name]), vendor] }),
    ]);
    expect(remedy?.changes[0]?.path).not.toContain('endpointSelector');
  });

  it('of a peer: corrected, rather than a second rule beside it', () => {
    const toEndpoints = [select({ 'k8s:io.kubernetes.pod.namespace': 'other', app: 'paymnets' })];
    const rule = { toEndpoints, toPorts: [{ ports: ports('8443/TCP') }] };
    expect(edits(remedyFor([cnp('c', { egress: [dnsRule(), rule] })], payments))).toEqual([
      ['replace', 'spec/egress/1/toEndpoints/0/matchLabels/app', 'payments'],
    ]);
  });
});

describe('NetworkPolicy', () => {
  const dnsPods = { namespaceSelector: select(), podSelector: select({ 'k8s-app': 'kube-dns' }) };
  const dns = { to: [dnsPods], ports: [{ port: 53, protocol: 'UDP' }] };
  const toPayments = { namespaceSelector: select(), podSelector: select({ app: 'payments' }) };

  it.each<[string, Parameters<typeof np>[1]['egress'], Destination, unknown[]]>([
    [
      'a port for the only workload that a rule names',
      [dns, { to: [toPayments], ports: [{ port: 8080, protocol: 'TCP' }] }],
      payments,
      [['add', 'spec/egress/1/ports/-', { port: 8443, protocol: 'TCP' }]],
    ],
    [
      'a rule of its own where the rule names more than the workload',
      [dns, { to: [{ namespaceSelector: select() }], ports: [{ port: 8080, protocol: 'TCP' }] }],
      payments,
      [
        [
          'add',
          'spec/egress/-',
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
                podSelector: { matchLabels: { app: 'payments' } },
              },
            ],
            ports: [{ port: 8443, protocol: 'TCP' }],
          },
        ],
      ],
    ],
    [
      'a DNS rule where none allows the lookup',
      [{ to: [{ ipBlock: { cidr: '203.0.113.10/32', except: [] } }], ports: [{ port: 443, protocol: 'TCP' }] }],
      files,
      [
        [
          'add',
          'spec/egress/-',
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: [
              { port: 53, protocol: 'UDP' },
              { port: 53, protocol: 'TCP' },
            ],
          },
        ],
      ],
    ],
  ])('%s', (_, egress, destination, expected) => {
    expect(edits(remedyFor([np('n', { policyTypes: ['Egress'], ...(egress && { egress }) })], destination))).toEqual(
      expected,
    );
  });
});

describe('a name that could not be looked up', () => {
  const unknown: Destination = { ...files, addresses: [] };
  const listed = { to: [{ ipBlock: { cidr: '203.0.113.10/32', except: [] } }] };

  it('needs the lookup whatever its addresses are, and what it leaves open is said', () => {
    const state = world([np('n', { policyTypes: ['Egress'], egress: [listed] })], { pods });
    const remedy = proposeRemedy(state, CHECKOUT, unknown, evaluateEgress(state, CHECKOUT, unknown));
    expect(remedy).toMatchObject({ before: 'denied', after: 'unknown', policy: { name: 'n' } });
    expect(remedy?.changes).toHaveLength(1);
    expect(remedy?.warnings[0]).toMatch(/^it opens the lookup; whether the connection passes then is not known: /);
    expect(remedy?.alsoAllows).toContain("lookups of every name at the cluster's DNS");
  });

  it('is no reason for half a change where a whole one can be proved', () => {
    const state = world([np('n', { policyTypes: ['Egress'] })], { pods });
    const remedy = proposeRemedy(state, CHECKOUT, unknown, evaluateEgress(state, CHECKOUT, unknown));
    expect(remedy).toMatchObject({ after: 'allowed', policy: { kind: 'CiliumNetworkPolicy' } });
  });
});

describe('an exception from a deny', () => {
  const managers: FieldManager[] = [
    { manager: 'kubectl-client-side-apply', operation: 'Update', time: '2026-01-02T03:04:05Z' },
  ];
  const denying = (egressDeny: CiliumEgressRule[], more: Partial<CiliumPolicy> = {}): CiliumPolicy =>
    cnp(
      'deny',
      { egress: [dnsRule(), vendor], egressDeny },
      { meta: { ...meta('deny', 'default'), managers }, ...more },
    );

  it.each<[string, CiliumEgressRule[], unknown[]]>([
    [
      'of ranges becomes an exception; toCIDR has none, so the list moves',
      [{ toCIDR: ['198.51.100.0/24', '203.0.113.0/24'] }],
      [
        [
          'add',
          'spec/egressDeny/0/toCIDRSet',
          [{ cidr: '198.51.100.0/24' }, { cidr: '203.0.113.0/24', except: ['203.0.113.10/32'] }],
        ],
        ['remove', 'spec/egressDeny/0/toCIDR', undefined],
      ],
    ],
    [
      'with exceptions gets one more',
      [{ toCIDRSet: [{ cidr: '203.0.113.0/24', except: ['203.0.113.9/32'] }] }],
      [['add', 'spec/egressDeny/0/toCIDRSet/0/except/-', '203.0.113.10/32']],
    ],
    [
      'of this address among others loses that entry',
      [{ toCIDR: ['203.0.113.77/32', '203.0.113.10/32'] }],
      [['remove', 'spec/egressDeny/0/toCIDR/1', undefined]],
    ],
    [
      'of nothing but this goes as a whole',
      [{ toCIDR: ['198.51.100.0/24'] }, { toCIDR: ['203.0.113.10/32'], toPorts: tcp443 }],
      [['remove', 'spec/egressDeny/1', undefined]],
    ],
  ])('a deny %s', (_, egressDeny, expected) => {
    const remedy = remedyFor([denying(egressDeny)]);
    expect(edits(remedy)).toEqual(expected);
    expect(remedy).toMatchObject({ before: 'denied', after: 'allowed' });
    expect(remedy?.consent).toBe(
      'the change weakens a deny of CiliumNetworkPolicy default/deny, which may be meant: its owner (kubectl-client-side-apply, which wrote it last) has to agree before anything else',
    );
  });

  it('each address of the name, then what is missing besides', () => {
    const two = { ...files, addresses: ['203.0.113.10', '203.0.113.11'] };
    const policy = denying([{ toCIDRSet: [{ cidr: '203.0.113.0/24', except: [] }] }]);
    const without = cnp(
      'deny',
      { ...policy.rules[0]?.rule, egress: [dnsRule(), { toCIDR: ['198.51.100.7/32'] }] },
      { meta: policy.meta },
    );
    expect(edits(remedyFor([without], two))).toEqual([
      ['add', 'spec/egressDeny/0/toCIDRSet/0/except/-', '203.0.113.10/32'],
      ['add', 'spec/egressDeny/0/toCIDRSet/0/except/-', '203.0.113.11/32'],
      ['add', 'spec/egress/-', { toFQDNs: [name], toPorts: port443 }],
    ]);
  });

  it('an owner that GitOps marks is named before the last writer', () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'baseline' };
    const owned = denying([{ toCIDR: ['203.0.113.0/24'] }], { meta: { ...meta('deny', 'default', labels), managers } });
    expect(remedyFor([owned])?.consent).toContain('Flux Kustomization (kustomize.toolkit.fluxcd.io/name: baseline)');
  });

  it.each<[string, CiliumPolicy, Destination?]>([
    ['where nobody can be named', denying([{ toCIDR: ['203.0.113.0/24'] }], { meta: meta('deny', 'default') })],
    ['of this address on more ports than the asked', denying([{ toCIDR: ['203.0.113.10/32'] }])],
    ['of an entity', denying([{ toEntities: ['world'] }])],
    ['of a metadata address', denying([{ toCIDR: ['169.254.0.0/16'] }]), { ...files, addresses: ['169.254.169.254'] }],
  ])('none %s', (_, policy, destination = files) => {
    expect(remedyFor([policy], destination)).toBeUndefined();
  });

  it('nothing else asks for consent', () => {
    expect(remedyFor([isolating])?.consent).toBeUndefined();
  });
});

describe('a port', () => {
  const at8443 = { ...files, port: 8443 };
  const listing = (list: readonly string[]) =>
    cnp('c', { egress: [dnsRule(), { ...vendor, toPorts: [{ ports: ports(...list) }] }] });
  it.each([
    [39, 'spec/egress/1/toPorts/0/ports/-'],
    [40, 'spec/egress/1/toPorts/-'],
  ])('beside %i others: Cilium takes no more than 40 in a list', (count, path) => {
    const list = Array.from({ length: count }, (_, at) => `${9000 + at}/TCP`);
    expect(remedyFor([listing(list)], at8443)?.changes.map((change) => change.path.join('/'))).toEqual([path]);
  });
});

describe('a policy of its own', () => {
  const baseline = ccnp('baseline', { egress: [dnsRule()] });

  it('rather than a rule for the whole cluster, selecting by the label that its neighbours use', () => {
    const neighbour = np('cart', { podSelector: select({ tier: 'frontend' }), policyTypes: ['Ingress'] });
    const lone = [CHECKOUT, { ...CART, meta: { ...CART.meta, labels: { app: 'cart' } } }, PAYMENTS, DNS];
    const remedy = remedyFor([baseline, neighbour], files, { pods: lone });
    const spec = {
      endpointSelector: { matchLabels: { tier: 'backend' } },
      egress: [{ toFQDNs: [name], toPorts: port443 }],
    };
    const metadata = { name: 'backend-to-files-vendor-example', namespace: 'default' };
    expect(edits(remedy)).toEqual([
      ['add', '', { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata, spec }],
    ]);
    expect(remedy?.summary).toBe(
      'Create CiliumNetworkPolicy default/backend-to-files-vendor-example (allows 443/TCP to files.vendor.example, for pods with tier=backend alone).',
    );
    expect(remedy?.alsoAllows).toEqual([]);
  });

  it.each<[string, Policy]>([
    ['nothing', np('deny', { policyTypes: ['Egress'] })],
    [
      'lookups alone',
      np('deny', {
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ namespaceSelector: select(), podSelector: select({ 'k8s-app': 'kube-dns' }) }],
            ports: [{ port: 53, protocol: 'UDP' }],
          },
        ],
      }),
    ],
    ['lookups alone, by name', cnp('deny', { egress: [dnsRule()] })],
  ])('rather than a rule for all in a default deny of the namespace that allows %s', (_, deny) => {
    const remedy = remedyFor([deny]);
    expect(remedy?.policy.name).toBe('checkout-to-files-vendor-example');
    expect(remedy?.alsoAllows.filter((text) => text.includes('other pod'))).toEqual([]);
    const patched = applyChanges(world([deny], { pods }), remedy?.changes ?? []);
    expect(evaluateEgress(patched, CART, files).decision).toBe('denied');
  });

  it.each<[string, Policy]>([
    ['the pod alone', np('deny', { podSelector: select({ app: 'checkout' }), policyTypes: ['Egress'] })],
    [
      'a list of destinations',
      np('deny', {
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '203.0.113.9/32', except: [] } }] }],
      }),
    ],
  ])('not where the policy is for %s', (_, policy) => {
    const bare: Destination = { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' };
    expect(remedyFor([policy], bare)?.policy.name).toBe('deny');
  });

  it('by the label that takes the fewest pods', () => {
    const neighbour = np('cart', { podSelector: select({ tier: 'backend' }), policyTypes: ['Ingress'] });
    const remedy = remedyFor([baseline, neighbour]);
    expect(remedy?.changes[0]?.value).toMatchObject({
      spec: { endpointSelector: { matchLabels: { app: 'checkout' } } },
    });
  });

  it('with a DNS rule of its own where DNS passes the proxy by, the clusterwide rule left alone', () => {
    const plain = ccnp('baseline', { egress: [{ toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] }] });
    const remedy = remedyFor([plain]);
    expect(remedy?.changes.map(({ policy, path }) => [policy.kind, path.join('/')])).toEqual([
      ['CiliumNetworkPolicy', ''],
      ['CiliumNetworkPolicy', 'spec/egress/-'],
    ]);
  });

  it('not where it would isolate a pod that is free now', () => {
    const only = ccnp('baseline', {
      endpointSelector: select({ app: 'checkout', tier: 'backend' }),
      egress: [dnsRule()],
    });
    const twin = pod('checkout-2', 'default', '10.0.0.3', { labels: { app: 'checkout', tier: 'web' } });
    const twins = [CHECKOUT, twin, { ...CART, meta: { ...CART.meta, labels: { tier: 'backend' } } }, DNS];
    expect(remedyFor([only], files, { pods: twins })?.changes[0]?.policy.name).toBe('baseline');
  });

  it('not where pods of the namespace were not read', () => {
    const gap = { what: 'pods in namespace default', code: 'forbidden' as const, reason: 'RBAC' };
    expect(remedyFor([baseline], files, { notRead: [gap] })?.changes[0]?.policy.name).toBe('baseline');
  });

  it('a name that is taken gets a number', () => {
    const taken = cnp('checkout-to-files-vendor-example', {
      endpointSelector: select({ app: 'nobody-at-all' }),
      egress: [{}],
    });
    expect(remedyFor([baseline, taken])?.policy.name).toBe('checkout-to-files-vendor-example-2');
  });

  it('a NetworkPolicy where Calico isolates the pod', () => {
    const gnp = globalCalico(
      'isolate',
      '{ order: 2000, selector: "app == \'checkout\'", types: [Egress], egress: [{action: Allow, protocol: UDP, destination: {ports: [53]}}] }',
    );
    const state = onCalico([gnp], {}, { pods });
    const bare = { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' as const };
    const remedy = remedyIn(state, bare);
    expect(remedy?.policy.name).toBe('checkout-to-203-0-113-10');
    expect(remedy?.changes[0]).toMatchObject({
      op: 'add',
      path: [],
      value: {
        apiVersion: 'networking.k8s.io/v1',
        spec: {
          podSelector: { matchLabels: { app: 'checkout' } },
          policyTypes: ['Egress'],
          egress: [{ to: [{ ipBlock: { cidr: '203.0.113.10/32' } }], ports: [{ port: 443, protocol: 'TCP' }] }],
        },
      },
    });
  });
});

describe('names that no lookup teaches', () => {
  it('hostAliases: the address, since a rule by name would learn nothing', () => {
    const aliased = { ...CHECKOUT, hostAliases: [{ ip: '203.0.113.10', hostnames: ['files.vendor.example'] }] };
    const state = world([isolating], { pods: [aliased, DNS] });
    expect(edits(remedyIn(state, files, aliased))).toEqual([
      ['add', 'spec/egress/-', { toCIDR: ['203.0.113.10/32'], toPorts: port443 }],
    ]);
  });
});
