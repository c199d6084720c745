/** Cases in which a commit comes, or a source that cannot be fetched or built. */
import { A, AB, anchor, type Case, control, edited, egress, oneFile, policyText, removed, usual } from './case.ts';

const files = usual();
const denied = { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] };
const BROKEN = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: broken\n   namespace: [\n';

const ofCommits: readonly Case[] = [
  {
    name: 'changed',
    title: 'changed in Git',
    files,
    event: ({ commit }, place) => commit(oneFile(place, { names: AB })),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'added',
    title: 'added in Git',
    files,
    event: ({ commit }, { namespace }) =>
      commit({ 'policies/more.yaml': policyText({ name: 'added-more', namespace }) }),
    expect: [{ policy: 'added-more', outcome: 'created' }],
  },
  {
    name: 'added-ignored',
    title: 'added in Git with ssa: Ignore',
    files,
    event: ({ commit }, { namespace }) => {
      const annotations = control('ssa', 'Ignore');
      commit({ 'policies/more.yaml': policyText({ name: 'added-ignored-more', namespace, annotations }) });
    },
    expect: [{ policy: 'added-ignored-more', outcome: 'kept' }],
  },
  { name: 'removed', title: 'removed from Git, prune', files, event: removed, expect: [{ outcome: 'pruned' }] },
  {
    name: 'removed-no-prune',
    title: 'removed from Git, prune: false',
    spec: () => ({ prune: false }),
    files,
    event: removed,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'removed-spared',
    title: 'removed from Git, prune: disabled on the policy',
    files: usual({ annotations: control('prune', 'disabled') }),
    event: removed,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'removed-label',
    title: "removed from Git, and Flux's label taken off the live object",
    files,
    event: async ({ commit, edit }) => {
      await edit({ metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': null } } });
      commit({ 'policies/policy.yaml': null });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'removed-finalizer',
    title: 'removed from Git, a finalizer on the policy',
    files,
    event: async ({ commit, edit }) => {
      await edit({ metadata: { finalizers: ['vendor.example/wait'] } });
      commit({ 'policies/policy.yaml': null });
    },
    expect: [{ outcome: 'pruned', seen: 'being deleted', says: /finalizer/ }],
  },
  {
    name: 'removed-spared-live',
    title: 'removed from Git, prune: disabled on the live object alone',
    files,
    event: async ({ commit, edit }) => {
      await edit({ metadata: { annotations: control('prune', 'disabled') } });
      commit({ 'policies/policy.yaml': null });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'removed-off',
    title: 'removed from Git, reconcile: disabled on the live object',
    files,
    event: async ({ commit, edit }) => {
      await edit({ metadata: { annotations: control('reconcile', 'disabled') } });
      commit({ 'policies/policy.yaml': null });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'removed-merge',
    title: 'removed from Git, ssa: Merge',
    files: usual({ annotations: control('ssa', 'Merge') }),
    event: removed,
    expect: [{ outcome: 'pruned' }],
  },
  {
    name: 'removed-suspended',
    title: 'removed from Git, Kustomization suspended',
    files,
    event: async ({ commit, kustomization }) => {
      await kustomization({ spec: { suspend: true } });
      commit({ 'policies/policy.yaml': null });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'field-dropped',
    title: 'a field is dropped in Git',
    files: usual({ spec: denied }),
    event: ({ commit }, place) => commit(oneFile(place)),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'field-dropped-merge',
    title: 'a field is dropped in Git, ssa: Merge',
    files: usual({ spec: denied, annotations: control('ssa', 'Merge') }),
    event: ({ commit }, place) => commit(oneFile(place, { annotations: control('ssa', 'Merge') })),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'renamed',
    title: 'renamed in Git',
    files,
    event: ({ commit }, { namespace }) =>
      commit({ 'policies/policy.yaml': policyText({ name: 'renamed-now', namespace }) }),
    expect: [{ outcome: 'pruned' }, { policy: 'renamed-now', outcome: 'created' }],
  },
  {
    name: 'moved',
    title: 'moved to another file of the folder',
    files,
    event: ({ commit }, place) =>
      commit({ 'policies/policy.yaml': null, 'policies/sub/moved.yaml': policyText(place) }),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'moved-out',
    title: 'moved to a folder that the Kustomization does not apply',
    files,
    event: ({ commit }, place) => commit({ 'policies/policy.yaml': null, 'other/policy.yaml': policyText(place) }),
    expect: [{ outcome: 'pruned' }],
  },
  {
    name: 'handed-over',
    title: 'moved to the folder of another Kustomization',
    files: (place) => ({
      ...usual()(place),
      'other/keep.yaml': anchor({ ...place, name: 'keep' })['policies/anchor.yaml'] ?? '',
    }),
    beside: () => ({ 'handed-over-to': { path: './other' } }),
    path: '',
    event: ({ commit }, place) => commit({ 'policies/policy.yaml': null, 'other/policy.yaml': policyText(place) }),
    expect: [
      { outcome: 'not_checked', why: 'one lets go of it and one takes it up, and which is first is not in the state' },
    ],
  },
  {
    name: 'switched-off',
    title: 'manual edit, and a commit that sets reconcile: disabled',
    files,
    event: async ({ commit, edit }, place) => {
      await edit({ spec: { egress: egress(AB) } });
      commit(oneFile(place, { annotations: control('reconcile', 'disabled') }));
    },
    expect: [{ outcome: 'kept' }],
  },
];

const ofFailures: readonly Case[] = [
  {
    name: 'source-suspended',
    title: 'changed in Git, GitRepository suspended',
    files,
    event: async ({ commit, source }, place) => {
      await source({ spec: { suspend: true } });
      commit(oneFile(place, { names: AB }));
    },
    expect: [
      {
        outcome: 'not_checked',
        seen: 'unchanged',
        says: /give ref [0-9a-f]{40} to compare what it has/,
        why: 'the commit that Flux holds was not compared; the answer says to give it',
      },
    ],
  },
  {
    name: 'source-suspended-at',
    title: 'manual edit, GitRepository suspended, asked of the commit that it has',
    files,
    event: async ({ commit, source, edit }, place) => {
      await source({ spec: { suspend: true } });
      commit(oneFile(place, { names: AB }));
      await edit({ spec: { egress: egress(['other.vendor.example']) } });
    },
    atFirstCommit: true,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'source-failing',
    title: 'manual edit, GitRepository cannot fetch, asked of the commit that it has',
    files,
    event: async ({ commit, source, edit, sync }, place) => {
      await source({ spec: { secretRef: { name: 'nobody' } } });
      commit(oneFile(place, { names: AB }));
      await sync();
      await edit({ spec: { egress: egress(['other.vendor.example']) } });
    },
    atFirstCommit: true,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'source-suspended-new',
    title: 'added in Git, GitRepository suspended',
    files,
    event: async ({ commit, source }, { namespace }) => {
      await source({ spec: { suspend: true } });
      commit({ 'policies/more.yaml': policyText({ name: 'source-suspended-more', namespace }) });
    },
    expect: [{ policy: 'source-suspended-more', outcome: 'kept', seen: 'unchanged', says: /suspended/ }],
  },
  {
    name: 'broken-coming',
    title: 'changed in Git, and another file of that commit is broken',
    files,
    event: ({ commit }, place) => commit({ ...oneFile(place, { names: AB }), 'policies/broken.yaml': BROKEN }),
    expect: [
      {
        outcome: 'not_checked',
        seen: 'unchanged',
        why: 'whether Flux can read what the product cannot is not in the state',
      },
    ],
  },
  {
    name: 'broken',
    title: 'manual edit, after Flux could not build a commit with a broken file',
    files,
    event: async ({ commit, edit, sync }) => {
      commit({ 'policies/broken.yaml': BROKEN });
      await sync();
      await edit({ spec: { egress: egress(AB) } });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'broken-mended',
    title: 'manual edit, and a commit that mends what could not be built',
    files,
    event: async ({ commit, edit, sync }) => {
      commit({ 'policies/broken.yaml': BROKEN });
      await sync();
      await edit({ spec: { egress: egress(AB) } });
      commit({ 'policies/broken.yaml': null });
    },
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'refused',
    title: 'manual edit, and a commit with an object that the API server refuses',
    files,
    event: async ({ commit, edit, sync }, { namespace }) => {
      const metadata = { name: 'refused-other', namespace };
      const bad = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 700_000 }] } };
      commit({ 'policies/bad.yaml': JSON.stringify(bad) });
      await sync();
      await edit({ spec: { egress: egress(AB) } });
    },
    expect: [{ outcome: 'kept' }],
  },
];

const adopted: Case['files'] = (place) => anchor(place);

/** The policy is there before Flux has it. */
const ofAdoption: readonly Case[] = [
  {
    name: 'adopted',
    title: 'made by kubectl apply with a field more, then added to Git',
    files: adopted,
    event: async ({ kubectlApply, commit }, place) => {
      await kubectlApply(policyText({ ...place, spec: denied }));
      commit(oneFile(place));
    },
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'adopted-other',
    title: 'made by another program with a field more, then added to Git',
    files: adopted,
    event: async ({ create, commit }, place) => {
      await create(policyText({ ...place, spec: denied }), 'policy-operator');
      commit(oneFile(place));
    },
    expect: [{ outcome: 'kept', says: /policy-operator/ }],
  },
  {
    name: 'adopted-once',
    title: 'made by hand, then added to Git otherwise with ssa: IfNotPresent',
    files: adopted,
    event: async ({ create, commit }, place) => {
      await create(policyText({ ...place, names: AB }));
      commit(oneFile(place, { annotations: control('ssa', 'IfNotPresent') }));
    },
    expect: [{ outcome: 'kept' }],
  },
];

const PATCH = {
  target: { kind: 'CiliumNetworkPolicy' },
  patch: '- op: add\n  path: /spec/egress/0/toFQDNs/-\n  value: { matchName: files.vendor.example }\n',
};

const OVERLAY = `resources: [../base]
namePrefix: shop-
patches:
  - target: { kind: CiliumNetworkPolicy }
    patch: |
      - op: add
        path: /spec/egress/0/toFQDNs/-
        value: { matchName: files.vendor.example }
`;

function overlay({ name, namespace }: { name: string; namespace: string }) {
  return {
    'base/kustomization.yaml': 'resources: [policy.yaml]\n',
    'base/policy.yaml': policyText({ name, namespace }),
    'overlay/kustomization.yaml': OVERLAY,
  };
}

const substituted = (name: string, namespace: string): string =>
  policyText({ name, namespace, names: ['${api}.vendor.example', '${files:=files}.vendor.example'] });

const ofRendering: readonly Case[] = [
  {
    name: 'overlay',
    title: 'kustomize overlay with a prefix and a patch, nothing changed',
    spec: () => ({ path: './overlay' }),
    path: 'overlay',
    files: overlay,
    event: () => undefined,
    expect: [{ policy: 'shop-overlay', outcome: 'kept' }],
  },
  {
    name: 'overlay-edit',
    title: 'kustomize overlay, manual edit',
    spec: () => ({ path: './overlay' }),
    path: 'overlay',
    files: overlay,
    event: ({ edit }) => edit({ policy: 'shop-overlay-edit', spec: { egress: egress(['other.vendor.example']) } }),
    expect: [{ policy: 'shop-overlay-edit', outcome: 'reverted' }],
  },
  {
    name: 'overlay-more',
    title: 'kustomize overlay, the base gets one more and loses one',
    spec: () => ({ path: './overlay' }),
    path: 'overlay',
    files: overlay,
    event: ({ commit }, { namespace }) =>
      commit({ 'base/policy.yaml': policyText({ name: 'overlay-more-now', namespace }) }),
    expect: [
      { policy: 'shop-overlay-more', outcome: 'pruned' },
      { policy: 'shop-overlay-more-now', outcome: 'created' },
    ],
  },
  {
    name: 'substitute',
    title: 'postBuild.substitute, nothing changed',
    spec: () => ({ postBuild: { substitute: { api: 'api' } } }),
    files: ({ name, namespace }) => ({ 'policies/policy.yaml': substituted(name, namespace) }),
    event: () => undefined,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'substitute-edit',
    title: 'postBuild.substitute, manual edit',
    spec: () => ({ postBuild: { substitute: { api: 'api' } } }),
    files: ({ name, namespace }) => ({ 'policies/policy.yaml': substituted(name, namespace) }),
    event: ({ edit }) => edit({ spec: { egress: egress(['other.vendor.example']) } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'target',
    title: 'targetNamespace, manual edit of a policy whose file names no namespace',
    spec: ({ namespace }) => ({ targetNamespace: namespace }),
    files: ({ name }) => ({ 'policies/policy.yaml': policyText({ name }) }),
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'target-more',
    title: 'targetNamespace, a policy without a namespace is added to Git',
    spec: ({ namespace }) => ({ targetNamespace: namespace }),
    files: ({ name }) => ({ 'policies/policy.yaml': policyText({ name }) }),
    event: ({ commit }) => commit({ 'policies/more.yaml': policyText({ name: 'target-more-now' }) }),
    expect: [{ policy: 'target-more-now', outcome: 'created' }],
  },
  {
    name: 'patches-others',
    title: 'spec.patches of the Kustomization are for other kinds, manual edit',
    spec: () => ({
      patches: [{ target: { kind: 'Deployment' }, patch: '- op: remove\n  path: /spec/replicas\n' }],
    }),
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'patches',
    title: 'spec.patches of the Kustomization change the policy, nothing changed',
    spec: () => ({ patches: [PATCH] }),
    files,
    event: () => undefined,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'patches-edit',
    title: 'spec.patches of the Kustomization change the policy, manual edit to what the file says',
    spec: () => ({ patches: [PATCH] }),
    files,
    event: ({ edit }) => edit({ spec: { egress: egress(A) } }),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'prefix',
    title: 'spec.namePrefix of the Kustomization, removed from Git and one added',
    spec: () => ({ namePrefix: 'shop-' }),
    files,
    event: ({ commit }, { namespace }) =>
      commit({
        'policies/policy.yaml': null,
        'policies/more.yaml': policyText({ name: 'prefix-more', namespace }),
      }),
    expect: [
      { policy: 'shop-prefix', outcome: 'pruned' },
      { policy: 'shop-prefix-more', outcome: 'created' },
      { policy: 'prefix-more', outcome: 'silent' },
    ],
  },
  {
    name: 'patches-part',
    title: 'spec.patches of the Kustomization, asked of the whole repository',
    spec: () => ({ patches: [PATCH] }),
    files,
    path: '',
    event: () => undefined,
    expect: [
      {
        outcome: 'not_checked',
        seen: 'unchanged',
        why: 'what was asked for is not the folder that is built; the answer names the fields',
      },
    ],
  },
];

export const gitCases: readonly Case[] = [...ofCommits, ...ofFailures, ...ofAdoption, ...ofRendering];
