/** The question that an endpoint's probe turns into: server name where TLS was spoken, other names of its addresses. */
import { describe, expect, it } from 'vitest';
import type { ProbeReport, TargetReport } from '../../../src/core/model/probe.ts';
import { notRead } from '../../../src/core/verdict/case.ts';
import { endpointCase } from '../../../src/diagnose/steps/endpoints.ts';
import { named } from '../policy/near-miss.ts';
import { cnp, dnsRule, P, ports, world } from '../policy/world.ts';

const report = (host: string, tls: TargetReport['tls']['outcome']): TargetReport => ({
  id: `${host}|443`,
  host,
  port: 443,
  lookup: { outcome: 'resolved', addresses: ['203.0.113.10'], cnames: [] },
  connects: [{ address: '203.0.113.10', outcome: 'connected' }],
  tls: { outcome: tls },
});
const probed = (...targets: TargetReport[]): ProbeReport => ({
  pod: { namespace: 'default', name: 'p' },
  container: 'app',
  rung: 'python3',
  limits: [],
  proxyEnv: {},
  targets,
  startedAt: '',
  finishedAt: '',
});
const asked = { role: 'asked', host: 'files.vendor.example', port: 443, because: '' } as const;
const flows = notRead('flows', 'forbidden', 'RBAC');
const evaluationOf = (rule: Parameters<typeof cnp>[1], ...targets: TargetReport[]) =>
  endpointCase(asked, { state: world([cnp('c', rule)]), pod: P, probe: { ok: true, value: probed(...targets) }, flows })
    .evaluation;

describe('what the probe tells', () => {
  const filtered = {
    egress: [
      dnsRule(),
      { toEntities: ['world'], toPorts: [{ ports: ports('443/TCP'), serverNames: ['api.vendor.example'] }] },
    ],
  };
  it('the server name, where TLS was spoken', () => {
    expect(evaluationOf(filtered, report(asked.host, 'reset')).connect.reason).toBe('server_name_refused');
    expect(evaluationOf(filtered, report(asked.host, 'not_checked')).connect.reason).toBe('allowed_by_rule');
  });
  it('a name with the same address', () => {
    const rule = { egress: [dnsRule(), named(['api.vendor.example'])] };
    const alone = evaluationOf(rule, report(asked.host, 'ok'));
    const beside = evaluationOf(rule, report(asked.host, 'ok'), report('api.vendor.example', 'ok'));
    expect([alone.decision, beside.decision]).toEqual(['denied', 'allowed']);
    expect(beside.nearMisses.map(({ kind }) => kind)).toEqual(['shared_address']);
  });
});
