/** Ports and peers where the state leaves them open: what is certain beside it still counts. */
import { describe, expect, test } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { CiliumEgressRule } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { cnp, dnsRule, OTHER, P, ports, select, tcp443, withPort, world } from './world.ts';

const W: Destination = { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' };
const TO_POD: Destination = { cnames: [], addresses: ['10.2.3.9'], port: 443, protocol: 'TCP' };
const UNRESOLVED: Destination = { host: 'files.vendor.example', cnames: [], addresses: [], port: 443, protocol: 'TCP' };
const unreadPods: NotRead = { what: 'pods outside namespace default', code: 'forbidden', reason: 'no right' };

function connect(egress: readonly CiliumEgressRule[], to: Destination, more: Parameters<typeof world>[1] = {}) {
  return evaluateEgress(world([cnp('c', { egress: [...egress] })], more), P, to).connect;
}

describe('ports', () => {
  const named = (...list: string[]): CiliumEgressRule => ({
    toCIDR: ['203.0.113.0/24'],
    toPorts: [{ ports: ports(...list) }],
  });

  test('a name that unread pods may define is open, and says so', () => {
    const answer = connect([named('https/TCP')], W, { notRead: [unreadPods] });
    expect(answer).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(answer.explanation).toContain('the port name "https" is looked up among all pods');
  });
  test('a number beside it decides, before or after it', () => {
    for (const list of [
      ['https/TCP', '443/TCP'],
      ['443/TCP', 'https/TCP'],
    ])
      expect(connect([named(...list)], W, { notRead: [unreadPods] }).decision).toBe('allowed');
  });
  test('another number beside it leaves it open', () => {
    for (const list of [
      ['https/TCP', '80/TCP'],
      ['80/TCP', 'https/TCP'],
    ])
      expect(connect([named(...list)], W, { notRead: [unreadPods] }).decision).toBe('unknown');
  });
  test('a name that no pod defines is no port', () => {
    expect(connect([named('https/TCP')], W).reason).toBe('default_deny');
    expect(connect([named('https/UDP')], W, { pods: [P, withPort(OTHER, 'https', 443)] }).reason).toBe('default_deny');
    expect(connect([named('https/TCP')], W, { pods: [P, withPort(OTHER, 'https', 443)] }).decision).toBe('allowed');
  });
  test.each([
    ['1.19.5', 8005, 'allowed'],
    ['1.19.5', 8011, 'denied'],
    ['1.20.2', 8000, 'allowed'],
    ['1.20.2', 8005, 'denied'],
  ])('a name with an end, in %s on %i', (version, port, decision) => {
    const rule: CiliumEgressRule = {
      toEndpoints: [select({ 'k8s:io.kubernetes.pod.namespace': 'other' })],
      toPorts: [{ ports: [{ port: 'http', endPort: 8010, protocol: 'TCP' }] }],
    };
    const pods = [P, withPort(OTHER, 'http', 8000)];
    expect(connect([rule], { ...TO_POD, port }, { version, pods }).decision).toBe(decision);
  });
  test('an open port of a peer that does not match is no doubt', () => {
    const elsewhere = { toCIDR: ['198.51.100.0/24'], toPorts: [{ ports: ports('https/TCP') }] };
    expect(connect([elsewhere], W, { notRead: [unreadPods] }).reason).toBe('default_deny');
  });
});

describe('peers', () => {
  const team: CiliumEgressRule = {
    toEndpoints: [select({ 'k8s:io.cilium.k8s.namespace.labels.team': 'x' })],
    toPorts: tcp443,
  };

  test("unread labels of the destination's namespace", () => {
    const answer = connect([team], TO_POD, { namespaces: [] });
    expect(answer).toMatchObject({ decision: 'unknown', reason: 'incomplete_state' });
    expect(answer.explanation).toContain('the labels of namespace other are not in the cluster state');
    expect(connect([team], TO_POD).decision).toBe('allowed');
  });
  test('an open peer and an open port: the peer is told', () => {
    const both = { ...team, toPorts: [{ ports: ports('https/TCP') }] };
    const answer = connect([both], TO_POD, { namespaces: [], notRead: [unreadPods] });
    expect(answer.explanation).toContain('the labels of namespace other');
  });
  test('cluster-mesh holds what is managed, not what is outside', () => {
    const mesh = [{ toEntities: ['cluster-mesh'] }];
    expect(connect(mesh, TO_POD, { version: '1.20.2' }).decision).toBe('allowed');
    expect(connect(mesh, W, { version: '1.20.2' }).reason).toBe('default_deny');
  });
  test.each<[string, CiliumEgressRule, string]>([
    ['the whole Internet', { toCIDR: ['0.0.0.0/0'] }, 'allowed'],
    ['all but a part of it', { toCIDRSet: [{ cidr: '0.0.0.0/0', except: ['198.51.100.0/24'] }] }, 'unknown'],
    ['half of it', { toCIDR: ['128.0.0.0/1'] }, 'unknown'],
    ['the other family', { toCIDR: ['::/0'] }, 'unknown'],
  ])('an unknown address against %s', (_, one, decision) => {
    expect(connect([dnsRule(), { ...one, toPorts: tcp443 }], UNRESOLVED).decision).toBe(decision);
  });
});
