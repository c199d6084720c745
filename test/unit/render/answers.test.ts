import { describe, expect, it } from 'vitest';
import type { Subject } from '../../../src/core/model/diagnosis.ts';
import type { Evaluation, StageVerdict } from '../../../src/core/model/evaluation.ts';
import { renderDrift } from '../../../src/render/drift.ts';
import { renderFix } from '../../../src/render/fix-answer.ts';
import { renderFlows } from '../../../src/render/flows.ts';
import { renderFqdn } from '../../../src/render/fqdn.ts';
import { renderLogs } from '../../../src/render/logs.ts';
import { renderPolicies } from '../../../src/render/policies.ts';
import { renderProbe } from '../../../src/render/probe.ts';
import { BLOCKED, STYLE } from './sample.ts';

const subject: Subject = {
  context: 'lab',
  namespace: 'shop',
  pod: 'checkout-7d9f',
  node: 'node-1',
  engine: 'cilium 1.19.5',
};
const policy = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'checkout' };
const rule = {
  policy,
  path: 'spec.egress[1].toFQDNs[0]',
  effect: 'allow',
  text: 'matchName "api.vendor.example" on 443/TCP',
} as const;
const when = '2026-11-24T10:00:00Z';

const denied: StageVerdict = {
  decision: 'denied',
  reason: 'default_deny',
  decidedBy: [],
  explanation: 'No rule names it.',
};
const allowed: StageVerdict = {
  decision: 'allowed',
  reason: 'allowed_by_rule',
  decidedBy: [rule],
  explanation: 'A DNS rule.',
};
const evaluation: Evaluation = {
  destination: { host: 'files.vendor.example', cnames: [], addresses: [], port: 443, protocol: 'TCP' },
  decision: 'denied',
  decidedBy: denied.decidedBy,
  lookup: allowed,
  connect: denied,
  isolatedBy: [policy],
  nearMisses: [
    {
      rule,
      kind: 'same_rule_family',
      statement: 'its sibling is listed here',
      change: {
        policy,
        op: 'add',
        path: ['spec', 'egress', 1, 'toFQDNs', '-'],
        value: { matchName: 'files.vendor.example' },
        why: 'lists it',
      },
    },
    { rule, kind: 'other_namespace', statement: 'it lives elsewhere' },
  ],
  assumptions: [],
  notEvaluated: [],
};

describe('answers of the smaller tools', () => {
  it('listEgressPolicies', async () => {
    const text = renderPolicies(
      {
        subject,
        isolated: true,
        policies: [
          { policy, isolatesEgress: true, valid: true, rules: [rule] },
          {
            policy: { ...policy, name: 'broken' },
            isolatesEgress: true,
            valid: false,
            invalidReason: 'bad CIDR',
            rules: [],
          },
        ],
        notSelecting: 3,
        evaluation,
        findings: [],
        leftOut: { policies: 7 },
      },
      STYLE,
    );
    await expect(text).toMatchFileSnapshot('goldens/policies.txt');
  });

  it('listEgressPolicies in a mesh', () => {
    const mesh: StageVerdict = {
      decision: 'denied',
      reason: 'mesh_blocks',
      decidedBy: [],
      explanation: 'REGISTRY_ONLY.',
    };
    const answer = { subject, isolated: false, policies: [], notSelecting: 0, findings: [] };
    const text = renderPolicies({ ...answer, evaluation: { ...evaluation, mesh } }, STYLE);
    expect(text).toContain('mesh     denied (mesh_blocks): REGISTRY_ONLY.');
    expect(renderPolicies({ ...answer, evaluation }, STYLE)).not.toContain('mesh ');
  });

  it('matchFqdn', async () => {
    const lines = [
      {
        selector: '*.vendor.example',
        dialect: 'cilium' as const,
        matches: true,
        explanation: 'one label for *',
        rule,
        use: 'toFQDNs' as const,
      },
      {
        selector: 'api.vendor.example',
        dialect: 'cilium' as const,
        matches: false,
        explanation: 'differs in its first label',
      },
    ];
    const names = [
      { name: 'files.vendor.example', matched: true, selectors: lines },
      { name: 'a.b.vendor.example', matched: false, selectors: lines.slice(1) },
    ];
    await expect(renderFqdn({ names, findings: [] }, STYLE)).toMatchFileSnapshot('goldens/fqdn.txt');
  });

  it('matchFqdn tells a name that may only be looked up from one that may be connected to', () => {
    const selectors = [
      { selector: '*', dialect: 'cilium' as const, matches: true, explanation: 'any name', rule, use: 'dns' as const },
      {
        selector: 'api.vendor.example',
        dialect: 'cilium' as const,
        matches: false,
        explanation: 'differs',
        rule,
        use: 'toFQDNs' as const,
      },
    ];
    const text = renderFqdn(
      { names: [{ name: 'files.vendor.example', matched: true, selectors }], findings: [] },
      STYLE,
    );
    expect(text.split('\n')[0]).toBe(
      'files.vendor.example: lookup (rules.dns) MATCHED, connection (toFQDNs) NOT MATCHED',
    );
  });

  it('nothing read is not told as nothing found', () => {
    const lookup = { outcome: 'resolved', addresses: ['192.0.2.20'], cnames: [] } as const;
    const connects = [{ address: '192.0.2.20', outcome: 'not_checked' }] as const;
    const target = { role: 'asked', host: 'a.example', port: 443, reached: false, lookup, connects } as const;
    const probed = { ...target, tls: { outcome: 'not_checked' } } as const;
    expect(renderProbe({ subject, limits: [], targets: [probed], findings: [] }, STYLE)).toContain(
      'NOT CHECKED: a.example',
    );
    expect(renderFlows({ subject, truncated: false, flows: [], findings: [] }, STYLE)).toContain('no flows were read');
    const logs = { subject, linesRead: 0, truncated: false, failures: [], urls: [], matches: [], findings: [] };
    expect(renderLogs(logs, STYLE)).toContain('no log line was read');
  });

  it('observeFlows shows folded flows as that, inside the fence', () => {
    const grouped = [
      {
        from: '2026-11-24T09:59:00Z',
        to: '2026-11-24T09:59:45Z',
        action: 'denied',
        reporter: 'source',
        source: { namespace: 'shop', name: 'checkout-7d9f-*' },
        destination: { kind: 'public', port: 443, protocol: 'TCP' },
        packets: 4,
        enforced: [{ kind: 'GlobalNetworkPolicy', tier: 'security', name: 'block-all', action: 'denied' }],
        staged: [],
      },
    ] as const;
    const source = 'Whisker calico-system/whisker-1';
    const text = renderFlows({ subject, source, truncated: false, flows: [], grouped, findings: [] }, STYLE);
    expect(text).toContain('1 folded flow from Whisker calico-system/whisker-1');
    expect(text).toContain(
      STYLE.untrusted(
        '2026-11-24T09:59:00Z to 2026-11-24T09:59:45Z denied: shop/checkout-7d9f-* → TCP/443 of public addresses, 4 packet(s) by GlobalNetworkPolicy.projectcalico.org block-all (tier security)',
      ),
    );
    const none = renderFlows({ subject, source, truncated: false, flows: [], grouped: [], findings: [] }, STYLE);
    expect(none).toContain('0 folded flows from Whisker');
  });

  it('observeFlows quotes what a source that was not used said', () => {
    const refused = {
      what: 'Hubble Relay',
      code: 'refused',
      reason: 'it answered internal',
      said: 'all is well',
    } as const;
    const text = renderFlows({ subject, truncated: false, flows: [], findings: [], notUsed: [refused] }, STYLE);
    expect(text).toContain(`Hubble Relay: it answered internal: ${STYLE.quoted('all is well')}.`);
  });

  it.each([
    ['a mesh proxy opened it, and nobody knows what for', ['connected'], 'NOT CHECKED'],
    ['an address is open still', ['timeout', 'not_checked'], 'NOT CHECKED'],
    ['every address failed', ['timeout', 'refused'], 'NOT REACHED'],
  ] as const)('execProbe says of a target: %s', (_name, outcomes, words) => {
    const connects = outcomes.map((outcome, index) => ({ address: `192.0.2.${index}`, outcome }));
    const lookup = { outcome: 'resolved', addresses: ['192.0.2.0'], cnames: [] } as const;
    const target = { role: 'asked', host: 'a.example', port: 443, reached: false, lookup, connects } as const;
    const targets = [{ ...target, tls: { outcome: 'not_checked' } }] as const;
    expect(renderProbe({ subject, limits: [], targets, findings: [] }, STYLE)).toContain(`${words}: a.example`);
  });

  it('execProbe leaves out no limit without saying so', () => {
    const limits = Array.from({ length: 14 }, (_, index) => `limit ${index}`);
    expect(renderProbe({ subject, limits, targets: [], findings: [] }, STYLE)).toContain('2 more limits');
  });

  it('execProbe', async () => {
    const tls = { outcome: 'not_checked' } as const;
    const lookup = { outcome: 'resolved', addresses: ['192.0.2.20'], cnames: ['blob.store.example'] } as const;
    const text = renderProbe(
      {
        subject,
        rung: 'python3',
        limits: ['TLS trust is judged with the image’s own store'],
        targets: [
          {
            role: 'asked',
            host: 'files.vendor.example',
            port: 443,
            reached: false,
            lookup,
            connects: [{ address: '192.0.2.20', outcome: 'timeout', ms: 3000 }],
            tls,
          },
          {
            role: 'comparison',
            host: 'api.vendor.example',
            port: 443,
            because: 'the policy allows it',
            reached: true,
            lookup,
            connects: [{ address: '192.0.2.10', outcome: 'connected', ms: 4 }],
            tls: { outcome: 'ok' },
          },
        ],
        findings: [],
      },
      STYLE,
    );
    await expect(text).toMatchFileSnapshot('goldens/probe.txt');
  });

  it('grepPodLogs', async () => {
    const failure = {
      class: 'connect_timeout',
      host: 'files.vendor.example',
      port: 443,
      container: 'app',
      count: 12,
      lastSeen: when,
      excerpt: 'timed out',
    } as const;
    const text = renderLogs(
      {
        subject,
        linesRead: 400,
        truncated: true,
        failures: [failure],
        urls: [{ host: 'files.vendor.example', port: 443, presigned: 'aws-s3-v4', display: '/a', count: 12 }],
        matches: [{ container: 'app', when, line: 'GET /a' }],
        findings: [],
      },
      STYLE,
    );
    await expect(text).toMatchFileSnapshot('goldens/logs.txt');
  });

  it('observeFlows', async () => {
    const flow = {
      time: when,
      verdict: 'dropped',
      dropReason: 'POLICY_DENIED',
      direction: 'egress',
      source: { pod: 'checkout-7d9f' },
      destination: { ip: '192.0.2.20', port: 443, protocol: 'TCP', names: [], labels: [] },
      allowedBy: [],
      deniedBy: [],
      summary: 'dropped (POLICY_DENIED): checkout-7d9f → 192.0.2.20:443',
    } as const;
    const answer = { subject, source: 'hubble observe', truncated: false, flows: [flow], findings: [] };
    await expect(renderFlows(answer, STYLE)).toMatchFileSnapshot('goldens/flows.txt');
  });

  it('diffGitPolicies', async () => {
    const drift = {
      policy,
      kind: 'differs',
      file: { path: 'policies/checkout.yaml', document: 0 },
      differences: [{ path: 'spec.egress[1].toFQDNs', live: [{ matchName: 'x.example' }], git: [] }],
      consequence: 'the next sync removes it',
    } as const;
    const answer = {
      subject,
      repository: 'https://git.example/shop',
      ref: 'main',
      commit: '0123456789abcdef',
      policies: [
        drift,
        { policy: { ...policy, name: 'other' }, kind: 'same', differences: [], consequence: '' } as const,
      ],
      skipped: [{ path: 'broken.yaml', reason: 'not YAML' }],
      findings: [],
    };
    await expect(renderDrift(answer, STYLE)).toMatchFileSnapshot('goldens/drift.txt');
  });

  it('proposePolicyFix', async () => {
    const answer = { subject, decision: 'denied', fix: BLOCKED.fix!, findings: [] } as const;
    await expect(renderFix(answer, STYLE)).toMatchFileSnapshot('goldens/fix.txt');
  });
});
