/** TLS that a policy's server names cut off: blamed only where TLS was cut off, and never for a lost packet. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/core/verdict/judge.ts';
import { caseOf, type EndpointSpec, endpoint, nearMiss, stage } from './case-builder.ts';

const REFUSED = stage('denied', 'server_name_refused');
const judged = (spec: EndpointSpec) =>
  judge(caseOf([endpoint({ connectStage: REFUSED, nearMisses: [nearMiss('server_name_not_listed')], ...spec })]));

describe('the server name is not among those of the rule', () => {
  it.each<[string, EndpointSpec, string, string | undefined]>([
    ['TLS is reset', { tls: 'reset' }, 'blocked', 'likely'],
    ['TLS ends without an answer', { tls: 'failed' }, 'blocked', 'likely'],
    ['nothing was probed', { probed: false }, 'blocked', 'likely'],
    ['TLS stalls', { tls: 'timeout' }, 'undetermined', undefined],
    ['the packet is lost', { connect: 'timeout' }, 'undetermined', undefined],
    ['somebody answers', { tls: 'untrusted' }, 'reachable', undefined],
    ['TLS works all the same', { tls: 'ok' }, 'reachable', undefined],
  ])('%s', (_, spec, verdict, confidence) => {
    const judgement = judged(spec);
    expect([judgement.verdict, judgement.cause?.confidence]).toEqual([verdict, confidence]);
  });
  it('says that TCP is let through, which list it is, and what would confirm it', () => {
    const { cause, decidedBy } = judged({ tls: 'reset' });
    expect(cause).toMatchObject({
      class: 'POLICY_EGRESS_NOT_ALLOWED',
      statement: expect.stringMatching(
        /^TCP to files\.vendor\.example:443 is let through.*serverNames of spec\.egress/,
      ),
    });
    expect(decidedBy).toContain('a server name that the rule lists');
  });
});

it('a deny names the rule that it beats', () => {
  const denied = { connectStage: stage('denied', 'explicit_deny'), connect: 'timeout' as const };
  const seen = caseOf([endpoint({ ...denied, nearMisses: [nearMiss('deny_wins')] })]);
  expect(judge(seen).cause?.statement).toContain(
    'CiliumNetworkPolicy shop/egress spec.egress[1].toFQDNs[0] would allow it',
  );
  expect(judge(caseOf([endpoint(denied)])).cause?.statement).not.toContain('would allow it');
});

it.each([
  ['label_similar', 'POLICY_SCOPE_SELECTOR'],
  ['lookup_only', 'FQDN_NAME_NOT_COVERED'],
] as const)('%s is a case of %s', (kind, cls) => {
  const spec = {
    connectStage: stage('denied', 'default_deny'),
    connect: 'timeout' as const,
    nearMisses: [nearMiss(kind)],
  };
  expect(judge(caseOf([endpoint(spec)])).cause?.class).toBe(cls);
});
