/** The verdict's table: what was seen → verdict, class and confidence; and what must never be accused. */
import { describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { caseOf, type EndpointSpec, endpoint, logs, nearMiss, stage } from './case-builder.ts';

const DENIED = stage('denied', 'default_deny');
const comparison = endpoint({ role: 'comparison', host: 'login.idp.example' });

const judged = (spec: EndpointSpec, withComparison = true) =>
  judge(caseOf(withComparison ? [endpoint(spec), comparison] : [endpoint(spec)]));

describe('one endpoint', () => {
  it.each<[string, EndpointSpec, string, string | undefined, string | undefined]>([
    ['works', {}, 'reachable', undefined, undefined],
    [
      'rules deny, engine reports the drop',
      { connectStage: DENIED, connect: 'drop_seen', drop: 'POLICY_DENIED' },
      'blocked',
      'POLICY_EGRESS_NOT_ALLOWED',
      'proven',
    ],
    [
      'rules deny, silence, comparison connects',
      { connectStage: DENIED, connect: 'timeout' },
      'blocked',
      'POLICY_EGRESS_NOT_ALLOWED',
      'proven',
    ],
    [
      'rules deny, not probed',
      { connectStage: DENIED, probed: false },
      'blocked',
      'POLICY_EGRESS_NOT_ALLOWED',
      'likely',
    ],
    [
      'CNAME listed',
      {
        connectStage: DENIED,
        connect: 'timeout',
        nearMisses: [nearMiss('same_rule_family'), nearMiss('cname_listed')],
      },
      'blocked',
      'FQDN_NAME_NOT_COVERED',
      'proven',
    ],
    [
      'explicit deny',
      { connectStage: stage('denied', 'explicit_deny'), connect: 'timeout' },
      'blocked',
      'POLICY_PRECEDENCE',
      'proven',
    ],
    [
      'selector misses the pod',
      { connectStage: DENIED, connect: 'timeout', nearMisses: [nearMiss('pod_not_selected')] },
      'blocked',
      'POLICY_SCOPE_SELECTOR',
      'proven',
    ],
    [
      'FQDN rule without proxied DNS, drop seen',
      { connectStage: stage('unknown', 'dns_not_proxied'), connect: 'drop_seen', drop: 'POLICY_DENIED' },
      'blocked',
      'FQDN_NO_DNS_L7',
      'proven',
    ],
    [
      'FQDN rule without proxied DNS, not probed',
      { connectStage: stage('unknown', 'dns_not_proxied'), probed: false },
      'undetermined',
      'FQDN_NO_DNS_L7',
      'possible',
    ],
    [
      'name filtered by the proxy',
      { lookup: 'refused', lookupStage: stage('denied', 'dns_name_refused') },
      'blocked',
      'FQDN_NAME_NOT_COVERED',
      'proven',
    ],
    [
      'no DNS allowed',
      { lookup: 'timeout', lookupStage: DENIED, connectStage: DENIED },
      'blocked',
      'POLICY_NO_DNS_EGRESS',
      'proven',
    ],
    [
      'DNS rule misses its target',
      { lookup: 'timeout', lookupStage: DENIED, nearMisses: [nearMiss('dns_target_mismatch')] },
      'blocked',
      'POLICY_DNS_TARGET_WRONG',
      'proven',
    ],
    ['name does not exist', { lookup: 'nxdomain', connectStage: DENIED }, 'blocked', 'DNS_NAME_NOT_FOUND', 'proven'],
    ['upstream fails', { lookup: 'servfail' }, 'blocked', 'DNS_UPSTREAM', 'likely'],
    [
      'rules allow, engine drops',
      { connect: 'drop_seen', drop: 'POLICY_DENIED' },
      'blocked',
      'FQDN_IP_CHURN',
      'likely',
    ],
    ['remote refuses', { connect: 'refused' }, 'blocked', 'REMOTE_SIDE_DOWN', 'likely'],
    ['IPv6 only, no route', { connect: 'unreachable', address: '2001:db8::1' }, 'blocked', 'IPV6_NO_ROUTE', 'likely'],
  ])('%s', (_name, spec, verdict, cls, confidence) => {
    const judgement = judged(spec);
    expect([judgement.verdict, judgement.cause?.class, judgement.cause?.confidence]).toEqual([
      verdict,
      cls,
      confidence,
    ]);
  });
});

describe('never accuse wrongly', () => {
  it.each<[string, EndpointSpec]>([
    ['silence that no rule explains', { connect: 'timeout' }],
    [
      'rules not fully read, silence, no drop reported',
      { connectStage: stage('unknown', 'incomplete_state'), connect: 'timeout' },
    ],
    ['nothing probed, rules allow', { probed: false }],
    ['a lookup that got no answer though allowed', { lookup: 'timeout' }],
    ['rules deny but the remote answered with a refusal', { connectStage: DENIED, connect: 'refused' }],
    ['no IPv4 route', { connect: 'unreachable' }],
    ['TLS cut off after connecting', { tls: 'reset' }],
  ])('%s: undetermined, with the observation that would decide', (_name, spec) => {
    const judgement = judged(spec);
    expect(judgement.verdict).toBe('undetermined');
    expect(judgement.decidedBy).toBeTruthy();
  });

  it('rules deny, silence, but nothing else connects either: likely, not proven', () => {
    expect(judged({ connectStage: DENIED, connect: 'timeout' }, false).cause?.confidence).toBe('likely');
  });

  it('rules deny but it connects: reachable (the packets are the truth)', () => {
    expect(judged({ connectStage: DENIED }).verdict).toBe('reachable');
  });

  it("a certificate this probe doesn't trust is not a block", () => {
    expect(judged({ tls: 'untrusted' }).verdict).toBe('reachable');
  });

  it('a drop on the way in is the target’s policy, not this pod’s', () => {
    const asked = endpoint({ connect: 'timeout', drop: 'POLICY_DENIED' });
    const drops = asked.drops.map((drop) => ({ ...drop, direction: 'ingress' as const }));
    expect(judge(caseOf([{ ...asked, drops }])).verdict).toBe('undetermined');
  });
});

describe('second hop', () => {
  const blocked: EndpointSpec = { connectStage: DENIED, connect: 'drop_seen', drop: 'POLICY_DENIED' };
  const presigned = logs({
    urls: [{ host: 'files.vendor.example', port: 443, presigned: 'aws-s3-v4', display: '/x', count: 1 }],
  });

  it('the asked host carries a presigned URL in the logs', () => {
    const { cause } = judge(caseOf([endpoint(blocked), comparison], { logs: presigned }));
    expect([cause?.class, cause?.underlying, cause?.confidence]).toEqual([
      'SECOND_HOP_HOST',
      'POLICY_EGRESS_NOT_ALLOWED',
      'proven',
    ]);
  });

  it('the asked host works, the host in the logs does not', () => {
    const judgement = judge(
      caseOf([endpoint({ host: 'api.vendor.example' }), endpoint({ ...blocked, role: 'second_hop' })]),
    );
    expect([judgement.verdict, judgement.cause?.class, judgement.endpoint.host]).toEqual([
      'blocked',
      'SECOND_HOP_HOST',
      'files.vendor.example',
    ]);
  });

  it('a second hop that works changes nothing', () => {
    expect(judge(caseOf([endpoint({ host: 'api.vendor.example' }), endpoint({ role: 'second_hop' })])).verdict).toBe(
      'reachable',
    );
  });
});

describe('drift', () => {
  const drift = (git: unknown, live: unknown): Read<DriftReport> => ({
    ok: true,
    value: {
      repository: 'r',
      ref: 'main',
      commit: 'abc',
      skipped: [],
      policies: [
        {
          policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'egress' },
          kind: 'differs',
          differences: [{ path: 'spec.egress[1].toFQDNs', git, live }],
          consequence: 'not checked',
        },
      ],
    },
  });
  const blocked = endpoint({ connectStage: DENIED, connect: 'timeout' });

  it('Git names the blocked host, live does not', () => {
    const { cause } = judge(
      caseOf([blocked, comparison], { drift: drift([{ matchName: 'files.vendor.example' }], []) }),
    );
    expect([cause?.class, cause?.underlying]).toEqual(['GITOPS_DRIFT', 'POLICY_EGRESS_NOT_ALLOWED']);
  });

  it.each([
    ['a difference about another host', [{ matchName: 'vendor.example' }], []],
    ['both name it', [{ matchName: 'files.vendor.example' }], [{ matchName: 'FILES.vendor.example.' }]],
  ])('%s is not the cause', (_name, git, live) => {
    expect(judge(caseOf([blocked, comparison], { drift: drift(git, live) })).cause?.class).toBe(
      'POLICY_EGRESS_NOT_ALLOWED',
    );
  });
});
