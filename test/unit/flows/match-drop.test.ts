import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../src/core/model/flow.ts';
import { matchDrop } from '../../../src/core/path/match-drop.ts';

function flow(over: Partial<Flow>, destination: Partial<Flow['destination']> = {}): Flow {
  return {
    time: '2026-11-24T10:00:00Z',
    verdict: 'dropped',
    direction: 'egress',
    source: {},
    destination: { ip: '203.0.113.9', port: 443, names: [], labels: [], ...destination },
    allowedBy: [],
    deniedBy: [],
    summary: '',
    ...over,
  };
}

describe('matchDrop', () => {
  it.each([
    ['the drop itself', flow({}), true],
    ['direction not told', flow({ direction: 'unknown' }), true],
    ['forwarded', flow({ verdict: 'forwarded' }), false],
    ['incoming', flow({ direction: 'ingress' }), false],
    ['another port', flow({}, { port: 80 }), false],
    ['another address', flow({}, { ip: '203.0.113.90' }), false],
  ])('%s', (_name, seen, expected) => {
    expect(matchDrop(seen, '203.0.113.9', 443)).toBe(expected);
  });

  it('never matches a flow that does not tell its port', () => {
    const { port: _port, ...rest } = flow({}).destination;
    expect(matchDrop({ ...flow({}), destination: rest }, '203.0.113.9', 443)).toBe(false);
  });

  it('compares IPv6 addresses by value', () => {
    expect(matchDrop(flow({}, { ip: '2001:db8:0:0:0:0:0:1' }), '2001:db8::1', 443)).toBe(true);
  });
});
