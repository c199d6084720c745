/** Findings: three states, evidence under each, and gaps that stay gaps. */
import { describe, expect, it } from 'vitest';
import type { LogReport } from '../../../src/core/model/logs.ts';
import { type Case, notRead } from '../../../src/core/verdict/case.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { hopOf } from '../../../src/core/verdict/hops.ts';
import { caseOf, type EndpointSpec, endpoint, logs, nearMiss, POD, STATE, stage } from './case-builder.ts';

const stateOf = (seen: ReturnType<typeof caseOf>, id: string) =>
  findingsOf(seen, seen.endpoints[0]).find((finding) => finding.id === id);

describe('findings', () => {
  it('hold: evidence under every confirmed or ruled-out one, a reason under every unchecked one', () => {
    const cases = [
      caseOf([endpoint({})]),
      caseOf([
        endpoint({ connect: 'timeout', connectStage: stage('denied', 'default_deny') }),
        endpoint({ role: 'comparison', host: 'ok.example' }),
      ]),
      caseOf([endpoint({ probed: false })], {
        flows: notRead('flows', 'forbidden', 'no'),
        logs: notRead('logs', 'forbidden', 'no'),
      }),
      caseOf([endpoint({ lookup: 'nxdomain' })]),
    ];
    for (const seen of cases) {
      for (const finding of findingsOf(seen, seen.endpoints[0])) {
        if (finding.state === 'not_checked') expect(finding.notChecked?.reason, finding.id).toBeTruthy();
        else expect(finding.evidence.length, finding.id).toBeGreaterThan(0);
      }
    }
  });

  it('a kind that could not be read is a finding of its own', () => {
    const gap = {
      what: 'ciliumnetworkpolicies in namespace shop',
      code: 'forbidden' as const,
      reason: 'RBAC',
      nextStep: 'grant list',
    };
    const seen = caseOf([endpoint({})], { state: { ...STATE, notRead: [gap] } });
    expect(stateOf(seen, 'not-read:ciliumnetworkpolicies in namespace shop')?.state).toBe('not_checked');
  });

  it('an absent kind is not a gap', () => {
    const gap = { what: 'calico', code: 'kind_absent' as const, reason: 'no such API group' };
    const seen = caseOf([endpoint({})], { state: { ...STATE, notRead: [gap] } });
    expect(findingsOf(seen, seen.endpoints[0]).filter((finding) => finding.id.startsWith('not-read'))).toEqual([]);
  });

  it('an unknown policy verdict is "not checked", never "no policy"', () => {
    const seen = caseOf([endpoint({ connectStage: stage('unknown', 'incomplete_state') })]);
    expect(stateOf(seen, 'policy-denies-connect')?.state).toBe('not_checked');
  });

  it('the next step of an unknown verdict is the one that its reason names, not that of another gap', () => {
    const notEvaluated = ['antrea-tiers', 'networkpolicies in namespace shop'].map((what) => ({
      what,
      code: 'forbidden' as const,
      reason: 'RBAC',
      nextStep: `grant ${what}`,
    }));
    const nextStep = (explanation: string) => {
      const one = endpoint({ connectStage: { ...stage('unknown', 'incomplete_state'), explanation } });
      const seen = caseOf([{ ...one, evaluation: { ...one.evaluation, notEvaluated } }]);
      return stateOf(seen, 'policy-denies-connect')?.notChecked?.nextStep;
    };
    expect(nextStep('Undecided: the address is not known.')).toBeUndefined();
    expect(nextStep('Undecided: networkpolicies in namespace shop could not be read.')).toBe(
      'grant networkpolicies in namespace shop',
    );
  });

  it('a policy that nobody enforces is a finding of its own, and no rule that was meant to match', () => {
    const seen = caseOf([endpoint({ nearMisses: [nearMiss('policy_not_enforced')] })]);
    expect(stateOf(seen, 'policy-not-enforced')?.state).toBe('confirmed');
    expect(stateOf(seen, 'rule-meant-to-match')).toBeUndefined();
    const other = caseOf([endpoint({ nearMisses: [nearMiss('port_missing')] })]);
    expect(stateOf(other, 'policy-not-enforced')).toBeUndefined();
    expect(stateOf(other, 'rule-meant-to-match')?.state).toBe('confirmed');
  });

  it('what is allowed by accident is a finding of its own', () => {
    const seen = caseOf([endpoint({ nearMisses: [nearMiss('shared_address')] })]);
    expect(stateOf(seen, 'allowed-by-accident')).toMatchObject({
      state: 'confirmed',
      statement: expect.stringContaining('another name of the same address'),
      evidence: [{ what: 'near miss: shared_address (shared_address)' }],
    });
    expect(stateOf(seen, 'rule-meant-to-match')).toBeUndefined();
  });

  it('policy and packets that disagree are stated as such', () => {
    const seen = caseOf([endpoint({ connectStage: stage('denied', 'default_deny') })]);
    expect(stateOf(seen, 'policy-and-packets-disagree')?.state).toBe('confirmed');
  });

  it('no comparison endpoint: not checked, with what to give', () => {
    expect(stateOf(caseOf([endpoint({})]), 'comparison-connects')?.notChecked?.nextStep).toContain('known to work');
  });

  it('a presigned URL of a host is no failure on it', () => {
    const url = { host: 'files.vendor.example', port: 443, presigned: 'aws-s3-v4', display: '/x', count: 1 };
    const finding = stateOf(caseOf([endpoint({})], { logs: logs({ urls: [url] }) }), 'logs-name-host');
    expect(finding?.statement).not.toContain('failing');
  });

  it.each<[string, Partial<LogReport>]>([
    ['cut short', { truncated: true }],
    ['without a line', { linesRead: 0 }],
    ['of one container only', { notRead: [{ what: 'log of container b', code: 'forbidden', reason: 'RBAC' }] }],
  ])('logs %s rule nothing out', (_name, report) => {
    expect(stateOf(caseOf([endpoint({})], { logs: logs(report) }), 'logs-name-host')?.state).toBe('not_checked');
  });

  it('a failure that only names the host beside it neither tells of it nor rules it out', () => {
    const failure = { class: 'connect_refused', container: 'app', count: 1, excerpt: 'x' } as const;
    const perhaps = { ...failure, possible: { host: 'files.vendor.example', port: 443 } };
    const finding = stateOf(caseOf([endpoint({})], { logs: logs({ failures: [perhaps] }) }), 'logs-name-host');
    expect(finding?.state).toBe('not_checked');
    expect(finding?.notChecked?.reason).toContain('nothing ties the two');
  });

  it('a failure that the logs tell by address counts where the address is one of the name', () => {
    const asked = endpoint({ connect: 'timeout' });
    const evaluation = {
      ...asked.evaluation,
      destination: { ...asked.evaluation.destination, addresses: ['203.0.113.20'] },
    };
    const failure = { class: 'connect_timeout', container: 'app', count: 1, excerpt: 'x', port: 443 } as const;
    const stateFor = (address: string) =>
      stateOf(
        caseOf([{ ...asked, evaluation }], { logs: logs({ failures: [{ ...failure, address }] }) }),
        'logs-name-host',
      )?.state;
    // It may have had the other one then; its own loopback it never has.
    expect(['203.0.113.20', '203.0.113.99', '127.0.0.1'].map(stateFor)).toEqual([
      'confirmed',
      'not_checked',
      'ruled_out',
    ]);
  });

  it('a report of flows that was cut short rules no drop out', () => {
    const flows: Case['flows'] = { ok: true, value: { flows: [], source: 'hubble', truncated: true } };
    expect(stateOf(caseOf([endpoint({})], { flows }), 'engine-reports-drop')?.state).toBe('not_checked');
  });

  it("nor does one of a pod on its node's network, whose packets are the node's", () => {
    const flows: Case['flows'] = { ok: true, value: { flows: [], source: 'hubble', truncated: false } };
    const state = (hostNetwork: boolean) =>
      stateOf(caseOf([endpoint({})], { flows, pod: { ...POD, hostNetwork } }), 'engine-reports-drop')?.state;
    expect([state(true), state(false)]).toEqual(['not_checked', 'ruled_out']);
  });

  it('nor do drops without a name where the addresses are not known', () => {
    const [drop] = endpoint({ drop: 'POLICY_DENIED' }).drops;
    const flows: Case['flows'] = { ok: true, value: { flows: drop ? [drop] : [], source: 'hubble', truncated: false } };
    expect(stateOf(caseOf([endpoint({ probed: false })], { flows }), 'engine-reports-drop')?.state).toBe('not_checked');
  });

  it.each<[string, EndpointSpec, string]>([
    ['does not exist', { lookup: 'nxdomain' }, 'not_checked'],
    ['is refused by its server', { connect: 'refused' }, 'not_checked'],
    ['is silent as well', { connect: 'timeout' }, 'ruled_out'],
  ])('a comparison that %s', (_name, spec, state) => {
    const other = endpoint({ ...spec, role: 'comparison', host: 'login.idp.example' });
    expect(stateOf(caseOf([endpoint({ connect: 'timeout' }), other]), 'comparison-connects')?.state).toBe(state);
  });

  it('another suspect that fails is no comparison', () => {
    const other = endpoint({ connect: 'timeout', role: 'second_hop', host: 'cdn.vendor.example' });
    expect(stateOf(caseOf([endpoint({ connect: 'timeout' }), other]), 'comparison-connects')?.state).toBe(
      'not_checked',
    );
  });

  it('addresses that fail beside one that connects are not passed over', () => {
    const seen = caseOf([endpoint({ others: { '203.0.113.21': 'timeout' } })]);
    expect(stateOf(seen, 'some-addresses-fail')?.evidence[0]?.what).toContain('203.0.113.21 no answer');
    const noIpv6 = endpoint({ others: { '2001:db8::1': 'unreachable' } });
    for (const one of [endpoint({}), noIpv6]) expect(stateOf(caseOf([one]), 'some-addresses-fail')).toBeUndefined();
  });

  it('what a mesh proxy accepts is not a connection seen', () => {
    const seen = caseOf([endpoint({ interceptedBy: 'istio-proxy', tls: 'not_checked' })]);
    expect(stateOf(seen, 'connect-silent')?.notChecked?.reason).toContain('istio-proxy');
    expect(hopOf(seen.endpoints[0]).steps.find(({ layer }) => layer === 'connect')?.outcome).toBe('unknown');
  });

  it.each<[string, EndpointSpec['meshStage'], string | undefined, string, string]>([
    ['blocks', stage('denied', 'mesh_blocks'), 'confirmed', 'failed', 'explained: mesh_blocks'],
    ['lets through', stage('allowed', 'mesh_allows'), 'ruled_out', 'ok', 'explained: allowed_by_rule'],
    [
      'is not known to let through',
      stage('unknown', 'incomplete_state'),
      'not_checked',
      'unknown',
      'explained: incomplete_state',
    ],
    ['is none', undefined, undefined, 'ok', 'explained: allowed_by_rule'],
  ])('a mesh that %s is a finding and part of the path', (_name, meshStage, state, outcome, detail) => {
    const seen = caseOf([endpoint({ probed: false, ...(meshStage !== undefined && { meshStage }) })]);
    expect(stateOf(seen, 'mesh-blocks-connect')?.state).toBe(state);
    const step = hopOf(seen.endpoints[0]).steps.find(({ layer }) => layer === 'policy');
    expect([step?.outcome, step?.detail]).toEqual([outcome, detail]);
  });

  it('a mesh that blocks what connects is stated, not explained away', () => {
    const seen = caseOf([endpoint({ interceptedBy: 'istio-proxy', meshStage: stage('denied', 'mesh_blocks') })]);
    expect(stateOf(seen, 'mesh-and-packets-disagree')?.state).toBe('confirmed');
    expect(stateOf(caseOf([endpoint()]), 'mesh-and-packets-disagree')).toBeUndefined();
  });
});
