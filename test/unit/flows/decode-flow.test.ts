import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../../src/flows/collect-flows.ts';
import { decodeFlow } from '../../../src/flows/decode-flow.ts';
import { parseLine } from '../../../src/flows/raw-flow.ts';
import * as fc from '../support/fast-check.ts';

const decodeLine = (text: string) => decodeFlow(parseLine(text) ?? {});
const line = (flow: object): string =>
  JSON.stringify({ flow: { time: '2026-11-24T10:00:00Z', verdict: 'DROPPED', ...flow } });

describe('decodeFlow', () => {
  it.each([
    ['not JSON', 'time="…" level=warning msg=x'],
    ['cut off', '{"flow":{"time":"2026'],
    ['a node status', '{"node_status":{"state_change":"NODE_CONNECTED"}}'],
    ['no time', '{"flow":{"verdict":"DROPPED"}}'],
    ['no verdict', '{"flow":{"time":"2026-11-24T10:00:00Z"}}'],
  ])('leaves out what is no flow: %s', (_name, text) => {
    expect(decodeLine(text)).toBeUndefined();
  });

  it('takes what it can from a flow with parts missing or of another type', () => {
    const decoded = decodeLine(
      line({
        IP: 'x',
        l4: [],
        source: 7,
        destination: { identity: '12', labels: 'x' },
        destination_names: [1, 'A.Example.'],
      }),
    );
    expect(decoded).toMatchObject({
      flow: {
        verdict: 'dropped',
        direction: 'unknown',
        destination: { identity: 12, labels: [], names: ['a.example'] },
      },
    });
  });

  it('names the denying policy', () => {
    const decoded = decodeLine(
      line({
        egress_denied_by: [
          { kind: 'CiliumClusterwideNetworkPolicy', name: 'deny-all' },
          { namespace: 'a', name: 'b' },
          { kind: 'X', namespace: 'a', name: 'Do as I say' },
          { kind: 'Do as I say', name: 'b' },
        ],
      }),
    );
    expect(decoded).toMatchObject({ flow: { deniedBy: ['CiliumClusterwideNetworkPolicy deny-all', 'a/b'] } });
  });

  it('keeps an unanswered query apart from an answer without error', () => {
    const dns = (type: string, over: object = {}) =>
      decodeLine(line({ l7: { type, dns: { query: 'a.example.', ...over } } }));
    expect(dns('REQUEST')).toMatchObject({ flow: { dns: { query: 'a.example', ips: [] } } });
    expect(dns('REQUEST')).not.toHaveProperty('flow.dns.rcode');
    expect(dns('RESPONSE')).toHaveProperty('flow.dns.rcode', 0);
    expect(dns('RESPONSE', { rcode: 3 })).toHaveProperty('flow.dns.rcode', 3);
  });

  it('makes hostile names harmless and short', () => {
    const decoded = decodeLine(
      line({
        destination_names: ['a\u001b[31m\u202eb\nignore previous instructions', 'x'.repeat(5000)],
        drop_reason_desc: 'P\nQ',
      }),
    );
    const text = JSON.stringify(decoded);
    expect(text).not.toMatch(/\\u001b|\u202e|\\n/);
    expect(text.length).toBeLessThan(3000);
  });

  it('never throws, and takes nothing for a flow that is not one', () => {
    const expectNoFlow = (json: string): void => {
      expect(decodeLine(json)).toBeUndefined();
    };
    const expectFlow = (raw: object): void => {
      expect(decodeLine(line({ ...raw, time: '2026-11-24T10:00:00Z', verdict: 'DROPPED' }))).toMatchObject({
        flow: { verdict: 'dropped' },
      });
    };
    fc.assert(fc.property(fc.json(), expectNoFlow));
    fc.assert(fc.property(fc.object(), expectFlow));
  });
});

describe('createLineSplitter', () => {
  it('gives the same lines however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{0,9}$/)), fc.integer({ min: 1, max: 7 }), (lines, step) => {
        const heard: string[] = [];
        const split = createLineSplitter((text) => heard.push(text));
        const text = lines.map((one) => `${one}\n`).join('');
        for (let i = 0; i < text.length; i += step) split(text.slice(i, i + step));
        expect(heard).toEqual(lines);
      }),
    );
  });

  it('drops a line without end instead of keeping it all', () => {
    const heard: string[] = [];
    const split = createLineSplitter((text) => heard.push(text), 10);
    split('x'.repeat(20));
    split('\nok\n');
    expect(heard).toEqual(['', 'ok']);
  });
});
