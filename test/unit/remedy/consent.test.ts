/** A change that weakens a deny is told as a question to its owner: in the next steps, and above all else in the text. */
import { expect, it } from 'vitest';
import type { Fix } from '../../../src/core/model/diagnosis.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { nextSteps } from '../../../src/core/verdict/next-steps.ts';
import { fixSection } from '../../../src/render/fix.ts';
import { caseOf, endpoint, stage } from '../verdict/case-builder.ts';

const fix: Fix = {
  changes: [],
  summary: 'Add 203.0.113.10/32 to spec.egressDeny[0].toCIDRSet[0].except (excepts it).',
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'deny' },
  before: 'denied',
  after: 'allowed',
  alsoAllows: [],
  warnings: [],
  diff: '+x\n',
  file: 'deny.yaml',
  inGit: true,
};
const consent = 'the change weakens a deny of CiliumNetworkPolicy shop/deny: its owner (platform) has to agree';
const plain = {
  untrusted: (text: string) => text,
  quoted: (text: string) => text,
  patch: (text: string) => text,
  maxChars: 1000,
};

it('the first next step is to ask, not to commit', () => {
  const seen = caseOf([endpoint()]);
  const steps = (given: Fix) => nextSteps(seen, judge(seen), [], given);
  expect(steps({ ...fix, consent })[0]).toBe(`Before anything else: ${consent}.`);
  expect(steps({ ...fix, consent }).join()).not.toContain('Commit the diff');
  expect(steps(fix)[0]).toContain('Commit the diff to deny.yaml');
});

it('a deny that no change is proposed against has an owner to ask, a missing rule has none', () => {
  const steps = (reason: 'explicit_deny' | 'default_deny') => {
    const seen = caseOf([endpoint({ connectStage: stage('denied', reason), connect: 'timeout' })]);
    return nextSteps(seen, judge(seen), [], undefined);
  };
  expect(steps('explicit_deny')[0]).toBe(
    'Ask whoever owns CiliumNetworkPolicy shop/egress spec.egress[1] (toFQDNs matchName "x" on 443/TCP) whether files.vendor.example:443 is meant to be denied; no change is proposed.',
  );
  expect(steps('default_deny').join()).not.toContain('whoever owns');
});

it('the text asks before it shows the effect', () => {
  const text = fixSection({ ...fix, consent }, plain).join('\n');
  expect(text.indexOf(consent)).toBeGreaterThan(-1);
  expect(text.indexOf(consent)).toBeLessThan(text.indexOf('policies evaluated again'));
  expect(fixSection(fix, plain).join('\n')).not.toContain('Consent');
});
