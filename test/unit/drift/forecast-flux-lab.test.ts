/** Forecasts that real controllers of Flux have shown to be right or wrong; the lab's suite has the same cases with objects. */
import { describe, expect, it } from 'vitest';
import type { FieldManager } from '../../../src/core/model/object-meta.ts';
import type { FluxKustomization, SyncForecast } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';
import { driftIn, kustomization, FLUX_LABELS as labels, NEW, OLD, type SyncWorld } from './sync-world.ts';

type Row = [name: string, world: SyncWorld, outcome: SyncForecast['outcome'], says: RegExp];

const one = (more: Partial<FluxKustomization> = {}) => [kustomization(more)];
const ssa = (value: string) => ({ 'kustomize.toolkit.fluxcd.io/ssa': value });
const A = ['api.vendor.example'];
const AB = ['api.vendor.example', 'files.vendor.example'];
const edited = { live: AB, git: A, labels };
const atNew = { commit: NEW };
const source = (more: object) => ({ ...kustomization().source, ...more }) as NonNullable<FluxKustomization['source']>;
const fetched = { source: source({ revision: `main@sha1:${NEW}` }) };
const broken = { failing: 'BuildFailed: not YAML' };

const denied = cnp('checkout', [fqdnRule(A)], { labels });
const DENY = { egressDeny: [{ toCIDR: ['203.0.113.9/32'] }] };

interface Owners {
  readonly managers: readonly FieldManager[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly live?: readonly string[];
}

/** Live has `spec.egressDeny`, which Git does not write. */
function withDeny({ managers, annotations = {}, live = A }: Owners): Pick<SyncWorld, 'livePolicy' | 'git'> {
  const base = cnp('checkout', [fqdnRule(live)], { labels });
  return {
    livePolicy: {
      ...base,
      meta: { ...denied.meta, annotations, managers },
      rules: base.rules.map((entry) => ({ ...entry, rule: { ...entry.rule, ...DENY } })),
    },
    git: A,
  };
}

const entry = (manager: string, operation: string, ...owns: string[]): FieldManager => ({ manager, operation, owns });
const applier = (...owns: string[]) =>
  entry('kustomize-controller', 'Apply', 'spec.egress', 'spec.endpointSelector', ...owns);
const operator = entry('policy-operator', 'Update', 'spec.egressDeny');

const OWNERS: Row[] = [
  [
    'kubectl owns the field',
    { ...withDeny({ managers: [applier(), entry('kubectl-edit', 'Update', 'spec.egressDeny')] }), controllers: one() },
    'reverted',
    /does not write spec\.egressDeny/,
  ],
  [
    'kubectl applied it on the server',
    { ...withDeny({ managers: [applier(), entry('kubectl', 'Apply', 'spec.egressDeny')] }), controllers: one() },
    'reverted',
    /removes it/,
  ],
  [
    'another manager owns it',
    { ...withDeny({ managers: [applier(), operator] }), controllers: one() },
    'kept',
    /spec\.egressDeny, which Git does not write, belongs to policy-operator, and stays/,
  ],
  [
    'both own it',
    {
      ...withDeny({ managers: [applier(), operator, entry('kubectl-edit', 'Update', 'spec.egressDeny')] }),
      controllers: one(),
    },
    'kept',
    /policy-operator/,
  ],
  [
    'another manager owns a part of it',
    {
      ...withDeny({ managers: [applier(), entry('policy-operator', 'Update', 'spec.egressDeny.x')] }),
      controllers: one(),
    },
    'kept',
    /policy-operator/,
  ],
  [
    'a field whose name only begins alike',
    {
      ...withDeny({ managers: [applier('spec.egressDeny'), entry('policy-operator', 'Update', 'spec.egressDenyAll')] }),
      controllers: one(),
    },
    'reverted',
    /removes it/,
  ],
  [
    'a status of another manager',
    {
      ...withDeny({ managers: [applier('spec.egressDeny'), { ...operator, subresource: 'status' }] }),
      controllers: one(),
    },
    'reverted',
    /removes it/,
  ],
  [
    'the controller applied it, and a commit to come leaves it out',
    { ...withDeny({ managers: [applier('spec.egressDeny')] }), compared: atNew, controllers: one() },
    'reverted',
    /removes it/,
  ],
  [
    'nobody is recorded as its owner',
    { ...withDeny({ managers: [applier()] }), controllers: one() },
    'not_checked',
    /names no owner/,
  ],
  [
    'another manager owns it, and a field that Git writes differs as well',
    { ...withDeny({ managers: [applier(), operator], live: AB }), controllers: one() },
    'reverted',
    /applies it; spec\.egressDeny.*policy-operator, and stays/,
  ],
  [
    'ssa: Merge keeps what kubectl set',
    {
      ...withDeny({
        managers: [applier(), entry('kubectl-edit', 'Update', 'spec.egressDeny')],
        annotations: ssa('Merge'),
      }),
      controllers: one(),
    },
    'kept',
    /ssa: Merge.*kubectl-edit/,
  ],
  [
    'ssa: Merge does not keep what the controller applied before',
    {
      ...withDeny({ managers: [applier('spec.egressDeny')], annotations: ssa('Merge') }),
      compared: atNew,
      controllers: one(),
    },
    'reverted',
    /removes it/,
  ],
  [
    'taken up although another manager owns a field',
    { ...withDeny({ managers: [operator] }), compared: atNew, controllers: one({ inventory: [] }) },
    'kept',
    /policy-operator/,
  ],
  [
    'taken up from kubectl',
    {
      ...withDeny({ managers: [entry('kubectl-client-side-apply', 'Update', 'spec.egress', 'spec.egressDeny')] }),
      compared: atNew,
      controllers: one({ inventory: [] }),
    },
    'reverted',
    /removes it/,
  ],
];

const TAKEN_UP: Row[] = [
  [
    'there already, and ssa: IfNotPresent in Git',
    { ...edited, gitMeta: { annotations: ssa('IfNotPresent') }, compared: atNew, controllers: one({ inventory: [] }) },
    'kept',
    /there already/,
  ],
  [
    'new in Git, the source suspended at what was applied',
    { git: A, compared: atNew, controllers: one({ inventory: [], source: source({ suspended: true }) }) },
    'kept',
    /not before the source is resumed.*suspended/,
  ],
  [
    'new in Git, the source suspended at what was not applied yet',
    {
      git: A,
      compared: { commit: 'c'.repeat(40) },
      controllers: one({ inventory: [], source: source({ suspended: true, revision: `main@sha1:${NEW}` }) }),
    },
    'not_checked',
    /may take it up, but/,
  ],
];

const FAILING: Row[] = [
  [
    'a build that failed, of this commit',
    { ...edited, compared: atNew, controllers: one({ ...broken, ...fetched, attemptedRevision: `main@sha1:${NEW}` }) },
    'kept',
    /applied nothing/,
  ],
  [
    'a build that failed, of a commit before',
    { ...edited, compared: atNew, controllers: one({ ...broken, attemptedRevision: `main@sha1:${OLD}` }) },
    'reverted',
    /once/,
  ],
  [
    'the same, fetched and not tried',
    { ...edited, compared: atNew, controllers: one({ ...broken, ...fetched, attemptedRevision: `main@sha1:${OLD}` }) },
    'reverted',
    /within/,
  ],
  [
    'the same, and a file that cannot be read',
    {
      ...edited,
      compared: { ...atNew, skipped: [{ path: 'clusters/prod/other.yaml', reason: 'not valid YAML' }] },
      controllers: one(broken),
    },
    'not_checked',
    /mends that is not known/,
  ],
  [
    'the same, and only a part of its folder was read',
    { ...edited, compared: atNew, path: 'clusters/prod/a', file: 'clusters/prod/a/x.yaml', controllers: one(broken) },
    'not_checked',
    /mends that is not known/,
  ],
  [
    'an apply that failed, of a commit before',
    { ...edited, compared: atNew, controllers: one({ failing: 'ReconciliationFailed: denied' }) },
    'not_checked',
    /mends that is not known/,
  ],
  [
    'a dependency, whatever the commit',
    { ...edited, compared: atNew, controllers: one({ failing: 'DependencyNotReady: x' }) },
    'kept',
    /DependencyNotReady/,
  ],
];

const ignoring = (paths: readonly string[], target = {}) =>
  one({ ignore: [{ paths, target: { selects: false, ...target } }] });

const IGNORED: Row[] = [
  ['what differs', { ...edited, controllers: ignoring(['/spec/egress']) }, 'kept', /spec\.ignore/],
  ['the field itself', { ...edited, controllers: ignoring(['/spec/egress/0/toFQDNs']) }, 'kept', /spec\.ignore/],
  ['another rule', { ...edited, controllers: ignoring(['/spec/egress/1']) }, 'reverted', /within/],
  ['a name that only begins alike', { ...edited, controllers: ignoring(['/spec/egres']) }, 'reverted', /within/],
  [
    'of this kind and name',
    {
      ...edited,
      controllers: ignoring(['/spec'], { kind: 'CiliumNetworkPolicy', name: 'checkout', namespace: 'shop' }),
    },
    'kept',
    /spec\.ignore/,
  ],
  ['of another kind', { ...edited, controllers: ignoring(['/spec'], { kind: 'Deployment' }) }, 'reverted', /within/],
  ['of another group', { ...edited, controllers: ignoring(['/spec'], { group: 'apps' }) }, 'reverted', /within/],
  ['by a pattern', { ...edited, controllers: ignoring(['/spec'], { name: 'check.*' }) }, 'not_checked', /patterns/],
  ['by a selector', { ...edited, controllers: ignoring(['/spec'], { selects: true }) }, 'not_checked', /selectors/],
  [
    'a selector for another kind',
    { ...edited, controllers: ignoring(['/spec'], { kind: 'Deployment', selects: true }) },
    'reverted',
    /within/,
  ],
  [
    'a field that Git does not write, and kubectl owns',
    {
      ...withDeny({ managers: [applier(), entry('kubectl-edit', 'Update', 'spec.egressDeny')] }),
      controllers: ignoring(['/spec/egressDeny']),
    },
    'kept',
    /spec\.ignore/,
  ],
];

const TARGETS: Row[] = [
  [
    'its file may name another namespace, where all was read',
    { live: A, labels, compared: atNew, controllers: one({ targetNamespace: 'shop' }) },
    'not_checked',
    /into namespace shop; give path clusters\/prod/,
  ],
  [
    'the folder itself was read',
    { live: A, labels, path: 'clusters/prod', compared: atNew, controllers: one({ targetNamespace: 'shop' }) },
    'pruned',
    /once/,
  ],
];

const patched = { transforms: ['patches', 'namePrefix'], overlay: { patches: [], namePrefix: 'a-' } };
const unread = { skipped: [{ path: 'clusters/prod/kustomization.yaml', reason: 'not rendered, read as written: x' }] };

const asApplied = true;
const withVariables = { transforms: ['postBuild.substituteFrom'] };
const unset = {
  skipped: [
    {
      path: 'clusters/prod/checkout.yaml',
      reason:
        'document 1, CiliumNetworkPolicy: not rendered: the value of ${host} may come from Secret s (postBuild.substituteFrom), which is not read',
    },
  ],
};

const OVERLAID: Row[] = [
  [
    'built with its folder',
    { ...edited, path: 'clusters/prod', compared: { asApplied }, controllers: one(patched) },
    'reverted',
    /within/,
  ],
  [
    'where more was read',
    { ...edited, compared: { asApplied }, controllers: one(patched) },
    'not_checked',
    /patches, namePrefix/,
  ],
  [
    'where another one applies the folder as well, so that it was read as written',
    { ...edited, path: 'clusters/prod', controllers: one(patched) },
    'not_checked',
    /patches, namePrefix/,
  ],
  [
    'where it could not be built',
    { ...edited, path: 'clusters/prod', compared: { ...unread, asApplied }, controllers: one(patched) },
    'not_checked',
    /not rendered/,
  ],
  [
    'of which not all is known',
    { ...edited, path: 'clusters/prod', compared: { asApplied }, controllers: one({ transforms: ['patches'] }) },
    'not_checked',
    /patches/,
  ],
  [
    'built, and removed',
    { live: A, labels, path: 'clusters/prod', compared: { ...atNew, asApplied }, controllers: one(patched) },
    'pruned',
    /once/,
  ],
  [
    'built, and new',
    {
      git: A,
      path: 'clusters/prod',
      compared: { ...atNew, asApplied },
      controllers: one({ ...patched, inventory: [] }),
    },
    'created',
    /once/,
  ],
  [
    'components, built',
    {
      ...edited,
      path: 'clusters/prod',
      compared: { asApplied },
      controllers: one({ transforms: ['components'], overlay: { patches: [], components: ['../x'] } }),
    },
    'reverted',
    /within/,
  ],
  [
    'variables, and a file that was removed',
    { live: A, labels, path: 'clusters/prod', compared: { ...atNew, asApplied }, controllers: one(withVariables) },
    'pruned',
    /once/,
  ],
  [
    'variables, one of which is not known',
    {
      live: A,
      labels,
      path: 'clusters/prod',
      compared: { ...atNew, ...unset, asApplied },
      controllers: one(withVariables),
    },
    'not_checked',
    /the value of \$\{host\} may come from Secret s .*, which is not read/,
  ],
  [
    'variables, one of which is not known, of what is applied already',
    { live: A, labels, path: 'clusters/prod', compared: { ...unset, asApplied }, controllers: one(withVariables) },
    'not_checked',
    /it stays, .*the value of \$\{host\} may come from Secret s/,
  ],
  [
    'a variable of another file that is not known breaks nothing',
    {
      ...edited,
      path: 'clusters/prod',
      compared: { ...atNew, ...unset, asApplied },
      controllers: one(withVariables),
    },
    'reverted',
    /once/,
  ],
];

const once = { controls: ssa('IfNotPresent'), transforms: ['commonMetadata'] };

const COMMON: Row[] = [
  ['created once', { ...edited, controllers: one(once) }, 'kept', /Git has .*ssa: IfNotPresent/],
  [
    'created once, and new',
    { git: A, compared: atNew, controllers: one({ ...once, inventory: [] }) },
    'created',
    /once/,
  ],
  [
    'created once, and there already',
    { live: AB, git: A, compared: atNew, controllers: one({ ...once, inventory: [] }) },
    'kept',
    /it is there already/,
  ],
  ['ignored', { ...edited, controllers: one({ controls: ssa('Ignore') }) }, 'kept', /does not apply it/],
  [
    'over what the file says',
    { ...edited, gitMeta: { annotations: ssa('IfNotPresent') }, controllers: one({ controls: ssa('Override') }) },
    'reverted',
    /within/,
  ],
];

const FINALIZERS = ['finalizers.fluxcd.io'];
const deleting = (more: Partial<FluxKustomization> = {}) => one({ deleting: true, finalizers: FINALIZERS, ...more });

const DELETED: Row[] = [
  ['it prunes', { ...edited, controllers: deleting() }, 'pruned', /deletes it as soon as Flux .*\(spec\.prune: true\)/],
  ['it does not prune', { ...edited, controllers: deleting({ prune: false }) }, 'kept', /spec\.prune: false/],
  [
    'it deletes, whatever prune says',
    { ...edited, controllers: deleting({ prune: false, deletionPolicy: 'Delete' }) },
    'pruned',
    /deletionPolicy: Delete/,
  ],
  [
    'it waits for what it deletes',
    { ...edited, controllers: deleting({ deletionPolicy: 'WaitForTermination' }) },
    'pruned',
    /WaitForTermination/,
  ],
  ['it orphans', { ...edited, controllers: deleting({ deletionPolicy: 'Orphan' }) }, 'kept', /deletionPolicy: Orphan/],
  [
    'it is suspended',
    { ...edited, controllers: deleting({ suspended: true }) },
    'kept',
    /suspended, it deletes nothing/,
  ],
  [
    'the policy is not to be pruned',
    { ...edited, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }, controllers: deleting() },
    'kept',
    /prune: disabled/,
  ],
  ['its labels name another', { ...edited, labels: {}, controllers: deleting() }, 'kept', /labels do not name/],
  [
    'Git does not have the policy any more',
    { live: A, labels, compared: atNew, controllers: deleting() },
    'pruned',
    /as soon as Flux/,
  ],
  ['somebody deleted the policy before', { git: A, controllers: deleting() }, 'kept', /applies nothing any more/],
  [
    'the policy is new in Git',
    { git: A, compared: atNew, controllers: deleting({ inventory: [] }) },
    'kept',
    /applies nothing any more/,
  ],
  [
    'it acts as an account',
    { ...edited, controllers: deleting({ serviceAccount: 'team' }) },
    'pruned',
    /if account team/,
  ],
];

const other = { object: { kind: 'Kustomization', namespace: 'flux-system', name: 'other' } };

const SHARED: Row[] = [
  [
    'two Kustomizations of different folders',
    { ...edited, controllers: [kustomization(), kustomization({ ...other, path: 'clusters/test' })] },
    'not_checked',
    /Kustomization flux-system\/policies and Kustomization flux-system\/other, and each/,
  ],
  [
    'two of one folder',
    { ...edited, controllers: [kustomization(), kustomization(other)] },
    'reverted',
    /flux-system\/policies/,
  ],
  [
    'two of different folders, one of them suspended',
    { ...edited, controllers: [kustomization(), kustomization({ ...other, path: 'clusters/test', suspended: true })] },
    'reverted',
    /flux-system\/policies/,
  ],
  [
    'two of different folders, both suspended',
    {
      ...edited,
      controllers: [
        kustomization({ suspended: true }),
        kustomization({ ...other, path: 'clusters/test', suspended: true }),
      ],
    },
    'not_checked',
    /each/,
  ],
];

const rendered = { file: 'base/checkout.yaml', path: 'clusters/prod', compared: atNew };

const ELSEWHERE: Row[] = [
  [
    'moved out of its folder by a commit to come',
    { live: A, git: A, labels, file: 'clusters/test/checkout.yaml', compared: atNew, controllers: one() },
    'not_checked',
    /outside of the folder.*give path clusters\/prod/,
  ],
  [
    'made from outside of its folder by the commit that it has applied',
    { ...edited, file: 'base/checkout.yaml', controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'made from outside, where its folder itself was built',
    { ...edited, ...rendered, controllers: one() },
    'reverted',
    /once/,
  ],
  [
    'new, made from outside, where its folder itself was built',
    { git: A, ...rendered, controllers: one({ inventory: [] }) },
    'created',
    /once/,
  ],
  [
    'new, outside of the folder that was built by somebody else',
    { git: A, ...rendered, path: 'clusters/test', controllers: one({ inventory: [] }) },
    'not_tracked',
    /no controller that was read syncs/,
  ],
  [
    'removed, and another folder of the source was not read',
    {
      live: A,
      labels,
      path: 'clusters/prod',
      compared: atNew,
      controllers: [kustomization(), kustomization({ ...other, path: 'clusters/test', inventory: [] })],
    },
    'pruned',
    /unless one whose folder was not read takes it up \(Kustomization flux-system\/other\)/,
  ],
];

describe.each([
  ['who owns a field that Git does not write', OWNERS],
  ['what Flux has not yet', TAKEN_UP],
  ['what failed before', FAILING],
  ['what spec.ignore names', IGNORED],
  ['a target namespace', TARGETS],
  ['what it adds to its folder', OVERLAID],
  ['a Kustomization that is being deleted', DELETED],
  ['what spec.commonMetadata says to Flux', COMMON],
  ['files in other folders', ELSEWHERE],
  ['more than one Kustomization', SHARED],
])('%s', (_name, rows) => {
  it.each(rows)('%s', (_row, world, outcome, says) => {
    const { forecast, consequence } = driftIn(world);
    expect([forecast?.outcome, forecast?.because]).toEqual([outcome, expect.any(String)]);
    expect(consequence).toMatch(says);
  });
});

it('a policy with finalizers is deleted once they are gone', () => {
  const base = cnp('checkout', [fqdnRule(A)], { labels });
  const livePolicy = { ...base, meta: { ...base.meta, finalizers: ['vendor.example/wait'] } };
  const { forecast } = driftIn({ livePolicy, compared: atNew, controllers: one() });
  expect([forecast?.outcome, forecast?.because]).toEqual(['pruned', expect.stringMatching(/finalizers/)]);
});
