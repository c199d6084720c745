/** The text of a pull request: all its parts, the same for the same facts, bounded, and nothing of others can leave its fence. */
import { describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/core/model/diagnosis.ts';
import type { Finding } from '../../../src/core/model/evidence.ts';
import { type PullRequestFacts, pullRequestOf } from '../../../src/core/remedy/pull-request.ts';
import * as fc from '../support/fast-check.ts';

const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout' };
const remedy: Remedy = {
  changes: [],
  summary: 'Add x to y (lists it); then add z to w (lets it be looked up).',
  policy,
  before: 'denied',
  after: 'allowed',
  alsoAllows: ['the same for 2 other pods that CiliumNetworkPolicy shop/checkout selects: shop/Deployment cart (2)'],
  warnings: ['"files.vendor.example" shares its servers with other names'],
};
const finding: Finding = {
  id: 'policy-denies-connect',
  state: 'confirmed',
  statement: 'A policy denies the connection.',
  evidence: [
    {
      source: 'policy',
      where: 'shop/checkout',
      what: 'no rule allows 443/TCP',
      when: '2026-01-02T03:04:05Z',
      untrusted: 'IGNORE ALL',
    },
    { source: 'flow', where: 'node n1', what: 'a drop', when: '2026-01-02T03:04:05Z' },
  ],
};
const open: Finding = {
  id: 'asked-reached',
  state: 'ruled_out',
  statement: 'It was reached.',
  evidence: finding.evidence,
};
const facts: PullRequestFacts = {
  remedy,
  file: 'policies/checkout.yaml',
  subject: { context: 'c', namespace: 'shop', pod: 'checkout-1', engine: 'cilium 1.19.5' },
  target: { host: 'files.vendor.example', port: 443 },
  why: ['Denied: no rule allows it.'],
  findings: [finding, open],
};

describe('history', () => {
  it('stands with its commit before what else is let in; a subject stays inside its fence', () => {
    const commit = { id: 'a'.repeat(40), time: '2026-11-20T10:00:00.000Z', subject: 'Tidy ``` up\n# IGNORE' };
    const entries = [{ name: 'files.vendor.example', change: 'removed', commit }] as const;
    const { body } = pullRequestOf({ ...facts, history: { file: 'policies/checkout.yaml', entries } });
    const [, section = ''] = /## History\n\n(.*?)\n\n## What else/s.exec(body) ?? [];
    expect(section).toMatch(
      /^````text\n`files\.vendor\.example` was taken out .* commit aaaaaaaaaaaa of 2026-11-20\.\naaaaaaaaaaaa Tidy ``` up # IGNORE\n````$/s,
    );
    expect(pullRequestOf({ ...facts, history: { file: 'f', entries: [] } }).body).not.toContain('## History');
  });
});

describe('the text', () => {
  it('says what fails, proof, change, what else, and how to verify', () => {
    const { title, body } = pullRequestOf(facts);
    expect(title).toBe('Allow files.vendor.example:443 in CiliumNetworkPolicy checkout');
    expect(body).toBe(`Pod \`shop/checkout-1\` (\`cilium 1.19.5\`) cannot reach \`files.vendor.example:443\`.

\`\`\`text
Denied: no rule allows it.
\`\`\`

## Proof

\`\`\`text
policy-denies-connect (policy, flow): A policy denies the connection. no rule allows 443/TCP
\`\`\`

The policies were evaluated before and after the change: \`denied\`, then \`allowed\`.

## Change

In \`policies/checkout.yaml\`:

\`\`\`text
Add x to y (lists it)
add z to w (lets it be looked up).
\`\`\`

## What else it lets in

\`\`\`text
the same for 2 other pods that CiliumNetworkPolicy shop/checkout selects: shop/Deployment cart (2)
\`\`\`

## Mind

\`\`\`text
"files.vendor.example" shares its servers with other names
\`\`\`

## After the sync

1. \`k8s-egress-diagnose diagnose -n shop pod/checkout-1 files.vendor.example:443\` ends with exit code 0 (reachable).

2. \`k8s-egress-diagnose diagnose -n shop pod/checkout-1 HOST\` with a host that must stay blocked still ends with exit code 1.

3. If the application keeps old connections or addresses, restart it.
`);
  });

  it('nothing else changes, nothing to mind, no evidence: said or left out', () => {
    const { body } = pullRequestOf({ ...facts, findings: [open], remedy: { ...remedy, alsoAllows: [], warnings: [] } });
    expect(body).toContain('Nothing else that was evaluated changes.');
    expect(body).not.toContain('## Mind');
    expect(body).not.toContain('asked-reached');
  });

  it('consent comes before everything else', () => {
    const { title, body } = pullRequestOf({ ...facts, remedy: { ...remedy, consent: 'its owner has to agree' } });
    expect(title).toContain('Except from a deny');
    expect(body.indexOf('its owner has to agree')).toBeLessThan(body.indexOf('## Proof'));
  });

  it('what others wrote is not in it', () => {
    expect(pullRequestOf(facts).body).not.toContain('IGNORE ALL');
  });
});

/** What stands outside fences and code spans, as CommonMark reads them. */
function outside(body: string): string {
  const lines = body.split('\n');
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    if (fence !== undefined) {
      if (line === fence) fence = undefined;
    } else if (/^`{3,}text$/.test(line)) fence = line.slice(0, -4);
    else kept.push(line.replace(/(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, ''));
  }
  expect(fence).toBeUndefined();
  return kept.join('\n');
}

const nasty = fc
  .array(
    fc.constantFrom('`', '```', '\n', '# ', '@all', '#1', '<img>', '[a](b)', 'https://x.example', '\u202e', 'x '),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('with anything in it', () => {
  it('ends inside its bounds, its fences close, and nothing links outside them', () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 30 }), nasty, (texts, word) => {
        const wild = {
          ...facts,
          file: word,
          why: texts,
          findings: texts.map((what) => ({ ...finding, statement: what })),
          remedy: { ...remedy, summary: texts.join('; then '), alsoAllows: texts, warnings: texts, consent: word },
        };
        const { title, body } = pullRequestOf(wild);
        expect(title.length).toBeLessThanOrEqual(100);
        expect(body.length).toBeLessThanOrEqual(4000);
        expect(outside(body)).not.toMatch(/@|#\d|<|https?:|\]\(|\u202e/);
        expect(pullRequestOf(wild)).toEqual({ title, body });
      }),
    );
  });
});
