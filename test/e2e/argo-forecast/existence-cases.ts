/** Cases in which somebody makes or deletes a policy in the cluster; and those of an Argo CD that tracks by label. */
import { A, type Case, held, policyText, trackingId, usual } from './case.ts';

const NO_HEAL = { prune: true };
const files = usual();

export const existenceCases: readonly Case[] = [
  {
    name: 'deleted-itself',
    title: 'the Application is deleted with its finalizer, and waits for what is deleted already',
    files: (place) => ({
      ...files(place),
      ...held(place),
      'policies/spared.yaml': policyText({
        ...place,
        name: 'deleted-itself-spared',
        annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false' },
      }),
    }),
    event: ({ deleteItself }) => deleteItself('resources-finalizer.argocd.argoproj.io'),
    isDeletedItself: true,
    expect: [{ outcome: 'pruned' }, { policy: 'deleted-itself-spared', outcome: 'kept' }],
  },
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
