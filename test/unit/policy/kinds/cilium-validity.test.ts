/**
 * Which Cilium policies the agent refuses, and as what: one bad element voids the whole object (policy-semantics §3.7). The limits
 * are those of pkg/policy/api/rule_validation.go, pkg/policy/api/selector.go and, since 1.20, pkg/labels/validation.go.
 */
import { describe, expect, it } from 'vitest';
import type {
  CiliumEgressRule,
  CiliumPolicy,
  CiliumPort,
  CiliumPortRule,
  CiliumRule,
} from '../../../../src/core/model/policy.ts';
import type { LabelSelector } from '../../../../src/core/model/selector.ts';
import { selectingPolicies } from '../../../../src/core/policy/selecting.ts';
import { ccnp, cnp, P, rule, select, world } from '../world.ts';

interface On {
  readonly version?: string;
  readonly config?: Record<string, string>;
}

/** Why the policy isn't enforced, or `taken`. */
function outcome(policy: CiliumPolicy, on: On = {}): string {
  const [found] = selectingPolicies(world([policy], on), P);
  if (!found) throw new Error('the policy selects nothing');
  return found.invalidReason ?? 'taken';
}

const ofEgress = (element: CiliumEgressRule, on?: On) => outcome(cnp('c', { egress: [element] }), on);
const ofDeny = (element: CiliumEgressRule, on?: On) => outcome(cnp('c', { egressDeny: [element] }), on);
const ofPorts = (one: CiliumPortRule, on?: On) => ofEgress({ toPorts: [one] }, on);
const ofPort = (one: CiliumPort, on?: On) => ofPorts({ ports: [one] }, on);
const ofPeer = (selector: LabelSelector, on?: On) => ofEgress({ toEndpoints: [selector] }, on);
const ofKey = (key: string, version: string) => ofPeer(select({ [key]: 'x' }), { version });
const at = (reason: string) => `spec.egress[0]: ${reason}`;
const expression = (operator: string, values: readonly string[], key = 'app') =>
  ({ matchLabels: {}, matchExpressions: [{ key, operator, values }] }) as LabelSelector;
const V18 = '1.18.4';
const V19 = '1.19.5';
const V20 = '1.20.2';

describe('keys of label selectors', () => {
  const long = (length: number) => 'a'.repeat(length);
  it.each<[string, string, boolean]>([
    ['app', V19, true],
    ['App_1.x-y', V19, true],
    ['vendor.example/team', V19, true],
    ['k8s:vendor.example/team', V19, true],
    // Before 1.20 the source stands before the key when it is measured: `any.` here.
    [long(59), V19, true],
    [long(60), V19, false],
    [`k8s:${long(59)}`, V19, true],
    [`k8s:${long(60)}`, V19, false],
    [`$${long(54)}`, V19, true],
    [`$${long(55)}`, V19, false],
    [`reserved.${long(54)}`, V19, true],
    [`reserved.${long(55)}`, V19, false],
    [long(63), V20, true],
    [long(64), V20, false],
    // With a prefix, the source lengthens that one.
    [`vendor.example/${long(63)}`, V19, true],
    [`vendor.example/${long(64)}`, V19, false],
    [`${long(249)}/app`, V19, true],
    [`${long(250)}/app`, V19, false],
    [`${long(253)}/app`, V20, true],
    [`${long(254)}/app`, V20, false],
    // The name: letters and digits at both ends.
    ['app-', V19, false],
    ['app-', V20, false],
    ['-app', V20, false],
    ['.app', V20, false],
    ['a b', V20, false],
    ['', V20, false],
    ['vendor.example/', V20, false],
    ['/app', V20, false],
    ['a/b/c', V20, false],
    // The prefix: a lower-case subdomain.
    ['Vendor.example/app', V20, false],
    ['Vendor.example/app', V19, false],
    ['vendor-.example/app', V20, false],
    ['vendor..example/app', V20, false],
    ['vendor.example./app', V20, false],
    ['-vendor.example/app', V20, false],
    ['vendor.example-/app', V20, false],
    ['vendor_x.example/app', V20, false],
    ['v.e/app', V20, true],
    ['vend-or.exam-ple/app', V20, true],
    ['vendor.e-/app', V20, false],
    ['vendor.e!/app', V20, false],
    // Sources. 1.20 takes one of letters and digits; before, it was no more than the beginning of the key.
    ['K8s1:app', V20, true],
    ['K8s1:app', V19, true],
    [':app', V20, false],
    [':app', V19, true],
    ['a.b:app', V20, false],
    ['a.b:app', V19, true],
    ['k8s-:app', V20, false],
    ['-k8s:app', V20, false],
    ['k8s:a:b', V20, false],
    ['k8s:a:b', V19, false],
    ['k8s:', V20, false],
    ['k8s:', V19, false],
    ['$host', V20, false],
    ['$host', V19, true],
    ['reserved.host', V20, true],
    ['reserved.host', V19, true],
    // Before 1.20 what follows an equals sign was dropped with it.
    ['app=shop', V19, true],
    ['app=shop', V20, false],
    ['k8s:app=a=b', V19, true],
  ])('%s in %s: %s', (key, version, taken) => {
    expect(ofKey(key, version)).toBe(taken ? 'taken' : at(`"${key}" is not a label key`));
  });
});

describe('values and operators of label selectors', () => {
  it.each<[string, boolean]>([
    ['', true],
    ['shop', true],
    ['Shop_1.x-y', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['shop-', false],
    ['-shop', false],
    ['a b', false],
  ])('value "%s": %s', (value, taken) => {
    const reason = taken ? 'taken' : at(`"${value}" is not a label value`);
    expect(ofPeer(select({ app: value }))).toBe(reason);
    expect(ofPeer(expression('In', ['shop', value]))).toBe(reason);
  });

  it.each<[string, readonly string[], string]>([
    ['In', [], 'operator In on "app" needs values'],
    ['NotIn', [], 'operator NotIn on "app" needs values'],
    ['In', ['a'], ''],
    ['NotIn', ['a', 'b'], ''],
    ['Exists', [], ''],
    ['DoesNotExist', [], ''],
    ['Exists', ['a'], 'operator Exists on "app" takes no values'],
    ['DoesNotExist', ['a'], 'operator DoesNotExist on "app" takes no values'],
  ])('%s of %j', (operator, values, reason) => {
    expect(ofPeer(expression(operator, values))).toBe(reason === '' ? 'taken' : at(reason));
  });

  it('a key of an expression counts as well, and one bad selector of several', () => {
    expect(ofPeer(expression('Exists', [], 'a b'))).toBe(at('"a b" is not a label key'));
    expect(ofEgress({ toEndpoints: [select({ app: 'a' }), select({ 'a b': 'c' })] })).toContain('"a b"');
    expect(ofPeer({ matchLabels: { app: 'shop' }, matchExpressions: [] })).toBe('taken');
  });

  it('of toNodes as well, where those are taken', () => {
    const config = { 'enable-node-selector-labels': 'true' };
    expect(ofEgress({ toNodes: [select({ zone: 'a' })] }, { config })).toBe('taken');
    expect(ofEgress({ toNodes: [select({ zone: 'a' })] })).toBe(at('toNodes needs enable-node-selector-labels'));
    expect(ofEgress({ toNodes: [select({ 'a b': 'a' })] }, { config })).toBe(at('"a b" is not a label key'));
  });
});

describe('ports', () => {
  const list = (length: number) => Array.from({ length }, (_, index) => ({ port: String(index + 1) }));

  it('at most 40 in one list', () => {
    expect(ofPorts({ ports: list(40) })).toBe('taken');
    expect(ofPorts({ ports: list(41) })).toBe(at('more than 40 ports in one list'));
    expect(ofDeny({ toPorts: [{ ports: list(41) }] })).toBe('spec.egressDeny[0]: more than 40 ports in one list');
  });

  it.each<[string, boolean]>([
    ['443', true],
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['https', true],
    ['https-alt', true],
    // IANA's service names: 15 characters, a letter, single inner hyphens.
    ['a23456789012345', true],
    ['a234567890123456', false],
    ['https-', false],
    ['-https', false],
    ['a--b', false],
    ['a_b', false],
    // Go's ParseUint with base 0.
    ['0443', true],
    ['0843', false],
    ['4_43', true],
    ['4__43', false],
    ['443_', false],
    ['_443', false],
    ['0_443', true],
    // What reads as a name is one, hexadecimal numbers too, unless it is too long for a name.
    ['0x1bb', true],
    ['0x000000000000001bb', true],
    ['0x000000000000001bg', false],
    ['g0x00000000000001bb', false],
    ['0b0000000000000001', true],
    ['0b0000000000000002', false],
    ['0o0000000000000007', true],
    ['0o0000000000000008', false],
    ['443/TCP', false],
    ['a 443', false],
  ])('"%s": %s', (port, taken) => {
    expect(ofPort({ port })).toBe(taken ? 'taken' : at(`"${port}" is not a port`));
    expect(ofDeny({ toPorts: [{ ports: [{ port }] }] }) === 'taken').toBe(taken);
  });

  it('need a port', () => {
    expect(ofPort({})).toBe(at('a port entry has no port'));
    expect(ofPort({ port: '' })).toBe(at('a port entry has no port'));
  });

  it.each<[string, string, boolean]>([
    ['TCP', V18, true],
    ['udp', V18, true],
    ['SCTP', V18, true],
    ['ANY', V18, true],
    ['', V18, true],
    ['ICMP', V20, false],
    ['VRRP', V18, false],
    ['VRRP', V19, true],
    ['IGMP', V19, true],
    ['GRE', V19, false],
    ['GRE', V20, true],
    ['IPIP', V20, true],
    ['IPV6', V20, true],
    ['ESP', V20, true],
    ['AH', V20, true],
    ['VRRP', V20, true],
  ])('protocol "%s" on port 0 in %s: %s', (protocol, version, taken) => {
    expect(ofPort({ port: '0', protocol }, { version })).toBe(taken ? 'taken' : at(`"${protocol}" is not a protocol`));
  });

  it('protocols without ports take none', () => {
    expect(ofPort({ port: '1', protocol: 'VRRP' })).toBe(at('VRRP has no ports'));
    // Compared as written: in lower case the agent does not see it, and turns it into VRRP afterwards.
    expect(ofPort({ port: '1', protocol: 'vrrp' })).toBe('taken');
    expect(ofPort({ port: 'https', protocol: 'VRRP' })).toBe('taken');
  });
});

describe('layer 7 rules', () => {
  const dns = [{ matchPattern: '*' }];
  const tcp = [{ port: '443', protocol: 'TCP' }];
  const udp = [{ port: '53', protocol: 'UDP' }];
  const OFF = { config: { 'enable-l7-proxy': 'false' } };
  const severalKinds = at('L7 rules of several protocols cannot be combined in one port list');
  const besideNames = at('serverNames and L7 rules cannot be combined without TLS termination');

  it.each<[string, CiliumPortRule, string, On?]>([
    ['HTTP on TCP', { ports: tcp, http: [{}] }, 'taken'],
    ['HTTP on any protocol', { ports: [{ port: '443' }], http: [{}] }, at('HTTP rules need protocol TCP, not ANY')],
    ['HTTP on UDP', { ports: udp, http: [{}] }, at('HTTP rules need protocol TCP, not UDP')],
    ['HTTP on TCP and UDP', { ports: [...tcp, ...udp], http: [{}] }, at('HTTP rules need protocol TCP, not UDP')],
    ['no HTTP rule', { ports: udp, http: [] }, 'taken'],
    [
      'HTTP on port 0',
      { ports: [{ port: '0', protocol: 'TCP' }], http: [{}] },
      at('L7 rules cannot be used on port 0'),
    ],
    [
      'HTTP on port 0 beside another',
      { ports: [...tcp, { port: '00', protocol: 'TCP' }], http: [{}] },
      at('L7 rules cannot be used on port 0'),
    ],
    ['HTTP on a port name', { ports: [{ port: 'https', protocol: 'TCP' }], http: [{}] }, 'taken'],
    ['Kafka on TCP', { ports: tcp, otherL7: ['kafka'] }, 'taken'],
    ['Kafka on UDP', { ports: udp, otherL7: ['kafka'] }, at('HTTP rules need protocol TCP, not UDP')],
    ['Kafka on UDP, since 1.20 no rule', { ports: udp, otherL7: ['kafka'] }, 'taken', { version: V20 }],
    ['DNS on UDP', { ports: udp, dns }, 'taken'],
    ['DNS on a port name', { ports: [{ port: 'dns', protocol: 'UDP', endPort: 60 }], dns }, 'taken'],
    ['DNS on TCP', { ports: tcp, dns }, 'taken'],
    ['DNS without ports', { dns }, at('DNS rules need a port')],
    ['DNS with no ports listed', { ports: [], dns }, at('DNS rules need a port')],
    ['DNS on port 0', { ports: [{ port: '0', protocol: 'UDP' }], dns }, at('L7 rules cannot be used on port 0')],
    ['DNS on a range', { ports: [{ port: '50', endPort: 60 }], dns }, at('DNS rules do not support port ranges')],
    [
      'DNS on a range beside',
      { ports: [...udp, { port: '50', endPort: 60 }], dns },
      at('DNS rules do not support port ranges'),
    ],
    ['DNS on a range that ends where it begins', { ports: [{ port: '53', endPort: 53 }], dns }, 'taken'],
    ['DNS on a range that ends before', { ports: [{ port: '53', endPort: 50 }], dns }, 'taken'],
    ['no DNS rule', { ports: [{ port: '50', endPort: 60 }], dns: [] }, 'taken'],
    ['DNS and HTTP', { ports: tcp, dns, http: [{}] }, severalKinds],
    ['DNS and an empty list of HTTP', { ports: tcp, dns, http: [] }, severalKinds],
    ['HTTP and an empty list of DNS', { ports: tcp, http: [{}], dns: [] }, severalKinds],
    ['HTTP and Kafka', { ports: tcp, http: [{}], otherL7: ['kafka'] }, severalKinds],
    ['DNS and Kafka', { ports: udp, dns, otherL7: ['kafka'] }, severalKinds],
    ['Kafka and another parser', { ports: tcp, otherL7: ['kafka', 'l7proto'] }, severalKinds],
    ['HTTP and another parser', { ports: tcp, http: [{}], otherL7: ['l7proto', 'l7'] }, severalKinds],
    ['rules without their parser', { ports: tcp, otherL7: ['l7'] }, at('l7 needs l7proto')],
    ['rules with their parser', { ports: tcp, otherL7: ['l7proto', 'l7'] }, 'taken'],
    ['a parser without rules', { ports: tcp, otherL7: ['l7proto'] }, 'taken'],
    ['server names', { ports: tcp, serverNames: ['api.vendor.example'] }, 'taken'],
    ['an empty server name', { ports: tcp, serverNames: ['a.example', ''] }, at('an empty server name is refused')],
    ['server names and HTTP', { ports: tcp, http: [{}], serverNames: ['a.example'] }, besideNames],
    ['server names and DNS', { ports: udp, dns, serverNames: ['a.example'] }, besideNames],
    ['no server names and HTTP', { ports: tcp, http: [{}], serverNames: [] }, 'taken'],
    [
      'server names and HTTP behind terminated TLS',
      { ports: tcp, http: [{}], serverNames: ['a.example'], otherL7: ['terminatingTLS'] },
      'taken',
    ],
    [
      'server names and HTTP, TLS only originated',
      { ports: tcp, http: [{}], serverNames: ['a.example'], otherL7: ['originatingTLS'] },
      besideNames,
    ],
    ['a listener', { ports: tcp, otherL7: ['listener'] }, 'taken'],
    ['a listener on UDP', { ports: udp, otherL7: ['listener'] }, 'taken'],
    [
      'a listener and HTTP',
      { ports: tcp, http: [{}], otherL7: ['listener'] },
      at('a listener and L7 rules cannot be combined'),
    ],
    ['DNS, proxy off', { ports: udp, dns }, at('L7 rules need the L7 proxy, which is off (enable-l7-proxy)'), OFF],
    [
      'HTTP, proxy off',
      { ports: tcp, http: [{}] },
      at('L7 rules need the L7 proxy, which is off (enable-l7-proxy)'),
      OFF,
    ],
    ['server names, proxy off', { ports: tcp, serverNames: ['a.example'] }, 'taken', OFF],
    ['ports alone, proxy off', { ports: tcp }, 'taken', OFF],
  ])('%s', (_, one, reason, on) => {
    expect(ofPorts(one, on)).toBe(reason);
  });

  it('are pruned from denies, which have none', () => {
    expect(ofDeny({ toPorts: [{ ports: udp, http: [{}], serverNames: [''] }] })).toBe('taken');
  });

  it.each<[string, CiliumPortRule['dns'], boolean, string]>([
    ['a name', [{ matchName: 'api.vendor.example' }], true, V19],
    ['a name with a star', [{ matchName: '*.vendor.example' }], false, V19],
    ['a pattern', [{ matchPattern: '*.vendor.example' }], true, V19],
    ['a pattern with a slash', [{ matchPattern: 'vendor/example' }], false, V19],
    ['nothing', [{}], true, V19],
    ['both, the pattern odd', [{ matchName: 'a.example', matchPattern: 'a/b' }], false, V19],
    ['both, the name odd', [{ matchName: 'a/b', matchPattern: '*' }], false, V19],
    ['both', [{ matchName: 'a.example', matchPattern: '*.b.example' }], true, V19],
    ['an odd one behind a sound one', [{ matchName: 'a.example' }, { matchName: 'a/b' }], false, V19],
    // The agent measures patterns, and that since 1.19 (pkg/fqdn/matchpattern).
    ['a long pattern', [{ matchPattern: `${'a.'.repeat(127)}aa` }], false, V19],
    ['a long pattern before 1.19', [{ matchPattern: `${'a.'.repeat(127)}aa` }], true, V18],
    ['a long name', [{ matchName: `${'a.'.repeat(127)}aa` }], true, V19],
  ])('names of DNS rules: %s', (_, entries = [], taken, version) => {
    const found = ofPorts({ ports: udp, dns: entries }, { version });
    expect(found === 'taken', found).toBe(taken);
    // toFQDNs has either field, not both.
    if (entries.some(({ matchName, matchPattern }) => matchName && matchPattern)) return;
    expect(ofEgress({ toFQDNs: entries }, { version }) === 'taken').toBe(taken);
  });
});

describe('peers of one element', () => {
  it.each<[string, CiliumEgressRule, string, On?]>([
    [
      'two kinds',
      { toCIDR: ['10.0.0.0/8'], toEntities: ['all'] },
      at('combining toEntities and toCIDR in one rule is not supported'),
    ],
    ['an empty list of another kind', { toCIDR: ['10.0.0.0/8'], toEntities: [] }, 'taken'],
    ['an address', { toCIDR: ['10.0.0.1'] }, 'taken'],
    ['no range', { toCIDR: ['10.0.0.0/8', '10.0.0.0/33'] }, at('"10.0.0.0/33" is not a CIDR')],
    ['an entity', { toEntities: ['world', 'none'] }, 'taken'],
    ['no entity', { toEntities: ['world', 'internet'] }, at('"internet" is not an entity')],
    ['cluster-mesh', { toEntities: ['cluster-mesh'] }, at('"cluster-mesh" is not an entity')],
    ['cluster-mesh since 1.20', { toEntities: ['cluster-mesh'] }, 'taken', { version: V20 }],
    ['toRequires', { toRequires: [select()] }, at('toRequires is refused since Cilium 1.19')],
    ['toRequires before 1.19', { toRequires: [select()] }, 'taken', { version: V18 }],
    ['an empty toRequires', { toRequires: [] }, 'taken'],
    ['icmps', { icmps: [{ fields: [{ family: 'IPv4', type: 8 }] }] }, 'taken'],
    [
      'icmps of both families and of none',
      { icmps: [{ fields: [{ family: 'IPv6' }, { family: '' }, { type: 8 }] }] },
      'taken',
    ],
    [
      'icmps of another family',
      { icmps: [{ fields: [{ family: 'IPv4' }, { family: 'IPX' }] }] },
      at('"IPX" is not an address family'),
    ],
    ['icmps without fields', { icmps: [{}] }, 'taken'],
    ['icmps off', { icmps: [{}] }, at('icmps needs enable-icmp-rules'), { config: { 'enable-icmp-rules': 'false' } }],
    ['no icmps, and off', { icmps: [] }, 'taken', { config: { 'enable-icmp-rules': 'false' } }],
    ['icmps and ports', { icmps: [{}], toPorts: [{}] }, at('icmps and toPorts cannot be combined in one rule')],
    ['icmps and an empty list of ports', { icmps: [{}], toPorts: [] }, 'taken'],
    ['40 icmps', { icmps: [{ fields: Array.from({ length: 40 }, () => ({})) }] }, 'taken'],
    [
      '41 icmps',
      { icmps: [{ fields: Array.from({ length: 41 }, () => ({})) }] },
      at('more than 40 fields in one icmps entry'),
    ],
  ])('%s', (_, element, reason, on) => {
    expect(ofEgress(element, on)).toBe(reason);
  });

  const one = 'a toCIDRSet entry needs exactly one of cidr, cidrGroupRef and cidrGroupSelector';
  it.each<[string, NonNullable<CiliumEgressRule['toCIDRSet']>[number], string, string?]>([
    ['a range', { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }, 'taken'],
    ['an address', { cidr: '10.0.0.1', except: [] }, at('"10.0.0.1" is not a CIDR')],
    ['a group', { cidrGroupRef: 'g', except: [] }, 'taken'],
    ['a selector of groups', { cidrGroupSelector: select({ kind: 'x' }), except: [] }, 'taken'],
    ['nothing', { except: [] }, at(one)],
    ['empty fields', { cidr: '', cidrGroupRef: '', except: [] }, at(one)],
    ['a range and a group', { cidr: '10.0.0.0/8', cidrGroupRef: 'g', except: [] }, at(one)],
    ['a range and an empty group', { cidr: '10.0.0.0/8', cidrGroupRef: '', except: [] }, 'taken'],
    [
      'a selector with a source',
      { cidrGroupSelector: select({ 'k8s:kind': 'x' }), except: [] },
      at('"k8s:kind" is not a label key'),
    ],
    [
      'a selector with a source since 1.20',
      { cidrGroupSelector: select({ 'k8s:kind': 'x' }), except: [] },
      'taken',
      V20,
    ],
    [
      'a selector with a key of 53 characters',
      { cidrGroupSelector: select({ ['a'.repeat(53)]: 'x' }), except: [] },
      'taken',
    ],
    [
      'a selector with a key of 54 characters',
      { cidrGroupSelector: select({ ['a'.repeat(54)]: 'x' }), except: [] },
      at(`"${'a'.repeat(54)}" is not a label key`),
    ],
    [
      'an exception elsewhere',
      { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '11.0.0.0/16'] },
      at('except "11.0.0.0/16" does not lie in "10.0.0.0/8"'),
    ],
    [
      'an exception of the other family',
      { cidr: '10.0.0.0/8', except: ['fd00::/64'] },
      at('except "fd00::/64" does not lie in "10.0.0.0/8"'),
    ],
    [
      'an exception that is no range',
      { cidr: '10.0.0.0/8', except: ['10.0.0.1'] },
      at('except "10.0.0.1" does not lie in "10.0.0.0/8"'),
    ],
    ['a wider exception', { cidr: '10.0.0.0/16', except: ['10.0.0.0/8'] }, 'taken'],
    [
      'a wider exception since 1.20',
      { cidr: '10.0.0.0/16', except: ['10.0.0.0/8'] },
      at('except "10.0.0.0/8" does not lie in "10.0.0.0/16"'),
      V20,
    ],
    ['an exception of the same size since 1.20', { cidr: '10.0.0.0/16', except: ['10.0.0.0/16'] }, 'taken', V20],
  ])('toCIDRSet: %s', (_, entry, reason, version) => {
    expect(ofEgress({ toCIDRSet: [entry] }, version === undefined ? {} : { version })).toBe(reason);
  });
});

describe('the whole object', () => {
  const sound = rule({ egress: [{ toEntities: ['all'] }] });
  const forNodes: object = { endpointSelector: undefined, nodeSelector: select() };
  const http = { ports: [{ port: '80', protocol: 'TCP' }], http: [{}] };
  const noHttp = 'L7 rules other than DNS cannot be used in a policy for nodes';
  const dns = { ports: [{ port: '53', protocol: 'UDP' }], dns: [{ matchPattern: '*' }] };

  it('one bad spec of several voids it, and is named', () => {
    const bad = rule({ egress: [{ toEntities: ['all'] }, { toCIDR: ['x'] }] });
    expect(outcome(cnp('c', [sound, bad]))).toBe('specs[1].egress[1]: "x" is not a CIDR');
    expect(outcome(cnp('c', [sound, sound]))).toBe('taken');
  });

  it.each<[string, object, string]>([
    ['both subjects', { nodeSelector: select() }, 'it has both endpointSelector and nodeSelector'],
    ['no subject', { endpointSelector: undefined }, 'it has neither endpointSelector nor nodeSelector'],
    ['a subject that is none', { endpointSelector: select({ 'a b': 'x' }) }, '"a b" is not a label key'],
    [
      'nodes as a subject that are none',
      { ...forNodes, nodeSelector: select({ a: 'x ' }) },
      '"x " is not a label value',
    ],
    ['HTTP rules for nodes', { ...forNodes, egress: [{ toPorts: [http] }] }, `.egress[0]: ${noHttp}`],
    ['DNS rules for nodes', { ...forNodes, egress: [{ toPorts: [dns] }] }, 'taken'],
    ['rules for nodes', { ...forNodes, egressDeny: [{ toPorts: [http] }] }, 'taken'],
  ])('a second spec with %s', (_, part, reason) => {
    const second = { ...rule({ egress: [{}] }), ...part } as CiliumRule;
    const separator = reason.startsWith('.') ? '' : ': ';
    const whole = reason === 'taken' ? reason : `specs[1]${separator}${reason}`;
    expect(outcome({ ...ccnp('c', {}), rules: cnp('c', [sound, second]).rules })).toBe(whole);
  });

  it('nodes are for clusterwide policies', () => {
    const second = { ...rule({ egress: [{}] }), ...forNodes } as CiliumRule;
    expect(outcome(cnp('c', [sound, second]))).toBe('specs[1]: nodeSelector is only allowed in a clusterwide policy');
  });

  it('needs a section that is not empty', () => {
    const reason = 'spec: the rule has no ingress, ingressDeny, egress or egressDeny element';
    expect(outcome(cnp('c', {}))).toBe(reason);
    expect(outcome(cnp('c', { egress: [], egressDeny: [] }))).toBe(reason);
    expect(outcome(cnp('c', { egress: [], hasIngress: true }))).toBe('taken');
    expect(outcome(cnp('c', { egressDeny: [{}] }))).toBe('taken');
  });

  it('what the operator wrote into its status counts', () => {
    const told = (status: string, message?: string, type = 'Valid') =>
      outcome(
        cnp('c', { egress: [{}] }, { conditions: [{ type, status, ...(message !== undefined && { message }) }] }),
      );
    expect(told('True')).toBe('taken');
    expect(told('Unknown')).toBe('taken');
    expect(told('False', 'no', 'Ready')).toBe('taken');
    expect(told('False')).toBe('its status condition Valid is False');
    expect(told('False', 'odd rule')).toBe('its status condition Valid is False: odd rule');
    expect(told('False', 'x'.repeat(300))).toBe(`its status condition Valid is False: ${'x'.repeat(200)}`);
  });
});
