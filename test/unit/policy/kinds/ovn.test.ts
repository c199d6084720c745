/** EgressFirewall on OVN-Kubernetes and EgressNetworkPolicy on OpenShift SDN: a gate of its own, in order, for what leaves the cluster. */
import { describe, expect, it } from 'vitest';
import { meta, np, P, pod } from '../world.ts';
import { ask, firewall, on, sdnPolicy, verdict } from './foreign-world.ts';

const ovn = (spec: string, to: string, more: object = {}) =>
  verdict(ask(on('ovn-kubernetes', [firewall(spec, more)]), to));

const deny = '{ type: Deny, to: { cidrSelector: 0.0.0.0/0 } }';
const web = '{ type: Allow, to: { cidrSelector: 203.0.113.0/24 }, ports: [{ protocol: TCP, port: 443 }] }';
const name = '{ type: Allow, to: { dnsName: api.vendor.example } }';
const ALLOWED = 'allowed | not_isolated';

describe('EgressFirewall', () => {
  it.each<[string, string, string, string]>([
    [
      'nothing matches: through',
      `egress: [{ type: Deny, to: { cidrSelector: 198.51.100.0/24 } }]`,
      '203.0.113.7:443',
      ALLOWED,
    ],
    ['no rule at all', 'egress: []', '203.0.113.7:443', ALLOWED],
    [
      'a deny',
      `egress: [${deny}]`,
      '203.0.113.7:443',
      'denied | explicit_deny | default spec.egress[0].to.cidrSelector',
    ],
    [
      'the first match counts: allow',
      `egress: [${web}, ${deny}]`,
      '203.0.113.7:443',
      'allowed | allowed_by_rule | default spec.egress[0].to.cidrSelector',
    ],
    [
      'the first match counts: deny',
      `egress: [${deny}, ${web}]`,
      '203.0.113.7:443',
      'denied | explicit_deny | default spec.egress[0].to.cidrSelector',
    ],
    [
      'another port',
      `egress: [${web}, ${deny}]`,
      '203.0.113.7:80',
      'denied | explicit_deny | default spec.egress[1].to.cidrSelector',
    ],
    [
      'another protocol',
      `egress: [${web}, ${deny}]`,
      '203.0.113.7:443/UDP',
      'denied | explicit_deny | default spec.egress[1].to.cidrSelector',
    ],
    [
      'any port of a protocol',
      `egress: [{ type: Deny, to: { cidrSelector: 0.0.0.0/0 }, ports: [{ protocol: UDP, port: 0 }] }]`,
      '203.0.113.7:443/UDP',
      'denied | explicit_deny | default spec.egress[0].to.cidrSelector',
    ],
    ['pods are left out', `egress: [${deny}]`, '10.2.3.9:80', ALLOWED],
    [
      'nodes are not',
      `egress: [${deny}]`,
      '10.1.1.1:6443',
      'denied | explicit_deny | default spec.egress[0].to.cidrSelector',
    ],
    [
      'a name',
      `egress: [${name}, ${deny}]`,
      'api.vendor.example=203.0.113.7:443',
      'allowed | allowed_by_rule | default spec.egress[0].to.dnsName',
    ],
    [
      'a name without addresses',
      `egress: [${name}, ${deny}]`,
      'api.vendor.example:443',
      'allowed | allowed_by_rule | default spec.egress[0].to.dnsName',
    ],
    [
      'another name',
      `egress: [${name}, ${deny}]`,
      'www.vendor.example=203.0.113.8:443',
      'denied | explicit_deny | default spec.egress[1].to.cidrSelector',
    ],
    [
      'a name that leads to a node',
      `egress: [${name}, ${deny}]`,
      'api.vendor.example=10.1.1.1:6443',
      'allowed | allowed_by_rule | default spec.egress[0].to.dnsName',
    ],
    [
      'a denied name',
      `egress: [{ type: Deny, to: { dnsName: api.vendor.example } }]`,
      'api.vendor.example=203.0.113.7:443',
      'denied | explicit_deny | default spec.egress[0].to.dnsName',
    ],
    [
      'an address alone may be the name',
      `egress: [${name}, ${deny}]`,
      '203.0.113.7:443',
      'unknown | incomplete_state | default spec.egress[0].to.dnsName',
    ],
    ['an address alone, either way the same', `egress: [${name}]`, '203.0.113.7:443', ALLOWED],
    [
      'no node carries the label',
      'egress: [{ type: Deny, to: { nodeSelector: { matchLabels: { a: b } } } }]',
      '10.1.1.1:6443',
      ALLOWED,
    ],
    [
      'every node',
      'egress: [{ type: Deny, to: { nodeSelector: {} } }]',
      '10.1.1.1:6443',
      'denied | explicit_deny | default spec.egress[0].to.nodeSelector',
    ],
    ['nodes are not the world', 'egress: [{ type: Deny, to: { nodeSelector: {} } }]', '203.0.113.7:443', ALLOWED],
    [
      'no CIDR',
      'egress: [{ type: Deny, to: { cidrSelector: x } }]',
      '203.0.113.7:443',
      'unknown | incomplete_state | default spec.egress[0].to.cidrSelector',
    ],
  ])('%s', (_, spec, to, expected) => {
    expect(ovn(spec, to)).toBe(expected);
  });

  it.each<[string, string, object, string]>([
    ['applied', `egress: [${deny}]`, { status: { status: 'EgressFirewall Rules applied' } }, 'denied'],
    ['refused', `egress: [${deny}]`, { status: { status: 'EgressFirewall Rules not correctly applied' } }, 'unknown'],
    [
      'a wildcard without status',
      `egress: [{ type: Allow, to: { dnsName: "*.vendor.example" } }, ${deny}]`,
      {},
      'unknown',
    ],
    [
      'a wildcard that is applied',
      `egress: [{ type: Allow, to: { dnsName: "*.vendor.example" } }, ${deny}]`,
      { status: { status: 'EgressFirewall Rules applied' } },
      'allowed',
    ],
    [
      'another name than the API takes',
      `egress: [${deny}]`,
      { metadata: { name: 'mine', namespace: 'default' } },
      'allowed',
    ],
    ['another namespace', `egress: [${deny}]`, { metadata: { name: 'default', namespace: 'other' } }, 'allowed'],
  ])('the controller: %s', (_, spec, more, expected) => {
    const state = on('ovn-kubernetes', [firewall(spec, more)]);
    expect(ask(state, 'api.vendor.example=203.0.113.7:443').connect.decision).toBe(expected);
  });

  it('compares one label with a wildcard', () => {
    const state = on('ovn-kubernetes', [
      firewall(`egress: [{ type: Allow, to: { dnsName: "*.vendor.example" } }, ${deny}]`, {
        status: { status: 'EgressFirewall Rules applied' },
      }),
    ]);
    expect(ask(state, 'a.b.vendor.example=203.0.113.7:443').connect.decision).toBe('denied');
  });

  it('takes the labels of a node for what they are, and an unread node for unread', () => {
    const labelled = [{ meta: meta('n2', undefined, { zone: 'a' }), addresses: ['10.1.1.1'] }];
    const spec = firewall('egress: [{ type: Deny, to: { nodeSelector: { matchLabels: { zone: a } } } }]');
    expect(ask(on('ovn-kubernetes', [spec], { nodes: labelled }), '10.1.1.1:80').connect.decision).toBe('denied');
    expect(ask(on('ovn-kubernetes', [spec], { nodes: [] }), '10.1.1.9:80').connect.decision).toBe('unknown');
  });

  describe('beside NetworkPolicy: both must let the packet through', () => {
    const open = np('open', { policyTypes: ['Egress'], egress: [{}] });
    const closed = np('closed', { policyTypes: ['Egress'] });
    const allow = firewall('egress: [{ type: Allow, to: { cidrSelector: 0.0.0.0/0 } }]');
    const refuse = firewall(`egress: [${deny}]`);
    it.each([
      ['both allow', [open, allow], 'allowed'],
      ['the policy denies', [closed, allow], 'denied'],
      ['the firewall denies', [open, refuse], 'denied'],
      ['both deny', [closed, refuse], 'denied'],
    ] as const)('%s', (_, policies, expected) => {
      expect(ask(on('ovn-kubernetes', [...policies]), '203.0.113.7:443').connect.decision).toBe(expected);
    });

    it('names the isolating policy alone: a firewall isolates nobody', () => {
      expect(ask(on('ovn-kubernetes', [closed, allow]), '203.0.113.7:443').isolatedBy.map((ref) => ref.name)).toEqual([
        'closed',
      ]);
      expect(ask(on('ovn-kubernetes', [refuse]), '203.0.113.7:443').isolatedBy).toEqual([]);
    });
  });

  it('explains itself, and says what it rests on', () => {
    const state = on('ovn-kubernetes', [firewall(`egress: [${name}, ${deny}]`)]);
    const { connect, assumptions } = ask(state, 'www.vendor.example=203.0.113.8:443');
    expect(connect.explanation).toBe(
      "EgressFirewall default/default spec.egress[1].to.cidrSelector (cidrSelector 0.0.0.0/0 on all ports) denies 443/TCP to 203.0.113.8, outside the cluster; it is the first rule of the namespace's egress firewall that matches.",
    );
    expect(assumptions).toContain(
      'EgressFirewall compares addresses that the control plane has resolved for its dnsName rules: the pod may be given others for the name',
    );
    expect(ask(state, '10.2.3.9:80').assumptions).toContain(
      'EgressFirewall governs addresses outside the cluster only: pods are left out of its rules',
    );
  });

  it('does not govern the host network', () => {
    const host = pod('h', 'default', '10.1.1.9', { hostNetwork: true });
    expect(ask(on('ovn-kubernetes', [firewall(`egress: [${deny}]`)]), '203.0.113.7:443', host).connect.reason).toBe(
      'host_network',
    );
  });

  it('is served by OVN-Kubernetes alone, which it proves where nothing was recognised', () => {
    const policies = [firewall(`egress: [${deny}]`)];
    expect(ask(on('cilium', policies), '203.0.113.7:443').decision).toBe('allowed');
    expect(ask(on('calico', policies), '203.0.113.7:443').decision).toBe('allowed');
    const assumed = ask(on('unknown', policies), '203.0.113.7:443');
    expect(assumed.decision).toBe('denied');
    expect(assumed.assumptions).toContain(
      'the network plugin was not recognised: ovn-kubernetes is assumed because ovn-kubernetes policies exist',
    );
  });

  it('leaves the answer open where it could not be read', () => {
    const notRead = [{ what: 'egressfirewalls in namespace default', code: 'forbidden' as const, reason: 'no' }];
    const closed = np('closed', { policyTypes: ['Egress'] });
    expect(ask(on('ovn-kubernetes', [], { notRead }), '203.0.113.7:443').connect.decision).toBe('unknown');
    expect(ask(on('ovn-kubernetes', [closed], { notRead }), '203.0.113.7:443').connect.decision).toBe('denied');
  });
});

describe('EgressNetworkPolicy', () => {
  const HOME = { metadata: { name: 'fence', namespace: 'other' } };
  const SHOP = pod('s', 'other', '10.2.3.8');
  const sdn = (policies: readonly ReturnType<typeof sdnPolicy>[], to: string, more: object = {}) =>
    ask(on('openshift-sdn', policies, more), to, SHOP).connect;

  it.each<[string, string, string, string]>([
    ['in order', `egress: [${name}, ${deny}]`, 'api.vendor.example=203.0.113.7:443', 'allowed'],
    ['no match', `egress: [${name}]`, '198.51.100.7:443', 'allowed'],
    ['a deny', `egress: [${deny}]`, '203.0.113.7:443', 'denied'],
    [
      'the slip that SDN corrects',
      'egress: [{ type: Deny, to: { cidrSelector: 0.0.0.0/32 } }]',
      '203.0.113.7:443',
      'denied',
    ],
    [
      'no wildcards',
      `egress: [{ type: Allow, to: { dnsName: "*.vendor.example" } }, ${deny}]`,
      'api.vendor.example=203.0.113.7:443',
      'denied',
    ],
    ['pods', `egress: [${deny}]`, '10.0.0.2:80', 'allowed'],
    ['nodes', `egress: [${deny}]`, '10.1.1.1:6443', 'denied'],
  ])('%s', (_, spec, to, expected) => {
    expect(sdn([sdnPolicy('fence', spec, HOME)], to).decision).toBe(expected);
  });

  it('drops everything outside where a namespace has two', () => {
    const second = { metadata: { name: 'second', namespace: 'other' } };
    const open = 'egress: [{ type: Allow, to: { cidrSelector: 0.0.0.0/0 } }]';
    const two = [sdnPolicy('fence', open, HOME), sdnPolicy('second', open, second)];
    expect(sdn(two, '203.0.113.7:443').decision).toBe('denied');
    expect(sdn(two, '203.0.113.7:443').explanation).toContain('because the namespace has 2 EgressNetworkPolicies');
    expect(sdn(two, '10.0.0.2:80').decision).toBe('allowed');
    expect(sdn([two[0] as never, sdnPolicy('second', 'egress: []', second)], '203.0.113.7:443').decision).toBe(
      'allowed',
    );
  });

  it('is ignored in the global network', () => {
    const state = on('openshift-sdn', [sdnPolicy('fence', `egress: [${deny}]`)]);
    expect(ask(state, '203.0.113.7:443', P).connect.decision).toBe('allowed');
  });

  it('lets connections through a Service pass', () => {
    const service = (namespace: string, selector: Record<string, string>) => ({
      meta: meta('api', namespace),
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      selector,
      ports: [{ port: 443, protocol: 'TCP' as const, targetPort: 6443 }],
    });
    const backend = (namespace: string) => ({
      namespace,
      service: 'api',
      addresses: ['10.1.1.1'],
      ports: [{ port: 6443, protocol: 'TCP' as const }],
      ready: true,
    });
    const fence = [sdnPolicy('fence', `egress: [${deny}]`, HOME)];
    const through = (namespace: string, selector: Record<string, string>) =>
      sdn(fence, '10.96.0.1:443', { services: [service(namespace, selector)], backends: [backend(namespace)] })
        .decision;
    expect(through('default', {})).toBe('allowed');
    expect(through('other', { app: 'x' })).toBe('allowed');
    expect(through('other', {})).toBe('unknown');
    expect(sdn(fence, '10.1.1.1:6443').decision).toBe('denied');
  });

  it('is served by OpenShift SDN alone', () => {
    const state = on('ovn-kubernetes', [sdnPolicy('fence', `egress: [${deny}]`, HOME)]);
    expect(ask(state, '203.0.113.7:443', SHOP).decision).toBe('allowed');
  });
});
