/** Flows that Calico folds together: their empty list of single flows is never "no drop", and what they show supports a verdict without making one. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/model/evidence.ts';
import type { FlowReport, GroupedFlow, PolicyHit } from '../../../src/core/model/flow.ts';
import type { LogFailure } from '../../../src/core/model/logs.ts';
import type { ConnectOutcome } from '../../../src/core/model/probe.ts';
import { type Case, notRead } from '../../../src/core/verdict/case.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { foldedDropFinding, groupFindings } from '../../../src/core/verdict/groups-explained.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import * as fc from '../support/fast-check.ts';
import { AS_OF, caseOf, type EndpointSpec, endpoint, logs, POD, STATE, stage } from './case-builder.ts';

const END_OF_TIER: PolicyHit = {
  kind: 'EndOfTier',
  tier: 'default',
  name: '',
  action: 'denied',
  trigger: { kind: 'CalicoNetworkPolicy', tier: 'default', namespace: 'shop', name: 'egress' },
};
const OWN: GroupedFlow = {
  from: '2026-11-24T11:59:00Z',
  to: '2026-11-24T11:59:45Z',
  action: 'denied',
  reporter: 'source',
  source: { namespace: 'shop', name: 'checkout-1' },
  destination: { kind: 'public', port: 443, protocol: 'TCP' },
  packets: 4,
  enforced: [END_OF_TIER],
  staged: [END_OF_TIER],
};
const GROUP: GroupedFlow = { ...OWN, source: { namespace: 'shop', name: 'checkout-*' } };

const report = (...grouped: readonly GroupedFlow[]): FlowReport => ({
  flows: [],
  grouped,
  source: 'Whisker calico-system/whisker-1',
  truncated: false,
});
const read = (...grouped: readonly GroupedFlow[]) => ({ ok: true as const, value: report(...grouped) });

const CALICO = { ...STATE, engine: { cni: 'calico' as const, version: '3.31.0', seenBy: 'test' } };
const UNREAD = notRead('flows', 'unsupported', 'nobody answers');
const FAILURE: LogFailure = {
  class: 'connect_timeout',
  host: 'files.vendor.example',
  port: 443,
  container: 'app',
  count: 1,
  excerpt: 'timed out',
  lastSeen: '2026-11-24T11:50:00Z',
};

function seen(spec: EndpointSpec, more: Partial<Case> = {}): Case {
  const works = endpoint({ role: 'comparison', host: 'api.vendor.example', address: '203.0.113.30' });
  return caseOf([endpoint(spec), works], { state: CALICO, logs: logs({ failures: [FAILURE] }), ...more });
}

const byId = (findings: readonly Finding[], id: string) => findings.find((finding) => finding.id === id);
const findings = (about: Case) => findingsOf(about, about.endpoints[0]);

/** What was judged, without words. */
const judged = (about: Case) => {
  const { verdict, cause } = judge(about);
  return [verdict, cause?.class, cause?.confidence];
};

const DENIED: EndpointSpec = { connect: 'timeout', connectStage: stage('denied', 'default_deny') };

describe('the law: a list of folded flows says nothing of drops that it does not show', () => {
  const OUTCOMES: readonly ConnectOutcome[] = ['connected', 'timeout', 'refused', 'reset', 'unreachable'];
  const STAGES = [
    stage('allowed', 'allowed_by_rule'),
    stage('denied', 'default_deny'),
    stage('denied', 'explicit_deny'),
    stage('unknown', 'incomplete_state'),
  ];
  const specs = fc.record({
    connect: fc.constantFrom(...OUTCOMES),
    connectStage: fc.constantFrom(...STAGES),
    probed: fc.boolean(),
  });
  const reports = fc.constantFrom(
    read(),
    read(OWN),
    read(GROUP),
    read(GROUP, OWN),
    read({ ...GROUP, action: 'allowed' }),
  );

  it('verdict, class and confidence are what they are where no flows were read', () => {
    fc.assert(
      fc.property(specs, reports, reports, (spec, flows, pastFlows) => {
        expect(judged(seen(spec, { flows, pastFlows }))).toEqual(judged(seen(spec, { flows: UNREAD })));
      }),
    );
  });

  it('nothing is ruled out by them', () => {
    fc.assert(
      fc.property(specs, reports, reports, (spec, flows, pastFlows) => {
        const found = findings(seen(spec, { flows, pastFlows }));
        expect(byId(found, 'engine-reports-drop')?.state).toBe('not_checked');
        expect(byId(found, 'drop-at-failure')?.state).toBe('not_checked');
      }),
    );
  });

  it('what comes later is worth a later look, unless the endpoint works', () => {
    const next = (spec: EndpointSpec) =>
      byId(findings(seen(spec, { flows: read() })), 'engine-reports-drop')?.notChecked;
    expect(next(DENIED)?.nextStep).toContain('observeFlows half a minute later');
    expect(next({ connect: 'connected' })).not.toHaveProperty('nextStep');
  });

  it('an empty report of single flows does say something, which is how this law can be broken', () => {
    const single = { ok: true as const, value: { flows: [], source: 'hubble', truncated: false } };
    expect(judged(seen(DENIED, { flows: single }))).toEqual(['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely']);
    expect(judged(seen(DENIED, { flows: read() }))).toEqual(['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'proven']);
    expect(byId(findings(seen(DENIED, { flows: single })), 'engine-reports-drop')?.state).toBe('ruled_out');
  });

  it('a denied group proves nothing that our rules do not deny', () => {
    const allowed = { connect: 'timeout' as const };
    expect(judge(seen(allowed, { flows: read(OWN) })).verdict).toBe('undetermined');
    const open = { connect: 'timeout' as const, connectStage: stage('unknown', 'incomplete_state') };
    expect(judge(seen(open, { flows: read(OWN) })).verdict).toBe('undetermined');
  });
});

describe('the finding on one endpoint', () => {
  const about = (
    flow: GroupedFlow,
    spec: EndpointSpec & { readonly addresses?: readonly string[] } = DENIED,
    more = {},
  ) => {
    const { addresses = ['203.0.113.20'], ...rest } = spec;
    const asked = endpoint(rest);
    const destination = { ...asked.evaluation.destination, addresses };
    const whole = { ...asked, evaluation: { ...asked.evaluation, destination } };
    return byId(findings(caseOf([whole], { state: CALICO, flows: read(flow), ...more })), 'engine-denies-group');
  };

  it('names the group, of which the pod is one, and the policy of the tier that ended', () => {
    const found = about(GROUP);
    expect(found).toMatchObject({ state: 'confirmed' });
    expect(found?.statement).toBe(
      'Calico denied TCP/443 from pods shop/checkout-* (this pod is one of them) to public addresses; connections to files.vendor.example:443 may be among them, as may those to others.',
    );
    expect(found?.evidence[0]?.what).toBe(
      '4 packet(s) since about 2026-11-24T11:59:00Z; denied by the end of tier default: NetworkPolicy.projectcalico.org shop/egress selects the pod, and nothing in the tier matched',
    );
  });

  it.each([
    ['another port', { port: 80 }, {}],
    ['another protocol', { protocol: 'UDP' }, {}],
    ['addresses of another range', { kind: 'private' }, {}],
    ['a pod', { kind: 'named', name: 'db-*', namespace: 'shop' }, {}],
  ] as const)('is not told of %s', (_, destination, more) => {
    const flow = { ...OWN, destination: { ...OWN.destination, ...destination }, ...more };
    expect(about(flow)).toBeUndefined();
  });

  it.each([
    ['what was let through', { action: 'allowed' }],
    ['another namespace', { source: { namespace: 'bank', name: 'checkout-1' } }],
    ['another pod', { source: { namespace: 'shop', name: 'checkout-2' } }],
    ['another group', { source: { namespace: 'shop', name: 'ledger-*' } }],
  ] as const)('is not told of %s', (_, more) => {
    expect(about({ ...OWN, ...more })).toBeUndefined();
  });

  it('is not told of an endpoint that this pod reaches', () => {
    expect(about(GROUP, { connect: 'connected' })).toBeUndefined();
  });

  it('a destination is told by its pod, its NetworkSet, and else by its range', () => {
    const set = (namespace?: string) => ({
      kind: namespace === undefined ? ('GlobalNetworkSet' as const) : ('NetworkSet' as const),
      meta: { ...POD.meta, name: 'partners', ...(namespace === undefined ? {} : { namespace }) },
      nets: ['203.0.113.0/24'],
      allowedEgressDomains: [],
    });
    const { namespace: _, ...nowhere } = POD.meta;
    const globalSet = { ...set(), meta: { ...nowhere, name: 'partners' } };
    const inSet = { state: { ...CALICO, calico: { sets: [globalSet] } } };
    const named = (name: string, namespace?: string): GroupedFlow => ({
      ...OWN,
      destination: {
        kind: 'named',
        name,
        ...(namespace === undefined ? {} : { namespace }),
        port: 443,
        protocol: 'TCP',
      },
    });
    expect(about(OWN, DENIED, inSet)).toBeUndefined();
    expect(about(named('partners'), DENIED, inSet)).toBeDefined();
    expect(about(named('others'), DENIED, inSet)).toBeUndefined();
    expect(about(named('partners', 'shop'), DENIED, inSet)).toBeUndefined();

    const db = { ...POD, meta: { ...POD.meta, name: 'db-0' }, podIPs: ['10.0.0.9'] };
    const withDb = { state: { ...CALICO, pods: [POD, db] } };
    const toDb = { ...DENIED, addresses: ['10.0.0.9'] };
    expect(about(named('db-*', 'shop'), toDb, withDb)).toBeDefined();
    expect(about(named('db-*', 'bank'), toDb, withDb)).toBeUndefined();
    const privately = { ...OWN, destination: { ...OWN.destination, kind: 'private' as const } };
    expect(about(privately, toDb, withDb)).toBeUndefined();
    expect(about(privately, { ...DENIED, addresses: ['10.9.9.9'] }, withDb)).toBeDefined();
    // Felix knows no private range of IPv6, nor the carriers' one.
    for (const address of ['fd00::1', '100.64.0.1'])
      expect(about(OWN, { ...DENIED, addresses: [address] }, withDb)).toBeDefined();
  });

  it('where the addresses are not known, both ranges may be meant', () => {
    const nowhere = { ...DENIED, lookup: 'nxdomain' as const, addresses: [] };
    expect(about(OWN, nowhere)).toBeDefined();
    expect(about({ ...OWN, destination: { ...OWN.destination, kind: 'private' } }, nowhere)).toBeDefined();
  });

  const POLICY = { kind: 'NetworkPolicy.projectcalico.org', namespace: 'shop', name: 'default.egress' };
  it.each([
    ['agrees', 'denied', [POLICY], /Calico names the same/],
    ['denies it elsewhere', 'denied', [{ ...POLICY, name: 'default.other' }], /denied, too, though not by the policy/],
    [
      'lets it through',
      'allowed',
      [],
      /is allowed: what was denied went elsewhere, or the policies have changed since/,
    ],
    ['is open', 'unknown', [], /it is open whether/],
  ] as const)('says beside it that our evaluation %s', (_, decision, isolatedBy, what) => {
    const asked = endpoint({ connect: 'timeout', connectStage: stage(decision, 'default_deny') });
    const whole = { ...asked, evaluation: { ...asked.evaluation, isolatedBy } };
    const found = findings(caseOf([whole], { state: CALICO, flows: read(OWN) }));
    expect(byId(found, 'engine-denies-group')?.evidence.at(-1)).toMatchObject({
      source: 'policy',
      what: expect.stringMatching(what),
    });
  });

  it('of the time of the last failure it is told apart, and only where the logs show the endpoint', () => {
    const past = (about: Case) => byId(findings(about), 'group-denied-at-failure');
    expect(past(seen(DENIED, { flows: UNREAD, pastFlows: read(GROUP) }))?.statement).toContain(
      'around the time when the logs last show a failure',
    );
    expect(past(seen(DENIED, { flows: UNREAD, pastFlows: read(GROUP), logs: logs({}) }))).toBeUndefined();
  });
});

describe('what observeFlows finds', () => {
  const dropped = (flow: GroupedFlow | undefined, created = '2026-11-24T11:00:00Z') =>
    foldedDropFinding('Dropped.', report(...(flow ? [flow] : [])), {
      ...POD,
      meta: { ...POD.meta, creationTimestamp: created },
    });

  it.each([
    ['nothing was told', undefined, 'not_checked', /not that none were/],
    ['a pod of the group was denied', GROUP, 'not_checked', /of which this pod is one/],
    ['this very pod was denied', OWN, 'confirmed', undefined],
    ['it was let through', { ...OWN, action: 'allowed' as const }, 'not_checked', /not that none were/],
  ])('%s', (_, flow, state, reason) => {
    const found = dropped(flow);
    expect(found.state).toBe(state);
    expect(found.notChecked?.reason).toEqual(reason === undefined ? undefined : expect.stringMatching(reason));
  });

  it.each([
    ['after the flow began', '2026-11-24T11:59:30Z', 'not_checked'],
    ['right before it, when packets of before are counted still', '2026-11-24T11:58:55Z', 'not_checked'],
    ['long before', '2026-11-24T11:58:40Z', 'confirmed'],
  ])('a pod of the same name may have been there before one that was created %s', (_, created, state) => {
    const found = dropped(OWN, created);
    expect(found.state).toBe(state);
    if (state === 'not_checked') expect(found.notChecked?.reason).toContain('an earlier pod of that name');
  });

  const found = (...flows: readonly GroupedFlow[]) => groupFindings(report(...flows), POD);

  it('names who was denied what, once for each policy', () => {
    const other: PolicyHit = { kind: 'GlobalNetworkPolicy', tier: 'security', name: 'block-all', action: 'denied' };
    const all = found(GROUP, { ...GROUP, packets: 2 }, { ...GROUP, enforced: [other] }, OWN);
    expect(all.map(({ id, evidence }) => `${id}: ${evidence[0]?.what.split('; ')[1]}`)).toEqual([
      'flow-denied-group: denied by the end of tier default: NetworkPolicy.projectcalico.org shop/egress selects the pod, and nothing in the tier matched',
      'flow-denied-group: denied by GlobalNetworkPolicy.projectcalico.org block-all (tier security)',
      'flow-denied-by: denied by the end of tier default: NetworkPolicy.projectcalico.org shop/egress selects the pod, and nothing in the tier matched',
    ]);
    expect(all[0]?.evidence[0]?.what).toMatch(/^6 packet/);
    expect(all[2]?.statement).toBe('Calico denied TCP/443 from pod shop/checkout-1 to public addresses.');
  });

  it('says where the receiver’s side denied, and where no policy is told', () => {
    const [one] = found({ ...GROUP, reporter: 'destination', enforced: [] });
    expect(one?.evidence[0]?.what).toMatch(/on the receiver’s side; which policy denied is not told/);
  });

  it('tells staged policies apart from those that are enforced', () => {
    const staged: PolicyHit = { kind: 'StagedGlobalNetworkPolicy', tier: 'default', name: 'tighten', action: 'denied' };
    const [one, ...more] = found({ ...GROUP, action: 'allowed', enforced: [], staged: [staged] });
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      id: 'flow-staged-deny',
      statement: expect.stringContaining('would be denied if its staged policies were enforced'),
      evidence: [{ what: expect.stringContaining('StagedGlobalNetworkPolicy tighten'), when: OWN.to }],
    });
    expect(found({ ...GROUP, action: 'allowed', staged: [END_OF_TIER] })).toEqual([]);
  });

  it('has nothing to say of other pods, which a capture may hold', () => {
    expect(found({ ...GROUP, source: { namespace: 'shop', name: 'ledger-*' } })).toEqual([]);
  });

  it('the time of the case is not used for flows', () => expect(found(GROUP)[0]?.evidence[0]?.when).not.toBe(AS_OF));
});
