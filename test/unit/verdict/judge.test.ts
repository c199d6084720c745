/** The verdict's table: what was seen → verdict, class and confidence; and what must never be accused. */
import { describe, expect, it } from 'vitest';
import type { Case } from '../../../src/core/verdict/case.ts';
import { judge, policyWouldHelp } from '../../../src/core/verdict/judge.ts';
import { nextSteps } from '../../../src/core/verdict/next-steps.ts';
import { caseOf, type EndpointSpec, endpoint, logs, nearMiss, POD, STATE, stage } from './case-builder.ts';

const DENIED = stage('denied', 'default_deny');
const BLOCKED_BY_MESH = stage('denied', 'mesh_blocks');
const comparison = endpoint({ role: 'comparison', host: 'login.idp.example' });

const judged = (spec: EndpointSpec, withComparison = true) =>
  judge(caseOf(withComparison ? [endpoint(spec), comparison] : [endpoint(spec)]));

it('on a Windows node the rules that were read accuse nobody', () => {
  const denied = endpoint({ connectStage: DENIED, probed: false });
  const { verdict, cause, decidedBy } = judge(caseOf([denied], { pod: { ...POD, os: 'windows' } }));
  expect([verdict, cause?.confidence]).toEqual(['undetermined', 'possible']);
  expect(decidedBy).toMatch(/Windows/);
});

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
    [
      'a rule refuses, as its action says',
      { connectStage: { ...stage('denied', 'explicit_deny'), rejects: true }, connect: 'refused' },
      'blocked',
      'POLICY_PRECEDENCE',
      'likely',
    ],
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

  it('rules deny the lookup, no answer: proven only under an engine that is seen to enforce them', () => {
    const silent = endpoint({ lookup: 'timeout', lookupStage: DENIED, connectStage: DENIED });
    const under = (cni: 'cilium' | 'unknown') =>
      judge(caseOf([silent], { state: { ...STATE, engine: { cni, seenBy: 'test' } } })).cause?.confidence;
    expect([under('cilium'), under('unknown')]).toEqual(['proven', 'likely']);
  });

  it('REFUSED is an answer of the DNS server itself where no engine filters names', () => {
    const under = (cni: 'cilium' | 'unknown' | 'calico') =>
      judge(caseOf([endpoint({ lookup: 'refused' })], { state: { ...STATE, engine: { cni, seenBy: 'test' } } }));
    expect(['cilium', 'unknown'].map((cni) => under(cni as 'cilium').cause?.class)).toEqual([
      'FQDN_DNS_REFUSED',
      'FQDN_DNS_REFUSED',
    ]);
    const { cause, decidedBy } = under('calico');
    expect(cause).toMatchObject({ class: 'DNS_UPSTREAM', confidence: 'likely' });
    expect(`${cause?.statement} ${decidedBy}`).not.toMatch(/proxy|Hubble/);
  });

  it('what isolates the pod where no policy does is told by the verdict itself', () => {
    const one = endpoint({
      connect: 'timeout',
      connectStage: { ...DENIED, explanation: 'enable-policy is "always".' },
    });
    const judgement = judge(caseOf([{ ...one, evaluation: { ...one.evaluation, isolatedBy: [] } }]));
    expect(judgement.cause?.statement).toContain('enable-policy is "always"');
    expect(judgement.cause?.statement).not.toContain('default enforcement mode');
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

  it('nothing was probed: rules that deny the second hop are not hidden behind an asked host they allow', () => {
    const judgement = judge(
      caseOf([
        endpoint({ host: 'api.vendor.example', probed: false }),
        endpoint({ role: 'second_hop', probed: false, connectStage: DENIED }),
      ]),
    );
    expect([judgement.verdict, judgement.endpoint.host]).toEqual(['blocked', 'files.vendor.example']);
  });

  it('a second hop that fails beside an asked host that is not settled is named', () => {
    const hop = endpoint({ ...blocked, role: 'second_hop' });
    const asked = { host: 'api.vendor.example' };
    for (const spec of [
      { ...asked, connect: 'timeout' as const },
      { ...asked, ...blocked },
    ]) {
      const judgement = judge(caseOf([endpoint(spec), hop]));
      expect([judgement.endpoint.host, judgement.besides?.map(({ endpoint: one }) => one.host)]).toEqual([
        'api.vendor.example',
        ['files.vendor.example'],
      ]);
      expect(nextSteps(caseOf([endpoint(spec), hop]), judgement, [], undefined).join()).toContain(
        'files.vendor.example:443, which the pod',
      );
    }
  });

  it('so is one that is silent for a reason nobody knows, behind an asked host that works', () => {
    const seen = caseOf([
      endpoint({ host: 'api.vendor.example' }),
      endpoint({ role: 'second_hop', connect: 'timeout' }),
    ]);
    const judgement = judge(seen);
    expect([judgement.verdict, judgement.besides?.[0]?.verdict]).toEqual(['reachable', 'undetermined']);
  });

  it('one that nobody probed and the rules allow is not said to fail', () => {
    const seen = caseOf([
      endpoint({ host: 'api.vendor.example', probed: false }),
      endpoint({ role: 'second_hop', probed: false }),
    ]);
    expect(judge(seen).besides).toBeUndefined();
  });

  it('a failing host of the logs alone does not prove that one led to the other', () => {
    const seen = caseOf([endpoint({ host: 'api.vendor.example' }), endpoint({ ...blocked, role: 'second_hop' })]);
    expect(judge(seen).cause?.confidence).toBe('likely');
  });

  it('a second hop that works changes nothing', () => {
    expect(judge(caseOf([endpoint({ host: 'api.vendor.example' }), endpoint({ role: 'second_hop' })])).verdict).toBe(
      'reachable',
    );
  });
});

describe('what contradicts lowers the certainty', () => {
  const NOT_PROXIED = stage('unknown', 'dns_not_proxied');
  const UNKNOWN = stage('unknown', 'incomplete_state');
  const REFUSED_NAME = stage('denied', 'dns_name_refused');
  const flows: Case['flows'] = { ok: true, value: { flows: [], source: 'hubble', truncated: false } };
  const engine = (more: Partial<Case['state']['engine']>) => ({
    state: { ...STATE, engine: { ...STATE.engine, ...more } },
  });
  const proxy = (proxyEnv: Record<string, string>): Partial<Case> => {
    const { probe } = caseOf([endpoint()]);
    return probe.ok ? { probe: { ok: true, value: { ...probe.value, proxyEnv } } } : {};
  };

  it.each<[string, EndpointSpec, Partial<Case>, [string, string | undefined, string | undefined]]>([
    [
      'the engine reports flows, and no drop among them',
      { connectStage: DENIED, connect: 'timeout' },
      { flows },
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely'],
    ],
    [
      'no engine was recognised that would enforce the rules',
      { connectStage: DENIED, connect: 'timeout' },
      engine({ cni: 'unknown' }),
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely'],
    ],
    [
      'one of the denied addresses answered',
      { connectStage: DENIED, connect: 'timeout', others: { '203.0.113.21': 'refused' } },
      {},
      ['undetermined', undefined, undefined],
    ],
    [
      'the environment names a proxy',
      { connectStage: DENIED, connect: 'drop_seen', drop: 'POLICY_DENIED' },
      proxy({ https_proxy: 'http://proxy.corp.example:3128' }),
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely'],
    ],
    [
      'a proxy that this host is excepted from',
      { connectStage: DENIED, connect: 'drop_seen', drop: 'POLICY_DENIED' },
      proxy({ HTTPS_PROXY: 'http://proxy.corp.example:3128', NO_PROXY: 'localhost,.vendor.example' }),
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'proven'],
    ],
    [
      'denied packets are answered by ICMP here',
      { connectStage: DENIED, connect: 'unreachable' },
      engine({ config: { 'policy-deny-response': 'icmp' } }),
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'proven'],
    ],
    [
      'an old drop, rules that allow, no probe',
      { probed: false, drop: 'POLICY_DENIED' },
      {},
      ['undetermined', 'ENFORCER_STATE', 'possible'],
    ],
    [
      'an old drop, FQDN rule without proxied DNS, no probe',
      { probed: false, connectStage: NOT_PROXIED, drop: 'POLICY_DENIED' },
      {},
      ['blocked', 'FQDN_NO_DNS_L7', 'likely'],
    ],
    [
      'FQDN rule without proxied DNS, yet the remote refuses',
      { connectStage: NOT_PROXIED, connect: 'refused' },
      {},
      ['blocked', 'REMOTE_SIDE_DOWN', 'likely'],
    ],
    [
      'one address dropped, another silent though no drop explains it',
      {
        connectStage: UNKNOWN,
        connect: 'drop_seen',
        drop: 'POLICY_DENIED',
        others: { '2001:db8::1': 'timeout' },
      },
      {},
      ['undetermined', 'POLICY_EGRESS_NOT_ALLOWED', 'possible'],
    ],
    [
      'a drop that is none of policy',
      { connect: 'timeout', drop: 'FIB_LOOKUP_FAILED' },
      {},
      ['blocked', 'NODE_DATAPATH', 'likely'],
    ],
    [
      'a drop for want of mutual authentication',
      { connect: 'timeout', drop: 'AUTH_REQUIRED' },
      {},
      ['blocked', 'ENFORCER_STATE', 'likely'],
    ],
    [
      'a refusal where another engine may reject by policy',
      { connectStage: UNKNOWN, connect: 'refused' },
      engine({ cni: 'antrea' }),
      ['undetermined', 'REMOTE_SIDE_DOWN', 'possible'],
    ],
    [
      'IPv6 has no route and IPv4 was not tried to its end',
      { connect: 'unreachable', address: '2001:db8::1', others: { '203.0.113.9': 'not_checked' } },
      {},
      ['undetermined', undefined, undefined],
    ],
    [
      'the resolver library hides that the proxy refused the name',
      { lookup: 'failed', lookupStage: REFUSED_NAME },
      {},
      ['blocked', 'FQDN_NAME_NOT_COVERED', 'likely'],
    ],
    [
      'NXDOMAIN for a filtered name where the proxy says REFUSED',
      { lookup: 'nxdomain', lookupStage: REFUSED_NAME },
      engine({ config: {} }),
      ['blocked', 'FQDN_NAME_NOT_COVERED', 'likely'],
    ],
    [
      'NXDOMAIN for a filtered name where the proxy says so',
      { lookup: 'nxdomain', lookupStage: REFUSED_NAME },
      engine({ config: { 'tofqdns-dns-reject-response-code': 'nameError' } }),
      ['blocked', 'FQDN_NAME_NOT_COVERED', 'proven'],
    ],
    [
      'NXDOMAIN while it is open whether the proxy filters the name',
      { lookup: 'nxdomain', lookupStage: UNKNOWN },
      engine({ config: { 'tofqdns-dns-reject-response-code': 'nameError' } }),
      ['undetermined', 'DNS_NAME_NOT_FOUND', 'possible'],
    ],
    [
      'NXDOMAIN from a proxy that would say REFUSED',
      { lookup: 'nxdomain', lookupStage: UNKNOWN },
      engine({ config: {} }),
      ['blocked', 'DNS_NAME_NOT_FOUND', 'proven'],
    ],
    [
      'the way to DNS is denied explicitly',
      { lookup: 'timeout', lookupStage: stage('denied', 'explicit_deny') },
      {},
      ['blocked', 'POLICY_PRECEDENCE', 'proven'],
    ],
    [
      'a mesh proxy opens every connection',
      { interceptedBy: 'istio-proxy', tls: 'not_checked' },
      {},
      ['undetermined', undefined, undefined],
    ],
    [
      'a mesh proxy opens what the rules deny',
      { interceptedBy: 'istio-proxy', tls: 'reset', connectStage: DENIED },
      {},
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely'],
    ],
    ['through a mesh proxy to the far side', { interceptedBy: 'istio-proxy' }, {}, ['reachable', undefined, undefined]],
    [
      'the mesh blocks it, and the proxy cut it off',
      { interceptedBy: 'istio-proxy', tls: 'reset', meshStage: BLOCKED_BY_MESH },
      {},
      ['blocked', 'MESH_EGRESS_CONFIG', 'proven'],
    ],
    [
      'mesh and policies both block it',
      { interceptedBy: 'istio-proxy', tls: 'reset', meshStage: BLOCKED_BY_MESH, connectStage: DENIED },
      {},
      ['blocked', 'MESH_EGRESS_CONFIG', 'likely'],
    ],
    [
      'the mesh blocks it, not probed',
      { probed: false, meshStage: BLOCKED_BY_MESH },
      {},
      ['blocked', 'MESH_EGRESS_CONFIG', 'likely'],
    ],
    [
      'the mesh blocks it, and no handshake was tried',
      { interceptedBy: 'istio-proxy', tls: 'not_checked', meshStage: BLOCKED_BY_MESH },
      {},
      ['blocked', 'MESH_EGRESS_CONFIG', 'likely'],
    ],
    [
      'the mesh blocks it, yet the handshake hangs, which a proxy would end',
      { interceptedBy: 'istio-proxy', tls: 'timeout', meshStage: BLOCKED_BY_MESH },
      {},
      ['undetermined', 'MESH_EGRESS_CONFIG', 'possible'],
    ],
    [
      'the mesh blocks it, yet the far side answers',
      { interceptedBy: 'istio-proxy', meshStage: BLOCKED_BY_MESH },
      {},
      ['reachable', undefined, undefined],
    ],
    [
      'the mesh blocks it, yet not even the proxy accepts',
      { connect: 'timeout', meshStage: BLOCKED_BY_MESH },
      {},
      ['undetermined', undefined, undefined],
    ],
    [
      'the mesh lets it through',
      { interceptedBy: 'istio-proxy', tls: 'reset', meshStage: stage('allowed', 'mesh_allows') },
      {},
      ['undetermined', undefined, undefined],
    ],
    [
      'what the mesh does is not known',
      { probed: false, meshStage: stage('unknown', 'incomplete_state') },
      {},
      ['undetermined', undefined, undefined],
    ],
  ])('%s', (_name, spec, more, expected) => {
    const { verdict, cause, decidedBy } = judge(caseOf([endpoint(spec), comparison], more));
    expect([verdict, cause?.class, cause?.confidence]).toEqual(expected);
    if (verdict === 'undetermined') expect(decidedBy).toBeTruthy();
  });

  it('addresses that the agent has learned for the name after all', () => {
    const asked = endpoint({ connectStage: NOT_PROXIED, connect: 'timeout' });
    const destination = { ...asked.evaluation.destination, addresses: ['203.0.113.20'] };
    const learned = { ...asked, evaluation: { ...asked.evaluation, destination } };
    const cache = (ips: string[]): Partial<Case> => ({
      fqdnCache: { ok: true, value: [{ name: 'files.vendor.example.', ips }] },
    });
    expect(judge(caseOf([learned], cache(['203.0.113.20']))).verdict).toBe('undetermined');
    expect(judge(caseOf([learned], cache(['203.0.113.9']))).cause?.class).toBe('FQDN_NO_DNS_L7');
  });

  it('no policy change cures what the mesh blocks', () => {
    const judgement = judge(
      caseOf([endpoint({ interceptedBy: 'istio-proxy', tls: 'reset', meshStage: BLOCKED_BY_MESH })]),
    );
    expect([judgement.cause?.class, policyWouldHelp(judgement)]).toEqual(['MESH_EGRESS_CONFIG', false]);
  });

  it('a policy change is no cure for a REFUSED that the rules do not explain', () => {
    const judgement = judge(caseOf([endpoint({ lookup: 'refused' })]));
    expect([judgement.cause?.class, policyWouldHelp(judgement)]).toEqual(['FQDN_DNS_REFUSED', false]);
  });
});

it("a handshake that is cut off is first of all a question to the policy's own list of server names", () => {
  const asked = endpoint({ tls: 'reset' });
  const under = (word: string) => {
    const premise = `TLS is let through for the server names a.example only; a client that sends "x" ${word}`;
    const evaluation = { ...asked.evaluation, assumptions: [premise] };
    return judge(caseOf([{ ...asked, evaluation }])).decidedBy;
  };
  expect(under('is cut off')).toContain("the policy's own list");
  expect(under('is let through')).not.toContain("the policy's own list");
});
