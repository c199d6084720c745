/** What Argo CD makes of differences, by what it found itself and what was applied last; the rows that a running application controller was seen to do. */
import { describe, expect, it } from 'vitest';
import type { FieldManager } from '../../../src/core/model/object-meta.ts';
import type { ArgoApplication, SyncForecast } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';
import { application, driftIn, NEW, type SyncWorld, TRACKING } from './sync-world.ts';

type Row = [name: string, world: SyncWorld, outcome: SyncForecast['outcome'], says: RegExp];

const A = ['api.vendor.example'];
const AB = [...A, 'files.vendor.example'];
const BEFORE = '2026-01-02T03:04:04Z';
const EDITED_AT = '2026-01-02T03:04:05Z';
const SINCE = '2026-01-02T03:04:06Z';
const edit: FieldManager = { manager: 'kubectl-edit', operation: 'Update', time: EDITED_AT };
const annotations = { 'argocd.argoproj.io/tracking-id': TRACKING };
const entry = (more: object = {}) => ({
  group: 'cilium.io',
  kind: 'CiliumNetworkPolicy',
  namespace: 'shop',
  name: 'checkout',
  status: 'Synced',
  requiresPruning: false,
  ...more,
});
const other = entry({ name: 'other' });
const synced: Partial<ArgoApplication> = { resources: [entry()], comparedAt: SINCE };
const outOfSync: Partial<ArgoApplication> = { resources: [entry({ status: 'OutOfSync' })], comparedAt: SINCE };
const one = (...more: readonly Partial<ArgoApplication>[]) => [application(Object.assign({}, ...more))];
const rule = (more: object) => ({
  ignoreDifferences: [
    { group: 'cilium.io', kind: 'CiliumNetworkPolicy', jsonPointers: [], jqPathExpressions: [], managers: [], ...more },
  ],
});
const byJq = rule({ jqPathExpressions: ['.spec.egress[].toFQDNs'] });
const byPointer = rule({ jsonPointers: ['/spec/egress'] });
const RESPECT = { syncOptions: ['RespectIgnoreDifferences=true'] };
const edited = { live: AB, git: A, annotations, managers: [edit] };

const FOUND: Row[] = [
  ['ignored by jq, found synced since', { ...edited, controllers: one(synced, byJq) }, 'reverted', /next commit/],
  [
    'ignored by jq, found synced before',
    { ...edited, controllers: one(synced, byJq, { comparedAt: BEFORE }) },
    'not_checked',
    /not have looked yet/,
  ],
  [
    'ignored by jq, found synced in the same second',
    { ...edited, controllers: one(synced, byJq, { comparedAt: EDITED_AT }) },
    'not_checked',
    /not have looked yet/,
  ],
  ['ignored by jq and respected', { ...edited, controllers: one(synced, byJq, RESPECT) }, 'kept', /Respect/],
  [
    'ignored by manager and respected',
    { ...edited, controllers: one(synced, rule({ managers: ['kubectl-edit'] }), RESPECT) },
    'kept',
    /Respect/,
  ],
  ['jq leaves a difference', { ...edited, controllers: one(outOfSync, byJq) }, 'reverted', /usually within seconds/],
  [
    'jq leaves a difference, and what it ignores is respected',
    { ...edited, controllers: one(outOfSync, byJq, RESPECT) },
    'not_checked',
    /by jq/,
  ],
  [
    'a pointer covers it, and something else is out of sync',
    { ...edited, controllers: one(outOfSync, byPointer) },
    'reverted',
    /usually within seconds/,
  ],
  ['found synced since, and nothing says why', { ...edited, controllers: one(synced) }, 'not_checked', /not read/],
  [
    'jq, a commit to come',
    { ...edited, compared: { commit: NEW }, controllers: one(synced, byJq) },
    'not_checked',
    /by jq/,
  ],
];

const base = cnp('checkout', [fqdnRule(A)], { annotations, managers: [edit] });
const withDeny = (appliedSpec?: readonly string[]) => ({
  livePolicy: {
    ...base,
    meta: { ...base.meta, ...(appliedSpec && { appliedSpec }) },
    rules: base.rules.map((each) => ({
      ...each,
      rule: { ...each.rule, egressDeny: [{ toCIDR: ['203.0.113.9/32'] }] },
    })),
  },
  git: A,
});
const ownedBy = (manager: string, operation = 'Apply'): FieldManager => ({
  manager,
  operation,
  time: EDITED_AT,
  owns: ['spec.egressDeny'],
});
const withOwners = (...managers: readonly FieldManager[]) => {
  const { livePolicy } = withDeny();
  return { livePolicy: { ...livePolicy, meta: { ...livePolicy.meta, managers } }, git: A };
};
const NEVER = ['endpointSelector', 'egress'];
const ONCE = [...NEVER, 'egressDeny'];
const option = (value: string) => ({ syncOptions: [value] });

const UNWRITTEN: Row[] = [
  ['never applied', { ...withDeny(NEVER), controllers: one(synced) }, 'kept', /last-applied-configuration/],
  [
    'never applied, before Argo CD has looked',
    { ...withDeny(NEVER), controllers: one(synced, { comparedAt: BEFORE }) },
    'kept',
    /last-applied-configuration/,
  ],
  [
    'never applied, a commit to come',
    { ...withDeny(NEVER), compared: { commit: NEW }, controllers: one() },
    'kept',
    /./,
  ],
  ['applied last time', { ...withDeny(ONCE), controllers: one(outOfSync) }, 'reverted', /syncs by itself/],
  ['what was applied is not known', { ...withDeny(), controllers: one(outOfSync) }, 'not_checked', /was not read/],
  ['not known, and found synced since', { ...withDeny(), controllers: one(synced) }, 'kept', /stays/],
  [
    'server-side apply asks no last-applied-configuration',
    { ...withDeny(ONCE), controllers: one(outOfSync, option('ServerSideApply=true')) },
    'not_checked',
    /was not read/,
  ],
  [
    'server-side apply, owned by Argo CD alone',
    { ...withOwners(ownedBy('argocd-controller')), controllers: one(outOfSync, option('ServerSideApply=true')) },
    'reverted',
    /syncs by itself/,
  ],
  [
    'server-side apply, owned by an editor',
    { ...withOwners(ownedBy('kubectl-edit', 'Update')), controllers: one(option('ServerSideApply=true')) },
    'kept',
    /other managers own it/,
  ],
  [
    'server-side apply, found synced since',
    { ...withDeny(), controllers: one(synced, option('ServerSideApply=true')) },
    'kept',
    /stays/,
  ],
  [
    'replaced, found synced since',
    { ...withDeny(), controllers: one(synced, option('Replace=true')) },
    'reverted',
    /next commit/,
  ],
  [
    'ignored, and an apply leaves it anyway',
    { ...withDeny(NEVER), controllers: one(rule({ jsonPointers: ['/spec/egressDeny'] })) },
    'kept',
    /last-applied-configuration/,
  ],
];

const removed = { live: A, annotations };
const extra = entry({ status: 'OutOfSync', requiresPruning: true });
const EMPTIED: Row[] = [
  ['all go, which is refused', { ...removed, controllers: one({ resources: [extra] }) }, 'kept', /allowEmpty/],
  ['all may go', { ...removed, controllers: one({ resources: [extra], allowEmpty: true }) }, 'pruned', /prunes/],
  [
    'the only one, in a commit to come',
    { ...removed, compared: { commit: NEW }, controllers: one({ resources: [entry()] }) },
    'not_checked',
    /allowEmpty/,
  ],
  [
    'one of two, in a commit to come',
    { ...removed, compared: { commit: NEW }, controllers: one({ resources: [entry(), other] }) },
    'pruned',
    /once/,
  ],
  [
    'Prune=confirm of the Application',
    { ...removed, controllers: one({ resources: [extra, other] }, option('Prune=confirm')) },
    'not_checked',
    /since 3\.4/,
  ],
];

const deep = { live: A, git: A, annotations, file: 'clusters/prod/deep/checkout.yaml' };
const source = application().source;
const fetched = source && { source: { ...source, revision: NEW } };
const broken = { commit: NEW, skipped: [{ path: 'clusters/prod/x.yaml', reason: 'broken YAML at line 2' }] };
const LEFT_OUT: Row[] = [
  [
    'found extra, though a file holds it',
    { ...deep, controllers: one({ resources: [extra, other] }) },
    'pruned',
    /prunes/,
  ],
  [
    'the same, and it differs',
    { ...deep, live: AB, controllers: one({ resources: [extra, other] }) },
    'pruned',
    /prunes/,
  ],
  [
    'below its folder, in a commit to come',
    { ...deep, compared: { commit: NEW }, controllers: one({ resources: [entry(), other] }) },
    'pruned',
    /once/,
  ],
  [
    'below its folder, recursed into',
    {
      ...deep,
      compared: { commit: NEW },
      controllers: one({ directory: { recurse: true }, resources: [entry(), other] }),
    },
    'kept',
    /Git says the same/,
  ],
  [
    'a file that is not read, of a commit that was compared',
    { ...edited, compared: broken, controllers: one(fetched ?? {}) },
    'reverted',
    /next automated sync/,
  ],
  [
    'the same, in a commit to come',
    { ...edited, compared: broken, controllers: one() },
    'not_checked',
    /nothing of this commit/,
  ],
];

const stumbles = (file: string) => ({
  failing: `ComparisonError: Failed to load target state: code = FailedPrecondition desc = Failed to unmarshal "${file}": x`,
});
const STUMBLING: Row[] = [
  [
    'over a file that is not read here either',
    { ...edited, compared: broken, controllers: one(stumbles('x.yaml')) },
    'kept',
    /could not be read here either/,
  ],
  [
    'over another file, of another commit',
    { ...edited, compared: broken, controllers: one(stumbles('y.yaml')) },
    'not_checked',
    /nothing of this commit/,
  ],
  [
    'over a file that is repaired',
    { ...edited, compared: { commit: NEW }, controllers: one(stumbles('x.yaml')) },
    'reverted',
    /once/,
  ],
];

const NO_HEAL = { selfHeal: false };
const NAMED = { namesPaths: true };
const SET_OFF: Row[] = [
  ['any commit counts', { ...edited, controllers: one(NO_HEAL) }, 'kept', /at the next commit\)/],
  [
    'only commits to named paths count',
    { ...edited, controllers: one(NO_HEAL, NAMED) },
    'kept',
    /generate-paths names\)/,
  ],
  [
    'a commit to come, which may not count',
    { ...edited, compared: { commit: NEW }, controllers: one(NO_HEAL, NAMED) },
    'not_checked',
    /was not read/,
  ],
  [
    'a commit to come, and it heals itself anyway',
    { ...edited, compared: { commit: NEW }, controllers: one(NAMED) },
    'reverted',
    /once/,
  ],
  [
    'a failed sync is tried again',
    { ...edited, controllers: one({ retrying: true }) },
    'not_checked',
    /tries a sync that failed again/,
  ],
];

const second = application({ object: { kind: 'Application', namespace: 'argocd', name: 'twin' }, instance: 'twin' });
const SHARED: Row[] = [
  [
    'in the sources of two Applications',
    {
      ...edited,
      controllers: [application({ ...outOfSync, automated: false }), { ...second, resources: [entry()] }],
    },
    'not_checked',
    /argocd\/shop and Application argocd\/twin both list it/,
  ],
];

describe.each([
  ['what Argo CD found', FOUND],
  ['fields that Git does not write', UNWRITTEN],
  ['nothing left', EMPTIED],
  ['what its source leaves out', LEFT_OUT],
  ['what it stumbles over', STUMBLING],
  ['what sets it off', SET_OFF],
  ['two owners', SHARED],
])('%s', (_name, rows) => {
  it.each(rows)('%s', (_row, world, outcome, says) => {
    const { forecast, consequence } = driftIn(world);
    expect([forecast?.outcome, forecast?.because]).toEqual([outcome, expect.any(String)]);
    expect(consequence).toMatch(says);
  });
});
