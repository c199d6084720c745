/** The policy that the engine itself names for a drop: told with the drop, and where the rules that were read do not explain it. */
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { caseOf, endpoint, stage } from './case-builder.ts';

const NAMED = 'CiliumClusterwideNetworkPolicy no-stores';

function seen(connect: ReturnType<typeof stage>, deniedBy: readonly string[]) {
  const plain = endpoint({ connectStage: connect, connect: 'drop_seen', drop: 'POLICY_DENY' });
  const dropped = { ...plain, drops: plain.drops.map((flow) => ({ ...flow, deniedBy })) };
  return caseOf([dropped], {
    flows: { ok: true, value: { flows: dropped.drops, source: 'hubble', truncated: false } },
  });
}

describe('the policy that the engine names', () => {
  it('stands with the drop; where it names none, nothing does', () => {
    const what = (deniedBy: readonly string[]) => {
      const { endpoints, ...rest } = seen(stage('denied', 'explicit_deny'), deniedBy);
      const found = findingsOf({ ...rest, endpoints }, endpoints[0]).find(({ id }) => id === 'engine-reports-drop');
      return found?.evidence[0]?.what;
    };
    expect(what([NAMED])).toBe(`dropped POLICY_DENY 203.0.113.20:443/TCP by ${NAMED}, as the engine names it`);
    expect(what([])).toBe('dropped POLICY_DENY 203.0.113.20:443/TCP');
  });

  it.each([
    ['rules that allow', stage('allowed', 'not_isolated'), 'ENFORCER_STATE'],
    ['rules that leave it open', stage('unknown', 'incomplete_state'), 'POLICY_EGRESS_NOT_ALLOWED'],
  ])('is told beside %s', (_name, connect, cls) => {
    const { cause } = judge(seen(connect, [NAMED, NAMED]));
    expect(cause?.class).toBe(cls);
    expect(cause?.statement).toMatch(new RegExp(` The engine names ${NAMED} for it\\.$`));
    expect(judge(seen(connect, [])).cause?.statement).not.toContain('names');
  });
});
