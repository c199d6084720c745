/** Cases in which somebody edits a policy in the cluster, and Git stays as it is. */
import { A, AB, anchor, type Case, EVERYWHERE, egress, named, usual } from './case.ts';

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
    name: 'no-heal-paths',
    title: 'the same, where manifest-generate-paths names its folder',
    automated: NO_HEAL,
    annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' },
    elsewhere: true,
    files,
    event: edited,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
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

const toBlock = (cidr: string) => [{ to: [{ ipBlock: { cidr } }] }];
const plain: Case['files'] = (place) => {
  const spec = { podSelector: { matchLabels: { app: place.name } }, egress: toBlock('198.51.100.0/24') };
  return { 'policies/policy.yaml': JSON.stringify({ ...named('NetworkPolicy', place), spec }), ...anchor(place, '1') };
};
const clusterwide: Case['files'] = (place) => {
  const spec = { endpointSelector: { matchLabels: { app: place.name } }, egress: egress(A) };
  const policy = { ...named('CiliumClusterwideNetworkPolicy', place), spec };
  return { 'policies/policy.yaml': JSON.stringify(policy), ...anchor(place, '1') };
};

const ofKinds: readonly Case[] = [
  {
    name: 'plain',
    title: 'NetworkPolicy: manual edit, selfHeal',
    kind: 'NetworkPolicy',
    files: plain,
    event: ({ write }) => write({ egress: toBlock('203.0.113.0/24') }),
    // The API server adds the types that Git does not write.
    expect: [{ outcome: 'reverted', seen: 'changed otherwise' }],
  },
  {
    name: 'plain-defaulted',
    title: 'NetworkPolicy: types added by the API server',
    kind: 'NetworkPolicy',
    files: plain,
    event: () => undefined,
    expect: [{ outcome: 'kept', later: 'unchanged' }],
  },
  {
    name: EVERYWHERE,
    title: 'CiliumClusterwideNetworkPolicy: manual edit, selfHeal',
    kind: 'CiliumClusterwideNetworkPolicy',
    files: clusterwide,
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

export const liveCases: readonly Case[] = [...ofEdits, ...ofKinds, ...ofFields, ...ofIgnored];
