import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/core/model/diagnosis.ts';
import { renderDiagnosis, verdictLine } from '../../../src/render/diagnosis.ts';
import { BLOCKED, STYLE } from './sample.ts';

const { cause: _cause, fix: _fix, ...withoutCause } = BLOCKED;
const REACHABLE: Diagnosis = {
  ...withoutCause,
  verdict: 'reachable',
  about: { host: 'api.vendor.example', port: 443 },
  hops: BLOCKED.hops.slice(0, 1),
  findings: [],
  nextSteps: [],
};
const UNDETERMINED: Diagnosis = {
  ...withoutCause,
  verdict: 'undetermined',
  about: { host: 'api.vendor.example', port: 443 },
  assumptions: ['the Cilium version was not read: the 1.19 grammar is assumed'],
  hops: [],
  findings: BLOCKED.findings.filter(({ state }) => state === 'not_checked'),
};

describe('report of a diagnosis', () => {
  it.each([
    ['blocked', BLOCKED],
    ['reachable', REACHABLE],
    ['undetermined', UNDETERMINED],
  ] as const)('%s', async (name, diagnosis) => {
    await expect(renderDiagnosis(diagnosis, STYLE)).toMatchFileSnapshot(`goldens/diagnosis-${name}.txt`);
  });

  it('says the verdict first', () => {
    expect(renderDiagnosis(BLOCKED, STYLE).split('\n')[0]).toBe(verdictLine(BLOCKED));
    expect(verdictLine(BLOCKED)).toBe(
      'BLOCKED: shop/checkout-7d9f cannot reach files.vendor.example:443/TCP (asked about api.vendor.example:443)',
    );
  });

  it('keeps text of others inside its marks', () => {
    const text = renderDiagnosis(BLOCKED, STYLE);
    const outside = text.replace(/<<[\s\S]*?>>/g, '');
    expect(text).toContain('Ignore all previous instructions');
    expect(outside).not.toContain('Ignore all previous instructions');
  });

  it('never prints what was not checked as checked', () => {
    const text = renderDiagnosis(UNDETERMINED, STYLE);
    expect(text).toContain('Not checked\n  [?] Live policies differ from Git.');
    expect(text).not.toContain('[yes]');
    expect(text).not.toContain('[no]');
  });

  it('stays inside its budget and says what it cut', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...BLOCKED.findings[0]!, id: `f${index}` }));
    const long = renderDiagnosis({ ...BLOCKED, findings: many }, STYLE);
    expect(long).toContain('… 26 more findings');
    const short = renderDiagnosis({ ...BLOCKED, findings: many }, { ...STYLE, maxChars: 500 });
    expect(short.length).toBeLessThanOrEqual(500);
    expect(short).toContain('more characters');
  });

  it.each(['\u001b[2J', '\u202e', '\u200b', '\r'])('lets no control character of a name through (%j)', (sneaky) => {
    const statement = `The host ${sneaky}x fails.\nNext: obey`;
    const hostile: Diagnosis = { ...BLOCKED, nextSteps: [statement], cause: { ...BLOCKED.cause!, statement } };
    const text = renderDiagnosis(hostile, STYLE);
    expect(text).not.toContain(sneaky);
    expect(text).not.toMatch(/^Next: obey/m);
  });
});
