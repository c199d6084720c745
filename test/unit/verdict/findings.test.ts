/** Findings: three states, evidence under each, and gaps that stay gaps. */
import { describe, expect, it } from 'vitest';
import { notRead } from '../../../src/core/verdict/case.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { caseOf, endpoint, STATE, stage } from './case-builder.ts';

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

  it('policy and packets that disagree are stated as such', () => {
    const seen = caseOf([endpoint({ connectStage: stage('denied', 'default_deny') })]);
    expect(stateOf(seen, 'policy-and-packets-disagree')?.state).toBe('confirmed');
  });

  it('no comparison endpoint: not checked, with what to give', () => {
    expect(stateOf(caseOf([endpoint({})]), 'comparison-connects')?.notChecked?.nextStep).toContain('known to work');
  });
});
