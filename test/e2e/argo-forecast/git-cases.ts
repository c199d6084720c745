/** Cases in which Git changes, or the project, or another Application. */
import { AB, anchor, type Case, oneFile, policyText, usual } from './case.ts';

const files = usual();
const withOption = (option: string) => usual({ annotations: { 'argocd.argoproj.io/sync-options': option } });
const removed: Case['event'] = ({ commit }, place) => commit(anchor(place, '1'));
const UNREADABLE =
  'over a file that cannot be read Argo CD stumbles, or passes it by if it does not look like a manifest';
const NOTHING = { 'policies/none.yaml': '# none any more\n' };
const BROKEN = { 'policies/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {\n' };
const denied = { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] };

const ofRemovals: readonly Case[] = [
  { name: 'removed', title: 'removed from Git, prune', files, event: removed, expect: [{ outcome: 'pruned' }] },
  {
    name: 'removed-unseen',
    title: 'the same, in a commit that Argo CD has not seen',
    files,
    event: removed,
    unseen: true,
    expect: [{ outcome: 'pruned' }],
  },
  {
    name: 'removed-no-prune',
    title: 'removed from Git, no prune',
    automated: { selfHeal: true },
    files,
    event: removed,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'removed-by-hand',
    title: 'removed from Git, not automated',
    automated: 'off',
    files,
    event: removed,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'prune-false',
    title: 'removed from Git, Prune=false on the policy',
    files: withOption('Prune=false'),
    event: removed,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'prune-confirm',
    title: 'removed from Git, Prune=confirm on the policy',
    files: withOption('Prune=confirm'),
    event: removed,
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'prune-false-app',
    title: 'removed from Git, Prune=false of the Application',
    syncOptions: ['Prune=false'],
    files,
    event: removed,
    expect: [
      { outcome: 'not_checked', seen: 'deleted', why: 'Argo CD heeds it since 3.4; its version is not in the state' },
    ],
  },
  {
    name: 'delete-false',
    title: 'removed from Git, Delete=false on the policy',
    files: withOption('Delete=false'),
    event: removed,
    expect: [{ outcome: 'pruned' }],
  },
  {
    name: 'extraneous',
    title: 'removed from Git, IgnoreExtraneous',
    files: usual({ annotations: { 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' } }),
    event: removed,
    expect: [{ outcome: 'pruned', later: 'deleted' }],
  },
  {
    name: 'last-one',
    title: 'all removed from Git, allowEmpty not set',
    files: oneFile,
    event: ({ commit }) => commit(NOTHING),
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'last-one-empty',
    title: 'all removed from Git, allowEmpty',
    automated: { prune: true, selfHeal: true, allowEmpty: true },
    files: oneFile,
    event: ({ commit }) => commit(NOTHING),
    expect: [{ outcome: 'pruned' }],
  },
];

const ofCommits: readonly Case[] = [
  {
    name: 'changed-unseen',
    title: 'changed in a commit that Argo CD has not seen, no selfHeal',
    automated: { prune: true },
    files,
    event: ({ commit }, place) => commit({ ...oneFile(place, { names: AB }), ...anchor(place, '1') }),
    unseen: true,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'field-dropped',
    title: 'field that Git named and does no longer',
    files: usual({ spec: denied }),
    event: ({ commit }, place) => commit(usual()(place)),
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'field-dropped-ssa',
    title: 'the same, ServerSideApply=true',
    syncOptions: ['ServerSideApply=true'],
    files: usual({ spec: denied }),
    event: ({ commit }, place) => commit(usual()(place)),
    unseen: true,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'renamed',
    title: 'renamed in Git',
    files,
    event: ({ commit }, place) =>
      commit({
        'policies/policy.yaml': policyText({ ...place, name: 'renamed-second' }),
        ...anchor(place, '1'),
      }),
    expect: [{ outcome: 'pruned' }, { policy: 'renamed-second', outcome: 'created' }],
  },
  {
    name: 'broken',
    title: 'broken manifest beside a manual edit',
    files,
    event: async ({ edit, commit }, place) => {
      await edit(AB);
      commit({ ...files(place), ...BROKEN });
    },
    expect: [{ outcome: 'kept' }],
  },
  {
    name: 'broken-unseen',
    title: 'the same, in a commit that Argo CD has not seen',
    files,
    event: ({ commit }, place) => commit({ ...oneFile(place, { names: AB }), ...anchor(place, '1'), ...BROKEN }),
    unseen: true,
    expect: [{ outcome: 'not_checked', seen: 'unchanged', why: UNREADABLE }],
  },
  {
    name: 'scrap',
    title: 'a file that is neither YAML nor looks like a manifest, beside a manual edit',
    files,
    event: async ({ edit, commit }, place) => {
      await edit(AB);
      commit({ ...files(place), 'policies/scrap.yaml': 'kind: [\n' });
    },
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'scrap-unseen',
    title: 'the same, in a commit that Argo CD has not seen',
    files,
    event: ({ commit }, place) =>
      commit({ ...oneFile(place, { names: AB }), ...anchor(place, '1'), 'policies/scrap.yaml': 'kind: [\n' }),
    unseen: true,
    expect: [{ outcome: 'not_checked', seen: 'as in Git', why: UNREADABLE }],
  },
  {
    name: 'folder-gone',
    title: 'the folder removed from Git',
    files,
    event: ({ commit }) => commit({ 'README.md': 'moved\n' }),
    expect: [{ outcome: 'not_checked', seen: 'unchanged', why: 'there is no folder to compare with' }],
  },
  {
    name: 'refused',
    title: 'a manifest that the API server refuses',
    files,
    event: ({ commit }, place) =>
      commit({ ...oneFile(place, { spec: { egress: [{ toPorts: 'none' }] } }), ...anchor(place, '1') }),
    unseen: true,
    expect: [{ outcome: 'not_checked', seen: 'unchanged', why: 'the API server alone knows what it refuses' }],
  },
];

const ofFolders: readonly Case[] = [
  {
    name: 'flat',
    title: 'moved into a subfolder, directory.recurse not set',
    files,
    event: ({ commit }, place) => commit({ 'policies/deep/policy.yaml': policyText(place), ...anchor(place, '1') }),
    expect: [{ outcome: 'pruned' }],
  },
  {
    name: 'recursive',
    title: 'new in a subfolder, directory.recurse',
    directory: { recurse: true },
    files,
    event: ({ commit }, place) =>
      commit({ ...files(place), 'policies/deep/more.yaml': policyText({ ...place, name: 'recursive-second' }) }),
    expect: [{ policy: 'recursive-second', outcome: 'created' }],
  },
  {
    name: 'excluded',
    title: 'new in a file that directory.exclude leaves out',
    directory: { exclude: 'draft-*' },
    files,
    event: ({ commit }, place) =>
      commit({ ...files(place), 'policies/draft-more.yaml': policyText({ ...place, name: 'excluded-second' }) }),
    expect: [{ policy: 'excluded-second', outcome: 'silent', seen: 'unchanged' }],
  },
  {
    name: 'included',
    title: 'renamed to what directory.include leaves out',
    directory: { include: '{policy,anchor}.yaml' },
    files,
    event: ({ commit }, place) => commit({ 'policies/renamed.yaml': policyText(place), ...anchor(place, '1') }),
    expect: [{ outcome: 'pruned' }],
  },
];

const ofOthers: readonly Case[] = [
  {
    name: 'window-denies',
    title: 'manual edit, a deny window',
    project: 'argo-deny',
    files,
    event: ({ edit }) => edit(AB),
    expect: [{ outcome: 'reverted', later: 'as in Git' }],
  },
  {
    name: 'window-allows',
    title: 'manual edit, an allow window that is closed',
    project: 'argo-allow',
    files,
    event: ({ edit }) => edit(AB),
    expect: [{ outcome: 'reverted', later: 'as in Git' }],
  },
  {
    name: 'not-permitted',
    title: 'manual edit, a kind that the project does not permit any more',
    project: 'argo-narrow',
    files,
    event: async ({ edit, project }) => {
      await project('argo-narrow', {
        namespaceResourceBlacklist: [{ group: 'cilium.io', kind: 'CiliumNetworkPolicy' }],
      });
      await edit(AB);
    },
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'retrying',
    title: 'the same, while the failed sync is tried again',
    project: 'argo-narrower',
    retries: true,
    files,
    event: async ({ edit, project }) => {
      await project('argo-narrower', {
        namespaceResourceBlacklist: [{ group: 'cilium.io', kind: 'CiliumNetworkPolicy' }],
      });
      await edit(AB);
    },
    expect: [{ outcome: 'not_checked', seen: 'unchanged', why: 'the next attempt may succeed' }],
  },
  {
    name: 'shared',
    title: 'in the source of two Applications',
    automated: 'off',
    others: ['shared-other'],
    files,
    event: async ({ commitTo, application }, place) => {
      commitTo('shared-other', {
        ...oneFile(place, { names: AB }),
        ...anchor({ ...place, name: 'shared-other' }, '1'),
      });
      await application('shared-other', place);
    },
    expect: [
      { outcome: 'not_checked', seen: 'changed otherwise', why: 'each of the two sets it to what its own source says' },
    ],
  },
];

export const gitCases: readonly Case[] = [...ofRemovals, ...ofCommits, ...ofFolders, ...ofOthers];
