/**
 * What Calico's API and validator refuse of a policy, word by word, and the nearest thing that they take (libcalico-go/lib/validator/v3,
 * api/pkg/lib/numorstring; for `domains` docs.tigera.io, Calico Enterprise).
 */
import { describe, expect, it } from 'vitest';
import type { CalicoPolicy } from '../../../../src/core/model/policies/calico.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { translateCalico } from '../../../../src/core/policy/translate/calico/policy.ts';
import { P } from '../world.ts';
import { BACK, calico, globalCalico, onCalico } from './calico-world.ts';

const byApi = ": Calico's API refuses that, but the nodes do not if a policy was stored without it";

function outcome(policy: CalicoPolicy, state = onCalico([policy])): string {
  const { invalidReason, uncertain } = translateCalico(policy, state);
  return invalidReason?.replace('Calico refuses it: ', '') ?? uncertain ?? 'taken';
}

const ofRule = (rule: string) => outcome(calico('a', `egress: [{action: Deny, ${rule}}]`));
const ofPolicy = (field: string) => outcome(globalCalico('g', `${field}\negress: [{action: Deny}]`));
const inRule = 'spec.egress[0]';

describe('selectors', () => {
  const nowhere = `global() can only be used in a rule's namespaceSelector${byApi}`;
  const noSelector = (path: string) => `${path} "a = 'b'" is no selector: expected ==`;

  it.each(['selector', 'namespaceSelector', 'serviceAccountSelector'])("a policy's %s", (field) => {
    expect(ofPolicy(`${field}: "a = 'b'"`)).toBe(noSelector(`spec.${field}`));
    expect(ofPolicy(`${field}: "global() || all()"`)).toBe(`spec.${field}: ${nowhere}`);
    expect(ofPolicy(`${field}: "!(has(a) && global())"`)).toBe(`spec.${field}: ${nowhere}`);
    expect(ofPolicy(`${field}: all()`)).toBe('taken');
    expect(ofPolicy(`${field}: ""`)).toBe('taken');
  });

  it.each(['source', 'destination'])("a rule's selectors: %s", (side) => {
    const at = (field: string) => `${inRule}.${side}.${field}`;
    for (const field of ['selector', 'notSelector', 'namespaceSelector']) {
      expect(ofRule(`${side}: {${field}: "a = 'b'"}`)).toBe(noSelector(at(field)));
      expect(ofRule(`${side}: {${field}: has(a)}`)).toBe('taken');
    }
    expect(ofRule(`${side}: {serviceAccounts: {selector: "a = 'b'"}}`)).toBe(
      noSelector(at('serviceAccounts.selector')),
    );
    expect(ofRule(`${side}: {selector: global()}`)).toBe(`${at('selector')}: ${nowhere}`);
    expect(ofRule(`${side}: {namespaceSelector: global()}`)).toBe('taken');
    expect(ofRule(`${side}: {namespaceSelector: "!global()"}`)).toBe(
      `${at('namespaceSelector')}: global() must stand alone${byApi}`,
    );
    expect(ofRule(`${side}: {notSelector: "has(a) || global()"}`)).toBe(
      `${at('notSelector')}: global() must stand alone${byApi}`,
    );
  });

  it('the first reason is told, of the policy before those of its rules, and what the nodes refuse before what the API does', () => {
    const portless = 'destination: {ports: [80]}';
    const both = (selector: string) =>
      outcome(globalCalico('g', `selector: ${selector}\negress: [{action: Deny, ${portless}}]`));
    expect(both('has(')).toContain('spec.selector');
    expect(both('global()')).toContain('need a protocol');
    expect(outcome(globalCalico('g', `egress: [{action: Deny}, {action: Refuse}, {action: No}]`))).toBe(
      `spec.egress[1].action "Refuse" is none of Calico's actions${byApi}`,
    );
  });
});

describe('rules', () => {
  it.each(['Allow', 'deny', 'PASS', 'Log'])('action %s', (action) => {
    expect(outcome(calico('a', `egress: [{action: ${action}}]`))).toBe('taken');
  });

  it.each<[string, string, string]>([
    [
      'a Service as source',
      'source: {services: {name: a, namespace: b}}',
      `.source.services is not allowed in an egress rule${byApi}`,
    ],
    ['domains as source', 'source: {domains: [a.example]}', '.source.domains is not allowed'],
    ['domains of a deny', 'destination: {domains: [a.example]}', '.destination.domains is for the action Allow only'],
  ])('%s', (_, rule, reason) => {
    expect(ofRule(rule)).toBe(inRule + reason);
  });

  it('a Service as destination needs its namespace in a global policy', () => {
    const global = (services: string) =>
      outcome(globalCalico('g', `egress: [{action: Allow, destination: {services: ${services}}}]`));
    expect(global('{name: a}')).toBe(`spec.egress[0].destination.services must specify a namespace${byApi}`);
    expect(global('{name: a, namespace: b}')).toBe('taken');
    expect(outcome(calico('a', 'egress: [{action: Allow, destination: {services: {name: a}}}]'))).toBe('taken');
  });

  it.each<[string, boolean]>([
    ['{domains: [a.example]}', true],
    ['{domains: [a.example], notNets: [10.0.0.0/8]}', true],
    ['{domains: [a.example], nets: [10.0.0.0/8]}', false],
    ['{domains: [a.example], selector: has(a)}', false],
  ])('domains: %s', (destination, taken) => {
    const reason = 'spec.egress[0].destination.domains cannot stand beside nets or selector';
    for (const action of ['Allow', 'allow'])
      expect(outcome(calico('a', `egress: [{action: ${action}, destination: ${destination}}]`))).toBe(
        taken ? 'taken' : reason,
      );
  });
});

describe('ports', () => {
  const ports = (list: string, protocol = 'TCP') => ofRule(`protocol: ${protocol}, destination: {ports: [${list}]}`);
  it.each<[string, boolean]>([
    ['443', true],
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['"443"', true],
    ['"8000:8080"', true],
    ['"8000:8000"', true],
    ['"8001:8000"', false],
    ['"1:65536"', false],
    ['"1:2:3"', false],
    ['":80"', false],
    ['"80:"', false],
    ['http', true],
    ['"http-alt_1.x"', true],
    ['"80a"', true],
    ['"a80"', true],
    ['"ht tp"', false],
    ['"http/"', false],
    ['""', false],
    [`"${'a'.repeat(128)}"`, true],
    [`"${'a'.repeat(129)}"`, false],
    ['"80:http"', false],
  ])('%s: %s', (list, taken) => {
    const written = list.replaceAll('"', '');
    const reason = `spec.egress[0].destination: "${written}" is no port, range or port name`;
    expect(ports(list)).toBe(taken ? 'taken' : reason);
    expect(ofRule(`protocol: TCP, destination: {notPorts: [1, ${list}]}`)).toBe(taken ? 'taken' : reason);
    expect(ofRule(`protocol: TCP, source: {ports: [${list}]}`)).toBe(
      taken ? 'taken' : reason.replace('destination', 'source'),
    );
  });

  it.each<[string, boolean]>([
    ['TCP', true],
    ['udp', true],
    ['SCTP', true],
    ['6', true],
    ['17', true],
    ['132', true],
    ['ICMP', false],
    ['ICMPv6', false],
    ['1', false],
    ['58', false],
    ['UDPLite', false],
    ['47', false],
  ])('of protocol %s: %s', (protocol, taken) => {
    expect(ports('80', protocol)).toBe(taken ? 'taken' : `spec.egress[0].destination: ${protocol} has no ports`);
    // Without ports every protocol will do.
    expect(ofRule(`protocol: ${protocol}`)).toBe('taken');
  });

  // libcalico-go/lib/validator/v3/validator.go, validateRule, of v3.31.2 and of v3.32.0; with packets of 3.31 in test/e2e-calico.
  it('they need a protocol', () => {
    const need = 'spec.egress[0].destination: ports need a protocol';
    for (const list of ['80', 'http', '"80:90"']) expect(ofRule(`destination: {ports: [${list}]}`)).toBe(need);
    expect(ofRule('source: {notPorts: [http]}')).toBe('spec.egress[0].source: ports need a protocol');
  });

  it.each(['3.32.0', '4.0', undefined])('from 3.32 on (%s) only numbers do, as names have one', (version) => {
    const ofRule = (rule: string) => {
      const policy = calico('a', `egress: [{action: Deny, ${rule}}]`);
      return outcome(
        policy,
        onCalico([policy], {}, { engine: { cni: 'calico', ...(version && { version }), seenBy: 'test' } }),
      );
    };
    const need = 'spec.egress[0].destination: port numbers need a protocol';
    expect(ofRule('destination: {ports: [80]}')).toBe(need);
    expect(ofRule('destination: {ports: [http, "80:90"]}')).toBe(need);
    expect(ofRule('destination: {notPorts: [80]}')).toBe(need);
    expect(ofRule('notProtocol: UDP, destination: {ports: [80]}')).toBe(need);
    expect(ofRule('destination: {ports: [http]}')).toBe('taken');
  });
});

describe('what protocols and ports come to', () => {
  const asked = (rule: string, to: { port: number; protocol?: 'TCP' | 'UDP' | 'SCTP'; address?: string }) => {
    const state = onCalico([globalCalico('g', `egress: [{action: Allow, ${rule}}]`)]);
    const { address = '203.0.113.10', port, protocol = 'TCP' } = to;
    return evaluateEgress(state, P, { addresses: [address], cnames: [], port, protocol });
  };
  const allows = (...question: Parameters<typeof asked>) => asked(...question).decision === 'allowed';
  const ports = (list: string, notPorts = '') =>
    `protocol: TCP, destination: {ports: [${list}], notPorts: [${notPorts}]}`;

  it.each<[string, number, boolean]>([
    [ports('"80:90"'), 79, false],
    [ports('"80:90"'), 80, true],
    [ports('"80:90"'), 90, true],
    [ports('"80:90"'), 91, false],
    [ports('', '"80:90"'), 79, true],
    [ports('', '"80:90"'), 80, false],
    [ports('', '"80:90"'), 90, false],
    [ports('', '"80:90"'), 91, true],
    [ports('', '"0:79", "81:65535"'), 80, true],
    [ports('', '"0:79", "81:65535"'), 81, false],
    [ports('', '"0:65535"'), 80, false],
    [ports('', '0'), 1, true],
    [ports('', '65535'), 65534, true],
    [ports('"70:90"', '80'), 70, true],
    [ports('"70:90"', '80'), 79, true],
    [ports('"70:90"', '80'), 80, false],
    [ports('"70:90"', '80'), 81, true],
    [ports('"70:90"', '80'), 91, false],
    [ports('80', '80'), 80, false],
    [ports('80, 443', '80'), 443, true],
    ['protocol: 6', 80, true],
    ['notProtocol: 6', 80, false],
    ['notProtocol: 132', 80, true],
    ['notProtocol: UDPLite', 80, true],
    ['notProtocol: ICMPv6', 80, true],
  ])('%s at %i: %s', (rule, port, expected) => {
    expect(allows(rule, { port })).toBe(expected);
  });

  it.each<[string, 'TCP' | 'UDP' | 'SCTP', boolean]>([
    ['protocol: SCTP', 'SCTP', true],
    ['protocol: 132', 'SCTP', true],
    ['protocol: 132', 'TCP', false],
    ['protocol: UDP', 'UDP', true],
    ['notProtocol: SCTP', 'SCTP', false],
    ['notProtocol: SCTP', 'UDP', true],
    ['protocol: TCP, notProtocol: TCP', 'TCP', false],
  ])('%s of %s: %s', (rule, protocol, expected) => {
    expect(allows(rule, { port: 80, protocol })).toBe(expected);
  });

  it.each<[string, string]>([
    ['protocol: TCP', 'any/TCP'],
    [ports('80'), '80/TCP'],
    [ports('"80:90"'), '80-90/TCP'],
    [ports('"0:65535"'), 'any/TCP'],
    [ports('"0:80"'), '0-80/TCP'],
    [ports('"80:65535"'), '80-65535/TCP'],
    ['notProtocol: UDP', 'any/not UDP'],
  ])('%s is called %s', (rule, text) => {
    expect(asked(rule, { port: 80 }).connect.decidedBy[0]?.text).toBe(`any destination on ${text}`);
  });

  it('names in any case, of the protocol they are for', () => {
    const newer = { pods: [P, BACK], engine: { cni: 'calico', version: '3.32.0', seenBy: 'test' } } as const;
    const http = (rule: string, protocol: 'TCP' | 'UDP' = 'TCP', port = 8080) =>
      evaluateEgress(onCalico([globalCalico('g', `egress: [{action: Allow, ${rule}}]`)], {}, newer), P, {
        addresses: ['10.2.3.7'],
        cnames: [],
        port,
        protocol,
      });
    expect(http('destination: {ports: [HTTP]}').decision).toBe('allowed');
    expect(http('destination: {ports: [HTTP]}').connect.decidedBy[0]?.text).toBe(
      'any destination on http/any protocol',
    );
    expect(http('destination: {ports: [http]}', 'UDP').decision).toBe('denied');
    expect(http('destination: {ports: [http]}', 'TCP', 8081).decision).toBe('denied');
    expect(http('destination: {ports: [smtp]}').decision).toBe('denied');
    expect(http('destination: {notPorts: [HTTP]}').decision).toBe('denied');
    expect(http('destination: {notPorts: [http]}', 'UDP').decision).toBe('allowed');
    expect(http('destination: {notPorts: [http]}', 'TCP', 8081).decision).toBe('allowed');
    expect(http('destination: {notPorts: [smtp]}').decision).toBe('allowed');
  });
});
