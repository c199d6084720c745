/** Remedies: which change is chosen, and that it opens the connection and nothing else that was asked. */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumRule, Policy } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { applyChanges } from '../../../src/core/remedy/apply-change.ts';
import { proposeRemedy } from '../../../src/core/remedy/propose.ts';
import { container, istio } from '../policy/kinds/mesh-world.ts';
import { ccnp, cnp, DNS, dnsRule, kubeDns, np, P, pod, ports, rule, select, tcp443, world } from '../policy/world.ts';

const files: Destination = {
  host: 'files.vendor.example',
  cnames: ['blob.store.example'],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};
const other: Destination = { ...files, host: 'other.example', cnames: [], addresses: ['203.0.113.77'] };
const names = (...list: string[]) => ({ toFQDNs: list.map((matchName) => ({ matchName })), toPorts: tcp443 });
const vendor = names('api.vendor.example');
const plainDns = { toEndpoints: [kubeDns], toPorts: [{ ports: ports('53/ANY') }] };
const egress = (...rules: NonNullable<CiliumRule['egress']>) => [cnp('c', { egress: rules })];
const name = { matchName: 'files.vendor.example' };

function remedyFor(policies: Policy[], destination = files, more?: Parameters<typeof world>[1]) {
  const state = world(policies, more);
  return { state, remedy: proposeRemedy(state, P, destination, evaluateEgress(state, P, destination)) };
}

const dnsElement = {
  toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
  toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
};

describe('the change', () => {
  it.each<[string, Policy[], Destination, [string, unknown][]]>([
    [
      'adds the asked name, not the CNAME target, to its sibling',
      egress(dnsRule(), names('x.test'), vendor),
      files,
      [['spec/egress/2/toFQDNs/-', name]],
    ],
    [
      'next to the listed CNAME target when it has no sibling',
      egress(dnsRule(), names('x.test'), names('blob.store.example')),
      files,
      [['spec/egress/2/toFQDNs/-', name]],
    ],
    ['to any name rule on the port', egress(dnsRule(), names('x.test')), files, [['spec/egress/1/toFQDNs/-', name]]],
    [
      'a new rule where no name rule has the port',
      egress(dnsRule(), vendor),
      { ...files, port: 8443 },
      [['spec/egress/-', { toFQDNs: [name], toPorts: [{ ports: [{ port: '8443', protocol: 'TCP' }] }] }]],
    ],
    [
      'a port where the name is alone in its rule',
      egress(dnsRule(), names('files.vendor.example')),
      { ...files, port: 8443 },
      [['spec/egress/1/toPorts/0/ports/-', { port: '8443', protocol: 'TCP' }]],
    ],
    [
      'a rule of its own rather than a port for other names',
      egress(dnsRule(), names('files.vendor.example', 'api.vendor.example')),
      { ...files, port: 8443 },
      [['spec/egress/-', { toFQDNs: [name], toPorts: [{ ports: [{ port: '8443', protocol: 'TCP' }] }] }]],
    ],
    [
      'the name for lookup too where the proxy filters',
      egress(dnsRule([{ matchName: 'api.vendor.example' }]), vendor),
      files,
      [
        ['spec/egress/1/toFQDNs/-', name],
        ['spec/egress/0/toPorts/0/rules/dns/-', name],
      ],
    ],
    [
      'the proxy where DNS bypasses it',
      egress(plainDns, names('files.vendor.example')),
      files,
      [['spec/egress/0/toPorts/0/rules', { dns: [{ matchPattern: '*' }] }]],
    ],
    [
      'a DNS rule where there is none',
      egress(vendor),
      files,
      [
        ['spec/egress/0/toFQDNs/-', name],
        ['spec/egress/-', dnsElement],
      ],
    ],
    [
      'a first rule in a policy that only isolates',
      egress({}),
      files,
      [
        ['spec/egress/-', { toFQDNs: [name], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }],
        ['spec/egress/-', dnsElement],
      ],
    ],
    [
      'in the right one of several specs',
      [cnp('c', [rule({ egress: [dnsRule()] }), rule({ egress: [vendor] })])],
      files,
      [['specs/1/egress/0/toFQDNs/-', name]],
    ],
    [
      'an own-namespace policy before a clusterwide one',
      [ccnp('all', { egress: [dnsRule(), vendor] }), ...egress(names('x.test'))],
      files,
      [['spec/egress/0/toFQDNs/-', name]],
    ],
    [
      'a range for a bare address',
      egress(dnsRule(), vendor),
      { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' },
      [['spec/egress/-', { toCIDR: ['203.0.113.10/32'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }]],
    ],
    [
      'an entity for a node',
      egress(dnsRule(), vendor),
      { cnames: [], addresses: ['10.1.1.1'], port: 443, protocol: 'TCP' },
      [['spec/egress/-', { toEntities: ['remote-node'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }]],
    ],
    [
      'a selector for a pod',
      egress(dnsRule(), vendor),
      { cnames: [], addresses: ['10.2.3.9'], port: 443, protocol: 'TCP' },
      [
        [
          'spec/egress/-',
          {
            toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'other', 'k8s:app': 'o' } }],
            toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
          },
        ],
      ],
    ],
  ])('%s', (_, policies, destination, expected) => {
    const { state, remedy } = remedyFor(policies, destination);
    expect(remedy?.changes.map((change) => [change.path.join('/'), change.value])).toEqual(expected);
    expect(remedy).toMatchObject({ after: 'allowed' });
    // The proof, once more from outside: the destination passes, an unrelated one does not.
    const patched = applyChanges(state, remedy?.changes ?? []);
    expect(evaluateEgress(patched, P, destination).decision).toBe('allowed');
    expect(evaluateEgress(patched, P, other).decision).toBe('denied');
    expect(JSON.stringify(remedy?.changes)).not.toContain('blob.store.example');
  });
});

describe('no change', () => {
  it.each<[string, Policy[], Parameters<typeof world>[1]?]>([
    ['when nothing is denied', egress(dnsRule(), names('files.vendor.example'))],
    [
      'when an explicit deny decides',
      [cnp('c', { egress: [dnsRule(), vendor], egressDeny: [{ toCIDR: ['203.0.113.0/24'] }] })],
    ],
    [
      'when the state is too incomplete',
      egress(dnsRule(), vendor),
      { notRead: [{ what: 'ciliumnetworkpolicies', code: 'forbidden', reason: 'RBAC' }] },
    ],
  ])('%s', (_, policies, more) => {
    expect(remedyFor(policies, files, more).remedy).toBeUndefined();
  });
});

describe('what it says besides', () => {
  it('the policy, the step, and that shared servers come along', () => {
    const { remedy } = remedyFor(egress(dnsRule(), vendor));
    expect(remedy).toMatchObject({
      before: 'denied',
      after: 'allowed',
      policy: { kind: 'CiliumNetworkPolicy', namespace: 'default', name: 'c' },
    });
    expect(remedy?.summary).toBe(
      'Add {"matchName":"files.vendor.example"} to spec.egress[1].toFQDNs of CiliumNetworkPolicy default/c (lists "files.vendor.example", the name the pod asks for).',
    );
    expect(remedy?.warnings.join()).toContain('blob.store.example');
    expect(remedy?.alsoAllows).toEqual([
      'the same for 1 other pod that CiliumNetworkPolicy default/c selects: default/peer',
    ]);
  });
  it('a clusterwide policy is said to reach every pod it selects, one of the same name elsewhere included', () => {
    const twin = pod(P.meta.name, 'other', '10.2.3.10');
    const { remedy } = remedyFor([ccnp('wide', { egress: [dnsRule(), vendor] })], files, { pods: [P, twin, DNS] });
    const said = remedy?.alsoAllows.join('; ');
    expect(said).toContain(`other/${P.meta.name}`);
    expect(said).toContain('every pod of the cluster that CiliumClusterwideNetworkPolicy wide selects');
  });
  it('pods that were not read may be selected too', () => {
    const gap = { what: 'pods outside namespace kube-system', code: 'forbidden' as const, reason: 'RBAC' };
    const { remedy } = remedyFor(egress(dnsRule(), vendor), files, { notRead: [gap] });
    expect(remedy?.alsoAllows.join()).toContain('were not read');
  });
  it('a lookup that stays open is said with the change', () => {
    const lost = { ...P, dnsPolicy: 'None' };
    const state = world(egress(dnsRule(), vendor), { pods: [lost, DNS] });
    const remedy = proposeRemedy(state, lost, files, evaluateEgress(state, lost, files));
    expect(remedy?.after).toBe('unknown');
    expect(remedy?.warnings[0]).toContain('whether the lookup passes is not known');
  });
  it('a NetworkPolicy gets the address and a warning', () => {
    const open = {
      to: [{ namespaceSelector: select(), podSelector: select({ 'k8s-app': 'kube-dns' }) }],
      ports: [{ port: 53, protocol: 'UDP' }],
    };
    const listed = { to: [{ ipBlock: { cidr: '203.0.113.9/32', except: [] } }] };
    const { remedy } = remedyFor([np('n', { policyTypes: ['Egress'], egress: [open, listed] })]);
    expect(remedy?.changes).toMatchObject([
      {
        path: ['spec', 'egress', '-'],
        value: { to: [{ ipBlock: { cidr: '203.0.113.10/32' } }], ports: [{ port: 443, protocol: 'TCP' }] },
      },
    ]);
    expect(remedy?.warnings.join()).toContain('addresses only');
    expect(remedy?.after).toBe('allowed');
  });
  it('other names that the change opens', () => {
    const listed = cnp('c', { egress: [names('files.vendor.example')] });
    const wide = cnp('d', {
      egress: [{ toFQDNs: [name, { matchName: 'api.vendor.example' }], toPorts: [{ ports: ports('80/TCP') }] }],
    });
    const { remedy } = remedyFor([listed, wide, cnp('dns', { egress: [plainDns] })]);
    expect(remedy?.alsoAllows.join()).not.toContain('api.vendor.example');
  });
});

describe('applying a change', () => {
  const state = world(egress(dnsRule(), vendor));
  const policy = { kind: 'CiliumNetworkPolicy', namespace: 'default', name: 'c' };
  it('leaves the given state alone', () => {
    const before = JSON.stringify(state);
    applyChanges(state, [{ policy, op: 'remove', path: ['spec', 'egress', 0], why: '' }]);
    expect(JSON.stringify(state)).toBe(before);
  });
  it('adds, replaces and removes', () => {
    const edited = applyChanges(state, [
      { policy, op: 'replace', path: ['spec', 'egress', 1, 'toFQDNs', 0], value: { matchName: 'a.test' }, why: '' },
      { policy, op: 'add', path: ['spec', 'egress', 1, 'toFQDNs', 0], value: { matchName: 'b.test' }, why: '' },
      { policy, op: 'remove', path: ['spec', 'egress', 0], why: '' },
    ]);
    const [changed] = edited.policies;
    expect(changed?.kind === 'CiliumNetworkPolicy' && changed.rules[0]?.rule.egress).toEqual([
      { toFQDNs: [{ matchName: 'b.test' }, { matchName: 'a.test' }], toPorts: tcp443 },
    ]);
  });
  it('touches no policy of another name or namespace', () => {
    const away = {
      policy: { ...policy, namespace: 'other' },
      op: 'remove' as const,
      path: ['spec', 'egress', 0],
      why: '',
    };
    expect(applyChanges(state, [away]).policies).toEqual(state.policies);
  });
});

describe('in a mesh', () => {
  const subject = { ...P, containers: [container('app'), container('istio-proxy')] };
  const inMesh = (istioFacts: ClusterState['istio']) => {
    const facts = istioFacts === undefined ? {} : { istio: istioFacts };
    const state = world(egress(dnsRule(), vendor), { pods: [subject, DNS], ...facts });
    return proposeRemedy(state, subject, files, evaluateEgress(state, subject, files));
  };

  it('what the mesh blocks all the same is said with the change', () => {
    const remedy = inMesh(istio('REGISTRY_ONLY'));
    expect(remedy).toMatchObject({ before: 'denied', after: 'denied' });
    expect(remedy?.warnings.join()).toContain('the mesh is another matter');
    expect(remedy?.warnings.join()).not.toContain('whether the lookup passes');
    expect(inMesh(istio('ALLOW_ANY'))?.warnings.join()).not.toContain('mesh');
  });

  it('nothing is proposed where only the mesh blocks', () => {
    const state = world([], { pods: [subject, DNS], istio: istio('REGISTRY_ONLY') });
    expect(proposeRemedy(state, subject, files, evaluateEgress(state, subject, files))).toBeUndefined();
  });

  it('other pods whose mesh was not read are named too', () => {
    const peer = { ...pod('peer', 'default', '10.0.0.2'), containers: subject.containers };
    const { remedy } = remedyFor(egress(dnsRule(), vendor), files, { pods: [P, peer, DNS] });
    expect(remedy?.alsoAllows.join()).toContain('default/peer');
  });
});
