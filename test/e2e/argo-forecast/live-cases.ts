/** Cases in which somebody changes the cluster, and Git stays as it is. */
import { A, AB, type Case, egress, trackingId, usual } from './case.ts';

const NO_HEAL = { prune: true };
const files = usual();
const edited: Case['event'] = ({ edit }) => edit(AB);
const denied = { egressDeny: [{ toCIDR: ['198.51.100.0/24'] }] };
const IGNORED = { group: 'cilium.io', kind: 'CiliumNetworkPolicy' };
const byPointer = [{ ...IGNORED, jsonPointers: ['/spec/egress'] }];

const ofEdits: readonly Case[] = [
  { name: 'heal', title: 'manual edit, selfHeal', files, event: edited, expect: [{ outcome: 'reverted' }] },
  {
    name: 'no-heal',
    title: 'manual edit, no selfHeal',
    automated: NO_HEAL,
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'as in Git' }],
  },
  {
    name: 'no-heal-elsewhere',
    title: 'the same, and a commit outside of its folder',
    automated: NO_HEAL,
    elsewhere: true,
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'as in Git' }],
  },
  {
    name: 'by-hand',
    title: 'manual edit, not automated',
    automated: 'off',
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'disabled',
    title: 'manual edit, automated.enabled: false',
    automated: { enabled: false, prune: true, selfHeal: true },
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'skipped',
    title: 'manual edit, skip-reconcile',
    files,
    frozen: true,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'server-side',
    title: 'manual edit, ServerSideApply=true',
    syncOptions: ['ServerSideApply=true'],
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'replaced',
    title: 'manual edit, Replace=true',
    syncOptions: ['Replace=true'],
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'whole-repo',
    title: 'manual edit, the whole repository compared',
    path: '',
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
];

const ofFields: readonly Case[] = [
  {
    name: 'unnamed',
    title: 'field that Git does not name',
    files,
    event: ({ write }) => write(denied),
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'unnamed-ssa',
    title: 'field that Git does not name, ServerSideApply=true',
    syncOptions: ['ServerSideApply=true'],
    files,
    event: ({ write }) => write(denied),
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'unnamed-replace',
    title: 'field that Git does not name, Replace=true',
    syncOptions: ['Replace=true'],
    files,
    event: ({ write }) => write(denied),
    expect: [{ outcome: 'reverted', later: 'as in Git' }],
  },
  {
    name: 'both-fields',
    title: 'such a field, and one that Git names',
    files,
    event: ({ write }) => write({ ...denied, egress: egress(AB) }),
    expect: [{ outcome: 'reverted', seen: 'changed otherwise' }],
  },
];

const ofIgnored: readonly Case[] = [
  {
    name: 'ignored',
    title: 'ignoreDifferences by pointer',
    ignoreDifferences: byPointer,
    files,
    event: edited,
    expect: [{ outcome: 'reverted', later: 'as in Git' }],
  },
  {
    name: 'respected',
    title: 'the same, RespectIgnoreDifferences=true',
    ignoreDifferences: byPointer,
    syncOptions: ['RespectIgnoreDifferences=true'],
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'only-out-of-sync',
    title: 'the same, ApplyOutOfSyncOnly=true',
    ignoreDifferences: byPointer,
    syncOptions: ['ApplyOutOfSyncOnly=true'],
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'ignored-else',
    title: 'ignoreDifferences of another field',
    ignoreDifferences: [{ ...IGNORED, jsonPointers: ['/spec/egressDeny'] }],
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'ignored-jq',
    title: 'ignoreDifferences by jq',
    ignoreDifferences: [{ ...IGNORED, jqPathExpressions: ['.spec.egress[].toFQDNs'] }],
    files,
    event: edited,
    expect: [{ outcome: 'reverted', later: 'as in Git' }],
  },
  {
    name: 'ignored-jq-else',
    title: 'ignoreDifferences by jq, of another field',
    ignoreDifferences: [{ ...IGNORED, jqPathExpressions: ['.spec.egressDeny'] }],
    files,
    event: edited,
    expect: [{ outcome: 'reverted' }],
  },
  {
    name: 'ignored-manager',
    title: 'ignoreDifferences by manager, RespectIgnoreDifferences=true',
    ignoreDifferences: [{ ...IGNORED, managedFieldsManagers: ['kubectl-edit'] }],
    syncOptions: ['RespectIgnoreDifferences=true'],
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
];

const ofExistence: readonly Case[] = [
  {
    name: 'deleted',
    title: 'deleted by hand, selfHeal',
    files,
    event: ({ remove }) => remove(),
    expect: [{ outcome: 'created' }],
  },
  {
    name: 'deleted-kept',
    title: 'deleted by hand, no selfHeal',
    automated: NO_HEAL,
    files,
    event: ({ remove }) => remove(),
    expect: [{ outcome: 'kept', later: 'created' }],
  },
  {
    name: 'untracked',
    title: 'manual new, no mark',
    files,
    event: ({ create }, place) => create({ ...place, name: 'untracked-second' }),
    expect: [{ policy: 'untracked-second', outcome: 'not_tracked', later: 'unchanged' }],
  },
  {
    name: 'copied',
    title: "manual new, another policy's tracking annotation copied",
    files,
    event: ({ create }, place) =>
      create({ ...place, name: 'copied-second', annotations: trackingId(place.name, place) }),
    expect: [{ policy: 'copied-second', outcome: 'not_tracked', later: 'unchanged' }],
  },
  {
    name: 'marked',
    title: 'manual new, a tracking annotation of its own',
    files,
    event: ({ create }, { name, namespace }) => {
      const place = { name: 'marked-second', namespace };
      return create({ ...place, annotations: trackingId(name, place) });
    },
    expect: [{ policy: 'marked-second', outcome: 'pruned' }],
  },
  {
    name: 'marked-kept',
    title: 'the same, no prune',
    automated: { selfHeal: true },
    files,
    event: ({ create }, { name, namespace }) => {
      const place = { name: 'marked-kept-second', namespace };
      return create({ ...place, annotations: trackingId(name, place) });
    },
    expect: [{ policy: 'marked-kept-second', outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: 'labelled',
    title: 'manual new, the label of Argo CD 2 copied',
    files,
    event: ({ create }, { name, namespace }) =>
      create({ name: 'labelled-second', namespace, labels: { 'app.kubernetes.io/instance': name } }),
    expect: [{ policy: 'labelled-second', outcome: 'not_tracked', later: 'unchanged' }],
  },
];

export const liveCases: readonly Case[] = [...ofEdits, ...ofFields, ...ofIgnored, ...ofExistence];

/** Where labels track (application.resourceTrackingMethod: label). */
export const labelCases: readonly Case[] = [
  {
    name: 'by-label',
    title: 'tracked by label: manual new, label copied',
    files,
    event: ({ create }, { name, namespace }) =>
      create({ name: 'by-label-second', namespace, labels: { 'app.kubernetes.io/instance': name } }),
    expect: [{ policy: 'by-label-second', outcome: 'pruned' }],
  },
  {
    name: 'by-label-mark',
    title: 'tracked by label: manual new, an annotation of its own',
    files,
    event: ({ create }, { name, namespace }) => {
      const place = { name: 'by-label-third', namespace };
      return create({ ...place, annotations: trackingId(name, place) });
    },
    expect: [{ policy: 'by-label-third', outcome: 'not_tracked', later: 'unchanged' }],
  },
  {
    name: 'by-label-edit',
    title: 'tracked by label: manual edit, selfHeal',
    files,
    event: ({ edit }) => edit([...A, 'more.vendor.example']),
    expect: [{ outcome: 'reverted' }],
  },
];
