/** When nothing is left to wait for: each event and each reported drop, step by step. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../src/core/model/flow.ts';
import type { ConnectOutcome, ProbeEvent, ProbeTarget, TlsOutcome } from '../../../src/core/model/probe.ts';
import { trackProbe } from '../../../src/core/path/probe-progress.ts';

const ADDRESS = '203.0.113.20';
const target = (more: Partial<ProbeTarget> = {}): ProbeTarget => ({
  id: 'a',
  host: 'api.vendor.example',
  port: 443,
  tls: true,
  ...more,
});

const looked = (...addresses: string[]): ProbeEvent => ({
  kind: 'lookup',
  id: 'a',
  lookup: { outcome: addresses.length > 0 ? 'resolved' : 'nxdomain', addresses, cnames: [] },
});
const connected = (outcome: ConnectOutcome, address = ADDRESS): ProbeEvent => ({
  kind: 'connect',
  id: 'a',
  connect: { address, outcome },
});
const shaken = (outcome: TlsOutcome): ProbeEvent => ({ kind: 'tls', id: 'a', tls: { outcome } });
const answered: ProbeEvent = { kind: 'http', id: 'a', http: { outcome: 'answered', status: 200 } };
const drop = (ip = ADDRESS): Flow => ({
  time: '2026-11-24T12:00:00.500Z',
  verdict: 'dropped',
  dropReason: 'POLICY_DENIED',
  direction: 'egress',
  source: {},
  destination: { ip, port: 443, protocol: 'TCP', names: [], labels: [] },
  allowedBy: [],
  deniedBy: [],
  summary: `dropped ${ip}`,
});

function settledAfter(
  asked: ProbeTarget,
  events: readonly ProbeEvent[],
  drops: readonly Flow[] = [],
  patient = new Set<string>(),
): boolean {
  const progress = trackProbe([asked], patient);
  for (const event of events) progress.event(event);
  for (const flow of drops) progress.drop(flow);
  return progress.settled();
}

describe('a probe is settled', () => {
  it.each<[string, ProbeTarget, ProbeEvent[], Flow[], boolean]>([
    ['not before its lookup', target(), [], [], false],
    ['when the lookup failed', target(), [looked()], [], true],
    ['not while an address is open', target(), [looked(ADDRESS, '203.0.113.21'), connected('timeout')], [], false],
    ['when each address failed', target(), [looked(ADDRESS), connected('refused')], [], true],
    ['when what is open was dropped', target(), [looked(ADDRESS)], [drop()], true],
    ['not by the drop of another address', target(), [looked(ADDRESS)], [drop('203.0.113.99')], false],
    ['not before the handshake', target(), [looked(ADDRESS), connected('connected')], [], false],
    [
      'with the connection where no handshake is due',
      target({ tls: false }),
      [looked(ADDRESS), connected('connected')],
      [],
      true,
    ],
    ['with the handshake', target(), [looked(ADDRESS), connected('connected'), shaken('ok')], [], true],
    [
      'not by a stalled handshake, after which small segments are tried',
      target(),
      [looked(ADDRESS), connected('connected'), shaken('timeout')],
      [],
      false,
    ],
    [
      'not before the answer to a request',
      target({ path: '/' }),
      [looked(ADDRESS), connected('connected'), shaken('ok')],
      [],
      false,
    ],
    [
      'with the answer to a request',
      target({ path: '/' }),
      [looked(ADDRESS), connected('connected'), shaken('ok'), answered],
      [],
      true,
    ],
    [
      'with a handshake after which no request is sent',
      target({ path: '/' }),
      [looked(ADDRESS), connected('connected'), shaken('untrusted')],
      [],
      true,
    ],
    [
      'not before the answer to a plain request',
      target({ path: '/', tls: false }),
      [looked(ADDRESS), connected('connected')],
      [],
      false,
    ],
  ])('%s', (_name, asked, events, drops, settled) => {
    expect(settledAfter(asked, events, drops)).toBe(settled);
  });

  it('by no drop where the rules allow the target: the SYN sent again may pass', () => {
    expect(settledAfter(target(), [looked(ADDRESS)], [drop()], new Set(['a']))).toBe(false);
  });

  it("by no drop that is not the policy's", () => {
    expect(settledAfter(target(), [looked(ADDRESS)], [{ ...drop(), dropReason: 'AUTH_REQUIRED' }])).toBe(false);
  });
});
